"""post() against a local HTTP server: the exact form it sends, what each answer means, and what
waits when there is no server.
"""

import json
import os
import socket
import tempfile
import threading
import time
import unittest
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from jupyterpost import PostError, post
from jupyterpost.posting import posters
from jupyterpost.posting.notebook import Notebook, attach_notebook, detach_notebook

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


LIMITS = {"files": 2, "fileBytes": 1000, "postBytes": 5000, "textBytes": 2000}


class Relay(HTTPServer):
    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.requests = []
        #: Its answers to the next posts; None means that it takes the post.
        self.answers = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/jupyterpost/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200, {"Content-Type": "application/json"}, json.dumps(LIMITS).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers, body))
        stored = [{"id": "1", "target": "@me", "destination": "your inbox", "status": "queued", "notices": []}]
        taken = (202, {"Content-Type": "application/json"}, json.dumps({"posts": stored}).encode())
        self.reply(*(self.server.answers.pop(0) if self.server.answers else taken))

    def reply(self, status, headers, text):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments):
        pass


def parts_of(headers, body):
    """name -> [(filename, type, bytes)], split at the boundary."""
    declared = Message()
    declared["Content-Type"] = headers["Content-Type"]
    boundary = b"--" + declared.get_param("boundary").encode()
    found = {}
    for part in body.split(boundary)[1:-1]:
        head, _, content = part[2:].partition(b"\r\n\r\n")
        described = Message()
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            described[name] = value
        name = described.get_param("name", header="Content-Disposition")
        found.setdefault(name, []).append((described.get_filename(), described["Content-Type"], content[:-2]))
    return found


