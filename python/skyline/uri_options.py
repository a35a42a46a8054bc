"""What stands after the ``?`` of a URI: the keyword arguments of the sink's factory."""

import inspect
import types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import unquote

from skyline.errors import SinkError

_BOOLS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_NUMBERS: dict[type, str] = {int: "a whole number", float: "a number"}


def options_of(factory: Callable[..., object], query: str) -> dict[str, Any]:
    """The query as keyword arguments of a factory, each of the type its signature says.

    Raises:
        SinkError: An option that the factory does not have, or a value of another type.
    """
    options, rest = split_options(factory, query)
    if rest:
        unknown = rest.partition("&")[0].partition("=")[0]
        accepted = ", ".join(_keywords(factory)) or "none"
        message = f"unknown option {unknown!r} for {factory.__name__}, accepted: {accepted}"
        raise SinkError(message)
    return options


def split_options(factory: Callable[..., object], query: str) -> tuple[dict[str, Any], str]:
    """The options a factory has, and the rest of the query as it stands, which is the server's.

    Raises:
        SinkError: A value of another type than the option's.
    """
    keywords = _keywords(factory)
    options: dict[str, Any] = {}
    rest = []
    for one in query.split("&") if query else ():
        name, _, value = one.partition("=")
        if name in keywords:
            options[name] = _value_of(name, unquote(value), keywords[name])  # a plus sign is one
        else:
            rest.append(one)
    return options, "&".join(rest)


def _keywords(factory: Callable[..., object]) -> dict[str, tuple[Any, ...]]:
    """Name → the types that the argument may have."""
    given = {
        name: parameter.annotation
        for name, parameter in inspect.signature(factory).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    # Of these alone: what stands in front of them may have a type that is only there for a checker.
    hints = get_type_hints(types.SimpleNamespace(__annotations__=given), inspect.getmodule(factory).__dict__)
    return {name: _alternatives(hint) for name, hint in hints.items()}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _value_of(name: str, text: str, types_: tuple[Any, ...]) -> Any:
    if bool in types_:
        if text.lower() not in _BOOLS:
            message = f"option {name} is {text!r}, expected true or false"
            raise SinkError(message)
        return _BOOLS[text.lower()]
    for kind, words in _NUMBERS.items():
        if kind in types_:
            try:
                return kind(text)
            except ValueError:
                message = f"option {name} is {text!r}, expected {words}"
                raise SinkError(message) from None
    if str in types_ or any(get_origin(one) is Literal for one in types_):
        return text
    message = f"option {name} cannot be said in a URI; call the function of skyline.sinks"
    raise SinkError(message)
