"""Who gets in to an RTSP server, and what those can do who mean no good: nothing to the others."""

import contextlib
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import RTSPServer, SinkError
from tests.peers.rtsp_peers import (
    Camera,
    Peer,
    ask,
    describe,
    exchange,
    ffmpeg,
    gaps,
    numbers_of,
    numbers_seen,
    request,
    status,
    until,
)
from tests.pipeline.bar_code import numbered_frame


@pytest.fixture
def server() -> Iterator[RTSPServer]:
    with RTSPServer("0") as running_server:
        yield running_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    with RTSPServer("0", tls=(certificate, key)) as server:
        greet(server, certificate)  # GLib's first TLS connection leaves a descriptor of its own behind
    return certificate, key


def greet(server: RTSPServer, certificate: Path) -> int:
    """The status of a DESCRIBE of someone who knows the certificate."""
    trusting = ssl.create_default_context(cafile=str(certificate))
    with (
        socket.create_connection(("127.0.0.1", int(server.port)), timeout=5) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return status(exchange(connection, request("DESCRIBE", f"rtsps://localhost:{server.port}/camera")))


def test_only_users_get_in(planted_secret: str) -> None:
    with RTSPServer("0", users={"anna": planted_secret}) as server, Camera(server) as camera:
        at = f"127.0.0.1:{server.port}/camera"
        for method, path in (("DESCRIBE", "/camera"), ("SETUP", "/camera/stream=0")):
            url = f"rtsp://127.0.0.1:{server.port}{path}"
            answer = ask(server.port, request(method, url, Transport="RTP/AVP/TCP;interleaved=0-1"))
            assert status(answer) == 401, answer
            assert "Digest" in answer
            assert "Basic" not in answer
        for wrong in (f"anna:{planted_secret}x", f"bert:{planted_secret}", "anna:"):
            refused = subprocess.run(
                ffmpeg(f"rtsp://{wrong}@{at}", frames=1), capture_output=True, timeout=20, check=False
            )
            assert refused.stdout == b""
            assert b"401" in refused.stderr
        assert camera.kinds().count("client_joined") == 0
        assert gaps(numbers_seen(*ffmpeg(f"rtsp://anna:{planted_secret}@{at}", frames=5))) == []
        assert planted_secret not in repr(server)
        assert planted_secret not in str(camera.events)


def test_tls_keeps_it_between_us(certificate: tuple[Path, Path], planted_secret: str) -> None:
    with RTSPServer("0", users={"anna": planted_secret}, tls=certificate) as server, Camera(server):
        assert f"rtsps://127.0.0.1:{server.port}" in repr(server)
        url = f"rtsps://anna:{planted_secret}@127.0.0.1:{server.port}/camera"
        assert gaps(numbers_seen(*ffmpeg(url, frames=5))) == []
        assert greet(server, certificate[0]) == 401
        # In clear nothing is said.
        with contextlib.suppress(TimeoutError):
            assert (
                status(ask(server.port, request("DESCRIBE", f"rtsp://localhost:{server.port}/camera"), timeout_s=1))
                == 0
            )


def test_a_certificate_that_is_none_is_refused(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    with pytest.raises(SinkError, match="nowhere"):
        RTSPServer("0", tls=(tmp_path / "nowhere.pem", certificate[1]))
    with pytest.raises(SinkError, match="certificate"):
        RTSPServer("0", tls=(certificate[1], certificate[1]))


@pytest.mark.parametrize("method", ["ANNOUNCE", "RECORD"])
def test_nobody_records_here(server: RTSPServer, method: str) -> None:
    with Camera(server):
        sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        asked = request(
            method,
            f"rtsp://127.0.0.1:{server.port}/camera",
            Content_Type="application/sdp",
            Content_Length=str(len(sdp)),
        )
        assert 400 <= status(ask(server.port, asked + sdp)) < 600
        assert describe(server) == 200


def test_media_goes_to_nobody_else(server: RTSPServer) -> None:
    with Camera(server):
        for destination in ("10.9.9.9", "192.0.2.1", "localhost.example"):
            asked = request(
                "SETUP",
                f"rtsp://127.0.0.1:{server.port}/camera/stream=0",
                Transport=f"RTP/AVP;unicast;destination={destination};client_port=5000-5001",
            )
            assert status(ask(server.port, asked)) == 403


def mutated(random_: random.Random, port: str) -> bytes:
    """A request, or what is left of one."""
    url = f"rtsp://127.0.0.1:{port}/camera"
    method = random_.choice(
        ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "", "\0", "GET"]
    )
    where = random_.choice(
        [
            url,
            f"{url}/stream=99",
            f"{url}/../../x",
            "*",
            "",
            "rtsp://",
            "rtsp://[::",
            f"{url}?{'a' * 3000}",
            "\xff\xfe",
            "%%%",
        ]
    )
    header = {
        "Transport": random_.choice(
            [
                "RTP/AVP/TCP;interleaved=70000",
                "RTP/AVP;unicast;client_port=-1-0",
                ";;;,,,",
                "RTP/AVP;unicast;destination=",
                "x" * 5000,
            ]
        ),
        "Session": random_.choice(["1", "\0", "a" * 2000, ""]),
        "Range": random_.choice(["npt=now-", "npt=99999999999999999999-", "clock=x", "npt=-"]),
        "Content-Length": random_.choice(["2000000000", "-1", "x", "10"]),
        "Require": "nothing",
        "Scale": random_.choice(["0", "nan", "-1e99"]),
    }
    lines = [f"{name}: {value}\r\n" for name, value in header.items() if random_.random() < 0.4]
    text = f"{method} {where} RTSP/{random_.choice(['1.0', '1.0', '2.0', '9', ''])}\r\nCSeq: {random_.choice(['1', '-1', 'x', '9' * 40])}\r\n"
    raw = bytearray((text + "".join(lines) + "\r\n").encode("latin-1"))
    for _ in range(random_.choice([0, 0, 1, 3])):
        raw[random_.randrange(len(raw))] = random_.randrange(256)
    return bytes(raw[: random_.choice([len(raw), len(raw), random_.randrange(1, len(raw))])])


def test_it_lives_through_thousands_of_malformed_requests(server: RTSPServer) -> None:
    def send(seed: int) -> None:
        random_ = random.Random(seed)
        for _ in range(100):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", int(server.port)), timeout=2) as connection,
            ):
                connection.sendall(mutated(random_, server.port))
                if random_.random() < 0.3:
                    connection.settimeout(0.02)
                    connection.recv(100)

    with Camera(server) as camera, Peer(*ffmpeg(f"rtsp://127.0.0.1:{server.port}/camera")) as peer:
        until(lambda: camera.clients == 1)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(30)))
        assert describe(server) == 200
        until(lambda: server.clients <= 2)
        camera.end()
        assert gaps(peer.numbers()) == []


