"""A lease at the relay, renewed until its cell ends, and the commands that come with the renewals.
See ``kernel/src/posting/cell-watch.ts``.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

from ..client import delete_watch, get_commands, put_watch
from ..error import PostError
from ..poster import RelayPoster
from ..schema import LIMITS

_WATCH = LIMITS["watch"]
# A renewal is answered after this time or a quarter of the lease, whichever is shorter. So three
# may get lost.
_WAIT = _WATCH["waitSeconds"]
# Seconds between tries while the relay is away; well below the lease.
_PAUSES = [ms / 1000 for ms in _WATCH["pausesMs"]]
# Seconds between two renewals, at least.
_POLL = LIMITS["waiting"]["pollMs"] / 1000
# A relay that runs on this machine is used, even if it could not be started here.
_AWAY = frozenset({"relay_away", "no_local_relay"})


class Lease:
    def __init__(
        self,
        poster: RelayPoster,
        watch_id: str,
        manifest: Callable[[], dict[str, Any]],
        obey: Callable[[dict[str, Any]], None],
    ) -> None:
        """``obey`` takes each command once, and returns at once."""
        self._poster = poster
        self._id = watch_id
        self._manifest = manifest
        self._obey = obey
        self._ended = threading.Event()
        # Held for a request that begins or ends the watch: the last one must be the end.
        self._changing = threading.Lock()
        self._is_changed = True
        self._is_known = False
        self._lease = 0.0
        self._after = 0

    def run(self) -> None:
        """Until the end, or until the relay refuses the watch. Then there is nobody to tell, and
        the cell's posts show what is wrong with their targets.
        """
        failures = 0
        is_forgotten = False
        while not self._ended.is_set():
            try:
                self._heard(self._put() if self._is_changed else self._listen())
                failures, is_forgotten = 0, False
            except PostError as error:
                if error.code in _AWAY:
                    self._ended.wait(_pause(failures))
                    failures += 1
                elif error.code == "unknown_watch" and not is_forgotten:
                    is_forgotten = self._is_changed = True
                else:
                    return

    def changed(self) -> None:
        """The manifest is another one. It does not wait for the end of a renewal."""
        self._is_changed = True
        if self._is_known:
            threading.Thread(target=self._put_change, name="jupyterpost change", daemon=True).start()

    def end(self, until: Callable[[], float]) -> None:
        """Tells the relay, which would report a loss otherwise, and tries again while it is away.

        ``until``: by the monotonic clock, when to give up; asked before each pause.
        """
        self._ended.set()
        failures = 0
        with self._changing:
            while self._is_known:
                try:
                    self._poster.ask(lambda relay: delete_watch(relay, self._id))
                    return
                except PostError as error:
                    pause = _pause(failures)
                    if error.code not in _AWAY or time.monotonic() + pause > until():
                        return
                    time.sleep(pause)
                    failures += 1

    def _put_change(self) -> None:
        try:
            self._heard(self._put())
        except PostError:
            # The next renewal begins with it.
            return

    def _put(self) -> dict[str, Any]:
        with self._changing:
            if self._ended.is_set():
                return {"leaseMs": 1, "commands": []}
            self._is_changed = False
            try:
                manifest = self._manifest()
                # A request without an answer may have reached the relay.
                self._is_known = True
                return self._poster.ask(lambda relay: put_watch(relay, self._id, manifest))
            except PostError:
                self._is_changed = True
                raise

    def _listen(self) -> dict[str, Any]:
        wait = max(1, min(_WAIT, int(self._lease / 4)))
        started = time.monotonic()
        state = self._poster.ask(lambda relay: get_commands(relay, self._id, self._after, wait))
        if not state["commands"]:
            # If a proxy answered without waiting, wait here.
            self._ended.wait(max(0.0, _POLL - (time.monotonic() - started)))
        return state

    def _heard(self, state: dict[str, Any]) -> None:
        self._lease = state["leaseMs"] / 1000
        for command in state["commands"]:
            if command["seq"] > self._after and not self._ended.is_set():
                self._after = command["seq"]
                self._obey(command)


def _pause(failures: int) -> float:
    return _PAUSES[min(failures, len(_PAUSES) - 1)]
