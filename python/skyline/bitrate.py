"""The target of a running encoder: which property it is, when it means something, and how it is changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skyline.encoder_table import TABLE
from skyline.encoders import instead_of_bitrate
from skyline.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyline._core import LiveElement
    from skyline.encoder_row import EncoderRow

_LEAST_CEILING_KBPS = 50_000  # of H.264 level 4.1, which everything plays
_AT_OPEN = "give bitrate_kbps= to the encoder when the stream is opened, or call set_bitrate before the first frame"
_IN_TEXT = "take constant quality out of the description"


def check_can_change(row: EncoderRow, value_of: Callable[[str], object]) -> None:
    """Raise SinkError where a target would change nothing, saying what to do instead."""
    if row.bitrate is None:
        message = f"{row.factory} has no bitrate; set instead: {instead_of_bitrate(row.codec)}"
        raise SinkError(message)
    name = _quality_property(row, value_of)
    if name:
        message = (
            f"{row.factory} encodes with constant quality ({name}={value_of(name)}), where a bitrate changes nothing; "
            f"{_AT_OPEN}; in a description of your own, {_IN_TEXT}"
        )
        raise SinkError(message)


def target_kbps(row: EncoderRow, value_of: Callable[[str], object]) -> float | None:
    """The target that an element with these properties has; None without one, or with constant quality."""
    if row.bitrate is None or _quality_property(row, value_of):
        return None
    name, bits_per_unit = row.bitrate
    target = int(str(value_of(name) or 0))
    return target * bits_per_unit / 1000 or None


def change_target(element: LiveElement, row: EncoderRow, kbps: float) -> None:
    """Change the target of one element, from its next frame on.

    Raises:
        SinkError: It has none, or encodes with constant quality.
    """
    check_can_change(row, element.property)
    for name, value in row.in_units(kbps * 1000).items():
        ceiling = int(element.property(row.bitrate_ceiling) or 0) if row.bitrate_ceiling else 0
        if 0 < ceiling < value:
            message = (
                f"kbps is {kbps}, but {row.bitrate_ceiling} of {element.name} is {ceiling}: the target must not exceed it; "
                f"set that property higher when the stream is opened"
            )
            raise SinkError(message)
        element.change(name, value)


def settle_level(element: LiveElement, row: EncoderRow, kbps: float | None) -> bool:
    """Playing, before the first frame: let the level in the headers be one that later targets have room in.

    Returns:
        False where a later target would change the level.
    """
    if not row.bitrate_ceiling:
        return not row.pins_level or "level-idc=" in (element.property("option-string") or "")
    if element.property(row.bitrate_ceiling) != "0":
        return False
    (most,) = row.in_units(1000 * max(_LEAST_CEILING_KBPS, 2 * (kbps or 0))).values()
    element.change(row.bitrate_ceiling, most)
    return True


def refuse_new_level(element: LiveElement, row: EncoderRow) -> None:
    """Raise SinkError: a new target would be a new level in the headers, which ends a file that is being written."""
    if row.bitrate_ceiling:
        message = (
            f"{element.name} would change the level in its headers with its bitrate, which no file can follow; take "
            f"{row.bitrate_ceiling} out of the description, and the level has room from the start"
        )
        raise SinkError(message)
    message = (
        f"{element.name} would change the level in its headers with its bitrate, which no file can follow; say one in "
        f"the description: {row.factory} option-string=level-idc=4.1"
    )
    raise SinkError(message)


def only_encoder(elements: Sequence[LiveElement]) -> tuple[LiveElement, EncoderRow]:
    """The one element whose target is known how to change.

    Raises:
        SinkError: There is none, or several; names what there is.
    """
    rows = {row.factory: row for row in TABLE}
    known = [element for element in elements if element.factory in rows]
    adjustable = [element for element in known if rows[element.factory].bitrate is not None] or known
    if len(adjustable) == 1:
        return adjustable[0], rows[adjustable[0].factory]
    named = ", ".join(f"{element.name} ({element.factory})" for element in adjustable or elements)
    if adjustable:
        message = f"several elements encode here: {named}; there is no telling which one is meant"
    elif named:
        message = f"{named}: not known how to change its bitrate; known are {', '.join(row.factory for row in TABLE if row.bitrate)}"
    else:
        message = "nothing encodes in this pipeline, so it has no bitrate"
    raise SinkError(message)


def _quality_property(row: EncoderRow, value_of: Callable[[str], object]) -> str:
    for name, pattern in row.constant_when.items():
        value = value_of(name)
        if value is not None and re.fullmatch(pattern, str(value)):
            return name
    return ""
