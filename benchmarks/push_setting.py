"""One size of the frames that are pushed: how many keep it cold, how many calls make a round."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.pictures import noise
from benchmarks.worker import Worker

_COLD_BYTES = 50_000_000
_ROUND_PIXELS = 32 * 1920 * 1080


@dataclass(frozen=True)
class Setting:
    """Width and height, and what belongs to the rivals of that size.

    Args:
        width: Of every frame.
        height: Of every frame.
        folder: For what the checks write.
        stack: Closes the workers.
    """

    width: int
    height: int
    folder: Path
    stack: ExitStack

    @property
    def sources(self) -> int:
        """How many frames each rival pushes in turn: at least 8, and 50 MB."""
        return max(8, -(-_COLD_BYTES // (self.width * self.height * 3)))

    @property
    def copies(self) -> int:
        """Calls per round of what touches the pixels: some 10 ms of memcpy."""
        return max(8, round(_ROUND_PIXELS / (self.width * self.height)))

    @property
    def lends(self) -> int:
        """Calls per round of what does not: some 10 ms too."""
        return 2000

    @cached_property
    def checked(self) -> list[Any]:
        """The first frames of every worker: they are made of the same seed."""
        frames: list[Any] = noise(self.width, self.height, count=6)
        return frames

    @property
    def caps(self) -> str:
        """Pinned in the description of a check: other caps would not negotiate."""
        return f"width={self.width},height={self.height},framerate=30/1"

    def worker(self, script: str, **arguments: Any) -> Worker:
        """A process that has the frames."""
        worker = Worker(script, **arguments)
        self.stack.callback(worker.close)
        worker.ask("open_frames", width=self.width, height=self.height, count=self.sources)
        return worker
