"""One conversion: its frames, the memory the results go to, and how a converter becomes a rival that is looked at first."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.colour_reference import Distance, distance, join, packed_of, planes_of, smooth, split, to_format
from benchmarks.pictures import noise
from benchmarks.rival import CheckFailed, Rival

WIDTH, HEIGHT = 1920, 1080
PIXELS = WIDTH * HEIGHT
BYTES = {"BGR": PIXELS * 3, "BGRA": PIXELS * 4, "GRAY8": PIXELS, "I420": PIXELS * 3 // 2, "NV12": PIXELS * 3 // 2}
SHAPES = {
    "BGR": (HEIGHT, WIDTH, 3),
    "BGRA": (HEIGHT, WIDTH, 4),
    "GRAY8": (HEIGHT, WIDTH),
    "I420": (HEIGHT * 3 // 2, WIDTH),
    "NV12": (HEIGHT * 3 // 2, WIDTH),
}
_COLD_BYTES = 50_000_000
_LEAST_PSNR = 36.0  # on a smooth picture; the other matrix or range is below 30
REWEIGHTED = "bt709 to gray of bt601"
_ROUNDING = 0.55  # codes; a perfect one is 0.5

Bind = Callable[[Any, Any], Callable[[], object]]
"""Of a frame and a destination: the call that is timed. What it needs is looked up before."""


@dataclass(frozen=True)
class Work:
    """From one format to another.

    Args:
        source: Format of the frames.
        result: Format of what is made.
        is_hot: The same frame again and again, instead of 50 MB of them in turn.
    """

    source: str
    result: str
    is_hot: bool = False

    @cached_property
    def frames(self) -> list[Any]:
        """At least 8 frames and 50 MB; or one."""
        count = 1 if self.is_hot else max(8, -(-_COLD_BYTES // BYTES[self.source]))
        height, width, channels = (*SHAPES[self.source], 1)[:3]
        frames: list[Any] = noise(width, height, channels, count)
        return frames

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What is made once: destinations, references, what a rival prepares of a frame."""
        return {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Make something, or give what was made before."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def release(self) -> None:
        """Give the memory back: a report keeps the rivals to the end."""
        self.__dict__.pop("frames", []).clear()
        self.kept.clear()

    def pool(self, format: str) -> list[Any]:
        """Four destinations, touched: what a buffer pool gives."""
        pool: list[Any] = self.once(format, lambda: [np.full(SHAPES[format], 1, np.uint8) for _ in range(4)])
        return pool

    def _smooth_frame(self, matrix: str) -> Any:
        bgr = smooth(WIDTH, HEIGHT)
        if self.result in ("I420", "NV12"):
            return to_format(bgr, self.source)
        planes = planes_of(bgr, "BGR", "bt709" if matrix == REWEIGHTED else matrix)
        return join(planes, self.source).reshape(SHAPES[self.source])

    def _reference(self, frame: Any, matrix: str) -> list[Any]:
        if self.result in ("I420", "NV12"):
            return planes_of(frame, self.source, matrix)
        planes = split(frame.reshape(-1), self.source, WIDTH, HEIGHT)
        if matrix != REWEIGHTED:
            return [packed_of(planes, self.result, matrix)]
        return [packed_of(planes_of(packed_of(planes, "BGR", "bt709"), "BGR", "bt601"), self.result, "bt601")]

    def distance(self, frame: Any, made: Any, matrix: str) -> Distance:
        """Of a result from the standard's arithmetic; ``frame`` is kept."""
        _, reference = self.once((id(frame), matrix), lambda: (frame, self._reference(frame, matrix)))
        if self.result in ("I420", "NV12"):
            return distance(split(made.reshape(-1), self.result, WIDTH, HEIGHT), reference)
        return distance([made.reshape(SHAPES[self.result])], reference)

    def seconds(self, bind: Bind, count: int, into: str = "") -> float:
        """Per frame, over ``count`` frames in turn into the destinations in turn."""
        pairs = zip(itertools.cycle(self.frames), itertools.cycle(self.pool(into or self.result)), strict=False)
        turn = [bind(frame, out) for frame, out in itertools.islice(pairs, count)]
        begin = time.perf_counter()
        for call in turn:
            call()
        return (time.perf_counter() - begin) / count

    def check(self, bind: Bind, matrix: str, *, is_ours: bool = False, is_pooled: bool = True) -> str:
        """Look at what a converter makes of a smooth frame.

        Ours must be exact to the rounding, in a random frame too: its chroma is a plain mean, and plainly repeated.
        A converter that is not pooled returns an array of its own; all others must have written into the destination.
        """
        smooth_frame = self.once(("smooth", matrix), lambda: self._smooth_frame(matrix))
        frames = [smooth_frame, self.frames[0]] if is_ours else [smooth_frame]
        found = []
        for frame in frames:
            out = np.zeros(SHAPES[self.result], np.uint8)
            made = bind(frame, out)()
            found.append(self.distance(frame, out if is_pooled else made, matrix))
            if found[-1].psnr < _LEAST_PSNR or (is_ours and found[-1].worst > _ROUNDING):
                message = f"{self.source} to {self.result}: {found[-1]} from {matrix}"
                raise CheckFailed(message)
        return f"{found[-1]} from {matrix}"


def rival(work: Work, name: str, bind: Bind, matrix: str, settings: str, *, count: int = 32) -> Rival:
    """A stranger's converter."""
    return Rival(name, lambda: work.seconds(bind, count), settings, lambda: work.check(bind, matrix))
