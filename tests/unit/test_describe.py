"""Launch text: it reads well, it runs, and whatever is in a path stays in the path."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import skyline
from skyline import encoders, sinks
from skyline.elements import Element, Properties, caps_filter, launch_text
from skyline.errors import SinkError

SMALL = {"fps": 10, "width": 64, "height": 48}

needs_gst_launch = pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="no gst-launch-1.0")
needs_ffprobe = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="no ffprobe")

HARD_NAMES = [
    "plain.mkv",
    "a b.mkv",
    "it's & more.mkv",
    'a "quoted" name.mkv',
    '" ! fakesink name="x.mkv',
    "back\\slash.mkv",
    'back\\" ! slash\\\\ x.mkv',
    "ends in\\",
    "100% %05d %s.mkv",
    "ünï漢🎬.mkv",
    "$HOME`id`$(id);&|<>*?[]{}~#.mkv",
    "'single'",
    '"double"',
    "a=b, c;d.mkv",
    "-dash.mkv",
    "tab\tand\nline.mkv",
    " spaces around ",
    "(int)5",
    "true",
]


def run(line):
    return subprocess.run(
        ["sh", "-c", f"gst-launch-1.0 -q {line}"], capture_output=True, text=True, timeout=60, check=False
    )


def probe(path, *entries):
    shown = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-of", "csv=p=0", "-show_entries"]
    ran = subprocess.run([*shown, ":".join(entries), path], capture_output=True, text=True, check=True)
    return ran.stdout.split("\n")[0].strip()


def test_text_of_a_chain_reads_as_one_would_write_it():
    chain = (
        Element("x264enc", {"bitrate": 800, "tune": "zerolatency"}, {"aud": True}, "e"),
        caps_filter("video/x-h264,profile=high"),
        Element("filesink", {"location": b"film.mp4", "sync": False}),
    )
    assert launch_text(chain) == (
        "x264enc name=e aud=true bitrate=800 tune=zerolatency ! video/x-h264,profile=high ! filesink location=film.mp4 sync=false"
    )


def test_caps_are_bare_only_where_the_launch_parser_reads_them_so():
    text = launch_text((Element("a"), caps_filter("x/y"), caps_filter("x/z,f=1"), Element("b")))
    assert text == """a ! x/y ! capsfilter caps='"x/z,f=1"' ! b"""


def test_values_are_frozen_and_compare():
    one = Element("queue", {"leaky": 1})
    assert one == Element("queue", {"leaky": 1})
    assert hash(one) == hash(Element("queue", {"leaky": 1}))
    assert one.properties == Properties({"leaky": 1})
    with pytest.raises(AttributeError):
        one.factory = "tee"  # type: ignore[misc]


@needs_gst_launch
@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_path_survives_the_shell_and_the_launch_parser(name, tmp_path):
    sink = Element("filesink", {"location": os.fsencode(tmp_path / name)}, name='a "name"')
    ran = run(
        launch_text((Element("videotestsrc", {"num-buffers": 1}), caps_filter("video/x-raw,width=16,height=16"), sink))
    )
    assert ran.returncode == 0, ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_that_no_launch_text_can_say_is_refused():
    with pytest.raises(SinkError, match="not UTF-8"):
        skyline.describe(b"/tmp/\xff\xfe.mp4", **SMALL)


@needs_gst_launch
@needs_ffprobe
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "ts", "avi"])
def test_the_line_runs_and_leaves_a_whole_file(suffix, tmp_path):
    path = tmp_path / f"a 'film'.{suffix}"
    ran = run(skyline.describe(path, **SMALL))
    assert ran.returncode == 0, ran.stderr
    codec = "vp8" if suffix == "webm" else "h264"
    assert (
        probe(path, "stream=codec_name,width,height,pix_fmt,nb_read_frames").rstrip(",") == f"{codec},64,48,yuv420p,50"
    )


@needs_gst_launch
@needs_ffprobe
@pytest.mark.parametrize("format", ["BGR", "GRAY8", "GRAY16_LE", "NV12", "I420", "RGBA"])
@pytest.mark.parametrize("codec", ["h265", "vp9", "mjpeg", "ffv1"])
def test_the_line_runs_for_other_codecs_and_formats(codec, format, tmp_path):
    path = tmp_path / "film.mkv"
    ran = run(skyline.describe(path, **SMALL, format=format, encoder=getattr(encoders, codec)()))
    assert ran.returncode == 0, ran.stderr
    assert probe(path, "stream=nb_read_frames") == "50"


@needs_gst_launch
@needs_ffprobe
def test_odd_sizes_become_even(tmp_path):
    path = tmp_path / "film.mp4"
    ran = run(skyline.describe(path, fps=10, width=65, height=47))
    assert ran.returncode == 0, ran.stderr
    assert probe(path, "stream=width,height") == "66,48"


@needs_gst_launch
@needs_ffprobe
def test_of_parts_the_first_is_shown(tmp_path):
    ran = run(skyline.describe(sinks.file(tmp_path / "100% part %03d.mp4", segment_s=2), **SMALL))
    assert ran.returncode == 0, ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["100% part 000.mp4"]
    assert probe(tmp_path / "100% part 000.mp4", "stream=nb_read_frames") == "50"


def test_a_plain_path_reads_plainly():
    text = skyline.describe("film.mp4", fps=29.97, width=1280, height=720)
    assert text.startswith("videotestsrc num-buffers=150 is-live=false ! video/x-raw,format=BGR,width=1280,height=720,")
    assert "framerate=30000/1001 ! videoconvert ! video/x-raw,format=I420,colorimetry=bt709 ! " in text
    assert text.endswith("! filesink location=film.mp4 buffer-mode=unbuffered sync=false async=false")
    assert "'" not in text


def test_without_a_rate_it_is_live():
    assert "is-live=true" in skyline.describe("film.mp4", fps=None, width=64, height=48)


@pytest.mark.parametrize(
    ("uri", "given", "words"),
    [
        ("film.xyz", {}, "expected one of"),
        ("film.webm", {"encoder": encoders.h264()}, "does not go into"),
        ("film.avi", {"fps": None}, "fixed frame rate"),
        ("film.mp4", {"fps": 0}, "fps is 0"),
        ("film.mp4", {"width": -1}, "width is -1"),
        ("film.mp4", {"width": None}, "needed to describe"),
        ("film.mp4", {"format": "BGRX"}, "format is 'BGRX'"),
        ("film.mp4", {"encoder": "h264"}, r"expected a value of skyline\.encoders"),
        ("ftp://x/y", {}, "unknown scheme"),
    ],
)
def test_what_could_not_run_is_not_described(uri, given, words):
    with pytest.raises(SinkError, match=words):
        skyline.describe(uri, **{**SMALL, **given})


def test_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    skyline.describe("film.mp4", **SMALL)
    assert list(Path().iterdir()) == []
