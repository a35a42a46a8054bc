"""A program at the other end: started within a bound, stopped, killed, frozen, started again; its words kept."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

from tests.programs import clean_env

START_S = 10.0
STOP_S = 5.0


class PeerProcess:
    """One program, in a session of its own so that its children end with it.

    Args:
        command: Program and arguments.
        log: Where its stdout and stderr go; a file, so that nobody has to read a pipe.
        is_ready: Whether it can be used. Starting waits for it, and fails where the program ends before.
        env: On top of the environment.
        stdout: Where its stdout goes instead, for a program whose stdout is what it received.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        *,
        is_ready: Callable[[], bool] = lambda: True,
        env: dict[str, str] | None = None,
        stdout: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.command = [str(word) for word in command]
        self.log = log
        self.stdout = stdout
        self._is_ready = is_ready
        self._env = {**clean_env(), **(env or {})}
        self._pass_fds = pass_fds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self._child is not None, "never started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def said(self) -> str:
        """What it has printed so far, in all its lives."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self) -> None:
        """Start it and wait until it can be used."""
        assert not self.is_running, "already running"
        with contextlib.ExitStack() as files:
            log = files.enter_context(self.log.open("ab"))
            out = log if self.stdout is None else files.enter_context(self.stdout.open("wb"))
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=self._env,
                start_new_session=True,
                pass_fds=self._pass_fds,
            )
        deadline = time.monotonic() + START_S
        while not self._is_ready():
            if not self.is_running or time.monotonic() > deadline:
                how = f"ended with {self._child.returncode}" if not self.is_running else f"not ready in {START_S} s"
                self.kill()
                message = f"{self.command[0]} {how}:\n{self.said}"
                raise AssertionError(message)
            time.sleep(0.005)

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = STOP_S) -> int:
        """Ask it to end, the way its user would; one that does not is killed, and fails the test."""
        if self._child is None:
            return 0
        self.signal(signal.SIGCONT)
        self.signal(number)
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"{self.command[0]} did not end {timeout_s} s after {number.name}:\n{self.said}"
            raise AssertionError(message) from None

    def wait(self, timeout_s: float) -> int:
        """Wait for it to end by itself; its exit status."""
        assert self._child is not None, "never started"
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"{self.command[0]} still ran after {timeout_s} s:\n{self.said}"
            raise AssertionError(message) from None

    def kill(self) -> None:
        """End it at once, without a word to anybody: SIGKILL."""
        if self._child is not None:
            self.signal(signal.SIGKILL)
            self._child.wait()

    def freeze(self) -> None:
        """Stop its time: its sockets stay open and nobody reads them."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def restart(self) -> None:
        """Kill it if it runs, and start it again: same command, same ports."""
        self.kill()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """To it and its children, if it runs."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
