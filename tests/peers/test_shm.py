"""Frames in shared memory, read by another process."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import sinks
from tests.pipeline.bar_code import numbered_frame, numbers_in, read_number
from tests.until import until

pytestmark = pytest.mark.needs_elements("shmsink", "shmsrc")

FRAME_BYTES = 320 * 96 * 3 // 2


def wait_for_sent(sky: skyline.SkyLine, frames: int) -> None:
    assert until(lambda: sky.stats().outputs[0].units_sent >= frames)


@contextmanager
def reader_of(socket: Path, frames: Path, caps: str) -> Iterator[subprocess.Popen[bytes]]:
    """gst-launch writes what it reads at the socket, frame after frame."""
    command = ["gst-launch-1.0", "-q", "shmsrc", f"socket-path={socket}", "is-live=true", "do-timestamp=true"]
    command += ["!", caps, "!", "filesink", f"location={frames}", "buffer-mode=unbuffered", "async=false"]
    reader = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield reader
    finally:
        reader.kill()
        reader.wait()


def numbers_of(frames: Path) -> list[int]:
    if not frames.exists():
        return []
    data = np.fromfile(frames, np.uint8)
    whole = data[: len(data) // FRAME_BYTES * FRAME_BYTES].reshape(-1, FRAME_BYTES)
    return [read_number(frame[: 320 * 96].reshape(96, 320)) for frame in whole]


def test_another_process_sees_every_frame_in_order_from_its_coming_on(tmp_path: Path) -> None:
    socket, frames = tmp_path / "frames socket", tmp_path / "seen"
    caps = "video/x-raw,format=I420,width=320,height=96,framerate=30/1"
    with skyline.open(f"shm://{tmp_path}/frames%20socket", fps=30) as sky:
        sky.put(numbered_frame(0))
        assert until(socket.is_socket)
        with reader_of(socket, frames, caps) as reader:
            number = 1
            while not numbers_of(frames):  # it has come
                sky.put(numbered_frame(number))
                number += 1
                time.sleep(0.01)
            last = number + 100
            for later in range(number, last):
                sky.put(numbered_frame(later))
                wait_for_sent(sky, later + 1)  # it is never behind by three
            assert until(lambda: last - 1 in numbers_of(frames))
            assert sky.stats().outputs[0].units_dropped == 0
            reader.kill()
            reader.wait()
        for later in range(last, last + 10):  # a reader that has gone delays nobody
            assert sky.put(numbered_frame(later))
    seen = numbers_of(frames)
    assert seen == list(range(seen[0], last))
    assert not socket.exists()


@pytest.mark.parametrize(("format", "as_seen"), [("BGR", "bgr"), ("NV12", "nv12")])
def test_odd_sizes_have_the_rows_that_readers_expect(tmp_path: Path, format: str, as_seen: str) -> None:
    frame = np.random.default_rng(3).integers(0, 256, (51, 33, 3), np.uint8)
    frame[:] = np.linspace(0, 255, 33, dtype=np.uint8)[None, :, None]
    socket, png = tmp_path / as_seen, tmp_path / "seen.raw"
    caps = f"video/x-raw,format={format},width=33,height=51,framerate=30/1"
    with skyline.open(sinks.shm(socket, format=format), fps=30) as sky:
        sky.lend(frame)
        assert until(socket.is_socket)
        command = ["gst-launch-1.0", "-q", "shmsrc", f"socket-path={socket}", "num-buffers=1", "!", caps, "!"]
        command += ["videoconvert", "!", "video/x-raw,format=GRAY8", "!", "filesink", f"location={png}"]
        with subprocess.Popen(command) as reader:
            while reader.poll() is None:
                sky.lend(frame)
                time.sleep(0.005)
    rows = np.fromfile(png, np.uint8).reshape(51, 36)[:, :33].astype(int)
    assert np.abs(rows - rows[0]).max() <= 3  # no shear
    assert np.all(np.diff(rows[25]) >= 0)


def test_a_socket_that_a_crash_left_is_taken_over_and_one_that_is_served_is_not(tmp_path: Path) -> None:
    socket = tmp_path / "frames"
    program = """
        import os, sys, skyline
        sky = skyline.open(skyline.sinks.shm(sys.argv[1]))
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program), socket], check=False, timeout=30)
    assert socket.is_socket()
    with skyline.open(sinks.shm(socket)) as sky:
        sky.put(numbered_frame(0))
        with pytest.raises(skyline.ResourceError, match="another program serves frames at"):
            skyline.open(sinks.shm(socket))
        assert sky.put(numbered_frame(1))
    (tmp_path / "file").touch()
    with pytest.raises(skyline.ResourceError, match="is no socket"):
        skyline.open(sinks.shm(tmp_path / "file"))
    with pytest.raises(skyline.ResourceError):
        skyline.open(sinks.shm(tmp_path / "nowhere" / "frames"))


def test_beside_a_file(tmp_path: Path) -> None:
    with skyline.open(sinks.tee(tmp_path / "film.mkv", sinks.shm(tmp_path / "frames")), fps=30, leaky="none") as sky:
        for number in range(60):
            sky.put(numbered_frame(number))
        shared = sky.outputs[1]
        assert until(lambda: shared.stats().units_sent + shared.stats().units_dropped == 60)
    assert shared.state == "stopped"
    assert numbers_in(tmp_path / "film.mkv") == list(range(60))
