"""In which order the relay and Node are searched for, with small real programs in their places."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jupyterpost import ConfigurationError
from jupyterpost.relay_command import relay_command

from .support import HubTest, node, package, program

SOURCE = Path(__file__).resolve().parent.parent / "jupyterpost"


class Search(HubTest):
    def setUp(self):
        super().setUp()
        os.environ["PATH"] = str(self.folder / "bin")

    def clone(self, built=True):
        """A clone with a copy of the Python package in it."""
        root = package(self.folder / "clone", built)
        shutil.copytree(SOURCE, root / "python" / "jupyterpost")
        return root, root / "python"

    def run_copy(self, folder):
        """The lines of the command that the copy in this folder finds, or the last line of its
        error.
        """
        code = "from jupyterpost.relay_command import relay_command; print('\\n'.join(relay_command()))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines() or done.stderr.splitlines()[-1:]

    def test_arguments_come_first(self):
        os.environ.update(JUPYTERPOST_NODE="/nowhere", JUPYTERPOST_RELAY="/nowhere")
        self.assertEqual(
            relay_command(self.node, str(self.relay)), [str(self.node), str(self.relay), "relay"]
        )

    def test_then_the_environment(self):
        os.environ.update(JUPYTERPOST_NODE=str(self.node), JUPYTERPOST_RELAY=str(self.relay))
        self.assertEqual(relay_command(), [str(self.node), str(self.relay), "relay"])

    def test_then_the_clone_with_the_node_it_brings(self):
        root, copy = self.clone()
        own = node(root / "node_modules" / "node" / "bin" / "node")
        self.assertEqual(self.run_copy(copy), [str(own), str(root / "bin" / "jupyterpost"), "relay"])

    def test_a_clone_that_was_not_built_is_named(self):
        _, copy = self.clone(built=False)
        self.assertRegex(self.run_copy(copy)[0], "is a clone that was not built; run `npm install`")

    def test_then_npms_command_on_path_with_npms_node(self):
        root = package(self.folder / "lib" / "node_modules" / "jupyterpost")
        (self.folder / "bin" / "jupyterpost").symlink_to(root / "bin" / "jupyterpost")
        node(self.folder / "old" / "node", "v20.20.2")
        os.environ["PATH"] = f"{self.folder / 'old'}:{self.folder / 'bin'}"
        self.assert_found_on_path(root)

    def test_a_script_of_pip_on_path_is_passed_over(self):
        pip = self.folder / "venv" / "bin"
        program(pip / "jupyterpost", "#!/usr/bin/env python3\n")
        root = package(self.folder / "lib" / "node_modules" / "jupyterpost")
        (self.folder / "bin" / "jupyterpost").symlink_to(root / "bin" / "jupyterpost")
        os.environ["PATH"] = f"{pip}:{self.folder / 'bin'}"
        self.assert_found_on_path(root)

    def assert_found_on_path(self, root):
        found = self.run_copy(self.outside())
        self.assertEqual(found, [str(self.folder / "bin" / "node"), str(root / "bin" / "jupyterpost"), "relay"])

    def outside(self):
        """A copy of the Python package outside of any clone."""
        shutil.copytree(SOURCE, self.folder / "site-packages" / "jupyterpost")
        return self.folder / "site-packages"

    def test_nothing_found_is_one_sentence_with_the_command(self):
        program(self.folder / "bin" / "jupyterpost", "#!/usr/bin/env python3\n")  # pip's, not npm's
        (error,) = self.run_copy(self.outside())
        self.assertRegex(error, "relay was not found.*`npm install --global jupyterpost`")

    def test_a_folder_of_the_package_is_taken_as_its_command(self):
        root = package(self.folder / "pkg")
        self.assertEqual(relay_command(self.node, root)[1], str(root / "bin" / "jupyterpost"))

    def test_wrong_places_are_named(self):
        with self.assertRaisesRegex(ConfigurationError, "relay is '/nowhere', where no relay is"):
            relay_command(self.node, "/nowhere")
        with self.assertRaisesRegex(ConfigurationError, "node is '/nowhere', which does not run as Node"):
            relay_command("/nowhere", self.relay)
        os.environ["JUPYTERPOST_NODE"] = str(node(self.folder / "n20", "v20.1.0"))
        with self.assertRaisesRegex(ConfigurationError, "JUPYTERPOST_NODE is .*which is Node 20.1.0; expected Node 24"):
            relay_command(None, self.relay)

    def test_the_first_node_on_path_that_is_new_enough_is_taken(self):
        node(self.folder / "old" / "node", "v20.20.2")
        program(self.folder / "shim" / "node", "#!/bin/sh\nexit 1\n")
        os.environ["PATH"] = f"{self.folder / 'old'}:{self.folder / 'shim'}:{self.folder / 'bin'}"
        self.assertEqual(relay_command(None, self.relay)[0], str(self.node))

    def test_only_old_ones_are_listed(self):
        node(self.folder / "bin" / "node", "v22.3.0")
        with self.assertRaisesRegex(ConfigurationError, "bin/node is Node 22.3.0; run `npm install --global node@24`"):
            relay_command(None, self.relay)

    def test_a_bare_name_becomes_an_absolute_path(self):
        self.assertEqual(relay_command("node", self.relay)[0], str(self.node))
