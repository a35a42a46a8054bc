"""An RTSP server from start to stop: ports, paths, who may be told what, and what the original's users wrote."""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

import skyline
from skyline import ResourceError, RTSPServer, RTSPSkyLine, SinkError
from tests.peers.rtsp_peers import (
    HEIGHT,
    WIDTH,
    Camera,
    Peer,
    ask,
    describe,
    ffmpeg,
    gaps,
    numbers_seen,
    play,
    request,
    status,
    until,
)
from tests.pipeline.bar_code import numbered_frame
from tests.pipeline.children import finish, program, read_until, start

LAUNCH = "videotestsrc is-live=true ! video/x-raw,width=320,height=96 ! x264enc tune=zerolatency ! rtph264pay name=pay0"


@pytest.fixture
def server() -> Iterator[RTSPServer]:
    with RTSPServer("0") as running_server:
        yield running_server


def put_some(sky: skyline.SkyLine, count: int = 3) -> None:
    for number in range(count):
        sky.put(numbered_frame(number, width=WIDTH, height=HEIGHT))


def test_as_the_originals_users_write_it() -> None:
    server = RTSPServer("0")
    sky = RTSPSkyLine(server, "hello")
    assert sky.path == "/hello"
    server.start()
    try:
        assert server.port.isdigit()
        assert server.port != "0"
        assert server.urls() == [f"rtsp://127.0.0.1:{server.port}/hello"]
        assert "running" in repr(server)
        sky.start_streaming(30, WIDTH, HEIGHT)
        assert sky.put(numbered_frame(0, width=WIDTH, height=HEIGHT))
        until(lambda: describe(server, "/hello") == 200)
        sky.stop_streaming()
        assert describe(server, "/hello") == 404
        sky.start_streaming(30, WIDTH, HEIGHT)
        put_some(sky)
        until(lambda: describe(server, "/hello") == 200)
    finally:
        sky.stop_streaming()
        server.stop()


def test_it_starts_stops_and_starts_on_the_same_port(server: RTSPServer) -> None:
    port = server.port
    with Camera(server) as camera, Peer(*ffmpeg(f"rtsp://127.0.0.1:{port}/camera")):
        until(lambda: camera.clients == 1)
        for _ in range(3):
            server.stop()
            assert not server.is_running
            assert server.clients == 0
            with pytest.raises(ConnectionRefusedError):
                ask(port, request("OPTIONS", "*"))
            server.start()
            assert server.port == port
        assert gaps(numbers_seen(*ffmpeg(f"rtsp://127.0.0.1:{port}/camera", frames=5))) == []
        until(lambda: camera.clients == 0)


def test_a_busy_port_says_so(server: RTSPServer) -> None:
    second = RTSPServer(server.port)
    with pytest.raises(ResourceError, match="Address already in use"):
        second.start()
    server.stop()
    second.start()
    second.stop()
    server.start()


def test_of_two_processes_on_one_port_the_second_says_so(server: RTSPServer) -> None:
    child = start(program("skyline.RTSPServer(sys.argv[1]).start()"), server.port)
    ended = finish(child)
    assert ended.returncode == 1
    assert "Address already in use" in ended.stderr


