"""Progress posts: how they look (as in TypeScript), what a step says, when states are written."""

import threading
import unittest

from jupyterpost.posting.error import PostError
from jupyterpost.posting.live_post import LivePost
from jupyterpost.posting.progress import Progress, cell_ended, first_state
from jupyterpost.posting.progress_state import ProgressState, progress_blocks, progress_source, rounded
from jupyterpost.posting.receipt import Receipt
from jupyterpost.posting.schema import Post

from ..fixtures import fixture

STORED = [{"id": "p1", "destination": "~lab", "status": "delivered"}]


class Golden(unittest.TestCase):
    def test_each_state_looks_as_in_typescript(self):
        for case in fixture("progress"):
            with self.subTest(case["name"]):
                given = case["state"]
                error = given.get("error")
                state = ProgressState(
                    given["title"],
                    given.get("total"),
                    given["count"],
                    given["startedAt"],
                    given["line"],
                    given["status"],
                    error and (error["name"], error["message"]),
                )
                self.assertEqual(progress_blocks(state, case["now"]), case["blocks"])
                self.assertEqual(progress_source(state, case["now"]), case["source"])

    def test_numbers_are_written_as_javascript_writes_them(self):
        # Number(x.toPrecision(6)) in Node 24.
        table = {
            0.1: "0.1",
            1 / 3: "0.333333",
            123456.5: "123457",
            1e-7: "1e-7",
            1.5e-9: "1.5e-9",
            0.0000015: "0.0000015",
            1e21: "1e+21",
            123456789.0: "123457000",
            -0.0: "0",
            -2.5: "-2.5",
            float("nan"): "NaN",
            float("-inf"): "-Infinity",
        }
        for number, text in table.items():
            with self.subTest(number):
                self.assertEqual(rounded(number, 6), text)


class FakePoster:
    """Records what a relay was told: (kind, status or text of the state)."""

    def __init__(self, refusal=None):
        self.told = []
        self.refusal = refusal
        self.changed = threading.Event()

    def change(self, post_id, content):
        self.told.append((post_id, content.blocks[1]["text"]))
        self.changed.set()
        if self.refusal is not None:
            raise self.refusal

    def post(self, content):
        self.told.append((content.targets, content.blocks[1]["text"]))
        return Receipt(content.targets, STORED)


def progress_of(poster, receipt=None, every=5.0):
    live = LivePost(poster, ["lab"], "thread", receipt or Receipt(["lab"], STORED), every)
    made = Progress(None, live, first_state("training", 4), dict)
    return made


class AwayOnce(FakePoster):
    """Refuses the first change as a relay that is away does."""

    def change(self, post_id, content):
        if not self.told:
            self.told.append("away")
            raise PostError("relay_away", "no answer")
        super().change(post_id, content)


class LateOutput(unittest.TestCase):
    def test_a_state_is_written_again_once_the_relay_is_back(self):
        poster = AwayOnce()
        live = LivePost(poster, ["lab"], "thread", Receipt(["lab"], STORED), 0.01)
        live.show(lambda: Post(targets=["lab"], blocks=[{}, {"text": "late"}]))
        self.assertTrue(poster.changed.wait(20))
        self.assertEqual(poster.told, ["away", ("p1", "late")])


