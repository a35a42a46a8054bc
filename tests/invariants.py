"""What must be true after every test that runs pipelines, whatever the test was about.

I1  every stream's books add up, and nothing is in flight after stop; likewise for its outputs
I2  no lent frame is still held
I3  threads and file descriptors are those from before
I4  GLib had nothing to complain about (stderr), and no CRITICAL ended the process (G_DEBUG)
I5  no planted secret was printed or logged
I6  the process is alive, I7 in time: pytest-timeout and faulthandler
I8  outputs beside a failed one are complete
I9  no latency is of more frames than got so far, and its percentiles are in order

The fixtures that check this are in conftest.py.
"""

import contextlib
import ctypes
import gc
import re
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import numpy as np

from skyline import _core, rtsp_core

GRACE_S = 2.0  # a thread that was told to end may take a moment

# GLib's own, started once in a process and never ended; the names are GLib's.
_LASTING_THREADS = {"gmain", "gdbus", "dconf worker"}
_GLIB_COMPLAINT = re.compile(r"^.*-(?:CRITICAL|WARNING|ERROR) \*\*.*$", re.MULTILINE)


@dataclass
class Books:
    """The counters of one stream when it was stopped."""

    stream: str
    frames: dict[str, Any]
    outputs: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)  # name, state, counters


class StreamWatch:
    """Notes the books of every stream at each stop. Passive: it calls the real thing and looks."""

    def __init__(self) -> None:
        self.books: list[Books] = []
        self._outputs: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def install(self) -> None:
        lane: Any = _core.Lane
        encode_lane: Any = _core.EncodeLane
        real_stop = lane.stop

        def stop(self: Any, timeout_s: float = 10.0) -> Any:
            finalised = real_stop(self, timeout_s)
            watch.note(self)
            return finalised

        def noted(real_add: Callable[..., Any]) -> Callable[..., Any]:
            def add(self: Any, *arguments: Any, **options: Any) -> Any:
                output = real_add(self, *arguments, **options)
                with watch._lock:
                    watch._outputs.setdefault(self, []).append(output)
                return output

            return add

        watch = self
        lane.stop = stop
        for name in ("add_output", "add_mount", "add_ring", "add_callback", "save"):
            setattr(encode_lane, name, noted(getattr(encode_lane, name)))

    def note(self, lane: Any) -> None:
        with self._lock:
            outputs = [(o.name, o.state, o.stats()) for o in self._outputs.get(lane, [])]
            self.books.append(Books(type(lane).__name__, lane.stats(), outputs))

    def take(self) -> list[Books]:
        with self._lock:
            books, self.books = self.books, []
        return books


def wrong_books(books: Iterable[Books]) -> Iterator[str]:
    """I1, I8 and I9."""
    for book in books:
        frames = book.frames
        accounted = frames["frames_encoded"] + sum(frames["frames_dropped"].values()) + frames["frames_in_flight"]
        if frames["frames_in"] != accounted:
            yield f"I1: the frames of a {book.stream} do not add up: {frames}"
        if frames["frames_in_flight"] != 0:
            yield f"I1: frames are in flight after stop of a {book.stream}: {frames}"
        yield from wrong_latencies(book)
        somebody_failed = any(state == "failed" for _, state, _ in book.outputs)
        for name, state, units in book.outputs:
            if units["units_in"] != units["units_sent"] + units["units_dropped"] + units["units_queued"]:
                yield f"I1: the units of output {name} do not add up: {units}"
            if state in {"stopped", "failed"} and units["units_queued"] != 0:
                yield f"I1: output {name} is {state} and still has units queued: {units}"
            if somebody_failed and state == "stopped" and units["units_dropped"] != 0:
                yield f"I8: output {name} lost units beside one that failed: {units}"


def wrong_latencies(book: Books) -> Iterator[str]:
    """I9."""
    frames = book.frames
    encoded = _measured(frames["latency"]["encoded"]) + frames["unmatched_units"]
    if encoded > frames["frames_encoded"] or (book.stream == "EncodeLane" and encoded != frames["frames_encoded"]):
        yield f"I9: a {book.stream} has {encoded} units with a latency or without a frame: {frames}"
    if _measured(frames["latency"]["pushed"]) > frames["frames_in"]:
        yield f"I9: a {book.stream} measured more frames than it got: {frames}"
    for name, _, units in book.outputs:
        if _measured(units["latency"]) > units["units_sent"]:
            yield f"I9: output {name} measured more units than it sent: {units}"
    spans = [frames["latency"], frames["recent_latency"]]
    spans += [{"sent": units[span]} for _, _, units in book.outputs for span in ("latency", "recent_latency")]
    for step, values in [item for span in spans for item in span.items()]:
        if values is not None and not 0 <= values[1] <= values[2] <= values[3] <= values[4]:
            yield f"I9: percentiles of {step} in a {book.stream} are not in order: {values}"


