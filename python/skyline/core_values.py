"""Turns our values into those of the native core."""

from dataclasses import replace

from skyline import _core
from skyline.elements import Element
from skyline.rtsp_core import server_of
from skyline.side_file import write_side_file
from skyline.silence import AAC_ENCODERS
from skyline.sinks.callback import CallbackPlan
from skyline.sinks.ring import RingPlan
from skyline.sinks.rtsp_server import MountPlan
from skyline.sinks.sink import OutputPlan, Plan, RawPlan, Retry
from skyline.unit_thread import UnitThread

_NS = 1_000_000_000


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
        retry=None if plan.retry is None else _retry(plan.retry),
        linger_ns=round(plan.linger_s * _NS),
        silence=element_specs(tuple(map(_installed, plan.silence))),
        datagram_bytes=plan.datagram_bytes,
    )


def raw_recipe(plan: RawPlan) -> _core.Recipe:
    """The raw output as the core makes it."""
    return _core.Recipe(
        name=plan.name, chain=element_specs(plan.chain), own_zero=False, max_units=plan.max_frames, hint=plan.hint
    )


def hang(lane: _core.EncodeLane, plan: Plan) -> _core.Output:
    """Open what the plan describes and hang it on the lane; one branch for each kind of output the core has."""
    if isinstance(plan, OutputPlan):
        if plan.side_file is not None:
            write_side_file(*plan.side_file)
        return lane.add_output(recipe(plan))
    if isinstance(plan, RingPlan):
        return lane.add_ring(name=plan.name, least_ns=plan.least_ns, max_bytes=plan.max_bytes)
    if isinstance(plan, CallbackPlan):
        output = lane.add_callback(name=plan.name, waits=plan.waits, max_units=plan.max_units, max_bytes=plan.max_bytes)
        UnitThread(output, plan.take, plan.codec)
        return output
    if isinstance(plan, RawPlan):
        return lane.add_raw_output(raw_recipe(plan))
    if isinstance(plan, MountPlan):
        return lane.add_mount(
            server_of(plan),
            name=plan.name,
            path=plan.path,
            chain=element_specs(plan.chain),
            on_demand=plan.on_demand,
            max_units=plan.max_units,
            max_bytes=plan.max_bytes,
        )
    message = f"the core has no output for a {type(plan).__name__}"
    raise AssertionError(message)


def _installed(element: Element) -> Element:
    """The element; for an AAC encoder that this machine lacks, another one."""
    if element.factory not in AAC_ENCODERS or _core.find_element(element.factory) is not None:
        return element
    others = (name for name in AAC_ENCODERS if _core.find_element(name) is not None)
    return replace(element, factory=next(others, element.factory))


def _retry(retry: Retry) -> _core.Retry:
    return _core.Retry(
        first_ns=round(retry.first_s * _NS), most_ns=round(retry.most_s * _NS), max_retries=retry.max_retries
    )