class Post(unittest.TestCase):
    def setUp(self):
        self.serve(Relay())
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        names = ("JUPYTERPOST_", "JUPYTERHUB_", "JPY_", "XDG_")
        variables = {k: v for k, v in os.environ.items() if not k.startswith(names)}
        variables.update(
            JUPYTERPOST_URL=self.relay.url, JUPYTERHUB_API_TOKEN="hub-token", XDG_STATE_HOME=folder.name
        )
        patch = mock.patch.dict(os.environ, variables, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        notebook = Notebook()
        self.shown = notebook.warn = mock.Mock()
        attach_notebook(notebook)
        self.addCleanup(detach_notebook, notebook)
        posters._posters.clear()

    def serve(self, relay):
        self.relay = relay
        thread = threading.Thread(target=relay.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(relay.server_close)
        self.addCleanup(relay.shutdown)

    def sent(self):
        ((path, headers, body),) = self.relay.requests
        return path, headers, parts_of(headers, body)

    def manifest(self):
        return json.loads(self.sent()[2]["post"][0][2])

    def test_text_goes_to_the_relay_with_the_servers_token_and_a_key(self):
        receipt = post("hello ü\n  indented", "@myself")
        path, headers, parts = self.sent()
        self.assertEqual(path, "/services/jupyterpost/api/v1/posts")
        self.assertEqual(headers["Authorization"], "token hub-token")
        self.assertRegex(headers["Idempotency-Key"], "^[0-9a-f-]{36}$")
        blocks = [{"type": "message", "text": "hello ü\n  indented"}]
        manifest = self.manifest()
        # So that a reply finds its post.
        self.assertRegex(manifest.pop("thread"), "^[0-9a-f-]{36}$")
        self.assertEqual(manifest, {"targets": ["@me"], "blocks": blocks})
        self.assertNotIn("files", parts)
        self.assertEqual(str(receipt), "Posted to your inbox")

    def test_bytes_figures_and_lists_become_files_of_their_true_type(self):
        class Figure:
            def savefig(self, file, format):
                assert format == "png"
                file.write(PNG)

        post("plots", "lab", [Figure(), bytearray(b"<svg></svg>")])
        files = [("attachment-1.png", "image/png", PNG), ("attachment-2.svg", "image/svg+xml", b"<svg></svg>")]
        self.assertEqual(self.sent()[2]["files"], files)
        self.assertEqual(
            self.manifest()["blocks"][1:], [{"type": "image", "file": 0}, {"type": "file", "file": 1}]
        )

    def test_what_is_no_post_is_told_and_nothing_is_sent(self):
        with self.assertRaisesRegex(TypeError, "attachment 1 must be bytes.*not dict"):
            post("plot", "lab", {})
        for channel in ("../lab", "a/b", "", "x:y:z", "~"):
            with self.subTest(channel), self.assertRaisesRegex(PostError, "is no target. Expected @me"):
                post("x", channel)
        with self.assertRaisesRegex(PostError, "Expected a message or an attachment"):
            post("", "lab")
        with self.assertRaisesRegex(PostError, "3 KB of text; the relay takes up to 2 KB"):
            post("x" * 3000, "lab")
        self.assertEqual(self.relay.requests, [])

    def test_secrets_are_masked_and_the_receipt_says_so(self):
        receipt = post("it is hub-token", "lab")
        self.assertEqual(self.manifest()["blocks"][0]["text"], "it is [masked: JUPYTERHUB_API_TOKEN]")
        self.assertEqual(receipt.notices, ["1 secret masked"])

    def test_tokens_are_taken_in_order(self):
        os.environ.update(JPY_API_TOKEN="old", JUPYTERPOST_TOKEN="own")
        for expected in ("own", "hub-token", "old"):
            self.relay.requests.clear()
            post("x", "@me")
            self.assertEqual(self.sent()[1]["Authorization"], f"token {expected}")
            variable = {"own": "JUPYTERPOST_TOKEN", "hub-token": "JUPYTERHUB_API_TOKEN"}.get(expected)
            if variable:
                del os.environ[variable]

    def test_the_environments_token_goes_to_its_own_address_only(self):
        other = self.relay.url + "elsewhere"
        with self.assertRaisesRegex(PostError, "belong to JUPYTERPOST_URL and are not sent elsewhere"):
            post("x", "@me", service_url=other)
        self.assertEqual(self.relay.requests, [])
        post("x", "@me", service_url=other, token="explicit")
        self.assertEqual(self.sent()[1]["Authorization"], "token explicit")

    def test_what_is_missing_is_named(self):
        del os.environ["JUPYTERHUB_API_TOKEN"]
        with self.assertRaisesRegex(PostError, "No token for .*set JUPYTERPOST_TOKEN"):
            post("x", "@me")
        del os.environ["JUPYTERPOST_URL"]
        os.environ["JUPYTERHUB_USER"] = "ada"
        with self.assertRaisesRegex(PostError, "JUPYTERPOST_URL is not set.*start your server"):
            post("x", "@me")
        with self.assertRaisesRegex(PostError, 'must be an address like .* not "hub.example"'):
            post("x", "@me", service_url="hub.example", token="t")
        with self.assertRaisesRegex(PostError, "must not contain a password"):
            post("x", "@me", service_url="https://a:b@hub.example/", token="t")

    def test_each_refusal_says_what_it_means_and_nothing_is_kept(self):
        page, problem = {"Content-Type": "text/html"}, {"Content-Type": "application/problem+json"}
        not_allowed = b'{"title":"No","status":403,"detail":"Not there.","code":"not_allowed","nearest":["lab"]}'
        not_granted = b'{"title":"No","status":403,"detail":"No grant.","code":"not_granted"}'
        table = [
            ((403, problem, not_allowed), "^Not there.\nYou may post to: lab$"),
            ((403, problem, not_granted), "^No grant.\nThe token needs the scope access:services"),
            ((403, page, b"<html>"), "refuses this token \\(403\\)"),
            ((302, {"Location": "http://127.0.0.1:9/"}, b""), "it redirects \\(302\\) to another address"),
            ((200, page, b"<html>"), "it sent no JSON.*It must be the relay's own address"),
            ((404, page, b"<html>"), "the server there is not a relay \\(404 Not Found\\)"),
            ((413, page, b"<html>"), "A proxy in front of the relay .*\\(413\\)"),
        ]
        for answer, words in table:
            with self.subTest(answer):
                self.relay.answers = [answer]
                with self.assertRaisesRegex(ValueError, words):
                    post("x", "@me")
        self.assertFalse(os.path.exists(f"{os.environ['XDG_STATE_HOME']}/jupyterpost/spool"))

    def test_a_try_that_failed_is_made_again_with_the_same_key(self):
        self.relay.answers = [(503, {"Retry-After": "0"}, b"")]
        post("x", "@me")
        keys = {headers["Idempotency-Key"] for _, headers, _ in self.relay.requests}
        self.assertEqual((len(self.relay.requests), len(keys)), (2, 1))

    def test_a_relay_that_asks_to_wait_longer_than_the_tries_last_is_away(self):
        self.relay.answers = [(429, {"Retry-After": "60"}, b"")]
        receipt = post("x", "@me")
        self.assertIn("says 429 Too Many Requests. It is kept", str(receipt))

    def test_a_relay_that_is_gone_gets_the_posts_later_once_and_in_order(self):
        port = self.relay.server_address[1]
        self.relay.shutdown()
        self.relay.server_close()
        receipt = post("first", "@me", b"bytes")
        self.assertTrue(receipt.spooled)
        self.assertRegex(str(receipt), "^Not posted yet: the relay at .* refuses connections: .* It is kept and sent to @me")
        self.assertEqual([str(call.args[0]) for call in self.shown.call_args_list], [str(receipt)])
        self.serve(Relay(port))
        receipt = post("second", "@me")
        self.assertEqual(receipt.notices, ["A waiting post was sent"])
        manifests = [json.loads(parts_of(headers, body)["post"][0][2]) for _, headers, body in self.relay.requests]
        self.assertEqual([manifest["blocks"][0]["text"] for manifest in manifests], ["first", "second"])
        self.assertEqual(posters.poster().flush().sent, 0)

    def test_a_relay_that_accepts_and_never_answers_is_away_after_its_time(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        started = time.monotonic()
        receipt = post("x", "@me", service_url=url, token="t")
        self.assertIn("did not answer within 10 s", str(receipt))
        self.assertLess(time.monotonic() - started, 12)


if __name__ == "__main__":
    unittest.main()
