"""Waiting for what another thread or program makes true, with a bound."""

import time
from collections.abc import Callable


def until(condition: Callable[..., bool], timeout_s: float = 10.0) -> bool:
    """Look again and again; whether it came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()
