"""Cases that the tests of both languages run; the TypeScript side reads them in ``post/test/helpers/fixture.ts``."""

import json
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "post" / "contract" / "fixtures"


def fixture(name):
    """``arguments`` -> the cases in ``post/contract/fixtures/arguments.json``."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
