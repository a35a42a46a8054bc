"""A receiver of RTP that nobody here wrote."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from benchmarks.number_reader import NumberReader
from benchmarks.rival import CheckFailed

RECEIVER = (
    'udpsrc address=127.0.0.1 port={port} buffer-size=4000000 caps="application/x-rtp,media=video,encoding-name=H264,'
    'payload=96,clock-rate=90000" ! rtpjitterbuffer latency=0 ! rtph264depay ! avdec_h264 max-threads=1'
    " ! video/x-raw,format=I420,width={width},height={height}"
)


def free_port() -> int:
    """An even UDP port that nobody has; RTP's is even by custom."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port % 2 == 0:
            return port
    raise CheckFailed("no free UDP port")


class RtpReceiver(NumberReader):
    """Listens on a port of its own from construction to ``close``; one use."""

    def __init__(self, width: int, height: int) -> None:
        self.port = free_port()
        super().__init__(RECEIVER.format(port=self.port, width=width, height=height), width, height)
        self._wait_until_bound()

    def _wait_until_bound(self) -> None:
        local = f"0100007F:{self.port:04X}"
        end = time.monotonic() + 10
        while local not in Path("/proc/net/udp").read_text(encoding="ascii"):
            if time.monotonic() > end or not self.is_running:
                self.close()
                raise CheckFailed("the receiver did not start")
            time.sleep(0.01)
