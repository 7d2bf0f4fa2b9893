"""Addresses, tokens, the local relay's proof, locks, and an interrupt on the way: on real sockets and processes."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest import mock

from jupyterpost.posting.address import relay_url
from jupyterpost.posting.endpoint import resolve_endpoint
from jupyterpost.posting.error import PostError
from jupyterpost.posting.limits import text_bytes
from jupyterpost.posting.local_relay import find_local_relay
from jupyterpost.posting.lock import try_lock, wait_lock
from jupyterpost.posting.poster import RelayPoster
from jupyterpost.posting.relay_file import _boot_id, relay_proof
from jupyterpost.posting.request import Relay
from jupyterpost.posting.schema import Post
from jupyterpost.posting.spool import Spool

TOKEN = "t" * 43


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


class Endpoints(unittest.TestCase):
    def test_an_address_has_the_spelling_of_the_url_standard(self):
        table = {
            "HTTPS://Hub.Example:443/services/jupyterpost": "https://hub.example/services/jupyterpost/",
            " http://hub:80/a/../b/./c ": "http://hub/b/c/",
            "http://[::1]:8000": "http://[::1]:8000/",
            "https://hub/a b/ü?x=1#y": "https://hub/a%20b/%C3%BC/",
            "https://hüb.example/": "https://xn--hb-xka.example/",
        }
        for typed, url in table.items():
            with self.subTest(typed):
                self.assertEqual(relay_url(typed), url)
        for typed in ("hub.example", "ftp://hub/", "http://", "https://h:99999/", "https://a b/"):
            with self.subTest(typed), self.assertRaisesRegex(PostError, "must be an address like"):
                relay_url(typed)

    def test_without_a_hub_and_an_address_it_is_the_local_relay(self):
        self.assertIsNone(resolve_endpoint({}).url)
        hub = {"JUPYTERHUB_API_TOKEN": "t", "JUPYTERPOST_URL": "local", "JUPYTERHUB_USER": "ada"}
        self.assertEqual(resolve_endpoint(hub).owner, ("local", "ada"))

    def test_an_open_way_to_a_far_host_is_warned_of(self):
        table = {
            "http://hub.example/": 1,
            "https://hub.example/": 0,
            "http://127.0.0.1:8000/": 0,
            "http://hub/": 0,
            "http://hub.jhub.svc.cluster.local:8081/": 0,
            "http://10.0.0.1/": 1,
        }
        for url, count in table.items():
            with self.subTest(url):
                endpoint = resolve_endpoint({"JUPYTERPOST_URL": url, "JUPYTERPOST_TOKEN": "t"})
                self.assertEqual(len(endpoint.warnings), count)

    def test_a_token_that_would_break_the_request_is_refused_and_not_shown(self):
        with self.assertRaisesRegex(PostError, "characters that no token has") as raised:
            resolve_endpoint({"JUPYTERPOST_URL": "http://hub/", "JUPYTERPOST_TOKEN": "abc\r\nX: y"})
        self.assertNotIn("abc", str(raised.exception))


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


class Locks(unittest.TestCase):
    def test_one_holds_it_and_death_gives_it_back(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spool" / ".lock"
            code = f"""
                import time
                from pathlib import Path
                from jupyterpost.posting.lock import try_lock
                release = try_lock(Path({str(path)!r}))
                print(release is not None, flush=True)
                time.sleep(60)
            """
            holder = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
            )
            self.assertEqual(holder.stdout.readline(), "True\n")
            self.assertIsNone(try_lock(path))
            holder.kill()
            holder.communicate()
            release = wait_lock(path, 10)
            self.assertIsNotNone(release)
            release()


class Private(unittest.TestCase):
    """Nobody else can read or lock what is kept here, whatever the umask."""

    def setUp(self):
        self.addCleanup(os.umask, os.umask(0))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def open_to_others(self):
        return [path for path in self.folder.rglob("*") if path.stat().st_mode & 0o077]

    def test_a_post_that_waits_and_its_lock_are_their_owner_s_alone(self):
        state = self.folder / "home" / ".local" / "state" / "jupyterpost"
        spool = Spool(state)
        spool.add(Post(["@me"], []), ("r", "ada"), "away", "key")
        release = try_lock(state / "spool" / ".lock-1")
        self.assertGreaterEqual(len(list(self.folder.rglob("*"))), 7)
        self.assertEqual(self.open_to_others(), [])
        release()

    def test_what_others_could_use_is_mended_and_said(self):
        state = self.folder / "state"
        (state / "spool").mkdir(parents=True)
        lock = state / "spool" / ".lock-1"
        lock.touch(mode=0o644)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            Spool(state).add(Post(["@me"], []), ("r", "ada"), "away", "key")
            try_lock(lock)()
        self.assertEqual(
            said.getvalue().splitlines(),
            [
                f"jupyterpost: {path} could be used by others (mode {mode}): it is its owner's alone now"
                for path, mode in ((state, 777), (state / "spool", 777), (lock, 644))
            ],
        )
        self.assertEqual(self.open_to_others(), [])

    def test_a_lock_is_not_lost_to_a_second_look_at_its_file(self):
        lock = self.folder / "a.lock"
        release = try_lock(lock)
        self.assertIsNone(try_lock(lock))
        code = f"from pathlib import Path\nfrom jupyterpost.posting.lock import try_lock\nassert try_lock(Path({str(lock)!r})) is None"
        subprocess.run([sys.executable, "-c", code], check=True)
        release()


class Spooled(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.spool = Spool(self.folder)
        self.failing = set()
        #: key -> status and code of the refusal
        self.refusing = {}
        self.taken = []
        test = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["Idempotency-Key"]
                stored = {"id": key, "target": "@me", "destination": "x", "status": "queued", "notices": []}
                status, body = 202, json.dumps({"posts": [stored]}).encode()
                if key in test.failing:
                    status, body = 500, b"oops"
                elif key in test.refusing:
                    status, code = test.refusing[key]
                    body = json.dumps({"detail": f"No: {code}", "code": code}).encode()
                else:
                    test.taken.append(key)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.relay = Relay(f"http://127.0.0.1:{server.server_address[1]}/", "t")

    def add(self, *keys, target="@me"):
        for key in keys:
            self.spool.add(Post([target], [{"type": "message", "text": key}]), ("r", "ada"), "away", key)

    def test_a_post_that_the_relay_cannot_take_is_set_aside_once_it_takes_another(self):
        self.add("bad", "good")
        self.failing = {"bad"}
        flushed = self.spool.flush(self.relay, ("r", "ada"), 1)
        self.assertEqual((self.taken, flushed.away), (["good"], None))
        self.assertRegex(flushed.notices[0], "is set aside: the relay at .* says 500 .*, and takes others")
        self.assertEqual(self.spool.entries(), [])
        self.assertEqual(len(list((self.folder / "spool").glob("*.aside"))), 1)

    def test_a_refusal_about_the_way_to_a_target_keeps_what_goes_there_in_its_order(self):
        for status, code in ((424, "chat_refuses"), (403, "identity_not_linked")):
            with self.subTest(code):
                self.taken.clear()
                self.add(f"first {code}", f"second {code}", target="lab")
                self.add(f"elsewhere {code}", target="inbox:@me")
                self.refusing = {f"first {code}": (status, code)}
                flushed = self.spool.flush(self.relay, ("r", "ada"), 1)
                self.assertEqual((self.taken, flushed.notices), ([f"elsewhere {code}"], []))
                self.assertEqual(flushed.away, f"No: {code}")
                self.refusing = {}
                self.spool.flush(self.relay, ("r", "ada"), 1)
                self.assertEqual(self.taken[1:], [f"first {code}", f"second {code}"])

    def test_a_refusal_that_is_not_about_the_post_keeps_all_posts(self):
        for status, code in ((403, "wrong_host"), (404, "not_found"), (403, "a_code_of_a_newer_relay")):
            with self.subTest(code):
                self.taken.clear()
                self.add("a", "b")
                self.refusing = {"a": (status, code)}
                with self.assertRaises(PostError):
                    self.spool.flush(self.relay, ("r", "ada"), 1)
                self.refusing = {}
                self.spool.flush(self.relay, ("r", "ada"), 1)
                self.assertEqual(self.taken, ["a", "b"])

    def test_a_relay_that_fails_at_every_post_keeps_all_of_them_in_their_order(self):
        keys = [str(number) for number in range(3)]
        self.add(*keys)
        self.failing = set(keys)
        self.assertRegex(self.spool.flush(self.relay, ("r", "ada"), 1).away, "says 500")
        self.failing = set()
        self.spool.flush(self.relay, ("r", "ada"), 1)
        self.assertEqual(self.taken, keys)


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
        self.assertRegex(output, "^PostInterrupted Interrupted after the post was sent.*it may be stored")


class Limits(unittest.TestCase):
    def test_a_post_counts_as_many_bytes_as_the_relay_counts(self):
        table = {"type": "table", "columns": ["a"], "rows": [["", "b"], []]}
        cases = [("é€😀", 9), ("a\n\t\r\n", 5), ("\0\x01\x1b[31m", 22)]
        for block, expected in [*(({"type": "text", "text": text}, size) for text, size in cases), (table, 7)]:
            with self.subTest(block):
                self.assertEqual(text_bytes([block]), 32 + expected)


if __name__ == "__main__":
    unittest.main()
