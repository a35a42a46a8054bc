"""put → the encoded unit, beside what the encoder itself takes for the frame."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.encoder_alone import Alone, look_at
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.unit_pipe import UnitPipe
from benchmarks.worker import Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

OVER, ALONE = "skyline, over the encoder's own time", "x264enc alone, in C"
SETTLING = 15  # frames at the beginning that are sent and not counted
UNITS = "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! fdsink fd={fd} sync=false"


def _units(worker: Worker, work: senders.Work, path: Path, frames: int) -> tuple[list[float], bytes]:
    """Seconds from the call of put to the unit's arrival at this end of a pipe, per frame; and the units."""
    pipe = UnitPipe(path)
    try:
        answer = worker.ask("send", work={**work, "pipe": str(path), "numbered": False}, frames=frames)
    finally:
        arrivals_s = pipe.arrivals_s()
    if len(arrivals_s) != frames:
        message = f"{frames} frames went in, {len(arrivals_s)} units came out"
        raise CheckFailed(message)
    called_s = answer["called_s"]
    return [arrived_s - at_s for at_s, arrived_s in zip(called_s, arrivals_s, strict=True)][SETTLING:], pipe.data


def benches(options: Options, width: int, height: int, fps: int) -> Iterator[Bench]:
    """One table per percentile; quick has the median alone."""
    frames = SETTLING + (3 * fps if not options.quick else 3 * fps // 2)
    workers, replay, path = senders.workers(options), Replay(), options.folder / "units"
    encoder = senders.x264(height, fps)
    alone = Alone(options.folder, encoder, width, height, fps)

    def run_alone() -> dict[str, float]:
        return senders.percentiles([took_ms / 1000 for took_ms in alone.took_ms(frames)[SETTLING:]])

    def run(who: str, work: senders.Work) -> dict[str, float]:
        return senders.percentiles(_units(workers[who], work, path, frames)[0])

    def run_over() -> dict[str, float]:
        ours, base = replay.last(senders.NAMES["skyline"]), replay.last(ALONE)
        return {figure: ours[figure] - base[figure] for figure in ours}

    def check(who: str, work: senders.Work) -> str:
        data = _units(workers[who], work, path, SETTLING + 15)[1]
        return look_at(data, options.folder, width, height, SETTLING + 15)

    about = f"{encoder}, between probes on its pads, on I420 frames copied into pooled buffers"
    rivals = [replay.rival(ALONE, run_alone, "p50", settings=about, check=alone.check)]
    for who in workers:
        work = senders.work(who, width, height, fps, UNITS)
        named = {"settings": senders.described(work), "check": partial(check, who, work), "is_ours": who == "skyline"}
        rivals.append(replay.rival(senders.NAMES[who], partial(run, who, work), "p50", **named))
        if who == "skyline":
            about = "the two rows above, subtracted round by round"
            rivals.append(replay.rival(OVER, run_over, "p50", settings=about, is_ours=True))
    title = f"put → encoded unit read from a pipe, {height}p at {fps} fps"
    key = f"latency-encoder-{height}p{fps}"
    measured = Bench(key, f"{title}, p50", "ms", "less", ALONE, tuple(rivals), options.rounds(full=9, quick=7))
    yield measured
    if not options.quick:
        for figure in ("p95", "p99"):
            yield replay.bench(measured, f"{key}-{figure}", f"{title}, {figure}", figure)
    for worker in workers.values():
        worker.close()