def test_two_hundred_half_open_connections_are_nobodys_trouble(server: RTSPServer) -> None:
    with Camera(server), contextlib.ExitStack() as stack:
        for n in range(200):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", int(server.port)), timeout=5))
            half.sendall(b"DESCRIBE rtsp://127.0.0.1/camera RTSP/1.0\r\nCSeq:"[: n % 50])
        until(lambda: server.clients == 200)
        began = time.monotonic()
        assert describe(server) == 200
        assert time.monotonic() - began < 1
        assert gaps(numbers_seen(*ffmpeg(f"rtsp://127.0.0.1:{server.port}/camera", frames=5))) == []


def test_more_clients_than_were_asked_for_are_sent_away() -> None:
    with RTSPServer("0", max_clients=2) as server, contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(socket.create_connection(("127.0.0.1", int(server.port)), timeout=5))
        until(lambda: server.clients == 2)


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def test_a_client_that_stops_reading_is_sent_away_and_nobody_waits_for_it(server: RTSPServer) -> None:
    """Big pictures, so that what the kernel keeps for the stopped one is full soon."""
    noise = np.random.default_rng(1).integers(0, 256, (384, 640, 3), np.uint8)
    sink = skyline.sinks.rtsp_server(server, "camera")
    with skyline.open(sink, encoder=skyline.encoders.mjpeg()) as sky:
        url = f"rtsp://127.0.0.1:{server.port}/camera"
        slowest_s, number, grown_from, stopped_at = 0.0, 0, 0, 0.0

        def put() -> None:
            nonlocal slowest_s, number
            noise[:96] = numbered_frame(number, width=640)
            began = time.monotonic()
            sky.put(noise)
            slowest_s = max(slowest_s, time.monotonic() - began)
            number += 1
            time.sleep(1 / 30)

        output = sky.outputs[0]
        while output.state != "live":
            put()
        steady = [*ffmpeg(url)]
        steady[steady.index("-pix_fmt") : steady.index("-pix_fmt")] = ["-vf", "crop=640:96:0:0"]
        with Peer(*ffmpeg(url)) as stopped, Peer(*steady) as good:
            while output.stats().clients < 2:
                put()
            stopped.signal(signal.SIGSTOP)
            stopped_at = time.monotonic()
            while output.stats().clients == 2 and time.monotonic() < stopped_at + 20:
                put()
                if time.monotonic() > stopped_at + 3:
                    grown_from = grown_from or resident_bytes()
            assert output.stats().clients == 1, "it was not sent away within 20 s"
            assert resident_bytes() - grown_from < 48 * 1024 * 1024
            sky.stop_streaming()
            numbers = numbers_of(good.output(), width=640)
            assert gaps(numbers) == []
            assert numbers[-1] == number - 1
    assert slowest_s < 1
