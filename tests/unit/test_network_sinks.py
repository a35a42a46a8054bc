"""The live sinks as values: their elements, what they take, and that nothing secret is ever in what people see."""

import pickle
from typing import get_args

import pytest

from skyline import encoders, sinks
from skyline.elements import launch_text
from skyline.encoder_table import rows
from skyline.encoders import Codec
from skyline.errors import SinkError

LIVE = {"clock": "arrival", "fps": None}
SINKS = {
    "rtsp": sinks.rtsp("rtsp://127.0.0.1/cam"),
    "rtmp": sinks.rtmp("rtmp://127.0.0.1/live/key"),
    "srt": sinks.srt("127.0.0.1", 9000),
    "srt listener": sinks.srt("srt://:9000"),
    "udp": sinks.udp("127.0.0.1", 5000),
    "rtp": sinks.rtp("127.0.0.1", 5000),
    "null": sinks.null(),
}
every_sink = pytest.mark.parametrize("sink", SINKS.values(), ids=SINKS)


def plan(sink, encoder=None):
    return sink.plan(encoder or sink.default_encoder(), **LIVE)


def factories(chain):
    return [element.factory for element in chain]


@every_sink
def test_a_live_sink_never_waits_and_is_bounded(sink):
    made = plan(sink)
    assert not sink.is_file
    assert sink.clock(None, has_rate=True) == "arrival"
    assert not made.owns_zero
    assert not made.waits
    assert 0 < made.max_units <= 300
    assert 0 < made.max_bytes <= 16 * 1024 * 1024
    last = made.chain[-1]
    assert last.factory == "rtspclientsink" or (last.properties["sync"], last.properties["async"]) == (False, False)


def test_who_can_be_called_again_is():
    supervised = {name for name, sink in SINKS.items() if plan(sink).retry is not None}
    assert supervised == {"rtsp", "rtmp", "srt", "srt listener"}


@every_sink
def test_who_tunes_in_late_has_a_picture_soon(sink):
    assert sink.default_encoder().codec == "h264"
    assert sink.default_encoder().keyframe_s <= 2
    if not isinstance(sink, sinks.RtmpSink):
        assert sink.default_encoder().keyframe_s <= 1


@every_sink
def test_values_compare_hash_and_pickle(sink):
    assert pickle.loads(pickle.dumps(sink)) == sink
    assert hash(sink) == hash(pickle.loads(pickle.dumps(sink)))


@every_sink
@pytest.mark.parametrize("codec", get_args(Codec))
def test_a_codec_is_planned_or_refused_by_name(sink, codec):
    encoder = getattr(encoders, codec)()
    if codec in sink.codecs:
        sink.check(encoder)
        assert plan(sink, encoder).chain
    else:
        with pytest.raises(SinkError, match=f"{codec} does not go over .*, which takes h264"):
            sink.check(encoder)
        with pytest.raises(SinkError, match=codec):
            plan(sink, encoder)


def test_the_right_muxer_or_payloader_stands_before_each_sink():
    assert factories(plan(SINKS["udp"]).chain) == ["h264parse", "mpegtsmux", "udpsink"]
    assert factories(plan(SINKS["srt"]).chain) == ["h264parse", "mpegtsmux", "srtsink"]
    assert factories(plan(SINKS["rtmp"]).chain) == ["h264parse", "flvmux", "rtmp2sink"]
    assert factories(plan(SINKS["rtsp"]).chain) == ["h264parse", "rtspclientsink"]
    for codec, payloader in [
        ("h264", "rtph264pay"),
        ("h265", "rtph265pay"),
        ("vp8", "rtpvp8pay"),
        ("vp9", "rtpvp9pay"),
        ("mjpeg", "rtpjpegpay"),
    ]:
        assert factories(plan(SINKS["rtp"], getattr(encoders, codec)()).chain)[-2:] == [payloader, "udpsink"]


def test_transport_streams_are_cut_into_datagrams_that_readers_expect():
    for name in ("udp", "srt", "srt listener"):
        assert plan(SINKS[name]).datagram_bytes == 7 * 188


