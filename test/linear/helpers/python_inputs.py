"""Gives a megabyte of each unit (JSON on standard input) to the parts of the Python package that
read other people's text, and prints what took too long: ``[{"what", "unit", "seconds"}]``, in
seconds of computing."""

import json
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, sys.argv[1])

from jupyterpost.capture.bundle import is_formula, is_nothing, is_object_name
from jupyterpost.capture.documents import html_block, markdown_blocks
from jupyterpost.capture.terminal import terminal_text
from jupyterpost.magics.arguments import UsageError, parse_cell_line, parse_line
from jupyterpost.magics.cell_text import head_magic, starts_with_post
from jupyterpost.magics.flags import CELL, LINE
from jupyterpost.posting.error import PostError
from jupyterpost.posting.html_text import text_outside_tags
from jupyterpost.posting.mask import Masker
from jupyterpost.posting.schema import Limits
from jupyterpost.posting.secret_values import assigned_variables
from jupyterpost.posting.svg_text import begins_with_svg
from jupyterpost.posting.target import parse_targets

SIZE = 1024 * 1024
# A relay that does not read HTML.
OLDER = Limits(html=False)
LIMIT = 2.0
CUT_OFF = 15
ENOUGH = 3
# A part of each text is tried first: if time grows with the length, the slowest parts are the
# slowest texts; if it grows faster, they stand out even more. JUPYTERPOST_STRESS=full tries each
# text as a whole.
SAMPLE = SIZE // 16
TRIED = None if os.environ.get("JUPYTERPOST_STRESS") == "full" else 6


def refused(work):
    """An error about a person's mistake is an answer too."""

    def tried(text):
        try:
            work(text)
        except (UsageError, PostError):
            pass

    return tried


WORK = {
    "secrets": lambda text: Masker([]).text(text),
    "secrets in markup": lambda text: Masker([]).text(text, True),
    "variables of a cell": assigned_variables,
    "SVG of a file": begins_with_svg,
    "LaTeX of an output": is_formula,
    "the name of an object": lambda text: is_object_name("<" + text),
    "an empty line": lambda text: is_nothing({"text/plain": "", "text/html": f"<pre>{text}</pre>"}),
    "images of markdown": markdown_blocks,
    "a table of HTML": lambda text: html_block(f"<table><tr><td>{text}</table>", "", OLDER),
    # Half of it before and half after.
    "HTML around a table": lambda text: html_block(
        f"{text[: SIZE // 2]}<table><tr><td>1</table>{text[SIZE // 2 :]}", "", OLDER
    ),
    "what counts of HTML": text_outside_tags,
    "the screen of a terminal": terminal_text,
    # Half, because Python takes long to make objects of half a million words.
    "words of a line magic": refused(lambda text: parse_line(text[: SIZE // 2], LINE)),
    "words of a cell magic": refused(lambda text: parse_cell_line(text[: SIZE // 2], CELL)),
    "targets": refused(parse_targets),
    "the head of a cell": lambda text: (head_magic([f"%%post {text}"]), starts_with_post(text)),
}


def cut_off(_signal, _frame):
    raise TimeoutError


def cost(work, text):
    start = time.thread_time()
    signal.alarm(CUT_OFF)
    try:
        work(text)
    except TimeoutError:
        return float(CUT_OFF)
    finally:
        signal.alarm(0)
    return time.thread_time() - start


def repeated(unit, size):
    return (unit * (size // len(unit) + 1))[:size]


def slowest(work, units):
    return sorted(units, key=lambda unit: cost(work, repeated(unit, SAMPLE)), reverse=True)[:TRIED]


def main():
    signal.signal(signal.SIGALRM, cut_off)
    units = json.load(sys.stdin)
    slow = []
    for what, work in WORK.items():
        found = []
        for unit in slowest(work, units["secrets" if what.startswith("secrets") else "any"]):
            if len(found) == ENOUGH:
                break
            seconds = cost(work, repeated(unit, SIZE))
            if seconds > LIMIT:
                found.append({"what": what, "unit": unit[:80], "seconds": round(seconds, 2)})
        slow += found
        if "--verbose" in sys.argv:
            print(what, round(time.thread_time(), 1), file=sys.stderr, flush=True)
    print(json.dumps(slow))


main()
