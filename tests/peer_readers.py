"""Files read back by strangers: ffprobe and ffmpeg say what is in them. Nothing of ours takes part."""

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

TIMEOUT_S = 60.0

# How ffmpeg lays out one frame of rawvideo: bytes per pixel of a packed format, or 1.5 for 4:2:0.
_PACKED = {"bgr24": 3, "rgb24": 3, "bgra": 4, "rgba": 4, "gray": 1, "gray16le": 2}
_PLANAR = {"yuv420p", "nv12"}


@dataclass(frozen=True)
class StreamInfo:
    """What ffprobe says about the first video stream of a file."""

    codec: str
    profile: str
    pix_fmt: str
    width: int
    height: int
    frames: int  # counted by decoding, not believed
    duration_s: float  # of the container
    time_base: Fraction
    frame_rate: Fraction
    color_space: str
    color_range: str
    container: str


def probe(path: Path) -> StreamInfo:
    """Decode a file once and say what is in it."""
    entries = (
        "stream=codec_name,profile,pix_fmt,width,height,nb_read_frames,time_base,avg_frame_rate,color_space,color_range"
    )
    found = _ffprobe(path, "-count_frames", "-show_entries", f"{entries}:format=duration,format_name")
    stream, container = found["streams"][0], found["format"]
    return StreamInfo(
        codec=stream["codec_name"],
        profile=stream.get("profile", ""),
        pix_fmt=stream["pix_fmt"],
        width=stream["width"],
        height=stream["height"],
        frames=int(stream.get("nb_read_frames", 0)),
        duration_s=float(container.get("duration", "nan")),
        time_base=Fraction(stream["time_base"]),
        frame_rate=_fraction(stream["avg_frame_rate"]),
        color_space=stream.get("color_space", "unknown"),
        color_range=stream.get("color_range", "unknown"),
        container=container["format_name"],
    )


def read_pts_s(path: Path) -> list[Fraction]:
    """Presentation times of all packets in presentation order, exact multiples of the file's time base."""
    found = _ffprobe(path, "-show_entries", "stream=time_base:packet=pts")
    time_base = Fraction(found["streams"][0]["time_base"])
    return sorted(packet["pts"] * time_base for packet in found["packets"])


def read_frames(path: Path, pix_fmt: str) -> npt.NDArray[Any]:
    """All frames, converted by ffmpeg to ``pix_fmt`` where they are not in it already.

    Returns:
        ``(n, height, width, channels)`` or ``(n, height, width)`` for packed formats, uint8 or uint16;
        ``(n, bytes)`` for 4:2:0: the tightly packed planes, chroma sides rounded up.
    """
    width, height = _size(path)
    # One frame of the file is one frame here: nothing doubled or dropped for the sake of a rate.
    raw = _ffmpeg("-i", _name(path), "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", pix_fmt, "-")
    data = np.frombuffer(raw, np.uint8)
    if pix_fmt in _PLANAR:
        return data.reshape(-1, width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2))
    if pix_fmt == "gray16le":
        return data.view("<u2").reshape(-1, height, width)
    if pix_fmt == "gray":
        return data.reshape(-1, height, width)
    return data.reshape(-1, height, width, _PACKED[pix_fmt])


def decoding_errors(path: Path) -> str:
    """What ffmpeg complains about when it decodes the whole file; empty for a sound one."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", _name(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False).stderr


def _size(path: Path) -> tuple[int, int]:
    stream = _ffprobe(path, "-show_entries", "stream=width,height")["streams"][0]
    return stream["width"], stream["height"]


def _ffprobe(path: Path, *arguments: str) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", *arguments, "-of", "json", _name(path)]
    return dict(json.loads(_output(command)))


def _ffmpeg(*arguments: str) -> bytes:
    return _output(["ffmpeg", "-nostdin", "-v", "error", *arguments])


def _output(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    if done.returncode != 0:
        message = f"{command[0]} refused {command[-1]}: {done.stderr.decode(errors='replace')}"
        raise AssertionError(message)
    return done.stdout


def _name(path: Path) -> str:
    return f"file:{path}"  # whatever is in the name, it is only a name


def _fraction(text: str) -> Fraction:
    numerator, denominator = text.split("/")
    return Fraction(int(numerator), int(denominator) or 1)
