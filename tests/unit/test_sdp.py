"""The file that tells a player what is in a stream of RTP, as text."""

import pytest

from skyline import encoders, sinks
from skyline.errors import ResourceError, SinkError
from skyline.side_file import write_side_file

LIVE = {"clock": "arrival", "fps": None}


def test_it_names_the_codec_the_clock_and_where_to_listen():
    assert sinks.rtp("127.0.0.1", 5004).sdp().split("\r\n") == [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=Skyline",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        "m=video 5004 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 packetization-mode=1",
        "",
    ]


@pytest.mark.parametrize(
    ("codec", "line"),
    [
        ("h264", "a=rtpmap:96 H264/90000"),
        ("h265", "a=rtpmap:96 H265/90000"),
        ("vp8", "a=rtpmap:96 VP8/90000"),
        ("vp9", "a=rtpmap:96 VP9/90000"),
        ("mjpeg", "a=rtpmap:26 JPEG/90000"),
    ],
)
def test_each_codec_has_its_name_and_number(codec, line):
    assert line in sinks.rtp("127.0.0.1", 5004).sdp(getattr(encoders, codec)()).split("\r\n")


def test_the_number_can_be_another():
    sink = sinks.rtp("127.0.0.1", 5004, payload_type=101)
    assert "m=video 5004 RTP/AVP 101" in sink.sdp()
    payloader = sink.plan(encoders.h264(), **LIVE).chain[-2]
    assert payloader.properties["pt"] == 101


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("::1", "c=IN IP6 ::1"),
        ("239.1.2.3", "c=IN IP4 239.1.2.3/4"),
        ("ff02::1", "c=IN IP6 ff02::1"),
        ("camera.local", "c=IN IP4 camera.local"),
    ],
)
def test_addresses_and_groups_are_written_as_the_standard_says(host, line):
    assert line in sinks.rtp(host, 5004, ttl=4).sdp().split("\r\n")


def test_a_codec_that_rtp_does_not_carry_has_none():
    with pytest.raises(SinkError, match="av1 does not go over RTP"):
        sinks.rtp("127.0.0.1", 5004).sdp(encoders.av1())


def test_it_belongs_to_the_plan_where_a_file_is_wanted(tmp_path):
    assert sinks.rtp("127.0.0.1", 5004).plan(encoders.h264(), **LIVE).side_file is None
    sink = sinks.rtp("127.0.0.1", 5004, sdp=tmp_path / "cam.sdp")
    assert sink.plan(encoders.h265(), **LIVE).side_file == (
        str(tmp_path / "cam.sdp"),
        sink.sdp(encoders.h265()).encode(),
    )
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_replaced_whole(tmp_path):
    path = tmp_path / "cam.sdp"
    for content in (b"one", b"another"):
        write_side_file(str(path), content)
        assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["cam.sdp"]


def test_a_folder_that_is_not_there_is_named_with_the_cause(tmp_path):
    with pytest.raises(ResourceError, match=r"cam\.sdp.*No such file") as caught:
        write_side_file(str(tmp_path / "nowhere" / "cam.sdp"), b"")
    assert caught.value.errno == 2
