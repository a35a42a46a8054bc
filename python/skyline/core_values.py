"""Turns our values into those of the native core."""

from dataclasses import replace

from skyline import _core
from skyline.elements import Element
from skyline.silence import AAC_ENCODERS
from skyline.sinks.sink import OutputPlan


def element_specs(chain: tuple[Element, ...]) -> list[_core.ElementSpec]:
    """The chain as the core makes it."""
    return [
        _core.ElementSpec(element.factory, dict(element.properties), dict(element.if_supported), element.name)
        for element in chain
    ]


def recipe(plan: OutputPlan) -> _core.Recipe:
    """The output as the core makes it."""
    return _core.Recipe(
        name=plan.name,
        chain=element_specs(plan.chain),
        location=plan.location,
        part_names=plan.part_names,
        part_ns=plan.part_ns,
        part_bytes=plan.part_bytes,
        own_zero=plan.owns_zero,
        waits=plan.waits,
        max_units=plan.max_units,
        max_bytes=plan.max_bytes,
        silence=element_specs(tuple(map(_installed, plan.silence))),
    )


def _installed(element: Element) -> Element:
    """The element; for an AAC encoder that this machine lacks, another one."""
    if element.factory not in AAC_ENCODERS or _core.find_element(element.factory) is not None:
        return element
    others = (name for name in AAC_ENCODERS if _core.find_element(name) is not None)
    return replace(element, factory=next(others, element.factory))
