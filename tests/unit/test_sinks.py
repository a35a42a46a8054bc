"""The file sink as a value, and the output it becomes."""

import os
import pickle
from pathlib import Path

import pytest

from skyline import encoders, sinks
from skyline.errors import SinkError

RATE = (30, 1)


def plan(sink, **given):
    return sink.plan(sink.default_encoder(), **{"clock": "fixed", "fps": RATE, **given})


@pytest.mark.parametrize("path", ["film.mp4", Path("film.mp4"), b"film.mp4", "FILM.MP4", "./a.b/film.mp4"])
def test_any_kind_of_path_is_taken(path):
    assert plan(sinks.file(path)).location == os.fsencode(path)


@pytest.mark.parametrize(
    "name", ["a b.mp4", "a'b&.mp4", 'a"b!.mp4', "100%.mp4", "%05d.mp4", "%s%n.mp4", "ü漢.mp4", "a\\b.mp4", "-x.mp4"]
)
def test_a_path_is_only_a_path(name):
    found = plan(sinks.file(f"/tmp/{name}"))
    assert found.location == os.fsencode(f"/tmp/{name}")
    assert found.part_names is None
    assert found.name == name
    assert all(os.fsencode(str(value)) != found.location for one in found.chain for value in one.properties.values())


def test_a_path_need_not_be_unicode():
    assert plan(sinks.file(b"/tmp/\xff\xfe.mp4")).location == b"/tmp/\xff\xfe.mp4"


@pytest.mark.parametrize("path", ["", "film", "film.txt", "film.mp4/", b"a\0b.mp4", ".mp4"])
def test_what_is_no_name_of_a_film_is_refused(path):
    with pytest.raises(SinkError):
        sinks.file(path)


def test_values_compare_hash_and_pickle():
    one = sinks.file("a-%d.mp4", segment_s=2)
    assert one == sinks.file("a-%d.mp4", segment_s=2)
    assert hash(one) == hash(sinks.file("a-%d.mp4", segment_s=2))
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("cam-%05d.mp4", (b"cam-", 5, b".mp4")),
        ("%d.ts", (b"", 1, b".ts")),
        ("/a/100%/x%03dy%z.mkv", (b"/a/100%/x", 3, b"y%z.mkv")),
    ],
)
def test_parts_are_numbered_where_the_path_says(path, names):
    found = plan(sinks.file(path, segment_s=1.5, segment_bytes=1000))
    assert found.part_names == names
    assert found.location == b""
    assert (found.part_ns, found.part_bytes) == (1_500_000_000, 1000)


@pytest.mark.parametrize("path", ["cam.mp4", "%d-%d.mp4", "%5d.mp4", "%x.mp4", "cam-%05i.mp4"])
def test_parts_need_exactly_one_number(path):
    with pytest.raises(SinkError, match="exactly one number such as %05d"):
        sinks.file(path, segment_s=2)


@pytest.mark.parametrize(
    "wrong", [{"segment_s": 0}, {"segment_s": -2}, {"segment_bytes": 0}, {"segment_s": float("nan")}]
)
def test_lengths_that_are_none_are_refused(wrong):
    with pytest.raises(SinkError, match="segment_"):
        sinks.file("cam-%05d.mp4", **wrong)


def test_the_file_is_written_at_once_and_never_waits_for_a_clock():
    last = plan(sinks.file("film.mkv")).chain[-1]
    assert last.factory == "filesink"
    assert last.properties["buffer-mode"] == "unbuffered"
    assert last.properties["sync"] is False
    assert last.properties["async"] is False


def test_an_offline_file_is_waited_for_and_a_live_one_is_bounded():
    offline, live = plan(sinks.file("film.mp4")), plan(sinks.file("film.mp4"), clock="arrival", fps=None)
    assert offline.waits
    assert not live.waits
    assert live.max_bytes > 0
    assert live.owns_zero


def test_clock_is_fixed_for_a_file_with_a_rate():
    sink = sinks.file("film.mp4")
    assert sink.clock(None, has_rate=True) == "fixed"
    assert sink.clock(None, has_rate=False) == "arrival"
    assert sink.clock("arrival", has_rate=True) == "arrival"


def test_a_wrong_codec_is_refused():
    with pytest.raises(SinkError, match=r"h264 does not go into \.webm"):
        sinks.file("film.webm").check(encoders.h264())


def test_avi_needs_the_fixed_clock():
    assert plan(sinks.file("film.avi"))
    for given in ({"clock": "arrival"}, {"clock": "arrival", "fps": None}):
        with pytest.raises(SinkError, match="fixed frame rate"):
            plan(sinks.file("film.avi"), **given)
