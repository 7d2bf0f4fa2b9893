"""``post.ask()``: what it refuses, what it returns, and how it waits."""

import unittest
from datetime import timedelta

from jupyterpost import PostError
from jupyterpost import post as send
from jupyterpost.posting.asking import ask_and_wait, manifest_of, seconds_of
from jupyterpost.posting.receipt import Receipt
from jupyterpost.posting.schema import Post


class FakePoster:
    """Gives its answers one after the other; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.withdrawn = []

    def masked(self, post):
        return post, []

    def post(self, post):
        self.sent = post.manifest()
        return Receipt(post.targets, [{"id": "p1", "destination": "ada", "status": "queued"}], None, [])

    def answer(self, post_id, wait):
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def withdraw(self, post_id):
        self.withdrawn.append(post_id)


def ask(way, choices=(), timeout="2h", otherwise=None, grace=60.0):
    question = Post(["@me"], [{"type": "message", "text": "Continue?"}])
    question.ask = manifest_of(choices, timeout, otherwise)
    return ask_and_wait(way, question, lambda receipt: None, grace)


class Asking(unittest.TestCase):
    def test_times(self):
        for timeout, seconds in (("90s", 90), ("1.5h", 5400), ("30d", 2592000), (60, 60), (timedelta(hours=2), 7200)):
            with self.subTest(timeout):
                self.assertEqual(seconds_of(timeout), seconds)
        for timeout in ("2 hours", "31d", 0.5, None, True, float("nan")):
            with self.subTest(timeout), self.assertRaisesRegex(PostError, "Expected timeout to be a time from 1s to 30d"):
                seconds_of(timeout)

    def test_mistakes_are_told_before_anything_is_sent(self):
        for code, args, options in (
            ("bad_target", ("@me,lab", "Continue?"), {}),
            ("bad_request", ("@me", "  "), {}),
            ("bad_request", ("@me", "Continue?", "yes"), {}),
            ("bad_request", ("@me", "Continue?", ["yes", 1]), {}),
            ("bad_request", ("@me", "Continue?", ["yes", "Yes "]), {}),
            ("bad_request", ("@me", "Continue?"), {"otherwise": 1}),
        ):
            with self.subTest(args), self.assertRaises(PostError) as raised:
                send.ask(*args, **options)
            self.assertEqual(raised.exception.code, code)

    def test_the_answer_is_a_choice_or_a_text(self):
        way = FakePoster({"state": "answered", "answer": "no"})
        self.assertEqual(ask(way, ["yes", "no"]), "no")
        self.assertEqual(way.sent["ask"], {"choices": ["yes", "no"], "timeoutMs": 7200000})
        self.assertEqual(ask(FakePoster({"state": "answered", "answer": "0.1"})), "0.1")

    def test_ends_without_an_answer(self):
        self.assertEqual(ask(FakePoster({"state": "expired"}), otherwise="no"), "no")
        for end, code in (
            ({"state": "expired"}, "no_answer"),
            ({"state": "withdrawn"}, "withdrawn"),
            ({"state": "failed", "error": "archived"}, "dead"),
            ({"state": "answered", "answer": "maybe"}, "wrong_url"),
        ):
            with self.subTest(code), self.assertRaises(PostError) as raised:
                ask(FakePoster(end), ["yes", "no"])
            self.assertEqual(raised.exception.code, code)

    def test_a_relay_that_is_away_meanwhile_is_waited_for_and_past_the_time_given_up(self):
        away = PostError("relay_away", "No answer: refuses connections")
        self.assertEqual(ask(FakePoster(away, {"state": "answered", "answer": "yes"}), ["yes"]), "yes")
        with self.assertRaisesRegex(PostError, "not known whether there is one.*refuses connections"):
            ask(FakePoster(*[away] * 9), timeout="1s", grace=0.1)

    def test_an_interrupt_takes_the_question_back(self):
        way = FakePoster(KeyboardInterrupt())
        with self.assertRaises(KeyboardInterrupt):
            ask(way)
        self.assertEqual(way.withdrawn, ["p1"])


if __name__ == "__main__":
    unittest.main()
