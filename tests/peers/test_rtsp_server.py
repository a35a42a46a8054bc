"""What clients of an RTSP server see: every frame, in order, at its time, from their first picture on."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

import skyline
from skyline import RTSPServer, RTSPSkyLine
from tests.peers.rtsp_peers import (
    FPS,
    Camera,
    Peer,
    ffmpeg,
    gaps,
    numbers_seen,
    rtspsrc,
    until,
)
from tests.pipeline.bar_code import numbered_frame, read_number

CLIENTS = {
    "ffmpeg-tcp": lambda url: ffmpeg(url, frames=30),
    "ffmpeg-udp": lambda url: ffmpeg(url, frames=30, transport="udp"),
    "rtspsrc-tcp": lambda url: rtspsrc(url, frames=30),
    "rtspsrc-udp": lambda url: rtspsrc(url, frames=30, protocols="udp"),
    "rtspsrc-multicast": lambda url: rtspsrc(url, frames=30, protocols="udp-mcast"),
}


@pytest.fixture
def server() -> Iterator[RTSPServer]:
    with RTSPServer("0") as running_server:
        yield running_server


def url_of(server: RTSPServer, path: str = "/camera") -> str:
    return f"rtsp://127.0.0.1:{server.port}{path}"


@pytest.mark.parametrize("client", CLIENTS)
def test_every_frame_arrives_in_order(server: RTSPServer, client: str) -> None:
    with Camera(server):
        numbers = numbers_seen(*CLIENTS[client](url_of(server)))
    assert len(numbers) >= 30
    assert gaps(numbers) == []


@pytest.mark.parametrize("codec", ["h264", "h265", "vp8", "vp9", "mjpeg"])
def test_every_codec_with_a_payloader_is_served(server: RTSPServer, codec: str) -> None:
    encoder = getattr(skyline.encoders, codec)()
    with Camera(server, encoder=encoder):
        numbers = numbers_seen(*ffmpeg(url_of(server), frames=20))
    assert gaps(numbers) == []


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_client_that_is_there_at_the_end_sees_the_last_frame(server: RTSPServer, transport: str) -> None:
    camera = Camera(server)
    with camera, Peer(*ffmpeg(url_of(server), transport=transport)) as peer:
        until(lambda: camera.clients == 1)
        until(lambda: len(camera.put_at) > 30)
        camera.end()
        numbers = peer.numbers()
    assert gaps(numbers) == []
    assert numbers[-1] == len(camera.put_at) - 1


def test_opencv_reads_every_frame_at_its_time(server: RTSPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cv2 = pytest.importorskip("cv2")
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
    seen = []
    with Camera(server) as camera:
        capture = cv2.VideoCapture(url_of(server), cv2.CAP_FFMPEG)
        try:
            for _ in range(40):
                is_there, frame = capture.read()
                assert is_there
                seen.append((read_number(frame[..., 1]), capture.get(cv2.CAP_PROP_POS_MSEC)))
        finally:
            capture.release()
    numbers, times_ms = [number for number, _ in seen], np.array([at for _, at in seen])
    assert gaps(numbers) == []
    put_ms = np.array([camera.put_at[number] * 1000 for number in numbers])
    # FFmpeg gives no time to the first picture of any RTSP stream.
    np.testing.assert_allclose((times_ms - times_ms[1])[1:], (put_ms - put_ms[1])[1:], atol=20)


def test_colours_are_those_that_were_put(server: RTSPServer) -> None:
    path = RTSPSkyLine(server, "colours")
    picture = np.zeros((96, 320, 3), np.uint8)
    picture[:, :160] = (200, 60, 30)
    picture[:, 160:] = (40, 90, 220)
    path.start_streaming(FPS, 320, 96)
    stop = threading.Event()

    def put() -> None:
        while not stop.wait(1 / FPS):
            path.put(picture)

    putting = threading.Thread(target=put)
    putting.start()
    try:
        until(lambda: path.outputs[0].state == "live")
        command = [word.replace("gray", "bgr24") for word in ffmpeg(url_of(server, "/colours"), frames=5)]
        with Peer(*command) as peer:
            raw = peer.output()
    finally:
        stop.set()
        putting.join()
        path.stop_streaming()
    seen = np.frombuffer(raw[-picture.nbytes :], np.uint8).reshape(picture.shape)
    error = float(np.mean((seen.astype(float) - picture) ** 2))
    assert 10 * np.log10(255**2 / (error + 1e-9)) > 30


def test_whoever_joins_gets_a_whole_picture_at_once(server: RTSPServer) -> None:
    """Ten joins in the middle of a group of pictures of a minute, beside two who watch."""
    with Camera(server) as camera:
        url = url_of(server)
        with Peer(*ffmpeg(url)) as steady, Peer(*ffmpeg(url, transport="udp")) as other:
            until(lambda: camera.clients == 2)
            for join in range(10):
                began = len(camera.put_at)
                transport = ("tcp", "udp")[join % 2]
                numbers = numbers_seen(*ffmpeg(url, frames=5, transport=transport))
                assert gaps(numbers) == [], f"join {join}"
                assert numbers[0] >= began, "an old picture"
                time.sleep(join * 0.007)
            camera.end()
            for peer in (steady, other):
                numbers = peer.numbers()
                assert gaps(numbers) == []
                assert numbers[-1] == len(camera.put_at) - 1


def test_a_rate_of_one_frame_a_second_is_served_too(server: RTSPServer) -> None:
    with Camera(server, fps=2) as camera:
        time.sleep(0.2)
        numbers = numbers_seen(*ffmpeg(url_of(server), frames=2))
        assert gaps(numbers) == []
        assert numbers[0] >= 1
        assert camera.kinds().count("client_joined") == 1


def test_many_clients_come_and_go(server: RTSPServer) -> None:
    """Fifty, eight at a time; one watches all along and misses nothing."""
    with Camera(server) as camera:
        url = url_of(server)
        with Peer(*rtspsrc(url, frames=10_000)) as steady:
            until(lambda: camera.clients == 1)
            failed: list[object] = []

            def come_and_go(number: int) -> None:
                for n in range(number, 50, 8):
                    try:
                        seen = numbers_seen(*ffmpeg(url, frames=2, transport=("tcp", "udp")[n % 2]))
                        assert gaps(seen) == []
                    except (AssertionError, OSError) as error:
                        failed.append(error)

            crowd = [threading.Thread(target=come_and_go, args=(number,)) for number in range(8)]
            for each in crowd:
                each.start()
            for each in crowd:
                each.join()
            assert not failed
            until(lambda: camera.clients == 1)
            camera.end()
            assert gaps(steady.numbers()) == []
    assert camera.kinds().count("client_joined") == 51
    assert camera.kinds().count("client_left") == 51


def test_nothing_is_left_of_forty_joins(server: RTSPServer) -> None:
    from tests.invariants import descriptors, threads

    with Camera(server) as camera:
        url = url_of(server)
        grown = []
        for join in range(20):
            numbers_seen(*ffmpeg(url, frames=1, transport=("tcp", "udp")[join % 2]))
            until(lambda: camera.clients == 0 and server.clients == 0)
            grown.append((len(threads()), len(descriptors())))
    assert max(fds for _, fds in grown[10:]) <= max(fds for _, fds in grown[:10])
    assert max(n for n, _ in grown[10:]) <= max(n for n, _ in grown[:10]) + 2  # a client's may still be ending


def test_two_streams_and_a_recording_share_a_server_and_an_encode(server: RTSPServer, tmp_path) -> None:
    film = tmp_path / "film.mkv"
    both = skyline.sinks.tee(
        skyline.sinks.rtsp_server(server, "one"), skyline.sinks.rtsp_server(server, "two"), skyline.sinks.file(film)
    )
    stop = threading.Event()
    with skyline.open(both) as sky:

        def put() -> None:
            for number in range(10_000):
                sky.put(numbered_frame(number))
                if stop.wait(1 / FPS):
                    return

        putting = threading.Thread(target=put)
        putting.start()
        until(lambda: [output.state for output in sky.outputs[:2]] == ["live", "live"])
        seen = [numbers_seen(*ffmpeg(url_of(server, path), frames=10)) for path in ("/one", "/two")]
        stop.set()
        putting.join()
    assert [gaps(numbers) for numbers in seen] == [[], []]
