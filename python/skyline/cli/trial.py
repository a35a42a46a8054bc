"""Steps of ``skyline doctor`` in a process of their own: an encoder may crash, or hang, the process that tries it."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np

import skyline
from skyline.encoder_choice import choose_row
from skyline.encoders import Codec, Encoder
from skyline.errors import SkyLineError

MAIN_JOB = "main-job"
_TIMEOUT_S = 60.0


def encoder_step(codec: Codec, element: str) -> str:
    """The name of the step that tries one encoder."""
    return f"{codec}/{element}"


def run_steps(steps: Sequence[str]) -> dict[str, str]:
    """Why each step failed; empty where it worked. One that ends its process is blamed, and the rest goes on in another."""
    reasons: dict[str, str] = {}
    while left := [step for step in steps if step not in reasons]:
        told, end = _run_child(left)
        reasons.update(zip(left, told, strict=False))
        if len(told) < len(left):
            reasons[left[len(told)]] = end
    return reasons


def _run_child(steps: Sequence[str]) -> tuple[list[str], str]:
    """What a child told, one reason a step, and how it ended."""
    command = [sys.executable, "-m", "skyline.cli.trial", *steps]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
        out, complaint, code = child.stdout, child.stderr, child.returncode
    except subprocess.TimeoutExpired as error:
        out, complaint, code = error.stdout or b"", error.stderr or b"", -signal.SIGKILL
    last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
    end = f"ends the process that tries it ({_name_of(code)}): {last_line}"
    return [str(json.loads(line)) for line in out.splitlines()], end


def _name_of(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _run_step(step: str) -> str:
    if step == MAIN_JOB:
        return _record()
    name, _, element = step.partition("/")
    codec = next(known for known in get_args(Codec) if known == name)
    try:
        choose_row(Encoder(codec, element=element), format="BGR", clock="arrival")
    except SkyLineError as error:
        return str(error)
    return ""


def _record() -> str:
    """Record half a second into an MP4; why it did not work, or nothing."""
    frame = np.zeros((240, 320, 3), np.uint8)
    try:
        with tempfile.TemporaryDirectory(prefix="skyline-doctor-") as folder:
            path = Path(folder) / "doctor.mp4"
            stats = skyline.stream([frame] * 15, path, fps=30)
            is_whole = stats.frames_encoded == stats.frames_in and path.stat().st_size > 0
            return "" if is_whole else f"not every frame arrived: {stats}"
    except (SkyLineError, OSError) as error:
        return str(error)


if __name__ == "__main__":
    for asked in sys.argv[1:]:
        print(json.dumps(_run_step(asked)), flush=True)
