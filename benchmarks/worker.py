"""A rival in a process of its own: for another Python (Debian's cv2 and PyGObject), or for clean figures of memory.

The process reads one JSON object per line and answers each with one (``worker_side.py``). Every wait is bounded.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from benchmarks.rival import CheckFailed, RivalMissing

SYSTEM_PYTHON = "/usr/bin/python3"
WORKERS = Path(__file__).with_name("workers")


class Worker:
    """Runs ``workers/<script>`` under a Python and asks it to do things.

    Args:
        script: Name of a file in ``workers``.
        python: The interpreter: ours, or ``SYSTEM_PYTHON`` for what Debian packages for its own.
        environment: Added to the environment.
    """

    def __init__(self, script: str, *, python: str = sys.executable, environment: dict[str, str] | None = None) -> None:
        self.name = script
        self._errors: list[str] = []
        self._process = subprocess.Popen(
            [python, str(WORKERS / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read_answers, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def _read_answers(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # a library that prints to stdout is not an answer
                self._answers.put(line)
        self._answers.put("")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors = [*self._errors[-19:], line.rstrip()]

    @property
    def pid(self) -> int:
        """Of the process, for /proc."""
        return self._process.pid

    def ask(self, do: str, *, timeout_s: float = 120.0, **arguments: Any) -> dict[str, Any]:
        """Have the worker's function of this name called with these arguments; its answer.

        Raises:
            RivalMissing: What the worker needs is not installed.
            CheckFailed: It failed, died, or did not answer in time.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=timeout_s)
        except (BrokenPipeError, queue.Empty) as error:
            self.close()
            message = f"{self.name}: no answer to {do!r} within {timeout_s} s: {' | '.join(self._errors[-5:])}"
            raise CheckFailed(message) from error
        if not line:
            message = f"{self.name}: died on {do!r}: {' | '.join(self._errors[-5:])}"
            raise CheckFailed(message)
        answer: dict[str, Any] = json.loads(line)
        if "missing" in answer:
            raise RivalMissing(answer["missing"])
        if "error" in answer:
            raise CheckFailed(f"{self.name}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process; kills it where it does not go by itself."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
