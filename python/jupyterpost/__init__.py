"""jupyterpost: post from a notebook or a JupyterHub to its chat.

``configure_jupyterhub`` is for the Hub's configuration, ``post`` for everyone's Python. Importing
the package inside IPython, or ``%load_ext jupyterpost``, adds ``%post``, ``%%post`` and
``%autopost``.
"""

from __future__ import annotations

import sys
from typing import Any

from .configuration_error import ConfigurationError
from .capture.bundle_content import bundle_content
from .hub import configure_jupyterhub
from .posting.displayed import read_bundles_by
from .posting.error import PostError
from .posting.handle import PostHandle
from .posting.post import post
from .posting.progress import Progress

__version__ = "0.1.0"

__all__ = ["ConfigurationError", "PostError", "PostHandle", "Progress", "configure_jupyterhub", "post"]


def load_ipython_extension(ipython: Any) -> None:
    """Registers ``%post``, ``%%post`` and ``%autopost``; a second call changes nothing."""
    from .magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Takes them back, and what was wrapped for them."""
    from .magics import unload

    unload(ipython)


def _load_where_ipython_runs() -> None:
    # IPython is never imported for this: where a cell imports us, it is there already.
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None
    if shell is not None:
        load_ipython_extension(shell)


read_bundles_by(bundle_content)
_load_where_ipython_runs()
