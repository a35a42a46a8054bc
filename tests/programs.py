"""Programs that tests start, and the interpreter of the system, which has modules that no wheel brings."""

import functools
import os
import shutil
import subprocess

# Debian's own: the one with PyGObject, and with a cv2 that was built with GStreamer.
SYSTEM_PYTHON = "/usr/bin/python3"

# Where Debian keeps servers; not on everybody's PATH.
_MORE_PATHS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def find_program(name: str) -> str | None:
    """Where a program is; None if it is not installed."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_MORE_PATHS]))


def program(name: str) -> str:
    """Where a program is that the test has asked for with ``needs_program``."""
    found = find_program(name)
    assert found is not None, f"{name} is not installed; mark the test with needs_program({name!r})"
    return found


@functools.cache
def is_in_system_python(module: str) -> bool:
    """Whether the system's interpreter has a module; a typelib is ``gi.repository.GstRtspServer``."""
    command = [SYSTEM_PYTHON, "-c", f"import importlib; importlib.import_module({module!r})"]
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False, env=clean_env()).returncode == 0
    except FileNotFoundError:
        return False


def clean_env() -> dict[str, str]:
    """The environment for a program that is none of ours: no strictness and no sanitizer that were meant for us."""
    ours = {"G_DEBUG", "LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in ours}
