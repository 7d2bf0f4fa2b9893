"""Which notebook posting asks: none, or the one that was attached last."""

import contextlib
import io
import unittest

from jupyterpost import PostError, post
from jupyterpost.posting.notebook import Notebook, attach_notebook, current_notebook, detach_notebook
from jupyterpost.posting.receipt import Receipt


class Refusing(Notebook):
    def told(self, error):
        return RuntimeError(f"told: {error}")


class Attached(unittest.TestCase):
    def test_outside_of_a_notebook_a_warning_goes_to_standard_error(self):
        with contextlib.redirect_stderr(io.StringIO()) as stderr:
            current_notebook().warn(Receipt(["@me"], [], "it is away"))
        self.assertRegex(stderr.getvalue(), "^jupyterpost: Not posted yet: it is away. It is kept and sent to @me")
        self.assertEqual((current_notebook().source(), list(current_notebook().variables())), ({}, []))

    def test_the_newest_is_asked_until_it_is_detached_and_then_the_one_before(self):
        outside, first, second = current_notebook(), Notebook(), Notebook()
        for notebook in (first, second):
            attach_notebook(notebook)
            self.assertIs(current_notebook(), notebook)
        detach_notebook(second)
        self.assertIs(current_notebook(), first)
        detach_notebook(first)
        self.assertIs(current_notebook(), outside)

    def test_an_error_of_a_call_is_raised_as_the_notebook_tells_it(self):
        notebook = Refusing()
        attach_notebook(notebook)
        with self.assertRaisesRegex(RuntimeError, "told: .*is no target"):
            post("x", "a/b")
        detach_notebook(notebook)
        with self.assertRaises(PostError):
            post("x", "a/b")


if __name__ == "__main__":
    unittest.main()
