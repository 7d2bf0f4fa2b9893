"""The posters of this program: one for each relay, so that the program's posts stay in order."""

from __future__ import annotations

import os
import threading
from typing import Optional

from .news import add_news
from .notebook import current_notebook
from .poster import RelayPoster

_posters: dict[tuple[Optional[str], Optional[str]], RelayPoster] = {}
_making = threading.Lock()


def poster(service_url: Optional[str] = None, token: Optional[str] = None) -> RelayPoster:
    """The poster for the environment's relay, or for another one."""
    key = (service_url, token)
    with _making:
        if key not in _posters:
            _posters[key] = RelayPoster(
                os.environ, service_url, token, lambda: current_notebook().variables(), add_news
            )
        return _posters[key]
