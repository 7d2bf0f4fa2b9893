"""What ``papermill --help-notebook`` shows of a parameters cell in TypeScript: names, types,
defaults and help.

The cell is split into tokens, not parsed. That is enough to find each ``let``, ``const`` and
``var`` at the top level, whatever its type and value contain. Everything else is skipped: papermill
wants no errors from here.
"""

import re
from typing import NamedTuple

from papermill.models import Parameter

TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<newline>\n)
  | (?P<space>[^\S\n]+)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<number>\.?\d(?:[eE][-+]|[\w.])*)
  | (?P<word>[\w$]+)
  | (?P<operator>=>|[=!<>]=+|\?\?|\?\.|&&|\|\||\*\*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"(?P<regex>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*)")
TEMPLATE_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^\\`$])*", re.DOTALL)
# In a value `<` means less-than, except in a call's type arguments: new Map<string, number>()
TYPE_ARGUMENTS = re.compile(r"(?P<arguments><[^()=;]*>)(?=\s*\()")

PLAIN_TYPES = [
    ("number", re.compile(r"\A[-+]?(?:0[xob][\da-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[-+]?\d+)?|Infinity|NaN)", re.I)),
    ("bigint", re.compile(r"\A-?(?:0[xob][\da-f_]+|\d[\d_]*)n", re.I)),
    ("boolean", re.compile(r"true|false")),
    ("null", re.compile(r"null")),
    ("None", re.compile(r"(?:undefined)?")),
]

DECLARING = ("const", "let", "var")
# A slash after one of these, or at the start, begins a regular expression.
BEFORE_REGEX = frozenset("=([{,:;!&|?+-*%<>~^") | {"=>", "return", "typeof", "&&", "||", "??"}
# A statement continues past the end of a line that ends with one of these, or if the next begins
# so.
GOES_ON = frozenset("=.,:?+-*/%&|^<>") | {"=>", "&&", "||", "??", "?.", "**", "as", "satisfies"}
UNSEEN = ("space", "newline", "comment")
OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")
UNFINISHED = GOES_ON | {"new", "await", "typeof", "!"}


class Token(NamedTuple):
    kind: str
    text: str
    # Number of open brackets around it; a bracket itself is outside of what it encloses.
    depth: int
    # Whether a space, a line end or a comment comes before it.
    spaced: bool = False


def read_parameters(source):
    """The parameters that a cell's source declares, in order, as papermill's ``Parameter``."""
    parameters = []
    for statement, doc, trailing in statements(tokenize(source.replace("\r\n", "\n"))):
        if statement[0].text == "export":
            statement = statement[1:]
        if not statement or statement[0].text not in DECLARING:
            continue
        found = [declared(part) for part in split(statement[1:])]
        for index, parameter in enumerate(found, 1):
            if parameter is not None:
                behind = trailing if index == len(found) else ""
                parameters.append(parameter._replace(help=behind or doc))
    return parameters


def tokenize(source):
    tokens, depth, at, before, spaced = [], 0, 0, "=", False
    while at < len(source):
        kind, end = token_at(source, at, before)
        text = source[at:end]
        depth = max(0, depth - (text in CLOSING))
        tokens.append(Token(kind, text, depth, spaced))
        depth += text in OPENING
        spaced = kind in UNSEEN
        if not spaced:
            before = text
        at = end
    return tokens


def token_at(source, at, before):
    """Kind and end of the token at ``at``; ``before`` is the text of the last token that counts."""
    if source[at] == "`":
        return "string", template_end(source, at + 1)
    match = TOKEN.match(source, at)
    if source[at] == "/" and match.lastgroup == "mark" and before in BEFORE_REGEX:
        match = REGEX.match(source, at) or match
    elif source[at] == "<":
        match = TYPE_ARGUMENTS.match(source, at) or match
    return match.lastgroup, match.end()


def template_end(source, at):
    """The end of a template string that began before ``at``; its ``${}`` may contain templates."""
    while at < len(source):
        at = TEMPLATE_TEXT.match(source, at).end()
        if source[at : at + 1] != "$":
            return min(at + 1, len(source))
        at, depth = at + 2, 1
        while at < len(source) and depth > 0:
            _, end = token_at(source, at, "{")
            depth += (source[at:end] == "{") - (source[at:end] == "}")
            at = end
    return at


