"""What x264 itself takes for a frame: a C program with probes on the encoder's pads, on ready I420 frames."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from benchmarks.pictures import moving
from benchmarks.programs import built
from benchmarks.rival import CheckFailed
from skyline import _core


class Alone:
    """The program and its frames, made once.

    Args:
        folder: For both.
        encoder: Launch text of the encoder.
    """

    def __init__(self, folder: Path, encoder: str, width: int, height: int, fps: int) -> None:
        frames = folder / f"frames-{height}.i420"
        with frames.open("wb") as file:
            for picture in moving(width, height):
                file.write(_core.convert(picture, "BGR", "I420").tobytes())
        self._command = [str(built("encoder_alone", folder)), str(frames), str(width), str(height), str(fps)]
        self._encoder = encoder

    def took_ms(self, frames: int) -> list[float]:
        """Per frame, from entering the encoder to leaving it."""
        command = [*self._command, str(frames), self._encoder]
        try:
            text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
        except subprocess.SubprocessError as error:
            message = f"encoder_alone: {error}"
            raise CheckFailed(message) from error
        took = [float(line) for line in text.split()]
        if len(took) != frames:
            message = f"encoder_alone: {frames} frames went in, {len(took)} units came out"
            raise CheckFailed(message)
        return took

    def check(self) -> str:
        """That every frame comes out."""
        return f"{len(self.took_ms(20))} units for 20 frames"


def look_at(units: bytes, folder: Path, width: int, height: int, frames: int) -> str:
    """Have ffprobe decode a byte stream: codec, pixel format, size and count must be right."""
    path = folder / "checked.h264"
    path.write_bytes(units)
    command = ["ffprobe", "-v", "error", "-count_frames", "-of", "json", "-show_entries"]
    command += ["stream=codec_name,pix_fmt,width,height,nb_read_frames", str(path)]
    seen = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)["streams"][0]
    expected = {
        "codec_name": "h264",
        "width": width,
        "height": height,
        "pix_fmt": "yuv420p",
        "nb_read_frames": str(frames),
    }
    if seen != expected:
        message = f"ffprobe says {seen}, expected {expected}"
        raise CheckFailed(message)
    return f"{frames} frames, h264 yuv420p {width}x{height}"
