"""Launch text of a stream into a sink, for reading and for trying with ``gst-launch-1.0``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyline.colorimetry import colorimetry_caps
from skyline.elements import Element, caps_filter, launch_text
from skyline.encoder_plan import ASSUMED_FPS, EncoderPlan, check_says_colours, plan_encoder
from skyline.errors import SinkError
from skyline.framerate import fraction
from skyline.sinks.sink import OutputPlan

if TYPE_CHECKING:
    from skyline.encoder_row import EncoderRow
    from skyline.options import Options
    from skyline.sinks.sink import Plan, Sink
    from skyline.state import Numbers

_SECONDS = 5


def describe_sink(sink: Sink, options: Options, row: EncoderRow, numbers: Numbers) -> str:
    """The elements of this stream as one line, with a test picture in the place of the frames.

    ``videotestsrc`` stands for the frames, for five seconds; ``videoconvert`` for the conversion in ``put``,
    which GStreamer's tools do not know; a ``tee`` for the fan-out; encoder, muxers and sinks are those that run,
    in one pipeline.
    """
    if numbers.width is None or numbers.height is None:
        message = "width and height are needed to describe a stream"
        raise SinkError(message)
    fps = None if numbers.fps is None else fraction(numbers.fps)
    clock = sink.clock(options.clock, has_rate=fps is not None)
    encoder = options.encoder or sink.default_encoder()
    numerator, denominator = fps or ASSUMED_FPS
    source = {"num-buffers": max(1, round(_SECONDS * numerator / denominator)), "is-live": clock == "arrival"}
    raw = f"video/x-raw,format={options.format},width={numbers.width},height={numbers.height}"
    frames = (Element("videotestsrc", source), caps_filter(f"{raw},framerate={numerator}/{denominator}"))
    shown = [each.launch_chain(encoder, clock=clock, fps=fps) for each in sink.sinks if each.is_raw]
    encoded = [each for each in sink.sinks if not each.is_raw]
    if not encoded:
        return _branched(frames, "frames", [launch_text(chain) for chain in shown])
    plans = [each.plan(encoder, clock=clock, fps=fps) for each in encoded]
    for each, output in zip(encoded, plans, strict=True):
        check_says_colours(row, options.colorimetry, container_says=each.says_colours, name=output.name)
    sound = "".join(map(_sound_text, plans))
    plan = plan_encoder(
        encoder,
        row,
        format=options.format,
        width=numbers.width,
        height=numbers.height,
        fps=fps,
        clock=clock,
        colorimetry=options.colorimetry,
    )
    units = (*_conversion(plan, numbers.width, numbers.height), *plan.chain)
    chains = [each.launch_chain(encoder, clock=clock, fps=fps) for each in encoded]
    if not shown and len(chains) == 1:
        return launch_text((*frames, *units, *chains[0])) + sound
    ends = _branched(units, "units", [launch_text(chain) for chain in chains])
    return _branched(frames, "frames", [*(launch_text(chain) for chain in shown), ends]) + sound


def _sound_text(output: Plan) -> str:
    silence = output.silence if isinstance(output, OutputPlan) else ()
    return f" {launch_text(silence)} ! mux." if silence else ""


def _branched(trunk: tuple[Element, ...], name: str, branches: list[str]) -> str:
    if len(branches) == 1:
        return f"{launch_text(trunk)} ! {branches[0]}"
    ends = "".join(f" {name}. ! queue ! {branch}" for branch in branches)
    return launch_text((*trunk, Element("tee", name=name))) + ends


def _conversion(plan: EncoderPlan, width: int, height: int) -> tuple[Element, ...]:
    caps = f"video/x-raw,format={plan.encoder_format}"
    if plan.encoder_format not in ("I420", "NV12"):
        return (Element("videoconvert"), caps_filter(caps))
    caps += f",colorimetry={colorimetry_caps((plan.matrix, plan.range))}"
    if width % 2 == 0 and height % 2 == 0:
        return (Element("videoconvert"), caps_filter(caps))
    # Ours repeats the last column and row; the nearest that GStreamer has is scaling.
    even = f"{caps},width={width + width % 2},height={height + height % 2}"
    return (Element("videoconvert"), Element("videoscale"), caps_filter(even))
