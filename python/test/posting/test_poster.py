"""How a program posts: to a local relay that was replaced, within the limits of several relays, and
when a relay fails at a post.
"""

import json
import os
import tempfile
import unittest
from unittest import mock

from jupyterpost.posting.endpoint import resolve_endpoint
from jupyterpost.posting.error import PostError
from jupyterpost.posting.poster import RelayPoster
from jupyterpost.posting.request import Relay
from jupyterpost.posting.schema import Post

from ..stand_in import StandIn, serving


class Replaced(unittest.TestCase):
    """The new relay has the same port and another token."""

    def test_a_local_relay_that_was_replaced_meanwhile_is_found_anew(self):
        class Handler(StandIn):
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

        url = f"{serving(self, Handler)}/"
        with tempfile.TemporaryDirectory() as folder:
            poster = RelayPoster({"HOME": folder, "XDG_STATE_HOME": folder})
            found = [Relay(url, "old"), Relay(url, "new"), Relay(url, "old"), Relay(url, "old")]
            with mock.patch("jupyterpost.posting.poster.local_relay", side_effect=found):
                self.assertEqual(poster.status("p")["status"], "sent")
                with self.assertRaises(PostError) as refused:
                    poster.status("p")
        self.assertEqual(refused.exception.code, "bad_token")


class NotKept(unittest.TestCase):
    def test_a_post_that_can_neither_be_sent_nor_kept_says_both(self):
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/file"
            with open(file, "w"):
                pass
            env = {"HOME": folder, "XDG_STATE_HOME": file, "JUPYTERPOST_TOKEN": "t", "JUPYTERPOST_URL": "http://127.0.0.1:9/"}
            words = "Not posted: the relay at .* refuses connections.* cannot be kept for later either: .*File exists"
            with self.assertRaisesRegex(PostError, words) as refused:
                RelayPoster(env).post(Post(["lab"], [{"type": "message", "text": "x"}]))
        self.assertEqual(refused.exception.code, "relay_away")

    def test_a_person_whom_the_system_does_not_know_has_a_number(self):
        with mock.patch("pwd.getpwuid", side_effect=KeyError), mock.patch("getpass.getuser", side_effect=OSError):
            self.assertEqual(resolve_endpoint({}, None, None).user, str(os.getuid()))


class Floods(unittest.TestCase):
    def test_a_flood_of_text_is_refused_before_anything_reads_it(self):
        poster = RelayPoster({})
        post = Post(["lab"], [{"type": "message", "text": "x" * 50_000_000}])
        with mock.patch("jupyterpost.posting.poster.Masker") as masker:
            with self.assertRaisesRegex(PostError, "too large: 47.7 MB of text; attach it as a file"):
                poster.masked(post)
        masker.assert_not_called()


class Ways(unittest.TestCase):
    """Relays that take posts, fail at some, and say what they take."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.env = {"HOME": folder.name, "XDG_STATE_HOME": folder.name, "JUPYTERPOST_TOKEN": "t", "JUPYTERHUB_USER": "ada"}
        self.failing = set()
        self.taken = []

    def relay(self, files):
        """Its address, and what it was asked."""
        test, asked = self, []

        class Handler(StandIn):
            def do_GET(self):
                asked.append(self.path)
                self.answer(200, {"files": files, "fileBytes": 1000, "postBytes": 100000, "textBytes": 1000})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                text = next((word for word in ("bad", "good", "next") if f'"{word}"' in body), "")
                if text in test.failing:
                    self.answer(500, {"detail": f"No {text}", "code": "internal"})
                    return
                test.taken.append(text)
                stored = {"id": text, "target": "lab", "destination": "~lab", "status": "queued", "notices": []}
                self.answer(202, {"posts": [stored]})

        return f"{serving(self, Handler)}/", asked

    def test_limits_are_believed_of_the_relay_that_said_them_whoever_asks(self):
        (one, asked), (other, _) = self.relay(3), self.relay(4)
        self.env["JUPYTERPOST_URL"] = one
        poster = RelayPoster(self.env)
        self.assertEqual(poster.limits().files, 3)
        self.env["JUPYTERHUB_USER"] = "somebody-else"
        self.assertEqual(poster.limits().files, 3)
        self.assertEqual(asked, ["/api/v1/limits"])
        self.env["JUPYTERPOST_URL"] = other
        self.assertEqual(poster.limits().files, 4)

    def test_what_the_relay_fails_at_is_set_aside_once_it_takes_a_new_post(self):
        self.env["JUPYTERPOST_URL"], _ = self.relay(3)
        self.failing = {"bad"}
        poster = RelayPoster(self.env)
        with mock.patch("jupyterpost.posting.client.time.sleep"):
            kept = poster.post(Post(["@me"], [{"type": "message", "text": "bad"}]))
            self.assertTrue(kept.spooled)
            receipt = poster.post(Post(["lab"], [{"type": "message", "text": "good"}]))
            self.assertRegex("\n".join(receipt.notices), "is set aside: the relay at .* says 500 .*: No bad, but it takes other posts")
            self.assertEqual(poster.post(Post(["@me"], [{"type": "message", "text": "next"}])).notices, [])
        self.assertEqual(self.taken, ["good", "next"])


if __name__ == "__main__":
    unittest.main()
