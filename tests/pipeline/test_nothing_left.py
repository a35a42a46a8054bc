"""Nothing is left behind: threads, descriptors, memory."""

import ctypes
import gc
import itertools
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests import invariants
from tests.pipeline.watching import black, fill


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    ]


def allocated_bytes() -> int:
    mallinfo2 = ctypes.CDLL("libc.so.6").mallinfo2
    mallinfo2.restype = _Mallinfo2
    info = mallinfo2()
    return int(info.uordblks + info.hblkhd)


@pytest.mark.slow
@pytest.mark.no_sanitizer("resident memory means nothing there")
@pytest.mark.parametrize("kind", ["file", "description"])
def test_200_cycles_leave_no_thread_no_descriptor_and_no_memory(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        sky: skyline.SkyLine = skyline.FileSkyLine(tmp_path / "film.mp4", fps=30)
    else:
        sky = skyline.PipelineSkyLine("appsrc ! videoconvert ! x264enc tune=zerolatency ! fakesink", fps=30)

    def cycle() -> None:
        sky.start_streaming(width=64, height=64)
        sky.put(black())
        sky.lend(black())
        with sky.acquire() as slot:
            slot.array[...] = 0
        sky.stop_streaming()

    for _ in range(20):
        cycle()
    before = invariants.Resources()
    allocated = []
    for _ in range(200):
        cycle()
        allocated.append(allocated_bytes())
    assert invariants.settle(before.grown) == []
    # What malloc has given out and not got back: resident memory would show its habits as well. One 64x64
    # frame is 12 kB; GStreamer itself keeps some 300 bytes of every encoder.
    slope = np.polyfit(np.arange(150), allocated[50:], 1)[0]
    assert slope < 2000, f"{slope:.0f} bytes a cycle"


def test_a_skyline_nobody_refers_to_is_stopped_and_freed(tmp_path: Path) -> None:
    """In a cycle too, and collected on another thread."""

    class Keeps:
        pass

    watched = []
    with pytest.warns(ResourceWarning, match="never stopped"):
        for _ in range(20):
            sky = skyline.open(tmp_path / "film.mkv", fps=30)
            sky.put(black())
            keeps = Keeps()
            keeps.sky, keeps.itself = sky, keeps  # type: ignore[attr-defined]
            watched.append(weakref.ref(keeps))
            del sky, keeps
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join(20)
    assert not collector.is_alive()
    assert all(reference() is None for reference in watched)


VERBS: dict[str, Callable[[skyline.SkyLine, np.ndarray], object]] = {
    "put": lambda sky, frame: sky.put(frame),
    "lend": lambda sky, frame: sky.lend(frame.copy()),
    "acquire": lambda sky, _: fill(sky),
}


@pytest.mark.slow
@pytest.mark.no_sanitizer("resident memory means nothing there")
@pytest.mark.parametrize("verb", VERBS)
def test_resident_memory_is_flat_over_100_000_frames(verb: str) -> None:
    """Acceptance 3. One leaked frame in a hundred would show: 100 000 frames of 3 kB are 300 MB."""
    frame = black(32, 32)
    push = VERBS[verb]
    with skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, width=32, height=32, clock="fixed", max_buffers=8) as sky:
        for _ in range(1000):
            push(sky, frame)
        gc.collect()
        first = resident_bytes()
        looks = []
        for _ in range(99):
            for _ in range(1000):
                push(sky, frame)
            looks.append(resident_bytes())
        assert sky.stats().frames_in == 100_000
    grown = np.median(looks[-10:]) - first
    assert grown < 2_500_000, f"{grown / 1e6:.1f} MB more than after the first thousand frames"
    slope = np.polyfit(np.arange(70), looks[-70:], 1)[0] / 1000
    assert slope < 8, f"{slope:.1f} bytes a frame"


@pytest.mark.slow
@pytest.mark.no_sanitizer("resident memory means nothing there")
def test_resident_memory_of_an_encoding_stream_is_flat(tmp_path: Path) -> None:
    """The lane, the fan-out and the file output, 15 000 frames of each verb mixed."""
    frame = black(32, 32)
    looks = []
    with skyline.open(
        tmp_path / "film.mkv", fps=30, width=32, height=32, encoder=skyline.encoders.h264(latency="live")
    ) as sky:
        for number, push in zip(range(15_000), itertools.cycle(VERBS.values()), strict=False):
            push(sky, frame)
            if number >= 3000 and number % 250 == 0:
                looks.append(resident_bytes())
    slope = np.polyfit(np.arange(len(looks)), looks, 1)[0] / 250
    # matroskamux keeps a cue per key frame, x264 its statistics: some bytes a frame are the file's own.
    assert slope < 200, f"{slope:.0f} bytes a frame"
