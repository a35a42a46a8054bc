"""A screen without a screen: Xvfb, and what is on it."""

import os
import select
from pathlib import Path

import numpy as np

from tests.peers.peer_process import PeerProcess
from tests.peers.ports import wait_until
from tests.programs import program

_START_S = 10.0
_HEADER_WORDS = 25  # of an XWD file: big-endian, 32 bits each


class Xvfb(PeerProcess):
    """A screen of ``width`` by ``height``; programs find it under ``display``, as ``DISPLAY``."""

    def __init__(self, folder: Path, *, width: int = 640, height: int = 480) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._screen = folder / "Xvfb_screen0"
        self.display = ""
        super().__init__(
            [
                program("Xvfb"), "-displayfd", "@", "-screen", "0", f"{width}x{height}x24",
                "-fbdir", folder, "-nolisten", "tcp", "-noreset",
            ],
            folder / "xvfb.log",
        )  # fmt: skip

    def start(self) -> None:
        # The server chooses a free number and tells it through a descriptor, once it can be used.
        told, teller = os.pipe()
        try:
            self.command[2] = str(teller)
            self._pass_fds = (teller,)
            super().start()
            number = b""
            while not number.endswith(b"\n"):  # it comes in two pieces
                ready, _, _ = select.select([told], [], [], _START_S)
                if not ready:
                    self.kill()
                    message = f"Xvfb did not start in {_START_S} s:\n{self.said}"
                    raise AssertionError(message)
                number += os.read(told, 64)
            self.display = f":{number.decode().strip()}"
            wait_until(self._screen.exists, _START_S, f"the screen's memory: {self.said}")
        finally:
            os.close(told)
            os.close(teller)

    def screenshot(self) -> np.ndarray:
        """What is on the screen: BGR, ``(height, width, 3)``."""
        assert self.is_running, f"Xvfb has ended:\n{self.said}"
        data = self._screen.read_bytes()
        header = np.frombuffer(data, ">u4", _HEADER_WORDS)
        width, height, row_bytes, colours = (int(header[i]) for i in (4, 5, 12, 19))
        begin = int(header[0]) + 12 * colours
        rows = np.frombuffer(data, np.uint8, height * row_bytes, begin).reshape(height, row_bytes)
        return rows[:, : width * 4].reshape(height, width, 4)[..., :3].copy()
