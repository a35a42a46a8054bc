"""How a command that runs until it is told to stop is told."""

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def ends_quietly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block; what follows finalises what was begun."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
