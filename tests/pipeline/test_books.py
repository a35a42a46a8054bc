"""Every frame is counted once, whenever one looks."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import skyline
from tests.pipeline.bar_code import numbered_frame, numbers_in


@pytest.fixture
def counting() -> Iterator[Callable[[skyline.SkyLine], None]]:
    """Look at the books as often as possible from another thread; fails with the first that do not add up."""
    ended, wrong, looks = threading.Event(), [], [0]
    threads: list[threading.Thread] = []

    def watch(sky: skyline.SkyLine) -> None:
        def look() -> None:
            while not ended.is_set():
                stats = sky.stats()
                looks[0] += 1
                if (
                    stats.frames_in
                    != stats.frames_encoded + sum(stats.frames_dropped.values()) + stats.frames_in_flight
                ):
                    wrong.append(stats)
                if stats.frames_in_flight < 0:
                    wrong.append(stats)
                encoded = stats.latency.encoded
                if (encoded.count if encoded else 0) + stats.unmatched_units != stats.frames_encoded:
                    wrong.append(stats)
                for units in stats.outputs:
                    if units.units_in != units.units_sent + units.units_dropped + units.units_queued:
                        wrong.append(stats)
                    if (units.latency.count if units.latency else 0) != units.units_sent:
                        wrong.append(stats)

        threads.append(threading.Thread(target=look))
        threads[-1].start()

    yield watch
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert looks[0] > 20


@pytest.mark.parametrize("leaky", ["none", "upstream", "downstream"])
def test_the_books_add_up_at_every_moment(
    tmp_path: Path, counting: Callable[[skyline.SkyLine], None], leaky: str
) -> None:
    sky = skyline.open(tmp_path / "film.mkv", leaky=leaky, max_buffers=2)
    counting(sky)
    for number in range(400):
        frame = numbered_frame(number)
        if number % 3 == 0:
            sky.put(frame)
        elif number % 3 == 1:
            sky.lend(frame)
        else:
            with sky.acquire(width=320, height=96) as slot:
                slot.array[...] = frame
                if number % 9 == 2:
                    slot.discard()
    sky.stop_streaming()
    stats = sky.stats()
    discarded = len([number for number in range(400) if number % 9 == 2])
    assert stats.frames_in == 400 - discarded
    assert stats.frames_in_flight == 0
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())
    assert (leaky != "none") or stats.frames_encoded == stats.frames_in
    assert stats.outputs[0].units_sent == stats.frames_encoded
    assert len(numbers_in(tmp_path / "film.mkv")) == stats.frames_encoded


def test_the_books_add_up_through_restarts(tmp_path: Path, counting: Callable[[skyline.SkyLine], None]) -> None:
    sky = skyline.FileSkyLine(tmp_path / "film.mkv", fps=30)
    counting(sky)
    for _ in range(5):
        sky.start_streaming()
        for number in range(30):
            sky.put(numbered_frame(number))
        sky.stop_streaming()
