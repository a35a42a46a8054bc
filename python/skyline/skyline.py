"""SkyLine: what pushes frames into GStreamer, and its family."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from skyline import _core
from skyline.controls import Controls
from skyline.description_session import DescriptionSession
from skyline.framerate import as_number
from skyline.state import State

if TYPE_CHECKING:
    from skyline.errors import SkyLineError
    from skyline.options import OnEvent
    from skyline.session import Session
    from skyline.state import Numbers
    from skyline.stats import Stats


class SkyLine(Controls):
    """Frames into a GStreamer pipeline of your own: derive from it and give the launch text.

    States go STOPPED → ``start_streaming`` → STREAMING → ``stop_streaming`` → STOPPED, any number of times. Where
    fps, width or height is None, START_WARMUP and WARMUP come between: ``FPS_METER_WARMUP_FRAMES`` frames are
    measured and not shown, and ``put`` answers False, until the numbers are known. A failure is ERROR, with the
    reason in ``last_error``.

    Any method may be called from any thread. As a context manager it starts where it is stopped, and stops.

    Args:
        parent_logger: The logger is its child, named as the class; None is a logger of the root.
        gst_log_file: Where GStreamer logs (GST_DEBUG_FILE). Only before the first stream of the process.
        gst_log_level: What GStreamer logs (GST_DEBUG), e.g. ``"*:3"``. Likewise.
        dotenv_path: A .env file with GST_PLUGIN_PATH; None looks from the working directory upwards.
        **options: As for ``skyline.open``, except that ``errors`` is ``"state"``: after a failure
            ``put`` answers False instead of raising.

    Attributes:
        video_fps: Frames per second, known or measured; None where the rate is variable.
        video_width: Width in pixels; None before the first frame.
        video_height: Height in pixels; None before the first frame.
        logger: The logger.
    """

    State: ClassVar = State

    @abstractmethod
    def _get_pipeline(self, fps: float, width: int, height: int) -> str:
        """The launch text, with an ``appsrc`` where the frames enter.

        It is code: never put a path or text of a stranger into it. ``framerate={fps}/1`` may be written for
        any rate; 29.97 becomes 30000/1001. The appsrc is set up for you, and frames are converted to what
        stands behind it.

        Args:
            fps: Frames per second; an int where it is whole.
            width: Width of the frames in pixels.
            height: Height of the frames in pixels.
        """

    @property
    def last_error(self) -> SkyLineError | None:
        """Why the state is ERROR, or why the last session failed. None after a good start."""
        _ = self.state  # looks whether it has failed meanwhile
        return self._last_error

    @property
    def on_event(self) -> OnEvent | None:
        """Called with each ``Event``, one at a time, on a thread named ``skyline-events``.

        It may call this stream, also stop it. Its exceptions are logged and go no further.
        """
        return self._listener.callback

    @on_event.setter
    def on_event(self, callback: OnEvent | None) -> None:
        self._listener.callback = callback
        with self._lock:
            if self._session is not None and callback is not None:
                self._session.tell_events(self._listener)

    def stats(self) -> Stats:
        """The counters and latencies of this moment; after stop the last ones.

        Cheap enough to call for every frame: 15 to 30 µs, as measured on 2 shared cores of an AMD EPYC. It waits for
        nobody, and the streaming threads wait for it less than a microsecond. Any thread.
        """
        session = self._session
        return self._last_stats if session is None else session.stats()

    def _make_session(self, numbers: Numbers) -> Session:
        if numbers.fps is None or numbers.width is None or numbers.height is None:
            message = "opened before rate and size were known"
            raise AssertionError(message)
        text = self._get_pipeline(as_number(numbers.fps), numbers.width, numbers.height)
        self.logger.info("opening %s", _core.redact(text))
        return DescriptionSession(text, self._options, numbers.fps, is_measured=self._state is State.WARMUP)

    def _check_gst_plugin(self, name: str) -> bool:
        """Whether GStreamer has this element; warns where not."""
        is_there = _core.find_element(name) is not None
        if not is_there:
            self.logger.warning("GStreamer has no element %r", name)
        return is_there
