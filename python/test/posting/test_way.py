"""Which proxy the environment names for an address. The TypeScript clients run the same cases."""

import os
import unittest
from unittest import mock

from jupyterpost.posting.error import RelayAway, sentence
from jupyterpost.posting.way import proxy_for

from ..fixtures import fixture


class Proxies(unittest.TestCase):
    def test_the_proxy_of_an_address(self):
        for case in fixture("proxies")["cases"]:
            with self.subTest(case), mock.patch.dict(os.environ, case["env"], clear=True):
                if "bad" in case:
                    with self.assertRaisesRegex(RelayAway, sentence("badProxy", setting=case["bad"])):
                        proxy_for(case["url"])
                    continue
                proxy = proxy_for(case["url"])
                found = (None, None) if proxy is None else (proxy.origin, proxy.setting)
                self.assertEqual(found, (case.get("proxy"), case.get("setting")))

    def test_a_password_is_not_shown(self):
        with mock.patch.dict(os.environ, {"HTTP_PROXY": "http://ada:s%40cret@p.example"}, clear=True):
            proxy = proxy_for("http://hub.example/")
        self.assertEqual(proxy.headers, {"Proxy-Authorization": "Basic YWRhOnNAY3JldA=="})
        self.assertNotIn("YWRh", repr(proxy))
