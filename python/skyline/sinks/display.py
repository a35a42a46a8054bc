"""A window on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from skyline.elements import Element, Properties
from skyline.sinks.raw_sink import RawSink

_SINK = "autovideosink"


@dataclass(frozen=True)
class DisplaySink(RawSink):
    """A window. Made by ``sinks.display``.

    Attributes:
        sync: Whether a frame waits for its moment, or is shown when it comes.
        element: The video sink; None is the best that works on this machine.
        title: Of the window.
    """

    sync: bool = False
    element: str | None = None
    title: str | None = None

    @property
    def name(self) -> str:
        """``"display"``."""
        return "display"

    @property
    def hint(self) -> str:
        """Where the screen is looked for."""
        return "a window needs a screen that DISPLAY or WAYLAND_DISPLAY names; where there is none, Xvfb is one"

    @property
    def ends(self) -> tuple[Element, ...]:
        """The title, where one is given; the sink."""
        sink = Element(self.element or _SINK, Properties({"sync": self.sync}))
        if self.title is None:
            return (sink,)
        escaped = self.title.replace("\\", "\\\\").replace('"', '\\"')
        return (Element("taginject", Properties({"tags": f'title="{escaped}"'})), sink)


def display(*, sync: bool = False, element: str | None = None, title: str | None = None) -> DisplaySink:
    """A window on the screen. Nothing is encoded for it; where it is slow, the newest frames win.

    A window that its user closes, or a screen that goes away, ends this output alone, with an event. Only where
    nothing else is left has the stream failed.

    Args:
        sync: Show each frame at its own time instead of when it comes. Smoother where frames come in bursts, later by
            some 20 ms.
        element: A GStreamer video sink such as ``"ximagesink"`` or ``"glimagesink"``. None lets GStreamer choose what
            works best here.
        title: Of the window, where the sink shows one.

    Launch line::

        gst-launch-1.0 videotestsrc is-live=true ! videoconvert ! autovideosink sync=false
    """
    return DisplaySink(sync, element, title)
