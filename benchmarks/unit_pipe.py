"""A pipe that encoded units come out of, read by the bench: when did each unit arrive?

An H.264 byte stream with access unit delimiters, so that a unit is known without asking whoever made it.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
import time
from pathlib import Path

_DELIMITER = b"\x00\x00\x00\x01\x09"
_CHUNK = 1 << 20  # the most that a pipe of an ordinary user holds


class UnitPipe:
    """Reads a named pipe on a thread until its writer is gone; one use.

    Args:
        path: The pipe is made here.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        self.path = path
        self.data = b""
        self._chunks: list[tuple[float, bytes]] = []
        self._is_over = threading.Event()
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, _CHUNK)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while True:
            is_over = self._is_over.is_set()  # looked at first: what is in the pipe by then is still read
            poll.poll(50)
            try:
                chunk = os.read(self._fd, _CHUNK)
            except BlockingIOError:
                chunk = b""
            if chunk:
                self._chunks.append((time.monotonic(), chunk))
            elif is_over:
                return
            else:  # the writer is not there yet, or silent
                time.sleep(0.0005)

    def arrivals_s(self) -> list[float]:
        """End the reading; the monotonic time at which each unit was there as a whole."""
        self._is_over.set()
        self._thread.join(timeout=5)
        os.close(self._fd)
        self.path.unlink()
        self.data = b"".join(chunk for _, chunk in self._chunks)
        starts = []
        at = self.data.find(_DELIMITER)
        while at >= 0:
            starts.append(at)
            at = self.data.find(_DELIMITER, at + 1)
        ends = [*starts[1:], len(self.data)]
        arrivals, chunks, seen = [], iter(self._chunks), 0
        came_s = 0.0
        for end in ends if starts else []:
            while seen < end:
                came_s, chunk = next(chunks)
                seen += len(chunk)
            arrivals.append(came_s)
        return arrivals
