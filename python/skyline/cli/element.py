"""What one GStreamer element is and can do, shown as ``gst-inspect-1.0`` does, shorter and for Skyline's own too."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from skyline import _core
from skyline.cli.display import console
from skyline.errors import MissingElementError
from skyline.packages import install_line

if TYPE_CHECKING:
    from skyline.element_records import CapsDetails, ElementDetails, PadDetails, PropertyDetails, SignalDetails

_SHOWN_VALUES = 12
_WHOLE_RANGES = ("[ 1, 2147483647 ]", "[ 0/1, 2147483647/1 ]", "[ 0, 2147483647 ]")
_USUAL_FLAGS = ("readable", "writable")


def look_up(name: str) -> "ElementDetails":
    """Everything about an element.

    Raises:
        MissingElementError: This machine does not have it.
    """
    details = _core.element_details(name)
    if details is None:
        raise MissingElementError(name, install_line(name))
    return details


def show_element(details: "ElementDetails") -> None:
    """Print it for people."""
    plugin = f"plugin {details['plugin']} {details['version']}" if details["plugin"] else "Skyline's own"
    console.print(f"[bold]{escape(details['name'])}[/]   {escape(details['long_name'])}   ({escape(plugin)})")
    console.print(f"{details['description']}\n{details['klass']}   rank {details['rank']}", markup=False)
    console.print("\nPads")
    for pad in details["pads"]:
        _show_pad(pad)
    _show_properties(details["properties"])
    if details["signals"]:
        console.print("\nSignals")
        for signal in details["signals"]:
            console.print(f"  {_signature(signal)}", markup=False)


def _show_pad(pad: "PadDetails") -> None:
    console.print(f"  {pad['name']} ({pad['direction']}, {pad['presence']})", markup=False)
    for line in map(_caps_text, pad["caps"]) if pad["caps"] else ["anything"]:
        console.print(f"    {line}", markup=False)


def _caps_text(caps: "CapsDetails") -> str:
    fields = (
        f"{name}={values_text(values)}"
        for name, values in caps["fields"].items()
        if not (len(values) == 1 and values[0] in _WHOLE_RANGES)
    )
    return ", ".join((caps["media"], *fields))


def values_text(values: Sequence[str]) -> str:
    """All values of a few, the first of many and how many there are."""
    if len(values) == 1:
        return values[0]
    shown = " ".join(values[:_SHOWN_VALUES])
    return f"{{{shown}}}" if len(values) <= _SHOWN_VALUES else f"{{{shown} … {len(values)} in all}}"


def _show_properties(properties: "list[PropertyDetails]") -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
    for one in properties:
        if one["owner"] == "GstObject":
            continue  # name and parent, which every element has
        values = one["range"] or " ".join(one["choices"])
        facts = (f"{one['type']} = {one['value']}", f"({values})" if values else "", *_unusual_flags(one))
        table.add_row(escape(one["name"]), escape("   ".join(filter(None, facts)) + f"\n{one['blurb']}"))
    console.print("\nProperties, with their defaults")
    console.print(table)


def _unusual_flags(one: "PropertyDetails") -> Iterator[str]:
    if "writable" not in one["flags"]:
        yield "read-only"
    if "readable" not in one["flags"]:
        yield "write-only"
    yield from (flag for flag in one["flags"] if flag not in _USUAL_FLAGS)


def _signature(signal: "SignalDetails") -> str:
    action = "   (action)" if signal["is_action"] else ""
    return f"{signal['name']}({', '.join(signal['parameters'])}) -> {signal['returns']}{action}"
