"""Everything that goes wrong speaks: an exception at the next call, an event at once, a state."""

import contextlib
import logging
import pickle
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.pipeline.bar_code import numbered_frame, numbers_in
from tests.pipeline.failing import black, put_until_it_raises


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("appsrc ! ! fakesink", skyline.PipelineError, "parse"),
        ("appsrc ! fakesink no-such-property=1", skyline.PipelineError, "no-such-property"),
        ("videotestsrc ! fakesink", skyline.SinkError, "appsrc"),
        ("", skyline.SkyLineError, ""),
        ("appsrc ! audioconvert ! fakesink", skyline.SkyLineError, ""),
        ("appsrc ! video/x-raw,format=GRAY8,width=1000 ! fakesink", skyline.NegotiationError, ""),
    ],
)
def test_a_description_that_cannot_work_is_an_error_with_a_name(text: str, kind: type[Exception], word: str) -> None:
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, errors="raise")
    try:
        sky.start_streaming()
        error: Exception = put_until_it_raises(sky, black, limit_s=5)
    except skyline.SkyLineError as raised:
        error = raised
    sky.stop_streaming()
    assert isinstance(error, kind)
    assert word in f"{error} {getattr(error, 'domain', '')}"


FAILS_LATER = "appsrc ! identity name=breaks error-after=10 ! fakesink"


def test_an_error_in_the_middle_is_raised_by_put(caplog: pytest.LogCaptureFixture) -> None:
    events: list[skyline.Event] = []
    sky = skyline.PipelineSkyLine(FAILS_LATER, fps=30, width=64, height=64, on_event=events.append, errors="raise")
    sky.start_streaming()
    error = put_until_it_raises(sky, black)
    assert error.element == "breaks"
    assert error.domain in {"core", "stream", "library"}
    assert error.message
    assert "identity" in error.description
    assert "breaks" in str(error)
    assert sky.state is skyline.SkyLine.State.ERROR
    assert sky.last_error is not None
    assert str(sky.last_error) == str(error)
    for verb in (lambda: sky.put(black()), lambda: sky.lend(black()), lambda: sky.acquire().__enter__()):
        with pytest.raises(skyline.PipelineError):
            verb()
    with contextlib.suppress(skyline.PipelineError):
        sky.stop_streaming()
    assert [event.kind for event in events].count("failed") == 1
    stats = sky.stats()
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.element, copy.message, copy.domain) == (
        type(error),
        error.element,
        error.message,
        error.domain,
    )


def test_an_error_in_the_middle_is_a_state_where_that_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    """SkyLine's own contract: False, quietly, and the reason is kept."""
    sky = skyline.PipelineSkyLine(FAILS_LATER, fps=30, width=64, height=64, errors="state")
    sky.start_streaming()
    deadline = time.monotonic() + 10
    while sky.put(black()) and time.monotonic() < deadline:
        time.sleep(0.001)
    assert sky.state is skyline.SkyLine.State.ERROR
    assert isinstance(sky.last_error, skyline.PipelineError)
    assert sky.last_error.element == "breaks"
    with caplog.at_level(logging.DEBUG):
        caplog.clear()
        for _ in range(1000):
            assert sky.put(black()) is False
        assert len(caplog.records) <= 10
    sky.stop_streaming()
    assert sky.state is skyline.SkyLine.State.STOPPED
    # And it can be started again.
    sky.start_streaming()
    assert sky.put(black()) is True
    assert sky.last_error is None
    sky.stop_streaming()


def test_the_callback_hears_of_the_failure_before_anybody_calls() -> None:
    failed = threading.Event()
    moment: list[float] = []

    def listen(event: skyline.Event) -> None:
        if event.kind == "failed":
            moment.append(time.monotonic())
            failed.set()

    text = "appsrc ! identity name=breaks error-after=3 ! fakesink"
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, on_event=listen, leaky="none")
    sky.start_streaming()
    for _ in range(3):
        sky.put(black())
    put_at = time.monotonic()
    assert failed.wait(5)
    assert moment[0] - put_at < 1
    sky.stop_streaming()


