"""For tests: a server on this machine that stands in for a relay."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class StandIn(BaseHTTPRequestHandler):
    """Answers in JSON, and writes no log."""

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def serving(test, handler):
    """Serves until the test ends. Returns the address, with no slash at its end."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    test.addCleanup(thread.join)
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}"