def test_rtmp_brings_silence_for_its_muxer_unless_told_otherwise():
    made = plan(SINKS["rtmp"])
    assert [element.name for element in made.chain if element.factory == "flvmux"] == ["mux"]
    assert made.silence[0].factory == "audiotestsrc"
    assert made.silence[1].factory == "clocksync"
    assert plan(sinks.rtmp("rtmp://host/live/key", silence=False)).silence == ()


def test_srt_stays_until_the_peer_has_the_tail():
    assert plan(sinks.srt("host", 9000, latency_ms=400)).linger_s >= 0.4
    assert plan(SINKS["udp"]).linger_s == 0


def test_srt_listens_on_the_loopback_unless_told_otherwise():
    assert plan(SINKS["srt listener"]).chain[-1].properties["uri"] == "srt://127.0.0.1:9000?mode=listener"
    assert plan(sinks.srt("0.0.0.0", 9000, mode="listener")).name == "srt://0.0.0.0:9000"


# Secret → the sink that holds it, in every way in which it can be given.
SECRET = "CANARY-0123456789"
WITH_SECRETS = [
    sinks.rtsp(f"rtsp://{SECRET}:{SECRET}@host/cam?token={SECRET}"),
    sinks.rtsp("rtsp://host/cam", user="me", password=SECRET),
    sinks.rtmp(f"rtmp://me:{SECRET}@host/live/{SECRET}?s={SECRET}"),
    sinks.rtmp("rtmp://host/live", stream_key=SECRET),
    sinks.srt("host", 9000, passphrase=SECRET, streamid=SECRET),
]


@pytest.mark.parametrize("sink", WITH_SECRETS, ids=lambda sink: type(sink).__name__)
def test_a_secret_is_only_in_the_elements_that_need_it(sink):
    made = plan(sink)
    assert SECRET in str([dict(element.properties) for element in made.chain])
    shown = launch_text(sink.launch_chain(sink.default_encoder(), **LIVE))
    assert "***" in shown
    for seen in (repr(sink), str(sink), made.name, shown):
        assert SECRET not in seen


def test_names_say_where_and_no_more():
    assert WITH_SECRETS[0].name == "rtsp://host/cam"
    assert WITH_SECRETS[2].name == "rtmp://host/live"
    assert WITH_SECRETS[4].name == "srt://host:9000"
    assert sinks.udp("::1", 5000).name == "udp://[::1]:5000"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sinks.udp("", 5000), "host is no name"),
        (lambda: sinks.udp("a/b", 5000), "host is no name"),
        (lambda: sinks.udp("host", 70_000), "port is 70000"),
        (lambda: sinks.udp("host", True), "port is True"),
        (lambda: sinks.rtp("host", 5000, mtu=20), "mtu is 20"),
        (lambda: sinks.rtp("host", 5000, payload_type=128), "payload_type is 128"),
        (lambda: sinks.srt("host", 5000, passphrase="short"), "10 to 79 bytes"),
        (lambda: sinks.srt("host", 5000, latency_ms=0), "latency_ms is 0"),
        (lambda: sinks.srt("rtmp://host:5000"), "begins with rtmp://, expected srt://"),
        (lambda: sinks.srt("srt://host:5000?mode=caller"), "options of a URI as arguments"),
        (lambda: sinks.rtsp("http://host/cam"), "begins with http://, expected rtsp:// or rtsps://"),
        (lambda: sinks.rtsp("rtsp://host/cam", password="x"), "without a user"),
        (lambda: sinks.rtmp("rtmp:///live/key"), "host is no name"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(make, words):
    with pytest.raises(SinkError, match=words):
        make()


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_live_encoders_make_what_a_stream_can_be_joined_in(codec):
    """Headers with each key frame, no picture that waits for a later one, and what every player plays."""
    for row in rows(codec):
        assert row.after[0].properties["config-interval"] == -1
        assert row.live.get("bframes", 0) == 0
        assert "bframes=0" in str(row.live.get("option-string", "bframes=0"))
        assert row.profiles[0] in ("constrained-baseline", "main")
