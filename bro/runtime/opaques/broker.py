"""Data of Broker: values with their kind beside them, as nodes and other programs exchange them.

Sets, tables and vectors hold such data again; a record is a vector of its fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bro.runtime.errors import CastError
from bro.runtime.values import Boxed, EnumValue, Record, box, type_of
from bro.script import types as t

#: Kinds whose value is a Python value that can be compared and hashed.
_SCALARS = frozenset(
    ["bool", "count", "int", "double", "string", "addr", "subnet", "port", "time", "interval", "enum"]
)


class Data:
    """A value with its kind: a word of `_SCALARS`, or "none", "set", "table", "vector"."""

    bro_type = "Broker::Data"
    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Any = None) -> None:
        self.kind = kind
        self.value = value

    def key(self) -> Any:
        """What stands for it in a set: equal for equal data."""
        if self.kind == "vector":
            return ("vector", tuple(item.key() for item in self.value))
        if self.kind == "set":
            return ("set", frozenset(self.value))
        if self.kind == "table":
            return ("table", frozenset((key, item[1].key()) for key, item in self.value.items()))
        return (self.kind, self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Data) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __bro_copy__(self) -> Data:
        if self.kind == "vector":
            return Data(self.kind, [item.__bro_copy__() for item in self.value])
        if self.kind == "set":
            return Data(self.kind, {key: item.__bro_copy__() for key, item in self.value.items()})
        if self.kind == "table":
            pairs = self.value.items()
            return Data(self.kind, {k: (i[0].__bro_copy__(), i[1].__bro_copy__()) for k, i in pairs})
        return Data(self.kind, self.value)


def new_set(items: list[Data]) -> Data:
    return Data("set", {item.key(): item for item in items})


def new_table(items: list[tuple[Data, Data]]) -> Data:
    return Data("table", {key.key(): (key, value) for key, value in items})


def from_value(value: Any) -> Data:
    """Data of the value of an `any`.

    :raises TypeError: for functions, files, patterns and the like
    """
    if isinstance(value, Record) and value.__bro_type__.name == "Broker::Data":
        found = value.data  # type: ignore[attr-defined]
        return Data("none") if found is None else found
    return _of(value.value if value.__class__ is Boxed else value, type_of(value))


def _of(value: Any, kind: t.Type) -> Data:
    if value is None:
        return Data("none")
    if kind.tag == "any":
        return from_value(value)
    if isinstance(kind, t.RecordType):
        if kind.name == "Broker::Data":
            return from_value(value)
        return Data("vector", [_of(getattr(value, field.name), field.type) for field in kind.fields])
    if isinstance(kind, t.VectorType):
        return Data("vector", [_of(item, kind.element) for item in value])
    if isinstance(kind, t.TableType):
        if kind.yield_type is None:
            return new_set([_index(key, kind) for key in value])
        return new_table([(_index(key, kind), _of(item, kind.yield_type)) for key, item in value.items()])
    if kind.tag not in _SCALARS:
        raise TypeError(f"a value of type {kind.notation()} cannot be data of Broker")
    return Data(kind.tag, value)


def _index(key: Any, kind: t.TableType) -> Data:
    if len(kind.index_types) == 1:
        return _of(key, kind.index_types[0])
    return Data(
        "vector", [_of(part, part_type) for part, part_type in zip(key, kind.index_types, strict=True)]
    )


def to_value(data: Data, kind: t.Type) -> Any:
    """The value of a type that data are.

    :raises CastError: when they are of another one
    """
    if kind.tag == "any":
        return to_any(data)
    if isinstance(kind, t.RecordType):
        return _record(data, kind)
    if isinstance(kind, t.VectorType) and data.kind == "vector":
        return [to_value(item, kind.element) for item in data.value]
    if isinstance(kind, t.TableType) and data.kind == ("set" if kind.is_set else "table"):
        from bro.runtime.builtins._support import container

        if kind.yield_type is None:
            return container(kind, [(_key(item, kind), True) for item in data.value.values()])
        yield_type = kind.yield_type
        pairs = data.value.values()
        return container(kind, [(_key(key, kind), to_value(item, yield_type)) for key, item in pairs])
    if data.kind == kind.tag and (
        kind.tag != "enum" or (isinstance(data.value, EnumValue) and data.value.type_name == kind.name)  # type: ignore[attr-defined]
    ):
        return data.value
    raise CastError(f"data of kind {data.kind} are not a {kind.notation()}")


def _key(data: Data, kind: t.TableType) -> Any:
    from bro.runtime.values import index_key

    if len(kind.index_types) == 1:
        return index_key(to_value(data, kind.index_types[0]))
    if data.kind != "vector" or len(data.value) != len(kind.index_types):
        raise CastError(f"data of kind {data.kind} are not an index of {kind.notation()}")
    pairs = zip(data.value, kind.index_types, strict=True)
    return tuple([index_key(to_value(part, part_type)) for part, part_type in pairs])


def _record(data: Data, kind: t.RecordType) -> Any:
    from bro.runtime.builtins._support import record

    if kind.name == "Broker::Data":
        return wrapped(data)
    if data.kind != "vector" or len(data.value) != len(kind.fields):
        raise CastError(f"data of kind {data.kind} are not a {kind.notation()}")
    values = {
        field.name: to_value(item, field.type)
        for item, field in zip(data.value, kind.fields, strict=True)
        if item.kind != "none"
    }
    for field in kind.fields:
        if field.name not in values and not field.optional and not field.has_default:
            raise CastError(f"the data have no value for {kind.name}${field.name}")
    return record(kind.name)(**values)


def to_any(data: Data) -> Any:
    """Data as an `any`; sets, tables and vectors stay records `Broker::Data`."""
    if data.kind in ("set", "table", "vector", "none"):
        return wrapped(data)
    kind = t.SIMPLE.get(data.kind)
    return data.value if kind is None else box(data.value, kind)


def fits(data: Data, kind: t.Type) -> bool:
    """Whether data can be a value of a type."""
    try:
        to_value(data, kind)
    except CastError:
        return False
    return True


def wrapped(data: Data) -> Any:
    """Data as scripts hold them: a record `Broker::Data`."""
    from bro.runtime.builtins._support import record

    cls = record("Broker::Data")
    if not hasattr(cls, "__bro_cast__"):
        cls.__bro_cast__ = lambda self, kind: to_value(self.data or Data("none"), kind)
        cls.__bro_fits__ = lambda self, kind: fits(self.data or Data("none"), kind)
    return cls(data=data)


class Iterating:
    """Goes over the elements of data; `at` is where it is."""

    __slots__ = ("at", "bro_type", "items")

    def __init__(self, kind: str, items: Iterator[Any]) -> None:
        self.bro_type = f"Broker::{kind}Iterator"
        self.items = list(items)
        self.at = 0

    @property
    def last(self) -> bool:
        """Whether it has gone over all of them."""
        return self.at >= len(self.items)
