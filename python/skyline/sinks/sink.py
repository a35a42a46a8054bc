"""What every sink is: a frozen value that knows its elements."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from skyline.elements import Element
from skyline.encoder_plan import Clock
from skyline.encoders import Encoder
from skyline.errors import SinkError

_LONGEST_S = 86_400


@dataclass(frozen=True)
class Retry:
    """How a remote peer that was lost is tried again: each time after a random part of a bound that doubles.

    A peer that refuses the first connection is not: the output fails, and says why.

    Attributes:
        first_s: The first bound.
        most_s: The last one.
        max_retries: How many in vain, one after the other, until the output fails; None is no end.
    """

    first_s: float = 0.5
    most_s: float = 1.5
    max_retries: int | None = None

    def __post_init__(self) -> None:
        _check_seconds("first_s", self.first_s)
        _check_seconds("most_s", self.most_s)
        _check_retries(self.max_retries)


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST_S:
        message = f"{name} is {value!r}, expected seconds from 0 to {_LONGEST_S}"
        raise SinkError(message)


def _check_retries(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        message = f"max_retries is {value!r}, expected a whole number from 0, or None for no end"
        raise SinkError(message)


@dataclass(frozen=True)
class Plan:
    """What one output is made of; a subclass for each kind that the core has.

    Attributes:
        name: Of the output, in events, statistics and errors. Without secrets.
    """

    name: str


@dataclass(frozen=True)
class OutputPlan(Plan):
    """An output of pipelines: its elements after the appsrc, and how its port behaves.

    Attributes:
        chain: Parser, muxer or payloader, sink.
        location: Path, set on the last element byte for byte; empty if it has none.
        part_names: Name of a part before its number, digits of the number, name after it.
        part_ns: A part is cut when it is this long; 0 is never.
        part_bytes: A part is cut when it has this many bytes; 0 is never.
        owns_zero: Whether its time starts with its own first frame, as a file's does.
        waits: Whether frames wait for it; else it drops whole groups of pictures of its own.
        max_units: Bound of its queue in units; 0 is none.
        max_bytes: Bound of its queue in bytes; 0 is none.
        playlist: Path of an HLS playlist of the parts, how many it lists (0 is all), and how many are kept after they
            left it.
        retry: Given for a sink with a remote peer: it is connected to in its own time, watched, and connected to anew.
        linger_s: How long its sink stays after the last frame, so that what is on its way arrives.
        silence: A source of silent sound, linked to the muxer, which is named ``"mux"`` then.
        datagram_bytes: What the muxer makes of a frame is cut into pieces of at most so many bytes; 0 leaves it whole.
        side_file: Path and content of a file that readers need, written when the output is opened.
    """

    chain: tuple[Element, ...]
    location: bytes = b""
    part_names: tuple[bytes, int, bytes] | None = None
    part_ns: int = 0
    part_bytes: int = 0
    owns_zero: bool = True
    waits: bool = False
    max_units: int = 0
    max_bytes: int = 0
    playlist: tuple[bytes, int, int] | None = None
    retry: Retry | None = None
    linger_s: float = 0
    silence: tuple[Element, ...] = ()
    datagram_bytes: int = 0
    side_file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class RawPlan(Plan):
    """An output of frames, not units: its elements after the appsrc.

    Attributes:
        chain: Converter, sink. The frames come as they were given, or as the encoder has them where there is one.
        hint: What to do where it cannot be opened; said with the error.
        max_frames: Bound of its queue; the newest win.
    """

    chain: tuple[Element, ...]
    hint: str = ""
    max_frames: int = 3


class Sink(ABC):
    """Where frames end. A value: nothing runs, nothing is opened."""

    @property
    @abstractmethod
    def is_file(self) -> bool:
        """Whether nobody watches live, so that frames may wait and a given rate is exact."""

    @property
    def sinks(self) -> tuple["Sink", ...]:
        """Those that become outputs: itself, or what is in it."""
        return (self,)

    @property
    def is_raw(self) -> bool:
        """Whether it takes frames as they are and not units: nothing is encoded for it."""
        return False

    @property
    def says_colours(self) -> bool:
        """Whether it tells matrix and range of the picture to a reader, also where the units do not."""
        return False

    def clock(self, asked: Clock | None, *, has_rate: bool) -> Clock:
        """The clock that was asked for; else exact times for a file with a rate, and the time of arrival."""
        if asked is not None:
            return asked
        return "fixed" if has_rate and self.is_file else "arrival"

    @abstractmethod
    def default_encoder(self) -> Encoder:
        """What to encode with when nobody asks for anything."""

    @abstractmethod
    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where it cannot take what the encoder makes."""

    def check_size(self, width: int, height: int) -> None:  # noqa: B027  # most sinks take any size
        """Raise SinkError where it cannot take frames of this size."""

    @abstractmethod
    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> Plan:
        """What its output is made of, for units of this encoder.

        Raises:
            SinkError: The sink cannot take what the encoder makes, or not at this clock.
        """

    @abstractmethod
    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        """The same as one chain for ``gst-launch-1.0``, to be read."""
