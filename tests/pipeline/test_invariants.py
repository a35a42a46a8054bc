"""The invariants' own positive controls: each must see the fault that is planted for it, or it would pass in silence."""

import os
import threading
from typing import Any

import pytest

from tests import invariants
from tests.pictures import constant_frame
from tests.streams import running, stalled_pipe


def frames(**changed: Any) -> dict[str, Any]:
    good = {"frames_in": 5, "frames_encoded": 3, "frames_dropped": {"stopped": 2, "failed": 0}, "frames_in_flight": 0}
    return {**good, "latency": latency(), "recent_latency": latency(), "unmatched_units": 0, **changed}


def latency(**changed: tuple[Any, ...] | None) -> dict[str, tuple[Any, ...] | None]:
    return {"pushed": (4, 1.0, 1.0, 2.0, 2.0, 0), "encoded": (3, 5.0, 6.0, 6.0, 7.0, 0), "sent": None, **changed}


def units(**changed: Any) -> dict[str, Any]:
    good = {"units_in": 4, "units_sent": 4, "units_dropped": 0, "units_queued": 0}
    return {**good, "latency": None, "recent_latency": None, **changed}


def faults(frames: dict[str, Any], *outputs: tuple[str, str, dict[str, Any]]) -> list[str]:
    return list(invariants.wrong_books([invariants.Books("EncodeLane", frames, list(outputs))]))


def test_right_books_are_right() -> None:
    assert (
        faults(frames(), ("a.mp4", "stopped", units()), ("b.mp4", "failed", units(units_sent=1, units_dropped=3))) == []
    )


@pytest.mark.parametrize("changed", [{"frames_in": 6}, {"frames_encoded": 2}, {"frames_in": 6, "frames_in_flight": 1}])
def test_wrong_frames_are_seen(changed: dict[str, int]) -> None:
    assert "I1" in faults(frames(**changed))[0]


@pytest.mark.parametrize("changed", [{"units_in": 5}, {"units_sent": 3, "units_queued": 1}])
def test_wrong_units_are_seen(changed: dict[str, int]) -> None:
    assert "I1" in faults(frames(), ("a.mp4", "stopped", units(**changed)))[0]


def test_a_neighbour_that_lost_units_is_seen() -> None:
    lost = ("a.mp4", "stopped", units(units_sent=3, units_dropped=1))
    assert faults(frames(), lost) == []  # its own affair, as long as all are well
    assert "I8" in faults(frames(), lost, ("b.mp4", "failed", units()))[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"latency": latency(encoded=(4, 5.0, 6.0, 6.0, 7.0, 0))},
        {"latency": latency(encoded=(2, 5.0, 6.0, 6.0, 7.0, 0))},
        {"latency": latency(encoded=None)},
        {"latency": latency(pushed=(6, 1.0, 1.0, 2.0, 2.0, 0))},
        {"latency": latency(pushed=(4, 1.0, 3.0, 2.0, 2.0, 0))},
        {"recent_latency": latency(encoded=(3, 5.0, 6.0, 6.0, 5.9, 0))},
        {"unmatched_units": 1},
    ],
)
def test_wrong_latencies_are_seen(changed: dict[str, Any]) -> None:
    assert "I9" in faults(frames(**changed))[0]


def test_wrong_latencies_of_an_output_are_seen() -> None:
    good = units(latency=(4, 1.0, 1.0, 1.0, 1.0, 0))
    assert faults(frames(), ("a.mp4", "stopped", good)) == []
    assert "I9" in faults(frames(), ("a.mp4", "stopped", {**good, "latency": (5, 1.0, 1.0, 1.0, 1.0, 0)}))[0]
    assert "I9" in faults(frames(), ("a.mp4", "stopped", {**good, "recent_latency": (1, 2.0, 1.0, 1.0, 1.0, 0)}))[0]


def test_books_are_noted_at_stop(stream_watch: invariants.StreamWatch) -> None:
    with running("appsrc ! fakesink") as sky:
        sky.put(constant_frame(1))
    (books,) = stream_watch.books
    assert books.frames["frames_in"] == 1


def test_a_thread_is_seen() -> None:
    before, go = invariants.Resources(), threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    assert "threads are left" in before.grown()[0]
    go.set()
    thread.join()
    assert invariants.settle(before.grown) == []


def test_a_descriptor_is_seen() -> None:
    before = invariants.Resources()
    descriptor = os.open("/dev/null", os.O_RDONLY)
    assert "/dev/null" in before.grown()[0]
    os.close(descriptor)
    assert before.grown() == []


def test_a_running_stream_and_a_lent_frame_are_seen() -> None:
    before = invariants.Resources()
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        sky.lend(constant_frame(1, 640, 64))
        assert any("1 lent frames" in fault for fault in before.grown())
        assert any("descriptors are left" in fault and "socket" in fault for fault in before.grown())
        sky.stop_streaming(0.1)
    assert invariants.settle(before.grown) == []


@pytest.mark.parametrize(
    "line",
    [
        "(python:123): GLib-GObject-CRITICAL **: 10:00:00.000: g_object_unref: assertion failed",
        "(process:9): GStreamer-WARNING **: 10:00:00.000: Trying to dispose element",
    ],
)
def test_a_complaint_of_glib_is_seen(line: str) -> None:
    assert invariants.complaints(f"what the program said\n{line}\n") == [line]
    assert invariants.complaints("WARNING of our own, and GStreamer-WARN without stars") == []
