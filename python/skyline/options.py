"""What every stream can be told when it is made: checked once, then a frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

from skyline.colorimetry import Colorimetry, check_colorimetry
from skyline.encoder_plan import FORMATS, Clock, Format
from skyline.encoders import Encoder
from skyline.errors import SinkError
from skyline.framerate import Fps, fraction

if TYPE_CHECKING:
    from skyline.events import Event

Leaky = Literal["none", "upstream", "downstream"]
Errors = Literal["raise", "state"]
OnEvent = Callable[["Event"], object]

_LARGEST_SIDE = 32_767
_MOST_BUFFERS = 10_000


class StreamOptions(TypedDict, total=False):
    """The options as keyword arguments; see ``skyline.open``."""

    fps: Fps | None
    width: int | None
    height: int | None
    format: Format
    encoder: Encoder | None
    clock: Clock | None
    leaky: Leaky | None
    max_buffers: int
    on_event: OnEvent | None
    errors: Errors
    colorimetry: Colorimetry | None


@dataclass(frozen=True)
class Options:
    """The options, checked; see ``skyline.open`` for what they mean."""

    fps: Fps | None = None
    width: int | None = None
    height: int | None = None
    format: Format = "BGR"
    encoder: Encoder | None = None
    clock: Clock | None = None
    leaky: Leaky | None = None
    max_buffers: int = 4
    on_event: OnEvent | None = None
    errors: Errors = "state"
    colorimetry: Colorimetry | None = None

    def __post_init__(self) -> None:
        check_numbers(self.fps, self.width, self.height)
        _check_choice("format", self.format, FORMATS)
        _check_choice("clock", self.clock, (None, *get_args(Clock)))
        _check_choice("leaky", self.leaky, (None, *get_args(Leaky)))
        _check_choice("errors", self.errors, get_args(Errors))
        _check_whole("max_buffers", self.max_buffers, _MOST_BUFFERS)
        _check_encoder(self.encoder)
        check_colorimetry(self.colorimetry)
        if self.clock == "fixed" and self.fps is None:
            message = 'clock is "fixed", which needs fps='
            raise SinkError(message)


def check_numbers(fps: Fps | None, width: int | None, height: int | None) -> None:
    """Raise SinkError for a rate or size that cannot be. None is always right."""
    if fps is not None:
        fraction(fps)
    for name, value in (("width", width), ("height", height)):
        if value is not None:
            _check_whole(name, value, _LARGEST_SIDE)


def _check_choice(name: str, value: object, accepted: tuple[Any, ...]) -> None:
    if value not in accepted:
        named = ", ".join(repr(choice) for choice in accepted)
        message = f"{name} is {value!r}, expected one of {named}"
        raise SinkError(message)


def _check_whole(name: str, value: object, most: int) -> None:
    # numpy's integers come out of frame.shape arithmetic, so anything that counts is taken.
    is_whole = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_whole or not 1 <= int(value) <= most:  # type: ignore[call-overload]  # __index__ was looked for
        message = f"{name} is {value!r}, expected a whole number from 1 to {most}"
        raise SinkError(message)


def _check_encoder(encoder: object) -> None:
    if encoder is not None and not isinstance(encoder, Encoder):
        message = f"encoder is {encoder!r}, expected a value of skyline.encoders, such as encoders.h264()"
        raise SinkError(message)
