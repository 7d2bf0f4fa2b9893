"""Cases that the tests of both languages run. ``post/test/helpers/fixture.ts`` reads them for
TypeScript.
"""

import json
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "post" / "contract" / "fixtures"


def fixture(name):
    """The cases in a file: ``arguments`` is ``post/contract/fixtures/arguments.json``."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
