"""Which part of HTML counts as text, found in one pass and without a parser, so that this client
counts as the relay does.

See ``post/contract/html-text.ts``. Both are tested with ``post/contract/fixtures/limits.json``.
"""

from __future__ import annotations

import re

# ``<`` at the start of a tag, a comment or a declaration. A parser shows any other ``<`` as it is.
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
# Elements whose content is not text.
_SILENT = re.compile(r"<(?:style|script)(?![\w-])", re.ASCII | re.IGNORECASE)
_SILENT_END = re.compile(r"</(?:style|script)", re.ASCII | re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\f\r]+")


def text_outside_tags(html: str) -> str:
    """The text outside ``<...>``, ``<style>`` and ``<script>``. White space becomes single blanks.
    Markup without an end reaches to the end of the text.
    """
    parts, start = [], 0
    markup = _MARKUP.search(html)
    while markup:
        parts.append(html[start : markup.start()])
        inner = markup.start()
        if _SILENT.match(html, inner):
            silent_end = _SILENT_END.search(html, inner + 1)
            inner = silent_end.start() if silent_end else -1
        end = -1 if inner == -1 else html.find(">", inner)
        start = len(html) if end == -1 else end + 1
        markup = _MARKUP.search(html, start)
    return _SPACE.sub(" ", "".join([*parts, html[start:]]))
