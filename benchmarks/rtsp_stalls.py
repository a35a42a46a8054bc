"""What a client that stops reading, and one that vanishes, do to put."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import rtsp_servers
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.rtsp_clients import clients
from benchmarks.rtsp_viewer import view

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.worker import Worker

KEY = "rtsp-stalls"
NONE, STOPPED, VANISHED = "all read", "one is stopped", "one has vanished"
_SIZE, _FPS, _KBPS = (640, 360), 120, 40_000  # fills the kernel's buffers of a connection in two seconds
_FILLING_S = 2.5
_ABOUT = {
    NONE: "one client over TCP",
    STOPPED: f"and a second over TCP that was sent SIGSTOP {_FILLING_S} s before",
    VANISHED: "and a second over UDP that was sent SIGKILL just before: nobody says goodbye",
}


def benches(options: Options) -> Iterator[Bench]:
    """p99 of put, beside the three kinds of peers in turn."""
    replay, rivals = Replay(), []
    work = rtsp_servers.work(rtsp_servers.OURS, *_SIZE, _FPS, _KBPS) | {"is_noise": True}
    seconds = 2.5 if options.quick else 5.0
    for name, about in _ABOUT.items():
        settings = f"{about}; frames of noise into {rtsp_servers.described(work)}" if name == NONE else about
        named = {"settings": settings, "check": partial(_check, work, name), "is_ours": True}
        rivals.append(replay.rival(name, partial(_run, work, name, seconds), "p99", **named))
    title = f"put at {_FPS} fps while clients of the stream misbehave"
    measured = Bench(KEY, f"{title}: p99", "ms", "less", NONE, tuple(rivals), options.rounds(11, 3))
    yield measured
    yield replay.bench(measured, f"{KEY}-p50", f"{title}: p50", "p50")


@contextlib.contextmanager
def _served(work: rtsp_servers.Work) -> Iterator[tuple[Worker, str]]:
    """A stream of its own for each run: a server remembers who has vanished for a minute."""
    worker = rtsp_servers.worker(rtsp_servers.OURS)
    try:
        yield worker, str(worker.ask("open", work=work)["url"])
        worker.ask("close", timeout_s=20)
    finally:
        worker.close()


def _run(work: rtsp_servers.Work, name: str, seconds: float) -> dict[str, float]:
    with _served(work) as (worker, url), clients(url, 1), _peer(url, name):
        took_ms = np.asarray(worker.ask("watch", seconds=seconds)["put_s"]) * 1000
    if len(took_ms) < 0.7 * seconds * _FPS:
        message = f"{len(took_ms)} frames were put in {seconds} s at {_FPS} fps"
        raise CheckFailed(message)
    return {"p50": float(np.percentile(took_ms, 50)), "p99": float(np.percentile(took_ms, 99))}


def _check(work: rtsp_servers.Work, name: str) -> str:
    with _served(work) as (_, url), _peer(url, name):
        seen = view(url, *_SIZE, _FPS, pictures=_FPS)
    return f"a viewer beside it read {len(seen)} numbers in order"


@contextlib.contextmanager
def _peer(url: str, name: str) -> Iterator[None]:
    """A peer of this kind is there, or was."""
    if name == NONE:
        yield
        return
    with clients(url, 1, transport="tcp" if name == STOPPED else "udp") as peer:
        if name == STOPPED:
            os.kill(peer.pid, signal.SIGSTOP)
            time.sleep(_FILLING_S)
        else:
            os.kill(peer.pid, signal.SIGKILL)
        yield
