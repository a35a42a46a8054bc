"""The programs that README shows and names, run as a reader would run them."""

import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from skyline.containers import CONTAINERS
from skyline.encoders import Codec
from skyline.sinks import Sink
from skyline.uri import SCHEMES, sink_of
from tests.peers.nginx_rtmp import NginxRtmp
from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_udp_port, udp_is_bound
from tests.pipeline.ffprobe import look
from tests.programs import program

TOP = Path(__file__).parents[2]
EXAMPLES = TOP / "python" / "examples"

pytest.importorskip("cv2")


def run_example(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, EXAMPLES / name, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout


def test_readme_shows_hello() -> None:
    first_program = re.search(r"```python\n(.*?)```", (TOP / "README.md").read_text(), re.DOTALL)
    assert first_program is not None
    assert first_program[1] == (EXAMPLES / "hello.py").read_text()


def rows_of_sinks() -> list[list[str]]:
    """README's table of what can be written: text, what happens, how to watch it."""
    table = (TOP / "README.md").read_text().partition("| you write |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.split(" | ")] for line in table.splitlines()[2:]]


def test_readme_names_every_container_and_the_codecs_of_the_first() -> None:
    written = " ".join(row[0] for row in rows_of_sinks())
    for suffix in CONTAINERS:
        assert f"{suffix}`" in written or f'film{suffix}"' in written, suffix
    mp4 = next(row for row in rows_of_sinks() if row[0] == '| `"film.mp4"`')
    assert {word for word in re.findall(r"\w+", mp4[1]) if word in get_args(Codec)} <= set(CONTAINERS[".mp4"].codecs)


@pytest.mark.parametrize("scheme", sorted(set(SCHEMES) - {"file", "rtsps", "rtmps"}))
def test_readme_has_a_line_to_paste_for_each_scheme_and_says_how_to_watch_it(scheme: str) -> None:
    rows = [row for row in rows_of_sinks() if f'"{scheme}://' in row[0] and "(" not in row[0]]
    assert rows
    for row in rows:
        for uri in re.findall(rf'"({scheme}://[^"]*)"', row[0]):
            assert isinstance(sink_of(uri.replace("…", "a-long-enough-one")), Sink)
        assert row[2].strip("| "), row


def test_every_example_is_run_here_and_is_short() -> None:
    own_text = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in own_text, f"{example.name} is not run by the tests"
        assert len(example.read_text().splitlines()) <= 40, example.name


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_hello(tmp_path: Path) -> None:
    run_example("hello.py", tmp_path / "hello.mp4")
    film = look(tmp_path / "hello.mp4")
    assert (film.codec, film.pixel_format, film.width, film.height) == ("h264", "yuv420p", 1280, 720)
    assert film.frames == 90
    assert film.duration_s == pytest.approx(3, abs=0.001)


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_camera_to_file(tmp_path: Path) -> None:
    camera = tmp_path / "camera.avi"
    picture = "testsrc2=size=320x240:rate=25:duration=2"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-c:v", "mjpeg", camera], check=True, timeout=60
    )
    told = run_example("camera_to_file.py", camera, tmp_path / "taken.mp4")
    film = look(tmp_path / "taken.mp4")
    assert "frames_in=50," in told
    assert (film.width, film.height, film.frames) == (320, 240, 50)


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_lend_and_acquire(tmp_path: Path) -> None:
    told = run_example("lend_and_acquire.py", tmp_path / "lent.mp4")
    assert "read-only" in told
    assert look(tmp_path / "lent.mp4").frames == 60


@pytest.mark.needs_elements("avenc_ffv1", "matroskamux")
def test_own_pipeline(tmp_path: Path) -> None:
    run_example("own_pipeline.py", tmp_path / "lossless.mkv")
    film = look(tmp_path / "lossless.mkv")
    assert (film.codec, film.width, film.height, film.frames) == ("ffv1", 320, 240, 50)
    assert film.times_s == pytest.approx([number / 25 for number in range(50)], abs=0.001)


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_segments(tmp_path: Path) -> None:
    told = run_example("segments.py", tmp_path / "cam-%05d.mp4")
    parts = sorted(tmp_path.glob("cam-*.mp4"))
    assert [part.name for part in parts] == ["cam-00000.mp4", "cam-00001.mp4", "cam-00002.mp4"]
    assert [look(part).frames for part in parts] == [60, 60, 30]
    assert told.count("finished") == len(parts)


@pytest.mark.needs_elements("x264enc", "matroskamux")
def test_variable_rate(tmp_path: Path) -> None:
    run_example("variable_rate.py", tmp_path / "slower.mkv")
    film = look(tmp_path / "slower.mkv")
    wanted_s = itertools.accumulate((0.020 + 0.0045 * number for number in range(39)), initial=0.0)
    assert film.times_s == pytest.approx(list(wanted_s), abs=0.001)  # Matroska counts milliseconds


@pytest.mark.needs_elements("x264enc", "mp4mux", "mpegtsmux", "udpsink")
@pytest.mark.needs_program("ffmpeg")
def test_tee_and_record(tmp_path: Path) -> None:
    port, seen = free_udp_port(), tmp_path / "seen.ts"
    uri = f"udp://127.0.0.1:{port}"
    # It ends by itself, three seconds after the last datagram.
    options = "?timeout=3000000&buffer_size=4000000"
    view = [program("ffmpeg"), "-v", "error", "-nostdin", "-i", uri + options, "-c", "copy", seen]
    with PeerProcess(view, tmp_path / "viewer.log", is_ready=lambda: udp_is_bound(port)) as viewer:
        told = run_example("tee_and_record.py", uri, tmp_path / "whole.mp4", tmp_path / "middle.mp4")
        viewer.wait(20)
    assert look(seen).frames == 150
    assert look(tmp_path / "whole.mp4").frames == 150
    middle = look(tmp_path / "middle.mp4")
    assert middle.frames == 60
    assert middle.times_s[0] == pytest.approx(0, abs=0.001)
    assert f"{uri} live 150" in told


@pytest.mark.needs_elements("x264enc", "flvmux", "rtmp2sink")
@pytest.mark.needs_program("nginx")
def test_push_rtmp(tmp_path: Path) -> None:
    with NginxRtmp(tmp_path / "nginx", stream_key="the-secret-one") as nginx:
        told = run_example("push_rtmp.py", nginx.url("the-secret-one"), "2")
        [recording] = nginx.recordings
    assert look(recording).frames == 60
    assert "connected" in told
    assert "the-secret-one" not in told


@pytest.mark.needs_elements("x264enc", "rtph264pay")
@pytest.mark.needs_program("ffmpeg")
def test_rtsp_server(tmp_path: Path) -> None:
    served, seen = tmp_path / "served.log", tmp_path / "seen.mkv"

    def url() -> str:
        found = re.search(r"rtsp://127\.0\.0\.1:\d+/live", served.read_text())
        return found[0] if found else ""

    serve = [sys.executable, EXAMPLES / "rtsp_server.py", "0", "8"]
    with PeerProcess(serve, served, is_ready=lambda: bool(url())) as serving:
        view = [program("ffmpeg"), "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url()]
        subprocess.run([*view, "-frames:v", "30", "-c", "copy", seen], check=True, timeout=30)
        assert serving.wait(20) == 0, serving.said
        _, joined, left = served.read_text().splitlines()
    assert look(seen).frames == 30
    assert joined.startswith("client_joined")
    assert left.startswith("client_left")


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_pre_event(tmp_path: Path) -> None:
    run_example("pre_event.py", tmp_path / "event.mp4")
    frames = look(tmp_path / "event.mp4").frames
    assert 2 * 30 + 60 <= frames <= 3 * 30 + 60 + 1  # two to three seconds before the event, and two from it on
