"""Streams nobody stops, memory that is not there, interpreters that are not the main one."""

import gc
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

import skyline
from tests import pictures
from tests.pipeline import children
from tests.pipeline.callers import Caught, numbered
from tests.streams import raw_file

REPOSITORY = Path(__file__).parents[2]


def test_streams_in_reference_cycles_are_collected_by_another_thread() -> None:
    """200 running streams, with frames in flight, dropped without stop; the collector runs elsewhere."""
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


@pytest.mark.no_sanitizer("resident memory means nothing there")
def test_many_streams_leave_nothing_behind(tmp_path: Path) -> None:
    """The fixture compares threads and descriptors; here the memory, too."""
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


@pytest.mark.no_sanitizer("it limits the address space, which a sanitizer fills with its shadow")
def test_no_memory_is_an_exception_and_nothing_is_lost(tmp_path: Path) -> None:
    """A frame too large for the memory there is: MemoryError each time, nothing leaked, and the process lives."""
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


def test_a_sub_interpreter_is_refused() -> None:
    """The core's state is one per process; importing it there is an ImportError, not a crash."""
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
