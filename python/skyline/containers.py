"""The file formats: which muxer, which codecs go in, what must stand before the muxer.

Every pair of container and codec here was written with gst-launch-1.0 and read back with ffprobe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyline.elements import Element, Properties, PropertyValue, caps_filter
from skyline.encoders import Codec
from skyline.errors import SinkError

# Fragments make a file that a crash leaves playable; at a clean stop it gets its index like any other.
# 250 ms, and the file sink unbuffered: a kill -9 loses what was not yet a fragment.
_FRAGMENTS: dict[str, PropertyValue] = {"fragment-duration": 250, "fragment-mode": "first-moov-then-finalise"}
_VARIABLE_RATE_TIMESCALE = 90_000  # of an MP4 whose frames come at any time: 11 µs

# What stands before the muxer: a parser that gives the muxer the form it wants, or else the bare media type,
# without which a muxer cannot tell which kind of pad is meant.
_BEFORE: Mapping[str, Element] = {
    "h264": Element("h264parse"),
    "h265": Element("h265parse"),
    "vp8": caps_filter("video/x-vp8"),
    "vp9": Element("vp9parse"),
    "av1": Element("av1parse"),
    "mjpeg": caps_filter("image/jpeg"),
    "ffv1": caps_filter("video/x-ffv"),
}


@dataclass(frozen=True)
class Container:
    """One file format.

    Attributes:
        suffix: Of the file's name.
        muxer: The element that writes it.
        codecs: What it takes.
        default_codec: What it gets when nobody asks for one.
        properties: Of the muxer.
        keeps_times: Whether every frame has a time of its own; False needs a fixed frame rate.
        has_timescale: Whether the muxer counts in ticks of a scale that can be set.
        says_colours: Whether it has a place for matrix and range (QuickTime has none for the range).
        least_side: Smallest width and height that the muxer takes, as its pad templates say.
    """

    suffix: str
    muxer: str
    codecs: tuple[Codec, ...]
    default_codec: Codec = "h264"
    properties: Mapping[str, PropertyValue] = field(default_factory=Properties)
    keeps_times: bool = True
    has_timescale: bool = False
    says_colours: bool = False
    least_side: int = 1


CONTAINERS: Mapping[str, Container] = {
    container.suffix: container
    for container in (
        Container(
            ".mp4",
            "mp4mux",
            ("h264", "h265", "vp9", "av1"),
            properties=_FRAGMENTS,
            has_timescale=True,
            says_colours=True,
            least_side=16,
        ),
        Container(
            ".mov",
            "qtmux",
            ("h264", "h265", "vp8", "vp9", "av1", "mjpeg"),
            properties=_FRAGMENTS,
            has_timescale=True,
            least_side=16,
        ),
        Container(".mkv", "matroskamux", ("h264", "h265", "vp8", "vp9", "av1", "mjpeg", "ffv1"), says_colours=True),
        Container(".webm", "webmmux", ("vp8", "vp9", "av1"), default_codec="vp8", says_colours=True, least_side=16),
        Container(".ts", "mpegtsmux", ("h264", "h265")),
        Container(".avi", "avimux", ("h264", "vp8", "mjpeg"), keeps_times=False, least_side=16),
    )
}


def container_of(suffix: str) -> Container:
    """The container that a file's suffix stands for.

    Raises:
        SinkError: None; names those there are.
    """
    found = CONTAINERS.get(suffix.lower())
    if found is None:
        came = f"file ends in {suffix!r}" if suffix else "file has no suffix"
        message = f"{came}, expected one of {' '.join(CONTAINERS)}"
        raise SinkError(message)
    return found


def check_codec(container: Container, codec: Codec) -> None:
    """Raise SinkError where the container does not take the codec, naming what goes together."""
    if codec in container.codecs:
        return
    others = " ".join(other.suffix for other in CONTAINERS.values() if codec in other.codecs)
    message = (
        f"{codec} does not go into {container.suffix}, which takes {', '.join(container.codecs)}; "
        f"{codec} goes into {others}"
    )
    raise SinkError(message)


def check_size(container: Container, width: int, height: int) -> None:
    """Raise SinkError for a picture that is too small.

    Said before the muxer sees one: told by its caps alone, mp4mux (1.22) now and then ends the process.
    """
    # 4:2:0 of an odd side is encoded with the next even one.
    if min(width + width % 2, height + height % 2) >= container.least_side:
        return
    others = " ".join(other.suffix for other in CONTAINERS.values() if other.least_side == 1)
    message = (
        f"frames are {width}x{height}, and {container.suffix} holds pictures of {container.least_side}x"
        f"{container.least_side} and more; smaller ones go into {others}"
    )
    raise SinkError(message)


def muxer_chain(container: Container, codec: Codec, *, has_fixed_rate: bool) -> tuple[Element, ...]:
    """The parser, or the media type for a codec that has none, and the muxer.

    Raises:
        SinkError: The container does not take the codec, or cannot hold a variable frame rate.
    """
    check_codec(container, codec)
    if not (container.keeps_times or has_fixed_rate):
        message = (
            f"{container.suffix} holds no time per frame and needs a fixed frame rate: give fps= (with clock "
            f'"fixed"), or write .mp4 or .mkv, which keep the time of every frame'
        )
        raise SinkError(message)
    scale: dict[str, PropertyValue] = {}
    if container.has_timescale and not has_fixed_rate:
        scale = {"trak-timescale": _VARIABLE_RATE_TIMESCALE}
    return (_BEFORE[codec], Element(container.muxer, {**container.properties, **scale}))
