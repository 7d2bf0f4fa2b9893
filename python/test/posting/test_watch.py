"""The watch over programs, in each Python of this machine that the package supports: real programs
with the process beside them, and a server that stands in for a relay.
"""

import json
import os
import signal
import subprocess
import tempfile
import textwrap
import threading
import time
import unittest
from http.server import ThreadingHTTPServer
from pathlib import Path

from ..stand_in import StandIn
from .test_at_exit import LIMITS, PACKAGE, pythons

TOKEN = "t0ken-of-this-test"
STORED = {"id": "p", "target": "lab", "destination": "~lab", "status": "queued", "notices": []}
# Seconds. On a loaded machine a program takes long to start.
PATIENCE = 60


class Relay(StandIn):
    """Keeps each request as ``(method, body)``. ``server.command`` is said to the watch, once."""

    def do_GET(self):
        if self.path.endswith("limits"):
            self.answer(200, LIMITS)
            return
        with self.server.changed:
            self.server.changed.wait_for(lambda: self.server.command, 1)
            said, self.server.command = self.server.command, None
        commands = [] if said is None else [{"seq": next(self.server.numbers), "command": said, "post": "p"}]
        try:
            self.answer(200, {"leaseMs": 180000, "commands": commands})
        except OSError:  # the watch ended meanwhile
            return

    def do_POST(self):
        self.take(202, {"posts": [STORED]})

    def do_PATCH(self):
        self.take(200, STORED)

    def do_PUT(self):
        self.take(200, {"leaseMs": 180000, "commands": []})

    def do_DELETE(self):
        self.note("")
        self.send_response(204)
        self.end_headers()

    def take(self, status, answer):
        self.note(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(status, answer)

    def note(self, body):
        with self.server.changed:
            self.server.taken.append((self.command, self.path, body))
            self.server.changed.notify_all()


def watchers(parent):
    """The watching processes of a program. Only Linux can tell."""
    wanted = str(parent).encode()
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if watched_by(pid) == wanted]


def watched_by(pid):
    """The number of the program that this process watches over, as bytes."""
    try:
        *words, program, _ = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):  # it ended meanwhile
        return None
    return program if any(b"jupyterpost.posting.watch.watcher" in word for word in words) else None


