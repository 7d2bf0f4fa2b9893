"""Waiting posts: how their files are read and written, which are tried, and what is said about
them. The TypeScript code runs the same cases.
"""

import json
import os
import re
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from jupyterpost.contract import read
from jupyterpost.posting.error import PostError
from jupyterpost.posting.relay_file import runtime_folder, state_folder
from jupyterpost.posting.request import Relay
from jupyterpost.posting.schema import Post, PostFile
from jupyterpost.posting.spool import Spool
from jupyterpost.posting.spool_file import LAYOUT, SpoolEntry, read_spool_file, write_spool_file

from ..fixtures import fixture
from ..stand_in import StandIn, serving

CASES = fixture("spool")
OWNER = (CASES["owner"]["relay"], CASES["owner"]["user"])


def entry_of(case):
    manifest = case["manifest"]
    files = [PostFile(file["name"], file["mimetype"], file["text"].encode()) for file in case["files"]]
    optional = [manifest.get(name) for name in ("thread", "source", "mask")]
    post = Post(manifest["targets"], manifest["blocks"], files, *optional)
    names = ("idempotencyKey", "relay", "user", "spooledAt", "reason")
    return SpoolEntry(*(case[name] for name in names), post)


class SpoolTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spool = Spool(Path(folder.name))
        self.spool.folder.mkdir(mode=0o700)

    def empty(self):
        for path in self.spool.folder.iterdir():
            path.unlink()


class Files(SpoolTest):
    def test_are_read_as_in_typescript(self):
        for case in CASES["files"]:
            with self.subTest(case["name"]):
                path = self.spool.folder / "a.post"
                path.write_bytes(case["content"].encode())
                expected = entry_of(case["read"]) if "read" in case else None
                self.assertEqual(read_spool_file(path), expected)

    def test_are_written_to_the_byte_as_in_typescript(self):
        for case in CASES["written"]:
            with self.subTest(case["name"]):
                write_spool_file(self.spool.folder, "a.post", entry_of(case["entry"]))
                content = (self.spool.folder / "a.post").read_bytes().decode()
                self.assertEqual(content, case["content"])
                self.assertEqual([path.name for path in self.spool.folder.iterdir()], ["a.post"])

    def test_get_names_behind_those_that_are_there(self):
        for case in CASES["names"]:
            with self.subTest(case["existing"]):
                self.empty()
                for name in case["existing"]:
                    (self.spool.folder / name).touch(mode=0o600)
                self.spool.add(Post(["lab"], []), OWNER, "away", "key")
                (name,) = {path.name for path in self.spool.folder.iterdir()} - set(case["existing"])
                self.assertRegex(name, r"^\d{17}-[0-9a-f]{8}\.post$")
                self.assertTrue(name.startswith(case.get("next", "")))


    def test_each_code_of_a_relay_is_in_one_list_that_says_which_posts_it_concerns(self):
        listed = [code for name in ("Posts", "Targets", "All") for code in LAYOUT[f"refusalsOf{name}"]]
        self.assertEqual(sorted(listed), sorted(read("errors")["codes"]))

    def test_halves_of_posts_are_kept_as_long_as_in_typescript(self):
        for case in CASES["parts"]:
            with self.subTest(case["ageMs"]):
                part = self.spool.folder / f".00000000000000000-00000000.post{LAYOUT['part']}"
                then = time.time() - case["ageMs"] / 1000
                part.touch(mode=0o600)
                os.utime(part, (then, then))
                self.spool.add(Post(["lab"], []), OWNER, "away", "key")
                self.assertEqual(part.exists(), case["isKept"])

    def test_what_no_case_shows_has_the_same_values(self):
        self.assertEqual(LAYOUT, {**LAYOUT, **CASES["values"]})


class Folders(unittest.TestCase):
    def test_are_those_of_typescript(self):
        for case in CASES["folders"]:
            with self.subTest(case["env"]):
                for name, folder in (("state", state_folder), ("runtime", runtime_folder)):
                    if name in case:
                        self.assertEqual(folder(case["env"]), Path(case[name]))


class Flushes(SpoolTest):
    def setUp(self):
        super().setUp()
        self.answers, self.tried, self.sent = {}, [], []
        test = self

        class Handler(StandIn):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["Idempotency-Key"]
                # Counted once, though each is tried up to three times.
                if test.tried[-1:] != [key]:
                    test.tried.append(key)
                refusal = test.answers.get(key)
                if refusal is None:
                    test.sent.append(key)
                stored = {"id": key, "target": "@me", "destination": "x", "status": "queued", "notices": []}
                body = json.dumps(refusal or {"posts": [stored]}).encode()
                self.send_response(refusal["status"] if refusal else 202)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        address = serving(self, Handler)
        self.origin = address

    def fill(self, waiting):
        for number, row in enumerate(waiting):
            suffix = LAYOUT["aside"] if row.get("aside") else LAYOUT["waiting"]
            head = {
                "idempotencyKey": row["key"],
                "relay": row.get("relay", OWNER[0]),
                "user": row.get("user", OWNER[1]),
                "spooledAt": int(time.time() * 1000) - row.get("ageMs", 0),
                "reason": "away",
                "manifest": {"targets": [row["target"]], "blocks": [{"type": "message", "text": row["key"]}]},
                "files": [],
            }
            path = self.spool.folder / f"{number:0{LAYOUT['timeDigits']}d}-00000000{suffix}"
            path.write_text(f"{json.dumps(head)}\n", encoding="utf-8")

    def words(self, text):
        return text and re.sub(r" of \S+Z to ", " of TIME to ", text.replace(self.origin, "RELAY"))

    def left(self):
        kept = [(path.suffix, read_spool_file(path)) for path in sorted(self.spool.folder.glob("0*"))]
        return {
            name: [entry.idempotency_key for suffix, entry in kept if suffix == LAYOUT[name]]
            for name in ("waiting", "aside")
        }

    def test_try_and_name_the_posts_that_typescript_tries_and_names(self):
        for case in CASES["flush"]:
            with self.subTest(case["name"]), mock.patch("jupyterpost.posting.client.time.sleep"):
                self.empty()
                self.tried.clear()
                self.sent.clear()
                self.answers = case["answers"]
                self.fill(case["waiting"])
                relay = Relay(f"{self.origin}/", "t")
                if "error" in case:
                    with self.assertRaises(PostError) as refused:
                        self.spool.flush(relay, OWNER, 1)
                    self.assertEqual(refused.exception.code, case["error"])
                else:
                    flushed = self.spool.flush(relay, OWNER, 1, case.get("isWell", False))
                    self.assertEqual([self.words(line) for line in flushed.notices], case["notices"])
                    self.assertEqual(self.words(flushed.away), case.get("away"))
                    self.assertEqual(flushed.is_failing, case.get("isFailing", False))
                self.assertEqual((self.tried, self.sent), (case["tried"], case["sent"]))
                self.assertEqual(self.left(), case["left"])
                self.assertIn(CASES["lock"], [path.name for path in self.spool.folder.iterdir()])
