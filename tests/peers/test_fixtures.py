"""The peers themselves, with senders that are none of ours: what they say of us is worth what they say of GStreamer."""

import contextlib
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.peers import gst_sources
from tests.peers.nginx_rtmp import NginxRtmp
from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_tcp_port, free_udp_port, tcp_listens, wait_until
from tests.peers.receivers import GST_RECEIVER_NEEDS, FfmpegReceiver, GstReceiver
from tests.peers.rtsp_record import RTSP_RECORD_NEEDS, RtspRecord
from tests.peers.slow_link import SlowTcpLink, SlowUdpLink, Weather
from tests.peers.srt_listener import SrtListener
from tests.peers.xvfb import Xvfb
from tests.pipeline.bar_code import numbered_frame, numbered_frames, numbers_in, read_number
from tests.programs import program

FRAMES, FPS = 30, 30
WIDTH, HEIGHT = 320, 96


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbered frames as an H.264 transport stream, made by ffmpeg, three key frames a second."""
    path = tmp_path_factory.mktemp("film") / "film.ts"
    raw = b"".join(frame.tobytes() for frame in numbered_frames(FRAMES, width=WIDTH, height=HEIGHT))
    command = [program("ffmpeg"), "-v", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}"]
    command += ["-r", str(FPS), "-i", "-", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"]
    command += ["-pix_fmt", "yuv420p", "-g", str(FPS // 3), "-f", "mpegts", str(path)]
    subprocess.run(command, input=raw, check=True, timeout=60)
    return path


def sender(film: Path, folder: Path, *output: str) -> PeerProcess:
    """Ffmpeg sends the film at its own pace."""
    command = [program("ffmpeg"), "-nostdin", "-v", "warning", "-re", "-i", str(film), "-c", "copy", *output]
    return PeerProcess(command, folder / "sender.log")


@pytest.mark.needs_program("nginx", "ffmpeg")
def test_nginx_records_each_publish_also_after_a_kill(film: Path, tmp_path: Path) -> None:
    with NginxRtmp(tmp_path / "nginx") as nginx:
        for life in (1, 2):
            with sender(film, tmp_path, "-f", "flv", nginx.url()) as publisher:
                assert publisher.wait(20) == 0, publisher.said
            assert len(nginx.recordings) == life
            nginx.restart()
        assert [numbers_in(path) for path in nginx.recordings] == [list(range(FRAMES))] * 2


@pytest.mark.needs_program("nginx", "ffmpeg")
def test_nginx_refuses_a_wrong_key(film: Path, tmp_path: Path) -> None:
    with NginxRtmp(tmp_path / "nginx", stream_key="right") as nginx:
        with sender(film, tmp_path, "-f", "flv", nginx.url("wrong")) as publisher:
            assert publisher.wait(20) != 0
        assert nginx.recordings == []
        with sender(film, tmp_path, "-f", "flv", nginx.url("right")) as publisher:
            assert publisher.wait(20) == 0, publisher.said
        assert len(nginx.recordings) == 1


@pytest.mark.needs_program("srt-live-transmit", "ffmpeg")
def test_srt_listener_records_with_the_right_passphrase_only(film: Path, tmp_path: Path) -> None:
    with SrtListener(tmp_path / "srt", passphrase="long-enough-to-be-one") as listener:
        with sender(film, tmp_path, "-f", "mpegts", listener.url(passphrase="another-of-that-length")) as caller:
            assert caller.wait(20) != 0
        assert listener.recordings == []
        url = listener.url(passphrase="long-enough-to-be-one", pkt_size=1316, linger=1)
        with sender(film, tmp_path, "-f", "mpegts", url) as caller:
            assert caller.wait(20) == 0, caller.said
        [recording] = listener.recordings
        wait_until(lambda: len(numbers_in(recording)) >= FRAMES // 2, 5, "frames in the recording")
        numbers = numbers_in(recording)
    # A sender that leaves at once loses its tail; what came is in order.
    assert numbers == list(range(len(numbers)))


@pytest.mark.needs_program("ffmpeg")
@pytest.mark.needs_system_python(*RTSP_RECORD_NEEDS)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsp_server_records_each_session(film: Path, tmp_path: Path, transport: str) -> None:
    with RtspRecord(tmp_path / "rtsp") as server:
        with sender(film, tmp_path, "-rtsp_transport", transport, "-f", "rtsp", server.url) as publisher:
            assert publisher.wait(20) == 0, publisher.said
        [recording] = server.recordings
        numbers = numbers_in(recording)
    assert numbers == list(range(FRAMES))[: len(numbers)]
    assert len(numbers) >= FRAMES - 2  # its tail may be on its way when the sender tears down


@pytest.mark.needs_program("ffmpeg")
@pytest.mark.needs_system_python(*RTSP_RECORD_NEEDS)
def test_rtsp_server_asks_for_a_password(film: Path, tmp_path: Path) -> None:
    with RtspRecord(tmp_path / "rtsp", users={"me": "mine"}) as server:
        for url in (server.url, server.url_as("me", "yours")):
            with sender(film, tmp_path, "-f", "rtsp", url) as publisher:
                assert publisher.wait(20) != 0
                assert "401" in publisher.said
        assert server.recordings == []
        with sender(film, tmp_path, "-f", "rtsp", server.url_as("me", "mine")) as publisher:
            assert publisher.wait(20) == 0, publisher.said
        assert len(server.recordings) == 1


@pytest.mark.needs_program("ffmpeg")
@pytest.mark.needs_system_python(*GST_RECEIVER_NEEDS)
def test_gstreamer_receives_rtp_and_says_when(film: Path, tmp_path: Path) -> None:
    port = free_udp_port()
    with GstReceiver(gst_sources.rtp(port, "H264"), tmp_path / "receiver") as receiver:
        began_s = time.monotonic()
        with sender(film, tmp_path, "-f", "rtp", f"rtp://127.0.0.1:{port}") as source:
            assert source.wait(20) == 0, source.said
        receiver.wait_for(FRAMES - 1)
        receiver.finish()
        numbers = receiver.numbers
        assert numbers == list(range(len(numbers)))
        assert began_s < receiver.moments[0].arrived_s < receiver.moments[-1].arrived_s < time.monotonic()
        assert np.all(np.diff(receiver.pts_s) >= 0)  # at the end, newer releases give the last time twice


@pytest.mark.needs_program("ffmpeg")
def test_ffmpeg_receives_mpeg_ts_in_colour(film: Path, tmp_path: Path) -> None:
    port = free_udp_port()
    with FfmpegReceiver(
        f"udp://127.0.0.1:{port}", tmp_path / "receiver", options=["-f", "mpegts"], udp_port=port, is_coloured=True
    ) as receiver:
        with sender(film, tmp_path, "-f", "mpegts", f"udp://127.0.0.1:{port}?pkt_size=1316") as source:
            assert source.wait(20) == 0, source.said
        receiver.wait_for(FRAMES - 5)
        receiver.finish()
        numbers = receiver.numbers
        assert numbers == list(range(len(numbers)))
        assert receiver.frames.shape[1:] == (HEIGHT, WIDTH, 3)
        assert np.diff(receiver.pts_s) == pytest.approx(1 / FPS, abs=0.001)


@pytest.mark.needs_program("gst-launch-1.0")
def test_frozen_peer_stays_and_a_killed_one_goes(tmp_path: Path) -> None:
    port = free_tcp_port()
    command = [program("gst-launch-1.0"), "-q", "tcpserversrc", "host=127.0.0.1", f"port={port}", "!", "fakesink"]
    with PeerProcess(command, tmp_path / "peer.log", is_ready=lambda: tcp_listens(port)) as peer:
        peer.freeze()
        assert tcp_listens(port)
        peer.thaw()
        first = peer.pid
        peer.restart()
        assert peer.pid != first
        assert tcp_listens(port)
        peer.kill()
        assert not tcp_listens(port)


def test_peer_that_cannot_start_fails_at_once_with_its_own_words(tmp_path: Path) -> None:
    peer = PeerProcess(["ls", "/no/such/folder"], tmp_path / "peer.log", is_ready=lambda: False)
    with pytest.raises(AssertionError, match="/no/such/folder"):
        peer.start()


@pytest.mark.needs_program("gst-launch-1.0", "Xvfb")
@pytest.mark.needs_elements("ximagesink")
def test_screen_shows_a_window(tmp_path: Path) -> None:
    frame = numbered_frame(5, width=WIDTH, height=HEIGHT)
    (tmp_path / "frame.bgr").write_bytes(frame.tobytes())
    with Xvfb(tmp_path / "screen", width=WIDTH, height=HEIGHT) as screen:
        shown = f"filesrc location={tmp_path}/frame.bgr blocksize={frame.nbytes} ! rawvideoparse format=bgr "
        shown += f"width={WIDTH} height={HEIGHT} ! imagefreeze ! videoconvert ! ximagesink"
        command = [program("gst-launch-1.0"), "-q", *shown.split()]
        with PeerProcess(command, tmp_path / "window.log", env={"DISPLAY": screen.display}) as window:
            wait_until(lambda: read_number(screen.screenshot()[..., 1]) == 5, 10, f"the frame: {window.said}")
            assert np.abs(screen.screenshot().astype(int) - frame).max() <= 3


def test_link_passes_everything_at_its_rate_and_nothing_while_it_stalls() -> None:
    data = np.arange(1 << 16, dtype=np.uint32).tobytes()
    with socket.create_server(("127.0.0.1", 0)) as peer, SlowTcpLink(peer.getsockname()[1]) as link:
        with socket.create_connection(("127.0.0.1", link.port)) as sender, peer.accept()[0] as accepted:
            accepted.settimeout(5)
            link.weather = Weather(bytes_per_s=len(data))
            began_s = time.monotonic()
            sender.sendall(data)
            sender.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: accepted.recv(1 << 16), b""))
            assert received == data
            assert time.monotonic() - began_s > 0.8
        with socket.create_connection(("127.0.0.1", link.port)) as sender, peer.accept()[0] as accepted:
            link.stall()
            sender.setblocking(False)
            with pytest.raises(BlockingIOError):
                while True:
                    sender.send(bytes(1 << 16))
            link.cut()
            accepted.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                while accepted.recv(1 << 16):
                    pass
        assert link.connections == 2


def test_link_loses_the_same_datagrams_each_time() -> None:
    assert losses(seed=7) == losses(seed=7)
    assert 20 < len(losses(seed=7)) < 80


def losses(seed: int) -> set[int]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as us,
    ):
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(0.3)
        with SlowUdpLink(peer.getsockname()[1], Weather(loss=0.5), seed=seed) as link:
            for number in range(100):
                us.sendto(bytes([number]), ("127.0.0.1", link.port))
            came = set()
            with contextlib.suppress(TimeoutError):
                while True:
                    came.add(peer.recv(16)[0])
    return set(range(100)) - came
