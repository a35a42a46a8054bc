"""The meter of the warm-up: true rates, whatever the clock of the loop does."""

import random

import pytest

from skyline.warm_up import RateMeter

AT_MOST = 1000.0


def rate_of(times):
    moments = iter(times)
    meter = RateMeter(clock=lambda: next(moments))
    for _ in times:
        meter.tick()
    return meter.rate(at_most=AT_MOST)


def ticks(fps, count=101, jitter_s=0.0, seed=1):
    rng = random.Random(seed)
    return [1000.0 + n / fps + rng.gauss(0, jitter_s) for n in range(count)]


@pytest.mark.parametrize("fps", [29.97, 30.0, 23.976, 24, 25, 59.94, 60, 7.5, 12.5, 15, 120, 0.5, 0.2, 1])
def test_well_known_rates_are_told_apart(fps):
    known = {29.97: 30000 / 1001, 23.976: 24000 / 1001, 59.94: 60000 / 1001}.get(fps, fps)
    assert rate_of(ticks(known)) == known


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fps", [30000 / 1001, 30.0])
def test_jitter_of_a_millisecond_does_not_mix_up_2997_and_30(fps, seed):
    assert rate_of(ticks(fps, jitter_s=0.001, seed=seed)) == fps


def test_a_rate_between_the_known_ones_stays_what_it_is():
    assert rate_of(ticks(27.3)) == 27.3
    assert rate_of(ticks(0.37)) == 0.37


@pytest.mark.parametrize("pause_s", [1.0, 8.0, 3600.0])
@pytest.mark.parametrize("at", [1, 50, 99])
def test_a_pause_does_no_harm(pause_s, at):
    times = ticks(30.0)
    times[at:] = [moment + pause_s for moment in times[at:]]
    assert rate_of(times) == 30.0


def test_several_pauses_do_no_harm():
    times = ticks(25.0, jitter_s=0.0005)
    for at in (10, 30, 31, 80):
        times[at:] = [moment + 2.5 for moment in times[at:]]
    assert rate_of(times) == 25.0


def test_bursts_are_a_rhythm_and_not_pauses():
    # A model that answers four frames at a time, 30 frames a second on the whole.
    times = [(n // 4) * 4 / 30 + (n % 4) * 0.001 for n in range(101)]
    assert rate_of(times) == pytest.approx(30, rel=0.02)


def test_a_pause_among_three_frames_does_no_harm():
    assert rate_of([0.0, 1 / 30, 8 + 1 / 30, 8 + 2 / 30]) == 30.0


def test_no_time_between_frames_gives_the_greatest_rate():
    assert rate_of([5.0] * 101) == AT_MOST
    assert rate_of(ticks(20_000)) == AT_MOST
    assert rate_of([5.0]) == AT_MOST
