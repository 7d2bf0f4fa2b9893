"""Runs the cells of libraries, each in a kernel of its own under ``%%post --preview``, and writes
what the package captured: ``record.py FOLDER CELL...``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

PACKAGE = Path(__file__).resolve().parents[3] / "python"
#: A script that is longer is a library's own program. Its ends say which.
LONGEST_SCRIPT = 4_000
SECONDS = 120

#: Runs first in each kernel. What a post is made of goes to a file too.
KEEP = """
import json, os, sys
import jupyterpost
from jupyterpost.magics import post_cell

def keeping(capture_cell):
    def kept(cell, *rest, **options):
        with open(os.environ["RECORDING"], "w") as file:
            json.dump({"status": cell.status, "outputs": cell.outputs, "leftOut": cell.left_out}, file)
        return capture_cell(cell, *rest, **options)
    return kept

for module in [one for name, one in sys.modules.items() if name.startswith("jupyterpost")]:
    if hasattr(module, "capture_cell"):
        module.capture_cell = keeping(module.capture_cell)
"""


def main(folder: Path, cells: list[Path]) -> None:
    for cell in cells:
        recording = {"version": version(library(cell)), **recorded(cell.read_text())}
        text = json.dumps(recording, indent=1, ensure_ascii=False)
        (folder / f"{cell.stem}.json").write_text(f"{text}\n")
        print(cell.stem, recording["version"], recording["status"], len(text), flush=True)


def library(cell: Path) -> str:
    """``30-pandas.Styler.py`` is of pandas."""
    return cell.stem.partition("-")[2].partition(".")[0]


def recorded(source: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        file = os.path.join(home, "recording.json")
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
            "HOME": home,
            "IPYTHONDIR": home,
            "PYTHONPATH": str(PACKAGE),
            "JUPYTERPOST_URL": "local",
            "XDG_STATE_HOME": home,
            "RECORDING": file,
        }
        manager, client = start_new_kernel(env=env, cwd=home, stderr=subprocess.DEVNULL)
        try:
            for text in (KEEP, f"%%post --preview @me\n{source}"):
                client.execute_interactive(text, output_hook=lambda message: None, timeout=SECONDS)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        with open(file) as kept:
            return trimmed(json.load(kept))


def trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shortened(one) if is_program(key, one) else trimmed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trimmed(one) for one in value]
    if isinstance(value, str) and "<script" in value:
        return without_programs(value)
    return value


def is_program(mimetype: str, value: Any) -> bool:
    is_script = mimetype == "application/javascript" or mimetype.endswith("_load.v0+json")
    return is_script and isinstance(value, str)


def without_programs(html: str) -> str:
    """The HTML with only the ends of long scripts, unless they have a specification of Vega."""
    parts, at = [], 0
    while (start := html.find("<script", at)) != -1:
        begin = html.find(">", start) + 1
        end = html.find("</script", begin)
        if begin == 0 or end == -1:
            break
        script = html[begin:end]
        parts += [html[at:begin], script if "vega" in script else shortened(script)]
        at = end
    return "".join([*parts, html[at:]])


def shortened(script: str) -> str:
    half = LONGEST_SCRIPT // 2
    if len(script) <= LONGEST_SCRIPT:
        return script
    return f"{script[:half]}/* {len(script) - 2 * half} characters */{script[-half:]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
