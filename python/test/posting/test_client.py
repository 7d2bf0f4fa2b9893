"""A relay that does not answer, and an interrupt while a post is on its way, with real sockets."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

from jupyterpost.posting.client import call_relay
from jupyterpost.posting.error import RelayAway
from jupyterpost.posting.request import Relay


class Silence(unittest.TestCase):
    def test_is_told_with_the_time_that_this_request_had(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        relay = Relay(f"http://127.0.0.1:{silent.getsockname()[1]}/", "t")
        with self.assertRaisesRegex(RelayAway, "^the relay did not answer within 0.05 s$"):
            call_relay(relay, "GET", "api/v1/limits", total=0.05)


    def test_has_its_end_where_no_thread_can_be_started(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        relay = Relay(f"http://127.0.0.1:{silent.getsockname()[1]}/", "t")
        error = RuntimeError("can't create new thread at interpreter shutdown")
        with mock.patch("threading.Thread.start", side_effect=error):
            with self.assertRaisesRegex(RelayAway, "^the relay did not answer within 0.05 s$"):
                call_relay(relay, "GET", "api/v1/limits", total=0.05)


class Interrupts(unittest.TestCase):
    def test_says_that_the_post_was_sent_but_not_answered(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        silent.settimeout(30)
        with tempfile.TemporaryDirectory() as folder:
            code = """
                from jupyterpost.posting.client import submit_post
                from jupyterpost.posting.request import Relay
                from jupyterpost.posting.schema import Post
                import sys
                try:
                    submit_post(Relay(sys.argv[1], "t"), Post(["@me"], [{"type": "message", "text": "x"}]), "k")
                except KeyboardInterrupt as interrupt:
                    print(type(interrupt).__name__, interrupt)
            """
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            environment = {**os.environ, "XDG_STATE_HOME": folder}
            child = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code), url],
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            connection, _ = silent.accept()
            self.addCleanup(connection.close)
            received = b""
            while b"--\r\n" not in received[-8:]:
                received += connection.recv(65536)
            child.send_signal(signal.SIGINT)
            output, _ = child.communicate(timeout=30)
        self.assertRegex(output, "^PostInterrupted Interrupted after the post was sent.*may be stored")


if __name__ == "__main__":
    unittest.main()
