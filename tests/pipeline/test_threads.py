"""Many threads, one stream: nothing waits for the GIL, nothing waits for ever, nothing is lost between the threads."""

import gc
import logging
import signal
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skyline
from skyline.events import Event
from tests import pictures
from tests.pictures import Array, constant_frame
from tests.pipeline import children
from tests.streams import PATIENCE_S, raw_file, running, stalled_pipe

WIDTH, HEIGHT = 640, 64  # 120 KiB: the sink of a stalled pipe stands still inside the first frame
FRAME_BYTES = WIDTH * HEIGHT * 3
REPOSITORY = Path(__file__).parents[2]


def large_frame(value: int = 0) -> Array:
    return constant_frame(value, WIDTH, HEIGHT)


def fill(sky: skyline.SkyLine) -> None:
    """Put until the next put would wait."""
    while sky.put(large_frame(), timeout_s=0.05):
        pass


class Caught:
    """A call on a thread of its own: how it ended and how long it took."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        began = time.monotonic()
        try:
            self.result = call()
        except BaseException as error:  # a thread's exception belongs to the test
            self.error = error
        self.seconds = time.monotonic() - began

    def is_waiting(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> "Caught":
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the call never came back"
        return self


# --- the GIL and waiting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["put", "lend", "acquire"])
def test_python_runs_while_a_call_waits(verb: str) -> None:
    """Z4: the queue is full and the call waits; another thread ticks more than 100 times a second meanwhile."""
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    def call(sky: skyline.SkyLine) -> None:
        if verb == "acquire":
            with sky.acquire():
                pass
        elif verb == "lend":
            sky.lend(large_frame())
        else:
            sky.put(large_frame())

    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", max_buffers=1) as sky:
        fill(sky)
        waiting = Caught(lambda: call(sky))
        ticker = Caught(tick)
        time.sleep(0.5)
        done.set()
        assert waiting.is_waiting()
        assert ticks > 50
        ticker.join()
        pipe.read_all((sky.stats().frames_in - sky.stats().frames_dropped["timeout"]) * FRAME_BYTES)
        assert waiting.join().error is None
        sky.stop_streaming(0.5)


def test_waiting_is_bounded() -> None:
    """Z5: dropped at the deadline, and counted."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", max_buffers=1) as sky:
        fill(sky)
        before = sky.stats().frames_dropped["timeout"]
        began = time.monotonic()
        assert not sky.put(large_frame(), timeout_s=0.2)
        assert not sky.put(large_frame(), timeout_s=0)
        assert time.monotonic() - began < PATIENCE_S
        assert sky.stats().frames_dropped["timeout"] == before + 2
        sky.stop_streaming(0.2)


@pytest.mark.parametrize("verb", ["put", "lend"])
def test_a_failure_wakes_every_waiting_call(verb: str) -> None:
    """Z5, F11: the peer goes away while four calls wait; each says so, in its own words, at once."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", max_buffers=1, errors="raise") as sky:
        fill(sky)
        calls = [Caught(lambda: getattr(sky, verb)(large_frame())) for _ in range(4)]
        time.sleep(0.1)
        assert all(call.is_waiting() for call in calls)
        pipe.break_off()
        for call in calls:
            assert isinstance(call.join().error, skyline.PipelineError)
            assert call.seconds < 5
        with pytest.raises(skyline.PipelineError, match="fdsink"):
            sky.put(large_frame())
        assert sky.state is skyline.SkyLine.State.ERROR
        sky.stop_streaming()
    assert sky.stats().frames_in_flight == 0


def test_a_failure_wakes_stop() -> None:
    """Z5: stop waits for frames that will never be written; it ends with the failure, not with its time."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", errors="state") as sky:
        sky.put(large_frame())
        stopping = Caught(lambda: sky.stop_streaming(timeout_s=30))
        time.sleep(0.1)
        assert stopping.is_waiting()
        pipe.break_off()
        assert stopping.join().result is False


@pytest.mark.parametrize("leaky", ["upstream", "downstream"])
def test_a_stream_that_drops_never_waits(leaky: Any) -> None:
    """Z5: the sink stands still, and hundreds of frames go through put in no time; each is counted."""
    with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", leaky=leaky, max_buffers=2) as sky:
        began = time.monotonic()
        for _ in range(300):
            sky.put(large_frame())
        assert time.monotonic() - began < 5  # one waiting put would be 10 s
        stats = sky.stats()
        assert stats.frames_in == 300
        assert stats.frames_in == stats.frames_encoded + stats.dropped + stats.frames_in_flight
        assert stats.frames_dropped["queue_full"] >= 290
        sky.stop_streaming(0.2)


