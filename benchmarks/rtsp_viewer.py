"""A viewer of an RTSP stream in a process of its own, which must see every picture once it has seen one."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

from benchmarks.number_reader import NumberReader
from benchmarks.rival import CheckFailed

VIEWER = (
    "rtspsrc location={url} protocols=tcp latency=0 ! rtph264depay ! avdec_h264 max-threads=1"
    " ! video/x-raw,format=I420,width={width},height={height}"
)
_JOINING_S = 15.0  # bound of the wait for the first picture
_SETTLING = 10  # pictures after the first whole one that are not counted

Seen = list[tuple[int, float]]


@contextlib.contextmanager
def joined(url: str, width: int, height: int) -> Iterator[NumberReader]:
    """A viewer that has had its first whole picture; ended afterwards."""
    viewer = NumberReader(VIEWER.format(url=url, width=width, height=height), width, height)
    try:
        viewer.wait_for_pictures(1, _JOINING_S)
        yield viewer
    finally:
        viewer.close()


def whole_of(viewer: NumberReader) -> Seen:
    """What a viewer has seen so far, from its first whole picture on: it may have joined between two key frames."""
    return list(itertools.dropwhile(lambda arrival: arrival[0] < 0, list(viewer.arrivals)))


def check_in_a_row(seen: Seen, least: int) -> None:
    """Raise CheckFailed where there are fewer, or where one is missing, torn or came twice."""
    numbers = [number for number, _ in seen]
    if len(seen) < least or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        odd = [number for before, number in itertools.pairwise(numbers) if number != before + 1]
        message = f"a viewer read {len(seen)} pictures, expected {least} in a row; out of order are {odd[:10]}"
        raise CheckFailed(message)


def view(url: str, width: int, height: int, fps: int, pictures: int) -> Seen:
    """The numbers of so many pictures in a row and when each was there.

    Raises:
        CheckFailed: They did not come in time, or one was missing, torn or came twice.
    """
    with joined(url, width, height) as viewer:
        viewer.wait_for_pictures(_SETTLING + pictures, 2 + 2 * (_SETTLING + pictures) / fps)
    seen = whole_of(viewer)[_SETTLING:][:pictures]
    check_in_a_row(seen, pictures)
    return seen
