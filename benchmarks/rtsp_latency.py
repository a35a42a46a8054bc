"""put → decoded by a viewer over RTSP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import rtsp_servers, senders
from benchmarks.checked_run import CheckedRun
from benchmarks.replay import Replay
from benchmarks.rival import Bench
from benchmarks.rtsp_viewer import VIEWER, view

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

KEY = "rtsp-latency"
_RIVALS = (rtsp_servers.OURS, rtsp_servers.ORIGINAL, rtsp_servers.TUNED)
_SIZE, _FPS, _KBPS = (640, 360), 30, 2000


def _latencies_s(who: str, pictures: int) -> list[float]:
    """Seconds from the call of put to the reading of the decoded picture, of so many pictures in a row."""
    worker = rtsp_servers.worker(who)
    try:
        url = worker.ask("open", work=rtsp_servers.work(who, *_SIZE, _FPS, _KBPS), timeout_s=20)["url"]
        seen = view(url, *_SIZE, _FPS, pictures)
        called_s = worker.ask("close", timeout_s=20)["called_s"]
    finally:
        worker.close()
    return [arrived_s - called_s[number] for number, arrived_s in seen]


def _percentiles(who: str, pictures: int) -> dict[str, float]:
    return senders.percentiles(_latencies_s(who, pictures))


def benches(options: Options) -> Iterator[Bench]:
    """One table per percentile."""
    replay, rivals, pictures = Replay(), [], 45 if options.quick else 150
    for who in _RIVALS:
        runs = CheckedRun(partial(_percentiles, who, pictures), f"{pictures} numbers in a row read off decoded I420")
        settings = rtsp_servers.described(rtsp_servers.work(who, *_SIZE, _FPS, _KBPS))
        if who == rtsp_servers.OURS:
            settings += (
                f"; each viewed by gst-launch-1.0 {VIEWER.format(url='rtsp://…', width=_SIZE[0], height=_SIZE[1])}"
            )
        named = {"settings": settings, "check": runs.check, "is_ours": who == rtsp_servers.OURS}
        rivals.append(replay.rival(who, runs.run, "p50", **named))
    title = f"put → decoded by an RTSP client, {_SIZE[1]}p at {_FPS} fps"
    measured = Bench(KEY, f"{title}, p50", "ms", "less", rtsp_servers.OURS, tuple(rivals), options.rounds(7, 3))
    yield measured
    yield replay.bench(measured, f"{KEY}-p95", f"{title}, p95", "p95")
