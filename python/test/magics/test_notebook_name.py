"""The name of the notebook, as Jupyter's server and VS Code tell it. TypeScript:
``kernel/test/capture/notebook-name.test.ts``.
"""

import os
import unittest
from unittest import mock

from jupyterpost.magics.notebook_name import notebook_name


class NotebookName(unittest.TestCase):
    def test_is_that_of_the_session(self):
        guid = "0a1b2c3d-0000-4000-8000-abcdefabcdef"
        for session, name in (
            ("/home/ada/run/train.ipynb", "train.ipynb"),
            ("C:\\run\\train.ipynb", "train.ipynb"),
            (f"train-jvsc-{guid}.ipynb", "train.ipynb"),
            (f"run/train.ipynb-jvsc-{guid}", "train.ipynb"),
            ("3f2b-session-id", None),
            (".ipynb", None),
            ("", None),
            ("a" * 300 + ".ipynb", "a" * 194 + ".ipynb"),
        ):
            with self.subTest(session), mock.patch.dict(os.environ, JPY_SESSION_NAME=session):
                self.assertEqual(notebook_name({}), name)

    def test_is_the_one_that_vs_code_tells_by_a_variable(self):
        with mock.patch.dict(os.environ, JPY_SESSION_NAME="other-jvsc-0a1b.ipynb"):
            for told, name in (
                ("/home/ada/train.ipynb", "train.ipynb"),
                ("c:\\run\\train.ipynb", "train.ipynb"),
                ("/home/ada/script.py", "other.ipynb"),
                (3, "other.ipynb"),
            ):
                with self.subTest(told):
                    self.assertEqual(notebook_name({"__vsc_ipynb_file__": told}), name)


if __name__ == "__main__":
    unittest.main()
