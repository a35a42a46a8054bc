"""A URI taken apart. What is secret in it is in no text of this module's."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from skyline.errors import SinkError

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")

_ENCODE = "percent-encode what is special in user or password (@ is %40, / is %2F, : is %3A, # is %23)"


@dataclass(frozen=True)
class UriParts:
    """The parts of a URI.

    Attributes:
        scheme: In lower case.
        host: Name or address, IPv6 without its brackets; empty if there is none.
        port: None if there is none.
        path: As it stands, percent-encoded; empty or from its slash on.
        user: Decoded; None if there is none.
        password: Decoded. Never shown.
        query: As it stands, after the question mark. Never shown: tokens are passed there.
    """

    scheme: str
    host: str = ""
    port: int | None = None
    path: str = field(default="", repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    query: str = field(default="", repr=False)


def scheme_of(text: str) -> str | None:
    """The scheme in front of ``://``, in lower case; None where there is none."""
    match = SCHEME.match(text)
    return match and match[0].lower()


def parse_uri(text: str, *schemes: str) -> UriParts:
    """Take a URI apart.

    Args:
        text: The URI. A ``#`` is one of its characters, as in an SRT stream id.
        schemes: Those that are expected; none given takes any.

    Raises:
        SinkError: Another scheme, or a host or port that is none. The URI itself is not in the message.
    """
    scheme = scheme_of(text)
    if scheme is None or (schemes and scheme not in schemes):
        expected = " or ".join(f"{one}://" for one in schemes) or "scheme://"
        message = f"URI begins with {'no scheme' if scheme is None else scheme + '://'}, expected {expected}"
        raise SinkError(message)
    if any(character.isspace() or ord(character) < 0x20 for character in text):
        message = f"{scheme} URI has white space in it; write %20 for a blank"
        raise SinkError(message)
    try:
        split = urlsplit(text, allow_fragments=False)
        host = split.hostname or ""
    except ValueError:
        message = f"{scheme} URI has no readable host; an IPv6 address stands in brackets: {scheme}://[::1]:9000"
        raise SinkError(message) from None
    try:
        port = split.port
    except ValueError:
        port = 0
    if port == 0:  # whatever stands there may be half a password
        message = f"{scheme} URI has no port from 1 to 65535 after the host; {_ENCODE}"
        raise SinkError(message)
    user = None if split.username is None else unquote(split.username)
    password = None if split.password is None else unquote(split.password)
    return UriParts(scheme, host, port, split.path, user, password, split.query)
