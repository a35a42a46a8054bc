"""What is left of a recording when the program ends in a way it did not plan."""

import json
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import children
from tests.pipeline.bar_code import numbers_after_a_crash, numbers_in
from tests.pipeline.mp4_boxes import read_mp4

HERE = Path(__file__).parent

# Says each frame's number once put has returned; paced like a camera.
RECORDS = children.program("""
    sys.path.insert(0, sys.argv[2])
    from bar_code import numbered_frame
    with skyline.open(sys.argv[1]) as sky:
        began = time.monotonic()
        for number in range(3000):
            sky.put(numbered_frame(number))
            print(number, time.monotonic() - began, flush=True)
            time.sleep(max(0.0, began + (number + 1) / 30 - time.monotonic()))
    """)


def probe(path: Path) -> tuple[int, dict[str, Any]]:
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        "stream=codec_name,nb_read_frames",
        "-count_frames",
        str(path),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, json.loads(ran.stdout or "{}")


@dataclass
class Killed:
    path: Path
    moment_s: float
    last_put: int
    numbers: list[int]
    probe_rc: int


def kill_recordings(folder: Path, suffixes: list[str], seed: int) -> list[Killed]:
    """Record side by side, kill each at a moment of its own, read what is left."""
    moments = [random.Random(seed + n).uniform(1.1, 5.0) for n in range(len(suffixes))]
    paths = [folder / f"{seed}-{n}.{suffix}" for n, suffix in enumerate(suffixes)]
    running = [children.start(RECORDS, path, HERE) for path in paths]
    for child in running:
        children.read_until(child, "0 ")
    began = time.monotonic()
    for moment, child in sorted(zip(moments, running, strict=True), key=lambda pair: pair[0]):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        child.kill()
    results = []
    for path, moment, child in zip(paths, moments, running, strict=True):
        ended = children.finish(child)
        assert ended.returncode == -signal.SIGKILL, str(ended)
        last_put = int(ended.stdout.strip().splitlines()[-1].split()[0])
        results.append(Killed(path, moment, last_put, numbers_after_a_crash(path), probe(path)[0]))
    return results


@pytest.mark.slow
def test_kill_9_at_twenty_random_moments_loses_less_than_a_second(tmp_path: Path) -> None:
    killed = kill_recordings(tmp_path, ["mp4"] * 10, seed=1)
    killed += kill_recordings(tmp_path, ["mp4"] * 4 + ["mkv"] * 3 + ["ts"] * 3, seed=100)
    assert len(killed) == 20
    for one in killed:
        said = f"{one.path.name} at {one.moment_s:.2f} s: {one.last_put + 1} frames were put, {len(one.numbers)} decode"
        assert one.numbers == list(range(len(one.numbers))), said
        assert len(one.numbers) >= one.last_put + 1 - 30, said
        assert one.probe_rc == 0, said


# --- endings that Python still sees ----------------------------------------------------------------------------------

PUTS_FOR_EVER = """
    sys.path.insert(0, sys.argv[2])
    from bar_code import numbered_frame
    def record_for_ever(sky, pause_s=1 / 30):
        for number in range(100_000):
            sky.put(numbered_frame(number % 60_000))
            print(number, flush=True)
            time.sleep(pause_s)
"""

ENDINGS = {
    "in the with block": """
        with skyline.open(sys.argv[1]) as sky:
            record_for_ever(sky)
        """,
    "module global, never closed": """
        sky = skyline.open(sys.argv[1])
        record_for_ever(sky)
        """,
    "during time.sleep": """
        with skyline.open(sys.argv[1]) as sky:
            for number in range(20):
                sky.put(numbered_frame(number))
            print(19, flush=True)
            time.sleep(60)
        """,
    "during a blocking put": """
        from fractions import Fraction
        with skyline.open(sys.argv[1], fps=30, encoder=skyline.encoders.h264(latency="quality")) as sky:
            record_for_ever(sky, pause_s=0)
        """,
    "a thread pushes, the main thread waits": """
        sky = skyline.open(sys.argv[1])
        threading.Thread(target=record_for_ever, args=[sky], daemon=True).start()
        time.sleep(60)
        """,
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: signal.Signals(number).name)
@pytest.mark.parametrize("place", ENDINGS)
def test_a_signal_ends_with_a_finished_file(tmp_path: Path, number: signal.Signals, place: str) -> None:
    """Ctrl-C, docker stop, systemctl stop: an ordinary MP4 with its index, and the exit code everyone expects."""
    path = tmp_path / "film.mp4"
    child = children.start(children.program(PUTS_FOR_EVER) + children.program(ENDINGS[place], prelude=""), path, HERE)
    children.read_until(child, "19")
    time.sleep(0.3)
    child.send_signal(number)
    ended = children.finish(child, timeout_s=10)
    assert not ended.hung, str(ended)
    mp4 = read_mp4(path)
    assert mp4.is_ordinary, f"{mp4.top}\n{ended}"
    assert mp4.samples_in_moov >= 20
    numbers = numbers_in(path)
    assert numbers == list(range(mp4.samples_in_moov))
    # Python ends by the signal itself on SIGINT; for SIGTERM we raise SystemExit(143).
    assert ended.returncode == {signal.SIGINT: -signal.SIGINT, signal.SIGTERM: 143}[number], str(ended)


PLANNED = {
    "sys.exit": ("sys.exit(7)", 7),
    "exception": ("raise RuntimeError('planned')", 1),
    "end of the program": ("pass", 0),
    "sys.exit in a with block": (
        """
        with sky:
            sys.exit(5)
        """,
        5,
    ),
    "exception in a with block": (
        """
        with sky:
            raise RuntimeError('planned')
        """,
        1,
    ),
}


@pytest.mark.parametrize("ending", PLANNED)
def test_an_ending_of_the_interpreter_finishes_the_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "film.mp4"
    body, code = PLANNED[ending]
    text = (
        children.program(PUTS_FOR_EVER)
        + children.program(
            """
        sky = skyline.open(sys.argv[1], fps=30)
        for number in range(45):
            sky.put(numbered_frame(number))
        """,
            prelude="",
        )
        + children.program(body, prelude="")
    )
    ended = children.run(text, path, HERE, timeout_s=10)
    assert (ended.hung, ended.returncode) == (False, code), str(ended)
    mp4 = read_mp4(path)
    assert mp4.is_ordinary
    assert numbers_in(path) == list(range(45))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_os_exit_leaves_a_file_that_plays(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film.{suffix}"
    text = children.program(PUTS_FOR_EVER) + children.program(
        """
        sky = skyline.open(sys.argv[1])
        for number in range(60):
            sky.put(numbered_frame(number))
            time.sleep(1 / 30)
        os._exit(9)
        """,
        prelude="",
    )
    ended = children.run(text, path, HERE, timeout_s=15)
    assert ended.returncode == 9, str(ended)
    numbers = numbers_after_a_crash(path)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 30
    assert probe(path)[0] == 0


def test_a_file_plays_while_it_is_written(tmp_path: Path) -> None:
    """A copy taken in the middle is as good as one left by a crash."""
    path = tmp_path / "film.mp4"
    child = children.start(RECORDS, path, HERE)
    children.read_until(child, "75 ")
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(path.read_bytes())
    child.kill()
    children.finish(child)
    assert len(numbers_in(copy)) >= 46
    assert probe(copy)[0] == 0
