"""Python values as scripts need them, by the types that scripts declare: `bro.api.convert` for plugins.

Plugins may be natural about values: text as str, an enum's value by its name, a record as a dict.  Numbers,
strings and the like that are right already are passed on by the engine as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bro.runtime import context
from bro.script import types as t

Converter = Callable[[Any], Any]

#: types whose values the engine checks by itself, by what it calls them
_ENGINE = {
    "bool": "bool",
    "count": "count",
    "int": "int",
    "double": "float",
    "time": "float",
    "interval": "float",
    "string": "string",
}


def event_parameters(program: Any, name: str) -> tuple[Any, str, list[str], list[Any]]:
    """What the engine needs to raise an event for a plugin.

    :returns: the dispatcher or None; what the event is about, "connection", "file" or ""; names of the
        parameters that the plugin gives; for each what the engine calls its type, or a function.
    :raises ValueError: no event of that name is declared.
    """
    declared = program.variable_type(name) if name in program.events else None
    if not isinstance(declared, t.FuncType) or declared.flavor != "event":
        raise ValueError(f"no event {name} is declared")
    params = list(declared.params)
    about = ""
    if params and isinstance(params[0].type, t.RecordType):
        about = {"connection": "connection", "fa_file": "file"}.get(params[0].type.name, "")
    given = params[1:] if about else params
    converters = [
        _ENGINE.get(param.type.tag) or converter(param.type, f"event {name}: parameter {param.name}")
        for param in given
    ]
    return program.dispatchers.get(name), about, [param.name for param in given], converters


def converter(kind: t.Type, what: str) -> Converter:
    """What turns a Python value into one of a type.

    :param what: what the value is for, in messages.
    :returns: a function that raises TypeError for what does not fit.
    """
    from bro.api.convert import to_bro
    from bro.api.errors import BroError

    def convert(value: Any) -> Any:
        try:
            return to_bro(value, kind, context.current.program, what)
        except BroError as error:
            raise TypeError(str(error)) from None

    return convert
