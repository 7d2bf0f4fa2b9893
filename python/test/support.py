"""For tests: a configuration as the Hub reads it, and a relay of two small programs."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from traitlets.config import Config

from jupyterpost import configure_jupyterhub

MATTERMOST = {
    "mattermost_token": "bot-token",
    "mattermost_url": "https://chat.example/api/v4/",
    "mattermost_team": "lab",
}
GRANT = "access:services!service=jupyterpost"
URL = "https://hub.example/services/jupyterpost/"


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def node(path, version="v24.21.0"):
    """A program that answers as ``node --version`` does."""
    return program(path, f"#!/bin/sh\necho {version}\n")


def package(root, built=True):
    """The npm package, as far as the search looks at it: without a build if not ``built``."""
    program(root / "bin" / "jupyterpost", "#!/usr/bin/env node\n")
    (root / "package.json").write_text('{"name": "jupyterpost"}')
    if built:
        program(root / "dist" / "cli" / "main.js", "")
    return root


class HubTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.node = node(self.folder / "bin" / "node")
        self.relay = program(self.folder / "relay", "")
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTERPOST_", "JUPYTERHUB_"))}
        patch = mock.patch.dict(os.environ, variables, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def configure(self, c, **options):
        """Adds a relay and an address, so that a test names only what it is about."""
        paths = {"node": self.node, "relay": self.relay}
        configure_jupyterhub(c, **{**MATTERMOST, **paths, "jupyterpost_url": URL, **options})
        return c


def resolved(c, section, setting, default):
    """The value that the Hub's application would get."""
    value = c[section][setting]
    return value.get_value(default) if hasattr(value, "get_value") else value


def scopes(c):
    """Role name -> scopes, of load_roles."""
    return {role["name"]: role.get("scopes") for role in c.JupyterHub.load_roles}


def environment_of(c, spawner_class):
    """What a spawner of this class gets as ``environment``, by traitlets' own rules."""
    return spawner_class(config=c).environment


__all__ = ["GRANT", "URL", "Config", "HubTest", "environment_of", "node", "package", "program", "resolved", "scopes"]
