"""Latencies as values."""

import dataclasses

import pytest

import skyline
from skyline.latency import latency_of, percentiles_of
from skyline.stats import output_stats_of, stats_of
from tests.unit.stand_in import COUNTERS

VALUES = (30, 1.5, 2.0, 3.0, 4.0, 1)


def test_the_cores_values_become_percentiles() -> None:
    percentiles = percentiles_of(VALUES)
    assert percentiles == skyline.Percentiles(count=30, p50_ms=1.5, p95_ms=2.0, p99_ms=3.0, max_ms=4.0, clamped=1)
    assert percentiles_of(None) is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        percentiles.p50_ms = 0.0  # type: ignore[misc]


def test_what_was_not_measured_is_none() -> None:
    assert latency_of({"pushed": VALUES, "encoded": None, "sent": None}) == skyline.FrameLatency(
        pushed=percentiles_of(VALUES)
    )
    empty = skyline.Stats()
    assert empty.latency == empty.recent_latency == skyline.FrameLatency(pushed=None, encoded=None, sent=None)
    assert skyline.OutputStats(name="a.mp4").latency is None


def test_each_span_has_its_own() -> None:
    recent = (3, 1.0, 1.0, 1.0, 1.0, 0)
    stats = stats_of({**COUNTERS, "latency": {"pushed": VALUES}, "recent_latency": {"pushed": recent}})
    assert stats.latency.pushed == skyline.Percentiles(*VALUES)
    assert stats.recent_latency.pushed == skyline.Percentiles(*recent)
    output = output_stats_of("a.mp4", {"units_in": 3, "latency": VALUES, "recent_latency": recent})
    assert (output.name, output.units_in) == ("a.mp4", 3)
    assert output.latency == skyline.Percentiles(*VALUES)
    assert output.recent_latency == skyline.Percentiles(*recent)
