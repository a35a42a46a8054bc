"""The mount of an RTSP server as a value, and the URI of one that listens."""

import pytest

from skyline import encoders, sinks
from skyline.errors import SinkError
from skyline.sinks.rtsp_server import MountPlan, ServerAddress
from skyline.uri import sink_of


def plan_of(sink, encoder=None):
    return sink.plan(encoder or sink.default_encoder(), clock="arrival", fps=None)


def test_a_mount_is_a_path_and_a_payloader():
    plan = plan_of(sinks.rtsp_server(8554, "camera", on_demand=True))
    assert isinstance(plan, MountPlan)
    assert (plan.name, plan.path, plan.on_demand) == ("/camera", "/camera", True)
    assert plan.server == ServerAddress("8554", "127.0.0.1")
    (payloader,) = plan.chain
    assert (payloader.factory, payloader.name) == ("rtph264pay", "pay0")


@pytest.mark.parametrize("codec", ["h264", "h265", "vp8", "vp9", "av1", "mjpeg"])
def test_every_codec_of_rtp_has_a_payloader_named_pay0(codec):
    sink = sinks.rtsp_server("0", "/a/b")
    (payloader,) = plan_of(sink, getattr(encoders, codec)()).chain
    assert payloader.factory.startswith("rtp")
    assert payloader.name == "pay0"


def test_a_codec_that_rtp_does_not_carry_is_refused():
    with pytest.raises(SinkError, match="ffv1 cannot be sent by RTP"):
        sinks.rtsp_server(8554, "camera").check(encoders.ffv1())


@pytest.mark.parametrize("path", ["", "/", "a b", "a?b", "/a//b", "a/", "a#b", "ä", "a\0b", "a\nb", "%2e"])
def test_a_path_is_plain(path):
    with pytest.raises(SinkError, match="expected letters, digits"):
        sinks.rtsp_server(8554, path)


@pytest.mark.parametrize("server", [None, 3.5, object(), b"8554"])
def test_a_server_is_a_server_or_a_port(server):
    with pytest.raises(SinkError, match=r"expected a skyline\.RTSPServer or a port"):
        sinks.rtsp_server(server, "camera")


@pytest.mark.parametrize("port", ["", "-1", "65536", "rtsp", 70000, True])
def test_a_port_is_a_number(port):
    with pytest.raises(SinkError, match="from 0 to 65535"):
        sinks.rtsp_server(port, "camera")


@pytest.mark.parametrize(
    ("uri", "sink"),
    [
        ("rtsp://:8554/camera", sinks.rtsp_server(8554, "/camera")),
        ("rtsp:///camera", sinks.rtsp_server(8554, "/camera")),
        ("rtsp://:9000/a/b?on_demand=1", sinks.rtsp_server(9000, "/a/b", on_demand=True)),
        ("rtsp://0.0.0.0:9000/a?listen=1", sinks.rtsp_server(ServerAddress("9000", "0.0.0.0"), "/a")),
        (
            "rtsp://[::1]:9000/a?on_demand=1&listen=1",
            sinks.rtsp_server(ServerAddress("9000", "::1"), "/a", on_demand=True),
        ),
    ],
)
def test_a_uri_that_listens_is_a_mount(uri, sink):
    assert sink_of(uri) == sink


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("rtsp://anna:planted-password@:8554/camera", "neither users nor TLS"),
        ("rtsps://:8554/camera", "neither users nor TLS"),
        ("rtsp://:8554/", "path is"),
        ("rtsp://:8554/camera?latency=1", "unknown option 'latency'"),
        ("rtsp://:99999/camera", "no port"),
    ],
)
def test_a_uri_that_cannot_listen_says_why(uri, words):
    with pytest.raises(SinkError, match=words) as caught:
        sink_of(uri)
    assert "planted" not in str(caught.value)
