"""A function of your own that is given the encoded units."""

from collections.abc import Callable
from dataclasses import dataclass

from skyline.elements import Element
from skyline.encoder_plan import Clock
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import Plan, Sink
from skyline.units import Unit

TakeUnit = Callable[[Unit], object]

_MAX_UNITS = 300
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class CallbackPlan(Plan):
    """Units for a function.

    Attributes:
        take: The function.
        codec: What the units are encoded with.
        waits: Whether frames wait for it; else whole groups of pictures are dropped.
        max_units: Bound of its queue in units; 0 is none.
        max_bytes: Bound of its queue in bytes; 0 is none.
    """

    take: TakeUnit
    codec: Codec
    waits: bool
    max_units: int
    max_bytes: int


@dataclass(frozen=True)
class CallbackSink(Sink):
    """A function that is given units. Made by ``sinks.callback``.

    Attributes:
        take: The function.
    """

    take: TakeUnit

    def __post_init__(self) -> None:
        take: object = self.take
        if not callable(take):
            message = f"fn is {take!r}, expected a function that takes a Unit"
            raise SinkError(message)

    @property
    def is_file(self) -> bool:
        """False: what a function does with units is its own affair."""
        return False

    def default_encoder(self) -> Encoder:
        """H.264."""
        return Encoder("h264")

    def check(self, encoder: Encoder) -> None:
        """Units of any codec can be given."""

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> CallbackPlan:  # noqa: ARG002
        """See ``Sink``."""
        name = f"callback {getattr(self.take, '__name__', type(self.take).__name__)}"
        return CallbackPlan(name, self.take, encoder.codec, clock == "fixed", _MAX_UNITS, _MAX_BYTES)

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:  # noqa: ARG002
        """An appsink stands for the function."""
        return (Element("appsink", {"sync": False}),)


def callback(fn: TakeUnit) -> CallbackSink:
    """Call ``fn(unit)`` with each encoded unit, from a key unit on.

    It runs on a Python thread of its own, named ``skyline-units``, one unit at a time and in order, so no frame waits
    for it: where it is too slow for a live stream, whole groups of pictures are dropped and counted. With
    ``clock="fixed"`` frames wait and it gets every unit. What it raises is logged, counted
    (``stats().outputs[n].callback_errors``), and the next unit comes all the same.

    ``stop_streaming`` and ``sky.remove`` return after the last unit was dealt with, or when their time is over. ``fn``
    may call the stream, also stop it; what it has not been given by then is dropped. With ``clock="fixed"`` and a full
    queue that takes the whole of stop's ``timeout_s``, because the frames behind it wait for ``fn``.

    Args:
        fn: Called with a ``skyline.Unit``: its bytes without a copy, its time, whether it is a key unit, its caps.

    Raises:
        SinkError: It cannot be called.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! appsink sync=false
    """
    return CallbackSink(fn)
