"""put → decoded by a receiver over RTP on loopback."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.latency_encoder import SETTLING
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.rtp_receiver import RECEIVER, RtpReceiver
from benchmarks.worker import Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

_RTP = "h264parse ! rtph264pay config-interval=-1 aggregate-mode=zero-latency ! udpsink host=127.0.0.1 port={port} sync=false"


def _work(who: str, width: int, height: int, fps: int, port: object) -> senders.Work:
    url = f"rtp://127.0.0.1:{port}?pkt_size=1400"
    return senders.work(who, width, height, fps, _RTP.format(port=port), url=url, format="rtp", numbered=True)


def _once(worker: Worker, who: str, size: tuple[int, int], fps: int, frames: int) -> list[float]:
    """Seconds from the call of put to the reading of the decoded picture, per frame."""
    receiver = RtpReceiver(*size)
    try:
        answer = worker.ask("send", work=_work(who, *size, fps, receiver.port), frames=frames)
        receiver.wait_for(frames - 1, 2.0)
    finally:
        receiver.close()
    came_s = dict(reversed(receiver.arrivals))
    missing = [number for number in range(SETTLING, frames) if number not in came_s]
    if missing or [number for number, _ in receiver.arrivals] != sorted(came_s):
        message = (
            f"of {frames} frames {len(missing)} were not read, e.g. {missing[:5]}, or some came twice or out of order"
        )
        raise CheckFailed(message)
    return [came_s[number] - answer["called_s"][number] for number in range(SETTLING, frames)]


def _twice(measure: Callable[[], list[float]]) -> list[float]:
    """A datagram that the kernel dropped on a busy machine is worth a second try, and no third."""
    try:
        return measure()
    except CheckFailed:
        return measure()


def benches(options: Options, width: int, height: int, fps: int) -> Iterator[Bench]:
    """One table per percentile."""
    workers, replay = senders.workers(options), Replay()
    frames = SETTLING + 4 * fps

    def run(who: str) -> dict[str, float]:
        return senders.percentiles(_twice(partial(_once, workers[who], who, (width, height), fps, frames)))

    def check(who: str) -> str:
        times_s = _twice(partial(_once, workers[who], who, (width, height), fps, SETTLING + fps))
        return f"{len(times_s)} numbers read off decoded I420, median {statistics.median(times_s) * 1000:.1f} ms"

    rivals = []
    for who in workers:
        settings = senders.described(_work(who, width, height, fps, "PORT"))
        if who == "skyline":
            settings += f"; read by gst-launch-1.0 {RECEIVER.format(port='PORT', width=width, height=height, rest='…')}"
        named = {"settings": settings, "check": partial(check, who), "is_ours": who == "skyline"}
        rivals.append(replay.rival(senders.NAMES[who], partial(run, who), "p50", **named))
    title = f"put → decoded from RTP on loopback, {height}p at {fps} fps"
    key = f"latency-rtp-{height}p{fps}"
    base = senders.NAMES["skyline"]
    measured = Bench(key, f"{title}, p50", "ms", "less", base, tuple(rivals), options.rounds(full=7, quick=3))
    yield measured
    for figure in ("p95", "p99"):
        yield replay.bench(measured, f"{key}-{figure}", f"{title}, {figure}", figure)
    for worker in workers.values():
        worker.close()
