"""The interpreter ends in every way it can, with frames in flight, twenty times each."""

import functools
import signal
from pathlib import Path

import pytest

from tests.pipeline import children

TIMES = 20
LIMIT_S = 10.0
CRASHES = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGTRAP, -signal.SIGFPE}

# An encoder that is behind: frames are always on their way, most of them lent, when the end comes.
OPENS = """
frame = np.zeros((64, 64, 3), np.uint8)

def open_sky(**more):
    return skyline.open(sys.argv[1], width=64, height=64, leaky="downstream", **more)

def push(sky, count=25):
    for number in range(count):
        if number % 2:
            sky.put(frame)
        else:
            sky.lend(np.zeros((64, 64, 3), np.uint8))

"""

WAYS = {
    "no close": (
        """
        def main():
            sky = open_sky()
            push(sky)
        main()
        """,
        {0},
    ),
    "module global": (
        """
        sky = open_sky()
        push(sky)
        """,
        {0},
    ),
    "daemon thread pushing": (
        """
        sky = open_sky()
        def for_ever():
            while True:
                push(sky)
        threading.Thread(target=for_ever, daemon=True).start()
        time.sleep(0.05)
        """,
        {0},
    ),
    "sys.exit in a thread": (
        """
        sky = open_sky()
        def leave():
            push(sky)
            sys.exit(3)
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
        """,
        {0},
    ),
    "sys.exit": (
        """
        sky = open_sky()
        push(sky)
        sys.exit(3)
        """,
        {3},
    ),
    "exception": (
        """
        sky = open_sky()
        push(sky)
        raise RuntimeError("planned")
        """,
        {1},
    ),
    "SIGTERM": (
        """
        sky = open_sky()
        push(sky)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
        """,
        {143},
    ),
    "SIGINT": (
        """
        sky = open_sky()
        push(sky)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
        """,
        {-signal.SIGINT},
    ),
    "os._exit": (
        """
        sky = open_sky()
        push(sky)
        os._exit(4)
        """,
        {4},
    ),
    "frames lent and in flight": (
        """
        text = 'appsrc ! identity sleep-time=10000 ! fakesink'
        sky = skyline.PipelineSkyLine(text, width=64, height=64, leaky="none", max_buffers=32)
        sky.start_streaming()
        trackers = [sky.lend(np.zeros((64, 64, 3), np.uint8)) for _ in range(12)]
        assert not trackers[-1].done
        """,
        {0},
    ),
    "event callback running": (
        """
        entered = threading.Event()
        def callback(event):
            entered.set()
            time.sleep(0.1)
        sky = open_sky(on_event=callback)
        push(sky)
        entered.wait(5)
        """,
        {0},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_interpreter_ends_twenty_of_twenty_times(tmp_path: Path, way: str) -> None:
    body, codes = WAYS[way]
    text = children.program(OPENS) + children.program(body, prelude="")
    jobs = [
        functools.partial(children.run, text, tmp_path / f"{number}.mkv", timeout_s=LIMIT_S) for number in range(TIMES)
    ]
    for number, ended in enumerate(children.in_parallel(jobs)):
        said = f"run {number + 1} of {TIMES}: {ended}"
        assert not ended.hung, said
        assert ended.returncode not in CRASHES, said
        assert ended.returncode in codes, said
        assert "Fatal Python error" not in ended.stderr, said
        assert "CRITICAL" not in ended.stderr, said


def test_an_exit_with_a_stalled_sink_is_bounded(tmp_path: Path) -> None:
    """Nobody reads the FIFO: closing the interpreter does not wait for ever."""
    text = children.program("""
        os.mkfifo(sys.argv[1])
        reader = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
        text = f'appsrc ! queue ! filesink location="{sys.argv[1]}"'
        sky = skyline.PipelineSkyLine(text, width=640, height=480, max_buffers=2, leaky="downstream")
        sky.start_streaming()
        for _ in range(10):
            sky.lend(np.zeros((480, 640, 3), np.uint8))
        print("pushed", flush=True)
        """)
    ended = children.run(text, tmp_path / "fifo", timeout_s=20)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert ended.seconds < 14, str(ended)
