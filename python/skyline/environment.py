"""GStreamer's environment variables, as SkyLine's constructor sets them.

GStreamer reads them once, when the first stream of the process starts. Values are never logged.
"""

import importlib
import logging
import os
from pathlib import Path

_FROM_DOTENV = ("GST_PLUGIN_PATH",)
# The running process's loader read these long ago; setting them now only confuses.
_TOO_LATE = ("LD_LIBRARY_PATH", "LD_PRELOAD")


def prepare_environment(
    logger: logging.Logger, *, gst_log_file: str | None, gst_log_level: str | None, dotenv_path: str | None
) -> None:
    """Set ``GST_DEBUG_FILE``, ``GST_DEBUG`` and, from a ``.env`` file, ``GST_PLUGIN_PATH``.

    Args:
        logger: Told which names were set.
        gst_log_file: Where GStreamer logs; None leaves it.
        gst_log_level: What it logs, e.g. ``"*:3"``; None leaves it.
        dotenv_path: The file; None looks for ``.env`` in the working directory and above, and does without.

    Raises:
        ImportError: ``dotenv_path`` was given and python-dotenv is not installed.
        FileNotFoundError: ``dotenv_path`` was given and is no file.
    """
    if gst_log_file is not None:
        os.environ["GST_DEBUG_FILE"] = gst_log_file
    if gst_log_level is not None:
        os.environ["GST_DEBUG"] = gst_log_level
        os.environ.setdefault("GST_DEBUG_NO_COLOR", "1")
    path = _find_dotenv() if dotenv_path is None else Path(dotenv_path)
    if path is not None:
        _apply(path, logger, is_wanted=dotenv_path is not None)


def _find_dotenv() -> Path | None:
    here = Path.cwd()
    return next((folder / ".env" for folder in (here, *here.parents) if (folder / ".env").is_file()), None)


def _apply(path: Path, logger: logging.Logger, *, is_wanted: bool) -> None:
    if is_wanted and not path.is_file():
        message = f"dotenv_path is {str(path)!r}, which is no file"
        raise FileNotFoundError(message)
    try:
        dotenv = importlib.import_module("dotenv")  # an extra
    except ImportError as error:
        if is_wanted:
            message = "dotenv_path needs python-dotenv: pip install 'gst-skyline[dotenv]'"
            raise ImportError(message) from error
        return
    try:
        values = dotenv.dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        if is_wanted:
            raise
        logger.warning("%s cannot be read (%s); going on without it", path, type(error).__name__)
        return
    for name in _FROM_DOTENV:
        value = values.get(name)
        if value is not None:
            os.environ[name] = value
            logger.info("%s taken from %s", name, path)
    late = [name for name in _TOO_LATE if name in values]
    if late:
        logger.warning("%s in %s cannot be set from inside a running process; export it before", ", ".join(late), path)
