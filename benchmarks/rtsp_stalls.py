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
from benchmarks.checked_run import CheckedRun
from benchmarks.replay import Replay
from benchmarks.rival import Bench
from benchmarks.rtsp_clients import clients, wait_until_stuck
from benchmarks.rtsp_viewer import check_in_a_row, joined, whole_of

if TYPE_CHECKING:
    from benchmarks.__main__ import Options
    from benchmarks.worker import Worker

KEY = "rtsp-stalls"
NONE, STOPPED, VANISHED = "all read", "one is stopped", "one has vanished"
_SIZE, _FPS, _KBPS = (320, 192), 240, 20_000  # fills what the kernel takes for a connection in two seconds
_ON_ITS_WAY_S = 0.3
_ABOUT = {
    NONE: "one client over TCP, which must read every picture, as in the rows below",
    STOPPED: "and a second over TCP that was sent SIGSTOP: the kernel takes no more for it",
    VANISHED: "and a second over UDP that was sent SIGKILL just before: nobody says goodbye",
}


def benches(options: Options) -> Iterator[Bench]:
    """p99 of put, beside the three kinds of peers in turn."""
    replay, rivals = Replay(), []
    work = rtsp_servers.work(rtsp_servers.OURS, *_SIZE, _FPS, _KBPS)
    # No frame is lost in front of the encoder when the machine hiccups, so one that is missing was lost behind it.
    work |= {"is_noise": True, "options": {"max_buffers": _FPS}}
    seconds = 2.5 if options.quick else 5.0
    for name, about in _ABOUT.items():
        settings = (
            f"{about}; frames of noise, max_buffers={_FPS}, into {rtsp_servers.described(work)}"
            if name == NONE
            else about
        )
        runs = CheckedRun(partial(_run, work, name, seconds), "beside it every number read in order")
        rivals.append(replay.rival(name, runs.run, "p99", settings=settings, check=runs.check, is_ours=True))
    title = f"put at {_FPS} fps while clients of the stream misbehave"
    measured = Bench(KEY, f"{title}: p99", "ms", "less", NONE, tuple(rivals), options.rounds(11, 3))
    yield measured
    about = f"{title}: p99 without the time in which the kernel kept the caller from a processor"
    yield replay.bench(measured, f"{KEY}-running", about, "p99_running")
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
    with _served(work) as (worker, url), joined(url, *_SIZE) as viewer, _peer(url, name):
        watched = worker.ask("watch", seconds=seconds)
        time.sleep(_ON_ITS_WAY_S)  # what is on its way arrives
        seen = whole_of(viewer)
    check_in_a_row(seen, round(0.7 * seconds * _FPS))
    figures = {}
    for suffix, took_s in (("", watched["put_s"]), ("_running", watched["put_running_s"])):
        took_ms = np.asarray(took_s) * 1000
        figures |= {f"p{percent}{suffix}": float(np.percentile(took_ms, percent)) for percent in (50, 99)}
    return figures


@contextlib.contextmanager
def _peer(url: str, name: str) -> Iterator[None]:
    """A peer of this kind is there, or was."""
    if name == NONE:
        time.sleep(1)  # what opening costs is over, as it is in the other rows
        yield
        return
    with clients(url, 1, transport="tcp" if name == STOPPED else "udp") as peer:
        if name == STOPPED:
            os.kill(peer.pid, signal.SIGSTOP)
            wait_until_stuck(url)
        else:
            os.kill(peer.pid, signal.SIGKILL)
        yield
