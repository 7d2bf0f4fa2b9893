"""What is heard of a cell, in the order in which the notebook shows it."""

import contextlib
import io
import sys
import threading
import types
import unittest

from jupyterpost.capture.recording import Recording
from jupyterpost.magics.tee import Tee


class DisplayHook:
    """Sends a result when it finishes, as ipykernel does, after it has flushed the streams."""

    def __init__(self, flush):
        self._flush = flush

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        pass

    def finish_displayhook(self):
        self._flush()

    def __call__(self, value):
        self.write_output_prompt()
        self.write_format_data({"text/plain": repr(value)}, {})
        self.finish_displayhook()


def from_the_pipe():
    """Output of a child process comes from another thread, while the result waits for the flush."""
    thread = threading.Thread(target=lambda: sys.stdout.write("child\n"))
    thread.start()
    thread.join()


def heard(run, flush):
    """What a recording has, as (type, text), when ``run`` was called with the display hook."""
    hook = DisplayHook(flush)
    publisher = types.SimpleNamespace(publish=print, clear_output=print)
    shell = types.SimpleNamespace(display_pub=publisher, displayhook=hook, _showtraceback=print)
    tee, recording = Tee(shell), Recording(1)
    with contextlib.redirect_stdout(io.StringIO()):
        tee.recordings.append(recording)
        tee.open_streams()
        run(hook)
        tee.close()
    outputs = recording.outputs().outputs
    return [(one["type"], one.get("text") or one["data"]["text/plain"]) for one in outputs]


class Results(unittest.TestCase):
    def test_stand_where_the_notebook_shows_them(self):
        self.assertEqual(
            heard(lambda hook: hook(7), from_the_pipe),
            [("stream", "child\n"), ("execute_result", "7")],
        )

    def test_are_each_heard_once(self):
        def run(hook):
            hook(7)
            hook.finish_displayhook()
            hook(8)

        self.assertEqual(
            heard(run, lambda: None), [("execute_result", "7"), ("execute_result", "8")]
        )


if __name__ == "__main__":
    unittest.main()
