"""The post of what a cell showed, and which of its outputs are kept. The TypeScript code runs the
same cases.
"""

import base64
import time
import unittest

from jupyterpost.capture.blocks import capture_cell
from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.capture.recording import Recording
from jupyterpost.posting.schema import LIMITS, Limits

from ..fixtures import fixture


class Golden(unittest.TestCase):
    def test_each_cell_gives_the_post_that_typescript_gives(self):
        for case in fixture("capture"):
            with self.subTest(case["name"]):
                cell = case["cell"]
                outputs = CellOutputs(
                    cell["executionCount"],
                    cell["startedAt"],
                    cell["endedAt"],
                    cell["status"],
                    cell["outputs"],
                    cell["leftOut"],
                )
                html = case["limits"].pop("html", False)
                limits = Limits(*case["limits"].values(), html=html)
                blocks, files = capture_cell(outputs, case["stderr"], limits)
                named = [
                    {
                        "name": file.name,
                        "mimetype": file.mimetype,
                        "base64": base64.b64encode(file.bytes).decode(),
                    }
                    for file in files
                ]
                self.assertEqual({"blocks": blocks, "files": named}, case["post"])


def record(recording, event):
    """Records one event of a case, as often as it says."""
    for number in range(event.get("times", 1)):
        if "stream" in event:
            recording.stream(event["stream"], event["text"].replace("{n}", f"{number:04}"))
        elif "display" in event:
            recording.display("display_data", event["display"], {}, event.get("id"))
        elif "update" in event:
            recording.update(event["id"], event["update"], {})
        else:
            recording.clear(event["clear"] == "before the next")


class Recordings(unittest.TestCase):
    def test_keep_the_outputs_that_they_keep_in_typescript(self):
        for case in fixture("recordings"):
            with self.subTest(case["name"]):
                recording = Recording(1, case["bounds"]["text"], case["bounds"]["displays"])
                for event in case["events"]:
                    record(recording, event)
                if case.get("ended"):
                    recording.end("ok", None)
                kept = recording.outputs()
                outputs = [
                    {name: value for name, value in output.items() if name != "metadata"} for output in kept.outputs
                ]
                self.assertEqual({"outputs": outputs, "leftOut": kept.left_out}, case["kept"])

    def test_a_hundred_thousand_prints_cost_no_copies_of_what_came_before(self):
        recording = Recording(1)
        started = time.process_time()
        for number in range(100_000):
            recording.stream("stdout", f"{number}\n")
        self.assertLess(time.process_time() - started, 5)

    def test_of_100_mb_the_head_and_the_tail_are_kept_in_little_time_and_memory(self):
        recording = Recording(1)
        text = ("x" * 99 + "\n") * 10
        started = time.process_time()
        recording.stream("stdout", "the start\n")
        for _ in range(100_000):
            recording.stream("stdout", text)
        recording.stream("stdout", "the end\n")
        self.assertLess(time.process_time() - started, 10)
        kept = "".join(output["text"] for output in recording.outputs().outputs)
        self.assertTrue(kept.startswith("the start\nx"))
        self.assertTrue(kept.endswith("x\nthe end\n"))
        self.assertLess(len(kept), 3 * LIMITS["capture"]["recordedText"])

    def test_of_30_mb_of_carriage_returns_in_one_write_little_is_read(self):
        started = time.process_time()
        recording = Recording(1)
        recording.stream("stdout", "\r" * 30_000_000)
        recording.stream("stdout", "\n" * 30_000_000 + "\r100%\n")
        self.assertLess(time.process_time() - started, 5)
        kept = "".join(output["text"] for output in recording.outputs().outputs)
        self.assertTrue(kept.endswith("\r100%\n"))


if __name__ == "__main__":
    unittest.main()
