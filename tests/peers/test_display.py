"""What a window shows, seen by another program; and what its end leaves alone."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import skyline
from skyline import sinks
from tests.peers.screen import Screen, running_screen
from tests.pipeline.bar_code import numbered_frame, numbers_in, read_number
from tests.until import until

pytestmark = pytest.mark.needs_elements("ximagesink", "ximagesrc", "autovideosink")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    with running_screen() as running:
        monkeypatch.setenv("DISPLAY", running.display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        yield running


def picture(width: int = 320, height: int = 240) -> np.ndarray:
    """Every colour, smooth, and no symmetry."""
    y, x = np.mgrid[:height, :width]
    planes = (255 * x // (width - 1), 255 * y // (height - 1), 255 - (x * y) * 255 // ((width - 1) * (height - 1)))
    return np.stack(planes, axis=-1).astype(np.uint8)


def as_i420(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    return skyline._core.convert(frame, "BGR", "I420", matrix="bt601").reshape(height * 3 // 2, width)


def psnr(seen: np.ndarray, wanted: np.ndarray) -> float:
    error = np.mean((seen.astype(np.float64) - wanted) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def wait_for_units(output: skyline.Output, units: int) -> None:
    assert until(lambda: output.stats().units_in >= units)


def show(sky: skyline.SkyLine, frame: np.ndarray, wanted: np.ndarray, screen: Screen, path: Path) -> float:
    """How near what is seen on the screen comes to ``wanted`` once this frame was put."""
    height, width = wanted.shape[:2]

    def nearness() -> float:
        sky.put(frame)
        return psnr(screen.look(path, width, height), wanted)

    until(lambda: nearness() > 30)
    return nearness()


@pytest.mark.parametrize("format", ["BGR", "I420"])
def test_a_window_shows_the_frames(tmp_path: Path, screen: Screen, format: str) -> None:
    wanted = picture()
    frame = wanted if format == "BGR" else as_i420(wanted)
    with skyline.open("display://", format=format, width=320, height=240) as sky:
        assert show(sky, frame, wanted, screen, tmp_path / "seen") > 30
        assert sky.stats().encoder == ""
        assert sky.stats().bytes_encoded == 0
    assert sky.last_error is None


def test_beside_a_recording_both_are_complete(tmp_path: Path, screen: Screen) -> None:
    sink = sinks.tee(tmp_path / "film.mkv", sinks.display(sync=True, title='cam "1" \\ ! x'))
    with skyline.open(sink, fps=30, clock="arrival", leaky="none") as sky:
        for number in range(40):
            sky.put(numbered_frame(number))
            time.sleep(0.005)
        shown = sky.outputs[1]
        assert until(lambda: shown.stats().units_sent + shown.stats().units_dropped == 40)
        assert 'cam "1" \\ ! x' in screen.window_names()
        assert until(lambda: read_number(screen.look(tmp_path / "seen", 320, 96)[:, :, 1]) == 39)
    assert shown.stats().units_queued == 0
    assert numbers_in(tmp_path / "film.mkv") == list(range(40))


def test_a_recording_begins_and_ends_while_a_window_shows_the_stream(tmp_path: Path, screen: Screen) -> None:
    with skyline.open("display://", fps=30, leaky="none") as sky:
        for number in range(90):
            if number == 30:
                with pytest.raises(skyline.SinkError, match="nothing is encoded"):
                    sky.set_bitrate(500)
                assert not sky.force_keyframe()
                clip = sky.add(tmp_path / "clip.mp4")
                assert sky.stats().encoder != ""
                sky.set_bitrate(800)
            if number == 60:
                wait_for_units(clip, 30)
                assert sky.force_keyframe()
                assert sky.remove(clip)
            sky.put(numbered_frame(number))
        window = sky.outputs[0]
        assert until(lambda: window.stats().units_sent + window.stats().units_dropped == 90)
        assert show(sky, numbered_frame(99), numbered_frame(99), screen, tmp_path / "seen") > 30
    assert numbers_in(tmp_path / "clip.mp4") == list(range(30, 60))


def test_launch_text_with_a_live_appsrc_and_a_window(tmp_path: Path, screen: Screen) -> None:
    """As tutorials push: is-live, format=time, and nothing said about size and format."""
    text = "appsrc name=src is-live=true format=time ! videoconvert ! autovideosink"
    with skyline.PipelineSkyLine(text, format="RGB", errors="raise") as sky:
        frame = np.ascontiguousarray(picture()[:, :, ::-1])
        assert show(sky, frame, picture(), screen, tmp_path / "seen") > 30


PROGRAM = """
    import os, sys, time
    import skyline
    from skyline import sinks
    from tests.pipeline.bar_code import numbered_frame

    told = []
    with skyline.open(sinks.tee(sys.argv[1], "display://"), fps=30, clock="arrival", leaky="none", on_event=told.append) as sky:
        for number in range(100):
            sky.put(numbered_frame(number))
            time.sleep(0.01)
            if number == 30:
                print("shown", flush=True)
                sys.stdin.readline()
        print(sky.state.name, *(output.state for output in sky.outputs))
        print(sky.outputs[1].error)
    print(*(event.kind for event in told if event.output == "display"))
