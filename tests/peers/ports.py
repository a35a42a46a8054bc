"""Ports of the loopback: free ones, and whether somebody has taken one. Looking disturbs nobody: nothing connects."""

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

_LISTENING = "0A"  # the kernel's TCP_LISTEN, as /proc/net/tcp writes it


def free_tcp_port() -> int:
    """A TCP port nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_port() -> int:
    """An even UDP port nobody has now, the next one (RTCP's) free as well."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port % 2 == 1:
                continue
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as neighbour:
                neighbour.bind(("127.0.0.1", port + 1))
                return port


def tcp_listens(port: int) -> bool:
    return any(state == _LISTENING for state in _states("tcp", port))


def udp_is_bound(port: int) -> bool:
    return bool(_states("udp", port))


def wait_until(is_so: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Look every few milliseconds; a test that waited in vain says for what."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for {what}"
        time.sleep(0.005)


def _states(protocol: str, port: int) -> list[str]:
    states = []
    for table in (protocol, protocol + "6"):
        lines = []
        with contextlib.suppress(FileNotFoundError):
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        for line in lines:
            _, local, _, state = line.split()[:4]
            if int(local.rsplit(":", 1)[1], 16) == port:
                states.append(state)
    return states
