"""Resident memory of a long recording: it must not grow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.worker import Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

EARLY, LATE = "skyline.open, its second tenth", "skyline.open, its last tenth"
_WIDTH, _HEIGHT, _FPS = 640, 360, 30


def _record(work: senders.Work, frames: int, path: Path) -> dict[str, float]:
    worker = Worker("recording.py", **senders.python_of(work["with"]))
    try:
        found = worker.ask("record", work=work, frames=frames, timeout_s=600)
        found["file_bytes"] = path.stat().st_size
    finally:
        worker.close()
        path.unlink(missing_ok=True)
    return found


def benches(options: Options) -> Iterator[Bench]:
    """Ten minutes of 30 fps, pushed as fast as it goes; two minutes when quick."""
    minutes = 1 if options.quick else 10
    frames, replay = minutes * 60 * _FPS, Replay()
    path = options.folder / "long.mp4"
    end = f"h264parse ! mp4mux ! filesink location={path}"
    rows = {"open": EARLY} if options.quick else {"open": EARLY, "av": "PyAV"}
    rivals = []
    for who, name in rows.items():
        url = {"url": str(path), "format": "mp4", "path": str(path), "options": {"clock": "fixed"}}
        work = senders.work(who, _WIDTH, _HEIGHT, _FPS, end, **url)
        figure = "early" if who == "open" else "late"

        def run(work: senders.Work = work) -> dict[str, float]:
            return _record(work, frames, path)

        def check(work: senders.Work = work) -> str:
            found = _record(work, 300, path)
            if found["file_bytes"] < 10_000:
                message = f"300 frames became {found['file_bytes']} bytes"
                raise CheckFailed(message)
            return f"300 frames in {found['file_bytes'] // 1000} kB"

        about = "encoders.h264(latency='live'), ultrafast, mp4" if who == "open" else senders.described(work)
        rivals.append(replay.rival(name, run, figure, settings=about, check=check, is_ours=who == "open"))
        if who == "open":
            about = "the same recordings as the row above"
            last = lambda: replay.last(EARLY)  # noqa: E731
            rivals.append(replay.rival(LATE, last, "late", settings=about, is_ours=True))
    title = f"resident memory while {minutes} minutes of {_HEIGHT}p are recorded to MP4, as fast as it goes"
    yield Bench("footprint-recording", title, "MiB", "less", EARLY, tuple(rivals), 2)
