"""The encoder of a stream into sinks of our own: chosen, built, changed while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from skyline import _core
from skyline.bitrate import change_target, check_can_change, settle_level, target_kbps
from skyline.colorimetry import colours_of
from skyline.core_values import element_specs
from skyline.encoder_choice import choose_row
from skyline.encoder_plan import ASSUMED_FPS, plan_encoder
from skyline.errors import SinkError
from skyline.session import Session

if TYPE_CHECKING:
    from skyline.colorimetry import Matrix, Range
    from skyline.encoder_plan import EncoderPlan
    from skyline.encoder_row import EncoderRow
    from skyline.encoders import Encoder
    from skyline.framerate import Fps
    from skyline.options import Options
    from skyline.sinks.sink import Sink


class _LaneArguments(TypedDict):
    chain: list[_core.ElementSpec]
    encoder_format: str
    matrix: Matrix
    range: Range
    keyframe_ns: int


class EncodingSession(Session):
    """Encodes once. Where all sinks take frames as they are nothing is encoded, until one is added that needs it."""

    lane: _core.EncodeLane

    def __init__(self, sink: Sink, options: Options, fps: Fps | None) -> None:
        super().__init__(options, fps, sink.clock(options.clock, has_rate=fps is not None))
        self._sink = sink
        self._encoder: Encoder = options.encoder or sink.default_encoder()
        self._row: EncoderRow | None = None  # guarded by _begin_lock, as _encoder and _size
        self._size: tuple[int, int] | None = None  # known once it has begun

    def _make_lane(self) -> None:
        options = self.options
        if not self._sink.is_raw:
            self._use(self._choose_row())
        is_watched = not self._sink.is_file and self._encoder.latency != "quality"
        # What shows frames, and an encoder that may come, may want a rate.
        wants_rate = self._row is None or self._row.wants_rate(is_watched=is_watched)
        self.lane = _core.EncodeLane(
            format=options.format,
            clock=self.clock,
            fps=self.fps or (ASSUMED_FPS if wants_rate else None),
            leaky=options.leaky or ("none" if self._sink.is_file or self.clock == "fixed" else "downstream"),
            max_buffers=options.max_buffers,
        )

    def begin(self, width: int, height: int) -> None:
        """Build the encoder for this size and play."""
        with self._begin_lock:
            self._begin(width, height)
            self._size = (width, height)

    def set_bitrate(self, kbps: float) -> None:
        """Change the target; before the first frame it is the one that the encoder is built with."""
        with self._begin_lock:
            if self._row is None:
                message = "nothing is encoded: all outputs take the frames as they are"
                raise SinkError(message)
            if self._size is not None:
                change_target(self._running_encoder(), self._row, kbps)
            else:
                check_can_change(self._row, self._encoder.properties.get)
                others = {
                    name: value for name, value in self._encoder.properties.items() if name not in self._row.in_units(1)
                }
                self._encoder = replace(self._encoder, bitrate_kbps=kbps, properties=others)
            self.bitrate_kbps = kbps

    def force_keyframe(self) -> bool:
        """As every session; False too where this release's element is known not to listen, or nothing is encoded."""
        version = tuple(int(number) for number in _core.gstreamer_version().split(".")[:2])
        return self._row is not None and version >= self._row.forces_keys_since and super().force_keyframe()

    def _begin(self, width: int, height: int) -> None:
        self._sink.check_size(width, height)
        if self._row is None:
            matrix, range_ = colours_of(self.options.colorimetry, height)
            self.lane.start_raw(width=width, height=height, matrix=matrix, range=range_)
            return
        self.lane.start(width=width, height=height, **self._lane_arguments(self._row, width, height))
        self._settle(self._row, width, height)

    def _plan(self, row: EncoderRow, width: int, height: int) -> EncoderPlan:
        return plan_encoder(
            self._encoder,
            row,
            format=self.options.format,
            width=width,
            height=height,
            fps=self.fps,
            clock=self.clock,
            colorimetry=self.options.colorimetry,
        )

    def _lane_arguments(self, row: EncoderRow, width: int, height: int) -> _LaneArguments:
        plan = self._plan(row, width, height)
        return {
            "chain": element_specs(plan.chain),
            "encoder_format": plan.encoder_format,
            "matrix": plan.matrix,
            "range": plan.range,
            "keyframe_ns": plan.keyframe_ns,
        }

    def _settle(self, row: EncoderRow, width: int, height: int) -> None:
        (encoder,) = (element for element in self._plan(row, width, height).chain if element.factory == self.encoder)
        self.bitrate_kbps = target_kbps(row, encoder.properties.get)
        settle_level(self._running_encoder(), row, self.bitrate_kbps)

    def _running_encoder(self) -> _core.LiveElement:
        (running,) = (element for element in self.lane.encoders() if element.factory == self.encoder)
        return running

    def _provide_encoder(self, sink: Sink) -> None:
        """Check that what encodes does for this sink; the first that needs it brings it about."""
        with self._begin_lock:
            if self._row is None:
                self._encoder = self.options.encoder or sink.default_encoder()
            sink.check(self._encoder)
            if self._row is not None:
                return
            row = self._choose_row()
            if self._size is not None:
                self.lane.add_encoder(**self._lane_arguments(row, *self._size))
            self._use(row)
            if self._size is not None:
                self._settle(row, *self._size)

    def _choose_row(self) -> EncoderRow:
        options = self.options
        return choose_row(self._encoder, format=options.format, clock=self.clock, colorimetry=options.colorimetry)

    def _use(self, row: EncoderRow) -> None:
        self._row = row
        self.encoder = row.factory
        self.bitrate_kbps = self._encoder.bitrate_kbps
