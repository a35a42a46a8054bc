"""Nowhere: encodes and counts."""

from dataclasses import dataclass
from typing import ClassVar, get_args

from skyline.elements import Element
from skyline.encoders import Codec, Encoder
from skyline.sinks.network import AT_ONCE, NetworkSink


@dataclass(frozen=True)
class NullSink(NetworkSink):
    """Encodes, counts, and keeps nothing. Made by ``sinks.null``."""

    protocol: ClassVar[str] = "null"
    codecs: ClassVar[tuple[Codec, ...]] = get_args(Codec)

    @property
    def name(self) -> str:
        """``null://``."""
        return "null://"

    def _chain(self, encoder: Encoder, *, is_shown: bool) -> tuple[Element, ...]:
        del encoder, is_shown
        return (Element("fakesink", AT_ONCE),)


def null() -> NullSink:
    """Encodes and counts as any live sink, and keeps nothing: to measure, and to try an encoder.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! fakesink sync=false async=false
    """
    return NullSink()
