"""From an encoder value to the elements that do it. Pure: nothing here looks at the machine."""

import math
from dataclasses import dataclass
from typing import Literal

from skyline.colorimetry import Colorimetry, Colours, Matrix, Range, colorimetry_caps, colorimetry_word, colours_of
from skyline.elements import Element, Properties, PropertyValue, caps_filter
from skyline.encoder_row import EncoderRow
from skyline.encoders import Encoder, Latency
from skyline.errors import SinkError
from skyline.h265_levels import h265_level

Clock = Literal["arrival", "fixed"]
Format = Literal["BGR", "RGB", "BGRA", "RGBA", "GRAY8", "GRAY16_LE", "I420", "NV12", "BGRx", "RGBx"]

FORMATS: tuple[Format, ...] = ("BGR", "RGB", "BGRA", "RGBA", "GRAY8", "GRAY16_LE", "I420", "NV12", "BGRx", "RGBx")

ASSUMED_FPS = (30, 1)
"""Where the rate is variable and a number is needed all the same."""

_BITS_PER_PIXEL = 0.09
_LEAST_BITRATE = 200_000
_PLANAR = ("I420", "NV12")


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
    colorimetry: Colorimetry | None = None,
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
        colorimetry: Of the YUV picture; None is by rule.

    Raises:
        SinkError: The element cannot do what is wanted.
    """
    latency = encoder.latency or ("quality" if clock == "fixed" else "live")
    numerator, denominator = fps or ASSUMED_FPS
    rate = numerator / denominator
    colours = _colours(row, format, height, colorimetry)
    before, encoder_format = _raw_road(encoder, row, format, colours)
    properties: dict[str, PropertyValue] = {
        **_with_level(
            row, _bitrate(encoder, row, latency, width * height * rate * _BITS_PER_PIXEL), width, height, rate
        ),
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
        matrix=colours[0],
        range=colours[1],
        # On a fixed clock the encoder's own count is exact, and asking an encoder that looks ahead comes late.
        keyframe_ns=0 if clock == "fixed" and row.keyframe else round(encoder.keyframe_s * 1e9),
    )


def check_says_colours(row: EncoderRow, colorimetry: Colorimetry | None, *, container_says: bool, name: str) -> None:
    """Raise SinkError where colours that somebody asked for could be told to nobody.

    Args:
        row: The element that encodes.
        colorimetry: What was asked for.
        container_says: Whether what the units go into says it.
        name: Of that, for the message.
    """
    if colorimetry is not None and not row.says_colours and not container_says:
        message = (
            f'colorimetry is "{colorimetry}", but neither {row.factory} nor {name} says it to a player; write .mp4, .mkv '
            f"or .webm, take another encoder, or leave it out"
        )
        raise SinkError(message)


def _colours(row: EncoderRow, format: str, height: int, colorimetry: Colorimetry | None) -> Colours:
    """Of the YUV that is made of the frames; where they are YUV, their own."""
    wanted = colours_of(colorimetry, height)
    if row.only_colours is None or format in _PLANAR:
        return wanted
    if colorimetry is not None and wanted != row.only_colours:
        message = (
            f'colorimetry is "{colorimetry}", but {row.codec} is always "{colorimetry_word(row.only_colours)}", as its '
            "standard says: leave it out, or take another codec"
        )
        raise SinkError(message)
    return row.only_colours


def _raw_road(encoder: Encoder, row: EncoderRow, format: str, colours: Colours) -> tuple[tuple[Element, ...], str]:
    deep = row.deep_profiles.get(encoder.profile or "")
    if deep:
        # Said, because videoconvert would take bt2020 for what is large and deep.
        caps = f"video/x-raw,format={deep},colorimetry={colorimetry_caps(colours)}"
        return (Element("videoconvert"), caps_filter(caps)), format
    if row.only_colours and colours != row.only_colours:
        caps = f"video/x-raw,format=I420,colorimetry={colorimetry_caps(row.only_colours)}"
        return (Element("videoconvert"), caps_filter(caps)), format
    return (), row.formats.get(format, "I420")


def _bitrate(encoder: Encoder, row: EncoderRow, latency: Latency, needed: float) -> dict[str, PropertyValue]:
    profile = row.live if latency == "live" else row.quality
    if encoder.bitrate_kbps is not None:
        if row.bitrate is None:
            message = f"{row.factory} has no bitrate"
            raise SinkError(message)
        return {**profile, **row.in_units(encoder.bitrate_kbps * 1000)}
    if row.bitrate is None:
        return dict(profile)
    wanted = max(needed, _LEAST_BITRATE)
    if latency == "live" or not row.constant_quality:
        return {**profile, **row.in_units(wanted)}
    ceiling = row.in_units(row.ceiling * wanted) if row.ceiling else {}
    return {**profile, **row.constant_quality, **ceiling}


def _with_level(
    row: EncoderRow, properties: dict[str, PropertyValue], width: int, height: int, rate: float
) -> dict[str, PropertyValue]:
    level = h265_level(width, height, rate) if row.pins_level else None
    if level is None:
        return properties
    return {**properties, "option-string": str(properties["option-string"]) + f":level-idc={level}"}


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
