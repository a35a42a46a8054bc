"""HLS, ring and callback as values, and what they become."""

import os
import pickle
from pathlib import Path

import pytest

from skyline import encoders, sinks
from skyline.errors import SinkError
from skyline.uri import sink_of


def plan(sink, encoder=None, **given):
    return sink.plan(encoder or sink.default_encoder(), **{"clock": "arrival", "fps": None, **given})


@pytest.mark.parametrize(
    ("path", "playlist"),
    [
        ("/srv/live", b"/srv/live/index.m3u8"),
        ("/srv/live/", b"/srv/live/index.m3u8"),
        ("live", b"live/index.m3u8"),
        (Path("a/cam.m3u8"), b"a/cam.m3u8"),
        ("CAM.M3U8", b"CAM.M3U8"),
        (b"/srv/\xff", b"/srv/\xff/index.m3u8"),
        ("/", b"/index.m3u8"),
    ],
)
def test_a_folder_or_a_playlist_is_named(path, playlist):
    found = plan(sinks.hls(path))
    assert found.playlist == (playlist, 6, 7)
    assert found.part_names == (playlist[:-5] + b"-", 5, b".ts")


def test_what_hls_becomes():
    live = plan(sinks.hls("live", segment_s=1.5, playlist_length=3, keep_extra=0))
    assert live.part_ns == 1_500_000_000
    assert live.playlist == (b"live/index.m3u8", 3, 0)
    assert not live.owns_zero
    assert not live.waits
    assert live.max_bytes > 0
    assert [element.factory for element in live.chain] == ["h264parse", "mpegtsmux", "filesink"]
    assert plan(sinks.hls("live"), clock="fixed", fps=(30, 1)).waits
    assert plan(sinks.hls("live"), encoders.h265()).chain[0].factory == "h265parse"
    assert sinks.hls("/srv/live/cam.m3u8").name == "live/cam.m3u8"


@pytest.mark.parametrize(
    ("uri", "sink"),
    [
        ("hls:///srv/live", sinks.hls(b"/srv/live")),
        ("hls://live", sinks.hls(b"live")),
        ("hls:///srv/a%20b/cam.m3u8?segment_s=1&playlist_length=0", sinks.hls(b"/srv/a b/cam.m3u8", segment_s=1.0, playlist_length=0)),
        ("hls:///srv/live?keep_extra=20", sinks.hls(b"/srv/live", keep_extra=20)),
        ("/srv/cam.m3u8", sinks.hls("/srv/cam.m3u8")),
        ("/srv/live/", sinks.hls("/srv/live/")),
    ],
)  # fmt: skip
def test_hls_from_a_uri_and_from_a_path(uri, sink):
    assert sink_of(uri) == sink


@pytest.mark.parametrize(
    "uri", ["hls://", "hls:///a#b", "hls:///a?segment_s=0", "hls:///a?segment_s=x", "hls:///a?rate=3", "hls:///a/.m3u8"]
)
def test_a_wrong_hls_uri_is_refused(uri):
    with pytest.raises(SinkError):
        sink_of(uri)


@pytest.mark.parametrize(
    "wrong",
    [{"segment_s": -1}, {"segment_s": "2"}, {"playlist_length": -1}, {"playlist_length": 2.5}, {"keep_extra": True}],
)
def test_lengths_that_are_none_are_refused(wrong):
    with pytest.raises(SinkError, match=next(iter(wrong))):
        sinks.hls("live", **wrong)


def test_hls_takes_what_players_play():
    with pytest.raises(SinkError, match="vp8 does not go into HLS"):
        sinks.hls("live").check(encoders.vp8())


def test_a_ring_and_a_callback_take_any_codec_and_are_live():
    for sink in (sinks.ring(5), sinks.callback(print)):
        sink.check(encoders.vp9())
        assert not sink.is_file
        assert sink.clock(None, has_rate=True) == "arrival"
    assert plan(sinks.ring(2.5, max_bytes=1000)).least_ns == 2_500_000_000
    found = plan(sinks.callback(print), encoders.vp9(), clock="fixed")
    assert (found.name, found.codec, found.waits) == ("callback print", "vp9", True)


def test_values_compare_hash_and_pickle():
    for make in (lambda: sinks.hls("live", segment_s=1), lambda: sinks.ring(3), lambda: sinks.callback(os.getpid)):
        assert make() == make()
        assert hash(make()) == hash(make())
        assert pickle.loads(pickle.dumps(make())) == make()