def own_address() -> str | None:
    """An address of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        try:
            elsewhere.connect(("192.0.2.200", 9))  # sends nothing, and knows then from where it would
        except OSError:
            return None
        return str(elsewhere.getsockname()[0])


def test_by_default_only_this_machine_gets_in(server: RTSPServer) -> None:
    own = own_address()
    if own is None:
        pytest.skip("this machine has no other address")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((own, int(server.port)), timeout=2)


def test_launch_text_of_ones_own_comes_and_goes_while_it_runs(server: RTSPServer) -> None:
    assert describe(server, "/test") == 404
    server.add_stream("/test", LAUNCH)
    assert server.streams == {"/test": LAUNCH}
    assert describe(server, "/test") == 200
    with Peer(*ffmpeg(server.urls()[0], frames=3)) as peer:
        assert len(peer.output()) == 3 * 320 * 96
    server.remove_stream("/test")
    assert describe(server, "/test") == 404
    with pytest.raises(KeyError):
        server.remove_stream("/test")


def test_launch_text_that_cannot_work_is_refused_at_once(server: RTSPServer) -> None:
    with pytest.raises(skyline.MissingElementError, match="nosuchelement"):
        server.add_stream("/a", "nosuchelement ! rtph264pay name=pay0")
    with pytest.raises(SinkError, match="pay0"):
        server.add_stream("/a", "videotestsrc ! fakesink")
    with pytest.raises(SinkError, match="path"):
        server.add_stream("a", LAUNCH)
    assert server.streams == {}


def test_one_path_has_one_stream(server: RTSPServer) -> None:
    with Camera(server), pytest.raises(SinkError, match="/camera"):
        Camera(server)
    RTSPSkyLine(server, "a")
    with pytest.raises(SinkError, match="/a"):
        RTSPSkyLine(server, "/a")


def test_who_comes_before_the_first_frame_waits_for_it_and_holds_up_nobody(server: RTSPServer) -> None:
    answers: list[int] = []
    early = [threading.Thread(target=lambda: answers.append(describe(server))) for _ in range(10)]
    with Camera(server, path="/other"), skyline.open(skyline.sinks.rtsp_server(server, "camera"), fps=30) as sky:
        for client in early:
            client.start()
        assert describe(server, "/other") == 200
        assert answers == []
        put_some(sky, 1)
        for client in early:
            client.join(10)
        assert answers == [200] * 10


def test_who_waits_for_a_first_frame_does_not_keep_a_server_from_stopping(server: RTSPServer) -> None:
    answers: list[str] = []
    url = f"rtsp://127.0.0.1:{server.port}/camera"
    client = threading.Thread(target=lambda: answers.append(ask(server.port, request("DESCRIBE", url))))
    with skyline.open(skyline.sinks.rtsp_server(server, "camera"), fps=30):
        client.start()
        until(lambda: server.clients == 1)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
    client.join(10)
    assert len(answers) == 1
    assert "200 OK" not in answers[0]


def test_sixty_clients_in_a_row_are_all_told(server: RTSPServer) -> None:
    with Camera(server):
        assert [describe(server) for _ in range(60)] == [200] * 60


def test_whatever_a_client_asks_behind_the_path_is_one_media(server: RTSPServer) -> None:
    from tests.invariants import threads

    with Camera(server):
        assert describe(server, "/camera?a=0") == 200
        before = len(threads())
        assert [describe(server, f"/camera?a={n}") for n in range(1, 51)] == [200] * 50
        until(lambda: len(threads()) <= before)


def test_clients_come_and_go_in_events(server: RTSPServer) -> None:
    with Camera(server) as camera:
        numbers_seen(*ffmpeg(f"rtsp://127.0.0.1:{server.port}/camera", frames=2))
        until(lambda: "client_left" in camera.kinds())
    joined, left = (next(e for e in camera.events if e.kind == kind) for kind in ("client_joined", "client_left"))
    assert joined.output == left.output == "/camera"
    assert joined.message == left.message
    assert joined.message.startswith("127.0.0.1:")


def test_it_goes_on_beside_a_client_that_vanished(server: RTSPServer) -> None:
    with Camera(server) as camera:
        with Peer(*ffmpeg(f"rtsp://127.0.0.1:{server.port}/camera", transport="udp")) as vanishing:
            until(lambda: camera.clients == 1)
            vanishing.signal(signal.SIGKILL)
        until(lambda: camera.clients == 0)
        assert gaps(numbers_seen(*ffmpeg(f"rtsp://127.0.0.1:{server.port}/camera", frames=5))) == []


def test_a_session_that_is_silent_ends() -> None:
    """Over UDP from a host that is gone: its connection stays open and nothing comes any more."""
    with RTSPServer("0", session_timeout_s=1) as server, Camera(server) as camera:
        url = f"rtsp://127.0.0.1:{server.port}/camera"
        with socket.create_connection(("127.0.0.1", int(server.port)), timeout=10) as connection:
            play(connection, url)
            until(lambda: camera.clients == 1)
            until(lambda: camera.clients == 0)


def test_servers_of_an_address_are_one_and_end_with_their_last_stream() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one, two = f"rtsp://:{port}/one", f"rtsp://127.0.0.1:{port}/two?listen=1"
    with skyline.open(one, fps=30) as first:
        put_some(first)
        with skyline.open(two, fps=30) as second:
            put_some(second)
            for path in ("one", "two"):
                until(
                    lambda path=path: (
                        status(ask(str(port), request("DESCRIBE", f"rtsp://127.0.0.1:{port}/{path}"))) == 200
                    )
                )
        assert status(ask(str(port), request("DESCRIBE", f"rtsp://127.0.0.1:{port}/two"))) == 404
    with pytest.raises(ConnectionRefusedError):
        ask(str(port), request("OPTIONS", "*"))


def test_a_process_that_serves_ends_when_it_is_told_to() -> None:
    child = start(
        program("""
        server = skyline.RTSPServer("0")
        sky = skyline.RTSPSkyLine(server, "camera")
        server.start()
        sky.start_streaming(30, 320, 96)
        for _ in range(5):
            sky.put(np.zeros((96, 320, 3), np.uint8))
        print("port", server.port)
        """)
    )
    assert read_until(child, "port")
    ended = finish(child, 10)
    assert not ended.hung, ended
    assert ended.returncode == 0, ended


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_starting_and_stopping_leaves_nothing() -> None:
    server = RTSPServer("0")
    stops = [threading.Thread(target=server.stop) for _ in range(4)]
    for _ in range(20):
        server.start()
        server.stop()
    server.start()
    for each in stops:
        each.start()
    for each in stops:
        each.join()
    assert not server.is_running


def test_on_demand_nothing_is_encoded_while_nobody_watches(server: RTSPServer) -> None:
    with Camera(server, on_demand=True) as camera:
        url = f"rtsp://127.0.0.1:{server.port}/camera"
        until(lambda: len(camera.put_at) > 10)
        for _ in range(2):
            before, put_before = camera.sky.stats(), len(camera.put_at)
            until(lambda put_before=put_before: len(camera.put_at) > put_before + 20)
            assert camera.sky.stats().frames_encoded - before.frames_encoded <= 1
            assert describe(server) == 200
            at = len(camera.put_at)
            numbers = numbers_seen(*ffmpeg(url, frames=10))
            assert gaps(numbers) == []
            assert numbers[0] >= at
            until(lambda: camera.clients == 0)
