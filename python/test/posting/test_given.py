"""What people give to post() as message, channel and attachment: content if it is clear what is
meant, else one sentence. The values are stand-ins for those of libraries, with their methods.
"""

import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from jupyterpost import PostError
from jupyterpost.posting import disk_file
from jupyterpost.posting.handle import content_of
from jupyterpost.posting.schema import Limits
from jupyterpost.posting.target import targets_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(50))


class Figure:
    def savefig(self, file, format):
        assert format == "png"
        file.write(PNG)


class Artist:
    """Axes, a line or a bar: it belongs to a figure."""

    def __init__(self, figure):
        self.figure = figure


class Array:
    """A numpy array of objects, as ``plt.subplots(2, 2)`` returns."""

    class dtype:
        kind = "O"

    def __init__(self, *values):
        self.flat, self.size = values, len(values)


class Picture:
    """As of PIL."""

    def __init__(self, png):
        self.png = png

    def _repr_png_(self):
        return self.png


class Frame:
    """As of pandas and polars."""

    def _repr_html_(self):
        return "<table><tr><td>1</td></tr></table>"

    def __repr__(self):
        return "   1"


class Series:
    """As of pandas: it shows itself as text."""

    def to_frame(self):
        return Frame()


class Plotly:
    """Without a picture in its bundle; it draws itself if kaleido is installed."""

    def __init__(self, kaleido):
        self.kaleido = kaleido

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"application/vnd.plotly.v1+json": {"data": []}}, {}

    def to_image(self, format):
        if self.kaleido:
            return PNG
        raise ValueError("\nImage export requires the Kaleido package,\nwhich can be installed")


class Chart:
    """As of Altair, whose renderer gives HTML."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": "<script></script>"}

    def to_dict(self):
        return {"$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json", "mark": "line"}


Chart.__module__ = "altair.vegalite.v5.api"


class Broken:
    def _repr_png_(self):
        raise OSError("no display")


class KeysAsAttributes(dict):
    """As people write it: it raises KeyError for what it has not."""

    def __getattr__(self, name):
        return self[name]


class Lazy:
    """As of a framework, whose object cannot be loaded now."""

    def __getattr__(self, name):
        raise OSError("no database")

    def __str__(self):
        return "lazy"


class Remote:
    """A client of a remote service: every name is a method of that service."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.calls.append(name)

    def __str__(self):
        return "remote"


def content(message="x", attachment=None):
    post = content_of(message, attachment, Limits)
    return [block["type"] for block in post.blocks], [file.name for file in post.files]


