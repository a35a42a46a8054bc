"""The states of a SkyLine, and the sentinel of its ``start_streaming``."""

import enum
from typing import NamedTuple

from skyline.framerate import Fps

USE_LAST_VALUE = -999
"""For ``start_streaming``: take what the last session had."""


class State(enum.Enum):
    """What a SkyLine does; as ``SkyLine.State``."""

    STOPPED = 0
    START_WARMUP = 1
    """Started without a number that the description needs; the next frame begins the measuring."""
    WARMUP = 2
    """Measuring; frames are counted and not shown."""
    STREAMING = 3
    ERROR = -1
    """Failed; ``last_error`` says why. ``start_streaming`` begins anew."""


class Numbers(NamedTuple):
    """What a session is made for. None is not known yet."""

    fps: Fps | None = None
    width: int | None = None
    height: int | None = None
