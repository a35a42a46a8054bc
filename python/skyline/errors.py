"""Everything that Skyline raises.

::

    SkyLineError
     ├── FrameError (ValueError)            what came, what is accepted, what to do
     ├── SinkError (ValueError)             bad URI, unknown scheme, impossible combination
     ├── MissingElementError (LookupError)  .element .hint
     ├── StateError (RuntimeError)          put before start, after stop, after fork
     └── PipelineError (RuntimeError)       .element .domain .code .message .debug .description
          ├── NegotiationError              caps do not fit
          ├── ResourceError (OSError)       file, device, network; .errno where the cause is known
          ├── LibraryError                  an encoder or muxer library
          └── StreamError                   the data itself

Secrets were removed from every text before it came here.
"""

import errno
import os
from typing import Any

from skyline.packages import install_line


class SkyLineError(Exception):
    """The root of all errors of Skyline."""


class FrameError(SkyLineError, ValueError):
    """A frame does not fit the stream. The stream goes on."""


class SinkError(SkyLineError, ValueError):
    """A sink, an encoder or an option that cannot work as asked."""


class StateError(SkyLineError, RuntimeError):
    """A call that the stream cannot answer now: before start, after stop, after fork."""


class MissingElementError(SkyLineError, LookupError):
    """A GStreamer element that this machine does not have.

    Attributes:
        element: Name of the element, e.g. ``"x264enc"``.
        hint: What installs it on Debian and Ubuntu, e.g. ``"apt install gstreamer1.0-plugins-ugly"``; empty where the package is unknown.
    """

    def __init__(self, element: str, hint: str = "", message: str = "") -> None:
        self.element = element
        self.hint = hint
        self.message = message or f'GStreamer has no element "{element}"'
        super().__init__(f"{self.message}; install it with: sudo {hint}" if hint else self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.element, self.hint, self.message)


class PipelineError(SkyLineError, RuntimeError):
    """A running pipeline failed; the first error of its bus.

    Attributes:
        element: Name of the element that failed, e.g. ``"filesink"``.
        domain: GStreamer's error domain: ``"core"``, ``"library"``, ``"resource"``, ``"stream"``;
            ``"parse"`` for launch text that GStreamer cannot read.
        code: GStreamer's code inside the domain.
        message: GStreamer's text for people.
        debug: GStreamer's text for developers.
        description: The pipeline as launch text, for reading.
    """

    def __init__(
        self,
        message: str,
        *,
        element: str = "",
        domain: str = "",
        code: int = 0,
        debug: str = "",
        description: str = "",
    ) -> None:
        super().__init__(message)
        self.element = element
        self.domain = domain
        self.code = code
        self.message = message
        self.debug = debug
        self.description = description

    def __str__(self) -> str:
        text = f"{self.element}: {self.message}" if self.element else self.message
        cause = self._cause()
        return f"{text.rstrip('. ')}: {cause}" if cause else text

    def _cause(self) -> str:
        """What the message alone does not say; empty where it says all."""
        return ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, _fields_of(self))


class NegotiationError(PipelineError):
    """Two elements cannot agree on caps."""

    def _cause(self) -> str:
        if _NOT_NEGOTIATED_WORDS in self.debug and _NOT_NEGOTIATED_WORDS not in self.message:
            return "the caps were not accepted downstream (not-negotiated)"
        return ""


class ResourceError(PipelineError, OSError):
    """A file, a device or the network. ``errno`` is None where the cause is not known."""

    errno: int | None

    def __init__(self, message: str, **fields: Any) -> None:
        PipelineError.__init__(self, message, **fields)
        self.errno = _errno_of(self.code, message, self.debug)
        self.strerror = os.strerror(self.errno) if self.errno is not None else message

    def _cause(self) -> str:
        words = self.strerror or ""
        return "" if self.errno is None or words in self.message else words


class LibraryError(PipelineError):
    """A library behind an element failed, mostly an encoder or a muxer."""


class StreamError(PipelineError):
    """The data itself: wrong, missing or not understood."""


def make_error(kind: str, message: str, fields: dict[str, Any]) -> Exception:
    """Build the exception for an error of the native core.

    Args:
        kind: Name of the class, or of the nearest one this module knows.
        message: What to say; used where ``fields`` has no ``message`` of its own.
        fields: The keys of a bus error, or ``{"element": name}``.
    """
    if kind == "MissingElementError":
        element = str(fields.get("element", ""))
        return MissingElementError(element, install_line(element))
    if kind == "PipelineError":
        known = {key: fields[key] for key in _FIELDS if key in fields}
        text = str(fields.get("message") or message)
        return _class_of(str(known.get("domain", "")), int(known.get("code", 0)), known)(text, **known)
    plain = {"FrameError": FrameError, "SinkError": SinkError, "StateError": StateError}
    return plain.get(kind, SkyLineError)(message)


_FIELDS = ("element", "domain", "code", "debug", "description")

# Codes of gsterror.h and gstparse.h.
_NOT_NEGOTIATED = {("core", 7), ("core", 8), ("core", 9), ("core", 10), ("parse", 3)}  # NEGOTIATION to CAPS, LINK
_NOT_NEGOTIATED_WORDS = "not-negotiated"
_ERRNO_OF_RESOURCE = {3: errno.ENOENT, 4: errno.EBUSY, 14: errno.ENOSPC, 15: errno.EACCES}
_ERRNO_OF_WORDS = tuple(
    (os.strerror(number), number)
    for number in (
        *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENOSPC, errno.EROFS),
        *(errno.EDQUOT, errno.ENAMETOOLONG, errno.EMFILE, errno.EBUSY, errno.ECONNREFUSED, errno.EIO),
    )
)


def _class_of(domain: str, code: int, fields: dict[str, Any]) -> type[PipelineError]:
    # Elements report refused caps as a general stream error; only the debug text tells.
    if (domain, code) in _NOT_NEGOTIATED or _NOT_NEGOTIATED_WORDS in str(fields.get("debug", "")):
        return NegotiationError
    classes = {"resource": ResourceError, "library": LibraryError, "stream": StreamError}
    return classes.get(domain, PipelineError)


def _errno_of(code: int, message: str, debug: str) -> int | None:
    for words, number in _ERRNO_OF_WORDS:
        if words in debug:
            return number
    if code in _ERRNO_OF_RESOURCE:
        return _ERRNO_OF_RESOURCE[code]
    return next((number for words, number in _ERRNO_OF_WORDS if words in message), None)


def _fields_of(error: PipelineError) -> dict[str, Any]:
    return {key: getattr(error, key) for key in _FIELDS}


def _rebuild(cls: type[PipelineError], message: str, fields: dict[str, Any]) -> PipelineError:
    return cls(message, **fields)
