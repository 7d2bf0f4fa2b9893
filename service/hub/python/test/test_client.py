"""post() against a local HTTP server: the exact form it sends, and what each answer says."""

import os
import threading
import unittest
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from jupyterpost import PostError, post

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


class Relay(HTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.answer = (200, {}, b"")
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/jupyterpost/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers, body))
        status, headers, text = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST

    def log_message(self, *_arguments):
        pass


def parts_of(headers, body):
    """name -> (filename, type, bytes), by the boundary alone."""
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
        found[name] = (described.get_filename(), described["Content-Type"], content[:-2])
    return found


class Post(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        thread = threading.Thread(target=self.relay.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.relay.server_close)
        self.addCleanup(self.relay.shutdown)
        names = ("JUPYTERPOST_", "JUPYTERHUB_", "JPY_")
        variables = {k: v for k, v in os.environ.items() if not k.startswith(names)}
        variables.update(JUPYTERPOST_URL=self.relay.url, JUPYTERHUB_API_TOKEN="hub-token")
        patch = mock.patch.dict(os.environ, variables, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def sent(self):
        ((path, headers, body),) = self.relay.requests
        return path, headers, parts_of(headers, body)

    def test_text_goes_as_the_originals_form_with_the_servers_token(self):
        self.assertIsNone(post("hello ü\n  indented", "@me"))
        path, headers, parts = self.sent()
        self.assertEqual(path, "/services/jupyterpost/")
        self.assertEqual(headers["Authorization"], "token hub-token")
        self.assertEqual(parts["message"][2].decode(), "hello ü\n  indented")
        self.assertEqual(parts["channel"][2], b"@me")
        self.assertNotIn("file", parts)

    def test_bytes_and_figures_become_the_file(self):
        class Figure:
            def savefig(self, file, format):
                assert format == "png"
                file.write(PNG)

        for attachment in (PNG, bytearray(PNG), Figure()):
            self.relay.requests.clear()
            post("plot", "lab", attachment)
            self.assertEqual(self.sent()[2]["file"], ("upload.png", "image/png", PNG))

    def test_anything_else_is_a_type_error_and_nothing_is_sent(self):
        with self.assertRaisesRegex(TypeError, "not dict"):
            post("plot", "lab", {})
        self.assertEqual(self.relay.requests, [])

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
        with self.assertRaisesRegex(PostError, "pass token="):
            post("x", "@me", service_url=other)
        self.assertEqual(self.relay.requests, [])
        post("x", "@me", service_url=other, token="explicit")
        self.assertEqual(self.sent()[1]["Authorization"], "token explicit")

    def test_what_is_missing_is_named(self):
        del os.environ["JUPYTERHUB_API_TOKEN"]
        with self.assertRaisesRegex(PostError, "no token: pass token="):
            post("x", "@me")
        del os.environ["JUPYTERPOST_URL"]
        with self.assertRaisesRegex(PostError, "JUPYTERPOST_URL is not set.*restarted"):
            post("x", "@me")
        with self.assertRaisesRegex(PostError, "no address of a relay"):
            post("x", "@me", service_url="hub.example", token="t")

    def test_each_answer_says_what_it_means(self):
        page, plain, problem = "text/html; charset=utf-8", "text/plain", "application/problem+json"
        table = [
            ((400, plain, b"@x does not exist"), "^@x does not exist$"),
            ((403, problem, b'{"detail": "Add the grant."}'), "^Add the grant.$"),
            ((302, plain, b""), "answered with a redirect \\(302\\). Check JUPYTERPOST_URL"),
            ((200, page, b"<html>"), "answered with a page. Check JUPYTERPOST_URL"),
            ((503, page, b"<html>"), "is away \\(503\\); nothing was posted"),
            ((404, page, b"<html>"), "answered 404 .*Check JUPYTERPOST_URL"),
            ((500, plain, b""), "answered 500"),
        ]
        for (status, kind, body), words in table:
            with self.subTest(status=status, body=body):
                headers = {"Content-Type": kind, "Location": "http://127.0.0.1:9/"}
                self.relay.answer = (status, headers, body)
                with self.assertRaisesRegex(ValueError, words):
                    post("x", "@me")

    def test_a_relay_that_is_gone_is_an_error_that_says_so(self):
        self.relay.shutdown()
        self.relay.server_close()
        with self.assertRaisesRegex(PostError, "does not answer.*refused.*nothing was posted"):
            post("x", "@me")