def status(pid):
    """State and parent of a process. One that ended stays a while as a zombie, ``Z``."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "Z", 0
    return state, int(parent)


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)


class Site:
    """A program in one Python, with a relay of its own."""

    def __init__(self, test, python, code):
        self._test = test
        self.relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        self.relay.daemon_threads = True
        self.relay.changed = threading.Condition()
        self.relay.numbers = iter(range(1, 100))
        self.relay.taken, self.relay.command = [], None
        serving = threading.Thread(target=self.relay.serve_forever, args=(0.01,))
        serving.start()
        test.addCleanup(serving.join)
        test.addCleanup(self.relay.server_close)
        test.addCleanup(self.relay.shutdown)
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        own = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_", "PYTHON"))}
        self.program = subprocess.Popen(
            [python, "-c", "from jupyterpost import post\n" + textwrap.dedent(code)],
            env={
                **own,
                "PYTHONPATH": str(PACKAGE),
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_STATE_HOME": folder.name,
                "JUPYTERPOST_URL": f"http://127.0.0.1:{self.relay.server_port}/",
                "JUPYTERPOST_TOKEN": TOKEN,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        test.addCleanup(self.program.communicate)
        test.addCleanup(self.program.kill)

    def say(self, word):
        with self.relay.changed:
            self.relay.command = word
            self.relay.changed.notify_all()

    def asked(self, method, text=""):
        """Waits for a request. Returns its path and body."""
        with self.relay.changed:
            found = self.relay.changed.wait_for(
                lambda: next((one for one in self.relay.taken if one[0] == method and text in one[2]), None), PATIENCE
            )
        self._test.assertTrue(found, f"no {method} with {text!r}: {self.relay.taken}")
        return found[1:]

    def methods(self):
        return [method for method, _, _ in self.relay.taken]

    def bodies(self):
        return " ".join(body for _, _, body in self.relay.taken)


class Watch(unittest.TestCase):
    def in_each_python(self, code):
        """All start at once, because each is watched only after a while."""
        sites = [(version, Site(self, python, code)) for version, python in pythons().items()]
        for version, site in sites:
            with self.subTest(version):
                yield site

    def in_newest_python(self, code):
        return Site(self, max(pythons().items())[1], code)

    def test_a_killed_program_is_told_with_its_progress_and_the_token_is_never_to_be_seen(self):
        code = """
            p = post.progress("lab", "training", total=4)
            p.tick(loss=0.5)
            input()
        """
        for site in self.in_each_python(code):
            site.asked("PUT")
            (watcher,) = watchers(site.program.pid)
            for name in ("cmdline", "environ"):
                self.assertNotIn(TOKEN.encode(), Path(f"/proc/{watcher}/{name}").read_bytes())
            site.program.kill()
            _, form = site.asked("PATCH", "The program was killed after")
            self.assertRegex(form, r"25 % · 1/4.*\*\*failed\*\*.*loss 0.5")
            self.assertEqual(site.methods().count("DELETE"), 1)
            until(lambda: status(watcher)[0] == "Z", "the watching process ends")

    def test_a_program_that_ends_well_ends_its_watch_and_leaves_no_process(self):
        for site in self.in_each_python('p = post.progress("lab", "training")\ninput()\np.done("all")'):
            site.asked("PUT")
            (watcher,) = watchers(site.program.pid)
            output, told = site.program.communicate("\n")
            self.assertEqual((site.program.returncode, output, told), (0, "", ""))
            site.asked("DELETE")
            until(lambda: status(watcher)[0] == "Z", "the watching process ends")
            self.assertNotIn("killed", site.bodies())

    def test_a_short_program_asks_for_no_watch(self):
        for site in self.in_each_python('post.progress("lab", "training").done()'):
            self.assertEqual(site.program.communicate()[1], "")
            self.assertEqual(site.methods(), ["POST", "PATCH"])

    def test_a_progress_that_begins_when_the_main_code_has_ended_works_as_before(self):
        code = """
            import atexit
            atexit.register(lambda: post.progress("lab", "training").done())
        """
        for site in self.in_each_python(code):
            self.assertEqual(site.program.communicate()[1], "")
            self.assertEqual((site.program.returncode, site.methods()), (0, ["POST", "PATCH"]))

    def test_stop_interrupts_a_program_where_it_waits_and_status_is_answered(self):
        code = """
            import time
            p = post.progress("lab", "training", total=4)
            p.tick()
            try:
                time.sleep(600)
            except KeyboardInterrupt:
                p.done("stopped by the chat")
        """
        for site in self.in_each_python(code):
            site.asked("PUT")
            site.say("status")
            _, form = site.asked("POST", '"running"')
            self.assertRegex(form, "training.*25 %")
            site.say("stop")
            site.asked("PATCH", "stopped by the chat")
            self.assertEqual(site.program.wait(PATIENCE), 0)

    def test_a_forked_child_neither_ends_nor_doubles_the_watch(self):
        code = """
            import os, sys
            p = post.progress("lab", "training", total=4)
            if os.fork() == 0:
                p.tick()
                sys.exit()
            os.wait()
            print("waited", flush=True)
            input()
        """
        for site in self.in_each_python(code):
            self.assertEqual(site.program.stdout.readline(), "waited\n")
            site.asked("PUT")
            self.assertEqual(len(watchers(site.program.pid)), 1)
            self.assertNotIn("stopped", site.bodies())
            site.program.kill()
            site.asked("PATCH", "The program was killed after")

    def test_a_program_that_waits_for_all_its_children_does_not_wait_for_the_watch(self):
        code = """
            import os, sys
            p = post.progress("lab", "training", total=4)
            child = os.fork()
            if child == 0:
                os._exit(0)
            ended = []
            while True:
                try:
                    ended.append(os.wait()[0])
                except ChildProcessError:
                    break
            print(ended == [child], flush=True)
            input()
        """
        for site in self.in_each_python(code):
            self.assertEqual(site.program.stdout.readline(), "True\n")
            site.asked("PUT")
            site.program.kill()
            site.asked("PATCH", "The program was killed after")

    def test_a_program_that_is_killed_before_the_watch_has_begun_is_told_even_if_nobody_waits_for_it(self):
        code = """
            import os, signal
            post.progress("lab", "training")
            os.kill(os.getpid(), signal.SIGKILL)
        """
        for site in self.in_each_python(code):
            site.asked("PATCH", "The program was killed after")

    def test_a_watching_process_that_is_killed_is_replaced_and_watches_the_same(self):
        site = self.in_newest_python('p = post.progress("lab", "training")\ninput()')
        path, _ = site.asked("PUT")
        os.kill(watchers(site.program.pid)[0], signal.SIGKILL)
        site.relay.taken.clear()
        self.assertEqual(site.asked("PUT")[0], path)
        site.program.kill()
        site.asked("PATCH", "The program was killed after")

    def test_secrets_are_masked_before_they_leave_the_program(self):
        site = self.in_newest_python(
            """
            import os
            os.environ["DB_PASSWORD"] = "correct-horse-battery"
            p = post.progress("lab", "training")
            p.tick("correct-horse-battery")
            input()
            """
        )
        site.asked("PUT")
        site.program.kill()
        _, form = site.asked("PATCH", "The program was killed after")
        self.assertIn("[masked", form)
        self.assertNotIn("correct-horse", site.bodies())

    def test_the_manifest_says_what_runs_and_where(self):
        site = self.in_newest_python('p = post.progress("lab", "training", thread="runs")\ninput()')
        manifest = json.loads(site.asked("PUT")[1])
        self.assertGreaterEqual(manifest.pop("runningMs"), 2000)
        self.assertEqual(manifest, {"targets": ["lab"], "thread": "runs", "source": {}, "posts": ["p"]})


if __name__ == "__main__":
    unittest.main()