def _measured(values: tuple[Any, ...] | None) -> int:
    return 0 if values is None else int(values[0])


def threads() -> dict[int, str]:
    """Names of this process's threads by their id, without those of GLib and of GStreamer's task pool.

    An idle thread of the pool stays half a second and bears the name of the pad it last served ("appsrc0:src"). A
    pipeline that still runs is noticed all the same: by the descriptors of its bus, and at the end of the session.
    """
    return {tid: name for tid, name in all_threads().items() if not is_pooled(name) and name not in _LASTING_THREADS}


def is_pooled(name: str) -> bool:
    """Whether a thread belongs to a pool of GLib's; its own name, or GStreamer's for the pad it serves."""
    return ":" in name or name.startswith("pool-")


def all_threads() -> dict[int, str]:
    found = {}
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile
            found[int(task.name)] = (task / "comm").read_text().strip()
    return found


def descriptors() -> dict[int, str]:
    """What this process's file descriptors point at."""
    found = {}
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:  # the one this listing needed
            continue
        if not target.startswith("/proc/"):
            found[int(link.name)] = target
    return found


@dataclass
class Resources:
    """Threads and file descriptors at a moment."""

    threads: dict[int, str] = field(default_factory=threads)
    descriptors: dict[int, str] = field(default_factory=descriptors)

    def grown(self) -> list[str]:
        """What is there that was not, now."""
        grown = []
        if holds := _core.live_holds():
            grown.append(f"I2: {holds} lent frames are still held")
        if more := {tid: name for tid, name in threads().items() if tid not in self.threads}:
            grown.append(f"I3: threads are left: {more}")
        if more := {fd: to for fd, to in descriptors().items() if self.descriptors.get(fd) != to}:
            grown.append(f"I3: file descriptors are left: {more}")
        return grown


def settle(look: Callable[[], list[str]]) -> list[str]:
    """What a look still finds once everything had the time to end."""
    found = look()
    if not found:
        return []
    gc.collect()
    deadline = time.monotonic() + GRACE_S
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


def complaints(text: str) -> list[str]:
    """GLib's lines of level WARNING and above."""
    return _GLIB_COMPLAINT.findall(text)


def warm_up() -> None:
    """Start what starts once per process, so that it is not taken for a leak of the first test."""
    resource_tracker.ensure_running()  # multiprocessing's, for shared memory
    with contextlib.suppress(ImportError):
        import cv2

        cv2.setNumThreads(0)
    _connect_once()
    # Idle threads of GLib's pools would stay 15 s: let them end at once.
    ctypes.CDLL("libglib-2.0.so.0").g_thread_pool_set_max_unused_threads(0)
    lane = _core.DescriptionLane(
        "appsrc ! fakesink", format="GRAY8", clock="fixed", fps=(30, 1), leaky="none", max_buffers=4
    )
    lane.start(width=1, height=1)
    lane.put(np.zeros((1, 1), np.uint8))
    lane.stop()
    if _core.has_rtsp_server():
        # GLib's own eventfd for what it resolves and watches.
        server = rtsp_core.rtsp_server_core(address="127.0.0.1", port="0")
        server.start()
        server.stop()


def _connect_once() -> None:
    """Let GIO make what its first connection in a process makes for good: its resolver, its main context's thread."""
    gio = ctypes.CDLL("libgio-2.0.so.0")
    gio.g_socket_client_new.restype = ctypes.c_void_p
    gio.g_socket_client_connect_to_host.restype = ctypes.c_void_p
    gio.g_socket_client_connect_to_host.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint16, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    gobject = ctypes.CDLL("libgobject-2.0.so.0")
    gobject.g_object_unref.argtypes = [ctypes.c_void_p]
    client = gio.g_socket_client_new()
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = gio.g_socket_client_connect_to_host(client, b"127.0.0.1", server.getsockname()[1], None, None)
    for opened in (connection, client):
        if opened is not None:
            gobject.g_object_unref(opened)
