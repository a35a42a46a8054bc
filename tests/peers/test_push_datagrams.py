"""UDP, RTP and SRT: what the peer decoded is what was put, frame by frame."""

import contextlib
import socket
import struct
import time
from pathlib import Path

import pytest

from skyline import encoders, sinks
from tests.peers import gst_sources
from tests.peers.ports import free_udp_port, udp_is_bound, wait_until
from tests.peers.pushing import Pushing, check_frames, check_pictures, check_recording, check_times, numbers_of, push
from tests.peers.receivers import GST_RECEIVER_NEEDS, FfmpegReceiver, GstReceiver
from tests.peers.srt_listener import SrtListener

FRAMES = 40
MORE = 15  # what a decoder may hold back of a stream that does not end

needs_ffmpeg = pytest.mark.needs_program("ffmpeg")
needs_gst = pytest.mark.needs_system_python(*GST_RECEIVER_NEEDS)
needs_srt = pytest.mark.needs_elements("srtsink", "mpegtsmux")


@needs_ffmpeg
def test_udp_reaches_ffmpeg(tmp_path: Path) -> None:
    port = free_udp_port()
    source = f"udp://127.0.0.1:{port}?timeout=2000000"  # it ends when nothing came for so long
    with FfmpegReceiver(source, tmp_path / "ffmpeg", udp_port=port, is_coloured=True) as receiver:
        put_s = push(f"udp://127.0.0.1:{port}", FRAMES)
        receiver.wait(10)
    check_frames(receiver.frames, receiver.pts_s, put_s)


@needs_ffmpeg
@pytest.mark.parametrize("codec", ["h264", "h265", "vp8", "vp9", "mjpeg"])
def test_rtp_and_its_sdp_file_reach_ffmpeg(tmp_path: Path, codec: str) -> None:
    port = free_udp_port()
    encoder = getattr(encoders, codec)(keyframe_s=1)
    sink = sinks.rtp("127.0.0.1", port, sdp=tmp_path / "written.sdp")
    told = tmp_path / "told.sdp"
    told.write_text(sink.sdp(encoder), newline="")
    options = ["-protocol_whitelist", "file,udp,rtp"]
    with (
        FfmpegReceiver(told, tmp_path / "ffmpeg", options=options, udp_port=port, is_coloured=True) as receiver,
        Pushing(sink, encoder=encoder) as pushing,
    ):
        receiver.wait_for(FRAMES)
    assert (tmp_path / "written.sdp").read_bytes() == told.read_bytes()
    # It gives the first frame the time of the second; GStreamer, below, does not.
    check_frames(receiver.frames[:FRAMES], receiver.pts_s[:FRAMES], pushing.put_s[:FRAMES], untimed=1)


def test_times_in_the_packets_of_rtp_are_those_of_the_frames() -> None:
    """Read from the packets, because a receiver smooths what it reads with the moments of arrival."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        put_s = push(sinks.rtp("127.0.0.1", receiver.getsockname()[1]), FRAMES)
        ticks = []
        with contextlib.suppress(BlockingIOError):
            while True:
                kind, timestamp = struct.unpack_from(">xB2xI", receiver.recv(2048))
                assert kind & 0x7F == 96
                if kind & 0x80:  # the marker: the last packet of a frame
                    ticks.append(timestamp)
    passed_s = [((tick - ticks[0]) & 0xFFFFFFFF) / 90_000 for tick in ticks]
    check_times(passed_s, put_s)


@needs_gst
def test_rtp_is_what_receivers_with_fixed_caps_expect(tmp_path: Path) -> None:
    port = free_udp_port()
    with (
        GstReceiver(gst_sources.rtp_h264(port), tmp_path / "gst", is_coloured=True) as receiver,
        Pushing(f"rtp://127.0.0.1:{port}"),
    ):
        receiver.wait_for(FRAMES)
    check_pictures(receiver.frames[:FRAMES], 0, FRAMES)  # its times, without a jitter buffer, are those of arrival


@needs_gst
@pytest.mark.parametrize(("scheme", "source"), [("rtp", gst_sources.rtp_h264), ("udp", gst_sources.mpeg_ts)])
def test_who_tunes_in_late_has_a_whole_picture_soon(tmp_path: Path, scheme: str, source: object) -> None:
    port = free_udp_port()
    assert callable(source)
    with Pushing(f"{scheme}://127.0.0.1:{port}") as pushing:
        pushing.wait_for(60)
        with GstReceiver(source(port), tmp_path / "gst", is_coloured=True) as receiver:
            wait_until(lambda: udp_is_bound(port), 5, "the receiver")
            begun_s = time.monotonic()
            receiver.wait_for(MORE)
    assert receiver.moments[0].arrived_s - begun_s <= 1.2
    numbers = numbers_of(receiver.frames)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@needs_srt
def test_srt_calls_a_listener_and_leaves_it_the_tail(tmp_path: Path, planted_secret: str) -> None:
    with SrtListener(tmp_path / "srt", passphrase=planted_secret) as listener:
        put_s = push(listener.url(passphrase=planted_secret), FRAMES)
        listener.stop()
    [recording] = listener.recordings
    check_recording(recording, put_s)


@needs_srt
@needs_ffmpeg
def test_srt_calls_ffmpeg(tmp_path: Path, planted_secret: str) -> None:
    port = free_udp_port()
    uri = f"srt://127.0.0.1:{port}"
    source = f"{uri}?mode=listener&passphrase={planted_secret}"
    with FfmpegReceiver(source, tmp_path / "ffmpeg", udp_port=port, is_coloured=True) as receiver:
        put_s = push(f"{uri}?passphrase={planted_secret}", FRAMES)
        receiver.wait(10)
    check_frames(receiver.frames, receiver.pts_s, put_s)


@needs_srt
@needs_ffmpeg
def test_srt_listens_for_ffmpeg(tmp_path: Path, planted_secret: str) -> None:
    port = free_udp_port()
    source = f"srt://127.0.0.1:{port}?passphrase={planted_secret}"
    with Pushing(f"srt://:{port}?passphrase={planted_secret}") as pushing:
        wait_until(lambda: udp_is_bound(port), 5, "the listener")
        receiver = FfmpegReceiver(source, tmp_path / "ffmpeg", is_coloured=True)
        with receiver:
            receiver.wait_for(FRAMES)
            pushing.stop()
            receiver.wait(10)
    numbers = numbers_of(receiver.frames)
    assert numbers[0] >= 0
    check_frames(receiver.frames, receiver.pts_s, pushing.put_s, first=numbers[0])
