"""What a person is told if a post is refused: answers, addresses and sentences. The TypeScript
clients run the same cases.
"""

import errno
import http.client
import json
import socket
import ssl
import unittest

from jupyterpost.contract import read
from jupyterpost.posting.endpoint import resolve_endpoint
from jupyterpost.posting.error import PostError, RelayAway, sentence
from jupyterpost.posting.exchange import Answer, ConnectTimeout
from jupyterpost.posting.request import Relay, no_answer, parse_answer
from jupyterpost.posting.way import Proxy

from ..fixtures import fixture

_CASES = fixture("errors")
_THROWN = {
    "ECONNREFUSED": ConnectionRefusedError(errno.ECONNREFUSED, "no"),
    "ENOTFOUND": socket.gaierror(socket.EAI_NONAME, "no"),
    "CONNECT_TIMEOUT": ConnectTimeout(),
    "ECONNRESET": ConnectionResetError(errno.ECONNRESET, "no"),
    "EAI_AGAIN": socket.gaierror(socket.EAI_AGAIN, "no"),
    "EPROTO": ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    "HPE_INVALID_CONSTANT": http.client.BadStatusLine("SSH-2.0"),
}


def _thrown(case):
    if "status" in case:
        return OSError(f"Tunnel connection failed: {case['status']} No")
    number = next((n for n, code in read("errors")["certificates"].items() if code == case["error"]), None)
    if number is None:
        return _THROWN[case["error"]]
    error = ssl.SSLCertVerificationError(1, "no")
    error.verify_code = int(number)
    return error


def _proxy(setting):
    """Its password is in no sentence."""
    return setting and Proxy("proxy.example", 3128, setting, {"Proxy-Authorization": "Basic secret"})


def _outcome(work):
    try:
        return work()
    except RelayAway as away:
        after = {} if away.retry_after is None else {"retryAfterMs": away.retry_after * 1000}
        return {"message": str(away), **after}
    except PostError as error:
        nearest = {"nearest": error.nearest} if error.nearest else {}
        return {"code": error.code, "message": str(error), **nearest}


class Errors(unittest.TestCase):
    def test_an_answer_means_what_it_means_in_typescript(self):
        for case in _CASES["answers"]:
            answer = Answer(case["status"], case["reason"], case.get("retryAfter"), "", case["body"].encode())
            with self.subTest(f"{case['status']} {case['body']}"):
                self.assertEqual(_outcome(lambda: parse_answer(Relay(case["url"], "t"), answer, _proxy(case.get("proxy")))), case["outcome"])

    def test_each_code_of_a_relay_is_answered_with_its_status_and_title(self):
        answered = {}
        for case in _CASES["answers"]:
            body = json.loads(case["body"]) if case["body"].startswith("{") else {}
            if "code" in body and "title" in body:
                answered[body["code"]] = {"status": case["status"], "title": body["title"]}
        self.assertEqual(answered, read("errors")["codes"])

    def test_why_there_was_no_answer(self):
        for case in _CASES["connections"]:
            with self.subTest(case):
                relay = Relay(case.get("url", "https://hub.example/"), None)
                away = no_answer(relay, _thrown(case), proxy=_proxy(case.get("proxy")))
                self.assertEqual(str(away), case["message"].replace("{trust}", "SSL_CERT_FILE"))

    def test_addresses_and_tokens(self):
        for case in _CASES["endpoints"]:
            with self.subTest(case):
                found = _outcome(lambda: resolve_endpoint(case["env"], case.get("url"), case.get("token")))
                if not isinstance(found, dict):
                    found = {"url": found.url, "token": found.token, "warnings": list(found.warnings)}
                self.assertEqual(found, case.get("endpoint") or case["outcome"])

    def test_each_sentence(self):
        for case in _CASES["sentences"]:
            with self.subTest(case["name"]):
                self.assertEqual(sentence(case["name"], **case["values"]), case["text"])
        self.assertEqual({case["name"] for case in _CASES["sentences"]}, set(read("errors")["sentences"]))
