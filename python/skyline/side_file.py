"""A file beside a stream, that its readers need before they can read it."""

import contextlib
import os
import tempfile
from pathlib import Path

from skyline.errors import ResourceError


def write_side_file(path: str, content: bytes) -> None:
    """Write it whole or not at all: a reader that looks meanwhile sees the old one.

    Raises:
        ResourceError: The path cannot be written.
    """
    try:
        folder = Path(path).parent
        descriptor, draft = tempfile.mkstemp(prefix=".", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(draft).chmod(0o644)  # for a player of anybody's
            Path(draft).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(draft).unlink()
            raise
    except OSError as error:
        message = f'Could not write "{path}": {error.strerror or error}'
        raise ResourceError(message, domain="resource", element=Path(path).name) from error
