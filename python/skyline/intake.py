"""The way of a frame into a SkyLine: put, lend, acquire."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from skyline import exit as at_exit
from skyline.errors import FrameError, PipelineError, SkyLineError
from skyline.opening import Opening
from skyline.slots import Slot

if TYPE_CHECKING:
    from skyline._core import Slot as CoreSlot
    from skyline._core import Tracker
    from skyline.frames import Frame

_TIMEOUT_S = 10.0


class Intake(Opening):
    """The three verbs. A running stream takes them without a lock; everything else is looked at under it."""

    def put(self, frame: Frame, *, pts_ns: int | None = None, timeout_s: float | None = None) -> bool:
        """Copy one frame into the stream; the array is yours again on return.

        Waits while ``max_buffers`` frames are queued, unless ``leaky`` says to drop. The GIL is released
        while converting and waiting; any thread may call this, and Ctrl-C interrupts it.

        Args:
            frame: ``(height, width[, channels])`` uint8 (uint16 for GRAY16_LE) in the stream's format, with
                any strides. The first one decides the size, unless it was given.
            pts_ns: Its time in nanoseconds since the first frame. None asks the clock.
            timeout_s: How long it may wait; None is 10 s.

        Returns:
            False if the frame was dropped. With ``errors="state"`` also when stopped, measuring or failed.

        Raises:
            FrameError: The frame does not fit; the stream goes on.
            StateError: With ``errors="raise"``: it is stopped. In a forked child always.
            PipelineError: With ``errors="raise"``: it has failed.
        """
        lane = self._lane
        wait_s = _TIMEOUT_S if timeout_s is None else timeout_s
        try:
            if lane is None:
                lane = self._measured(frame) if self._is_warming_up() else self._lane_for(frame)
                if lane is None:
                    return False
            return lane.put(frame, pts_ns, wait_s)
        except FrameError:
            raise
        except SkyLineError as error:
            if self._options.errors == "raise" or at_exit.is_forked():
                self._note_raised(error)
                raise
            _ = self.state  # looks whether it has failed
            return False

    def lend(self, frame: Frame, *, pts_ns: int | None = None) -> Tracker:
        """Share one frame without a copy. GStreamer has it until ``tracker.done``.

        Meanwhile the array cannot be written to. Memory that might vanish (shared memory, memory maps, foreign
        owners) is copied instead, and counted. Any thread; waits like ``put``, 10 s at most.

        Args:
            frame: As for ``put``.
            pts_ns: As for ``put``.

        Returns:
            A tracker: ``.done``, and ``.wait(timeout_s)``. Done at once where the frame was dropped or copied.

        Raises:
            FrameError: The frame does not fit; the stream goes on.
            StateError: It is stopped, or still measuring.
            PipelineError: It has failed.
        """
        try:
            lane = self._lane or self._lane_for(frame)
            return lane.lend(frame, pts_ns, _TIMEOUT_S)[0]
        except SkyLineError as error:
            self._note_raised(error)
            raise

    def acquire(self, *, width: int | None = None, height: int | None = None, pts_ns: int | None = None) -> Slot:
        """Take memory of ours for one frame; ``with sky.acquire() as slot: slot.array[...] = …`` pushes it.

        Args:
            width: Width in pixels; needed only where neither a frame nor ``start_streaming`` has told it.
            height: Height in pixels; likewise.
            pts_ns: As for ``put``; the clock is asked when the block is left.

        Raises:
            FrameError: Not the stream's size.
            StateError: It is stopped or measuring, or the size is not known.
            PipelineError: It has failed.
        """
        try:
            lane = self._lane or self._lane_of_size(width, height)
            self._check_size(width, height)
            return Slot(lane.acquire(), partial(self._commit, pts_ns=pts_ns))
        except SkyLineError as error:
            self._note_raised(error)
            raise

    def _commit(self, slot: CoreSlot, *, pts_ns: int | None) -> bool:
        try:
            return slot.commit(pts_ns, _TIMEOUT_S)
        except SkyLineError as error:
            self._note_raised(error)
            raise

    def _note_raised(self, error: SkyLineError) -> None:
        _ = self.state  # looks whether it has failed
        if isinstance(error, PipelineError):
            self._was_raised = True
