"""``%post`` and ``%%post`` for IPython. The only part of the package that imports IPython, and only when it runs in one."""

from __future__ import annotations

from typing import Any

# A process has one shell, or a few one after the other in tests.
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
