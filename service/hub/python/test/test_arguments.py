"""The words of %post: the same lines and messages as in the TypeScript kernel, whose test reads the same file."""

import json
import unittest
from pathlib import Path

from jupyterpost.magics.arguments import UsageError, parse_line
from jupyterpost.magics.flags import LINE

CASES = json.loads(
    (Path(__file__).parents[4] / "kernel" / "test" / "fixtures" / "flags-after-target.json").read_text(encoding="utf-8")
)


class AfterTarget(unittest.TestCase):
    def test_a_flag_right_after_target_is_a_mistake_that_shows_the_right_order(self):
        for case in CASES:
            with self.subTest(case["line"]):
                if "error" in case:
                    with self.assertRaises(UsageError) as raised:
                        parse_line(case["line"], LINE)
                    self.assertIn(f"{case['error']}\nUsage: {LINE.usage}\n", str(raised.exception))
                else:
                    self.assertEqual(parse_line(case["line"], LINE).rest, case["message"])


if __name__ == "__main__":
    unittest.main()