def test_a_callback_that_raises_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:

    def fails(event: skyline.Event) -> None:
        message = f"planned, on {event.kind}"
        raise RuntimeError(message)

    path = tmp_path / "part-%02d.mkv"
    with skyline.open(skyline.sinks.file(path, segment_s=0.5), fps=30, on_event=fails) as sky:
        for number in range(60):
            assert sky.put(numbered_frame(number))
    assert [n for part in sorted(tmp_path.iterdir()) for n in numbers_in(part)] == list(range(60))
    assert "planned" in caplog.text


def test_a_callback_that_stops_the_stream_does_not_hang() -> None:
    stopped = threading.Event()

    def stop(event: skyline.Event) -> None:
        if event.kind == "failed":
            sky.stop_streaming()
            stopped.set()

    sky = skyline.PipelineSkyLine(FAILS_LATER, fps=30, width=64, height=64, on_event=stop, errors="state")
    sky.start_streaming()
    for _ in range(20):
        sky.put(black())
        time.sleep(0.005)
    assert stopped.wait(5)
    sky.stop_streaming()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "text",
        np.zeros((64, 64, 3), np.float32),
        np.full((64, 64, 3), np.nan),
        np.zeros((64, 64, 3), np.uint16),
        np.zeros((64, 64, 3), object),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64), np.uint8),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((65, 64, 3), np.uint8),
        np.zeros((64 * 64 * 3,), np.uint8),
    ],
    ids=["None", "str", "float32", "NaN", "uint16", "object", "4 channels", "grey", "empty", "65 rows", "flat"],
)
def test_a_wrong_frame_is_a_frame_error_and_the_film_is_whole(tmp_path: Path, wrong: object) -> None:
    path = tmp_path / "film.mp4"
    with skyline.open(path, fps=30) as sky:
        for number in range(10):
            sky.put(numbered_frame(number, width=64, height=64))
            if number == 5:
                for verb in (sky.put, sky.lend):
                    with pytest.raises(skyline.FrameError) as caught:
                        verb(wrong)  # type: ignore[arg-type]
                    assert isinstance(caught.value, ValueError)
                    assert len(str(caught.value)) > 20
    assert numbers_in(path, width=64, height=64) == list(range(10))


def test_a_secret_in_a_description_is_nowhere_to_be_read(planted_secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a message, a log, an event, an error's fields; not even when the element with the secret is what fails."""
    texts = [
        f"appsrc ! identity error-after=2 ! filesink location=rtmp://user:{planted_secret}@host/app",
        f"appsrc ! nosuchelement user-pw={planted_secret} location=http://127.0.0.1:1/",
        f'appsrc ! identity error-after=2 ! filesink location="/nonexistent/a?token={planted_secret}"',
        f"appsrc ! nosuchelement passphrase={planted_secret} ! fakesink",
        f'appsrc ! fakesink no-such-property=1 name="stream-key={planted_secret}"',
        f'appsrc ! identity error-after=2 name="password={planted_secret}" ! fakesink',
        f"appsrc ! ! rtsp://me:{planted_secret}@127.0.0.1/x",
    ]
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for text in texts:
            sky = skyline.PipelineSkyLine(
                text,
                fps=30,
                width=64,
                height=64,
                errors="raise",
                on_event=lambda event: said.append(repr(event)),  # noqa: B023
            )
            try:
                sky.start_streaming()
                put_until_it_raises(sky, black, limit_s=5)
            except skyline.SkyLineError as error:
                said += [str(error), repr(error), repr(vars(error))]
            said += [str(sky.last_error), repr(sky), repr(sky.stats())]
            with contextlib.suppress(skyline.SkyLineError):
                sky.stop_streaming()
    said.append(caplog.text)
    assert [words for words in said if planted_secret in words] == []
    assert len(said) > 3 * len(texts)
