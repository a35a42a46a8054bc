"""Who sends frames at a pace in these benches, and how each is set up: the same encoder settings for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.worker import SYSTEM_PYTHON, Worker

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

NAMES = {"skyline": "skyline", "cv2": "cv2.VideoWriter", "gi": "PyGObject", "av": "PyAV", "ffmpeg": "ffmpeg, a pipe"}
# Without the caps x264enc behind videoconvert would make High 4:4:4, which is more work and plays nowhere.
TO_I420 = "videoconvert ! video/x-raw,format=I420 ! "

Work = dict[str, Any]


def kbps_of(height: int) -> int:
    """The bit rate of a size."""
    return 8000 if height > 720 else 4000


def x264(height: int, fps: int) -> str:
    """The encoder, for every rival that speaks GStreamer."""
    return f"x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbps_of(height)} key-int-max={2 * fps}"


def work(who: str, width: int, height: int, fps: int, end: str, **others: Any) -> Work:
    """What a worker is to do: launch text up to ``end``, and the same in FFmpeg's words."""
    return {
        "with": who,
        "text": f"appsrc ! {'' if who == 'skyline' else TO_I420}{x264(height, fps)} ! {end}",
        "width": width,
        "height": height,
        "fps": fps,
        "preset": "ultrafast",
        "bitrate_kbps": kbps_of(height),
        **others,
    }


def described(one: Work) -> str:
    """The settings for people."""
    if one["with"] in ("skyline", "cv2", "gi"):
        return str(one["text"])
    kilobits = one["bitrate_kbps"]
    text = (
        f"libx264 preset=ultrafast tune=zerolatency b={kilobits}k maxrate={kilobits}k bufsize={kilobits * 600 // 1000}k"
    )
    return f"{text} g={2 * one['fps']} to {one.get('url', 'a pipe')}"


def python_of(who: str) -> dict[str, str]:
    """cv2 with GStreamer and PyGObject belong to Debian's own Python."""
    return {"python": SYSTEM_PYTHON} if who in ("cv2", "gi") else {}


def workers(options: Options) -> dict[str, Worker]:
    """A sender for each rival, every one in a process of its own."""
    made = {}
    for who in ("skyline",) if options.quick else tuple(NAMES):
        made[who] = Worker("paced.py", **python_of(who))
        options.stack.callback(made[who].close)
    return made


def percentiles(times_s: list[float]) -> dict[str, float]:
    """In milliseconds."""
    p50, p95, p99 = np.percentile(np.asarray(times_s) * 1000, [50, 95, 99])
    return {"p50": float(p50), "p95": float(p95), "p99": float(p99)}
