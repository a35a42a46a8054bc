"""``skyline stream``, run as its user runs it; the peers are not ours."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

import skyline
from skyline.cli.flow import Flow
from skyline.cli.watching import address_of, how_to_watch
from skyline.sinks.rtsp_server import ServerAddress
from skyline.stats import OutputStats, Stats
from skyline.uri import sink_of
from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_tcp_port, wait_until
from tests.pipeline.ffprobe import look
from tests.pipeline.test_cli import fails_in_one_line, run, skyline_command
from tests.programs import program

for _module in ("cv2", "rich", "typer"):
    pytest.importorskip(_module)

SMALL = ("--width", "320", "--height", "180")
FILES = pytest.mark.needs_elements("x264enc", "mp4mux", "matroskamux")


@FILES
def test_stream_to_two_files_takes_as_long_as_it_lasts(tmp_path: Path) -> None:
    begun_s = time.monotonic()
    ended = run("stream", "test", tmp_path / "a.mp4", tmp_path / "b.mkv", "--seconds", "1.5", "--fps", "20", *SMALL)
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - begun_s > 1.4  # it is no rendering
    for name in ("a.mp4", "b.mkv"):
        made = look(tmp_path / name)
        assert (made.codec, made.width, made.height, made.frames) == ("h264", 320, 180, 30)
        assert re.search(rf"{name} +30 sent .* 0 dropped", ended.stdout)
    assert re.search(r"30 frames   \d+\.\d frames/s   \d+ kbit/s   0 dropped", ended.stdout)


@FILES
def test_stream_takes_codec_and_key_frame_distance(tmp_path: Path) -> None:
    path = tmp_path / "keys.mkv"
    ended = run(
        "stream", "test", path, "--seconds", "2", "--fps", "10", "--keyframe-s", "0.5", "--bitrate", "300", *SMALL
    )
    assert ended.returncode == 0, ended.stderr
    command = ["ffprobe", "-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", path]
    flags = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.split()
    assert [number for number, flag in enumerate(flags) if "K" in flag] == [0, 5, 10, 15]


@FILES
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_stream_ends_cleanly_by_a_signal(ending: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "stopped.mkv"
    streamer = subprocess.Popen(
        skyline_command("stream", "test", path, *SMALL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline_s = time.monotonic() + 30
    while (not path.exists() or path.stat().st_size < 20_000) and time.monotonic() < deadline_s:
        assert streamer.poll() is None, streamer.communicate()
        time.sleep(0.02)
    streamer.send_signal(ending)
    told, complained = streamer.communicate(timeout=30)
    assert streamer.returncode == 0, complained
    sent = re.search(r"stopped\.mkv +(\d+) sent", told)
    assert sent is not None, told
    assert look(path).frames == int(sent[1])


def test_stream_says_what_is_wrong_before_anything_runs(tmp_path: Path) -> None:
    told = fails_in_one_line(run("stream", "test", "gopher://127.0.0.1/1", tmp_path / "a.mp4"))
    assert "unknown scheme 'gopher'" in told
    told = fails_in_one_line(run("stream", tmp_path / "no-such-film.mp4", tmp_path / "a.mp4"))
    assert "no-such-film.mp4" in told
    assert not list(tmp_path.iterdir())
    ended = run("stream", "test")
    assert ended.returncode == 2
    assert "URI" in ended.stderr


@FILES
def test_one_sink_that_fails_makes_the_exit_code_and_ends_nothing_else(tmp_path: Path) -> None:
    full = Path("/dev/full")  # every write to it fails
    link = tmp_path / "full.mkv"
    link.symlink_to(full)
    ended = run("stream", "test", tmp_path / "good.mp4", link, "--seconds", "1", "--fps", "20", *SMALL)
    told = fails_in_one_line(ended)
    assert "full.mkv" in told
    assert "No space left" in told
    assert re.search(r"failed +full\.mkv", ended.stdout)
    assert look(tmp_path / "good.mp4").frames == 20


@FILES
@pytest.mark.needs_elements("rtmp2sink", "flvmux")
def test_no_secret_of_a_uri_is_printed(tmp_path: Path) -> None:
    uri = "rtmp://user:the-password@127.0.0.1:1/live/the-stream-key"
    ended = run("stream", "test", uri, tmp_path / "a.mp4", "--seconds", "1", *SMALL)
    assert "Connection refused" in fails_in_one_line(ended)
    assert "rtmp://127.0.0.1:1/live" in ended.stdout
    for secret in ("the-password", "the-stream-key"):
        assert secret not in ended.stdout + ended.stderr
    assert look(tmp_path / "a.mp4").frames == 30


@FILES
@pytest.mark.needs_elements("rtph264pay")
@pytest.mark.needs_program("ffmpeg")
def test_who_watches_is_told_while_it_streams(tmp_path: Path) -> None:
    uri, seen = f"rtsp://127.0.0.1:{free_tcp_port()}/live", tmp_path / "seen.mkv"
    command = skyline_command("stream", "test", uri.replace("127.0.0.1", ""), tmp_path / "all.mkv", *SMALL)
    log = tmp_path / "stream.log"
    with PeerProcess(command, log, is_ready=lambda: "watch it" in log.read_text()) as streaming:
        assert f"ffplay -rtsp_transport tcp {uri}" in streaming.said
        view = [program("ffmpeg"), "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", uri]
        subprocess.run([*view, "-frames:v", "20", "-c", "copy", seen], check=True, timeout=30)
        wait_until(lambda: "client left" in streaming.said, 10, "the news that nobody watches any more")
        assert streaming.stop(signal.SIGINT) == 0
    assert streaming.said.index("client joined") < streaming.said.index("client left")
    assert look(seen).frames == 20


# --- what it shows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "command"),
    [
        ("udp://127.0.0.1:5000", "ffplay udp://127.0.0.1:5000"),
        ("rtsp://:8554/live", "ffplay -rtsp_transport tcp rtsp://127.0.0.1:8554/live"),
        ("rtsp://me:secret@camera:8554/live", "ffplay -rtsp_transport tcp rtsp://camera:8554/live"),
        ("srt://:9000", "ffplay srt://127.0.0.1:9000"),
        ("srt://there:9000", "ffplay 'srt://there:9000?mode=listener', started first"),
        ("rtp://127.0.0.1:5000?sdp=a cam.sdp", "ffplay -protocol_whitelist file,udp,rtp 'a cam.sdp'"),
        ("rtp://127.0.0.1:5000", "with the SDP file that is written where the URI ends in ?sdp=cam.sdp"),
        ("rtmp://there/live/secret", ""),
        ("hls:///tmp/cam", "ffplay /tmp/cam/index.m3u8"),
        ("shm:///tmp/frames", "gst-launch-1.0 shmsrc socket-path=/tmp/frames ! …"),
        ("v4l2:///dev/video9", "ffplay /dev/video9"),
        ("film.mp4", ""),
    ],
)
def test_how_to_watch(uri: str, command: str) -> None:
    sink = sink_of(uri.replace(" ", "%20"))
    name = sink.plan(sink.default_encoder(), clock="arrival", fps=(30, 1)).name
    assert how_to_watch(sink, address_of(sink, name)) == command


def test_a_mount_is_shown_with_its_server() -> None:
    rtsp_server = skyline.sinks.rtsp_server
    assert address_of(rtsp_server(8554, "cam"), "/cam") == "rtsp://127.0.0.1:8554/cam"
    assert address_of(rtsp_server(ServerAddress("9", "0.0.0.0"), "a/b"), "/a/b") == "rtsp://127.0.0.1:9/a/b"
    assert address_of(rtsp_server(ServerAddress("9", "::1"), "c"), "/c") == "rtsp://[::1]:9/c"
    assert address_of(skyline.sinks.file("a.mp4"), "a.mp4") == "a.mp4"


def test_rates_are_of_the_last_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    stats = Stats()
    flow = Flow(lambda: stats)
    shown = {}
    for second, frames in enumerate((10, 20, 30, 31, 32, 33), start=1):
        now_s = float(second)
        output = OutputStats("cam", units_sent=frames, bytes_sent=1000 * frames, reconnects=2)
        stats = Stats(frames_in=frames, bytes_encoded=1000 * frames, outputs=(output,))
        shown[second] = str(flow.lately())
    assert "20 frames   10.0 frames/s   80 kbit/s" in shown[2]
    assert "33 frames   1.0 frames/s   8 kbit/s" in shown[6]
    assert "33 frames   5.5 frames/s   44 kbit/s" in str(flow.on_the_whole())
    assert "cam   33 sent   33.0 kB   0 dropped   2 reconnects" in shown[6]
