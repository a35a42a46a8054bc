"""Clients of an RTSP server in processes of their own: they take the packets and decode nothing."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.rival import CheckFailed

_ONE = "rtspsrc location={url} protocols={transport} latency=0 ! {end}"
_INTO_NOTHING = "fakesink sync=false async=false"
_ESTABLISHED = "01"


def text_of(url: str, transport: str = "tcp") -> str:
    """The launch text of one client, for people."""
    return _ONE.format(url=url, transport=transport, end=_INTO_NOTHING)


def connected_to(url: str) -> int:
    """How many connections to the server's port there are on this machine."""
    address = f"0100007F:{urlsplit(url).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(remote == address and state == _ESTABLISHED for _, _, remote, state, *_ in rows)


@contextlib.contextmanager
def clients(
    url: str, count: int, transport: str = "tcp", files: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """So many clients in one process, connected and playing for a while; the process is killed in the end.

    Args:
        url: What they play.
        count: How many; with 0 a process that only sleeps.
        transport: ``"tcp"`` or ``"udp"``.
        files: A folder in which each writes what it gets.

    Raises:
        CheckFailed: They did not connect.
    """
    before = connected_to(url)
    chains = []
    for number in range(count):
        end = (
            _INTO_NOTHING if files is None else f"filesink location={files / f'client-{number}'} buffer-mode=unbuffered"
        )
        chains.append(_ONE.format(url=url, transport=transport, end=end))
    command = ["gst-launch-1.0", "-q", *shlex.split(" ".join(chains))] if count else ["sleep", "600"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + 20
        while connected_to(url) < before + count:
            if time.monotonic() > deadline_s or process.poll() is not None:
                message = f"{connected_to(url) - before} of {count} clients connected"
                raise CheckFailed(message)
            time.sleep(0.02)
        time.sleep(0.7)  # they have played, and what joining costs is over
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=5)
