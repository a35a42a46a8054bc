"""Who records with other codecs than x264, each told the same as far as it can be told."""

from __future__ import annotations

from typing import Any

from benchmarks import record_h264 as h264
from benchmarks.record_contenders import Contender
from benchmarks.worker import SYSTEM_PYTHON

OPENH264 = (
    "openh264enc rate-control=quality complexity=low enable-frame-skip=false bitrate=8000000 gop-size=60"
    " ! h264parse ! mp4mux"
)
VP8 = (
    "vp8enc deadline=1 cpu-used=8 lag-in-frames=0 auto-alt-ref=false threads=4 end-usage=cbr"
    " error-resilient=partitions target-bitrate=8000000 keyframe-max-dist=60 ! webmmux"
)
VP8_OF_FFMPEG = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",
    "error-resilient": "partitions",
    **dict.fromkeys(("minrate", "maxrate"), "8000k"),
    "bufsize": "48000k",  # vp8enc's buffer-size: 6 s
    "qmin": "4",
    "qmax": "63",
}
JPEG = "jpegenc quality=85 ! avimux"
FULL_RANGE = "colorimetry=1:4:0:0"
JPEG_SCALE = 2  # qscale, and the quality below: they give the luma that jpegenc gives at 85
BUILT_IN_QUALITY = 40
BUILT_IN = "cv2.VideoWriter, its own MJPEG"


def openh264() -> tuple[Contender, ...]:
    """OpenH264: neither PyAV's libraries nor Debian's ffmpeg have it."""
    given = {"codec": "h264", "element": "openh264enc", "bitrate_kbps": 8000, "latency": "live"}
    return (_ours(given), *_gstreamer(OPENH264, "I420"))


def vp8() -> tuple[Contender, ...]:
    """VP8 in its realtime settings."""
    words = [word for name, value in VP8_OF_FFMPEG.items() for word in (f"-{name}", value)]
    piped = ["-c:v", "libvpx", "-threads", "4", *words, "-b:v", "8000k", "-g", "60", "-pix_fmt", "yuv420p"]
    av = {"encoder": "libvpx", "bit_rate": 8_000_000, "gop": 60, "threads": 4, "options": VP8_OF_FFMPEG}
    return (
        _ours({"codec": "vp8", "bitrate_kbps": 8000, "latency": "live"}),
        *_gstreamer(VP8, "I420"),
        Contender(h264.PYAV, "record_pyav.py", "pyav", av, f"libvpx, threads 4, {VP8_OF_FFMPEG}"),
        Contender(h264.PIPE, "record_ffmpeg.py", "pipe", {"options": piped}, " ".join(piped)),
    )


def mjpeg() -> tuple[Contender, ...]:
    """Motion JPEG, 4:2:0."""
    piped = ["-c:v", "mjpeg", "-q:v", str(JPEG_SCALE), "-pix_fmt", "yuvj420p"]
    scale = {"flags": "+qscale", "global_quality": str(JPEG_SCALE * 118)}  # FF_QP2LAMBDA
    av = {"encoder": "mjpeg", "bit_rate": 0, "gop": 1, "options": scale, "pix_fmt": "yuvj420p"}
    return (
        _ours({"codec": "mjpeg", "properties": {"quality": 85}}),
        *_gstreamer(JPEG, f"I420,{FULL_RANGE}", "1:4:0:0"),
        Contender(h264.PYAV, "record_pyav.py", "pyav", av, f"mjpeg, {scale}, threads auto"),
        Contender(h264.PIPE, "record_ffmpeg.py", "pipe", {"options": piped}, " ".join(piped)),
        Contender(
            BUILT_IN,
            "record_cv2.py",
            "built_in",
            {"quality": BUILT_IN_QUALITY},
            f"CAP_OPENCV_MJPEG, quality {BUILT_IN_QUALITY}",
        ),
    )


def _ours(given: dict[str, Any]) -> Contender:
    settings = ", ".join(f"{name}={value!r}" for name, value in given.items() if name != "codec")
    return Contender(h264.OPEN, "record_skyline.py", "open", given, f"put; {given['codec']}({settings})", is_ours=True)


def _gstreamer(rest: str, format: str, colorimetry: str = "bt709") -> tuple[Contender, ...]:
    rest = f"{rest} ! filesink location={{path}}"
    plain = f"appsrc ! videoconvert ! video/x-raw,format={format} ! {rest}"
    tuned = f"appsrc ! queue ! videoconvert n-threads=2 ! video/x-raw,format={format} ! queue ! {rest}"
    floor = {"description": f"appsrc ! {rest}", "colorimetry": colorimetry}
    return (
        Contender(h264.FLOOR, "record_floor.py", "floor", floor, floor["description"]),
        *(
            Contender(name, "record_cv2.py", "gstreamer", {"description": text}, f"Debian's cv2; {text}", SYSTEM_PYTHON)
            for name, text in ((h264.CV2, plain), (h264.CV2_TUNED, tuned))
        ),
    )
