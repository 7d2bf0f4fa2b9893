"""Targets as people type them. The TypeScript code runs the same cases."""

import unittest

from jupyterpost.posting.error import PostError
from jupyterpost.posting.target import parse_targets

from ..fixtures import fixture


class Targets(unittest.TestCase):
    def test_are_read_as_in_typescript(self):
        for case in fixture("targets"):
            with self.subTest(case["text"]):
                if "targets" in case:
                    self.assertEqual(parse_targets(case["text"]), case["targets"])
                else:
                    with self.assertRaisesRegex(PostError, "is no target"):
                        parse_targets(case["text"])
