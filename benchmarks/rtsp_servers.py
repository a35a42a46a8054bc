"""Who serves frames by RTSP, and how each is set up: every one in a process of its own, a new one for each run."""

from __future__ import annotations

from typing import Any

from benchmarks.rtp_receiver import free_port
from benchmarks.worker import SYSTEM_PYTHON, Worker

OURS = "skyline.RTSPServer"
ORIGINAL = "SkyLine's pipeline: x264's defaults, a UDP hop"
TUNED = "cv2.VideoWriter tuned for latency, a UDP hop"

Work = dict[str, Any]

_TO_I420 = "appsrc ! queue ! videoconvert ! video/x-raw,format=I420,width={width},height={height},framerate={fps}/1"
_BASELINE = "video/x-h264,stream-format=avc,alignment=au,profile=baseline"
_PAY_AT_ONCE = "rtph264pay config-interval=-1 aggregate-mode=zero-latency"
_HOP = "udpsink host=127.0.0.1 port={port}"
_OTHER_SIDE = "udpsrc port={port} ! application/x-rtp,media=video,encoding-name=H264 ! rtph264depay"
_X264_AT_ONCE = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} bitrate={kbps}"

# What the application runs, and what the server runs.
_TEXTS = {
    ORIGINAL: (
        f"{_TO_I420} ! x264enc bframes=0 key-int-max=45 bitrate=500 ! {_BASELINE} ! h264parse ! rtph264pay ! {_HOP}",
        f"( {_OTHER_SIDE} ! rtph264pay name=pay0 )",
    ),
    TUNED: (
        f"{_TO_I420} ! {_X264_AT_ONCE} ! {_BASELINE} ! h264parse ! {_PAY_AT_ONCE} ! {_HOP} sync=false",
        f"( {_OTHER_SIDE} ! h264parse ! {_PAY_AT_ONCE} name=pay0 )",
    ),
}

_OURS = 'RTSPSkyLine(server, "/live", fps={fps}, encoder=h264(bitrate_kbps={kbps}, keyframe_s=1, latency="live", ultrafast))'


def described(work: Work) -> str:
    """The settings for people."""
    return f"{work['text']}   served by {work['server']}" if "text" in work else _OURS.format(**work)


def work(who: str, width: int, height: int, fps: int, kbps: int) -> Work:
    """What a worker is to do; the loopback port of the hop is new each time."""
    numbers = {"width": width, "height": height, "fps": fps, "kbps": kbps}
    if who not in _TEXTS:
        return numbers
    numbers["port"] = free_port()
    text, server = (each.format(**numbers) for each in _TEXTS[who])
    return {**numbers, "text": text, "server": server}


def worker(who: str) -> Worker:
    """A process for one stream."""
    return Worker("rtsp_cv2.py", python=SYSTEM_PYTHON) if who in _TEXTS else Worker("rtsp_skyline.py")
