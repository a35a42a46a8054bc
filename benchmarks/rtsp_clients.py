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
_MUCH = 500_000  # bytes


def text_of(url: str, transport: str = "tcp") -> str:
    """The launch text of one client, for people."""
    return _ONE.format(url=url, transport=transport, end=_INTO_NOTHING)


def _connections(url: str) -> list[list[str]]:
    """The rows of the kernel's table that are connections to or from the server's port."""
    address = f"0100007F:{urlsplit(url).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return [row for row in rows if row[3] == _ESTABLISHED and address in row[1:3]]


def connected_to(url: str) -> int:
    """How many connections to the server's port there are on this machine."""
    return len(_connections(url)) // 2  # each is there as seen from either end


def wait_until_stuck(url: str) -> None:
    """Until the kernel takes no more for a client that does not read.

    Raises:
        CheckFailed: It takes more and more.
    """
    deadline_s, most, since_s = time.monotonic() + 15, 0, time.monotonic()
    while time.monotonic() < deadline_s:
        unread = max((int(row[4].partition(":")[0], 16) for row in _connections(url)), default=0)
        if unread > most:
            most, since_s = unread, time.monotonic()
        if most > _MUCH and time.monotonic() - since_s > 0.4:
            return
        time.sleep(0.05)
    message = f"{most} bytes wait for a client that was stopped, and it is not the end"
    raise CheckFailed(message)


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
