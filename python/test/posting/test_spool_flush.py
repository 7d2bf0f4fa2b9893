"""In which order waiting posts go to a relay that fails or refuses, and what happens to each."""

import json
import tempfile
import unittest
from pathlib import Path

from jupyterpost.posting.error import PostError
from jupyterpost.posting.request import Relay
from jupyterpost.posting.schema import Post
from jupyterpost.posting.spool import Spool

from ..stand_in import StandIn, serving


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

        class Handler(StandIn):
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

        address = serving(self, Handler)
        self.relay = Relay(f"{address}/", "t")

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


if __name__ == "__main__":
    unittest.main()
