"""What a cell showed -> its post: the same cells and posts that the TypeScript capture is held to (test/python)."""

import base64
import json
import time
import unittest
from pathlib import Path

from jupyterpost.capture.blocks import capture_cell
from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.capture.recording import Recording
from jupyterpost.posting.schema import Limits

CELLS = Path(__file__).resolve().parents[3] / "test" / "python" / "fixtures" / "captured-cells.json"


class Golden(unittest.TestCase):
    def test_each_cell_gives_the_post_that_typescript_gives(self):
        for case in json.loads(CELLS.read_text(encoding="utf-8")):
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


class Recordings(unittest.TestCase):
    def recording(self, **bounds):
        return Recording(1, **bounds)

    def texts(self, recording):
        return [output.get("text") or output.get("data") for output in recording.outputs().outputs]

    def test_an_update_changes_every_display_of_its_id_in_its_place(self):
        recording = self.recording()
        recording.display("display_data", {"text/plain": "1"}, {}, "a")
        recording.stream("stdout", "x")
        recording.display("display_data", {"text/plain": "1"}, {}, "a")
        recording.update("a", {"text/plain": "2"}, {})
        recording.update("other", {"text/plain": "3"}, {})
        self.assertEqual(self.texts(recording), [{"text/plain": "2"}, "x", {"text/plain": "2"}])

    def test_clear_output_clears_at_once_or_before_the_next_output(self):
        recording = self.recording()
        recording.stream("stdout", "a")
        recording.clear(wait=True)
        self.assertEqual(self.texts(recording), ["a"])
        recording.stream("stdout", "b")
        self.assertEqual(self.texts(recording), ["b"])
        recording.clear(wait=False)
        self.assertEqual(self.texts(recording), [])

    def test_of_a_flood_the_first_and_the_last_half_stay_and_the_rest_is_named(self):
        recording = self.recording(text_bound=2048)
        for number in range(1000):
            recording.stream("stdout", f"{number:04}\n")
        recording.end("ok", None)
        outputs = recording.outputs()
        text = "".join(output["text"] for output in outputs.outputs)
        self.assertTrue(text.startswith("0000\n0001\n") and text.endswith("0998\n0999\n"))
        gap = "\n… 3 KB left out …\n"
        self.assertIn(gap, text)
        self.assertEqual(len(text.replace(gap, "")), 2048)
        self.assertEqual(outputs.left_out, ["3 KB from the middle of the text"])

    def test_a_hundred_thousand_prints_cost_no_copies_of_what_came_before(self):
        recording = self.recording()
        started = time.process_time()
        for number in range(100_000):
            recording.stream("stdout", f"{number}\n")
        self.assertLess(time.process_time() - started, 5)

    def test_displays_over_the_bound_are_named(self):
        recording = self.recording(display_bound=10)
        recording.display("display_data", {"image/png": "x" * 20}, {}, None)
        self.assertEqual(recording.outputs().left_out, ["image/png of 20 bytes: the cell showed too much"])


if __name__ == "__main__":
    unittest.main()
