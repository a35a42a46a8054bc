"""The last seconds in memory, for recordings that begin before they are asked for."""

from dataclasses import dataclass

from skyline.elements import Element
from skyline.encoder_plan import Clock
from skyline.encoders import Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import Plan, Sink

_NS = 1_000_000_000
_LONGEST_S = 86_400.0
_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class RingPlan(Plan):
    """Units that are kept.

    Attributes:
        least_ns: As much is kept, once as much has come.
        max_bytes: Never more than this; 0 is no bound.
    """

    least_ns: int
    max_bytes: int


@dataclass(frozen=True)
class RingSink(Sink):
    """Memory of the last seconds. Made by ``sinks.ring``.

    Attributes:
        seconds: How much is kept at least.
        max_bytes: And how many bytes at most.
    """

    seconds: float = 10.0
    max_bytes: int = _MAX_BYTES

    def __post_init__(self) -> None:
        if not _is_number(self.seconds, (int, float)) or not 0 < self.seconds <= _LONGEST_S:
            message = f"seconds is {self.seconds!r}, expected a number above 0, at most {_LONGEST_S:g}"
            raise SinkError(message)
        if not _is_number(self.max_bytes, int) or not 0 < self.max_bytes < 2**62:
            message = f"max_bytes is {self.max_bytes!r}, expected a whole number above 0"
            raise SinkError(message)

    @property
    def is_file(self) -> bool:
        """False: what it keeps is live."""
        return False

    def default_encoder(self) -> Encoder:
        """H.264."""
        return Encoder("h264")

    def check(self, encoder: Encoder) -> None:
        """Units of any codec can be kept; what they are saved to may take some only."""

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> RingPlan:  # noqa: ARG002
        """The same for every encoder; see ``Sink``."""
        return RingPlan(name="ring", least_ns=round(self.seconds * _NS), max_bytes=self.max_bytes)

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:  # noqa: ARG002
        """What comes nearest in launch text: a queue that leaks at its end, and nobody behind it."""
        bounds = {"max-size-time": round(self.seconds * _NS), "max-size-bytes": self.max_bytes, "max-size-buffers": 0}
        return (
            Element("queue", {"leaky": "downstream", **bounds}),
            Element("fakesink", {"sync": False, "async": False}),
        )


def ring(seconds: float = 10.0, *, max_bytes: int = _MAX_BYTES) -> RingSink:
    r"""Keep the last seconds, encoded, in memory; ``sky.save("clip.mp4")`` writes them and goes on from there.

    Whole groups of pictures are kept, from the key frame before ``seconds`` ago on, so up to one key frame distance
    more. One minute at 4 Mbit/s is 30 MB. In ``stats()`` a unit that was kept for its time counts as sent, one that
    ``max_bytes`` was too little for as dropped.

    Args:
        seconds: How much is kept at least, once as much has come.
        max_bytes: Bound of the memory, which goes before ``seconds``.

    Raises:
        SinkError: A number that is none.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse \
            ! queue leaky=downstream max-size-time=10000000000 max-size-bytes=0 max-size-buffers=0 ! fakesink
    """
    return RingSink(seconds, max_bytes)


def _is_number(value: object, types: type | tuple[type, ...]) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)
