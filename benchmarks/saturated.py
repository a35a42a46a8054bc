"""p99 of put while the encoder is saturated, in memcpys of the frame under the same load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import senders
from benchmarks.replay import Replay
from benchmarks.rival import Bench, CheckFailed
from benchmarks.worker import Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

MEMCPY = "memcpy"
_WIDTH, _HEIGHT, _FPS = 1920, 1080, 60
_ENCODER = "x264enc tune=zerolatency speed-preset=slower bitrate=8000"
_MEMCPY_UNIT = "memcpys (median, same process, same load)"


def name_of(leaky: str) -> str:
    """What tables call a put."""
    return f'put, leaky="{leaky}"'


def _work(who: str, leaky: str) -> senders.Work:
    convert = "" if who == "skyline" else senders.TO_I420
    return {
        "with": who,
        "text": f"appsrc ! {convert}{_ENCODER} ! fakesink sync=false",
        "width": _WIDTH,
        "height": _HEIGHT,
        "fps": _FPS,
        "options": {"leaky": leaky},
        # PyGObject's appsrc can drop as well, and then need not block.
        "appsrc": {"block": "true" if leaky == "none" else "false", "leaky-type": leaky},
    }


def benches(options: Options) -> Iterator[Bench]:
    """The promise is about leaky="downstream"; the others are there to be seen."""
    replay, count = Replay(), 300
    works = {name_of("downstream"): _work("skyline", "downstream")}
    if not options.quick:
        works[name_of("upstream")] = _work("skyline", "upstream")
        works[name_of("none")] = _work("skyline", "none")
        works["PyGObject, leaky-type=downstream"] = _work("gi", "downstream")
        works["cv2.VideoWriter"] = _work("cv2", "none")
    rivals = []
    for name, work in works.items():
        about = f"{work['text']} {'' if work['with'] == 'cv2' else work['options']}"
        named = {"settings": about, "check": partial(_check, work), "is_ours": work["with"] == "skyline"}
        rivals.append(replay.rival(name, partial(_run, work, count), "p99", **named))
        if len(rivals) == 1:
            memcpy = partial(_memcpy, replay, name)
            about = "libc memmove by ctypes, half a period after each put of the row above"
            rivals.append(replay.rival(MEMCPY, memcpy, "p99", settings=about))
    title = f"1080p offered at {_FPS} fps to an encoder that cannot keep up"
    key = "interference-saturated"
    measured = Bench(key, f"{title}: p99", _MEMCPY_UNIT, "less", MEMCPY, tuple(rivals), 5)
    yield measured
    about = f"{title}: p99 without the time in which the kernel kept the caller from a processor"
    yield replay.bench(measured, f"{key}-running", about, "p99_running")
    yield replay.bench(measured, f"{key}-p50", f"{title}: p50", "p50")
    yield replay.bench(measured, f"{key}-ms", f"{title}: p99 in ms", "p99_ms", unit="ms")


def _run(work: senders.Work, count: int) -> dict[str, float]:
    found = _offered(work, count)
    return {**found, **_figures(found, "put")}


def _memcpy(replay: Replay, name: str) -> dict[str, float]:
    return _figures(replay.last(name), "memcpy")


def _figures(found: Mapping[str, float], of: str) -> dict[str, float]:
    """In medians of the memcpy of the same process."""
    unit_ms, running_ms = found["memcpy_p50_ms"], found["memcpy_p50_running_ms"]
    return {
        "p50": found[f"{of}_p50_ms"] / unit_ms,
        "p99": found[f"{of}_p99_ms"] / unit_ms,
        "p99_ms": found[f"{of}_p99_ms"],
        "p99_running": found[f"{of}_p99_running_ms"] / running_ms,
    }


def _offered(work: senders.Work, count: int) -> dict[str, float]:
    """A process of its own for each run: two saturated encoders would share the cores."""
    worker = Worker("saturating.py", **senders.python_of(work["with"]))
    try:
        worker.ask("open", work=work)
        found = worker.ask("offer", count=count, seconds=count / _FPS + 1)
        if work["with"] == "skyline":
            found |= worker.ask("counters")
        worker.ask("close")
    finally:
        worker.close()
    return found


def _check(work: senders.Work) -> str:
    found = _offered(work, 120)
    if work["with"] != "skyline":
        return f"median of memcpy {found['memcpy_p50_ms']:.2f} ms"
    lost, given = found["dropped"], found["in"]
    if work["options"]["leaky"] != "none" and lost < 0.2 * given:
        message = (
            f"{lost} of {given} frames were dropped: the encoder is not saturated, and the figure would say nothing"
        )
        raise CheckFailed(message)
    return f"{lost} of {given} frames dropped, median of memcpy {found['memcpy_p50_ms']:.2f} ms"
