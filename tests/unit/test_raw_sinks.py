"""Sinks of frames as values, and what they become."""

import pickle

import pytest

import skyline
from skyline import sinks
from skyline.errors import SinkError
from skyline.sinks import RawPlan, Sink
from skyline.uri import sink_of

EVERY = (sinks.display(title='a "b"'), sinks.shm("/tmp/frames"), sinks.v4l2("/dev/video9"))


def plan(sink: Sink) -> RawPlan:
    found = sink.plan(sink.default_encoder(), clock="arrival", fps=None)
    assert isinstance(found, RawPlan)
    return found


@pytest.mark.parametrize("sink", EVERY, ids=lambda sink: sink.name)
def test_each_is_a_value_that_takes_frames_and_bounds_its_queue(sink: Sink) -> None:
    assert sink.is_raw
    assert not sink.is_file
    assert pickle.loads(pickle.dumps(sink)) == sink
    assert plan(sink).chain[0].factory == "skyconvert"
    assert plan(sink).max_frames == 3
    assert sink.clock(None, has_rate=True) == "arrival"


@pytest.mark.parametrize("sink", EVERY, ids=lambda sink: sink.name)
def test_described_it_has_no_encoder(sink: Sink) -> None:
    line = skyline.describe(sink, fps=30, width=320, height=240)
    assert "videoconvert" in line
    assert "skyconvert" not in line
    assert "264" not in line


@pytest.mark.parametrize(
    ("uri", "sink"),
    [
        ("display://", sinks.display()),
        ("shm:///tmp/my%20frames", sinks.shm("/tmp/my frames")),
        ("v4l2:///dev/video9", sinks.v4l2("/dev/video9")),
    ],
)
def test_each_has_a_uri(uri: str, sink: Sink) -> None:
    assert sink_of(uri) == sink


@pytest.mark.parametrize("title", ['"', "\\", 'a" ! filesink location="x', "ü 漢", ""])
def test_a_title_is_only_a_title(title: str) -> None:
    (_, inject, sink) = plan(sinks.display(title=title)).chain
    assert inject.factory == "taginject"
    assert sink.factory == "autovideosink"
    text = str(inject.properties["tags"])
    assert text.startswith('title="')
    assert text[7:-1].replace('\\"', "").replace("\\\\", "").count('"') == 0


def test_another_element_may_show_the_window() -> None:
    assert plan(sinks.display(element="glimagesink")).chain[-1].factory == "glimagesink"


@pytest.mark.parametrize("path", ["", "a\0b", "/" + 110 * "x"])
def test_what_is_no_path_of_a_socket_is_refused(path: str) -> None:
    with pytest.raises(SinkError, match="socket_path"):
        sinks.shm(path)


def test_shared_memory_has_to_hold_three_frames() -> None:
    with pytest.raises(SinkError, match="three frames of 1920x1080"):
        sinks.shm("/tmp/frames", size_bytes=1_000_000).check_size(1920, 1080)
    sinks.shm("/tmp/frames").check_size(1920, 1080)
    with pytest.raises(SinkError, match="size_bytes"):
        sinks.shm("/tmp/frames", size_bytes=0)
    with pytest.raises(SinkError, match="expected one of BGR"):
        sinks.shm("/tmp/frames", format="YUY2")  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["", "video9", "/tmp/video9", 9])
def test_what_is_no_device_is_refused(device: str) -> None:
    with pytest.raises(SinkError, match="/dev/video9"):
        sinks.v4l2(device)
