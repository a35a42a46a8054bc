"""The functions most programs need: open, stream, describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyline.built_in import SinkSkyLine
from skyline.encoder_choice import first_installed_row
from skyline.launch import describe_sink
from skyline.options import Options
from skyline.state import Numbers
from skyline.uri import sink_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyline.colorimetry import Colorimetry
    from skyline.encoder_plan import Clock, Format
    from skyline.encoders import Encoder
    from skyline.framerate import Fps
    from skyline.frames import Frame
    from skyline.options import Errors, Leaky, OnEvent
    from skyline.sinks.file import PathLike
    from skyline.sinks.sink import Sink
    from skyline.stats import Stats


def open(  # noqa: A001  # as in the standard library's own modules: skyline.open
    uri_or_sink: PathLike | Sink,
    *,
    fps: Fps | None = None,
    width: int | None = None,
    height: int | None = None,
    format: Format = "BGR",
    encoder: Encoder | None = None,
    clock: Clock | None = None,
    leaky: Leaky | None = None,
    max_buffers: int = 4,
    on_event: OnEvent | None = None,
    errors: Errors = "raise",
    colorimetry: Colorimetry | None = None,
) -> SinkSkyLine:
    """Start a stream into a sink. Use it as ``with skyline.open(…) as sky:``, which finalises it.

    Args:
        uri_or_sink: A path, a URI, or a value of ``skyline.sinks``; ``sinks.tee`` is several at once.
        fps: Frames per second: a number (29.97 is 30000/1001) or a Fraction. None is a variable rate.
        width: Width of the frames in pixels; None takes it from the first frame. One size per stream.
        height: Height of the frames in pixels; likewise.
        format: Of the frames: BGR RGB BGRA RGBA GRAY8 GRAY16_LE I420 NV12 BGRx RGBx.
        encoder: A value of ``skyline.encoders``; None is what suits the sink.
        clock: ``"fixed"``: frame n is at n/fps. ``"arrival"``: it is at the time of its call. None is fixed for a
            file with an fps, else arrival. ``put(pts_ns=…)`` wins over both.
        leaky: When ``max_buffers`` frames wait: ``"none"`` waits, ``"upstream"`` drops the new one,
            ``"downstream"`` the oldest. None is ``"none"`` for files, else ``"downstream"``: a camera's loop
            must not wait for an encoder.
        max_buffers: Frames that may wait in front of the encoder.
        on_event: Called with each ``Event`` on a thread of its own.
        errors: ``"raise"``, or ``"state"``: ``put`` answers False and the reason is in ``last_error``.
        colorimetry: Of the picture that is encoded: ``"bt601"`` or ``"bt709"`` (limited range), ``"bt601-full"`` or
            ``"bt709-full"`` (0 to 255). Of I420 and NV12 frames it says what they are, and changes nothing in them.
            None is bt709 above 576 rows, else bt601. By their standards a JPEG is always bt601-full and VP8
            always bt601; what is kept as RGB or grey (ffv1) has none.

    Returns:
        A started SkyLine.

    Raises:
        SinkError: A wrong path, option or combination.
        MissingElementError: GStreamer lacks an element; says how to install it.
        ResourceError: The sink cannot be opened.
    """
    sky = SinkSkyLine(
        uri_or_sink,
        fps=fps,
        width=width,
        height=height,
        format=format,
        encoder=encoder,
        clock=clock,
        leaky=leaky,
        max_buffers=max_buffers,
        on_event=on_event,
        errors=errors,
        colorimetry=colorimetry,
    )
    sky.start_streaming()
    return sky


def stream(
    frames: Iterable[Frame],
    uri_or_sink: PathLike | Sink,
    *,
    fps: Fps | None = None,
    width: int | None = None,
    height: int | None = None,
    format: Format = "BGR",
    encoder: Encoder | None = None,
    clock: Clock | None = None,
    leaky: Leaky | None = None,
    max_buffers: int = 4,
    on_event: OnEvent | None = None,
    errors: Errors = "raise",
    colorimetry: Colorimetry | None = None,
) -> Stats:
    """Put every frame of an iterable into a sink, to its end, and finalise it, also after an exception.

    Args:
        frames: Any iterable of frames, each copied before the next is asked for. Without ``fps`` each frame is
            stamped with the time at which it comes.
        uri_or_sink: As for ``open``, like everything that follows.
        fps: See ``open``.
        width: See ``open``.
        height: See ``open``.
        format: See ``open``.
        encoder: See ``open``.
        clock: See ``open``.
        leaky: See ``open``.
        max_buffers: See ``open``.
        on_event: See ``open``.
        errors: See ``open``; with ``"state"`` it ends at the first failure.
        colorimetry: See ``open``.

    Returns:
        The final counters.

    Raises:
        SkyLineError: As ``open``, and a PipelineError where the stream fails.
    """
    sky = open(
        uri_or_sink,
        fps=fps,
        width=width,
        height=height,
        format=format,
        encoder=encoder,
        clock=clock,
        leaky=leaky,
        max_buffers=max_buffers,
        on_event=on_event,
        errors=errors,
        colorimetry=colorimetry,
    )
    with sky:
        for frame in frames:
            if not sky.put(frame) and sky.state is not sky.State.STREAMING:
                break
    return sky.stats()


def describe(
    uri_or_sink: PathLike | Sink,
    *,
    fps: Fps | None,
    width: int,
    height: int,
    format: Format = "BGR",
    encoder: Encoder | None = None,
    clock: Clock | None = None,
    leaky: Leaky | None = None,
    max_buffers: int = 4,
    on_event: OnEvent | None = None,
    errors: Errors = "raise",
    colorimetry: Colorimetry | None = None,
) -> str:
    """Say what would run, as text for a shell after the words ``gst-launch-1.0``. Nothing runs.

    The line works as it is and leaves a whole file: ``videotestsrc`` stands for five seconds of frames and
    ``videoconvert`` for the conversion in ``put``. Of a file in parts it shows the first; each part is such a
    chain of its own, which takes over from the one before at a key frame. The encoder is the first that is installed; ``open`` takes the first that works.

    Args:
        uri_or_sink: As for ``open``, like everything that follows.
        fps: See ``open``.
        width: Width of the frames in pixels.
        height: Height of the frames in pixels.
        format: See ``open``.
        encoder: See ``open``.
        clock: See ``open``.
        leaky: See ``open``; not part of the text.
        max_buffers: See ``open``; not part of the text.
        on_event: See ``open``; not part of the text.
        errors: See ``open``; not part of the text.
        colorimetry: See ``open``.

    Raises:
        SinkError: A wrong path, option or combination.
    """
    options = Options(fps, width, height, format, encoder, clock, leaky, max_buffers, on_event, errors, colorimetry)
    sink = sink_of(uri_or_sink)
    wanted = encoder or sink.default_encoder()
    sink.check(wanted)
    return describe_sink(sink, options, first_installed_row(wanted), Numbers(fps, width, height))
