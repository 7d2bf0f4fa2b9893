"""What is a secret and what is not: golden sets, values and posts, as TypeScript tests them too."""

import re
import unittest

from jupyterpost.posting.mask import Masker
from jupyterpost.posting.schema import Post, PostFile

from ..fixtures import fixture

CASES = fixture("masking")
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
    """The same text each time, from a linear congruential generator, as in
    ``post/test/secrets/mask.test.ts``.
    """
    text = ""
    for _ in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        text += letters[state * len(letters) >> 32]
    safe = "7" if "7" in letters else "k"
    return text if length < 4 else text[0] + safe + text[2:-1] + safe


def secrets():
    """Fills in texts from our generator, so that the fixture has nothing for secret scanners to
    find.
    """
    for number, case in enumerate(CASES["masked"], 1):
        yield (case["text"], case["mask"], *re.split("[«»]", filled(case["text"], number)))


def filled(text, seed):
    shown = re.sub(r"\{=(\w*)\}", r"\1", text)
    return re.sub(r"\{(\w+):(\d+)\}", lambda match: random_text(CLASSES[match[1]], int(match[2]), seed), shown)


def post_of(case):
    files = [PostFile(file["name"], file["mimetype"], file["text"].encode()) for file in case["files"]]
    return Post(case["targets"], case["blocks"], files, case.get("thread"), case.get("source"), None, case.get("ask"))


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
        for line in CASES["untouched"]:
            with self.subTest(line):
                self.assertEqual(Masker().text(line), line)
                self.assertEqual(Masker().text(line, markup=True), line)
        text = "\n".join(CASES["untouched"])
        self.assertEqual(Masker().text(text), text)

    def test_leaves_what_a_word_goes_on_with_or_begins_with(self):
        for template in CASES["within"]:
            with self.subTest(template):
                before, secret, after = re.split("[«»]", filled(template, 1))
                word = before + secret + after
                self.assertEqual(Masker().text(word), word)
                self.assertRegex(Masker().text(secret), r"^\[masked: ")

    def test_masks_nothing_of_what_it_masked_before(self):
        for line, mask, before, _, after in secrets():
            with self.subTest(line):
                self.assertEqual(Masker().text(before + mask + after), before + mask + after)


class Values(unittest.TestCase):
    def test_variables_are_secret_by_their_name(self):
        for kind, masked in (("secret", True), ("other", False)):
            for name in CASES["names"][kind]:
                for value in ("correct horse", "0123456789abcdef"):
                    with self.subTest(name):
                        expected = f"[masked: {name}]" if masked else value
                        self.assertEqual(Masker([(name, value)]).text(value), expected)

    def test_values_are_masked_as_in_typescript(self):
        for case in CASES["values"]:
            with self.subTest(case["text"]):
                variables = [tuple(variable) for variable in case["variables"]]
                self.assertEqual(Masker(variables).text(case["text"], case.get("markup", False)), case["masked"])

    def test_posts_are_masked_as_in_typescript(self):
        for case in CASES["posts"]:
            with self.subTest(case["name"]):
                masker = Masker([tuple(variable) for variable in case["variables"]])
                self.assertEqual(masker.post(post_of(case["post"])), post_of(case["masked"]))
                self.assertEqual(masker.notices, case["notices"])

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
