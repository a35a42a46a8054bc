"""A lane that only writes down what it was told: for the state machine alone."""

from types import SimpleNamespace
from typing import Any

import numpy as np

import skyline
from skyline import SkyLine
from skyline.errors import make_error
from skyline.session import Session

FRAME = np.zeros((48, 64, 3), np.uint8)


COUNTERS = {
    "frames_in": 0,
    "frames_encoded": 0,
    "frames_dropped": {},
    "frames_in_flight": 0,
    "copied_frames": 0,
    "nudged_times": 0,
    "level_buffers": 0,
    "key_units": 0,
    "bytes_encoded": 0,
    "latency": {},
    "recent_latency": {},
}


def broken_pipe(kind="PipelineError"):
    fields = {"element": "sink", "domain": "resource", "code": 10, "message": "Broken pipe"}
    return make_error(kind, "Broken pipe", fields)


class Lane:
    """Counts what it gets, and fails when told to."""

    def __init__(self):
        self.taken = 0
        self.failed = False
        self.stopped = False

    @property
    def error(self):
        return {"element": "sink", "domain": "resource", "code": 10, "message": "Broken pipe"} if self.failed else None

    def put(self, frame, pts_ns, timeout_s):
        if self.failed:
            raise broken_pipe()
        if self.stopped:
            raise skyline.StateError("stopped")
        self.taken += 1
        return True

    def lend(self, frame, pts_ns, timeout_s):
        return SimpleNamespace(done=True), self.put(frame, pts_ns, timeout_s)

    def acquire(self):
        return SimpleNamespace(
            array=np.zeros((48, 64, 3), np.uint8), commit=lambda pts, wait: self.put(None, pts, wait)
        )

    def stats(self):
        return {**COUNTERS, "frames_in": self.taken, "frames_encoded": self.taken}

    def stop(self, timeout_s):
        self.stopped = True
        return not self.failed


class StandIn(Session):
    """A session without GStreamer."""

    lane: Any

    begin_error = None

    def __init__(self, options, fps):
        super().__init__(options, fps, "arrival")
        self.lane = Lane()
        self.begun = None

    def begin(self, width, height):
        if self.begin_error is not None:
            raise self.begin_error
        self.begun = (width, height)

    def set_bitrate(self, kbps):
        self.bitrate_kbps = kbps


class Recorder(SkyLine):
    """Needs numbers, as a subclass with ``_get_pipeline`` does."""

    FPS_METER_WARMUP_FRAMES = 3

    def __init__(self, **given):
        super().__init__(**given)
        self.sessions = []
        self.opened = []
        self.open_error = None
        self.begin_error = None

    def _get_pipeline(self, fps, width, height):
        raise AssertionError

    def _make_session(self, numbers):
        if self.open_error is not None:
            raise self.open_error
        session = StandIn(self._options, numbers.fps)
        session.begin_error = self.begin_error
        self.sessions.append(session)
        self.opened.append(tuple(numbers))
        return session


class BuiltIn(Recorder):
    """Needs none, as our own sinks do."""

    _needs_numbers = False
