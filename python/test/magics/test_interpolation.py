"""``${expr}`` in a magic's line: what an f-string takes after an expression, and what is text."""

import unittest

from jupyterpost.magics.arguments import UsageError
from jupyterpost.magics.interpolation import fill_in, parse_interpolation

SCOPE = {"x": 0.12345, "name": "ada", "width": 8, "digits": 2, "d": {"a": 1}, "lines": "a\nb", "n": 3}


def filled(text):
    return fill_in(parse_interpolation(text), dict(SCOPE))


class Interpolation(unittest.TestCase):
    def test_an_expression_takes_what_it_takes_in_an_f_string(self):
        for text in (
            "{x!r}", "{x!s}", "{name!r}", "{name!a}", "{name!r:>10}", "{x:.2f}", "{x:>10}", "{name:>10}",
            "{x:{width}}", "{x:{width}.{digits}f}", "{name:{'>'}{width}}", "{x:{d['a'] + 9}.3f}",
            "{n != 3}", "{n!=3}", "{(lambda: n)()}", "{d['a']:03}", "{ {'k': n}['k'] }", "{x=}", "{x = :.2f}",
            "{name=!s}", "{name=}", "{n if n else 0:>4}", "{[1, 2][0:1]}", "{n:{width!r}}",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(filled(f"a ${text} b"), eval(f'f"""a {text} b"""', dict(SCOPE)))

    def test_a_text_keeps_its_lines_and_other_values_have_one(self):
        self.assertEqual(filled("${lines}"), "a\nb")
        self.assertEqual(filled("${lines!s}"), "a\nb")
        self.assertEqual(filled("${lines!r}"), "'a\\nb'")

    def test_what_is_no_expression_is_a_mistake(self):
        for text in ("${" + "-" * 100_000 + "1}", "${x!z}", "${x!}", "${x:{width}", "${x:{}}", "${x:{!}}", "${!r}", "${:.2f}", "${x y}"):
            with self.subTest(text[:20]), self.assertRaises(UsageError):
                parse_interpolation(text)

    def test_an_error_of_a_format_is_the_cells(self):
        with self.assertRaisesRegex(ValueError, "format code 'f'"):
            filled("${name:.2f}")

    def test_a_line_of_many_marks_is_read_soon(self):
        with self.assertRaises(UsageError):
            parse_interpolation("${" + "a!r:{a:{" * 500 + "}" * 500)


if __name__ == "__main__":
    unittest.main()
