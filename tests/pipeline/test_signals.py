"""Ctrl-C and signal handlers while a call waits."""

import signal
import time
from pathlib import Path

import pytest

from tests.pipeline import children


@pytest.mark.parametrize("where", ["put", "stop_streaming", "tracker.wait"])
def test_ctrl_c_interrupts_a_wait(tmp_path: Path, where: str) -> None:
    text = children.program(f"""
        text = "appsrc ! identity sleep-time=4000000 ! fakesink"
        sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=1, clock="fixed")
        sky.start_streaming()
        frame = np.zeros((64, 64, 3), np.uint8)
        tracker = sky.lend(np.zeros((64, 64, 3), np.uint8))
        while sky.put(frame, timeout_s=0.1):
            pass
        calls = {{
            "put": lambda: sky.put(frame, timeout_s=20),
            "stop_streaming": lambda: sky.stop_streaming(timeout_s=20),
            "tracker.wait": lambda: tracker.wait(20),
        }}
        print("waiting", flush=True)
        began = time.monotonic()
        try:
            calls[{where!r}]()
        except KeyboardInterrupt:
            print(f"interrupted {{time.monotonic() - began:.3f}}", flush=True)
        os._exit(0)
        """)
    child = children.start(text)
    children.read_until(child, "waiting")
    time.sleep(0.4)
    child.send_signal(signal.SIGINT)
    ended = children.finish(child, 15)
    assert ended.stdout.startswith("interrupted"), str(ended)
    assert 0.3 < float(ended.stdout.split()[1]) < 0.8, str(ended)


def test_a_signal_handler_of_the_users_own_keeps_working(tmp_path: Path) -> None:
    """And a handler that stops the stream it interrupted does not hang."""
    text = children.program("""
        stopped = []
        def handle(number, frame):
            sky.stop_streaming(timeout_s=5)
            stopped.append(number)
        signal.signal(signal.SIGTERM, handle)
        sky = skyline.open(sys.argv[1], errors="state", fps=30, encoder=skyline.encoders.h264(latency="quality"))
        print("running", flush=True)
        frame = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
        while not stopped:
            sky.put(frame)
        assert signal.getsignal(signal.SIGTERM) is handle
        print("stopped", sky.state.name, flush=True)
        """)
    child = children.start(text, tmp_path / "film.mkv")
    children.read_until(child, "running")
    time.sleep(0.7)
    child.send_signal(signal.SIGTERM)
    ended = children.finish(child, 10)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "stopped STOPPED" in ended.stdout, str(ended)


def test_a_handler_that_stops_a_stream_that_is_being_stopped_does_not_hang() -> None:
    text = children.program("""
        def handle(number, frame):
            sky.stop_streaming(timeout_s=2)
            print("handled", flush=True)
        signal.signal(signal.SIGTERM, handle)
        text = "appsrc ! identity sleep-time=700000 ! fakesink"
        sky = skyline.PipelineSkyLine(text, fps=30, width=64, height=64, leaky="none", max_buffers=8, clock="fixed", errors="state")
        sky.start_streaming()
        for _ in range(4):
            sky.put(np.zeros((64, 64, 3), np.uint8))
        print("stopping", flush=True)
        sky.stop_streaming(timeout_s=5)
        print("stopped", flush=True)
        """)
    child = children.start(text)
    children.read_until(child, "stopping")
    time.sleep(0.4)
    child.send_signal(signal.SIGTERM)
    ended = children.finish(child, 15)
    assert (ended.hung, ended.returncode) == (False, 0), str(ended)
    assert "handled" in ended.stdout, str(ended)
    assert "stopped" in ended.stdout, str(ended)
