"""A local relay must prove that it is no other program on its port. With real sockets."""

import json
import os
import socket
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from jupyterpost.posting.local_relay import find_local_relay
from jupyterpost.posting.relay_file import _boot_id, relay_proof

TOKEN = "t" * 43


class LocalRelay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.env = {"JUPYTER_RUNTIME_DIR": folder.name}
        self.paths = []
        test = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                test.paths.append((self.path, self.headers["Authorization"]))
                nonce = self.path.partition("nonce=")[2]
                body = json.dumps({"instance": "i", "proof": relay_proof(test.proof_token, nonce, "i")}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        self.proof_token = TOKEN
        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]

    def write(self, **changed):
        file = {
            "host": socket.gethostname(),
            "boot": _boot_id(),
            "pid": os.getpid(),
            "port": self.port,
            "url": "http://evil.example/",
            "instance": "i",
            "token": TOKEN,
            **changed,
        }
        (self.folder / "relay.json").write_text(json.dumps(file))

    def test_is_found_on_loopback_once_it_proved_that_it_wrote_the_file(self):
        self.write()
        relay = find_local_relay(self.env)
        self.assertEqual((relay.url, relay.token), (f"http://127.0.0.1:{self.port}/", TOKEN))
        self.assertEqual([authorization for _, authorization in self.paths], [None])

    def test_another_program_on_its_port_gets_nothing(self):
        self.write()
        self.proof_token = "another token"
        self.assertIsNone(find_local_relay(self.env))

    def test_a_file_of_another_host_or_boot_or_none_at_all_is_ignored(self):
        for changed in ({"host": "other"}, {"boot": "other"}, {"port": "80"}, {"token": "short"}):
            self.write(**changed)
            self.assertIsNone(find_local_relay(self.env))
        (self.folder / "relay.json").write_text('{"host": ')
        self.assertIsNone(find_local_relay(self.env))
        self.assertEqual(self.paths, [])


if __name__ == "__main__":
    unittest.main()
