"""Paths, URIs and sinks: one table."""

from pathlib import Path

import pytest

from skyline import sinks
from skyline.errors import SinkError
from skyline.uri import SCHEMES, sink_of


@pytest.mark.parametrize(
    "path",
    [
        "film.mp4",
        "a:b.mp4",
        "C:film.mp4",
        "C:\\films\\a.mp4",
        "c:/films/a.mp4",
        "a%20b.mp4",
        "1://x.mp4",
        "x?y=1#z.mp4",
    ],
)
def test_what_has_no_scheme_is_a_path_as_it_is(path):
    assert sink_of(path) == sinks.file(path)


@pytest.mark.parametrize("path", [Path("rtsp:/x.mp4"), b"rtsp://x.mp4"])
def test_what_is_no_text_is_always_a_path(path):
    assert sink_of(path) == sinks.file(path)


def test_a_sink_is_itself():
    sink = sinks.file("film.mp4")
    assert sink_of(sink) is sink


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("file:///tmp/film.mp4", b"/tmp/film.mp4"),
        ("file:///tmp/a%20b%25.mp4", b"/tmp/a b%.mp4"),
        ("file://localhost/tmp/%FF.mp4", b"/tmp/\xff.mp4"),
        ("file:///tmp/a%3Fb%23c.mp4", b"/tmp/a?b#c.mp4"),
    ],
)
def test_a_file_uri_is_decoded(uri, location):
    assert sink_of(uri) == sinks.file(location)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("rtsp://camera/x", "unknown scheme 'rtsp', supported: file"),
        ("http+x://a.mp4", r"unknown scheme 'http\+x'"),
        ("file://host/a.mp4", "three slashes"),
        ("file:///a.mp4?b=c", "%3F"),
        ("file:///a", "no suffix"),
        (5, "sink is a int"),
        (None, "sink is a NoneType"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(uri, words):
    with pytest.raises(SinkError, match=words):
        sink_of(uri)


def test_every_scheme_makes_a_sink():
    for scheme, make in SCHEMES.items():
        host = "camera" if scheme == "rtsps" else ""  # a server of a URI has no certificate
        assert isinstance(make(f"{scheme}://{host}/tmp/film.mp4"), sinks.Sink)
