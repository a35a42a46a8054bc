"""Streams as the tests run them: offline, lossless, and stalled where a test needs time to stand still."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skyline import PipelineSkyLine, SkyLine

# Longer than anything here takes on a loaded machine; shorter than a test's own limit.
PATIENCE_S = 20.0


@contextlib.contextmanager
def running(description: str, **options: Any) -> Iterator[SkyLine]:
    """A description as a stream: offline (frame n at n/fps, nothing dropped), errors raised, BGR, unless said otherwise."""
    chosen: dict[str, Any] = {"fps": 30, "clock": "fixed", "errors": "raise", **options}
    with PipelineSkyLine(description, **chosen) as sky:
        yield sky


@contextlib.contextmanager
def raw_file(path: Path, *, hasty: bool = False, **options: Any) -> Iterator[SkyLine]:
    """Frames into a file as they are, in GStreamer's default rows.

    The sink collects 64 KiB of buffers before it writes any, so frames are held as long as can be; a ``hasty`` one
    lets go of each at once, so memory comes back and is used again as soon as can be.
    """
    letting_go = " buffer-mode=unbuffered enable-last-sample=false" if hasty else ""
    with running(f'appsrc ! filesink location="{path}"{letting_go}', **options) as sky:
        yield sky


class StalledPipe:
    """A pipeline that stands still in its sink until the test reads: ``description`` ends in ``! fdsink``.

    The sink writes into a pipe that nobody empties, so a frame larger than the pipe (64 KiB) is being written,
    one waits in the appsrc and the others in our queue, for as long as the test likes.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)  # so that the sink can be stopped while it waits
        # Without last-sample: the sink would keep the last buffer until the next one.
        self.sink = f"fdsink fd={self._writer} enable-last-sample=false"

    def read_all(self, total: int) -> bytes:
        """The next ``total`` bytes that the pipeline writes; lets it run until then."""
        parts = []
        while total > 0:
            part = os.read(self._reader, total)
            assert part, "the pipeline closed the pipe"
            parts.append(part)
            total -= len(part)
        return b"".join(parts)

    def break_off(self) -> None:
        """Let the sink fail with a broken pipe at its next write."""
        if self._reader >= 0:
            os.close(self._reader)
            self._reader = -1

    def close(self) -> None:
        self.break_off()
        os.close(self._writer)


@contextlib.contextmanager
def stalled_pipe() -> Iterator[StalledPipe]:
    """A StalledPipe, closed in the end. Open it outside the stream that writes into it."""
    pipe = StalledPipe()
    try:
        yield pipe
    finally:
        pipe.close()