class Interrupted(Exception):
    """Raised by this test's signal handler, as KeyboardInterrupt is by Python's."""


@pytest.mark.parametrize("verb", ["put", "lend", "acquire"])
def test_a_signal_interrupts_a_waiting_call(verb: str) -> None:
    """Z5, Z23: Ctrl-C. The frame was not taken, nothing is leaked, the books are right and the stream goes on."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    lent = large_frame(9)
    previous = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with stalled_pipe() as pipe, running(f"appsrc ! {pipe.sink}", max_buffers=1) as sky:
            fill(sky)
            before = sky.stats()
            main = threading.main_thread().ident
            assert main is not None
            timer = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGUSR1))
            timer.start()
            began = time.monotonic()
            with pytest.raises(Interrupted):
                if verb == "acquire":
                    with sky.acquire() as slot:
                        slot.array[...] = 9
                else:
                    getattr(sky, verb)(lent)
            assert time.monotonic() - began < 5
            timer.join()
            after = sky.stats()
            assert after.frames_in - after.dropped == before.frames_in - before.dropped
            assert lent.flags.writeable
            waiting = after.frames_in - after.dropped
            data = np.frombuffer(pipe.read_all(waiting * FRAME_BYTES), np.uint8)
            assert not data.any()
            sky.put(large_frame(7))
            assert set(pipe.read_all(FRAME_BYTES)) == {7}
    finally:
        signal.signal(signal.SIGUSR1, previous)


# --- many threads on one stream -------------------------------------------------------------------------------------

THREADS, EACH = 8, 150


def numbered(thread: int, number: int) -> Array:
    frame = np.empty((2, 4, 3), np.uint8)
    frame[...] = (thread, number, 255)
    return frame


@pytest.mark.parametrize("clock", ["fixed", "arrival"])
def test_eight_threads_put_into_one_stream(tmp_path: Path, clock: Any) -> None:
    """Z22: every frame arrives once and whole, each thread's in its order, and times only grow."""
    path = tmp_path / "threads.raw"
    verbs = ("put", "lend", "acquire")

    def push(thread: int) -> None:
        for number in range(EACH):
            frame = numbered(thread, number)
            match verbs[(thread + number) % 3]:
                case "acquire":
                    with sky.acquire(width=4, height=2) as slot:
                        slot.array[...] = frame
                case verb:
                    getattr(sky, verb)(frame)

    with raw_file(path, clock=clock) as sky, ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(push, range(THREADS)))
    assert sky.stats().frames_in == sky.stats().frames_encoded == THREADS * EACH
    frames = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, 8, 3)
    assert (frames == frames[:, :1]).all()  # none is torn
    for thread in range(THREADS):
        assert [int(n) for t, n, _ in frames[:, 0] if t == thread] == list(range(EACH))


@pytest.mark.parametrize("verb", ["put", "lend", "acquire"])
def test_stopping_while_others_push(tmp_path: Path, verb: str) -> None:
    """Z22: put against stop. Whoever comes late is told so; what was taken is in the file; again and again."""
    for attempt in range(15):
        path = tmp_path / f"{attempt}.raw"
        with raw_file(path, width=4, height=2) as sky:
            taken = [0] * 4

            def push(thread: int, sky: skyline.SkyLine = sky, taken: list[int] = taken) -> None:
                with pytest.raises(skyline.StateError):
                    while True:
                        frame = numbered(thread, 0)
                        if verb == "put":
                            taken[thread] += sky.put(frame)
                        elif verb == "lend":
                            sky.lend(frame)
                            taken[thread] += 1
                        else:
                            with sky.acquire() as slot:
                                slot.array[...] = frame
                            taken[thread] += slot.was_taken

            pushers = [Caught(partial(push, thread)) for thread in range(4)]
            time.sleep(0.001 * attempt)
            assert sky.stop_streaming()
            for pusher in pushers:
                assert pusher.join().error is None
            stats = sky.stats()
            assert stats.frames_encoded == path.stat().st_size // 24
            late = sum(taken) - stats.frames_encoded
            # What was taken is in the file. A tracker does not tell, so each thread may have lent one frame too late.
            assert late == 0 if verb != "lend" else 0 <= late <= 4


def test_stopping_from_many_threads(tmp_path: Path) -> None:
    """Z22: stop against stop; all get an answer, and the file is whole."""
    for attempt in range(15):
        path = tmp_path / f"{attempt}.raw"
        sky = skyline.PipelineSkyLine(f'appsrc ! filesink location="{path}"', fps=30, clock="fixed", errors="raise")
        sky.start_streaming()
        for number in range(20):
            sky.put(numbered(0, number))
        stops = [Caught(sky.stop_streaming) for _ in range(4)]
        assert [stop.join().result for stop in stops] == [True] * 4
        assert path.stat().st_size == 20 * 24
        assert sky.stop_streaming()


