"""GStreamer elements as values, and as text that ``gst-launch-1.0`` runs.

A value decides nothing and runs nothing: the core makes the elements and sets their properties, so no
text of a user's is ever parsed. The text is for people.
"""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from skyline.errors import SinkError

PropertyValue = bool | int | float | str | bytes


class Properties(Mapping[str, PropertyValue]):
    """Names and values of properties; cannot be changed, can be hashed, pickled and compared."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, PropertyValue] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, name: str) -> PropertyValue:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


@dataclass(frozen=True)
class Element:
    """One element of a chain.

    Attributes:
        factory: GStreamer's name for it, e.g. ``"x264enc"``.
        properties: Must exist. Texts on enum, flags, caps and structure properties are read as
            GStreamer reads them in a launch line.
        if_supported: Set where this version of the element has them.
        name: Its name in the pipeline; empty lets GStreamer choose.
    """

    factory: str
    # Not shown: a location, a passphrase or a password would be in every traceback that shows local variables.
    properties: Mapping[str, PropertyValue] = field(default_factory=Properties, repr=False)
    if_supported: Mapping[str, PropertyValue] = field(default_factory=Properties, repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", Properties(self.properties))
        object.__setattr__(self, "if_supported", Properties(self.if_supported))


def caps_filter(caps: str) -> Element:
    """An element that lets only these caps through."""
    return Element("capsfilter", {"caps": caps})


def launch_text(chain: Iterable[Element]) -> str:
    """The chain as one line for a shell, after the words ``gst-launch-1.0``.

    Runs through a terminal, ``sh -c`` and a script; every path and text survives byte for byte.

    Raises:
        SinkError: A path is not UTF-8, which GStreamer's parser refuses.
    """
    texts: list[str] = []
    was_bare = False
    for element in chain:
        # Caps may stand for their filter, but not twice in a row: the launch parser takes them for the link.
        is_bare = element.factory == "capsfilter" and set(element.properties) == {"caps"} and not was_bare
        texts.append(shlex.quote(str(element.properties["caps"])) if is_bare else _element_text(element))
        was_bare = is_bare
    return " ! ".join(texts)


def _element_text(element: Element) -> str:
    words = [element.factory]
    if element.name:
        words.append(f"name={_value_text(element.name)}")
    both = {**element.if_supported, **element.properties}
    words.extend(f"{name}={_value_text(value)}" for name, value in both.items())
    return " ".join(words)


def _value_text(value: PropertyValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    raw = os.fsencode(value)
    if raw and all(_is_plain(byte) for byte in raw):
        return raw.decode("ascii")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        message = (
            f"{os.fsdecode(raw)!r} is not UTF-8, so no launch text can say it; as a path it can be used all the same"
        )
        raise SinkError(message) from error
    # gst-launch-1.0 takes off double quotes; a backslash or quote inside needs the safer spelling.
    return shlex.quote(_octal(raw) if '"' in text or "\\" in text else f'"{text}"')


def _is_plain(byte: int) -> bool:
    return byte < 0x80 and (chr(byte).isalnum() or chr(byte) in "_-+/:.,%@")


def _octal(raw: bytes) -> str:
    # Two readers take one level of backslashes each: the launch parser, then the string property.
    body = "".join(chr(byte) if _is_wrapped_plain(byte) else f"\\\\{byte:03o}" for byte in raw)
    return f'\\"{body}\\"'


def _is_wrapped_plain(byte: int) -> bool:
    # What gst_string_unwrap takes unescaped.
    return byte < 0x80 and (chr(byte).isalnum() or chr(byte) in "_-+/:.")
