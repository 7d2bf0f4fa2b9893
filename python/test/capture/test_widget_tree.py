"""What a widget shows, read from the values of its traits alone. The real ones are in
``test/python/widgets.test.ts``.
"""

import datetime
import time
import types
import unittest

from jupyterpost.capture.recording import Recording
from jupyterpost.capture.widget_tree import widget_view


def widget(model, **values):
    return types.SimpleNamespace(_trait_values={"_model_name": f"{model}Model", **values})


def shown(root, inside=lambda *_: []):
    view = widget_view(root, inside)
    return [output.get("text") or output["data"] for output in view.outputs], view.has_more


def line(model, **values):
    (data,), _ = shown(widget(model, **values))
    return data["text/plain"]


class Trees(unittest.TestCase):
    def test_a_line_says_label_and_value(self):
        for expected, model, values in [
            ("n: 3", "IntSlider", {"description": "n", "value": 3}),
            ("0.3", "FloatText", {"value": 0.1 + 0.2}),
            ("25 – 75", "IntRangeSlider", {"value": (25, 75)}),
            ("[x] on", "Checkbox", {"description": "on", "value": True}),
            ("two", "Dropdown", {"_options_labels": ("one", "two"), "index": 1, "value": object()}),
            ("a, c", "SelectMultiple", {"_options_labels": ("a", "b", "c"), "index": (0, 2), "value": ()}),
            ("key: ••••", "Password", {"description": "key", "value": "hunter2"}),
            ("[Go]", "Button", {"description": "Go"}),
            ("2026-01-02", "DatePicker", {"value": datetime.date(2026, 1, 2)}),
            ("a.csv", "FileUpload", {"description": "", "value": ({"name": "a.csv", "content": b""},)}),
            ("100% |██████████| 3/3", "IntProgress", {"min": 0, "max": 3, "value": 3}),
            ("100% |██████████| 0/0", "IntProgress", {"min": 0, "max": 0, "value": 0}),
            ("[LeafletMap]", "LeafletMap", {"center": object()}),
            ("x", "ColorPicker", {"value": "x"}),
        ]:
            with self.subTest(model, expected=expected):
                self.assertEqual(line(model, **values), expected)

    def test_html_with_tags_stays_html_and_in_a_row_it_is_text(self):
        html = widget("HTML", value="<b>a &amp; b</b><script>no</script>")
        self.assertEqual(
            shown(html), ([{"text/html": "<b>a &amp; b</b><script>no</script>", "text/plain": "a & b"}], False)
        )
        bar = widget("FloatProgress", min=0.0, max=2.0, value=1.0)
        row = widget("HBox", children=(html, bar, widget("HTML", value="\u20071/2")))
        self.assertEqual(shown(row), ([{"text/plain": "a & b |█████     | 1/2"}], False))

    def test_pictures_and_outputs_stand_between_the_lines(self):
        box = widget(
            "VBox",
            children=(
                widget("Label", value="one"),
                widget("Label", value="two"),
                widget("Image", value=memoryview(b"png"), format="png"),
                widget("Output", comm=types.SimpleNamespace(comm_id="7"), outputs=()),
                widget("Label", value="end"),
            ),
        )
        outputs, has_more = shown(box, lambda name, _: [{"type": "stream", "name": "stdout", "text": name}])
        self.assertEqual(
            outputs, [{"text/plain": "one\ntwo"}, {"image/png": "cG5n"}, "7", {"text/plain": "end"}]
        )
        self.assertFalse(has_more)

    def test_what_is_folded_or_hidden_is_not_shown(self):
        hidden = widget("Label", value="hidden", layout=widget("Layout", display="none"))
        pages = (widget("Label", value="a"), widget("Label", value="b"))
        tab = widget("Tab", children=pages, titles=("A", "B"), selected_index=0)
        old = widget("Accordion", children=pages, _titles={"0": "A"}, selected_index=None)
        self.assertEqual(
            shown(widget("VBox", children=(hidden, tab, old))), ([{"text/plain": "▾ A\na\n▸ B\n▸ A\n▸"}], True)
        )

    def test_a_tree_of_any_size_or_depth_is_read_up_to_a_bound_and_soon(self):
        text = "x" * 100_000
        wide = widget("VBox", children=tuple(widget("Label", value=text) for _ in range(100_000)))
        endless = widget("VBox")
        endless._trait_values["children"] = (endless, endless)
        started = time.process_time()
        self.assertEqual(shown(endless), ([], True))
        (data,), has_more = shown(wide)
        self.assertLess(time.process_time() - started, 5)
        self.assertLess(len(data["text/plain"]), 2_100_000)
        self.assertTrue(has_more)


class TakenByOutputWidgets(unittest.TestCase):
    def kept(self, recording):
        return [(one.get("widget"), one.get("text") or one["data"]["text/plain"]) for one in recording.outputs().outputs]

    def test_a_widget_clears_only_what_it_took(self):
        recording = Recording(1)
        recording.stream("stdout", "cell\n")
        recording.stream("stdout", "old\n", "w")
        recording.display("display_data", {"text/plain": "old"}, {}, None, "w")
        recording.stream("stdout", "cell\n")
        recording.clear(True, "w")
        recording.stream("stdout", "still\n")
        self.assertEqual(len(self.kept(recording)), 4)
        recording.stream("stdout", "new\n", "w")
        self.assertEqual(self.kept(recording), [(None, "cell\n"), (None, "cell\nstill\n"), ("w", "new\n")])
        self.assertEqual(recording.outputs().cleared, {"w"})

    def test_clearing_a_hundred_thousand_times_costs_no_memory_and_no_bound(self):
        recording = Recording(1, text_bound=1000, display_bound=1000)
        started = time.process_time()
        for number in range(100_000):
            recording.clear(True, "w")
            recording.stream("stdout", f"{number}\n", "w")
        self.assertLess(time.process_time() - started, 10)
        self.assertEqual(self.kept(recording), [("w", "99999\n")])


if __name__ == "__main__":
    unittest.main()
