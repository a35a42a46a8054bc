"""Python programs in processes of their own, with a bound in time and the stacks of those that hang."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PRELUDE = """
import os, signal, sys, threading, time
import numpy as np
import skyline
"""


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    hung: bool
    signalled_at_s: float = 0.0

    def __str__(self) -> str:
        hung = "HUNG " if self.hung else ""
        return f"{hung}rc={self.returncode} after {self.seconds:.2f} s\nstdout: {self.stdout}\nstderr: {self.stderr}"


def program(body: str, *, prelude: str = PRELUDE) -> str:
    """The text of a child: prelude and body."""
    return prelude + textwrap.dedent(body)


def start(
    text: str,
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    wrapper: Sequence[str] = (),
    piped_stdin: bool = False,
) -> subprocess.Popen[str]:
    """Start a child with faulthandler on SIGABRT, so that a hang shows every Python thread."""
    command = [*wrapper, sys.executable, "-X", "faulthandler", "-c", text, *map(str, arguments)]
    whole_env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE if piped_stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=whole_env,
        cwd=cwd,
    )


def finish(child: subprocess.Popen[str], timeout_s: float = 20.0) -> Ended:
    """Wait for a child's end; one that hangs is aborted and reported as hung."""
    began = time.monotonic()
    hung = False
    try:
        out, err = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        hung = True
        native = _native_stacks(child.pid)
        child.send_signal(signal.SIGABRT)
        try:
            out, err = child.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate(timeout=5)
        err += native
    return Ended(child.returncode, out, err, time.monotonic() - began, hung)


def run(
    text: str,
    *arguments: str | Path,
    timeout_s: float = 20.0,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    wrapper: Sequence[str] = (),
) -> Ended:
    """Start and finish."""
    return finish(start(text, *arguments, env=env, cwd=cwd, wrapper=wrapper), timeout_s)


def in_parallel(jobs: Sequence[Callable[[], Ended]], workers: int = 4) -> list[Ended]:
    """Run jobs side by side, results in their order."""
    with ThreadPoolExecutor(workers) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


def read_until(child: subprocess.Popen[str], word: str) -> str:
    """Read the child's lines up to the first that begins with ``word``; a child that ends instead fails."""
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(word):
            return line.strip()
    ended = finish(child)
    message = f"the child ended before it said {word!r}: {ended}"
    raise AssertionError(message)


def _native_stacks(pid: int) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["gdb", "-p", str(pid), "-batch", "-ex", "thread apply all bt 12"]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20, check=False).stdout
    return ""
