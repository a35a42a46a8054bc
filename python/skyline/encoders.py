"""Encoders as values: which codec, how good, how often a key frame.

The element that does it is chosen when a stream starts: the first candidate that truly encodes on this machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyline.elements import Properties, PropertyValue
from skyline.errors import SinkError

Codec = Literal["h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1"]
Latency = Literal["live", "quality"]

LATENCIES: tuple[Latency, ...] = ("live", "quality")
_WITHOUT_BITRATE = {"mjpeg": 'properties={"quality": 85}', "ffv1": "nothing: it is lossless"}
_MOST_KBPS = 2_000_000
_WITH_PROFILES = ("h264", "h265")


@dataclass(frozen=True)
class Encoder:
    """How to encode. Made by the functions of this module; compares by value.

    Attributes:
        codec: What the units are.
        bitrate_kbps: Target in kbit/s, at 30 frames a second where a live stream has no ``fps``; None takes what
            the picture needs (0.09 bit per pixel, or constant quality with ``latency="quality"`` where the element
            has it).
        keyframe_s: A key frame at least this often, in seconds.
        latency: ``"live"`` holds no frame back; ``"quality"`` holds a few for a better picture; None is
            live for frames that are stamped as they arrive, else quality.
        profile: E.g. ``"high"``; None takes one that browsers and hardware play.
        element: GStreamer's element, where only that one will do, e.g. ``"openh264enc"``.
        properties: Properties of that element, set last: they win.
    """

    codec: Codec
    bitrate_kbps: float | None = None
    keyframe_s: float = 2.0
    latency: Latency | None = None
    profile: str | None = None
    element: str | None = None
    properties: Mapping[str, PropertyValue] = field(default_factory=Properties)

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", Properties(self.properties))
        _check_number("bitrate_kbps", self.bitrate_kbps, most=_MOST_KBPS)
        _check_number("keyframe_s", self.keyframe_s, most=86_400)
        if self.latency not in (None, *LATENCIES):
            message = f'latency is {self.latency!r}, expected "live" or "quality"'
            raise SinkError(message)
        if self.bitrate_kbps is not None and self.codec in _WITHOUT_BITRATE:
            message = f"{self.codec} has no bitrate; set instead: {instead_of_bitrate(self.codec)}"
            raise SinkError(message)
        if self.profile is not None and self.codec not in _WITH_PROFILES:
            message = f"{self.codec} has no profile= here, only {' and '.join(_WITH_PROFILES)} do"
            raise SinkError(message)


def check_bitrate(kbps: object) -> None:
    """Raise SinkError for what is no bitrate in kbit/s."""
    _check_number("kbps", kbps, most=_MOST_KBPS)


def instead_of_bitrate(codec: str) -> str:
    """What to set for a codec that has no bitrate."""
    return _WITHOUT_BITRATE[codec]


def _check_number(name: str, value: object, *, most: float) -> None:
    if value is None and name == "bitrate_kbps":
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
        message = f"{name} is {value!r}, expected a number above 0 and at most {most}"
        raise SinkError(message)


def h264(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """H.264, which everything plays. Elements tried: x264enc, openh264enc.

    4:2:0 always, unless ``profile`` asks for ``"high-4:2:2"``, ``"high-4:4:4"`` or ``"high-10"``. Without
    a profile: constrained-baseline live, high in quality. See ``Encoder`` for the arguments.
    """
    return Encoder("h264", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def h265(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """H.265: smaller than H.264, slower, and not for every browser. Element tried: x265enc.

    See ``Encoder`` for the arguments; ``profile`` may be ``"main"``, ``"main-10"`` or ``"main-444"``.
    """
    return Encoder("h265", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def vp8(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """VP8, for WebM and WebRTC. Element tried: vp8enc. See ``Encoder`` for the arguments.

    Its colours are bt601 at every size, as its standard says and decoders take it, whatever the container says.
    """
    return Encoder("vp8", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def vp9(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """VP9: smaller than VP8, slower. Element tried: vp9enc. See ``Encoder`` for the arguments."""
    return Encoder("vp9", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def av1(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """AV1: smallest, slowest. Element tried: av1enc. See ``Encoder`` for the arguments.

    Before GStreamer 1.26 av1enc makes no key frame on request: ``force_keyframe`` answers False, and parts of a
    segmented file are cut at its own key frames, every ``keyframe_s``.
    """
    return Encoder("av1", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def mjpeg(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """Motion JPEG: each frame a JPEG with the full range of values. Element tried: jpegenc.

    ``properties={"quality": 85}`` sets the quality (0 to 100); a bitrate or profile is a SinkError.
    """
    return Encoder("mjpeg", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))


def ffv1(
    *,
    bitrate_kbps: float | None = None,
    keyframe_s: float = 2.0,
    latency: Latency | None = None,
    profile: str | None = None,
    element: str | None = None,
    properties: Mapping[str, PropertyValue] | None = None,
) -> Encoder:
    """FFV1, lossless: colour, grey and 16-bit frames come back bit by bit. Element tried: avenc_ffv1.

    For Matroska only. A bitrate or profile is a SinkError.
    """
    return Encoder("ffv1", bitrate_kbps, keyframe_s, latency, profile, element, Properties(properties))
