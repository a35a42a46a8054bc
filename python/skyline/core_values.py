"""Turns our values into those of the native core."""

from skyline import _core
from skyline.elements import Element
from skyline.sinks.callback import CallbackPlan
from skyline.sinks.ring import RingPlan
from skyline.sinks.sink import OutputPlan, Plan
from skyline.unit_thread import UnitThread


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
        playlist=plan.playlist,
    )


def hang(lane: _core.EncodeLane, plan: Plan) -> _core.Output:
    """Open what the plan describes and hang it on the lane; one branch for each kind of output the core has."""
    if isinstance(plan, OutputPlan):
        return lane.add_output(recipe(plan))
    if isinstance(plan, RingPlan):
        return lane.add_ring(name=plan.name, least_ns=plan.least_ns, max_bytes=plan.max_bytes)
    if isinstance(plan, CallbackPlan):
        output = lane.add_callback(
            name=plan.name, waits=plan.waits, max_units=plan.max_units, max_bytes=plan.max_bytes
        )
        UnitThread(output, plan.take, plan.codec)
        return output
    message = f"the core has no output for a {type(plan).__name__}"
    raise AssertionError(message)
