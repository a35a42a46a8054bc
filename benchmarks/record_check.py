"""What came out of a recording: codec, format, every frame at its time, the encoder's own options, the picture."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.pictures import moving
from benchmarks.rival import CheckFailed

if TYPE_CHECKING:
    from benchmarks.record_contenders import Work

FPS = 30
EVERY = 10  # of the frames is decoded
TIMEOUT_S = 120


class Checker:
    """Looks at the files of one work; what the first of them is like, the others must be like."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pictures = moving(work.width, work.height)
        self._expected: dict[str, dict[int, Any]] = {}
        self._is_full_range = False
        self._said = ""
        self._x264: dict[str, str] | None = None
        self._psnr: float | None = None
        self._bytes: int | None = None

    def look_at(self, path: Path, may_differ: frozenset[str]) -> str:
        """What was seen, in a few words; CheckFailed where it is not right."""
        return ", ".join([self._stream(path), *self._options(path, may_differ), self._picture(path), self._size(path)])

    def _stream(self, path: Path) -> str:
        entries = "stream=codec_name,pix_fmt,width,height,color_space:packet=pts_time"
        command = [
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            entries,
            "-of",
            "json",
            str(path),
        ]
        probed = json.loads(_output(command))
        stream = probed["streams"][0]
        work = self._work
        wanted = {"codec_name": work.codec, "width": work.width, "height": work.height}
        if {name: stream.get(name) for name in wanted} != wanted or stream.get("pix_fmt") not in work.pix_fmts:
            raise CheckFailed(f"{path.name}: expected {wanted} in {' or '.join(work.pix_fmts)}, found {stream}")
        self._is_full_range = stream["pix_fmt"].startswith("yuvj")
        self._said = {"bt709": "bt709", "smpte170m": "bt601", "bt470bg": "bt601"}.get(stream.get("color_space", ""), "")
        times = sorted(float(packet["pts_time"]) for packet in probed["packets"])
        if len(times) != work.frames:
            raise CheckFailed(f"{path.name}: expected {work.frames} frames, found {len(times)}")
        worst = max(abs(time - times[0] - n / FPS) for n, time in enumerate(times))
        if worst > 0.002:  # WebM and Matroska count in milliseconds
            raise CheckFailed(f"{path.name}: a frame is {worst * 1e3:.1f} ms from n/{FPS}")
        return f"{stream['codec_name']} {stream['pix_fmt']}, {len(times)} at n/{FPS}"

    def _options(self, path: Path, may_differ: frozenset[str]) -> Iterator[str]:
        options = x264_options(path)
        if not options:
            return
        if self._x264 is None:
            self._x264 = options
        differing = {name for name in {**options, **self._x264} if options.get(name) != self._x264.get(name)}
        if differing - may_differ:
            found = {name: (options.get(name), self._x264.get(name)) for name in sorted(differing - may_differ)}
            raise CheckFailed(f"{path.name}: other options of x264 than ours: {found}")
        threads = "slices" if options.get("sliced_threads") == "1" else "frames"
        yield f"x264 threads {options.get('threads')} ({threads})"
        if differing - _THREADING:
            yield "else " + " ".join(f"{name}={options.get(name)}" for name in sorted(differing - _THREADING))

    def _picture(self, path: Path) -> str:
        found = self._luma(path)
        worth = {name: self._worth(found, name) for name in _LUMA}
        matrix = max(worth, key=lambda name: worth[name])
        if self._psnr is None:
            self._psnr = worth[matrix]
        if worth[matrix] < self._psnr - self._work.loss_db:
            raise CheckFailed(f"{path.name}: luma {worth[matrix]:.1f} dB, where ours has {self._psnr:.1f}")
        said = self._said or "not said"
        return f"luma {worth[matrix]:.1f} dB as {matrix} ({'said' if said == matrix else said})"

    def _luma(self, path: Path) -> Any:
        work = self._work
        # The times are made new: without that, every ffmpeg but the newest would fill the gaps with copies.
        select = f"select=not(mod(n\\,{EVERY})),setpts=N/FRAME_RATE/TB,extractplanes=y"
        pixels = _output(
            ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-vf", select, "-f", "rawvideo", "pipe:1"]
        )
        planes = np.frombuffer(pixels, np.uint8)
        shape = (len(range(0, work.frames, EVERY)), work.height, work.width)
        if planes.size != np.prod(shape):
            raise CheckFailed(f"{path.name}: {planes.size} bytes decoded, expected {np.prod(shape)}")
        return planes.reshape(shape)

    def _worth(self, found: Any, matrix: str) -> float:
        expected = self._expected.setdefault(matrix, {})
        worth = []
        for plane, number in zip(found, range(0, self._work.frames, EVERY), strict=True):
            turn = number % len(self._pictures)
            if turn not in expected:
                expected[turn] = luma(self._pictures[turn], matrix, is_full_range=self._is_full_range)
            worth.append(psnr(expected[turn], plane))
        return float(np.mean(worth))

    def _size(self, path: Path) -> str:
        size = path.stat().st_size
        if self._bytes is None:
            self._bytes = size
        if abs(size / self._bytes - 1) > self._work.size_share:
            raise CheckFailed(f"{path.name}: {size} bytes, where ours has {self._bytes}")
        return f"{size / 1e6:.2f} MB"


# Weights of blue, green, red.
_LUMA = {"bt709": (0.0722, 0.7152, 0.2126), "bt601": (0.114, 0.587, 0.299)}


def luma(frame: Any, matrix: str, *, is_full_range: bool) -> Any:
    """Y of a BGR frame, in floating point and not rounded, by the definition of the standard."""
    value = frame.astype(np.float32) @ np.array(_LUMA[matrix], np.float32)
    return value if is_full_range else value * np.float32(219 / 255) + np.float32(16)


_THREADING = {"threads", "lookahead_threads", "sliced_threads", "slices"}


def x264_options(path: Path) -> dict[str, str]:
    """The options that x264 writes into the first unit it makes; empty where another encoder was at work."""
    found = re.search(rb"x264 - core[^\x00\x80]*options: ([^\x00\x80]*)", path.read_bytes())
    if found is None:
        return {}
    return dict(option.split("=", 1) for option in found[1].decode().split() if "=" in option)


def psnr(expected: Any, found: Any) -> float:
    """Peak signal-to-noise ratio of two planes of 8 bits, in dB."""
    error = (expected - found).ravel()
    return 10 * float(np.log10(255**2 / max(float(np.dot(error, error)) / error.size, 1e-9)))


def _output(command: list[str]) -> bytes:
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT_S).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise CheckFailed(f"{command[0]}: {error}") from error
