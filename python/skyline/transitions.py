"""The states of a SkyLine and what leads from one to the other."""

from __future__ import annotations

import copy
import logging
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from skyline import exit as at_exit
from skyline.environment import prepare_environment
from skyline.errors import SkyLineError
from skyline.events import Listener
from skyline.framerate import as_number
from skyline.options import Options
from skyline.state import Numbers, State
from skyline.stats import Stats

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from skyline._core import Lane
    from skyline.options import StreamOptions
    from skyline.session import Session

_UNDO_S = 1.0  # for stopping what could not be started


class Transitions(ABC):
    """The states of a stream and what changes them.

    Changes happen under one lock. ``_lane`` is set exactly while frames may go straight to the core, so that
    a frame needs no lock.
    """

    _needs_numbers: ClassVar[bool] = True
    """Whether rate and size must be known before anything can be opened."""

    def __init__(
        self,
        parent_logger: logging.Logger | None = None,
        gst_log_file: str | None = None,
        gst_log_level: str | None = None,
        dotenv_path: str | None = None,
        **options: Unpack[StreamOptions],
    ) -> None:
        name = type(self).__name__
        self.logger = logging.getLogger(name) if parent_logger is None else parent_logger.getChild(name)
        prepare_environment(
            self.logger, gst_log_file=gst_log_file, gst_log_level=gst_log_level, dotenv_path=dotenv_path
        )
        self._options = Options(**options)
        self.video_fps: float | None = None
        self.video_width: int | None = None
        self.video_height: int | None = None
        self._listener = Listener(self._options.on_event, self.logger)
        self._lock = threading.RLock()
        self._state = State.STOPPED  # this and everything below: written under _lock
        self._session: Session | None = None
        self._lane: Lane | None = None
        self._last = Numbers(self._options.fps, self._options.width, self._options.height)
        self._wanted = self._last
        self._last_error: SkyLineError | None = None
        self._is_stopping = False
        self._was_raised = False  # whether a call has raised the failure of this session
        self._last_stats = Stats()

    @abstractmethod
    def stop_streaming(self, timeout_s: float = 10.0) -> bool:
        """Finalise and be STOPPED."""

    @abstractmethod
    def _make_session(self, numbers: Numbers) -> Session:
        """Choose, parse and open what runs."""

    @property
    def state(self) -> State:
        """What it does. A stream that has failed shows ERROR at once."""
        session = self._session
        if self._state is State.STREAMING and session is not None and session.lane.failed:
            if not self._lock.acquire(blocking=False):
                return State.ERROR  # whoever has the lock will find it too
            try:
                self._note_failure(session, session.error())
            finally:
                self._lock.release()
        return self._state

    @state.setter
    def state(self, value: State) -> None:
        if value is not self._state:
            self.logger.info("state = %s", value)
        self._state = value

    def _open(self, numbers: Numbers) -> None:
        """Open for these numbers and be STREAMING, or give up. Needs the lock."""
        session = None
        self._last = numbers
        try:
            session = self._make_session(numbers)
            session.warm_up_frames = self._last_stats.frames_in
            if self._listener.callback is not None:
                session.tell_events(self._listener)
            at_exit.watch(self)
            if numbers.width is not None and numbers.height is not None:
                session.begin(numbers.width, numbers.height)
                self._lane = session.lane
        except BaseException as error:
            self._lane = None
            self.state = State.STOPPED
            if session is not None:
                session.stop(_UNDO_S)
                session = None  # a traceback that somebody keeps must not keep the pipeline
            if not isinstance(error, SkyLineError):
                raise
            self._give_up(error)
            return
        self._session = session
        self._show(numbers)
        self.state = State.STREAMING

    def _begin(self, session: Session, width: int, height: int) -> None:
        """The first frame told the size. Needs the lock; raises what went wrong, noted."""
        try:
            session.begin(width, height)
        except SkyLineError as error:
            self._note_failure(session, error)
            raise
        self._lane = session.lane
        self._show(self._last._replace(width=width, height=height))

    def _give_up(self, error: SkyLineError) -> None:
        self._last_error = copy.copy(error)  # without its traceback, which would keep what failed
        self.state = State.ERROR
        if self._options.errors == "raise":
            raise error
        self.logger.warning("could not start: %s", str(error))

    def _note_failure(self, session: Session, error: SkyLineError | None) -> None:
        """Be in ERROR. The session stays until stop, which finalises what can be. Needs the lock."""
        if self._session is session and self._state is State.STREAMING and error is not None:
            self._lane = None
            self._last_error = copy.copy(error)  # without its traceback, which would keep what failed
            self.state = State.ERROR
            self.logger.warning("failed: %s", str(error))

    def _reported_error(self) -> SkyLineError:
        """A fresh copy of the last error, so that raising it again leaves its first traceback alone."""
        return copy.copy(self._last_error) or SkyLineError("failed")

    def _show(self, numbers: Numbers) -> None:
        self._wanted = numbers
        self.video_fps = None if numbers.fps is None else as_number(numbers.fps)
        self.video_width, self.video_height = numbers.width, numbers.height
