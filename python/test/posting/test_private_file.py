"""Files and folders that nobody else can read or lock, whatever the umask."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from jupyterpost.posting.lock import try_lock
from jupyterpost.posting.schema import Post
from jupyterpost.posting.spool import Spool


class Private(unittest.TestCase):
    def setUp(self):
        self.addCleanup(os.umask, os.umask(0))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def open_to_others(self):
        return [path for path in self.folder.rglob("*") if path.stat().st_mode & 0o077]

    def test_a_post_that_waits_and_its_lock_are_their_owner_s_alone(self):
        state = self.folder / "home" / ".local" / "state" / "jupyterpost"
        spool = Spool(state)
        spool.add(Post(["@me"], []), ("r", "ada"), "away", "key")
        release = try_lock(state / "spool" / ".lock-1")
        self.assertGreaterEqual(len(list(self.folder.rglob("*"))), 7)
        self.assertEqual(self.open_to_others(), [])
        release()

    def test_what_others_could_use_is_mended_and_said(self):
        state = self.folder / "state"
        (state / "spool").mkdir(parents=True)
        lock = state / "spool" / ".lock-1"
        lock.touch(mode=0o644)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            Spool(state).add(Post(["@me"], []), ("r", "ada"), "away", "key")
            try_lock(lock)()
        self.assertEqual(
            said.getvalue().splitlines(),
            [
                f"jupyterpost: {path} could be used by others (mode {mode}): now only its owner can use it"
                for path, mode in ((state, 777), (state / "spool", 777), (lock, 644))
            ],
        )
        self.assertEqual(self.open_to_others(), [])

    def test_a_lock_is_not_lost_to_a_second_look_at_its_file(self):
        lock = self.folder / "a.lock"
        release = try_lock(lock)
        self.assertIsNone(try_lock(lock))
        code = (
            "from pathlib import Path\nfrom jupyterpost.posting.lock import try_lock\n"
            f"assert try_lock(Path({str(lock)!r})) is None"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
        release()


if __name__ == "__main__":
    unittest.main()
