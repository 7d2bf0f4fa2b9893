"""A local relay that was replaced while a program posts."""

import json
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from jupyterpost.posting.error import PostError
from jupyterpost.posting.poster import RelayPoster
from jupyterpost.posting.request import Relay


class Replaced(unittest.TestCase):
    """A relay that started anew is at the same port and has another token."""

    def test_a_local_relay_that_was_replaced_meanwhile_is_found_anew(self):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                known = self.headers["Authorization"] == "token new"
                stored = {"id": "p", "destination": "~lab", "status": "sent"}
                body = stored if known else {"code": "bad_token", "detail": "Another token"}
                text = json.dumps(body).encode()
                self.send_response(200 if known else 401)
                self.send_header("Content-Type", "application/json" if known else "application/problem+json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/"
        with tempfile.TemporaryDirectory() as folder:
            poster = RelayPoster({"HOME": folder, "XDG_STATE_HOME": folder})
            found = [Relay(url, "old"), Relay(url, "new"), Relay(url, "old"), Relay(url, "old")]
            with mock.patch("jupyterpost.posting.poster.local_relay", side_effect=found):
                self.assertEqual(poster.status("p")["status"], "sent")
                with self.assertRaises(PostError) as refused:
                    poster.status("p")
        self.assertEqual(refused.exception.code, "bad_token")


if __name__ == "__main__":
    unittest.main()
