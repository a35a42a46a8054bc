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
        ("ftp://camera/x", "unknown scheme 'ftp', supported: file, "),
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


@pytest.mark.parametrize(
    ("uri", "sink"),
    [
        ("udp://127.0.0.1:5000", sinks.udp("127.0.0.1", 5000)),
        ("UDP://127.0.0.1:5000/", sinks.udp("127.0.0.1", 5000)),
        ("udp://239.1.2.3:5000?ttl=4&iface=eth0", sinks.udp("239.1.2.3", 5000, ttl=4, iface="eth0")),
        ("udp://[::1]:5000", sinks.udp("::1", 5000)),
        ("rtp://camera.local:5004?sdp=/tmp/a%20b.sdp", sinks.rtp("camera.local", 5004, sdp="/tmp/a b.sdp")),
        ("rtp://[ff02::1]:5004?mtu=1200&payload_type=97", sinks.rtp("ff02::1", 5004, mtu=1200, payload_type=97)),
        ("srt://host:9000", sinks.srt("host", 9000)),
        ("srt://:9000", sinks.srt("127.0.0.1", 9000, mode="listener")),
        ("srt://0.0.0.0:9000?mode=listener", sinks.srt("0.0.0.0", 9000, mode="listener")),
        ("srt://[::1]:9000?latency_ms=120", sinks.srt("srt://[::1]:9000", latency_ms=120)),
        ("srt://host:9?passphrase=a+b%20c%26d-0123", sinks.srt("host", 9, passphrase="a+b c&d-0123")),
        ("srt://host:9?streamid=#!::r=cam,m=publish", sinks.srt("host", 9, streamid="#!::r=cam,m=publish")),
        ("rtsp://host/cam", sinks.rtsp("rtsp://host/cam")),
        ("rtsp://me:p%40ss@host:8554/a/b?protocols=udp", sinks.rtsp("rtsp://host:8554/a/b", user="me", password="p@ss", protocols="udp")),
        ("rtsps://[::1]/cam?insecure=true", sinks.rtsp("rtsps://[::1]/cam", insecure=True)),
        ("rtsp://host/cam?user=me&password=x", sinks.rtsp("rtsp://me:x@host/cam")),
        ("rtmp://host/live/key", sinks.rtmp("rtmp://host/live", stream_key="key")),
        ("rtmp://host/live/key?silence=no", sinks.rtmp("rtmp://host/live/key", silence=False)),
        ("rtmps://host:443/rtmp/FB-1?s_bl=1&silence=0&a=b", sinks.rtmp("rtmps://host:443/rtmp/FB-1?s_bl=1&a=b", silence=False)),
        ("null://", sinks.null()),
    ],
)  # fmt: skip
def test_a_uri_is_the_function_with_its_options(uri, sink):
    assert sink_of(uri) == sink


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("udp://host", "udp needs a host and a port: udp://192"),
        ("rtp://:5000", "rtp needs a host and a port"),
        ("udp://host:0", "no port from 1 to 65535"),
        ("udp://host:5000/path", "udp has no path"),
        ("udp://me@host:5000", "udp knows no user"),
        ("udp://host:5000?tll=4", "unknown option 'tll' for udp, accepted: ttl, iface"),
        ("udp://host:5000?ttl=many", "option ttl is 'many', expected a whole number"),
        ("udp://host:5000?ttl=300", "ttl is 300, expected a whole number from 1 to 255"),
        ("udp://::1:5000", "IPv6 address stands in brackets|no port"),
        ("srt://host", "srt needs a port: srt://host:port"),
        ("srt://host:9000?mode=rendezvous", "mode is 'rendezvous', expected one of 'caller', 'listener'"),
        ("srt://host:9000?latency=120", "unknown option 'latency' for srt, accepted: mode, passphrase, latency_ms"),
        ("rtsp://host", "rtsp needs a path on the server"),
        ("rtsp://host/cam?token=x", "unknown option 'token' for rtsp, accepted: user, password, protocols, insecure"),
        ("rtsp://host/cam?protocols=http", "protocols is 'http', expected one of 'tcp', 'udp'"),
        ("rtmp://host/live", "rtmp needs an application and a stream key: rtmp://host/application/key"),
        ("rtmp://host/live/key?silence=perhaps", "option silence is 'perhaps', expected true or false"),
        ("null://host", "null names nothing"),
        ("udp://a b:5000", "white space"),
    ],
)
def test_what_a_scheme_needs_is_said(uri, words):
    with pytest.raises(SinkError, match=words):
        sink_of(uri)


# Each is wrong in some way, and holds a secret.
@pytest.mark.parametrize(
    "uri",
    [
        "rtsp://me:CANARY@host",
        "rtsp://me:CANARY/half@host/cam",
        "rtsp://me:CANARY#half@host/cam",
        "rtsp://me:CANARY@[::1/cam",
        "rtsp://host/cam?token=CANARY",
        "rtmp://host/CANARY",
        "rtmp://host:none/live/CANARY",
        "rtmp://host/live/CANARY?silence=maybe",
        "srt://host?passphrase=CANARY",
        "srt://host:9?passphrase=CANARY",
        "srt://host:9?streamid=" + 100 * "CANARY",
        "srt://host:9?secret=CANARY",
        "udp://me:CANARY@host:5000",
        "ftp://me:CANARY@host",
    ],
)
def test_no_error_repeats_a_secret(uri):
    with pytest.raises(SinkError) as caught:
        sink_of(uri)
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "CANARY" not in told


# What stands after the scheme, where it is not a path.
REST = {
    "file": "/tmp/film.mp4",
    "rtsp": "host/cam",
    "rtsps": "host/cam",
    "rtmp": "host/live/key",
    "rtmps": "host/live/key",
    "srt": "host:9000",
    "udp": "host:5000",
    "rtp": "host:5000",
    "display": "",
    "v4l2": "/dev/video9",
    "null": "",
}


def test_every_scheme_is_a_row_that_makes_a_sink():
    for scheme, make in SCHEMES.items():
        assert isinstance(make(f"{scheme}://{REST.get(scheme, '/tmp/place')}"), sinks.Sink)
