"""A user's callback that raises, blocks or stops harms nobody."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import skyline
from skyline.events import Event
from tests.pictures import constant_frame
from tests.pipeline.callers import large_frame
from tests.streams import PATIENCE_S, running, stalled_pipe


def failing_stream(on_event: Callable[[Event], object], pipe: Any, **options: Any) -> Any:
    return running(f"appsrc ! {pipe.sink}", on_event=on_event, errors="state", **options)


def test_a_callback_that_raises_is_logged_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    kinds: list[str] = []

    def callback(event: Event) -> None:
        kinds.append(event.kind)
        message = "the callback's own mistake"
        raise RuntimeError(message)

    with caplog.at_level(logging.ERROR), stalled_pipe() as pipe, failing_stream(callback, pipe) as sky:
        sky.put(large_frame())
        pipe.break_off()
        wait_for(lambda: "failed" in kinds)
        sky.stop_streaming()
    assert "the callback's own mistake" in caplog.text
    caplog.clear()  # the records hold the traceback, and that the stream
    assert kinds.count("failed") == 1


def test_a_callback_that_blocks_blocks_nobody(tmp_path: Path) -> None:
    """Frames go on, and stop comes back though the callback does not."""
    release, entered = threading.Event(), threading.Event()

    def callback(_: Event) -> None:
        entered.set()
        release.wait(PATIENCE_S)

    path = tmp_path / "blocked.mkv"
    encoder = skyline.encoders.ffv1()
    try:
        with skyline.open(str(path), fps=30, encoder=encoder, on_event=callback) as sky:
            for number in range(30):
                sky.put(constant_frame(number))
            assert entered.wait(PATIENCE_S)
            began = time.monotonic()
            assert sky.stop_streaming()
            assert time.monotonic() - began < 8
    finally:
        release.set()


def test_a_callback_may_stop_the_stream() -> None:
    """Stop from the callback, while the main thread stops too."""
    stopped: list[bool] = []

    def callback(event: Event) -> None:
        if event.kind == "failed":
            stopped.append(sky.stop_streaming(5.0))

    with stalled_pipe() as pipe, failing_stream(callback, pipe) as sky:
        sky.put(large_frame())
        pipe.break_off()
        wait_for(lambda: bool(stopped))
        assert sky.state is skyline.SkyLine.State.STOPPED
        assert isinstance(sky.last_error, skyline.PipelineError)
        assert sky.put(large_frame()) is False


def test_a_callback_may_look_at_the_stream_while_it_stops(tmp_path: Path) -> None:
    """Stats, state and put from the callback never wait for the stop that waits for the callback."""
    seen: list[Any] = []

    def callback(_: Event) -> None:
        seen.append((sky.stats().frames_in, sky.state, sky.last_error))

    path = tmp_path / "looked.mkv"
    with skyline.open(str(path), fps=30, encoder=skyline.encoders.ffv1(), on_event=callback) as sky:
        sky.put(constant_frame(0))
        began = time.monotonic()
        assert sky.stop_streaming()
        assert time.monotonic() - began < 5
    assert seen


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)
