"""Memory and processor time of streams, by their number, size and rate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.worker import Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

_FPS = 5  # sixteen such streams leave two cores room
_SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "2160p": (3840, 2160)}
_NAMES = {**senders.NAMES, "open": "skyline.open"}


def name_of(who: str, streams: int) -> str:
    """What tables call so many streams."""
    return f"{_NAMES[who]}, {streams} stream{'s' if streams > 1 else ''}"


def _work(who: str, size: tuple[int, int], fps: int, folder: Path) -> senders.Work:
    work = senders.work(who, *size, fps, "h264parse ! fakesink sync=false", url="/dev/null", format="h264")
    return work | {"path": str(folder / "stream-{}.mkv")} if who == "open" else work


def _measured(work: senders.Work, streams: int, seconds: float) -> dict[str, float]:
    """In a process of its own, so that nothing is left of the one before."""
    worker = Worker("many_streams.py", **senders.python_of(work["with"]))
    try:
        found = worker.ask("measure", work=work, streams=streams, seconds=seconds, timeout_s=60 + 3 * seconds)
    finally:
        worker.close()
    if found["dropped"]:
        message = f"{found['dropped']} frames were dropped at {work['fps']} fps"
        raise CheckFailed(message)
    return found


def _check(work: senders.Work, streams: int) -> str:
    found = _measured(work, streams, 1.0)
    if found["fps"] < 0.6 * work["fps"]:  # of a second and the period after it
        message = f"{found['fps']:.1f} fps per stream instead of {work['fps']}: this machine is saturated"
        raise CheckFailed(message)
    return f"nothing dropped, {found['mib']:.1f} MiB, {found['processor_ms_per_frame']:.1f} ms/frame"


def _rivals(replay: Replay, rows: dict[str, tuple[senders.Work, int]], figure: str, seconds: float) -> tuple:
    made = []
    for name, (work, streams) in rows.items():
        about = "skyline.open(path.mkv, encoders.h264(latency='live')), ultrafast"
        named = {
            "settings": about if work["with"] == "open" else senders.described(work),
            "check": partial(_check, work, streams),
            "is_ours": work["with"] in ("skyline", "open"),
        }
        made.append(replay.rival(name, partial(_measured, work, streams, seconds), figure, **named))
    return tuple(made)


def by_number(options: Options) -> Iterator[Bench]:
    """1, 4 and 16 streams of 720p."""
    size, replay = _SIZES["720p"], Replay()
    of = {"skyline": (1, 16)} if options.quick else {"skyline": (1, 4, 16), "open": (1, 16)}
    if not options.quick:
        of |= dict.fromkeys(("cv2", "gi", "av"), (1, 16))
    rows = {name_of(who, n): (_work(who, size, _FPS, options.folder), n) for who, all_n in of.items() for n in all_n}
    rivals = _rivals(replay, rows, "mib", 3.0)
    title = f"streams of 720p to H.264 ultrafast at {_FPS} fps each, in one process"
    base, rounds = name_of("skyline", 1), 3
    measured = Bench("scale-memory", f"{title}: memory per stream", "MiB", "less", base, rivals, rounds)
    yield measured
    about, unit = f"{title}: processor time per stream", "ms per second"
    yield replay.bench(measured, "scale-processor", about, "processor_ms_per_s", unit=unit)


def by_size(options: Options) -> Iterator[Bench]:
    """One stream, four sizes."""
    replay = Replay()
    rows = {f"skyline, {name}": (_work("skyline", size, 10, options.folder), 1) for name, size in _SIZES.items()}
    rivals = _rivals(replay, rows, "processor_ms_per_frame", 3.0)
    title = "one stream of H.264 ultrafast at 10 fps, by size"
    measured = Bench("scale-size", f"{title}: processor time", "ms/frame", "less", "skyline, 720p", rivals, 3)
    yield measured
    yield replay.bench(measured, "scale-size-memory", f"{title}: memory", "mib", unit="MiB")


def by_rate(options: Options) -> Iterator[Bench]:
    """One stream, four rates: a frame should cost the same at any."""
    replay, size = Replay(), _SIZES["720p"]
    rows = {f"skyline, {fps} fps": (_work("skyline", size, fps, options.folder), 1) for fps in (5, 15, 30, 60)}
    rivals = _rivals(replay, rows, "processor_ms_per_frame", 3.0)
    title = "one stream of 720p H.264 ultrafast, by rate: processor time"
    yield Bench("scale-rate", title, "ms/frame", "less", "skyline, 30 fps", rivals, 3)
