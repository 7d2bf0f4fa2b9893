"""Cases that the tests of both languages run; ``post/test/helpers/fixture.ts`` is the same for jest."""

import json
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "post" / "contract" / "fixtures"


def fixture(name):
    """``arguments`` -> the cases in ``post/contract/fixtures/arguments.json``."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
