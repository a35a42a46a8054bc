"""What a rival of ``push`` wrote into a file instead of a fakesink: are these the frames?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.colour_reference import distance, planes_of, split
from benchmarks.rival import CheckFailed


def check_bytes(path: Path, frames: Sequence[Any]) -> str:
    """Every byte of every frame, and not one more."""
    written = _taken(path, sum(frame.nbytes for frame in frames))
    if not np.array_equal(written, np.concatenate([frame.ravel() for frame in frames])):
        message = "the frames that came out are not the frames that went in"
        raise CheckFailed(message)
    return f"{len(frames)} frames, bytes equal"


def check_i420(path: Path, frames: Sequence[Any]) -> str:
    """BGR frames as I420: within rounding of the standard's arithmetic. HD is bt709, SD bt601."""
    height, width = frames[0].shape[:2]
    written = _taken(path, len(frames) * width * height * 3 // 2)
    matrix = "bt709" if height > 576 else "bt601"
    worst = 0.0
    for frame, data in zip(frames, written.reshape(len(frames), -1), strict=True):
        worst = max(worst, distance(split(data, "I420", width, height), planes_of(frame, "BGR", matrix)).worst)
    if worst > 0.55:  # half a code is rounding
        message = f"I420 is up to {worst:.2f} codes from {matrix}"
        raise CheckFailed(message)
    return f"{len(frames)} frames, within {worst:.2f} codes of {matrix}"


def check_floor(path: Path, frame_bytes: int, count: int) -> str:
    """The C program's own pattern."""
    written = _taken(path, frame_bytes * count)
    wanted = (np.arange(frame_bytes)[None, :] + np.arange(count)[:, None]) % 251
    if not np.array_equal(written, wanted.astype(np.uint8).ravel()):
        message = "the frames that came out are not the frames that went in"
        raise CheckFailed(message)
    return f"{count} frames, bytes equal"


def _taken(path: Path, size: int) -> Any:
    written = np.fromfile(path, np.uint8)
    path.unlink()
    if written.size != size:
        message = f"{written.size} bytes came out, not {size}"
        raise CheckFailed(message)
    return written