class Steps(unittest.TestCase):
    def line(self, *args, **values):
        made = progress_of(FakePoster())
        made.tick(*args, **values)
        text = made._state.line
        made.done()
        return text

    def test_a_step_says_a_number_a_text_a_mapping_or_values_by_name(self):
        self.assertEqual(self.line(0.1234567), "0.123457")
        self.assertEqual(self.line("two\nlines"), "two\nlines")
        self.assertEqual(self.line({"loss": 0.5, "n": 1234567}), "loss 0.5 · n 1234567")
        self.assertEqual(self.line("epoch 3", loss=1 / 3, ok=True), "epoch 3 · loss 0.333333 · ok True")
        self.assertEqual(self.line(98765432.6), "98765433")
        self.assertEqual(self.line(), "")

    def test_ticks_never_write_at_once_and_the_end_always_does(self):
        poster = FakePoster()
        made = progress_of(poster)
        for loss in (3, 2, 1):
            made.tick(loss=loss)
        self.assertEqual(poster.told, [])
        made.done()
        self.assertEqual([text.split(" · ")[1] for _, text in poster.told], ["3/4"])
        self.assertIn("**done**", poster.told[0][1])

    def test_the_newest_state_is_written_after_a_while(self):
        poster = FakePoster()
        made = progress_of(poster, every=0.05)
        made.tick()
        made.tick()
        self.assertTrue(poster.changed.wait(10))
        self.assertIn("2/4", poster.told[0][1])
        made.done()

    def test_a_with_statement_ends_it_as_done_failed_or_interrupted(self):
        for raised, status in ((None, "done"), (ValueError("no"), "failed"), (KeyboardInterrupt(), "interrupted")):
            with self.subTest(status):
                poster = FakePoster()
                try:
                    with progress_of(poster):
                        if raised is not None:
                            raise raised
                except (ValueError, KeyboardInterrupt) as error:
                    self.assertIs(error, raised)
                self.assertIn(f"**{status}**", poster.told[-1][1])

    def test_while_the_relay_is_away_the_last_state_is_a_post(self):
        poster = FakePoster(PostError("relay_away", "No answer"))
        progress_of(poster).done()
        self.assertEqual([where for where, _ in poster.told], ["p1", ["lab"]])
        never_stored = FakePoster()
        progress_of(never_stored, Receipt(["lab"], [], "away")).done()
        self.assertEqual([where for where, _ in never_stored.told], [["lab"]])

    def test_a_post_that_was_taken_back_gets_no_last_state(self):
        poster = FakePoster(PostError("unknown_post", "gone"))
        progress_of(poster).done()
        self.assertEqual(len(poster.told), 1)

    def test_one_target_that_is_taken_back_says_nothing_about_the_others(self):
        class Half(FakePoster):
            def change(self, post_id, content):
                self.refusal = PostError("too_late", "deleted") if post_id == "p1" else PostError("relay_away", "No answer")
                super().change(post_id, content)

        poster = Half()
        progress_of(poster, Receipt(["lab", "@me"], [*STORED, {**STORED[0], "id": "p2"}])).done()
        self.assertEqual([where for where, _ in poster.told], ["p1", "p2", ["lab"]])

    def test_a_failed_cell_ends_what_it_told_and_nothing_else(self):
        poster, other = FakePoster(), FakePoster()
        made, kept = progress_of(poster), progress_of(other)
        made._source = {"executionCount": 7}
        cell_ended(6, "failed", None)
        self.assertEqual(poster.told, [])
        cell_ended(7, "failed", ZeroDivisionError("division by zero"))
        self.assertIn("**failed**", poster.told[0][1])
        self.assertEqual(other.told, [])
        kept.done()

    def test_a_cell_that_ends_well_ends_what_it_ticked_and_a_later_tick_goes_on(self):
        for total, steps, shown in ((4, 3, "**ended at 3/4**"), (4, 4, "**done**"), (None, 2, "**done**")):
            with self.subTest(shown):
                poster = FakePoster()
                live = LivePost(poster, ["lab"], "thread", Receipt(["lab"], STORED), 5.0)
                made = Progress(None, live, first_state("training", total), lambda: {"executionCount": 7})
                cell_ended(7, "ok", None)
                self.assertEqual(poster.told, [], "one that was only started stays")
                for _ in range(steps):
                    made.tick()
                cell_ended(7, "ok", None)
                self.assertEqual(len(poster.told), 1)
                self.assertIn(shown, poster.told[0][1])
                self.assertNotIn("left", poster.told[0][1])
                cell_ended(7, "ok", None)
                self.assertEqual(len(poster.told), 1)
                made.tick()
                made.done()
                self.assertIn("**done**", poster.told[1][1])

    def test_what_is_no_progress_is_told(self):
        with self.assertRaisesRegex(PostError, "Expected a channel and a title"):
            first_state("", None)
        for total in (0, -1, float("nan"), "10"):
            with self.subTest(total), self.assertRaisesRegex(PostError, "Expected total to be a number above 0"):
                first_state("x", total)
        made = progress_of(FakePoster())
        with self.assertRaisesRegex(PostError, "Expected the number of steps made"):
            made.update("3")
        made.done()

    def test_many_threads_may_tick(self):
        poster = FakePoster()
        made = progress_of(poster, every=0.001)
        threads = [threading.Thread(target=lambda: [made.tick(n) for n in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.done()
        self.assertIn("800/4", poster.told[-1][1])


class Content(unittest.TestCase):
    def test_a_change_names_no_targets(self):
        self.assertEqual(Post([], [{"type": "message", "text": "x"}]).manifest(), {"blocks": [{"type": "message", "text": "x"}]})


if __name__ == "__main__":
    unittest.main()
