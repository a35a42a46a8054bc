"""How long the kernel has kept a thread from a processor that it wanted: what strangers and encoders do to a wall clock."""

import os


class KeptWaiting:
    """Of the thread that makes this. Needs a kernel with schedstats; without them it is always 0."""

    def __init__(self):
        try:
            self._fd = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self._fd = -1

    def seconds(self):
        """Since the thread began."""
        return int(os.pread(self._fd, 100, 0).split()[1]) / 1e9 if self._fd >= 0 else 0.0
