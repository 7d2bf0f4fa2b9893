"""``%post`` and ``%%post`` for IPython. No other part of the package imports IPython, and this one
is loaded only inside IPython.
"""

from __future__ import annotations

from typing import Any

# A process has one shell; tests have several, one after the other.
_loaded: list[Any] = []


def load(shell: Any) -> None:
    from .extension import PostExtension

    if not any(extension.shell is shell for extension in _loaded):
        extension = PostExtension(shell)
        extension.load()
        _loaded.append(extension)


def unload(shell: Any) -> None:
    for extension in [extension for extension in _loaded if extension.shell is shell]:
        extension.unload()
        _loaded.remove(extension)
