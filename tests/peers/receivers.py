"""Receivers of others, GStreamer and ffmpeg: what they decoded, with its times, and when the first picture came."""

import contextlib
import re
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.peers.peer_process import PeerProcess
from tests.peers.ports import udp_is_bound, wait_until
from tests.pipeline.bar_code import read_number
from tests.programs import SYSTEM_PYTHON, program

# What a test with a GstReceiver has to be marked with: needs_system_python(*GST_RECEIVER_NEEDS).
GST_RECEIVER_NEEDS = ("gi.repository.Gst",)
_SCRIPT = Path(__file__).with_name("gst_receiver_script.py")
# Else it looks at seconds of a stream before it begins, and keeps some frames back in threads of its decoder.
_AT_ONCE = ("-fpsprobesize", "0", "-analyzeduration", "200000", "-probesize", "8192", "-threads", "1")
_SHOWN = re.compile(rb"\bn: *\d+ pts: *\S+ pts_time:(\S+).* s:(\d+)x(\d+) ")


@dataclass(frozen=True)
class Moment:
    """When a frame came and what time it bears."""

    arrived_s: float  # of time.monotonic, the same in every process; nan where the receiver does not say
    pts_s: float
    width: int
    height: int


class Receiver(PeerProcess, ABC):
    """Decoded frames of one size, as gray or as BGR: ``frames``, ``numbers``, ``moments``, at any time."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        *,
        is_coloured: bool,
        is_ready: Callable[[], bool],
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.is_coloured = is_coloured
        super().__init__(command, folder / "receiver.log", is_ready=is_ready)

    @property
    @abstractmethod
    def moments(self) -> list[Moment]:
        """One for each frame that is complete."""

    @property
    def frames(self) -> np.ndarray:
        """``(n, height, width)``, or ``(n, height, width, 3)`` where colours were asked for; uint8."""
        moments = self.moments
        if not moments:
            return np.zeros((0, 0, 0), np.uint8)
        shape = (moments[0].height, moments[0].width, *((3,) if self.is_coloured else ()))
        pixels = np.fromfile(self.folder / "frames.raw", np.uint8)
        count = min(len(moments), pixels.size // int(np.prod(shape)))
        return pixels[: count * int(np.prod(shape))].reshape(count, *shape)

    @property
    def numbers(self) -> list[int]:
        """The numbers in the bar codes, in the order of arrival; -1 for a picture that is not as it was sent."""
        return [read_number(frame[..., 1] if self.is_coloured else frame) for frame in self.frames]

    @property
    def pts_s(self) -> list[float]:
        return [moment.pts_s for moment in self.moments]

    def wait_for(self, count: int, timeout_s: float = 10.0) -> None:
        """Until so many frames are complete."""

        def is_there() -> bool:
            if len(self.moments) >= count:
                return True
            assert self.is_running, f"the receiver ended with {len(self.moments)} of {count} frames:\n{self.said}"
            return False

        wait_until(is_there, timeout_s, f"{count} frames at the receiver, which said: {self.said}")

    def finish(self) -> None:
        """Let it write what it has and end."""
        self.stop(signal.SIGINT)


class GstReceiver(Receiver):
    """GStreamer itself: ``source`` is launch text up to raw video, ``moments`` know when each frame came."""

    def __init__(self, source: str, folder: Path, *, is_coloured: bool = False) -> None:
        pixel_format = "BGR" if is_coloured else "GRAY8"
        super().__init__(
            [SYSTEM_PYTHON, _SCRIPT, source, folder, pixel_format],
            folder,
            is_coloured=is_coloured,
            is_ready=lambda: "ready" in self.said,
        )

    @property
    def moments(self) -> list[Moment]:
        path = self.folder / "times.txt"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [
            Moment(int(came) / 1e9, int(pts) / 1e9, int(width), int(height))
            for came, pts, width, height in (line.split() for line in lines)
        ]


class FfmpegReceiver(Receiver):
    """ffmpeg: ``source`` is a URL or file name, its times begin at 0.

    It looks at a stream for some frames before it decodes, without losing any of them; so start it first, and do not
    measure with it. The last few of a stream that has no end are lost in it: send more than you count.

    Args:
        source: What ``-i`` takes.
        folder: Of this receiver alone.
        options: Of the input, before ``-i``; name its format (``-f mpegts``) where it has no name that tells it.
        udp_port: That it binds: it is ready when it has. None: at once.
        is_coloured: Keep BGR, not gray.
    """

    def __init__(
        self,
        source: str | Path,
        folder: Path,
        *,
        options: Sequence[str] = (),
        udp_port: int | None = None,
        is_coloured: bool = False,
    ) -> None:
        command = [program("ffmpeg"), "-nostdin", "-hide_banner", "-nostats", "-v", "info", *_AT_ONCE, *options]
        command += ["-i", str(source), "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "showinfo=checksum=0"]
        command += ["-pix_fmt", "bgr24" if is_coloured else "gray", "-flush_packets", "1", "-f", "rawvideo", "-y"]
        super().__init__(
            [*command, str(folder / "frames.raw")],
            folder,
            is_coloured=is_coloured,
            is_ready=lambda: udp_port is None or udp_is_bound(udp_port),
        )

    @property
    def moments(self) -> list[Moment]:
        shown = _SHOWN.findall(self.log.read_bytes() if self.log.exists() else b"")
        moments = [Moment(float("nan"), float(pts), int(width), int(height)) for pts, width, height in shown]
        # Shown a moment before it is written.
        path = self.folder / "frames.raw"
        if not moments or not path.exists():
            return []
        size = moments[0].width * moments[0].height * (3 if self.is_coloured else 1)
        return moments[: path.stat().st_size // size]

    def finish(self) -> None:
        # The first signal is seen between two packets, and only a second one ends the wait for a packet.
        self.signal(signal.SIGINT)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.is_running, 0.3, "the end")
        super().finish()
