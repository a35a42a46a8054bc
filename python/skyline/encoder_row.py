"""How one encoder element of GStreamer is set up: the columns of the encoder table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyline.colorimetry import Colours
from skyline.elements import Element, PropertyValue

Values = Mapping[str, PropertyValue]

OLDEST_GSTREAMER = (1, 20)
"""Nothing older is supported."""


@dataclass(frozen=True)
class EncoderRow:
    """How one element is set up.

    Attributes:
        codec: What it makes.
        factory: The element.
        formats: Frame format → raw format it is given; a format that is not here becomes I420.
        bitrate: Its property for the target, and how many bit/s one of its units is. Can be changed while it runs.
        bitrate_ceiling: Its property, in the same unit, for what the target must not exceed (0: no limit). When it
            or the target first changes, the headers' level is made to fit it, and a file cannot follow a new level.
        pins_level: Whether its ``option-string`` says the level, because else that in the headers follows the target.
        constant_when: Property → pattern of the values with which the target means nothing.
        keyframe: Its property for the greatest distance of key frames, in frames.
        keyframe_unlimited: What stands for "no limit" there.
        forces_keys_since: Version of GStreamer from which on it makes a key frame on request.
        needs_rate: Whether it refuses caps with a variable rate; a rate is declared then, times stay as they are.
        rate_spares_a_frame: Whether it holds a frame back where the rate is variable, to know how long each lasts.
            Where somebody watches live, a rate is declared then too, and its target counts on that rate.
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
        only_colours: Matrix and range that its standard knows, where it knows but one.
        says_colours: Whether what it makes says its colours; else only a container can.
    """

    codec: str
    factory: str
    formats: Mapping[str, str] = field(default_factory=dict)
    bitrate: tuple[str, int] | None = None
    bitrate_ceiling: str = ""
    pins_level: bool = False
    constant_when: Mapping[str, str] = field(default_factory=dict)
    keyframe: str = ""
    keyframe_unlimited: int = 1 << 30
    forces_keys_since: tuple[int, int] = OLDEST_GSTREAMER
    needs_rate: bool = False
    rate_spares_a_frame: bool = False
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
    only_colours: Colours | None = None
    says_colours: bool = True

    def wants_rate(self, *, is_watched: bool) -> bool:
        """Whether a rate is to be declared where there is none."""
        return self.needs_rate or (self.rate_spares_a_frame and is_watched)

    @property
    def forces_keys(self) -> bool:
        """Whether it makes a key frame on request in every release that is supported."""
        return self.forces_keys_since <= OLDEST_GSTREAMER

    def in_units(self, bits_per_second: float) -> dict[str, int]:
        """The target as its property; empty where it has none."""
        if self.bitrate is None:
            return {}
        name, bits_per_unit = self.bitrate
        return {name: max(1, min(round(bits_per_second / bits_per_unit), 2**31 - 1))}
