"""From an encoder value to the elements that do it. Pure: nothing here looks at the machine."""

import math
from dataclasses import dataclass
from typing import Literal

from skyline.elements import Element, Properties, PropertyValue, caps_filter
from skyline.encoder_row import EncoderRow
from skyline.encoders import Encoder, Latency
from skyline.errors import SinkError

Clock = Literal["arrival", "fixed"]
Format = Literal["BGR", "RGB", "BGRA", "RGBA", "GRAY8", "GRAY16_LE", "I420", "NV12", "BGRx", "RGBx"]
Matrix = Literal["bt601", "bt709"]
Range = Literal["limited", "full"]

FORMATS: tuple[Format, ...] = ("BGR", "RGB", "BGRA", "RGBA", "GRAY8", "GRAY16_LE", "I420", "NV12", "BGRx", "RGBx")

ASSUMED_FPS = (30, 1)
"""Where the rate is variable and a number is needed all the same."""

_BITS_PER_PIXEL = 0.09
_LEAST_BITRATE = 200_000
_SD_ROWS = 576  # up to here GStreamer and players take bt601
_PLANAR = ("I420", "NV12")
_FULL_RANGE_I420 = "video/x-raw,format=I420,colorimetry=1:4:0:0"


@dataclass(frozen=True)
class EncoderPlan:
    """Everything the encode lane is told.

    Attributes:
        chain: The encoder, what follows it, and what must come before it.
        encoder_format: Raw format of the frames that enter the chain.
        matrix: Of that raw format, where it is YUV.
        range: Likewise.
        keyframe_ns: A key unit is asked for this often; 0 leaves it to the encoder, which counts frames.
    """

    chain: tuple[Element, ...]
    encoder_format: str
    matrix: Matrix
    range: Range
    keyframe_ns: int


def plan_encoder(
    encoder: Encoder,
    row: EncoderRow,
    *,
    format: str,
    width: int,
    height: int,
    fps: tuple[int, int] | None,
    clock: Clock,
) -> EncoderPlan:
    """Set up one row of the table for frames of this format, size and rate.

    Args:
        encoder: What is wanted.
        row: The element that shall do it.
        format: Of the frames.
        width: Of the frames, in pixels.
        height: Of the frames, in pixels.
        fps: Their rate as a fraction; None where it is variable.
        clock: ``"fixed"`` makes quality the default, ``"arrival"`` live.

    Raises:
        SinkError: The element cannot do what is wanted.
    """
    latency = encoder.latency or ("quality" if clock == "fixed" else "live")
    numerator, denominator = fps or ASSUMED_FPS
    rate = numerator / denominator
    before, encoder_format = _raw_road(encoder, row, format)
    properties: dict[str, PropertyValue] = {
        **_bitrate(encoder, row, latency, width * height * rate * _BITS_PER_PIXEL),
        **_keyframe(encoder, row, rate, is_known=fps is not None),
        **encoder.properties,
    }
    supported = {name: value for name, value in row.if_supported.items() if name not in properties}
    return EncoderPlan(
        chain=(
            *before,
            Element(row.factory, Properties(properties), Properties(supported)),
            *_profile_filter(encoder, row, latency),
            *row.after,
        ),
        encoder_format=encoder_format,
        matrix="bt601" if row.is_full_range or height <= _SD_ROWS else "bt709",
        # Frames that are YUV already are taken as limited range; a JPEG of them is widened in the chain.
        range="full" if row.is_full_range and format not in _PLANAR else "limited",
        # On a fixed clock the encoder's own count is exact, and asking an encoder that looks ahead comes late.
        keyframe_ns=0 if clock == "fixed" and row.keyframe else round(encoder.keyframe_s * 1e9),
    )


def _raw_road(encoder: Encoder, row: EncoderRow, format: str) -> tuple[tuple[Element, ...], str]:
    deep = row.deep_profiles.get(encoder.profile or "")
    if deep:
        return (Element("videoconvert"), caps_filter(f"video/x-raw,format={deep}")), format
    if row.is_full_range and format in _PLANAR:
        return (Element("videoconvert"), caps_filter(_FULL_RANGE_I420)), format
    return (), row.formats.get(format, "I420")


def _bitrate(encoder: Encoder, row: EncoderRow, latency: Latency, needed: float) -> dict[str, PropertyValue]:
    profile = row.live if latency == "live" else row.quality
    if encoder.bitrate_kbps is not None:
        if row.bitrate is None:
            message = f"{row.factory} has no bitrate"
            raise SinkError(message)
        return {**profile, **_in_units(row.bitrate, encoder.bitrate_kbps * 1000)}
    if row.bitrate is None:
        return dict(profile)
    wanted = max(needed, _LEAST_BITRATE)
    if latency == "live" or not row.constant_quality:
        return {**profile, **_in_units(row.bitrate, wanted)}
    ceiling = _in_units(row.bitrate, row.ceiling * wanted) if row.ceiling else {}
    return {**profile, **row.constant_quality, **ceiling}


def _in_units(bitrate: tuple[str, int], bits_per_second: float) -> dict[str, PropertyValue]:
    name, bits_per_unit = bitrate
    return {name: max(1, min(round(bits_per_second / bits_per_unit), 2**31 - 1))}


def _keyframe(encoder: Encoder, row: EncoderRow, rate: float, *, is_known: bool) -> dict[str, PropertyValue]:
    if not row.keyframe:
        return {}
    if not is_known and row.forces_keys:
        return {row.keyframe: row.keyframe_unlimited}  # asked for by time instead
    # Never shorter than the time: else the encoder's own key frames and the asked ones fall out of step.
    return {row.keyframe: max(1, min(math.ceil(encoder.keyframe_s * rate - 1e-6), row.keyframe_unlimited))}


def _profile_filter(encoder: Encoder, row: EncoderRow, latency: Latency) -> tuple[Element, ...]:
    profile = encoder.profile or row.profiles[0 if latency == "live" else 1]
    if not profile:
        return ()
    if profile not in row.plain_profiles and profile not in row.deep_profiles:
        known = ", ".join((*row.plain_profiles, *row.deep_profiles))
        message = f"profile is {profile!r}, expected one of {row.factory}'s: {known}"
        raise SinkError(message)
    return (caps_filter(f"{row.media},profile={profile}"),)