def test_starting_and_stopping_from_many_threads(tmp_path: Path) -> None:
    """Z22: any order of start, put and stop; nothing hangs, and the stream can be used afterwards."""
    sky = skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, clock="fixed", errors="state")

    def wild(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(40):
            match rng.integers(0, 4):
                case 0:
                    sky.start_streaming()
                case 1:
                    sky.stop_streaming()
                case _:
                    sky.put(numbered(seed, 0))
                    assert sky.stats().frames_in >= 0

    for call in [Caught(partial(wild, seed)) for seed in range(6)]:
        assert call.join().error is None
    sky.start_streaming()
    assert sky.put(numbered(0, 0))
    assert sky.stop_streaming()


def test_the_books_add_up_at_every_moment(tmp_path: Path) -> None:
    """I1, DESIGN §4: looked at from another thread while frames come, wait, are dropped and go."""
    looks = 0
    done = threading.Event()

    def look() -> None:
        nonlocal looks
        while not done.is_set():
            stats = sky.stats()
            assert stats.frames_in == stats.frames_encoded + stats.dropped + stats.frames_in_flight, stats
            looks += 1

    with raw_file(tmp_path / "books.raw", leaky="downstream", max_buffers=2) as sky:
        looker = Caught(look)
        for number in range(1000):
            sky.put(numbered(0, number % 256))
        done.set()
        assert looker.join().error is None
    assert looks > 10


# --- garbage --------------------------------------------------------------------------------------------------------


def test_streams_in_reference_cycles_are_collected_by_another_thread() -> None:
    """Z6: 200 running streams, with frames in flight, dropped without stop; the collector runs elsewhere."""
    done = threading.Event()

    def collect() -> None:
        while not done.is_set():
            gc.collect(1)
            time.sleep(0.001)

    collector = Caught(collect)
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            for number in range(200):
                sky = skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, clock="fixed")
                sky.start_streaming()
                cycle: list[Any] = [sky, sky.lend(numbered(0, number)), sky.acquire()]
                cycle.append(cycle)
                sky.__dict__["owner"] = cycle
                del sky, cycle
            done.set()
            assert collector.join().error is None
            gc.collect()
    finally:
        gc.enable()
        done.set()


def test_dropping_a_stream_says_that_it_was_not_stopped() -> None:
    sky = skyline.PipelineSkyLine("appsrc ! fakesink", fps=30, clock="fixed")
    sky.start_streaming()
    sky.put(numbered(0, 0))
    with pytest.warns(ResourceWarning, match="never stopped"):
        del sky
        gc.collect()


def test_many_streams_leave_nothing_behind(tmp_path: Path) -> None:
    """Z6, G7: the fixture compares threads and descriptors; here the memory, too."""
    frame = pictures.random_frame("BGR", 320, 240)

    def once() -> None:
        with raw_file(tmp_path / "many.raw") as sky:
            sky.put(frame)
            sky.lend(frame)
            with sky.acquire() as slot:
                slot.array[...] = frame

    for _ in range(30):
        once()
    before = resident_bytes()
    for _ in range(170):
        once()
    # One buffer of a frame left behind by each would be 39 MB.
    assert resident_bytes() - before < 12e6


def resident_bytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096.0


# --- after an exception ---------------------------------------------------------------------------------------------


@pytest.mark.no_sanitizer("it limits the address space, which a sanitizer fills with its shadow")
def test_no_memory_is_an_exception_and_nothing_is_lost(tmp_path: Path) -> None:
    """Z23: a frame too large for the memory there is: MemoryError each time, nothing leaked, and the process lives."""
    text = children.program(
        """
        import resource
        from skyline import _core
        from tests.streams import raw_file

        huge = np.broadcast_to(np.uint8(1), (16000, 30000, 3))  # 1.4 GB for us, 1 byte for NumPy
        with raw_file(sys.argv[1], width=16, height=8) as sky:  # GStreamer is loaded before the limit
            sky.put(np.zeros((8, 16, 3), np.uint8))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        used = int(open("/proc/self/statm").read().split()[0]) * 4096
        resource.setrlimit(resource.RLIMIT_AS, (used + 500_000_000, hard))
        for _ in range(3):
            with raw_file(sys.argv[1], errors="raise") as sky:
                for verb in (sky.put, sky.lend):
                    try:
                        verb(huge)
                    except (MemoryError, skyline.SkyLineError):
                        pass
                    else:
                        raise SystemExit("there was enough memory after all")
                try:
                    sky.acquire(width=30000, height=16000)
                except (MemoryError, skyline.SkyLineError):
                    pass
                else:
                    raise SystemExit("there was enough memory after all")
            stats = sky.stats()
            assert stats.frames_in == stats.frames_encoded + stats.dropped, stats
        assert _core.live_holds() == 0
        with raw_file(sys.argv[1]) as sky:
            for _ in range(5):
                assert sky.put(np.zeros((8, 16, 3), np.uint8))
        """
    )
    ended = children.run(text, tmp_path / "huge.raw", cwd=REPOSITORY)
    assert ended.returncode == 0, ended
    assert (tmp_path / "huge.raw").stat().st_size == 5 * 16 * 8 * 3


