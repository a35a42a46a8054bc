"""VLC without a window: it opens a stream as its users do and writes what it understood into a file."""

import os
from pathlib import Path

from tests.peers.peer_process import PeerProcess
from tests.programs import program

_NOBODY = "65534"


class Vlc(PeerProcess):
    """``recording`` is a transport stream of VLC's own making, without encoding anew.

    Args:
        url: What a user would open.
        folder: Of this player alone.
    """

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.recording = folder / "vlc.ts"
        # It refuses to run as root.
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        super().__init__(
            [
                *(as_nobody if os.geteuid() == 0 else []),
                program("cvlc"), "-q", "--no-one-instance", "--play-and-exit",
                "--network-caching=300", "--sout", "#standard{access=file,mux=ts,dst=-}", url,
            ],
            folder / "vlc.log",
            stdout=self.recording,
            env={"HOME": "/tmp", "DISPLAY": ""},
        )  # fmt: skip
