"""What all sinks with a peer in the network have in common."""

import ipaddress
from abc import abstractmethod
from typing import ClassVar

from skyline.elements import Element, PropertyValue
from skyline.encoder_plan import Clock
from skyline.encoders import Codec, Encoder
from skyline.errors import SinkError
from skyline.sinks.sink import OutputPlan, Retry, Sink

# About four seconds: what comes while a peer is being called is sent when it answers, from its first key frame on.
_QUEUE_UNITS = 300
_QUEUE_BYTES = 16 * 1024 * 1024
MASK = "***"

# A clock of its own would only add latency to frames that come at their time, and async would wait for the first.
AT_ONCE: dict[str, PropertyValue] = {"sync": False, "async": False}


class NetworkSink(Sink):
    """Frames leave as they come, on the stream's own time; what cannot be sent is dropped from the oldest on."""

    protocol: ClassVar[str]
    codecs: ClassVar[tuple[Codec, ...]]
    keyframe_s: ClassVar[float] = 1.0  # who tunes in without asking waits as long for a picture
    retry: ClassVar[Retry | None] = None
    datagram_bytes: ClassVar[int] = 0

    @property
    def is_file(self) -> bool:
        """False."""
        return False

    @property
    @abstractmethod
    def name(self) -> str:
        """Its address without anything secret."""

    @property
    def linger_s(self) -> float:
        """How long the connection stays after the last frame."""
        return 0

    def default_encoder(self) -> Encoder:
        """H.264 with a key frame often enough for who tunes in late."""
        return Encoder("h264", keyframe_s=self.keyframe_s)

    def check(self, encoder: Encoder) -> None:
        """Raise SinkError where the protocol does not carry the codec."""
        if encoder.codec not in self.codecs:
            taken = ", ".join(self.codecs)
            message = f"{encoder.codec} does not go over {self.protocol}, which takes {taken}"
            raise SinkError(message)

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> OutputPlan:
        """Parser, muxer or payloader, and network sink; see ``Sink``."""
        del clock, fps
        self.check(encoder)
        return OutputPlan(
            name=self.name,
            chain=self._chain(encoder, is_shown=False),
            owns_zero=False,
            max_units=_QUEUE_UNITS,
            max_bytes=_QUEUE_BYTES,
            retry=self.retry,
            linger_s=self.linger_s,
            silence=self._silence(),
            datagram_bytes=self.datagram_bytes,
            side_file=self._side_file(encoder),
        )

    def launch_chain(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> tuple[Element, ...]:
        """The same, with ``***`` for what is secret; see ``Sink``."""
        del clock, fps
        self.check(encoder)
        return self._chain(encoder, is_shown=True)

    @abstractmethod
    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        """All elements; with ``is_shown`` for people, who see no secret."""

    def _silence(self) -> tuple[Element, ...]:
        return ()

    def _side_file(self, encoder: Encoder) -> tuple[str, bytes] | None:
        del encoder
        return None


def check_host(host: object) -> None:
    """Raise SinkError for what is neither a name nor an address."""
    if not isinstance(host, str) or not host or any(c.isspace() or c in "/?#@\0" for c in host):
        message = "host is no name and no address; expected e.g. 192.168.1.5, ::1 or camera.local"
        raise SinkError(message)


def check_whole(name: str, value: object, least: int, most: int) -> None:
    """Raise SinkError for what is no whole number in these bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        message = f"{name} is {value!r}, expected a whole number from {least} to {most}"
        raise SinkError(message)


def check_port(port: object) -> None:
    """Raise SinkError for what is no port."""
    check_whole("port", port, 1, 65_535)


def check_choice(name: str, value: object, accepted: tuple[str, ...]) -> None:
    """Raise SinkError for a word that is not among those accepted."""
    if value not in accepted:
        message = f"{name} is {value!r}, expected one of {', '.join(map(repr, accepted))}"
        raise SinkError(message)


def authority(host: str, port: int | None = None) -> str:
    """Host and port as a URI has them: ``[::1]:554``."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def is_multicast(host: str) -> bool:
    """Whether an address means a group; a name never does."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_multicast
    except ValueError:
        return False
