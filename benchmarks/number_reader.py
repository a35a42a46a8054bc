"""A viewer that nobody here wrote: gst-launch-1.0 decodes, the bench reads the numbers off the pictures."""

from __future__ import annotations

import fcntl
import shlex
import shutil
import subprocess
import threading
import time

import numpy as np

from benchmarks.bar_code import STRIP, read
from benchmarks.rival import RivalMissing


class NumberReader:
    """Runs from construction to ``close``; ``arrivals`` holds each number and when its picture was there.

    Args:
        text: Launch text that ends in decoded I420.
        width: Of the picture.
        height: Of the picture.
    """

    def __init__(self, text: str, width: int, height: int) -> None:
        if shutil.which("gst-launch-1.0") is None:
            raise RivalMissing("gst-launch-1.0 receives: sudo apt install gstreamer1.0-tools")
        self.arrivals: list[tuple[int, float]] = []
        self._width = width
        cut = f"{text} ! videocrop bottom={height - STRIP} ! fdsink fd=1"
        command = ["gst-launch-1.0", "-q", *shlex.split(cut)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        assert self._process.stdout is not None
        fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, 1 << 20)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def _read(self) -> None:
        assert self._process.stdout is not None
        bytes_of_strip = self._width * STRIP * 3 // 2
        pending = b""
        while chunk := self._process.stdout.read(1 << 20):
            pending += chunk
            while len(pending) >= bytes_of_strip:
                now_s = time.monotonic()
                luma = np.frombuffer(pending, np.uint8, self._width * STRIP).reshape(STRIP, self._width)
                self.arrivals.append((read(luma), now_s))
                pending = pending[bytes_of_strip:]

    def wait_for(self, number: int, timeout_s: float) -> None:
        """Until the frame of this number is there, or the time is over."""
        end = time.monotonic() + timeout_s
        while not any(seen == number for seen, _ in self.arrivals[-8:]) and time.monotonic() < end:
            time.sleep(0.01)

    def wait_for_pictures(self, count: int, timeout_s: float) -> None:
        """Until so many whole ones are there, whatever their numbers; or the time, or the viewer, is over."""
        end = time.monotonic() + timeout_s
        while self.is_running and time.monotonic() < end and sum(seen >= 0 for seen, _ in self.arrivals) < count:
            time.sleep(0.01)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait(timeout=5)
        self._thread.join(timeout=5)
