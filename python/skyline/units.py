"""One encoded unit, as a program gets it."""

from dataclasses import dataclass

from skyline.encoders import Codec


@dataclass(frozen=True)
class Unit:
    """One encoded access unit: what a decoder takes for one frame.

    Attributes:
        data: Its bytes, read-only and not copied; ``bytes(unit.data)`` copies. Kept for as long as you keep it. H.264 and
            H.265 are byte-stream, with the parameter sets before each key unit, so that units written one behind the
            other are a file that players read.
        pts_ns: Its presentation time in nanoseconds, from the stream's first frame.
        dts_ns: Its decoding time likewise; None where the encoder gives none. Below 0 with B-frames.
        is_key: Whether a decoder can start here.
        caps: What it is, in GStreamer's words: codec, size, profile.
        codec: ``"h264"``, ``"h265"``, ``"vp8"``, ``"vp9"``, ``"av1"``, ``"mjpeg"`` or ``"ffv1"``.
    """

    data: memoryview
    pts_ns: int
    dts_ns: int | None
    is_key: bool
    caps: str
    codec: Codec
