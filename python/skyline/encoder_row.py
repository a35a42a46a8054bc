"""How one encoder element of GStreamer is set up: the columns of the encoder table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyline.elements import Element, PropertyValue

Values = Mapping[str, PropertyValue]


@dataclass(frozen=True)
class EncoderRow:
    """How one element is set up.

    Attributes:
        codec: What it makes.
        factory: The element.
        formats: Frame format → raw format it is given; a format that is not here becomes I420.
        bitrate: Its property for the target, and how many bit/s one of its units is.
        keyframe: Its property for the greatest distance of key frames, in frames.
        keyframe_unlimited: What stands for "no limit" there.
        forces_keys: Whether it makes a key frame on request.
        needs_rate: Whether it refuses caps with a variable rate; a rate is declared then, times stay as they are.
        live: Properties for the live profile.
        quality: Properties for the quality profile, with a bitrate.
        constant_quality: Added in the quality profile without a bitrate; empty where it cannot.
        ceiling: With constant quality the bitrate is still set, this many times as high: a ceiling.
        if_supported: Properties set where this release has them.
        profiles: Profile for live and for quality, asked for by caps; empty where there is none.
        media: The caps that carry the profile.
        plain_profiles: Those for 4:2:0 with 8 bits, which is what it gets.
        deep_profiles: Others → the raw format they need.
        after: What follows the encoder.
        is_full_range: Values 0..255 with the bt601 matrix, as JPEG has them.
    """

    codec: str
    factory: str
    formats: Mapping[str, str] = field(default_factory=dict)
    bitrate: tuple[str, int] | None = None
    keyframe: str = ""
    keyframe_unlimited: int = 1 << 30
    forces_keys: bool = True
    needs_rate: bool = False
    live: Values = field(default_factory=dict)
    quality: Values = field(default_factory=dict)
    constant_quality: Values = field(default_factory=dict)
    ceiling: int = 0
    if_supported: Values = field(default_factory=dict)
    profiles: tuple[str, str] = ("", "")
    media: str = ""
    plain_profiles: tuple[str, ...] = ()
    deep_profiles: Mapping[str, str] = field(default_factory=dict)
    after: tuple[Element, ...] = ()
    is_full_range: bool = False
