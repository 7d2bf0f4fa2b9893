"""Definitions in TeX: the cases that the kernel runs too."""

import unittest

from jupyterpost.capture.blocks import capture_cell
from jupyterpost.capture.recording import Recording
from jupyterpost.capture.tex_macros import MacroBook, macros_in
from jupyterpost.posting.schema import Limits

from ..fixtures import fixture

CASES = fixture("macros")


class TexMacros(unittest.TestCase):
    def test_found(self) -> None:
        for case in CASES["found"]:
            with self.subTest(case["name"]):
                self.assertEqual(list(macros_in(case["text"]).values()), case["macros"])

    def test_used(self) -> None:
        for case in CASES["used"]:
            with self.subTest(case["name"]):
                book = MacroBook()
                for text in case["learned"]:
                    book.learn(text)
                self.assertEqual(book.used_by(case["tex"]), case["used"])

    def test_a_block_has_the_definitions_of_earlier_cells(self) -> None:
        book = MacroBook()
        Recording(1, macros=book).display("display_data", {"text/latex": r"$\def\R{r}$"}, {}, None)
        cell = Recording(2, macros=book)
        for data in ({"text/latex": r"$\R$"}, {"text/markdown": r"so $\R$"}, {"text/latex": "$x$"}):
            cell.display("display_data", data, {}, None)
        blocks, _ = capture_cell(cell.outputs(), False, Limits())
        self.assertEqual([block.get("macros") for block in blocks], [r"\def\R{r}", r"\def\R{r}", None])