# --- other interpreters ---------------------------------------------------------------------------------------------


def test_a_sub_interpreter_is_refused() -> None:
    """Z24: the core's state is one per process; importing it there is an ImportError, not a crash."""
    text = """
import sys
try:
    import _interpreters as interpreters  # 3.13 and later
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        sys.exit("no sub-interpreters")
import skyline._core
code = '''
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.ExtensionFileLoader("_core", {path!r})
try:
    importlib.util.module_from_spec(importlib.util.spec_from_loader("_core", loader))
except ImportError as error:
    print("refused:", error)
else:
    print("taken")
'''.format(path=skyline._core.__file__)
interpreter = interpreters.create()
interpreters.run_string(interpreter, code)
interpreters.destroy(interpreter)
"""
    ended = children.run(text, cwd=REPOSITORY)
    if "no sub-interpreters" in ended.stderr:
        pytest.skip("this Python has no sub-interpreters")
    assert ended.returncode == 0, ended
    assert "refused:" in ended.stdout, ended


# --- callbacks ------------------------------------------------------------------------------------------------------


def failing_stream(on_event: Callable[[Event], object], pipe: Any, **options: Any) -> Any:
    return running(f"appsrc ! {pipe.sink}", on_event=on_event, errors="state", **options)


def test_a_callback_that_raises_is_logged_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Z27."""
    kinds: list[str] = []

    def callback(event: Event) -> None:
        kinds.append(event.kind)
        message = "the callback's own mistake"
        raise RuntimeError(message)

    with caplog.at_level(logging.ERROR), stalled_pipe() as pipe, failing_stream(callback, pipe) as sky:
        sky.put(large_frame())
        pipe.break_off()
        wait_for(lambda: "failed" in kinds)
        sky.stop_streaming()
    assert "the callback's own mistake" in caplog.text
    caplog.clear()  # the records hold the traceback, and that the stream
    assert kinds.count("failed") == 1


def test_a_callback_that_blocks_blocks_nobody(tmp_path: Path) -> None:
    """Z27: frames go on, and stop comes back though the callback does not."""
    release, entered = threading.Event(), threading.Event()

    def callback(_: Event) -> None:
        entered.set()
        release.wait(PATIENCE_S)

    path = tmp_path / "blocked.mkv"
    encoder = skyline.encoders.ffv1()
    try:
        with skyline.open(str(path), fps=30, encoder=encoder, on_event=callback) as sky:
            for number in range(30):
                sky.put(constant_frame(number))
            assert entered.wait(PATIENCE_S)
            began = time.monotonic()
            assert sky.stop_streaming()
            assert time.monotonic() - began < 8
    finally:
        release.set()


def test_a_callback_may_stop_the_stream() -> None:
    """Z27: stop from the callback, while the main thread stops too."""
    stopped: list[bool] = []

    def callback(event: Event) -> None:
        if event.kind == "failed":
            stopped.append(sky.stop_streaming(5.0))

    with stalled_pipe() as pipe, failing_stream(callback, pipe) as sky:
        sky.put(large_frame())
        pipe.break_off()
        wait_for(lambda: bool(stopped))
        assert sky.state is skyline.SkyLine.State.STOPPED
        assert isinstance(sky.last_error, skyline.PipelineError)
        assert sky.put(large_frame()) is False


def test_a_callback_may_look_at_the_stream_while_it_stops(tmp_path: Path) -> None:
    """Z27: stats, state and put from the callback never wait for the stop that waits for the callback."""
    seen: list[Any] = []

    def callback(_: Event) -> None:
        seen.append((sky.stats().frames_in, sky.state, sky.last_error))

    path = tmp_path / "looked.mkv"
    with skyline.open(str(path), fps=30, encoder=skyline.encoders.ffv1(), on_event=callback) as sky:
        sky.put(constant_frame(0))
        began = time.monotonic()
        assert sky.stop_streaming()
        assert time.monotonic() - began < 5
    assert seen


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)
