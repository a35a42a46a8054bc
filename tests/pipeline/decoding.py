"""Files decoded by ffmpeg, and pictures to compare them with."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np


def probe(path: Path, entries: str = "stream", *more: str) -> dict[str, Any]:
    """What ffprobe says of the first video stream and the format; a message of any kind fails."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        f"{entries}:format",
        "-select_streams",
        "v:0",
        *more,
    ]
    ran = subprocess.run([*command, f"file:{path}"], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def check_decodes_without_a_message(path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", f"file:{path}", "-f", "null", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


def decode(path: Path, width: int, height: int, pix_fmt: str = "bgr24") -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{path}", "-fps_mode", "passthrough"]
    command += ["-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp+bicubic"]
    raw = subprocess.run(
        [*command, "-pix_fmt", pix_fmt, "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60
    ).stdout
    per_pixel = {"bgr24": 3, "gray": 1}[pix_fmt]
    shape = (-1, height, width, 3) if per_pixel == 3 else (-1, height, width)
    return np.frombuffer(raw, np.uint8).reshape(shape)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def picture(number: int, width: int, height: int) -> np.ndarray:
    """Smooth, coloured and moving: what any codec should render well."""
    y, x = np.mgrid[0:height, 0:width]
    frame = np.empty((height, width, 3), np.uint8)
    frame[..., 0] = 40 + 150 * x / width
    frame[..., 1] = 60 + 120 * y / height
    frame[..., 2] = 128 + 70 * np.sin((x + y + 3 * number) / 24)
    return frame