"""


def test_a_screen_that_goes_away_takes_nothing_else_with_it(tmp_path: Path, screen: Screen) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), tmp_path / "film.mp4"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "shown\n"
    screen.kill()
    out, _ = program.communicate("go on\n", timeout=30)
    assert program.returncode == 0
    states, error, kinds = out.splitlines()
    assert states == "STREAMING live failed"
    assert "screen has gone" in error
    assert kinds.split()[:2] == ["started", "failed"]
    assert numbers_in(tmp_path / "film.mp4") == list(range(100))


def test_a_window_that_is_closed_ends_alone(tmp_path: Path, screen: Screen) -> None:
    told: list[skyline.Event] = []
    sink = sinks.tee(tmp_path / "film.mp4", sinks.display(element="ximagesink", title="close me"))
    with skyline.open(sink, fps=30, leaky="none", on_event=told.append) as sky:
        for number in range(10):
            sky.put(numbered_frame(number))
        assert until(lambda: "close me" in screen.window_names())
        close_window(screen)
        assert until(lambda: sky.outputs[1].state == "failed")
        for number in range(10, 20):
            sky.put(numbered_frame(number))
        assert sky.state is sky.State.STREAMING
        assert "closed" in str(sky.outputs[1].error)
    assert [event.output for event in told if event.kind == "failed"] == ["display"]
    assert numbers_in(tmp_path / "film.mp4") == list(range(20))


def close_window(screen: Screen) -> None:
    """As a click on the window's cross: what a window manager sends."""
    program = """
        import ctypes, sys
        x = ctypes.CDLL("libX11.so.6")
        for name in ("XOpenDisplay", "XInternAtom", "XDefaultRootWindow"):
            getattr(x, name).restype = ctypes.c_void_p
        display = ctypes.c_void_p(x.XOpenDisplay(sys.argv[1].encode()))
        window = int(sys.argv[2], 16)

        class Message(ctypes.Structure):
            _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                        ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("padding", ctypes.c_long * 24)]

        atoms = [x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
        message = Message(33, 0, 1, display, window, atoms[0], 32, (ctypes.c_long * 5)(atoms[1]))
        x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
        x.XSync(display, 0)
    """
    line = next(line for line in screen.window_names().splitlines() if "close me" in line)
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), screen.display, line.split()[0]], check=True, timeout=20
    )


@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_screen_it_is_said_at_once(monkeypatch: pytest.MonkeyPatch, display: str | None) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if display is None:
        monkeypatch.delenv("DISPLAY", raising=False)
    else:
        monkeypatch.setenv("DISPLAY", display)
    for open_it in (
        lambda: skyline.open("display://"),
        lambda: skyline.PipelineSkyLine("appsrc ! videoconvert ! autovideosink", errors="raise"),
    ):
        with pytest.raises(skyline.ResourceError, match="there is no screen"), open_it() as sky:
            sky.put(picture())
