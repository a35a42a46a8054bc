"""What comes before frames flow: the size from the first one, the warm-up, and why a frame goes nowhere."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from skyline import _core
from skyline import exit as at_exit
from skyline.errors import FrameError, SkyLineError, StateError
from skyline.framerate import MAX_FPS, as_number
from skyline.lifecycle import Lifecycle
from skyline.options import check_numbers
from skyline.state import Numbers, State
from skyline.stats import WARM_UP, Stats
from skyline.warm_up import RateMeter

if TYPE_CHECKING:
    from skyline._core import Lane
    from skyline.frames import Frame
    from skyline.session import Session


class Opening(Lifecycle):
    """Finds the lane for a frame where there is none yet. All under the lock."""

    FPS_METER_WARMUP_FRAMES = 100
    """Frames that are measured where a description needs a number that nobody gave."""

    _FRAME_LOG_FREQUENCY = timedelta(seconds=60)
    _warned_at = float("-inf")
    _meter = RateMeter()
    _frames_left = 0

    def _lane_for(self, frame: Frame) -> Lane:
        """Where this frame goes; the first one decides the size. Raises where there is nothing to go to."""
        at_exit.check_process()
        with self._lock:
            if self._lane is None:
                session = self._running_session()
                self._begin(session, *session.measure(frame, self._wanted.width, self._wanted.height))
            return self._begun_lane()

    def _lane_of_size(self, width: int | None, height: int | None) -> Lane:
        at_exit.check_process()
        with self._lock:
            if self._lane is None:
                session = self._running_session()
                self._check_size(width, height)
                width, height = self._wanted.width or width, self._wanted.height or height
                if width is None or height is None:
                    message = "no frame has told the size yet: acquire(width=…, height=…)"
                    raise StateError(message)
                check_numbers(None, width, height)
                self._begin(session, width, height)
            return self._begun_lane()

    def _begun_lane(self) -> Lane:
        lane = self._lane
        if lane is None:  # stopped by what the start set off
            raise self._refusal()
        return lane

    def _running_session(self) -> Session:
        """The session, where it takes frames; else raises why not. Needs the lock."""
        if self._state is State.STREAMING and self._session is not None:
            return self._session
        raise self._refusal()

    def _refusal(self) -> SkyLineError:
        if self._state is State.ERROR and self._last_error is not None:
            self._warn_discarded()
            return self._reported_error()
        if self._is_warming_up():
            return StateError("still measuring the frame rate with put; give fps, width and height to start_streaming")
        return StateError("the stream is stopped; call start_streaming before the next frame")

    def _check_size(self, width: int | None, height: int | None) -> None:
        for name, asked, has in (("width", width, self.video_width), ("height", height, self.video_height)):
            if asked is not None and has is not None and asked != has:
                size = f"{self.video_width}x{self.video_height}"
                message = f"{name} is {asked}, but this stream is {size}; stop it and start another for another size"
                raise FrameError(message)

    def _is_warming_up(self) -> bool:
        return self._state is State.START_WARMUP or self._state is State.WARMUP

    def _measured(self, frame: Frame) -> Lane | None:
        """Count one frame of the warm-up; the lane with the last one, where it could be opened."""
        at_exit.check_process()
        with self._lock:
            if not self._is_warming_up():  # another thread's frame was the last one
                return self._lane_for(frame)
            wanted = self._wanted
            size = _core.measure_frame(frame, self._options.format, wanted.width, wanted.height)
            if self._state is State.START_WARMUP:
                self._meter, self._frames_left = RateMeter(), self.FPS_METER_WARMUP_FRAMES + 1
                self.state = State.WARMUP
            self._meter.tick()
            self._frames_left -= 1
            if self._frames_left > 0:
                count = self._last_stats.frames_in + 1
                self._last_stats = Stats(frames_in=count, frames_dropped={WARM_UP: count})
                return None
            fps = self._meter.rate(at_most=MAX_FPS) if wanted.fps is None else wanted.fps
            self._open(Numbers(as_number(fps), *size))
            return self._lane

    def _warn_discarded(self) -> None:
        now = time.monotonic()
        if now - self._warned_at >= self._FRAME_LOG_FREQUENCY.total_seconds():
            self._warned_at = now
            self.logger.warning("frames are discarded, because the stream has failed: %s", str(self._last_error))
