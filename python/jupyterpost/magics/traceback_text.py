"""An exception as an output: its name, its message, and the frames in cells and in the person's own
files, without those of libraries.
"""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from types import TracebackType
from typing import Any, Optional

from ..capture.outputs import Output

# From a deep recursion, only this many frames are shown.
_MOST_FRAMES = 20


def error_output(error: BaseException, compiler: Any) -> Output:
    """``compiler``: the shell's, which knows the cells by file name."""
    return {
        "type": "error",
        "ename": type(error).__name__,
        "evalue": _message(error),
        "traceback": _chain(error, compiler),
    }


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:
        return f"(its message cannot be shown: {type(failure).__name__})"


def _chain(error: BaseException, compiler: Any) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    current: Optional[BaseException] = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines += _frames(current.__traceback__, compiler)
        if isinstance(current, SyntaxError):
            lines += _syntax_error(current, compiler)
        is_caused = current.__cause__ is not None
        after = current.__cause__ if is_caused or current.__suppress_context__ else current.__context__
        if after is not None:
            words = "Caused by" if is_caused else "While handling"
            lines.append(f"{words} {type(after).__name__}: {_message(after)}")
        current = after
    return lines


def _frames(trace: Optional[TracebackType], compiler: Any) -> list[str]:
    frames = []
    for frame, line in traceback.walk_tb(trace):
        code = frame.f_code
        if _is_library(code.co_filename):
            continue
        name = "" if code.co_name == "<module>" else f", in {code.co_name}"
        source = linecache.getline(code.co_filename, line, frame.f_globals).strip()
        frames.append(f"{_place(code.co_filename, line, compiler)}{name}" + (f"\n    {source}" if source else ""))
    if len(frames) > _MOST_FRAMES:
        half = _MOST_FRAMES // 2
        frames[half:-half] = [f"… {len(frames) - _MOST_FRAMES} frames …"]
    return frames


def _syntax_error(error: SyntaxError, compiler: Any) -> list[str]:
    *shown, _ = traceback.format_exception_only(type(error), error)
    # The first line names a temporary file.
    shown = "".join(shown).split("\n")[1:]
    return ["\n".join([_place(error.filename or "", error.lineno or 1, compiler), *shown]).rstrip()]


def _place(file_name: str, line: int, compiler: Any) -> str:
    described = compiler.format_code_name(file_name) if hasattr(compiler, "format_code_name") else None
    where = " ".join(described) if described else f"File {file_name}"
    return f"{where}, line {line}"


def _is_library(file_name: str) -> bool:
    if file_name.startswith("<frozen ") or "/jupyterpost/" in file_name.replace("\\", "/"):
        return True
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    inside = any(folder and file_name.startswith(folder) for folder in folders)
    return inside or "site-packages" in file_name or "dist-packages" in file_name
