"""What people have in their scripts, sender to receiver: frames pushed into a window, and OpenCV's two demos.

The senders are programs of their own, with the launch text those scripts have; the receivers are GStreamer itself and
Debian's OpenCV, with theirs.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import skyline
from tests.peers import gst_sources
from tests.peers.peer_process import PeerProcess
from tests.peers.ports import free_udp_port, udp_is_bound, wait_until
from tests.peers.receivers import GST_RECEIVER_NEEDS, GstReceiver
from tests.peers.xvfb import Xvfb
from tests.pipeline import children, gdp_times
from tests.pipeline.bar_code import numbered_frame, read_number
from tests.programs import SYSTEM_PYTHON

FIRST_PICTURE_S = 1.2
LATE_S = 2.0
FPS = 20
RECEIVES = 'udpsrc port={port} caps = "{caps}" ! rtph264depay ! decodebin ! videoconvert ! appsink'

# {sky}: how the stream is opened. A frame is due every 1/fps of a second, whatever happens to those before it.
SENDER = """
    from tests.pipeline.bar_code import numbered_frame
    seconds, fps, width, height = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    began_s = time.monotonic()
    with {sky} as sky:
        for number in range(int(seconds * fps)):
            assert sky.put(numbered_frame(number, width=width, height=height){of_rgb}), sky.last_error
            {after_each}
            time.sleep(max(0, began_s + (number + 1) / fps - time.monotonic()))
    assert sky.last_error is None
    print("sent", sky.stats().frames_encoded)
