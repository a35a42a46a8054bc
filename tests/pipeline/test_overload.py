"""More frames than the rest can take, for as long as it lasts: nothing grows, and what comes out is new."""

import time

import numpy as np
import pytest

import skyline
from tests.memory import pss_bytes
from tests.pipeline.bar_code import numbered_frame
from tests.streams import running

HALF_AN_HOUR = 30 * 60 * 30  # frames
MAX_BUFFERS = 4
GROWTH_BYTES = 4 << 20


@pytest.mark.no_sanitizer("resident memory means nothing there")
@pytest.mark.parametrize("leaky", ["downstream", "upstream"])
def test_half_an_hour_of_frames_into_a_slow_sink_leaves_memory_and_age_as_they_were(leaky: str) -> None:
    frames = [numbered_frame(number, width=64, height=48) for number in range(16)]
    sleep_us = 1000
    ages_ms, memory = [], []
    text = f"appsrc ! videoconvert ! identity sleep-time={sleep_us} ! fakesink"
    with running(text, clock="arrival", leaky=leaky, max_buffers=MAX_BUFFERS) as sky:
        for number in range(HALF_AN_HOUR):
            sky.put(frames[number % 16])
            if number % 1000 == 999:
                ages_ms.append(sky.stats().queue_age_ms)
                memory.append(pss_bytes())
        stats = sky.stats()
    assert stats.frames_in == HALF_AN_HOUR
    assert stats.dropped > HALF_AN_HOUR // 2  # the sink was slow indeed
    warm = memory[: len(memory) // 4]
    assert memory[-1] - max(warm) < GROWTH_BYTES
    # Each waits for the ones before it; ten times as long on a machine that does other things as well.
    assert sorted(ages_ms)[len(ages_ms) // 2] < 10 * MAX_BUFFERS * sleep_us / 1000


@pytest.mark.needs_elements("x264enc")
def test_newest_frame_is_as_young_in_the_end_when_the_encoder_is_too_slow_for_the_rate() -> None:
    """Each frame takes the encoder twice as long as there is until the next."""
    frame = numbered_frame(1)
    encode_s = 0.04
    text = f"appsrc ! videoconvert ! identity sleep-time={round(encode_s * 1e6)} ! x264enc tune=zerolatency ! fakesink"
    ages_ms = []
    with running(text, clock="arrival", leaky="downstream", max_buffers=MAX_BUFFERS) as sky:
        began_s = time.monotonic()
        for number in range(120):
            sky.put(frame)
            ages_ms.append(sky.stats().queue_age_ms)
            time.sleep(max(0, began_s + (number + 1) * encode_s / 2 - time.monotonic()))
        stats = sky.stats()
    assert stats.dropped == stats.frames_dropped["queue_full"] >= 30
    # Without dropping, the last one would wait for 1.2 s; flat is what the queue holds, and half as much again.
    assert max(ages_ms) < (MAX_BUFFERS + 1) * encode_s * 1000 * 1.5
    early, late = ages_ms[20:60], ages_ms[80:]
    assert sorted(late)[len(late) // 2] < sorted(early)[len(early) // 2] + encode_s * 1000


@pytest.mark.needs_elements("x264enc")
def test_encoded_frames_stay_young_behind_a_real_encoder_that_cannot_keep_up() -> None:
    slow = skyline.encoders.h264(
        element="x264enc", latency="live", properties={"speed-preset": "placebo", "threads": 1, "me": "tesa"}
    )
    # Noise, so that each frame is as much work as the next.
    frames = list(np.random.default_rng(1).integers(0, 256, (4, 896, 1600, 3), np.uint8))
    with skyline.open("null://", encoder=slow, fps=60, leaky="downstream", max_buffers=MAX_BUFFERS) as sky:
        began_s = time.monotonic()
        while time.monotonic() < began_s + 2.5 or sky.stats().frames_encoded < 10:
            sky.put(frames[sky.stats().frames_in % len(frames)])
            time.sleep(1 / 60)
        took_ms = (time.monotonic() - began_s) * 1000
        stats = sky.stats()
    assert stats.dropped > stats.frames_encoded
    assert stats.latency.encoded is not None
    # The frames of the queue, the one in the encoder and the one on its way: 1.5 times what they take on average.
    assert stats.latency.encoded.p95_ms < (MAX_BUFFERS + 2) * took_ms / stats.frames_encoded * 1.5 + 100
