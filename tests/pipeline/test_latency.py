"""Where the time goes: from put to the encoder, out of it, and to each output. No clock of a test's own judges it."""

import time
from pathlib import Path

import pytest

import skyline
from skyline import Percentiles, Stats
from skyline.encoder_row import EncoderRow
from skyline.encoder_table import TABLE
from skyline.encoders import Encoder, Latency
from tests.conftest import need_elements
from tests.pictures import constant_frame
from tests.pipeline.bar_code import numbered_frame
from tests.streams import running, stalled_pipe

FRAMES = 40
HELD_S = 0.3
LARGE = (640, 64)  # more than a pipe takes


def percentiles(measured: Percentiles | None) -> list[float]:
    assert measured is not None
    return [measured.p50_ms, measured.p95_ms, measured.p99_ms, measured.max_ms]


def count(measured: Percentiles | None) -> int:
    return 0 if measured is None else measured.count


def in_order(*steps: Percentiles | None) -> bool:
    """Whether of the same frames each step took no less than the one before: then all percentiles are so."""
    columns = zip(*(percentiles(step) for step in steps), strict=True)
    return all(list(column) == sorted(column) for column in columns)


@pytest.mark.parametrize("latency", ["live", "quality"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.factory)
def test_every_unit_of_every_encoder_finds_its_frame(tmp_path: Path, row: EncoderRow, latency: Latency) -> None:
    need_elements(row.factory, "matroskamux")
    encoder = Encoder(row.codec, latency=latency, element=row.factory)
    with skyline.open(tmp_path / "film.mkv", fps=30, encoder=encoder) as sky:
        for number in range(FRAMES):
            sky.put(numbered_frame(number))
    stats = sky.stats()
    (output,) = stats.outputs
    assert stats.unmatched_units == 0
    assert count(stats.latency.pushed) == count(stats.latency.encoded) == count(output.latency) == FRAMES
    assert in_order(stats.latency.pushed, stats.latency.encoded, output.latency)
    assert stats.latency.sent is None


@pytest.mark.needs_elements("x264enc", "matroskamux")
def test_b_frames_and_look_ahead_are_counted_too(tmp_path: Path) -> None:
    encoder = skyline.encoders.h264(profile="high", properties={"bframes": 3, "rc-lookahead": 20})
    with skyline.open(tmp_path / "film.mkv", fps=30, encoder=encoder) as sky:
        for number in range(FRAMES):
            sky.put(numbered_frame(number))
            if number == 10:  # nothing is out yet: what was put waits in the encoder for as long as we like
                time.sleep(HELD_S)
    stats = sky.stats()
    assert stats.unmatched_units == 0
    assert count(stats.latency.encoded) == FRAMES
    assert percentiles(stats.latency.encoded)[-1] >= HELD_S * 1000


def test_before_the_first_frame_nothing_is_measured(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "film.mkv") as sky:
        assert sky.stats().latency == sky.stats().recent_latency == skyline.FrameLatency()
        assert sky.stats().outputs[0].latency is None
        sky.put(constant_frame(0))
    assert count(sky.stats().latency.encoded) == 1
    sky.start_streaming()
    assert sky.stats().latency == skyline.FrameLatency()  # a start of its own
    sky.stop_streaming()


def test_a_description_is_measured_at_its_sinks() -> None:
    with running("appsrc ! tee name=t ! queue ! fakesink t. ! queue ! fakesink") as sky:
        for number in range(FRAMES):
            sky.put(constant_frame(number))
    latency = sky.stats().latency
    assert (count(latency.pushed), latency.encoded, count(latency.sent)) == (FRAMES, None, 2 * FRAMES)


@pytest.mark.needs_elements("x264enc", "rtph264pay")
def test_a_frame_in_many_packets_is_sent_once() -> None:
    chain = "x264enc tune=zerolatency ! rtph264pay mtu=100 ! udpsink host=127.0.0.1 port=9"
    with running(f"appsrc ! {chain}") as sky:
        for number in range(FRAMES):
            sky.put(numbered_frame(number))
    latency = sky.stats().latency
    assert count(latency.sent) == FRAMES
    assert in_order(latency.pushed, latency.sent)


@pytest.mark.needs_elements("x264enc", "mp4mux")
def test_where_no_time_comes_through_nothing_is_claimed(tmp_path: Path) -> None:
    with running(f'appsrc ! x264enc ! mp4mux ! filesink location="{tmp_path / "film.mp4"}"') as sky:
        for number in range(FRAMES):
            sky.put(numbered_frame(number))
    assert sky.stats().latency.sent is None


def held_up(verb: str) -> tuple[Stats, Stats]:
    """Six frames against a sink that stands still: while it does, and after it has gone on."""
    frames = [constant_frame(number, *LARGE) for number in range(6)]
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}") as sky:
        for frame in frames:
            if verb == "acquire":
                with sky.acquire(width=LARGE[0], height=LARGE[1]) as slot:
                    slot.array[...] = frame
            else:
                getattr(sky, verb)(frame)
        # One is being written, one or two are in the appsrc, the others in our queue.
        while count(sky.stats().latency.sent) == 0:
            time.sleep(0.001)
        time.sleep(HELD_S)
        during = sky.stats()
        pipe.read_all(sum(frame.nbytes for frame in frames))
    return during, sky.stats()


@pytest.mark.parametrize("verb", ["put", "lend", "acquire"])
def test_what_waits_is_late_and_what_does_not_is_not(verb: str) -> None:
    during, after = held_up(verb)
    assert during.queue_age_ms >= HELD_S * 1000
    assert (count(during.latency.pushed) + during.level_buffers, count(during.latency.sent)) == (6, 1)
    # Those that waited in our queue, and no other, got there late by as much as they waited.
    assert count(after.latency.pushed) == count(after.latency.sent) == 6
    assert percentiles(during.latency.pushed)[-1] < percentiles(after.latency.pushed)[-1]
    assert min(percentiles(after.latency.pushed)[1:]) >= HELD_S * 1000 * (1 - 1 / 64)
    assert in_order(after.latency.pushed, after.latency.sent)
    assert after.queue_age_ms == 0


def test_dropped_frames_are_in_no_step_they_did_not_reach() -> None:
    frame = constant_frame(0, *LARGE)
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", leaky="downstream", max_buffers=2) as sky:
        for _ in range(50):
            sky.put(frame)
        sky.stop_streaming(0.1)
    stats = sky.stats()
    assert stats.frames_dropped["queue_full"] >= 40
    assert 0 < count(stats.latency.pushed) <= 10
    assert count(stats.latency.sent) <= count(stats.latency.pushed)


def test_the_recent_ones_are_among_all(tmp_path: Path) -> None:
    with skyline.open(tmp_path / "film.mkv") as sky:
        for number in range(FRAMES):
            sky.put(numbered_frame(number))
            stats = sky.stats()
            assert count(stats.recent_latency.pushed) <= count(stats.latency.pushed)
            assert count(stats.outputs[0].recent_latency) <= count(stats.outputs[0].latency)
