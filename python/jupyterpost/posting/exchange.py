"""One HTTP request to a relay, tried once, in a thread of its own.

So its time limits hold whatever blocks in it, and the person can interrupt it at any time without
tearing an answer that is on its way. Where no thread can be started, it is made in place.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Optional

from .schema import LIMITS
from .way import Proxy, connection_by, proxy_for

CONNECT = LIMITS["request"]["connectMs"] / 1000
# How long an interrupted post, whose body was sent, waits for the answer.
GRACE = LIMITS["request"]["graceMs"] / 1000
_CHUNK = 64 * 1024
# A relay's answer is small; the rest of anything else is not read.
_ANSWER_BYTES = 64 * 1024 * 1024


class ConnectTimeout(OSError):
    """No connection within CONNECT seconds."""


class NoAnswer(OSError):
    """The time for all tries is over."""


@dataclass
class Answer:
    status: int
    reason: str
    retry_after: Optional[str]
    content_type: str
    body: bytes


@dataclass
class Request:
    method: str
    #: The relay's address, and the path to request.
    url: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Optional[bytes] = None


class Exchange:
    """For one ``run``. ``body_sent`` tells an interrupted caller if the relay may have the post."""

    def __init__(self, request: Request) -> None:
        self._request = request
        #: The one that the request goes through. Making an exchange raises RelayAway if it is none.
        self.proxy: Optional[Proxy] = proxy_for(request.url)
        self._connection, self._extra, self._before = connection_by(self.proxy, request.url, CONNECT)
        self._answer: Optional[Answer] = None
        self._error: Optional[BaseException] = None
        self._done = threading.Event()
        self._moved = time.monotonic()
        self._abandoned = False
        # Seconds for each step after the connection; None if the caller's clock counts.
        self._step: Optional[float] = None
        self.body_sent = False

    def run(self, left: float) -> tuple[Answer, float]:
        """The answer, and what is left of ``left`` seconds. Time in which the body is moving is not
        counted.

        Raises OSError or HTTPException. Raises KeyboardInterrupt, but if the body was sent, first
        waits for the answer, which becomes its argument.
        """
        self._moved = time.monotonic()
        try:
            threading.Thread(target=self._work, name="jupyterpost", daemon=True).start()
        except RuntimeError:
            # From Python 3.12 on, no thread can be started once the main code has ended.
            self._work_in_place(left)
        try:
            while not self._done.wait(max(0.0, self._moved + left - time.monotonic())):
                if time.monotonic() >= self._moved + left:
                    raise NoAnswer
        except KeyboardInterrupt:
            if self.body_sent and self._done.wait(GRACE) and self._answer is not None:
                raise KeyboardInterrupt(self._answer) from None
            raise
        finally:
            self._end()
        if self._error is not None:
            raise self._error
        assert self._answer is not None
        return self._answer, max(0.0, left - (time.monotonic() - self._moved))

    def _end(self) -> None:
        self._abandoned = True
        sock = self._connection.sock
        if sock is not None and not self._done.is_set():
            # Only closing it would not wake the thread that waits for this socket.
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                return
        elif sock is not None:
            self._connection.close()

    def _work_in_place(self, left: float) -> None:
        """Nobody can shut the socket down, so it gets time limits of its own."""
        self._step = left
        self._connection.timeout = min(CONNECT, left)
        self._work()
        if isinstance(self._error, socket.timeout):
            self._error = NoAnswer()

    def _work(self) -> None:
        try:
            self._answer = self._exchange()
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()
            if self._abandoned:
                self._connection.close()

    def _exchange(self) -> Answer:
        request, connection = self._request, self._connection
        try:
            connection.connect()
        except socket.timeout as error:
            raise ConnectTimeout from error
        if self._abandoned:
            raise NoAnswer
        # From here on only the caller's clock counts; it shuts the socket down when it gives up.
        # In place, there is no such clock.
        connection.sock.settimeout(self._step)
        body = request.body or b""
        connection.putrequest(request.method, self._before + request.path)
        for name, value in {**request.headers, **self._extra}.items():
            connection.putheader(name, value)
        if request.body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        refused: Optional[OSError] = None
        try:
            for start in range(0, len(body), _CHUNK):
                # Set before the last bytes go: from then on the relay may have stored the post.
                self.body_sent = start + _CHUNK >= len(body)
                connection.send(body[start : start + _CHUNK])
                self._moved = time.monotonic()
        except OSError as error:
            # A relay may answer (with 413, say) and close before it has read everything. Its answer
            # says more than the broken pipe.
            refused = error
        try:
            response = connection.getresponse()
            return Answer(
                response.status,
                response.reason,
                response.headers.get("Retry-After"),
                response.headers.get_content_type(),
                response.read(_ANSWER_BYTES),
            )
        except (OSError, http.client.HTTPException) as error:
            raise refused or error from None
