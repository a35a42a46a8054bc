"""Frames sent at their pace, each with its number in bars and colours below, and what a peer recorded of them."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from typing_extensions import Self

import skyline
from skyline.encoders import Encoder
from skyline.sinks import Sink
from skyline.stats import Stats
from tests.peer_readers import read_frames, read_pts_s
from tests.pipeline.bar_code import numbered_frame, read_number
from tests.pipeline.decoding import picture, psnr

FPS = 30
WIDTH, BARS_HEIGHT = 320, 96
HEIGHT = 2 * BARS_HEIGHT
LEAST_PSNR = 30.0
TIMES_WITHIN_MS = 20.0
STAMPED_WITHIN_S = 0.01


def frame_of(number: int) -> np.ndarray:
    bars = numbered_frame(number, width=WIDTH, height=BARS_HEIGHT)
    return np.vstack([bars, picture(number, WIDTH, HEIGHT - BARS_HEIGHT)])


class Pushing:
    """Pushes numbered frames at 30 a second on a thread of its own, from 0 on, until it is left or all are put."""

    def __init__(self, sink: str | Sink, *, encoder: Encoder | None = None, count: int | None = None) -> None:
        self.put_s: list[float] = []  # when each frame was put; nan where the machine was elsewhere in that moment
        self._count = count
        # What is tried here is the way to the peer, so no frame may be lost before it on a busy machine.
        self._sky = skyline.open(sink, encoder=encoder, max_buffers=60)
        self._error: BaseException | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._push, name="pushing")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()
        if self._error is not None and failure[0] is None:
            raise self._error

    def stop(self) -> None:
        """Push no more, and finalise."""
        self._over.set()
        self._thread.join()
        self._sky.stop_streaming()

    def stats(self) -> Stats:
        return self._sky.stats()

    def wait_for(self, count: int) -> None:
        """Until so many were put."""
        while len(self.put_s) < count and not self._over.wait(0.005):
            if self._error is not None:
                raise self._error

    def _push(self) -> None:
        try:
            for number, at in itertools.islice(enumerate(_beats()), self._count):
                frame = frame_of(number)
                if self._over.wait(max(0.0, at - time.monotonic())):
                    return
                now_s = time.monotonic()
                self._sky.put(frame)
                was_held_up = time.monotonic() - now_s > STAMPED_WITHIN_S
                self.put_s.append(np.nan if was_held_up else now_s)
        except BaseException as error:  # told where the pushing is left
            self._error = error


def push(sink: str | Sink, count: int, *, encoder: Encoder | None = None) -> list[float]:
    """Push so many frames and finalise; when each was put."""
    with Pushing(sink, encoder=encoder, count=count) as pushing:
        pushing.wait_for(count)
    return pushing.put_s


def check_recording(path: Path, put_s: list[float]) -> None:
    """Every frame that was put, in order, at its time, in its colours."""
    check_frames(read_frames(path, "bgr24"), [float(pts_s) for pts_s in read_pts_s(path)], put_s)


def check_frames(
    frames: np.ndarray, pts_s: list[float], put_s: list[float], *, first: int = 0, untimed: int = 0
) -> None:
    """Likewise, of frames that were received, from number ``first`` on; of the first few only not their times."""
    check_pictures(frames, first, len(put_s))
    check_times(pts_s[untimed:], put_s[first + untimed :])


def check_times(pts_s: list[float], put_s: list[float]) -> None:
    late_s = np.array(pts_s) - put_s
    late_ms = (late_s - np.nanmedian(late_s)) * 1000
    assert np.isfinite(late_ms).sum() > len(late_ms) / 2
    assert np.nanmax(np.abs(late_ms)) <= TIMES_WITHIN_MS, f"times are off by {late_ms.round(1)} ms"


def check_pictures(frames: np.ndarray, first: int, end: int) -> None:
    """All numbers, in order, and the colours, without the times."""
    numbers = numbers_of(frames)
    assert numbers == list(range(first, end)), f"received {numbers}, put {first} to {end - 1}"
    for frame, number in list(zip(frames, numbers, strict=True))[:: len(numbers) // 3]:
        assert psnr(frame[BARS_HEIGHT:], picture(number, WIDTH, HEIGHT - BARS_HEIGHT)) > LEAST_PSNR, number


def numbers_of(frames: np.ndarray) -> list[int]:
    """-1 for a picture that is not as it was sent: grey, torn, half a picture."""
    return [read_number(frame[:BARS_HEIGHT, :, 1]) for frame in frames]


def _beats() -> Iterator[float]:
    start = time.monotonic()
    number = 0
    while True:
        yield start + number / FPS
        number += 1
