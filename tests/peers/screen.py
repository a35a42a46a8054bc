"""A screen without a monitor, and what is seen on it by a program that is not ours."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 640, 480


class Screen:
    """An X server of its own, at ``display``."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        size = f"{WIDTH}x{HEIGHT}x24"
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
            pass_fds=[writer],
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as number:  # chosen by the server, and written when it answers
            self.display = f":{number.readline().strip()}"

    def look(self, path: Path, width: int, height: int) -> np.ndarray:
        """The upper left of the screen in BGR, as ximagesrc sees it."""
        command = ["gst-launch-1.0", "-q", "ximagesrc", f"display-name={self.display}", "show-pointer=false"]
        command += ["use-damage=false", "num-buffers=1", f"endx={width - 1}", f"endy={height - 1}"]
        command += ["!", "videoconvert", "!", "video/x-raw,format=BGR", "!", "filesink", f"location={path}"]
        subprocess.run(command, check=True, timeout=20)
        return np.fromfile(path, np.uint8).reshape(height, width, 3)

    def window_names(self) -> str:
        """The tree of windows."""
        command = ["xwininfo", "-display", self.display, "-root", "-tree"]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def die(self) -> None:
        """As when somebody logs out."""
        self._server.kill()
        self._server.wait()


@contextmanager
def running_screen() -> Iterator[Screen]:
    screen = Screen()
    try:
        yield screen
    finally:
        screen.die()
