"""What the core tells of an element: the records behind ``skyline doctor --element``."""

from typing import Literal, TypedDict


class ElementInfo(TypedDict):
    """What the registry knows of an element."""

    name: str
    plugin: str
    version: str
    klass: str
    rank: int


class PropertyDetails(TypedDict):
    """One property."""

    name: str
    type: str
    value: str  # by default, as launch text has it
    range: str  # "0 - 100" of a number, or ""
    choices: list[str]  # of an enum or flags
    flags: list[str]
    owner: str
    blurb: str


class SignalDetails(TypedDict):
    """One signal; an action is one that a program emits."""

    name: str
    returns: str
    parameters: list[str]
    is_action: bool


class CapsDetails(TypedDict):
    """One structure of the caps of a pad template."""

    media: str
    fields: dict[str, list[str]]


class PadDetails(TypedDict):
    """One pad template."""

    name: str
    direction: Literal["sink", "src"]
    presence: Literal["always", "sometimes", "request"]
    caps: list[CapsDetails]  # none: any


class ElementDetails(TypedDict):
    """All of an element, as gst-inspect has it."""

    name: str
    long_name: str
    klass: str
    description: str
    author: str
    plugin: str  # empty for an element of Skyline's own
    version: str
    rank: int
    pads: list[PadDetails]
    properties: list[PropertyDetails]
    signals: list[SignalDetails]
