"""What is seen on a screen by programs that are not ours."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.peers.xvfb import Xvfb


class Screen(Xvfb):
    """A screen whose windows are looked at."""

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


@contextmanager
def running_screen() -> Iterator[Screen]:
    """One for several tests, which its owner may kill as when somebody logs out."""
    with tempfile.TemporaryDirectory() as folder, Screen(Path(folder)) as screen:
        yield screen
