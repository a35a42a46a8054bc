"""Everything that goes wrong speaks: an exception at the next call, an event at once, a state (DESIGN §7)."""

import contextlib
import errno
import logging
import os
import pickle
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.conftest import need_elements
from tests.pipeline import children
from tests.pipeline.bar_code import numbered_frame, numbers_in

IS_ROOT = os.geteuid() == 0
NOBODY = 65534


def noise(number: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A frame that no encoder makes small."""
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)


def black(_: int = 0) -> np.ndarray:
    return np.zeros((64, 64, 3), np.uint8)


def put_until_it_raises(
    sky: skyline.SkyLine, frame: Callable[[int], np.ndarray], limit_s: float = 20
) -> skyline.PipelineError:
    deadline = time.monotonic() + limit_s
    number = 0
    while time.monotonic() < deadline:
        try:
            sky.put(frame(number))
        except skyline.PipelineError as error:
            return error
        number += 1
    pytest.fail(f"{number} frames were accepted and nothing was raised")


# --- the disk --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB."""
    mount = tmp_path / "small"
    mount.mkdir()
    if not IS_ROOT:
        pytest.skip("mounting a tmpfs needs root")
    ran = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", mount], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        pytest.skip(f"no tmpfs here: {ran.stderr.strip()}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", mount], check=True)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_full_disk_is_a_resource_error_and_what_was_written_plays(small_disk: Path, suffix: str) -> None:
    path = small_disk / f"film.{suffix}"
    events: list[skyline.Event] = []
    sky = skyline.open(
        path, fps=30, on_event=events.append, encoder=skyline.encoders.h264(bitrate_kbps=3000, latency="live")
    )

    def barred(number: int) -> np.ndarray:
        frame = numbered_frame(number % 60_000, height=240)
        frame[110:130] = noise(number)[110:130]
        return frame

    error = put_until_it_raises(sky, barred)
    assert isinstance(error, skyline.ResourceError)
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOSPC
    assert "filesink" in error.element
    assert "No space left on device" in str(error)
    assert error.domain == "resource"
    assert sky.state is skyline.SkyLine.State.ERROR
    assert sky.last_error is not None
    with pytest.raises(skyline.ResourceError):  # the next call says the same
        sky.put(barred(0))
    with contextlib.suppress(skyline.PipelineError):
        sky.stop_streaming()
    assert any(event.kind == "failed" and event.error is not None for event in events)
    numbers = numbers_in(path, height=240)
    assert len(numbers) >= 20
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("how", ["directory missing", "is a directory", "file where a directory should be"])
def test_a_path_that_cannot_be_written_is_a_resource_error(tmp_path: Path, how: str) -> None:
    path, number = {
        "directory missing": (tmp_path / "no" / "such" / "film.mp4", errno.ENOENT),
        "is a directory": (tmp_path / "film.mp4", errno.EISDIR),
        "file where a directory should be": (tmp_path / "file" / "film.mp4", errno.ENOTDIR),
    }[how]
    (tmp_path / "file").touch()
    if how == "is a directory":
        path.mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(skyline.ResourceError) as caught, skyline.open(path, fps=30) as sky:
        put_until_it_raises(sky, numbered_frame)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == number
    assert os.strerror(number) in str(caught.value)
    assert str(path) in str(caught.value)
    assert "filesink" in caught.value.element
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("target", ["directory", "file"])
def test_no_permission_is_a_resource_error(tmp_path: Path, target: str) -> None:
    """Root may write anywhere, so the program runs as nobody."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    path = folder / "film.mp4"
    if target == "file":
        path.touch(mode=0o444)
        folder.chmod(0o777)
    text = children.program("""
        try:
            with skyline.open(sys.argv[1], fps=30) as sky:
                for _ in range(300):
                    sky.put(np.zeros((64, 64, 3), np.uint8))
        except skyline.ResourceError as error:
            print(error.errno, isinstance(error, PermissionError), error.element, sys.argv[1] in str(error), sep="|")
        """)
    if IS_ROOT:
        for parent in [tmp_path, *tmp_path.parents][:3]:
            parent.chmod(0o755)
        wrapper = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if subprocess.run([*wrapper, "ls", tmp_path], capture_output=True, check=False).returncode != 0:
            pytest.skip("nobody cannot even look here")
    else:
        folder.chmod(0o555)
        wrapper = []
    ended = children.run(text, path, env={"HOME": str(tmp_path)}, wrapper=wrapper)
    assert ended.returncode == 0, str(ended)
    number, _, element, names_path = ended.stdout.strip().split("|")
    assert (int(number), names_path) == (errno.EACCES, "True")
    assert "filesink" in element


def test_dev_full_is_a_resource_error(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.symlink_to("/dev/full")
    with skyline.open(path, fps=30) as sky:
        error = put_until_it_raises(sky, noise)
        assert isinstance(error, skyline.ResourceError)
        assert error.errno == errno.ENOSPC
        sky.last_error  # noqa: B018 it can be looked at


# --- missing elements ------------------------------------------------------------------------------------------------

TRIES_H264 = children.program("""
    encoder = skyline.encoders.h264(element=sys.argv[2] if len(sys.argv) > 2 else None)
    try:
        with skyline.open(sys.argv[1], fps=30, encoder=encoder) as sky:
            for number in range(5):
                sky.put(np.full((64, 64, 3), number, np.uint8))
            print(sky.stats().encoder)
    except skyline.MissingElementError as error:
        print("missing", error.element, error.hint, sep="|")
        print(error)
        sys.exit(3)
    """)


def test_without_x264_the_next_encoder_is_taken(tmp_path: Path) -> None:
    need_elements("x264enc", "openh264enc")
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env={"GST_PLUGIN_FEATURE_RANK": "x264enc:NONE"})
    assert (ended.returncode, ended.stdout.strip()) == (0, "openh264enc"), str(ended)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "csv=p=0",
        "-show_entries",
        "stream=codec_name",
        str(tmp_path / "film.mp4"),
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "h264"


def registry_without(folder: Path, *plugins: str) -> dict[str, str]:
    """The environment of a machine that lacks these plugins: links to all the others, and a registry of its own."""
    found = subprocess.run(
        ["gst-inspect-1.0", "coreelements"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    [filename] = [line.split()[-1] for line in found.splitlines() if "Filename" in line]
    system = Path(filename).parent
    links = folder / "plugins"
    links.mkdir()
    for plugin in system.glob("libgst*.so"):
        if plugin.stem.removeprefix("libgst") not in plugins:
            (links / plugin.name).symlink_to(plugin)
    return {
        "GST_PLUGIN_SYSTEM_PATH_1_0": str(links),
        "GST_PLUGIN_PATH": "",
        "GST_REGISTRY_1_0": str(folder / "registry.bin"),
    }


def test_a_machine_without_x264_takes_openh264(tmp_path: Path) -> None:
    need_elements("x264enc", "openh264enc")
    env = registry_without(tmp_path, "x264")
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env=env, timeout_s=60)
    assert (ended.returncode, ended.stdout.strip()) == (0, "openh264enc"), str(ended)
    # Asked for by name, there is no next one: the error brings the package.
    ended = children.run(TRIES_H264, tmp_path / "film2.mp4", "x264enc", env=env, timeout_s=60)
    assert ended.returncode == 3, str(ended)
    assert ended.stdout.splitlines()[0] == "missing|x264enc|apt install gstreamer1.0-plugins-ugly", str(ended)
    assert "apt install gstreamer1.0-plugins-ugly" in ended.stdout.splitlines()[1]
    assert not (tmp_path / "film2.mp4").exists()


def test_a_machine_without_any_h264_encoder_says_what_to_install(tmp_path: Path) -> None:
    ended = children.run(
        TRIES_H264, tmp_path / "film.mp4", env=registry_without(tmp_path, "x264", "openh264"), timeout_s=60
    )
    assert ended.returncode == 3, str(ended)
    assert "x264enc" in ended.stdout
    assert "apt install gstreamer1.0-plugins-ugly" in ended.stdout


def test_a_machine_without_the_muxer_says_what_to_install(tmp_path: Path) -> None:
    ended = children.run(TRIES_H264, tmp_path / "film.mp4", env=registry_without(tmp_path, "isomp4"), timeout_s=60)
    assert ended.returncode == 3, str(ended)
    assert ended.stdout.splitlines()[0] == "missing|mp4mux|apt install gstreamer1.0-plugins-good", str(ended)


def test_a_missing_element_in_a_description_is_named(tmp_path: Path) -> None:
    sky = skyline.PipelineSkyLine("appsrc ! nosuchelement ! fakesink", fps=30, width=64, height=64, errors="raise")
    with pytest.raises(skyline.MissingElementError) as caught:
        sky.start_streaming()
    assert caught.value.element == "nosuchelement"
    assert isinstance(caught.value, LookupError)


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


# --- a pipeline that fails while it runs -----------------------------------------------------------------------------

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
    """Z27."""

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


# --- waits that end --------------------------------------------------------------------------------------------------


def test_a_failing_pipeline_wakes_a_waiting_put_within_a_second() -> None:
    """F11: appsrc alone leaves a blocked push blocked for ever."""
    # Each frame takes 300 ms, the third kills the pipeline; put waits for room long before.
    text = "appsrc ! identity sleep-time=300000 ! identity name=breaks error-after=3 ! fakesink"
    sky = skyline.PipelineSkyLine(
        text, fps=30, width=64, height=64, leaky="none", max_buffers=1, errors="raise", clock="fixed"
    )
    sky.start_streaming()
    failed_at: list[float] = []
    sky.on_event = lambda event: failed_at.append(time.monotonic()) if event.kind == "failed" else None
    began = time.monotonic()
    put_until_it_raises(sky, black, limit_s=10)
    raised_at = time.monotonic()
    assert raised_at - began < 3
    if failed_at:
        assert raised_at - failed_at[0] < 1
    sky.stop_streaming()


def test_put_with_a_timeout_returns_in_time_and_the_frame_is_counted() -> None:
    text = "appsrc ! identity sleep-time=1500000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed")
    sky.start_streaming()
    results, longest = [], 0.0
    for _ in range(8):
        began = time.monotonic()
        results.append(sky.put(black(), timeout_s=0.1))
        longest = max(longest, time.monotonic() - began)
    assert results[0] is True
    assert results[-1] is False
    assert longest < 0.5
    assert sky.stats().frames_dropped["timeout"] == results.count(False)
    sky.stop_streaming(timeout_s=0.3)


@pytest.mark.parametrize("leaky", ["downstream", "upstream"])
def test_a_live_stream_never_waits_and_counts_what_it_drops(leaky: str) -> None:
    text = "appsrc ! identity sleep-time=200000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, width=64, height=64, leaky=leaky, max_buffers=2)
    sky.start_streaming()
    sky.put(black())
    longest = 0.0
    results = []
    for _ in range(200):
        began = time.monotonic()
        results.append(sky.put(black()))
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.001)
    assert longest < 0.1
    # upstream refuses the new frame and says so; downstream takes it and gives up the oldest.
    assert (False in results) is (leaky == "upstream")
    stats = sky.stats()
    assert stats.frames_dropped["queue_full"] > 150
    assert stats.frames_in == 201
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values()) + stats.frames_in_flight
    sky.stop_streaming(timeout_s=5)
    stats = sky.stats()
    assert stats.frames_in_flight == 0
    assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())


def test_stop_returns_in_time_with_a_slow_pipeline_and_counts_the_rest() -> None:
    text = "appsrc ! identity sleep-time=500000 ! fakesink"
    sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=16, clock="fixed")
    sky.start_streaming()
    for _ in range(12):
        sky.put(black())
    began = time.monotonic()
    with contextlib.suppress(skyline.SkyLineError):
        sky.stop_streaming(timeout_s=1)
    assert time.monotonic() - began < 3
    stats = sky.stats()
    assert stats.frames_dropped["stopped"] >= 8
    assert stats.frames_in == 12 == stats.frames_encoded + sum(stats.frames_dropped.values())


@pytest.mark.leaves_threads("the sink is stuck in the kernel")
def test_stop_returns_in_time_with_a_fifo_that_nobody_reads(tmp_path: Path) -> None:
    fifo = tmp_path / "film.mkv"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        sky = skyline.open(fifo, clock="arrival", encoder=skyline.encoders.h264(bitrate_kbps=20_000))
        began = time.monotonic()
        while time.monotonic() - began < 2:
            sky.put(noise(int(time.monotonic() * 1000)))
        began = time.monotonic()
        with contextlib.suppress(skyline.SkyLineError):
            sky.stop_streaming(timeout_s=1)
        assert time.monotonic() - began < 5
        stats = sky.stats()
        assert stats.frames_in == stats.frames_encoded + sum(stats.frames_dropped.values())
        units = stats.outputs[0]
        assert units.units_in == units.units_sent + units.units_dropped + units.units_queued
        assert units.units_dropped > 0
    finally:
        while True:  # let the stuck write end, and the thread with it
            try:
                if not os.read(reader, 1 << 20):
                    break
            except BlockingIOError:
                time.sleep(0.05)
                if sky.stats().frames_in_flight == 0:
                    break
        os.close(reader)


@pytest.mark.leaves_threads("open waits in the kernel for a reader that never comes")
def test_a_fifo_without_a_reader_does_not_hold_the_caller(tmp_path: Path) -> None:
    """open(2) of a FIFO for writing waits for a reader; the caller must come back."""
    fifo = tmp_path / "film.mkv"
    text = children.program("""
        os.mkfifo(sys.argv[1])
        began = time.monotonic()
        try:
            with skyline.open(sys.argv[1], fps=30) as sky:
                for _ in range(30):
                    sky.put(np.zeros((64, 64, 3), np.uint8), timeout_s=1)
                sky.stop_streaming(timeout_s=1)
        except skyline.SkyLineError as error:
            print(type(error).__name__, flush=True)
        print(time.monotonic() - began, flush=True)
        os._exit(0)
        """)
    ended = children.run(text, fifo, timeout_s=30)
    assert not ended.hung, str(ended)
    assert float(ended.stdout.split()[-1]) < 20, str(ended)


def test_a_waiting_put_is_woken_by_stop_from_another_thread() -> None:
    text = "appsrc ! identity sleep-time=300000 ! fakesink"
    sky = skyline.PipelineSkyLine(
        text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed", errors="raise"
    )
    sky.start_streaming()
    ended: list[object] = []

    def push() -> None:
        try:
            for _ in range(1000):
                sky.put(black())
        except skyline.SkyLineError as error:
            ended.append(error)

    thread = threading.Thread(target=push)
    thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    with contextlib.suppress(skyline.SkyLineError):
        sky.stop_streaming(timeout_s=2)
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 4
    assert isinstance(ended[0], skyline.StateError)
    assert "start" in str(ended[0])


# --- frames that do not fit ------------------------------------------------------------------------------------------


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


# --- secrets ---------------------------------------------------------------------------------------------------------


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
