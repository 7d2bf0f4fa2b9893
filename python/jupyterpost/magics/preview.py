"""``--preview``: a post as text and as markdown, with the names of its files. See
``kernel/src/posting/preview.ts``.
"""

from __future__ import annotations

import re

from ..posting.receipt import notice_text
from ..posting.schema import Block, Post, PostFile


def preview_bundle(post: Post) -> dict[str, str]:
    title = notice_text("preview", targets=", ".join(post.targets))
    parts = [_block_preview(block, post.files) for block in post.blocks]
    markdown_title = re.sub(r"[~_*#]", r"\\\g<0>", title)
    return {
        "text/plain": "\n\n".join([title, *(text for text, _ in parts)]),
        "text/markdown": "\n\n".join([markdown_title, *(markdown for _, markdown in parts)]),
    }


def _block_preview(block: Block, files: list[PostFile]) -> tuple[str, str]:
    kind = block["type"]
    if kind in ("message", "markdown"):
        return block["text"], block["text"]
    if kind == "notice":
        return block["text"], f"*{block['text']}*"
    if kind in ("image", "file"):
        file = files[block["file"]]
        line = f"{file.name} ({file.mimetype}, {len(file.bytes)} bytes)"
        return f"[{line}]", f"📎 `{line}`"
    if kind == "table":
        rows = [block["columns"], ["---"] * len(block["columns"]), *block["rows"]]
        table = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
        return table, table
    if kind == "error":
        return _fenced(f"{block['name']}: {block['message']}\n{block['traceback']}".rstrip(), "text")
    if kind == "html":
        return _html_preview(block)
    if kind in ("text", "code", "latex"):
        return _fenced(block["text"], {"code": block.get("language"), "latex": "latex"}.get(kind) or "text")
    # The package makes no other block; a type that is added later is named until it is drawn here.
    return f"[{kind}]", f"*{kind}*"


def _html_preview(block: Block) -> tuple[str, str]:
    """Only names the HTML, with its text/plain, because it is the relay that draws it."""
    rows = sum("<td" in row for row in block["html"].lower().split("<tr")[1:])
    name = "HTML" if rows == 0 else f"a table of {rows} row{'' if rows == 1 else 's'}"
    line = (f"[{name}]", f"*{name}*")
    if not block["text"].strip():
        return line
    text, markdown = _fenced(block["text"], "text")
    return f"{line[0]}\n{text}", f"{line[1]}\n\n{markdown}"


def _fenced(text: str, language: str) -> tuple[str, str]:
    """The fence is longer than any run of backticks inside."""
    fence = "`" * (max([2, *map(len, re.findall("`+", text))]) + 1)
    return text, f"{fence}{language}\n{text}\n{fence}"