"""

# Word for word what the writer of the second demo has.
WRITER = (
    "appsrc ! videoconvert ! x264enc tune=zerolatency bitrate=500 speed-preset=superfast ! rtph264pay "
    "! udpsink host=127.0.0.1 port={port}"
)
# Room for frames in front of the encoder, because a busy machine is not what is tried here.
SENDERS = {
    # Such text sets no distance of key frames, so a late receiver would wait for 250 frames.
    "description": (
        'skyline.PipelineSkyLine("' + WRITER + '", fps=20, max_buffers=60)',
        "number % 20 or sky.force_keyframe()",
    ),
    "uri": ('skyline.open("rtp://127.0.0.1:{port}", fps=20, max_buffers=60)', "pass"),
}


@contextmanager
def sending(
    sky: str,
    after_each: str = "pass",
    *,
    seconds: float,
    size: tuple[int, int],
    of_rgb: bool = False,
    **environment: str,
) -> Iterator[subprocess.Popen[str]]:
    text = SENDER.format(sky=sky, after_each=after_each, of_rgb="[..., ::-1]" if of_rgb else "")
    child = children.start(
        children.program(text), str(seconds), str(FPS), *map(str, size), env=environment, cwd=Path(__file__).parents[2]
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate(timeout=5)


@pytest.fixture(params=list(SENDERS))
def sender(request: pytest.FixtureRequest) -> tuple[str, str, int]:
    """How a stream is opened, what is done after each frame, and the port it goes to."""
    port = free_udp_port()
    sky, after_each = SENDERS[request.param]
    return sky.format(port=port), after_each, port


@pytest.mark.needs_system_python(*GST_RECEIVER_NEEDS)
@pytest.mark.parametrize("late_s", [0.0, LATE_S], ids=["in time", "late"])
def test_second_demo_reaches_a_receiver_in_time_or_late(
    sender: tuple[str, str, int], late_s: float, tmp_path: Path
) -> None:
    sky, after_each, port = sender
    with sending(sky, after_each, seconds=late_s + 2, size=(320, 240)) as child:
        time.sleep(late_s)
        with GstReceiver(gst_sources.rtp_h264(port), tmp_path / "receiver") as receiver:
            listening_s = time.monotonic()
            receiver.wait_for(FPS)
            ended = children.finish(child)
            receiver.finish()
            assert (ended.returncode, ended.stderr) == (0, ""), str(ended)
            numbers = receiver.numbers
            assert -1 not in numbers
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            if late_s:
                assert receiver.moments[0].arrived_s - listening_s <= FIRST_PICTURE_S
                assert numbers[0] > 0


@pytest.fixture
def opencv(sender: tuple[str, str, int], tmp_path: Path) -> "OpenCv":
    return OpenCv(sender[2], tmp_path)


class OpenCv(PeerProcess):
    """Debian's cv2 with the receiver's text of the second demo."""

    def __init__(self, port: int, folder: Path) -> None:
        text = RECEIVES.format(port=port, caps=gst_sources.RTP_H264_CAPS)
        script = Path(__file__).with_name("cv2_receiver_script.py")
        super().__init__([SYSTEM_PYTHON, script, text], folder / "cv2.log", is_ready=lambda: udp_is_bound(port))

    @property
    def numbers(self) -> list[int]:
        lines = [line.split() for line in self.said.splitlines()]
        return [int(line[1]) for line in lines if len(line) == 2 and line[0].isdigit()]

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.numbers) >= count, 10, f"{count} frames at OpenCV, which said: {self.said}")


@pytest.mark.needs_system_python("cv2")
@pytest.mark.parametrize("sender", ["uri"], indirect=True)
def test_opencv_goes_on_with_the_next_sender_when_one_is_killed(sender: tuple[str, str, int], opencv: OpenCv) -> None:
    sky, after_each, _ = sender
    with opencv:
        with sending(sky, after_each, seconds=60, size=(320, 240)):
            opencv.wait_for(FPS)
        before = len(opencv.numbers)
        with sending(sky, after_each, seconds=60, size=(320, 240)):
            opencv.wait_for(before + FPS)
        numbers = opencv.numbers
    assert -1 not in numbers
    again = numbers.index(0, 1)  # the second one's first
    assert numbers[:again] == list(range(again))
    assert numbers[again:] == list(range(len(numbers) - again))


@pytest.mark.needs_system_python("cv2")
@pytest.mark.parametrize("sender", ["description"], indirect=True)
def test_sender_does_not_mind_that_its_receiver_is_killed(sender: tuple[str, str, int], opencv: OpenCv) -> None:
    sky, after_each, _ = sender
    with sending(sky, after_each, seconds=3, size=(320, 240)) as child:
        with opencv:
            opencv.wait_for(FPS // 2)
            opencv.kill()
        ended = children.finish(child)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"sent {3 * FPS}\n", ""), str(ended)


# Frames of RGB, pushed live, in TIME.
PUSHED = """skyline.PipelineSkyLine("appsrc name=src is-live=true format=time ! videoconvert ! autovideosink",
                format="RGB", fps=30)"""
FIRST_DEMO = """skyline.PipelineSkyLine("appsrc ! video/x-raw,width=640,height=480,framerate=10/1 ! videoconvert "
                "! timeoverlay xpad=100 ypad=100 ! autovideosink sync=false", fps=10)"""
WINDOWS = {
    "pushed": (PUSHED, (320, 240), True),
    "first demo": (FIRST_DEMO, (640, 480), False),
    "uri": ('skyline.open("display://")', (320, 240), False),
}


@pytest.mark.needs_program("Xvfb")
@pytest.mark.needs_elements("ximagesink")
@pytest.mark.parametrize("window", list(WINDOWS))
def test_frames_are_seen_in_a_window_as_they_come(window: str, tmp_path: Path) -> None:
    sky, size, of_rgb = WINDOWS[window]
    seen: list[int] = []
    with (
        Xvfb(tmp_path / "screen", width=size[0], height=size[1]) as screen,
        sending(sky, seconds=2, size=size, of_rgb=of_rgb, DISPLAY=screen.display) as child,
    ):
        while child.poll() is None:
            number = read_number(screen.screenshot()[..., 1])
            seen += [number] if number != -1 and number not in seen[-1:] else []
            time.sleep(0.005)
        ended = children.finish(child)
    assert (ended.returncode, ended.stderr) == (0, ""), str(ended)
    assert seen == sorted(seen)
    # A window takes its time to open, and a screen is looked at between frames.
    assert len(seen) >= 4
    assert seen[-1] >= 2 * FPS - 5


def test_live_push_bears_the_times_of_its_pushes_whatever_rate_it_has_told(tmp_path: Path) -> None:
    """Frames come 10 times a second where the caps say 30."""
    path = tmp_path / "times.gdp"
    text = f'appsrc name=src is-live=true format=time ! gdppay ! filesink location="{path}"'
    pushed_s = []
    with skyline.PipelineSkyLine(text, format="RGB", fps=30, clock="arrival") as sky:
        for number in range(8):
            pushed_s.append(time.monotonic())
            assert sky.put(numbered_frame(number)[..., ::-1])
            time.sleep(max(0, pushed_s[0] + (number + 1) / 10 - time.monotonic()))
    pts_ns, _ = gdp_times.times_in(path)
    assert np.array(pts_ns) / 1e9 == pytest.approx(np.array(pushed_s) - pushed_s[0], abs=0.02)
