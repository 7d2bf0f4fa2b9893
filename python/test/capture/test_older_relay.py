"""Posts of cells to a relay that reads HTML, and to one of version 0.1.0, which does not say so."""

import email
import json
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from jupyterpost.capture.blocks import capture_cell
from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.posting.poster import RelayPoster
from jupyterpost.posting.schema import Post

TABLE = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
LIMITS = {"files": 100, "fileBytes": 26214400, "postBytes": 67108864, "textBytes": 1048576}


class StandIn(BaseHTTPRequestHandler):
    """Says its limits, and keeps the manifests that it gets."""

    limits, taken = LIMITS, []

    def do_GET(self):
        self.answer(200, self.limits)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + body).get_payload()
        self.taken.append(json.loads(form[0].get_payload(decode=True)))
        stored = {"id": "1", "target": "lab", "destination": "lab", "status": "queued", "notices": []}
        self.answer(202, {"posts": [stored]})

    def answer(self, status, value):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class OlderRelay(unittest.TestCase):
    def arrived(self, **limits):
        """Blocks of the post that arrives."""
        handler = type("Handler", (StandIn,), {"limits": {**LIMITS, **limits}, "taken": []})
        server = HTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        poster = RelayPoster(
            {"XDG_STATE_HOME": folder.name}, f"http://127.0.0.1:{server.server_port}/", "token"
        )
        data = {"text/html": TABLE, "text/plain": "a table"}
        output = {"type": "display_data", "data": data, "metadata": {}}
        cell = CellOutputs(1, 0, 1, "ok", [output], [])
        blocks, files = capture_cell(cell, False, poster.limits())
        poster.post(Post(["lab"], blocks, files))
        return handler.taken[0]["blocks"]

    def test_a_relay_that_reads_html_gets_it_as_it_is(self):
        self.assertEqual(self.arrived(html=True), [{"type": "html", "html": TABLE, "text": "a table"}])

    def test_a_relay_of_0_1_0_gets_a_table(self):
        self.assertEqual(self.arrived(), [{"type": "table", "columns": ["a"], "rows": [["1"]]}])


if __name__ == "__main__":
    unittest.main()
