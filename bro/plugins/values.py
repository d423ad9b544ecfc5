"""Python values as scripts need them, by the types that scripts declare.

Plugins may be natural about values: text as str, an enum's value by its name, a record as a dict, any
iterable for a vector or set.  Numbers, strings, addresses and so on that are right already are passed on
as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bro.runtime import context
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.runtime.tables import Set, Table
from bro.runtime.values import EnumValue, Record
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

#: values that may come as text
_TEXTUAL: dict[str, tuple[type, Converter]] = {
    "addr": (Addr, Addr),
    "subnet": (Subnet, Subnet),
    "pattern": (Pattern, Pattern),
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
    converters = [_ENGINE.get(param.type.tag) or converter(param.type) for param in given]
    return program.dispatchers.get(name), about, [param.name for param in given], converters


def _no(value: Any, kind: t.Type) -> TypeError:
    return TypeError(f"a value of type {type(value).__name__} is no {kind.notation()}")


def converter(kind: t.Type) -> Converter:
    """What turns a Python value into one of a type; TypeError or ValueError for what does not fit."""
    make = _MAKERS.get(kind.tag)
    return _same if make is None else make(kind)


def _same(value: Any) -> Any:
    return value


def _bool(kind: t.Type) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, bool):
            return value
        raise _no(value, kind)

    return convert


def _number(kind: t.Type) -> Converter:
    low, high = (0, 1 << 64) if kind.tag == "count" else (-(1 << 63), 1 << 63)

    def convert(value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value < high:
            return value
        raise _no(value, kind)

    return convert


def _float(kind: t.Type) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise _no(value, kind)

    return convert


def _string(kind: t.Type) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode()
        raise _no(value, kind)

    return convert


def _textual(kind: t.Type) -> Converter:
    cls, parse = _TEXTUAL[kind.tag]

    def convert(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return parse(value)
        raise _no(value, kind)

    return convert


def _port(kind: t.Type) -> Converter:
    def convert(value: Any) -> Any:
        if isinstance(value, Port):
            return value
        if isinstance(value, str):
            number, _, transport = value.partition("/")
            return Port(int(number), transport or "unknown")
        raise _no(value, kind)

    return convert


def _enum(kind: t.Type) -> Converter:
    assert isinstance(kind, t.EnumType)
    module = kind.name.rpartition("::")[0]

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            program = context.current.program
            found = program.enum_value(value) or program.enum_value(f"{module}::{value}")
            if found is None or found.name not in kind.values:
                raise ValueError(f'"{value}" is no value of {kind.name}')
            return found
        if isinstance(value, EnumValue) and (value.name in kind.values or kind.name == "AllAnalyzers::Tag"):
            return value
        raise _no(value, kind)

    return convert


def _record(kind: t.Type) -> Converter:
    assert isinstance(kind, t.RecordType)
    fields: dict[str, Converter] = {}

    def convert(value: Any) -> Any:
        cls = context.current.program.record_class(kind.name)
        if isinstance(value, Record):
            if cls is not None and not isinstance(value, cls):
                raise TypeError(f"a {type(value).__name__} is no {kind.name}")
            return value
        if not isinstance(value, Mapping) or cls is None:
            raise _no(value, kind)
        given: dict[str, Any] = {}
        for name, item in value.items():
            field = kind.field(name)
            if field is None:
                raise ValueError(f"{kind.name} has no field {name}")
            if item is not None:
                if name not in fields:
                    fields[name] = converter(field.type)
                given[name] = fields[name](item)
        for field in kind.fields:
            if not field.optional and not field.has_default and field.name not in given:
                raise ValueError(f"{kind.name} needs a value for field {field.name}")
        return cls(**given)

    return convert


def _vector(kind: t.Type) -> Converter:
    assert isinstance(kind, t.VectorType)
    element = converter(kind.element)

    def convert(value: Any) -> Any:
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise _no(value, kind)
        return [element(item) for item in value]

    return convert


def _table(kind: t.Type) -> Converter:
    assert isinstance(kind, t.TableType)
    parts = [converter(part) for part in kind.index_types]
    item = None if kind.yield_type is None else converter(kind.yield_type)

    def index(key: Any) -> Any:
        if len(parts) == 1:
            return parts[0](key)
        if not isinstance(key, tuple) or len(key) != len(parts):
            raise TypeError(f"an index of {kind.notation()} is a tuple of {len(parts)}")
        return tuple(part(one) for part, one in zip(parts, key, strict=True))

    def convert(value: Any) -> Any:
        if item is None:
            if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
                raise _no(value, kind)
            found: Any = Set()
            for key in value:
                found[index(key)] = True
            return found
        if not isinstance(value, Mapping):
            raise _no(value, kind)
        found = Table()
        for key, one in value.items():
            found[index(key)] = item(one)
        return found

    return convert


_MAKERS: dict[str, Callable[[t.Type], Converter]] = {
    "bool": _bool,
    "count": _number,
    "int": _number,
    "double": _float,
    "time": _float,
    "interval": _float,
    "string": _string,
    "addr": _textual,
    "subnet": _textual,
    "pattern": _textual,
    "port": _port,
    "enum": _enum,
    "record": _record,
    "vector": _vector,
    "table": _table,
}
