"""Frames that carry their number as a bar code, so that loss, doubling and order are counted and not guessed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BITS = 16
_BLACK, _WHITE = 40, 210


def numbered_frame(number: int, *, width: int = 320, height: int = 96) -> np.ndarray:
    """A BGR frame with ``number`` in bars, and its complement below: a torn or blended frame is not readable."""
    row = np.full((2, width), 128, np.uint8)
    edges = _edges(width)
    for bit in range(BITS):
        is_set = number >> bit & 1
        row[0, edges[bit] : edges[bit + 1]] = _WHITE if is_set else _BLACK
        row[1, edges[bit] : edges[bit + 1]] = _BLACK if is_set else _WHITE
    frame = np.empty((height, width, 3), np.uint8)
    frame[: height // 2] = row[0, :, np.newaxis]
    frame[height // 2 :] = row[1, :, np.newaxis]
    return frame


def numbered_frames(count: int, *, width: int = 320, height: int = 96) -> Iterator[np.ndarray]:
    for number in range(count):
        yield numbered_frame(number, width=width, height=height)


def read_number(luma: np.ndarray) -> int:
    """The number in a decoded frame; -1 where the bars contradict each other."""
    height, width = luma.shape
    centres = (_edges(width)[:-1] + _edges(width)[1:]) // 2
    spread = max(1, width // BITS // 4)
    number = 0
    for bit, centre in enumerate(centres):
        upper = float(luma[height // 8 : height * 3 // 8, centre - spread : centre + spread].mean())
        lower = float(luma[height * 5 // 8 : height * 7 // 8, centre - spread : centre + spread].mean())
        if abs(upper - lower) < 60:
            return -1
        number |= (upper > lower) << bit
    return number


def numbers_in(path: Path | bytes, *, width: int = 320, height: int = 96) -> list[int]:
    """The numbers of all frames that decode, in order. What a crash cut off is not an error here."""
    name = path if isinstance(path, bytes) else str(path).encode()
    # A transport stream of a few packets is too short to be recognised.
    kind = [b"-f", b"mpegts"] if name.endswith(b".ts") else []
    command = [b"ffmpeg", b"-v", b"quiet", b"-nostdin", *kind, b"-i", b"file:" + name]
    command += [b"-fps_mode", b"passthrough", b"-pix_fmt", b"gray", b"-f", b"rawvideo", b"-"]
    raw = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=False).stdout
    frames = np.frombuffer(raw[: len(raw) // (width * height) * width * height], np.uint8).reshape(-1, height, width)
    return [read_number(frame) for frame in frames]


def numbers_after_a_crash(path: Path | bytes) -> list[int]:
    """Likewise; a last frame of which only a part was written is not counted."""
    numbers = numbers_in(path)
    return numbers[:-1] if numbers[-1:] == [-1] else numbers


def _edges(width: int) -> np.ndarray:
    return np.linspace(0, width, BITS + 1).astype(int)
