"""What runs where the launch text is the user's own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from skyline import _core
from skyline.bitrate import change_target, check_can_change, only_encoder, refuse_new_level, settle_level, target_kbps
from skyline.colorimetry import colours_of
from skyline.description_clock import clock_of
from skyline.errors import SkyLineError
from skyline.framerate import exact_framerates
from skyline.session import Session

if TYPE_CHECKING:
    from skyline.framerate import Fps
    from skyline.options import Options


class DescriptionSession(Session):
    """Runs launch text with an appsrc of its own."""

    lane: _core.DescriptionLane

    def __init__(self, description: str, options: Options, fps: Fps | None, *, is_measured: bool = False) -> None:
        has_rate = fps is not None and not is_measured
        super().__init__(options, fps, clock_of(description, options.clock, has_rate=has_rate))
        self.lane = _core.DescriptionLane(
            exact_framerates(description),
            format=options.format,
            clock=self.clock,
            fps=self.fps,
            leaky=options.leaky or "none",
            max_buffers=options.max_buffers,
        )
        self._is_level_settled = True  # until it plays
        with contextlib.suppress(SkyLineError):  # none, or several
            encoder, row = only_encoder(self.lane.encoders())
            self.bitrate_kbps = target_kbps(row, encoder.property)

    def begin(self, width: int, height: int) -> None:
        """Play with frames of this size."""
        given = self.options.colorimetry
        with self._begin_lock:
            self.lane.start(width=width, height=height, colours=None if given is None else colours_of(given, height))
            with contextlib.suppress(SkyLineError):  # none, or several; or it has failed, which the frame will say
                encoder, row = only_encoder(self.lane.encoders())
                self._is_level_settled = settle_level(encoder, row, self.bitrate_kbps)

    def set_bitrate(self, kbps: float) -> None:
        """Change the target of the one element that encodes."""
        with self._begin_lock:
            encoder, row = only_encoder(self.lane.encoders())
            check_can_change(row, encoder.property)
            if not self._is_level_settled:
                refuse_new_level(encoder, row)
            change_target(encoder, row, kbps)
            self.bitrate_kbps = kbps
