"""HLS read by strangers while it is written: ffmpeg, VLC, and a reader that asks for everything all the time."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

import skyline
from skyline import sinks
from tests.pipeline.bar_code import numbered_frame, numbered_frames, read_number

WIDTH, HEIGHT, FPS = 320, 96, 30
NOBODY = 65534


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def numbers_of(raw: bytes) -> list[int]:
    frames = np.frombuffer(raw[: len(raw) // (WIDTH * HEIGHT) * WIDTH * HEIGHT], np.uint8).reshape(-1, HEIGHT, WIDTH)
    return [read_number(frame) for frame in frames]


def ffmpeg_reading(playlist: Path, *options: str) -> list[str]:
    command = ["ffmpeg", "-nostdin", "-v", "warning", "-live_start_index", "0", *options, "-i", str(playlist)]
    return [*command, "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]


def complaints(told: subprocess.CompletedProcess[bytes]) -> list[str]:
    """What ffmpeg says of the stream; not of its own writing, which rounds live times to a rate that it guesses."""
    own = ("[rawvideo @", "Last message repeated")
    return [line for line in told.stderr.decode().splitlines() if not any(word in line for word in own)]


def play(sky: skyline.SkyLine, count: int, first: int = 0) -> None:
    """Frames at the pace of a camera."""
    began = time.monotonic()
    for number in range(count):
        assert sky.put(numbered_frame(first + number))
        time.sleep(max(0.0, began + (number + 1) / FPS - time.monotonic()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that other users may look into, as a web server does."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path("/tmp") and os.access(parent, os.W_OK):
            parent.chmod(0o755)
    return tmp_path / "live"


def test_ffmpeg_reads_every_frame_while_it_is_written(folder: Path) -> None:
    playlist = folder / "index.m3u8"
    told: list[subprocess.CompletedProcess[bytes]] = []

    def read() -> None:
        deadline = time.monotonic() + 20
        while not playlist.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        command = ffmpeg_reading(playlist)
        told.append(subprocess.run(command, capture_output=True, timeout=60, check=False))

    reader = threading.Thread(target=read)
    with skyline.open(f"hls://{folder}?segment_s=0.5") as sky:
        reader.start()
        play(sky, 180)
    reader.join()
    assert complaints(told[0]) == []
    assert numbers_of(told[0].stdout) == list(range(180))


def test_the_times_go_on_from_segment_to_segment(folder: Path) -> None:
    skyline.stream(numbered_frames(150), sinks.hls(folder, segment_s=1, playlist_length=0), fps=FPS, clock="fixed")
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "packet=pts_time",
        "-of",
        "csv=p=0",
        str(folder / "index.m3u8"),
    ]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    times_s = [float(line.strip(",")) for line in told.stdout.split()]
    assert told.stderr == ""
    assert np.diff(sorted(times_s)) == pytest.approx(1 / FPS, abs=0.0002)
    text = (folder / "index.m3u8").read_text()
    assert text.count("#EXTINF:1.000000,") == 5
    assert "DISCONTINUITY" not in text


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_both_codecs_are_read_to_the_end(folder: Path, codec: str) -> None:
    encoder = getattr(skyline.encoders, codec)(latency="live")
    skyline.stream(
        numbered_frames(75), sinks.hls(folder, segment_s=1, playlist_length=0), fps=FPS, clock="fixed", encoder=encoder
    )
    told = subprocess.run(ffmpeg_reading(folder / "index.m3u8"), capture_output=True, timeout=60, check=True)
    assert numbers_of(told.stdout) == list(range(75))


def test_a_web_server_serves_it_whatever_its_name(folder: Path) -> None:
    skyline.stream(numbered_frames(75), sinks.hls(folder / "a b#1.m3u8", segment_s=1), fps=FPS, clock="fixed")
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        command = ffmpeg_reading(Path("x"))
        command[command.index("x")] = f"http://127.0.0.1:{server.server_port}/a%20b%231.m3u8"
        told = subprocess.run(command, capture_output=True, timeout=60, check=False)
        server.shutdown()
        serving.join()
    assert complaints(told) == []
    assert numbers_of(told.stdout) == list(range(75))


@pytest.mark.skipif(shutil.which("cvlc") is None, reason="cvlc is not installed")
def test_vlc_plays_it_to_the_end(folder: Path, tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    skyline.stream(numbered_frames(90), sinks.hls(folder, segment_s=1, playlist_length=0), fps=FPS, clock="fixed")
    shown = tmp_path / "shown"
    shown.mkdir()
    shown.chmod(0o777)
    # VLC refuses to run as root. Every frame that it shows it also writes down.
    unprivileged = ["setpriv", f"--reuid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    command = [
        *unprivileged,
        "cvlc",
        "-q",
        "--no-audio",
        "--vout",
        "dummy",
        "--no-drop-late-frames",
        "--no-skip-frames",
    ]
    command += ["--video-filter", "scene", "--scene-ratio", "1", "--scene-format", "png", "--scene-path", str(shown)]
    environment = {**os.environ, "HOME": str(shown), "XDG_RUNTIME_DIR": str(shown)}
    subprocess.run(
        [*command, str(folder / "index.m3u8"), "vlc://quit"],
        capture_output=True,
        timeout=60,
        check=True,
        env=environment,
    )
    frames = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(shown.glob("*.png"))]
    numbers = [read_number(frame) for frame in frames]
    # No gap, also not where segments meet. VLC may miss a frame while it opens its window, or quit while it shows one.
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) >= 86


@dataclass
class Poller:
    """Reads the playlist and every file it lists, again and again."""

    playlist: Path
    looks: int = 0
    missing: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    sequence: int = 0

    def look(self, delay_s: float = 0.0) -> None:
        text = self.playlist.read_text()
        if not text.startswith("#EXTM3U\n") or not text.endswith((".ts\n", "#EXT-X-ENDLIST\n")):
            self.torn.append(text)
        (sequence,) = [
            int(line.partition(":")[2]) for line in text.split("\n") if line.startswith("#EXT-X-MEDIA-SEQUENCE")
        ]
        if sequence < self.sequence:
            self.torn.append(f"sequence {sequence} after {self.sequence}")
        self.sequence = sequence
        time.sleep(delay_s)
        for name in [unquote(line) for line in text.split("\n") if line and not line.startswith("#")]:
            try:
                data = (self.playlist.parent / name).read_bytes()
            except FileNotFoundError:
                self.missing.append(name)
                continue
            # Complete when it is listed: it never changes again.
            if not data or len(data) % 188 or self.sizes.setdefault(name, len(data)) != len(data):
                self.torn.append(f"{name}: {len(data)}")
        self.looks += 1


def test_whoever_polls_finds_every_file_whole(folder: Path) -> None:
    poller = Poller(folder / "index.m3u8")
    slow = Poller(folder / "index.m3u8")
    is_over = threading.Event()

    def poll(one: Poller, delay_s: float) -> None:
        while not is_over.is_set():
            if one.playlist.exists():
                one.look(delay_s)

    # As fast as the encoder: a segment of a tenth of a second each few milliseconds.
    sink = sinks.hls(folder, segment_s=0.1, playlist_length=5, keep_extra=40)
    pollers = [threading.Thread(target=poll, args=(poller, 0)), threading.Thread(target=poll, args=(slow, 0.02))]
    with skyline.open(sink, fps=FPS, clock="fixed", encoder=skyline.encoders.h264(latency="live")) as sky:
        for thread in pollers:
            thread.start()
        number = 0
        deadline = time.monotonic() + 20
        while (poller.looks < 3000 or slow.looks < 60) and time.monotonic() < deadline:
            sky.put(numbered_frame(number % 60_000))
            number += 1
            time.sleep(0.001)
    is_over.set()
    for thread in pollers:
        thread.join()
    assert poller.looks > 1000
    assert poller.missing == slow.missing == []
    assert poller.torn == slow.torn == []
    assert slow.looks > 50
    assert len(poller.sizes) > 100  # it did rotate
    assert len(list(folder.glob("*.ts"))) <= 45


def test_a_stream_that_was_killed_is_carried_on_for_those_who_still_watch(folder: Path) -> None:
    """The playlist of the killed stream stays, then goes on with a discontinuity; its numbers never go back."""
    sink = sinks.hls(folder, segment_s=0.5, playlist_length=3)
    with skyline.open(sink, fps=FPS, clock="fixed", encoder=skyline.encoders.h264(latency="live")) as sky:
        for frame in numbered_frames(100):
            sky.put(frame)
    playlist = folder / "index.m3u8"
    killed = playlist.read_text().replace("#EXT-X-ENDLIST\n", "")
    playlist.write_text(killed)
    poller = Poller(playlist)
    poller.look()
    with skyline.open(sink, fps=FPS, clock="fixed", encoder=skyline.encoders.h264(latency="live")) as sky:
        assert playlist.read_text() == killed
        for frame in numbered_frames(100):
            sky.put(frame)
            poller.look()
    poller.look()
    assert poller.missing == poller.torn == []
    assert poller.sequence == 11  # 7 and 7 segments, three of them listed
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in playlist.read_text()


def test_a_full_disk_ends_this_output_alone(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    events: list[skyline.Event] = []
    sink = sinks.tee(sinks.hls(folder, segment_s=0.5), tmp_path / "whole.mkv")
    with skyline.open(sink, fps=FPS, clock="fixed", on_event=events.append) as sky:
        (folder / "index-00001.ts").symlink_to("/dev/full")
        for frame in numbered_frames(90):
            assert sky.put(frame)
        deadline = time.monotonic() + 10
        while sky.outputs[0].state != "failed" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [output.state for output in sky.outputs] == ["failed", "live"]
        assert isinstance(sky.outputs[0].error, skyline.PipelineError)
    assert [event.kind for event in events].count("failed") == 1
    assert sky.stats().outputs[1].units_sent == 90
