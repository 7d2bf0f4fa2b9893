"""A post that the chat refuses after the relay took it: told with the program's next call, once."""

import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from http.server import ThreadingHTTPServer
from pathlib import Path

from jupyterpost.posting.endpoint import Endpoint
from jupyterpost.posting.error import PostError
from jupyterpost.posting.pending_posts import PendingPosts
from jupyterpost.posting.poster import RelayPoster
from jupyterpost.posting.receipt import Receipt
from jupyterpost.posting.schema import Post

from ..stand_in import StandIn, serving

PACKAGE = Path(__file__).resolve().parents[2]
LIMITS = {"files": 3, "fileBytes": 1000, "postBytes": 100000, "textBytes": 1000}


def stored(name, status, **more):
    return {"id": name, "target": name, "destination": f"~{name}", "status": status, "notices": [], **more}


class Relay(StandIn):
    """Takes each post to two channels: one refuses it, the other does not answer yet."""

    def do_GET(self):
        if self.path.endswith("/limits"):
            self.answer(200, LIMITS)
        elif self.path.endswith("/bad"):
            self.answer(200, stored("bad", "dead", error="archived"))
        else:
            # Asked for in order, so the program knows by now what became of the first one.
            self.server.both_asked.set()
            self.answer(200, stored("slow", "retrying"))

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.count += 1
        first = [stored("bad", "queued"), stored("slow", "queued")]
        self.answer(202, {"posts": first if self.server.count == 1 else [stored("lab", "delivered")]})


class NextCall(unittest.TestCase):
    def test_tells_what_was_refused_later_once(self):
        relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        relay.count, relay.both_asked = 0, threading.Event()
        serving = threading.Thread(target=relay.serve_forever, args=(0.01,))
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(relay.server_close)
        self.addCleanup(relay.shutdown)
        code = """
            from jupyterpost import post
            post("one", "bad,slow")
            input()
            post("two", "lab")
            post("three", "lab")
        """
        with tempfile.TemporaryDirectory() as folder:
            own = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
            environment = {
                **own,
                "XDG_STATE_HOME": folder,
                "JUPYTERPOST_URL": f"http://127.0.0.1:{relay.server_port}/",
                "JUPYTERPOST_TOKEN": "t",
            }
            with subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code)],
                cwd=PACKAGE,
                env=environment,
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as program:
                asked = relay.both_asked.wait(30)
                _, told = program.communicate("\n", timeout=30)
        self.assertEqual(told, "jupyterpost: The post to ~bad was refused later: archived\n")
        self.assertTrue(asked)
        self.assertEqual(relay.count, 3)


class Waited(unittest.TestCase):
    def test_one_that_was_sent_from_the_spool_is_followed_too(self):
        class Relay(StandIn):
            is_away = True

            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                self.answer(200, LIMITS if name == "limits" else stored(name, "dead", error="archived"))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = "first" if b"one" in body else "second"
                if Relay.is_away:
                    self.answer(503, {})
                else:
                    self.answer(202, {"posts": [stored(name, "queued")]})

        told, both = [], threading.Event()

        def tell(line):
            told.append(line)
            if len(told) == 2:
                both.set()

        with tempfile.TemporaryDirectory() as folder:
            address = serving(self, Relay)
            environment = {"XDG_STATE_HOME": folder, "JUPYTERPOST_URL": address, "JUPYTERPOST_TOKEN": "t"}
            poster = RelayPoster(environment, on_refused=tell)
            self.assertTrue(poster.post(Post(["lab"], [{"type": "message", "text": "one"}])).spooled)
            Relay.is_away = False
            poster.post(Post(["lab"], [{"type": "message", "text": "two"}]))
            self.assertTrue(both.wait(30))
        self.assertIn("The post to ~first was refused later: archived", told)


class Pending(unittest.TestCase):
    def follow(self, status, *posts):
        """What is told of these posts until a last one is asked for."""
        told, over = [], threading.Event()

        def asked(endpoint, name):
            if name != "last":
                return status(endpoint, name)
            over.set()
            return stored(name, "delivered")

        pending = PendingPosts(asked, told.append)
        for post in [*posts, stored("last", "queued")]:
            url = f"http://{'other' if post['id'].startswith('away') else 'relay'}/"
            pending.add(Receipt(["lab"], [post]), Endpoint(url, "t", "ada"))
        self.assertTrue(over.wait(30))
        return told

    def test_one_that_arrives_or_whose_end_is_known_is_not_told(self):
        asked = []

        def status(_, name):
            asked.append(name)
            return stored(name, "delivered")

        self.assertEqual(self.follow(status, stored("good", "queued"), stored("known", "dead")), [])
        self.assertEqual(asked, ["good"])

    def test_one_that_was_deleted_is_asked_for_no_more(self):
        def status(_, name):
            if name == "gone":
                raise PostError("unknown_post", "No such post")
            return stored(name, "dead")

        told = self.follow(status, stored("gone", "queued"), stored("bad", "queued"))
        self.assertEqual(told, ["The post to ~bad was refused later: no reason given"])

    def test_a_relay_that_is_away_is_asked_once_a_round_and_keeps_no_other_from_being_asked(self):
        asked = []

        def status(endpoint, name):
            asked.append((endpoint.url, name))
            if name.startswith("away"):
                raise PostError("relay_away", "No answer")
            return stored(name, "dead", error="archived")

        told = self.follow(status, *(stored(name, "queued") for name in ("away1", "away2", "bad")))
        self.assertEqual(told, ["The post to ~bad was refused later: archived"])
        self.assertEqual(asked, [("http://other/", "away1"), ("http://relay/", "bad")])


if __name__ == "__main__":
    unittest.main()
