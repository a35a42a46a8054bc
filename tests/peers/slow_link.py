"""A link between a sender and a peer that is as bad as the test likes: slow, late, lossy, stalled, cut."""

import contextlib
import heapq
import itertools
import random
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType

from typing_extensions import Self

_CHUNK_BYTES = 16 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)  # closing resets
_TICK_S = 0.01


@dataclass
class Weather:
    """May be changed while the link runs.

    Attributes:
        delay_s: Each piece is this late; of TCP one piece of 16 KiB is under way at a time.
        bytes_per_s: No more than this; 0 is no limit. TCP only: what does not fit waits in the sender.
        loss: Part of the datagrams that vanish, 0 to 1. UDP only.
    """

    delay_s: float = 0.0
    bytes_per_s: int = 0
    loss: float = 0.0


class _Link(ABC):
    """Send to ``port`` instead of the peer's. Its threads end with the block."""

    def __init__(self, to_port: int, weather: Weather | None, kind: socket.SocketKind) -> None:
        self.weather = weather or Weather()
        self.bytes_passed = 0
        self._to = ("127.0.0.1", to_port)
        self._is_over = threading.Event()
        self._passes = threading.Event()
        self._passes.set()
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._serve)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive(), "the link did not end"
        self._socket.close()

    def stall(self) -> None:
        """Nothing passes, nothing is read; connections stay open."""
        self._passes.clear()

    def resume(self) -> None:
        self._passes.set()

    @abstractmethod
    def cut(self) -> None:
        """Reset every connection; new ones are accepted."""

    @abstractmethod
    def _serve(self) -> None: ...

    def _start(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments, name="slow-link")
        self._threads.append(thread)
        thread.start()


class SlowTcpLink(_Link):
    """A link of connections, each with one to the peer."""

    def __init__(self, to_port: int, weather: Weather | None = None) -> None:
        super().__init__(to_port, weather, socket.SOCK_STREAM)
        self.connections = 0
        self._ends: list[socket.socket] = []
        # Little room in the kernel, so that a stall reaches the sender soon.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _CHUNK_BYTES)
        self._socket.listen()

    def cut(self) -> None:
        for end in self._ends.copy():
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # shut down
            while True:
                self._start(self._connect, self._socket.accept()[0])

    def _connect(self, near: socket.socket) -> None:
        self.connections += 1
        with near:
            try:
                far = socket.create_connection(self._to, timeout=5)
            except OSError:  # as refused as can be behind a link
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                return
            far.settimeout(None)
            with far:
                ends = [near, far]
                self._ends += ends
                back = threading.Thread(target=self._pass, args=(far, near), name="slow-link")
                back.start()
                self._pass(near, far)
                back.join()
                for end in ends:
                    self._ends.remove(end)

    def _pass(self, reader: socket.socket, writer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := reader.recv(_CHUNK_BYTES):
                while not self._passes.wait(_TICK_S) and not self._is_over.is_set():
                    pass
                rate = self.weather.bytes_per_s
                self._is_over.wait(self.weather.delay_s + (len(piece) / rate if rate else 0))
                writer.sendall(piece)
                self.bytes_passed += len(piece)
        with contextlib.suppress(OSError):
            writer.shutdown(socket.SHUT_WR)


class SlowUdpLink(_Link):
    """A link of datagrams, to the peer, and back to whoever was heard last. The same seed, the same losses."""

    def __init__(self, to_port: int, weather: Weather | None = None, *, seed: int = 1) -> None:
        super().__init__(to_port, weather, socket.SOCK_DGRAM)
        self._random = random.Random(seed)
        self._socket.settimeout(_TICK_S / 2)

    def cut(self) -> None:
        """There are no connections."""

    def _serve(self) -> None:
        under_way: list[tuple[float, int, bytes, tuple[str, int]]] = []
        order = itertools.count()
        sender: tuple[str, int] | None = None
        while not self._is_over.is_set():
            # A timeout, or the peer is not there (ICMP): datagrams are lost, as on any link.
            with contextlib.suppress(OSError):
                data, address = self._socket.recvfrom(1 << 16)
                sender = sender if address == self._to else address
                to = sender if address == self._to else self._to
                if to is not None and self._passes.is_set() and self._random.random() >= self.weather.loss:
                    heapq.heappush(under_way, (time.monotonic() + self.weather.delay_s, next(order), data, to))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, data, to = heapq.heappop(under_way)
                with contextlib.suppress(OSError):
                    self._socket.sendto(data, to)
                    self.bytes_passed += len(data)
