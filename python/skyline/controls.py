"""What can be changed while a stream runs: its outputs, its bitrate, its key frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyline import exit as at_exit
from skyline.encoders import check_bitrate
from skyline.intake import Intake
from skyline.state import State
from skyline.uri import sink_of

if TYPE_CHECKING:
    from skyline.outputs import Output
    from skyline.session import Session
    from skyline.sinks.file import PathLike
    from skyline.sinks.sink import Sink


class Controls(Intake):
    """Any thread may call these. They wait for no frame and no frame waits for them."""

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

    def save(self, path: PathLike | Sink) -> Output:
        """Record from the past on: what ``sinks.ring`` has kept, and everything after it, into a file.

        The file begins with the oldest key frame kept, at time 0, and no frame is missing or doubled where the past
        meets the present. It grows until ``remove`` finalises it, or the stream stops. Any number at once; each has
        all of the ring. Any thread.

        Args:
            path: Of the file, as for ``open``; or ``sinks.file``, which may be cut into parts.

        Returns:
            The output; give it to ``remove`` to finalise it.

        Raises:
            SinkError: It is no file, or does not take what the stream encodes with.
            ResourceError: It cannot be opened.
            StateError: The stream has no ring, or is stopped.
            PipelineError: The stream has failed.
        """
        return self._controlled_session().save(sink_of(path))

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
