"""The levels of H.265, which say what a decoder must be able to do. Rec. H.265, table A.8."""

# Most pixels of a picture, most pixels in a second, the level. None below 4, which everything plays.
_LEVELS = (
    (2_228_224, 66_846_720, "4"),
    (2_228_224, 133_693_440, "4.1"),
    (8_912_896, 267_386_880, "5"),
    (8_912_896, 534_773_760, "5.1"),
    (8_912_896, 1_069_547_520, "5.2"),
    (35_651_584, 1_069_547_520, "6"),
    (35_651_584, 2_139_095_040, "6.1"),
    (35_651_584, 4_278_190_080, "6.2"),
)


def h265_level(width: int, height: int, rate: float) -> str | None:
    """The lowest level that allows frames of this size, so many a second; None where there is none."""
    pixels = width * height
    return next((level for most, a_second, level in _LEVELS if pixels <= most and pixels * rate <= a_second), None)