def statements(tokens):
    """For each statement: its tokens without space and comments, the doc comment above it, and the
    comment behind it.
    """
    statement, doc, above = [], "", ""
    for index, token in enumerate(tokens):
        if token.kind == "comment":
            if not statement and token.text.startswith("/**"):
                above = comment_text(token.text)
        elif token.depth == 0 and (token.text == ";" or (token.kind == "newline" and ended(statement, tokens[index:]))):
            if statement:
                yield statement, doc, comment_behind(tokens, index)
            statement = []
        elif token.kind not in UNSEEN:
            if not statement:
                doc, above = above, ""
            statement.append(token)
    if statement:
        yield statement, doc, comment_behind(tokens, len(tokens))


def ended(statement, rest):
    following = next((token.text for token in rest if token.kind not in UNSEEN), "")
    return not statement or (statement[-1].text not in UNFINISHED and following not in GOES_ON)


def comment_behind(tokens, end):
    """The comments on the last line of a statement, before and after its semicolon or line end,
    which is at ``end``.
    """
    first = end
    while first > 0 and tokens[first - 1].kind in ("space", "comment"):
        first -= 1
    line = []
    for token in tokens[first:]:
        if token.kind not in ("space", "comment") and token.text != ";":
            break
        line.append(token)
    return " ".join(comment_text(token.text) for token in line if token.kind == "comment")


def comment_text(comment):
    text = re.sub(r"^/\*+|(?<!\*)\*+/$|^//+", "", comment)
    return " ".join(re.sub(r"^\s*\*(?=\s|$)", "", line).strip() for line in text.split("\n")).strip()


def split(tokens):
    """The parts between commas, without splitting inside the angle brackets of a type."""
    parts, angles, in_type = [[]], 0, False
    for token in tokens:
        if token.depth == tokens[0].depth:
            if token.text == ":" and len(parts[-1]) == 1:
                in_type = True
            elif token.text == "=" and angles == 0:
                in_type = False
            elif in_type:
                angles += (token.text == "<") - (token.text == ">")
            if token.text == "," and angles == 0:
                parts.append([])
                in_type = False
                continue
        parts[-1].append(token)
    return [part for part in parts if part]


def declared(tokens):
    """The parameter of one declarator; None for a pattern such as ``{ a, b } = c``."""
    if tokens[0].kind != "word":
        return None
    equals = next((index for index, token in enumerate(tokens) if token.text == "=" and token.depth == 0), len(tokens))
    value = tokens[equals + 1 :]
    colon = [token.text for token in tokens[1:2]] == [":"]
    return Parameter(
        name=tokens[0].text,
        inferred_type_name=written(tokens[2:equals]) if colon else inferred(value),
        default=written(value) or "undefined",
        help="",
    )


def written(tokens):
    """As typed, on one line and without comments."""
    return "".join(f" {token.text}" if token.spaced else token.text for token in tokens).strip()


def inferred(value):
    """The type as TypeScript would infer it; ``None``, papermill's word for unknown, where that
    would take a compiler.
    """
    text = written(value)
    for type_name, pattern in PLAIN_TYPES:
        if pattern.fullmatch(text):
            return type_name
    kinds, outer = [token.kind for token in value], [token.text for token in value if token.depth == 0]
    for word in ("satisfies", "as"):
        if word in outer:
            asserted = value[[token.text if token.depth == 0 else "" for token in value].index(word) + 1 :]
            front = value[: len(value) - len(asserted) - 1]
            return inferred(front) if word == "satisfies" or written(asserted) == "const" else written(asserted)
    if kinds in (["string"], ["regex"]):
        return {"string": "string", "regex": "RegExp"}[kinds[0]]
    if outer[:1] == ["new"] and kinds[1:2] == ["word"]:
        return text[len("new ") :].split("(")[0].strip()
    if outer == ["[", "]"]:
        return array_of(sorted({inferred(part) for part in split(value[1:-1])}))
    return "object" if outer == ["{", "}"] else "None"


def array_of(types):
    if "None" in types or not types:
        return "unknown[]"
    return f"{types[0]}[]" if len(types) == 1 else f"({' | '.join(types)})[]"
