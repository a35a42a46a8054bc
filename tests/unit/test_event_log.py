"""Which events are logged, how loud, and how often."""

import logging

import pytest

from skyline.event_log import EventLog

logger = logging.getLogger("a stream")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock, caplog: pytest.LogCaptureFixture) -> EventLog:
    caplog.set_level(logging.DEBUG, logger.name)
    return EventLog(logger, clock)


def test_what_an_operator_wants_to_know_is_logged(log: EventLog, caplog: pytest.LogCaptureFixture) -> None:
    log.note("connected", "rtmp://host/live", "")
    log.note("reconnecting", "rtmp://host/live", "attempt 1 in 0.3 s: closed")
    log.note("dropped", "rtmp://host/live", "12 units dropped")
    log.note("failed", "", "x264enc: gone")
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.INFO, "rtmp://host/live connected"),
        (logging.WARNING, "rtmp://host/live reconnecting: attempt 1 in 0.3 s: closed"),
        (logging.WARNING, "rtmp://host/live dropped: 12 units dropped"),
        (logging.WARNING, "failed: x264enc: gone"),
    ]


@pytest.mark.parametrize("kind", ["started", "segment", "finished", "warning", "client_joined"])
def test_what_goes_as_it_should_is_not(log: EventLog, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    log.note(kind, "film.mp4", "")
    assert not caplog.records


def test_one_of_a_kind_in_a_second_and_the_rest_is_counted(
    log: EventLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        log.note("reconnecting", "a", "attempt")
        log.note("reconnecting", "b", "attempt")
        clock.now_s += 0.09
    clock.now_s += 0.2
    log.note("reconnecting", "a", "attempt")
    log.note("connected", "a", "")
    clock.now_s += 1.0
    log.note("reconnecting", "a", "attempt")
    assert [record.message for record in caplog.records] == [
        "a reconnecting: attempt",
        "b reconnecting: attempt",
        "a reconnecting: attempt (9 more like it left out)",
        "a connected",
        "a reconnecting: attempt",
    ]
