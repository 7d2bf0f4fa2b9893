"""Prints all regular expressions of the Python package as JSON, in JavaScript's syntax. They are
found by `ast`, without running the package."""

import ast
import importlib
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(sys.argv[1])
FILES = sorted((FOLDER / "jupyterpost").rglob("*.py"))
FUNCTIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
#: Position of `flags` among the arguments.
FLAGS_AT = {"compile": 1, "sub": 4, "subn": 4, "split": 3}
#: Where a match must begin and end. Methods that are not listed search everywhere.
ANCHORS = {"match": "^(?:{})", "fullmatch": "^(?:{})$"}
LETTERS = {re.I: "i", re.M: "m", re.S: "s"}


def uses_of_names(trees):
    """Name of a compiled pattern -> its methods that are called, in any module."""
    uses = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FUNCTIONS:
                uses.setdefault(node.value.id, set()).add(node.attr)
    return uses


def value_of(node, path):
    """The value of a literal, or of an expression of names at the top of its module."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        module = importlib.import_module(".".join(path.relative_to(FOLDER).with_suffix("").parts))
        return eval(compile(ast.Expression(node), str(path), "eval"), vars(module))


def without_comments(pattern):
    """A `re.VERBOSE` pattern as a plain one: blanks go, except in a class or after a backslash."""
    pieces = re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|#[^\n]*|\s+|.", pattern, re.S)
    return "".join(piece for piece in pieces if not piece.isspace() and not piece.startswith("#"))


def in_javascript(pattern, flags, function):
    if flags & re.VERBOSE:
        pattern = without_comments(pattern)
    pattern = pattern.replace("(?P<", "(?<").replace(r"\Z", "(?![^])").replace(r"\A", "(?<![^])")
    letters = "".join(letter for flag, letter in LETTERS.items() if flags & flag)
    return {"source": ANCHORS.get(function, "{}").replace("{}", pattern), "flags": letters}


def calls_in(tree):
    """Calls of `re`, each with the name of its result, if any."""
    names = {
        node.value: node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
            yield node, names.get(node)


def patterns_of(path, tree, uses):
    for node, name in calls_in(tree):
        function = node.func.attr
        at = FLAGS_AT.get(function, 2)
        flags = [word.value for word in node.keywords if word.arg == "flags"] or node.args[at : at + 1]
        if function == "compile":
            methods = uses.get(name, {"search"})
            function = methods.pop() if len(methods) == 1 else "search"
        row = {"place": f"python/{path.relative_to(FOLDER)}:{node.lineno}"}
        try:
            pattern = value_of(node.args[0], path)
            number = int(value_of(flags[0], path)) if flags else 0
        except NameError:
            yield row
        else:
            yield row | in_javascript(pattern, number, function)


def main():
    sys.path.insert(0, str(FOLDER))
    trees = {path: ast.parse(path.read_text()) for path in FILES}
    uses = uses_of_names(trees.values())
    print(json.dumps([row for path, tree in trees.items() for row in patterns_of(path, tree, uses)]))


main()
