"""Locks between programs."""

import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from jupyterpost.posting.lock import try_lock, wait_lock


class Locks(unittest.TestCase):
    def test_one_holds_it_and_death_gives_it_back(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spool" / ".lock"
            code = f"""
                import time
                from pathlib import Path
                from jupyterpost.posting.lock import try_lock
                release = try_lock(Path({str(path)!r}))
                print(release is not None, flush=True)
                time.sleep(60)
            """
            holder = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
            )
            self.assertEqual(holder.stdout.readline(), "True\n")
            self.assertIsNone(try_lock(path))
            holder.kill()
            holder.communicate()
            release = wait_lock(path, 10)
            self.assertIsNotNone(release)
            release()


if __name__ == "__main__":
    unittest.main()
