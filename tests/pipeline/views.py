"""Pictures to be looked at through views of every kind."""

from pathlib import Path
from typing import Any

import numpy as np

from tests import pictures
from tests.pictures import Array

WIDTH, HEIGHT = 20, 6


def picture(channels: int = 3, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)


def written_frames(path: Path, format: str = "BGR", width: int = WIDTH, height: int = HEIGHT) -> list[bytes]:
    return pictures.raw_frames(path.read_bytes(), format, width, height)


class Marked(np.ndarray[Any, Any]):
    """An ndarray subclass like those of astropy or of a camera's driver."""
