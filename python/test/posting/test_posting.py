"""What is kept on disk: posts that wait, in which order they are sent, and who can read them; and what a post counts."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from jupyterpost.posting.error import PostError
from jupyterpost.posting.limits import text_bytes
from jupyterpost.posting.lock import try_lock
from jupyterpost.posting.request import Relay
from jupyterpost.posting.schema import Post
from jupyterpost.posting.spool import Spool


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
                f"jupyterpost: {path} could be used by others (mode {mode}): now only its owner can use it"
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
        self.assertRegex(flushed.notices[0], "is set aside: the relay at .* says 500 .*, but it takes other posts")
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


class Limits(unittest.TestCase):
    def test_a_post_counts_as_many_bytes_as_the_relay_counts(self):
        table = {"type": "table", "columns": ["a"], "rows": [["", "b"], []]}
        cases = [("é€😀", 9), ("a\n\t\r\n", 5), ("\0\x01\x1b[31m", 22)]
        for block, expected in [*(({"type": "text", "text": text}, size) for text, size in cases), (table, 7)]:
            with self.subTest(block):
                self.assertEqual(text_bytes([block]), 32 + expected)


if __name__ == "__main__":
    unittest.main()
