"""Finds the relay (the npm package jupyterpost) and a Node that can run it.

All paths it returns are absolute, because a managed service gets little of the Hub's environment. A
script that pip installed is never taken for npm's, whatever its name.
"""

import json
import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .configuration_error import ConfigurationError

OLDEST_NODE = 24
INSTALL = "npm install --global jupyterpost"


def relay_command(node=None, relay=None):
    """The command of the service: ``[node, bin/jupyterpost, "relay"]``.

    Where it looks, in this order: the arguments; JUPYTERPOST_NODE and JUPYTERPOST_RELAY; the clone
    or npm package that contains this Python package (or that it was installed from); npm's
    ``jupyterpost`` on PATH.

    Raises ConfigurationError if there is no relay, or no Node of version 24 or newer.
    """
    script = _find_script(relay)
    return [_find_node(node, script), str(script), "relay"]


def _find_script(relay):
    for source, value in (("relay", relay), ("JUPYTERPOST_RELAY", os.environ.get("JUPYTERPOST_RELAY"))):
        if value:
            return _named_script(source, value)
    unbuilt = None
    for root in (*_own_packages(), *_packages_on_path()):
        if _is_built(root):
            return root / "bin" / "jupyterpost"
        unbuilt = unbuilt or root
    if unbuilt:
        raise ConfigurationError(
            f"jupyterpost: {unbuilt} is a clone that was not built; run `npm install` in it"
        )
    raise ConfigurationError(
        f"jupyterpost: the relay was not found next to this package nor on PATH; run `{INSTALL}`, "
        "or pass relay='/path/to/bin/jupyterpost'"
    )


def _named_script(source, value):
    path = Path(value).expanduser().absolute()
    if path.is_dir():
        path = path / "bin" / "jupyterpost"
    if not path.is_file():
        raise ConfigurationError(
            f"jupyterpost: {source} is {str(value)!r}, where no relay is; expected the path of bin/jupyterpost "
            f"of the npm package (`{INSTALL}`)"
        )
    root = path.parent.parent
    if _is_package(root) and not _is_built(root):
        raise ConfigurationError(
            f"jupyterpost: {root} is a clone that was not built; run `npm install` in it"
        )
    return path


def _own_packages():
    """The clone or npm package around this file, or the one that pip installed it from."""
    folders = [Path(__file__).resolve().parent.parent]
    try:
        origin = metadata.distribution("jupyterpost").read_text("direct_url.json")  # PEP 610
    except metadata.PackageNotFoundError:
        origin = None
    url = urlsplit(json.loads(origin)["url"]) if origin else None
    if url is not None and url.scheme == "file":
        folders.append(Path(url2pathname(url.path)))
    # Both are the folder `python` of a package.
    roots = dict.fromkeys(folder.parent for folder in folders)
    return [root for root in roots if _is_package(root)]


def _packages_on_path():
    for folder in os.get_exec_path():
        command = Path(folder) / "jupyterpost"
        if command.is_file():
            # npm makes a link to the package's bin/jupyterpost; pip's script is in no such package.
            root = command.resolve().parent.parent
            if _is_package(root):
                yield root


def _is_package(root):
    try:
        manifest = json.loads((root / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest.get("name") == "jupyterpost" and (root / "bin" / "jupyterpost").is_file()


def _is_built(root):
    return (root / "dist" / "cli" / "main.js").is_file()


def _find_node(node, script):
    for source, value in (("node", node), ("JUPYTERPOST_NODE", os.environ.get("JUPYTERPOST_NODE"))):
        if value:
            # A bare name is looked up on PATH. Links are not resolved: version managers need them.
            path = shutil.which(str(value)) or str(value)
            version = _node_version(path)
            if version is None or version[0] < OLDEST_NODE:
                found = f"which is Node {'.'.join(map(str, version))}" if version else "which does not run as Node"
                raise ConfigurationError(
                    f"jupyterpost: {source} is {str(value)!r}, {found}; expected Node {OLDEST_NODE} or newer"
                )
            return os.path.abspath(path)
    too_old = []
    for path in _node_candidates(script):
        version = _node_version(path)
        if version is not None and version[0] >= OLDEST_NODE:
            return os.path.abspath(path)
        if version is not None:
            too_old.append(f"{path} is Node {'.'.join(map(str, version))}")
    raise ConfigurationError(
        f"jupyterpost: the relay needs Node {OLDEST_NODE} or newer, and "
        f"{', '.join(too_old) or 'no node was found on PATH'}; run `npm install --global node@{OLDEST_NODE}`, "
        "or pass node='/path/to/node'"
    )


def _node_candidates(script):
    root = script.parent.parent
    candidates = [root / "node_modules" / "node" / "bin" / "node"]  # a clone brings its own
    if root.parent.name == "node_modules":
        # PREFIX/lib/node_modules/jupyterpost was installed by PREFIX/bin/npm. A project's
        # node_modules may contain its own Node.
        candidates.append(root.parent / "node" / "bin" / "node")
        candidates.append(root.parent.parent.parent / "bin" / "node")
    for folder in os.get_exec_path():
        candidates += [Path(folder) / "node", Path(folder) / "nodejs"]
    return [str(path) for path in dict.fromkeys(candidates) if os.access(path, os.X_OK) and path.is_file()]


def _node_version(path):
    """``(24, 21, 0)``, or None if this is not Node."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)(?!\d)\S*", done.stdout.strip())
    return tuple(int(part) for part in found.groups()) if found else None