class Given(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before = os.getcwd()
        os.chdir(folder.name)
        self.addCleanup(os.chdir, before)
        Path("plot.png").write_bytes(PNG)

    def test_what_is_clear_is_taken(self):
        figure, other = Figure(), Figure()
        written = io.BytesIO()
        written.write(PNG)  # and not wound back
        text = (["message", "file"], ["attachment-1.txt"])
        picture = (["message", "image"], ["attachment-1.png"])
        table = (["message", "html"], [])
        for name, attachment, expected in (
            ("a path as text", "plot.png", (["message", "image"], ["plot.png"])),
            ("a file URL", Path("plot.png").resolve().as_uri(), (["message", "image"], ["plot.png"])),
            ("SVG text", "<svg></svg>", (["message", "file"], ["attachment-1.svg"])),
            ("BytesIO", written, picture),
            ("StringIO", io.StringIO("a,b"), text),
            ("axes", Artist(figure), picture),
            ("a line of subfigures", Artist(Artist(figure)), picture),
            ("an array of axes", Array(Artist(figure), Artist(figure)), picture),
            ("a container of bars", (Artist(figure), Artist(figure)), picture),
            ("axes of two figures", [Artist(figure), Artist(other)], (["message", "image", "image"], ["attachment-1.png", "attachment-2.png"])),
            ("a picture", Picture((PNG, {})), picture),
            ("plotly with kaleido", Plotly(True), picture),
            ("altair", Chart(), (["message", "image"], ["attachment-1.vl.json"])),
            ("a frame", Frame(), table),
            ("a column", Series(), table),
            ("None in a list", [None, figure], (["message", "image"], ["attachment-2.png"])),
        ):
            with self.subTest(name):
                self.assertEqual(content(attachment=attachment), expected)
        with open("plot.png", "rb") as file:
            self.assertEqual(content(attachment=file), (["message", "image"], ["plot.png"]))

    def test_a_message_that_is_no_text_is_shown_as_a_notebook_shows_it(self):
        self.assertEqual(content(Frame(), [None, PNG]), (["html", "image"], ["attachment-2.png"]))
        self.assertEqual(content(Figure()), (["image"], ["attachment-1.png"]))
        self.assertEqual(content(None, PNG), (["image"], ["attachment-1.png"]))
        self.assertEqual(content(3), (["message"], []))
        post = content_of({"loss": 0.1, "a*b*": [1]}, None, Limits)
        self.assertEqual(post.blocks, [{"type": "text", "text": "{'a*b*': [1], 'loss': 0.1}", "stream": "result"}])

    def test_everything_else_is_one_sentence(self):
        with open("large.bin", "wb") as large:
            large.truncate(300 << 20)
        for kind, attachment, words in (
            (PostError, "nope.png", "Attachment 1, nope.png, does not exist in .*: expected the path of a file"),
            (PostError, ".", "Attachment 1, ., is a folder: expected the path of a file"),
            (PostError, "a text\nof two lines", "is text of 19 characters: expected the path of a file"),
            (PostError, "https://x.example/a.png", "is an address in the web: put it into the message"),
            (PostError, "/dev/null", "Cannot attach /dev/null: it is a device or a pipe"),
            (PostError, Path("/dev/null"), "Cannot attach /dev/null: it is a device or a pipe"),
            (PostError, "large.bin", "The post is too large: large.bin has more than 256 MB"),
            (PostError, b"", "attachment-1 is empty"),
            (PostError, io.BytesIO(), "attachment-1 is empty"),
            (PostError, Broken(), "of type Broken has no picture, table or formula: OSError: no display"),
            (PostError, Picture(None), "of type Picture has no picture, table or formula"),
            (PostError, Plotly(False), "of type Plotly .*: Image export requires the Kaleido package,$"),
            (TypeError, {"a": 1}, "must be bytes, the path of a file.*not dict: attach its values as a list"),
            (TypeError, (x for x in "a"), "not generator: attach a list"),
            (TypeError, 3, "not int$"),
            (TypeError, Figure, "not type$"),
        ):
            with self.subTest(words), self.assertRaisesRegex(kind, words):
                content(attachment=attachment)
        with self.assertRaisesRegex(PostError, "got bytes: .decode\\(\\) them, or attach them"):
            content(b"text")
        for message in (None, ""):
            with self.assertRaisesRegex(PostError, "Expected a message or an attachment, got neither"):
                content(message)
        with open("plot.png", "ab") as file, self.assertRaisesRegex(PostError, "Attachment 1 cannot be read"):
            content(attachment=file)

    def test_values_that_answer_to_every_name_or_to_none_are_text_and_never_called(self):
        remote, mocked = Remote(), mock.MagicMock()
        for value, block in (
            (remote, {"type": "message", "text": "remote"}),
            (mocked, {"type": "message", "text": str(mocked)}),
            (Lazy(), {"type": "message", "text": "lazy"}),
            (KeysAsAttributes(a=1), {"type": "text", "text": "{'a': 1}", "stream": "result"}),
        ):
            with self.subTest(block["text"]):
                self.assertEqual(content_of(value, None, Limits).blocks, [block])
                with self.assertRaisesRegex(TypeError, f"not {type(value).__name__}"):
                    content(attachment=value)
        self.assertEqual((remote.calls, mocked.method_calls), ([], []))

    def test_a_bundle_may_be_of_any_kind(self):
        for bundle, types in (
            ({1: 2, "text/html": "<b>a</b>"}, ["message", "html"]),
            ({"application/json": {"a": object()}}, ["message", "code"]),
            ({"text/html": 5, "text/latex": "$x$"}, ["message", "latex"]),
        ):
            value = mock.create_autospec(Plotly, instance=True)
            value.to_image = None
            value._repr_mimebundle_ = lambda include=None, exclude=None, bundle=bundle: bundle
            with self.subTest(bundle):
                self.assertEqual(content(attachment=value), (types, []))

    @unittest.skipUnless(hasattr(os, "mkfifo"), "only POSIX has these files")
    def test_a_file_without_an_end_or_of_any_size_is_no_attachment(self):
        os.mkfifo("pipe")
        with open("large", "wb") as file:
            file.truncate(disk_file.MOST + 1)
        for path, words in (
            ("pipe", "Cannot attach pipe: it is a device or a pipe"),
            ("/dev/zero", "Cannot attach /dev/zero: it is a device or a pipe"),
            ("large", "too large: large has more than 256 MB"),
            ("~nobody-of-this-name/a", "Cannot attach ~nobody-of-this-name/a: "),
            ("a" * 400, "does not exist in"),
        ):
            with self.subTest(path):
                with self.assertRaisesRegex(PostError, words):
                    content(attachment=path)
                if not path.startswith(("~", "aa")):
                    with self.assertRaisesRegex(PostError, words):
                        content(attachment=Path(path))
        with open("/dev/zero", "rb") as file, self.assertRaisesRegex(PostError, "attachment 1 has more than 256 MB"):
            content(attachment=file)

    def test_the_channel_is_a_text_or_a_list_of_them(self):
        self.assertEqual(targets_of(["@me", "lab", "@Me,lab"]), ["@me", "lab"])
        self.assertEqual(targets_of(("lab",)), ["lab"])
        for channel, got in ((None, "NoneType"), ([], "list"), (3, "int"), (["lab", None], "a list with NoneType")):
            with self.subTest(got), self.assertRaisesRegex(PostError, f"Expected a channel as text.*got {got}:"):
                targets_of(channel)


if __name__ == "__main__":
    unittest.main()
