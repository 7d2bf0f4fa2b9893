"""What is heard of a cell, in the order in which the notebook shows it."""

import contextlib
import io
import os
import sys
import threading
import time
import types
import unittest
from pathlib import Path
from unittest import mock

from jupyterpost.capture.recording import Recording
from jupyterpost.magics import fd_pipe
from jupyterpost.magics.held import Held
from jupyterpost.magics.messages import bundle_of
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


def heard(run, flush=lambda: None, stdout=None):
    """What a recording has, as (type, text), when ``run`` was called with display hook and tee."""
    hook = DisplayHook(flush)
    publisher = types.SimpleNamespace(publish=print, clear_output=print)
    shell = types.SimpleNamespace(display_pub=publisher, displayhook=hook, _showtraceback=print)
    tee, recording = Tee(shell), Recording(1)
    with contextlib.redirect_stdout(stdout or io.StringIO()):
        tee.recordings.append(recording)
        tee.open_streams()
        run(hook, tee)
        tee.close()
    outputs = recording.outputs().outputs
    return [(one["type"], one.get("text") or one["data"]["text/plain"]) for one in outputs]


class PipedStream(io.StringIO):
    """Has a pipe and a thread that reads it, as ipykernel's streams do. The thread passes text on
    to write() only when it is told to.
    """

    def __init__(self):
        super().__init__()
        self._fid, self.end = os.pipe()
        self.has_read, self.may_go_on = threading.Event(), threading.Event()
        self.watch_fd_thread = threading.Thread(target=self._watch)
        self.watch_fd_thread.start()

    def _watch(self):
        text = os.read(self._fid, 100)
        while text:
            self.has_read.set()
            self.may_go_on.wait()
            self.write(text.decode())
            text = os.read(self._fid, 100)

    def close(self):
        self.may_go_on.set()
        os.close(self.end)
        self.watch_fd_thread.join()
        os.close(self._fid)
        super().close()


class Results(unittest.TestCase):
    def test_stand_where_the_notebook_shows_them(self):
        self.assertEqual(
            heard(lambda hook, _: hook(7), from_the_pipe),
            [("stream", "child\n"), ("execute_result", "7")],
        )

    def test_have_the_names_that_json_gives_them(self):
        def run(hook, _):
            hook.write_format_data({1: "x", "text/plain": "7"}, {})
            hook.finish_displayhook()

        self.assertEqual(bundle_of({1: b"x"}), {"1": "eA=="})
        self.assertEqual(heard(run), [("execute_result", "7")])

    def test_are_each_heard_once(self):
        def run(hook, _):
            hook(7)
            hook.finish_displayhook()
            hook(8)

        self.assertEqual(heard(run), [("execute_result", "7"), ("execute_result", "8")])


@unittest.skipUnless(Path("/proc/self/syscall").exists(), "only Linux says what a thread waits for")
class Drained(unittest.TestCase):
    def test_text_that_was_read_from_the_pipe_and_not_yet_written_is_waited_for(self):
        stream = PipedStream()
        self.addCleanup(stream.close)

        def run(_, tee):
            os.write(stream.end, b"child\n")
            stream.has_read.wait()
            tee.drain()

        # The thread goes on only when drain() has waited a few times.
        waits = iter(range(5))

        def sleep(_seconds):
            if next(waits, None) is None:
                stream.may_go_on.set()

        with mock.patch.object(fd_pipe.time, "sleep", sleep), mock.patch("jupyterpost.magics.tee._DRAIN", 60):
            self.assertEqual(heard(run, stdout=stream), [("stream", "child\n")])


class Streams(unittest.TestCase):
    def test_may_be_missing_or_closed_to_us(self):
        class Slotted:
            __slots__ = ()

            def write(self, text):
                return len(text)

        for stream in (None, Slotted(), object()):
            with self.subTest(stream), mock.patch("sys.stderr", stream):
                self.assertEqual(heard(lambda *_: sys.stdout.write("a")), [("stream", "a")])

    def test_are_heard_after_an_interrupt_in_the_middle_of_a_write(self):
        def run(_, tee):
            # As if the interrupt had come before the release.
            lost = threading.Thread(target=tee._order.acquire)
            lost.start()
            lost.join()
            tee.open_streams()
            with mock.patch("jupyterpost.magics.tee._STUCK", 60):
                sys.stdout.write("a")

        started = time.monotonic()
        self.assertEqual(heard(run), [("stream", "a")])
        self.assertLess(time.monotonic() - started, 30)


class SlowStream(io.StringIO):
    """While it writes ``slow``, another thread writes."""

    def write(self, text):
        written = super().write(text)
        if text == "slow":
            self.other = threading.Thread(target=sys.stdout.write, args=("other",))
            self.other.start()
            self.other.join(0.05)
        return written


class Threads(unittest.TestCase):
    def test_are_heard_in_the_order_in_which_they_wrote(self):
        stream = SlowStream()

        def run(_, _tee):
            sys.stdout.write("slow")
            stream.other.join()

        self.assertEqual(heard(run, stdout=stream), [("stream", stream.getvalue())])
        self.assertEqual(stream.getvalue(), "slowother")


class HeldWhileChildrenWrite(unittest.TestCase):
    def setUp(self):
        self.shown, self.held = [], Held()

    def at(self, seconds):
        return mock.patch("jupyterpost.magics.held.time.time", lambda: seconds)

    def hold(self, seconds, text):
        with self.at(seconds):
            self.held.hold(lambda: self.shown.append(text))

    def test_what_arrives_late_stands_where_it_was_written(self):
        self.hold(1.0, "before")
        self.hold(1.2, "after")
        self.held.pass_by(1.1, lambda: self.shown.append("child"))
        self.held.release()
        self.assertEqual(self.shown, ["before", "child", "after"])

    def test_nothing_is_held_for_long(self):
        self.hold(1.0, "old")
        self.hold(2.5, "young")
        self.assertEqual(self.shown, ["old"])

    def test_a_flood_is_not_kept(self):
        for number in range(100_000):
            self.hold(1.0, number)
        self.assertEqual(self.shown, list(range(100_000 - 200)))


if __name__ == "__main__":
    unittest.main()
