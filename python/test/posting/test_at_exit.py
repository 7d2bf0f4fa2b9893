"""Posts of a program that is about to end: from ``atexit``, and from a thread that goes on after
the main code has ended. Real programs, in each Python of this machine that the package supports.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from http.server import ThreadingHTTPServer
from pathlib import Path

from ..stand_in import StandIn

PACKAGE = Path(__file__).resolve().parents[2]
LIMITS = {"files": 3, "fileBytes": 1000, "postBytes": 100000, "textBytes": 1000}


def pythons():
    """Version -> program."""
    found = {sys.version_info[:2]: sys.executable}
    for minor in range(9, 20):
        name = f"python3.{minor}"
        built = (Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/{name}")
        program = next(map(str, built), None) or shutil.which(name)
        if program is not None and runs(program):
            found.setdefault((3, minor), program)
    return found


def runs(program):
    """A shim of a version manager is there also for versions that it was not told to use."""
    return subprocess.run([program, "-c", ""], capture_output=True).returncode == 0


class Relay(StandIn):
    """Takes every post and change, and keeps their forms in ``server.taken``."""

    def do_GET(self):
        self.answer(200, LIMITS)

    def do_POST(self):
        self.take(202, lambda stored: {"posts": [stored]})

    def do_PATCH(self):
        self.take(200, lambda stored: stored)

    def take(self, status, answer):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.taken.append(form)
        self.answer(status, answer({"id": "p", "target": "lab", "destination": "~lab", "status": "queued", "notices": []}))


class AtExit(unittest.TestCase):
    def setUp(self):
        self.relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        serving = threading.Thread(target=self.relay.serve_forever, args=(0.01,))
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(self.relay.server_close)
        self.addCleanup(self.relay.shutdown)

    def run_program(self, python, code):
        """What it wrote to standard error, and the files of its spool."""
        with tempfile.TemporaryDirectory() as folder:
            own = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_", "PYTHON"))}
            environment = {
                **own,
                "PYTHONPATH": str(PACKAGE),
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_STATE_HOME": folder,
                "JUPYTERPOST_URL": f"http://127.0.0.1:{self.relay.server_port}/",
                "JUPYTERPOST_TOKEN": "t",
            }
            self.relay.taken = []
            done = subprocess.run(
                [python, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, timeout=60
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stderr, [path.name for path in Path(folder).rglob("*-*")]

    def in_each_python(self, code, *texts):
        for version, python in pythons().items():
            with self.subTest(version):
                self.assertEqual(self.run_program(python, code), ("", []))
                self.assertEqual(len(self.relay.taken), len(texts), self.relay.taken)
                for form, text in zip(self.relay.taken, texts):
                    self.assertIn(text, form)

    def test_posts(self):
        self.in_each_python(
            """
            import atexit
            from jupyterpost import post
            atexit.register(lambda: post("the end", "lab"))
            """,
            "the end",
        )

    def test_posts_with_a_package_that_is_imported_then(self):
        self.in_each_python(
            """
            import atexit
            def end():
                from jupyterpost import post
                post("the end", "lab")
            atexit.register(end)
            """,
            "the end",
        )

    def test_a_thread_posts_and_ticks_after_the_main_code_ended(self):
        self.in_each_python(
            """
            import threading
            from jupyterpost import post
            progress = post.progress("lab", "training", total=5)
            def work():
                threading.main_thread().join()
                post("from a thread", "lab")
                for _ in range(3):
                    progress.tick()
            threading.Thread(target=work).start()
            """,
            "0/5",
            "from a thread",
            "3/5 ",
        )
        self.assertIn("**stopped**", self.relay.taken[-1])

    def test_a_progress_that_nobody_ended_gets_its_end(self):
        self.in_each_python(
            """
            from jupyterpost import post
            post.progress("lab", "training", total=5)
            """,
            "0/5",
            "**stopped**",
        )

    def test_a_relay_that_is_away_gets_it_later(self):
        self.relay.shutdown()
        self.relay.server_close()
        told, kept = self.run_program(
            max(pythons().items())[1],
            """
            import atexit
            from jupyterpost import post
            atexit.register(lambda: post("the end", "lab"))
            """,
        )
        self.assertRegex(told, "Not posted yet: the relay at .* refuses connections: .* It is kept")
        self.assertEqual(len(kept), 1, kept)



if __name__ == "__main__":
    unittest.main()
