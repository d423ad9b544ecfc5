"""Python values as those of the language, by the type they are for.

Values of the language's own classes pass as they are; besides, there are the obvious conversions: text for
strings, addresses and enum values, dictionaries and sets for tables, `ipaddress` and `datetime` objects.
"""

from __future__ import annotations

import datetime
import ipaddress
from typing import Any

from bro._engine import Addr, Pattern, Port, Subnet
from bro.api.errors import BroError
from bro.runtime.tables import Set, Table
from bro.runtime.values import Boxed, EnumValue, Record, box, index_key, type_of
from bro.script import types as t

_COUNT = range(2**64)
_INT = range(-(2**63), 2**63)


def to_bro(value: Any, type_: t.Type, program: Any, what: str = "value") -> Any:
    """A value of a type of the language.

    :param what: what it is for, in messages
    :raises BroError: when it is none of that type
    """
    if value is None:
        return None
    try:
        made = _convert(value, type_, program, what)
    except (ValueError, OverflowError) as error:
        raise BroError(f"{what}: {error}") from None
    if made is None:
        raise BroError(f"{what} is to be a {type_.notation()}, not {value!r}")
    return made


def _convert(value: Any, type_: t.Type, program: Any, what: str) -> Any:
    tag = type_.tag
    if tag == "any":
        return boxed(value)
    if value.__class__ is Boxed:
        value = value.value
    simple = _SIMPLE.get(tag)
    if simple is not None:
        return simple(value)
    if isinstance(type_, t.EnumType):
        return _enum(value, type_, program)
    if isinstance(type_, t.RecordType):
        return _record(value, type_, program, what)
    if isinstance(type_, t.VectorType):
        if isinstance(value, (list, tuple)):
            return [to_bro(v, type_.element, program, f"element of {what}") for v in value]
        return None
    if isinstance(type_, t.TableType):
        return _table(value, type_, program, what)
    return value


def boxed(value: Any) -> Any:
    """A value for an `any`: one whose class does not tell its type gets the likeliest."""
    if isinstance(value, str):
        return value.encode()
    if value.__class__ is int:
        return box(value, t.COUNT if value >= 0 else t.INT)
    if value.__class__ is float:
        return box(value, t.DOUBLE)
    if value.__class__ is list:
        element = type_of(value[0]) if value else t.ANY
        return box([v.encode() if isinstance(v, str) else v for v in value], t.VectorType(element))
    return value


def unboxed(value: Any) -> Any:
    """A value that scripts return, without the type that goes with some as an `any`."""
    return value.value if value.__class__ is Boxed else value


def _text(value: Any) -> bytes | None:
    return (
        value.encode()
        if isinstance(value, str)
        else bytes(value)
        if isinstance(value, (bytes, bytearray))
        else None
    )


def _whole(value: Any, allowed: range, name: str) -> int | None:
    if value.__class__ is bool or not isinstance(value, int):
        return None
    if value not in allowed:
        raise ValueError(f"{value} is no {name}")
    return int(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value.__class__ is not bool else None


def _time(value: Any) -> float | None:
    return value.timestamp() if isinstance(value, datetime.datetime) else _number(value)


def _interval(value: Any) -> float | None:
    return value.total_seconds() if isinstance(value, datetime.timedelta) else _number(value)


def _addr(value: Any) -> Addr | None:
    if isinstance(value, (str, ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return Addr(str(value))
    return value if isinstance(value, Addr) else None


def _subnet(value: Any) -> Subnet | None:
    if isinstance(value, (str, ipaddress.IPv4Network, ipaddress.IPv6Network)):
        return Subnet(str(value))
    return value if isinstance(value, Subnet) else None


def _port(value: Any) -> Port | None:
    if isinstance(value, str):
        number, _, protocol = value.partition("/")
        return Port(int(number), protocol or "tcp")
    return value if isinstance(value, Port) else None


def _pattern(value: Any) -> Pattern | None:
    if isinstance(value, (str, bytes)):
        return Pattern(value)
    return value if isinstance(value, Pattern) else None


_SIMPLE = {
    "string": _text,
    "bool": lambda v: v if v.__class__ is bool else None,
    "count": lambda v: _whole(v, _COUNT, "count: counts are from 0 to 2^64-1"),
    "int": lambda v: _whole(v, _INT, "int: ints are from -2^63 to 2^63-1"),
    "double": _number,
    "time": _time,
    "interval": _interval,
    "addr": _addr,
    "subnet": _subnet,
    "port": _port,
    "pattern": _pattern,
}


def _enum(value: Any, type_: t.EnumType, program: Any) -> EnumValue | None:
    if isinstance(value, EnumValue):
        return value if value.type_name == type_.name else None
    if isinstance(value, str):
        found = program.enum_value(value)
        if found is None and "::" in type_.name:
            found = program.enum_value(f"{type_.name.rpartition('::')[0]}::{value}")
        return found  # type: ignore[no-any-return]
    return None


def _record(value: Any, type_: t.RecordType, program: Any, what: str) -> Any:
    if isinstance(value, Record):
        return value if isinstance(value, program.record_classes[type_.name]) else None
    return make_record(type_, value, program, what) if isinstance(value, dict) else None


def make_record(type_: t.RecordType, fields: dict[str, Any], program: Any, what: str = "") -> Any:
    """A record of a type from fields by name.

    :raises BroError: a field that there is not, or that is missing, or whose value does not fit
    """
    made = {}
    for name, value in fields.items():
        field = type_.field(name)
        if field is None:
            from bro.script.diagnostics import suggest

            hint = suggest(name, [f.name for f in type_.fields])
            raise BroError(f"the record {type_.name} has no field {name}" + (f"; {hint}" if hint else ""))
        made[name] = to_bro(value, field.type, program, f"{what or type_.name}${name}")
    missing = [
        f.name
        for f in type_.fields
        if made.get(f.name) is None and not (f.optional or f.has_default or t.is_aggregate(f.type))
    ]
    if missing:
        raise BroError(f"the record {type_.name} needs a value for {', '.join(missing)}")
    return program.record_classes[type_.name](**made)


def _table(value: Any, type_: t.TableType, program: Any, what: str) -> Any:
    if isinstance(value, (Table, Set)):
        return value
    if type_.is_set:
        if not isinstance(value, (set, frozenset, list, tuple)):
            return None
        return Set.of(_key(v, type_, program, what) for v in value)
    if not isinstance(value, dict):
        return None
    assert type_.yield_type is not None
    table = Table()
    for key, element in value.items():
        made = _key(key, type_, program, what)
        table[made] = to_bro(element, type_.yield_type, program, f"element of {what}")
    return table


def _key(value: Any, type_: t.TableType, program: Any, what: str) -> Any:
    """The index of an element: several values are a tuple."""
    types = type_.index_types
    if len(types) == 1:
        return index_key(to_bro(value, types[0], program, f"index of {what}"))
    if not isinstance(value, tuple) or len(value) != len(types):
        raise BroError(f"an index of {what} is a tuple of {len(types)} values, not {value!r}")
    return tuple(
        index_key(to_bro(v, i, program, f"index of {what}")) for v, i in zip(value, types, strict=True)
    )
