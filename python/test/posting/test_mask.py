"""What is a secret and what is not: the golden sets of ``post/test/fixtures``, which the TypeScript side is held to as well."""

import re
import unittest
from pathlib import Path

from jupyterpost.posting.mask import Masker
from jupyterpost.posting.schema import Post, PostFile

FIXTURES = Path(__file__).resolve().parents[3] / "post" / "test" / "fixtures"
LOWER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
CLASSES = {
    "alnum": LOWER + LOWER.upper() + DIGITS,
    "word": LOWER + LOWER.upper() + DIGITS + "_-",
    "b64": LOWER + LOWER.upper() + DIGITS + "+/",
    "lower": LOWER + DIGITS,
    "UPPER": LOWER.upper() + DIGITS,
    "hex": DIGITS + "abcdef",
    "HEX": DIGITS + "ABCDEF",
    "digit": DIGITS,
}


def random_text(letters, length, state):
    """The same text each time (numbers of a linear congruential generator), as in post/test/secrets/mask.test.ts."""
    text = ""
    for _ in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        text += letters[state * len(letters) >> 32]
    safe = "7" if "7" in letters else "k"
    return text if length < 4 else text[0] + safe + text[2:-1] + safe


def lines_of(name):
    lines = (FIXTURES / name).read_text(encoding="utf-8").rstrip().split("\n")
    return [line for line in lines if not line.startswith("#")]


def secrets():
    for number, line in enumerate(lines_of("secrets.txt"), 1):
        mask, _, pattern = line.partition("|")
        filled = re.sub(r"\{=(\w*)\}", r"\1", pattern)
        filled = re.sub(
            r"\{(\w+):(\d+)\}",
            lambda match, number=number: random_text(CLASSES[match[1]], int(match[2]), number),
            filled,
        )
        yield (line, mask, *re.split("[«»]", filled.replace("⏎", "\n")))


class GoldenSets(unittest.TestCase):
    def test_masks_each_secret_also_where_colours_tear_it(self):
        for line, mask, before, secret, after in secrets():
            with self.subTest(line):
                masker = Masker()
                self.assertEqual(masker.text(before + secret + after), before + mask + after)
                self.assertEqual(masker.notices, ["1 secret masked"])
                middle = len(secret) // 2
                torn = f"{before}\x1b[1;31m{secret[:middle]}\x1b[0m\u200b{secret[middle:]}{after}"
                self.assertNotIn(secret[middle:], Masker().text(torn))

    def test_leaves_each_innocent_line_as_it_is(self):
        for line in lines_of("innocent.txt"):
            with self.subTest(line):
                self.assertEqual(Masker().text(line), line)


class Values(unittest.TestCase):
    def test_values_of_variables_whose_name_says_so_are_masked_everywhere_in_a_post(self):
        secret = "correct horse 'battery'"
        post = Post(
            ["@me"],
            [
                {"type": "code", "text": "my_token = 'only in source'", "language": "python"},
                {"type": "table", "columns": ["a"], "rows": [[secret]]},
                {"type": "error", "name": "E", "message": repr(secret), "traceback": "only in source"},
            ],
            [PostFile("a.svg", "image/svg+xml", f"<svg>{secret}</svg>".encode())],
            thread=secret,
            source={"notebook": "n.ipynb", "executionCount": 1},
        )
        masker = Masker([("DB_PASSWORD", secret), ("monkey", "a longer word"), ("KEY", "short")])
        masked = masker.post(post)
        self.assertEqual(masked.blocks[0]["text"], "my_token = '[masked: my_token]'")
        self.assertEqual(masked.blocks[1]["rows"], [["[masked: DB_PASSWORD]"]])
        self.assertNotIn("battery", masked.blocks[2]["message"])
        self.assertEqual(masked.blocks[2]["traceback"], "[masked: my_token]")
        self.assertEqual(masked.files[0].bytes, b"<svg>[masked: DB_PASSWORD]</svg>")
        self.assertEqual(masked.thread, "[masked: DB_PASSWORD]")
        self.assertEqual(masked.source, post.source)
        self.assertEqual(Masker([("DB_PASSWORD", secret)]).post(masked), masked)


if __name__ == "__main__":
    unittest.main()
