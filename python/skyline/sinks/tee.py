"""Several sinks in one value: encoded once, each on its own feet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyline.errors import SinkError
from skyline.sinks.sink import Plan, Sink

if TYPE_CHECKING:
    from skyline.elements import Element
    from skyline.encoder_plan import Clock
    from skyline.encoders import Encoder
    from skyline.sinks.file import PathLike


@dataclass(frozen=True)
class TeeSink(Sink):
    """Several sinks. Made by ``sinks.tee``.

    Attributes:
        members: None of which is a tee itself.
    """

    members: tuple[Sink, ...]

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """The members."""
        return self.members

    @property
    def is_file(self) -> bool:
        """Whether all of them are."""
        return all(sink.is_file for sink in self.members)

    @property
    def is_raw(self) -> bool:
        """Whether all of them are."""
        return all(sink.is_raw for sink in self.members)

    @property
    def says_colours(self) -> bool:
        """Whether all of them do."""
        return all(sink.says_colours for sink in self.members)

    def default_encoder(self) -> Encoder:
        """The first that one of them would have and all of them take."""
        wishes = [sink.default_encoder() for sink in self._encoded]
        for wish in wishes:
            if all(_takes(sink, wish) for sink in self._encoded):
                return wish
        if not wishes:
            return self.members[0].default_encoder()
        codecs = " or ".join(dict.fromkeys(wish.codec for wish in wishes))
        message = f"the sinks of a tee share one encoder, and none of {codecs} goes into all of them: give encoder="
        raise SinkError(message)

    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where one of them cannot take it."""
        for sink in self._encoded:
            sink.check(encoder)

    def check_size(self, width: int, height: int) -> None:
        """Raise SinkError where one of them cannot take frames of this size."""
        for sink in self.members:
            sink.check_size(width, height)

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> Plan:
        """Not to be asked for: each member has a plan of its own, and is an output of its own."""
        raise AssertionError(repr((self, encoder, clock, fps)))

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        """Likewise."""
        raise AssertionError(repr((self, encoder, clock, fps)))

    @property
    def _encoded(self) -> tuple[Sink, ...]:
        return tuple(sink for sink in self.members if not sink.is_raw)


def tee(*sinks: PathLike | Sink) -> TeeSink:
    """Several sinks at once, from one encode: a live stream and a file, say.

    Each is an output with a queue, a pipeline and a fate of its own. One that is slow drops its own units, one that
    fails is an event and fails alone; only when the last has failed does the stream fail.

    Args:
        *sinks: Paths, URIs or values of ``skyline.sinks``; at least one. A tee among them counts as what is in it.

    Raises:
        SinkError: There is none, or one of them is wrong.

    Launch line::

        gst-launch-1.0 -e videotestsrc num-buffers=150 is-live=true ! x264enc tune=zerolatency ! h264parse \
            ! tee name=units ! queue ! mp4mux ! filesink location=film.mp4 \
            units. ! queue ! mpegtsmux ! udpsink host=127.0.0.1 port=5000
    """
    from skyline.uri import sink_of  # noqa: PLC0415  # which knows the factories of this package

    members = tuple(member for sink in sinks for member in sink_of(sink).sinks)
    if not members:
        message = "a tee needs at least one sink"
        raise SinkError(message)
    return TeeSink(members)


def _takes(sink: Sink, encoder: Encoder) -> bool:
    try:
        sink.check(encoder)
    except SinkError:
        return False
    return True
