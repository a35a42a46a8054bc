"""The command ``skyline``: one module per subcommand, and what becomes of an error.

This module imports neither typer nor rich, so that it can say how to get them.
"""

import logging
import sys

from skyline.errors import SkyLineError

_EXTRA_OF_MODULE = {"cv2": "opencv", "rich": "cli", "typer": "cli"}


class CommandError(Exception):
    """Something the user can mend; the text is all they see."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed with one line on stderr, 2 wrong usage."""
    # An error is one line, which this prints; what the streams log about it would be a second.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        from skyline.cli.app import app

        app()
    except (CommandError, SkyLineError) as error:
        sys.exit(f"skyline: {error}")
    except ImportError as error:
        sys.exit(f"skyline: {_how_to_get(error)}")


def _how_to_get(error: ImportError) -> str:
    if "libGL" in str(error):
        # The opencv-python wheel has windows, and those need a library that servers do not have.
        return f"OpenCV does not load here ({error}): pip uninstall opencv-python; pip install opencv-python-headless"
    extra = _EXTRA_OF_MODULE.get((error.name or "").partition(".")[0])
    if extra is None:
        raise error
    return f"this command needs {error.name}: pip install 'gst-skyline[{extra}]'"
