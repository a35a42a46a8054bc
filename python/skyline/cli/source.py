"""Where ``record`` and ``stream`` take their frames from: a camera, a file, a stream OpenCV can open, or a drawn picture."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from skyline.cli import CommandError
from skyline.cli.drawing import DrawnPicture

Frame = npt.NDArray[Any]


@dataclass(frozen=True)
class Source:
    """Frames and what is known about their times.

    Attributes:
        frames: Each frame with its time in seconds since the first.
        fps: The rate where the frames have one, else None.
        is_live: Whether frames come when they come, and are to be stamped as they arrive.
        has_times: Whether the time of each frame is its own, as in a file, and not ``n / fps``.
    """

    frames: Iterator[tuple[Frame, float]]
    fps: Fraction | None
    is_live: bool = False
    has_times: bool = False


def open_source(name: str, *, fps: Fraction | None, width: int | None, height: int | None) -> Source:
    """Open what the user named and wait for its first frame, so that a file is begun only for frames that exist.

    Raises:
        CommandError: There is no such thing, or it holds no frame.
    """
    if name == "test":
        return _draw(fps or Fraction(30), width or 1280, height or 720)
    capture = cv2.VideoCapture(int(name) if name.isdecimal() else name)
    if not capture.isOpened():
        message = f"cannot open {name!r}: it is neither a camera number, nor a video OpenCV can read, nor 'test'"
        raise CommandError(message)
    is_live = name.isdecimal() or name.startswith("/dev/") or "://" in name
    source = _follow(capture, fps, width, height) if is_live else _read(capture, fps, width, height)
    first = next(source.frames, None)
    if first is None:
        message = f"no frame came from {name!r}"
        raise CommandError(message)
    return replace(source, frames=itertools.chain([first], source.frames))


def _draw(fps: Fraction, width: int, height: int) -> Source:
    picture = DrawnPicture(width=width, height=height, fps=fps)
    frame = np.empty((height, width, 3), np.uint8)

    def frames() -> Iterator[tuple[Frame, float]]:
        for number in itertools.count():
            picture.draw(number, frame)
            yield frame, float(number / fps)

    return Source(frames(), fps)


def _follow(capture: cv2.VideoCapture, fps: Fraction | None, width: int | None, height: int | None) -> Source:
    for wish, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, width),
        (cv2.CAP_PROP_FRAME_HEIGHT, height),
        (cv2.CAP_PROP_FPS, fps),
    ):
        if value is not None:
            capture.set(wish, float(value))

    def frames() -> Iterator[tuple[Frame, float]]:
        first_s = None
        for frame in _all_of(capture, width, height):
            now_s = time.monotonic()
            first_s = now_s if first_s is None else first_s
            yield frame, now_s - first_s

    return Source(frames(), fps, is_live=True)


def _read(capture: cv2.VideoCapture, fps: Fraction | None, width: int | None, height: int | None) -> Source:
    own_fps = capture.get(cv2.CAP_PROP_FPS)
    rate = fps or Fraction(own_fps if own_fps > 0 else 30).limit_denominator(1001)

    def frames() -> Iterator[tuple[Frame, float]]:
        for number, frame in enumerate(_all_of(capture, width, height)):
            # A rate asked for lays the frames out anew; else each keeps the time the file gives it.
            yield frame, float(number / rate) if fps else capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    return Source(frames(), rate, has_times=fps is None)


def _all_of(capture: cv2.VideoCapture, width: int | None, height: int | None) -> Iterator[Frame]:
    try:
        while True:
            is_there, frame = capture.read()
            if not is_there:
                return
            yield _fit(frame, width, height)
    finally:
        capture.release()


def _fit(frame: Frame, width: int | None, height: int | None) -> Frame:
    """Scale a frame to the size asked for; one side alone keeps the shape."""
    old_height, old_width = frame.shape[:2]
    new_width = width or round(old_width * (height or old_height) / old_height)
    new_height = height or round(old_height * new_width / old_width)
    if (new_width, new_height) == (old_width, old_height):
        return frame
    smaller = new_width < old_width
    return cv2.resize(frame, (new_width, new_height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def count_frames(path: Path) -> int | None:
    """How many frames OpenCV decodes; None where it cannot read such files."""
    reader = cv2.VideoCapture(str(path))
    if not reader.isOpened():
        return None
    found = 0
    while reader.read()[0]:
        found += 1
    reader.release()
    return found
