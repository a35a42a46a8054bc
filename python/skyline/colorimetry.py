"""What the numbers of a YUV picture mean: matrix and range, in GStreamer's words."""

from collections.abc import Mapping
from typing import Literal, get_args

from skyline.errors import SinkError

Colorimetry = Literal["bt601", "bt709", "bt601-full", "bt709-full"]
Matrix = Literal["bt601", "bt709"]
Range = Literal["limited", "full"]
Colours = tuple[Matrix, Range]

_SD_ROWS = 576  # up to here GStreamer and players take bt601

# GStreamer names only those of limited range; the others it writes as range:matrix:transfer:primaries.
_CAPS: Mapping[Colours, str] = {
    ("bt601", "limited"): "bt601",
    ("bt709", "limited"): "bt709",
    ("bt601", "full"): "1:4:16:4",
    ("bt709", "full"): "1:3:5:1",
}


def colours_of(colorimetry: Colorimetry | None, height: int) -> Colours:
    """Matrix and range; None is by rule: bt709 above 576 rows, else bt601, of limited range."""
    if colorimetry is None:
        return ("bt601" if height <= _SD_ROWS else "bt709"), "limited"
    matrix: Matrix = "bt601" if colorimetry.startswith("bt601") else "bt709"
    return matrix, "full" if colorimetry.endswith("-full") else "limited"


def colorimetry_caps(colours: Colours) -> str:
    """The value of the caps field ``colorimetry``."""
    return _CAPS[colours]


def colorimetry_word(colours: Colours) -> str:
    """The word for them that ``colorimetry=`` takes."""
    return f"{colours[0]}-full" if colours[1] == "full" else colours[0]


def check_colorimetry(value: object) -> None:
    """Raise SinkError for what is none, saying which there are. None is always right."""
    if value is None or value in get_args(Colorimetry):
        return
    message = (
        f'colorimetry is {value!r}, expected "bt601" or "bt709" (limited range), "bt601-full" or "bt709-full" (0 to 255), '
        "or None (bt709 above 576 rows, else bt601)"
    )
    if isinstance(value, str) and value.startswith(("bt2020", "bt2100")):
        message += (
            "; frames have BT.709's primaries and 8 bits, so for wider ones let GStreamer convert: PipelineSkyLine("
            f"'appsrc ! videoconvert primaries-mode=fast gamma-mode=remap ! video/x-raw,format=I420_10LE,colorimetry={value} "
            "! x265enc ! …')"
        )
    raise SinkError(message)
