"""``%post --link``: what each word asks the relay, once, and which words are refused before."""

import json
import os
import tempfile
import threading
import unittest
from unittest import mock

from jupyterpost import PostError
from jupyterpost.posting.identity import link_request
from jupyterpost.posting.posters import poster

from .test_post import Relay

JSON = {"Content-Type": "application/json"}


class LinkTest(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        threading.Thread(target=self.relay.serve_forever, daemon=True).start()
        self.addCleanup(self.relay.server_close)
        self.addCleanup(self.relay.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        environment = {"HOME": folder.name, "JUPYTERPOST_URL": self.relay.url, "JUPYTERPOST_TOKEN": "secret-token"}
        patch = mock.patch.dict(os.environ, environment, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_name_asks_for_a_code_and_the_code_links(self):
        for word, path, body in [
            ("ada", "api/v1/identity", {"name": "ada"}),
            ("lab-chat:@Ada.L", "api/v1/identity", {"name": "Ada.L", "service": "lab-chat"}),
            ("1234-5678", "api/v1/identity/code", {"code": "1234-5678"}),
        ]:
            with self.subTest(word):
                answer = {"state": "sent", "message": f"about {word}"}
                self.relay.answers.append((200, JSON, json.dumps(answer).encode()))
                self.assertEqual(poster().link(word), f"about {word}")
                sent, headers, text = self.relay.requests.pop()
                self.assertEqual(sent, f"/services/jupyterpost/{path}")
                self.assertEqual(headers["Authorization"], "token secret-token")
                self.assertEqual(json.loads(text), body)

    def test_a_relay_that_is_away_is_asked_once(self):
        self.relay.answers += [(503, {}, b"")] * 3
        with self.assertRaises(PostError) as raised:
            poster().link("ada")
        self.assertEqual(raised.exception.code, "relay_away")
        self.assertEqual(len(self.relay.requests), 1)

    def test_what_is_neither_is_refused_before_anything_is_asked(self):
        for word in ["", "a b", "a/b:c", "@", "ada:", "a" * 66]:
            with self.subTest(word), self.assertRaises(PostError) as raised:
                poster().link(word)
            self.assertEqual(raised.exception.code, "bad_request")
        self.assertEqual(self.relay.requests, [])

    def test_digits_alone_are_a_name(self):
        self.assertEqual(link_request("12345678"), ("api/v1/identity", {"name": "12345678"}))
        self.assertEqual(link_request("١٢٣٤-١٢٣٤")[0], "api/v1/identity")


if __name__ == "__main__":
    unittest.main()
