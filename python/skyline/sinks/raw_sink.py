"""What sinks that take frames, and not units, have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from skyline.elements import Element
from skyline.encoders import Encoder
from skyline.sinks.sink import RawPlan, Sink

if TYPE_CHECKING:
    from skyline.encoder_plan import Clock


class RawSink(Sink):
    """A sink for which nothing is encoded. It has a queue of three frames, of which the newest win."""

    @property
    def is_file(self) -> bool:
        """False: somebody looks."""
        return False

    @property
    def is_raw(self) -> bool:
        """True."""
        return True

    @property
    @abstractmethod
    def name(self) -> str:
        """For people."""

    @property
    @abstractmethod
    def ends(self) -> tuple[Element, ...]:
        """What comes after the conversion."""

    @property
    def hint(self) -> str:
        """What to do where it cannot be opened."""
        return ""

    def default_encoder(self) -> Encoder:
        """H.264, should an output that needs one come later."""
        return Encoder("h264")

    def check(self, encoder: Encoder) -> None:
        """Nothing: it does not see what the encoder makes."""

    def plan(self, encoder: Encoder, *, clock: Clock, fps: tuple[int, int] | None) -> RawPlan:  # noqa: ARG002
        """Converter and sink; see ``Sink``."""
        return RawPlan(name=self.name, chain=(Element("skyconvert"), *self.ends), hint=self.hint)

    def launch_chain(
        self,
        encoder: Encoder,  # noqa: ARG002
        *,
        clock: Clock,  # noqa: ARG002
        fps: tuple[int, int] | None,  # noqa: ARG002
    ) -> tuple[Element, ...]:
        """The same with GStreamer's own converter; see ``Sink``."""
        return (Element("videoconvert"), *self.ends)
