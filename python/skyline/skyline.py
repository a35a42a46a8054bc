"""SkyLine: what pushes frames into GStreamer, and its family."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from skyline import _core
from skyline import exit as at_exit
from skyline.description_session import DescriptionSession
from skyline.encoders import check_bitrate
from skyline.framerate import as_number
from skyline.intake import Intake
from skyline.state import Numbers, State
from skyline.uri import sink_of

if TYPE_CHECKING:
    from skyline.errors import SkyLineError
    from skyline.options import OnEvent
    from skyline.outputs import Output
    from skyline.session import Session
    from skyline.sinks.file import PathLike
    from skyline.sinks.sink import Sink
    from skyline.stats import Stats


class SkyLine(Intake):
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
    def outputs(self) -> tuple[Output, ...]:
        """The sinks that run. Empty for a description of your own, and when stopped."""
        session = self._session
        return () if session is None else session.outputs

    def add(self, sink: PathLike | Sink) -> Output:
        """One more sink, while frames flow or before the first: a recording in the middle of a live stream, say.

        It is opened now and begins at a key frame, which is asked for, so with the next frame; a file's time starts
        there at 0. Nothing is encoded twice and the other outputs notice nothing. Any thread.

        Args:
            sink: A path, a URI or a value of ``skyline.sinks``, which takes what the stream encodes with.

        Returns:
            The output; give it to ``remove`` to finalise it before the stream ends.

        Raises:
            SinkError: It takes no units of this stream's encoder, or is several in one.
            ResourceError: It cannot be opened.
            StateError: The stream is stopped, or a description of your own.
            PipelineError: The stream has failed.
        """
        return self._controlled_session().add(sink_of(sink))

    def remove(self, output: Output, timeout_s: float = 10.0) -> bool:
        """Take an output off, let it write what it has, and finalise it. The others lose nothing. Any thread.

        Args:
            output: One of ``outputs``. Removing it again gives the same answer.
            timeout_s: It is given up after this time, and this returns at most 1.5 s later.

        Returns:
            True when everything was finalised; False at the timeout, or where it had failed.

        Raises:
            SinkError: It is no output of this stream.
            StateError: The stream is stopped, which has finalised it.
        """
        return self._controlled_session().remove(output, timeout_s)

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

    def force_keyframe(self) -> bool:
        """Make the next frame a key frame, at which a decoder can start. Any thread; waits for nothing.

        It is exactly the frame of the next ``put``, ``lend`` or ``acquire``, whatever still waits in front of the
        encoder. Only while an encoder that looks ahead (``latency="quality"``) has not yet given its first unit,
        in the first frames of a stream, is it the first frame after that. Calls between two frames ask once; the
        first frame of a stream is a key frame anyway. Every encoder in a description of your own is asked.

        Returns:
            False where no encoder listens: av1enc before GStreamer 1.26, whose key frames come every
            ``keyframe_s``; or a description without an encoder.

        Raises:
            StateError: It is stopped, or still measuring.
            PipelineError: It has failed.
        """
        return self._controlled_session().force_keyframe()

    def set_bitrate(self, kbps: float) -> None:
        """Change the target of the running encoder, from the next frame that enters it on.

        Any thread; waits for nothing but an encoder that is just being built. Of several calls between two frames
        the last one holds. Before the first frame it is what the encoder starts with. The next start has the one
        of ``encoder=`` again.
        Rate control takes its time: the bytes follow within about a second, VP8 and AV1 somewhat later.

        In a description of your own it is the one element that encodes, in whatever unit that counts: x264enc,
        x265enc, openh264enc, vp8enc, vp9enc or av1enc.

        Args:
            kbps: The target in kbit/s.

        Raises:
            SinkError: It is no number above 0, or no encoder here has a target: ``mjpeg`` and ``ffv1`` have none,
                and constant quality, which an encoder without ``bitrate_kbps=`` has where ``latency`` is ``"quality"``,
                cannot be left while it runs. A description has no encoder, several, or one that is not known, or
                x265enc without ``option-string=level-idc=…``: its level would change, which no file can follow.
            StateError: It is stopped, or still measuring.
            PipelineError: It has failed.
        """
        check_bitrate(kbps)
        self._controlled_session().set_bitrate(kbps)

    def _controlled_session(self) -> Session:
        """Without the lock, which a stop keeps for as long as it takes; the core refuses what comes too late."""
        at_exit.check_process()
        session = self._session
        if session is None or self.state is not State.STREAMING:
            raise self._refusal()
        return session

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
