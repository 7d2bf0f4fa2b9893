"""Which relay a post goes to, how its address is spelled, and which tokens are refused."""

import unittest

from jupyterpost.posting.address import relay_url
from jupyterpost.posting.endpoint import resolve_endpoint
from jupyterpost.posting.error import PostError


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
        with self.assertRaisesRegex(PostError, "a character that no token has") as raised:
            resolve_endpoint({"JUPYTERPOST_URL": "http://hub/", "JUPYTERPOST_TOKEN": "abc\r\nX: y"})
        self.assertNotIn("abc", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
