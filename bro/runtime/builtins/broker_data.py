"""Data of Broker: making them, looking into them, going over them."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import enum_value, record
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.opaques.broker import Data, Iterating, from_value, new_set, new_table, wrapped


def _data(function: str, value: Any) -> Data:
    try:
        return from_value(value)
    except TypeError as error:
        raise ScriptError(f"{function}: {error}") from None


def _inside(function: str, value: Any, kind: str) -> Any:
    """What is in the data of a script, which have to be of this kind."""
    data: Data | None = value.data
    if data is None or data.kind != kind:
        raise ScriptError(f"{function}: the data are a {'none' if data is None else data.kind}, not a {kind}")
    return data.value


def _none() -> Any:
    return record("Broker::Data")()


@builtin("function Broker::data(d: any): Broker::Data")
def broker_data(d: Any) -> Any:
    """Return a value as data of Broker; a record becomes a vector of its fields.

    Raises an error for functions, files and the like.
    """
    return wrapped(_data("Broker::data", d))


@builtin("function Broker::data_type(d: Broker::Data): Broker::DataType")
def data_type(d: Any) -> Any:
    """Return the kind of data."""
    kind = "none" if d.data is None else d.data.kind
    return enum_value("Broker::DataType", f"Broker::{kind.upper()}")


# ---- sets --------------------------------------------------------------------------------------------------


@builtin("function Broker::set_create(): Broker::Data")
def set_create() -> Any:
    """Return an empty set."""
    return wrapped(new_set([]))


@builtin("function Broker::set_clear(s: Broker::Data): bool")
def set_clear(s: Any) -> bool:
    """Take all elements out of a set."""
    _inside("Broker::set_clear", s, "set").clear()
    return True


@builtin("function Broker::set_size(s: Broker::Data): count")
def set_size(s: Any) -> int:
    """Return how many elements a set has."""
    return len(_inside("Broker::set_size", s, "set"))


@builtin("function Broker::set_contains(s: Broker::Data, key: any): bool")
def set_contains(s: Any, key: Any) -> bool:
    """Tell whether a set has an element."""
    return _data("Broker::set_contains", key).key() in _inside("Broker::set_contains", s, "set")


@builtin("function Broker::set_insert(s: Broker::Data, key: any): bool")
def set_insert(s: Any, key: Any) -> bool:
    """Put an element into a set; false if it was there."""
    elements, data = _inside("Broker::set_insert", s, "set"), _data("Broker::set_insert", key)
    is_new = data.key() not in elements
    elements[data.key()] = data
    return is_new


@builtin("function Broker::set_remove(s: Broker::Data, key: any): bool")
def set_remove(s: Any, key: Any) -> bool:
    """Take an element out of a set; false if it was not there."""
    elements = _inside("Broker::set_remove", s, "set")
    return elements.pop(_data("Broker::set_remove", key).key(), None) is not None


# ---- tables ------------------------------------------------------------------------------------------------


@builtin("function Broker::table_create(): Broker::Data")
def table_create() -> Any:
    """Return an empty table."""
    return wrapped(new_table([]))


@builtin("function Broker::table_clear(t: Broker::Data): bool")
def table_clear(t: Any) -> bool:
    """Take all elements out of a table."""
    _inside("Broker::table_clear", t, "table").clear()
    return True


@builtin("function Broker::table_size(t: Broker::Data): count")
def table_size(t: Any) -> int:
    """Return how many elements a table has."""
    return len(_inside("Broker::table_size", t, "table"))


@builtin("function Broker::table_contains(t: Broker::Data, key: any): bool")
def table_contains(t: Any, key: Any) -> bool:
    """Tell whether a table has a key."""
    return _data("Broker::table_contains", key).key() in _inside("Broker::table_contains", t, "table")


@builtin("function Broker::table_insert(t: Broker::Data, key: any, val: any): Broker::Data")
def table_insert(t: Any, key: Any, val: Any) -> Any:
    """Set the value of a key; return the one it had, data of kind NONE if it had none."""
    elements = _inside("Broker::table_insert", t, "table")
    name, value = _data("Broker::table_insert", key), _data("Broker::table_insert", val)
    before = elements.get(name.key())
    elements[name.key()] = (name, value)
    return _none() if before is None else wrapped(before[1])


@builtin("function Broker::table_remove(t: Broker::Data, key: any): Broker::Data")
def table_remove(t: Any, key: Any) -> Any:
    """Take a key out of a table; return the value it had, data of kind NONE if it was not there."""
    before = _inside("Broker::table_remove", t, "table").pop(_data("Broker::table_remove", key).key(), None)
    return _none() if before is None else wrapped(before[1])


@builtin("function Broker::table_lookup(t: Broker::Data, key: any): Broker::Data")
def table_lookup(t: Any, key: Any) -> Any:
    """Return the value of a key, data of kind NONE if it is not there."""
    found = _inside("Broker::table_lookup", t, "table").get(_data("Broker::table_lookup", key).key())
    return _none() if found is None else wrapped(found[1])


# ---- vectors -----------------------------------------------------------------------------------------------


@builtin("function Broker::vector_create(): Broker::Data")
def vector_create() -> Any:
    """Return an empty vector."""
    return wrapped(Data("vector", []))


@builtin("function Broker::vector_clear(v: Broker::Data): bool")
def vector_clear(v: Any) -> bool:
    """Take all elements out of a vector."""
    _inside("Broker::vector_clear", v, "vector").clear()
    return True


@builtin("function Broker::vector_size(v: Broker::Data): count")
def vector_size(v: Any) -> int:
    """Return how many elements a vector has."""
    return len(_inside("Broker::vector_size", v, "vector"))


@builtin("function Broker::vector_insert(v: Broker::Data, idx: count, d: any): bool")
def vector_insert(v: Any, idx: int, d: Any) -> bool:
    """Put an element into a vector before the one at a place; behind the last one if there are fewer."""
    _inside("Broker::vector_insert", v, "vector").insert(idx, _data("Broker::vector_insert", d))
    return True


@builtin("function Broker::vector_replace(v: Broker::Data, idx: count, d: any): Broker::Data")
def vector_replace(v: Any, idx: int, d: Any) -> Any:
    """Replace the element at a place; return the one that was there, data of kind NONE if there is no such
    place.
    """
    elements = _inside("Broker::vector_replace", v, "vector")
    if idx >= len(elements):
        return _none()
    before, elements[idx] = elements[idx], _data("Broker::vector_replace", d)
    return wrapped(before)


@builtin("function Broker::vector_remove(v: Broker::Data, idx: count): Broker::Data")
def vector_remove(v: Any, idx: int) -> Any:
    """Take the element at a place out; return it, data of kind NONE if there is no such place."""
    elements = _inside("Broker::vector_remove", v, "vector")
    return wrapped(elements.pop(idx)) if idx < len(elements) else _none()


@builtin("function Broker::vector_lookup(v: Broker::Data, idx: count): Broker::Data")
def vector_lookup(v: Any, idx: int) -> Any:
    """Return the element at a place, data of kind NONE if there is no such place."""
    elements = _inside("Broker::vector_lookup", v, "vector")
    return wrapped(elements[idx]) if idx < len(elements) else _none()


# ---- records -----------------------------------------------------------------------------------------------


@builtin("function Broker::record_create(sz: count): Broker::Data")
def record_create(sz: int) -> Any:
    """Return a record of so many fields without values."""
    if sz > 65536:
        raise ScriptError(f"Broker::record_create: a record has at most 65536 fields, not {sz}")
    return wrapped(Data("vector", [Data("none") for _ in range(sz)]))


@builtin("function Broker::record_size(r: Broker::Data): count")
def record_size(r: Any) -> int:
    """Return how many fields a record has."""
    return len(_inside("Broker::record_size", r, "vector"))


@builtin("function Broker::record_assign(r: Broker::Data, idx: count, d: any): bool")
def record_assign(r: Any, idx: int, d: Any) -> bool:
    """Set a field by its number; false if there is no such field."""
    fields = _inside("Broker::record_assign", r, "vector")
    if idx >= len(fields):
        return False
    fields[idx] = _data("Broker::record_assign", d)
    return True


@builtin("function Broker::record_lookup(r: Broker::Data, idx: count): Broker::Data")
def record_lookup(r: Any, idx: int) -> Any:
    """Return a field by its number, data of kind NONE if it has no value or there is no such field."""
    fields = _inside("Broker::record_lookup", r, "vector")
    return wrapped(fields[idx]) if idx < len(fields) and fields[idx].kind != "none" else _none()


# ---- going over them ---------------------------------------------------------------------------------------


def _value_here(it: Iterating, function: str) -> Any:
    if it.last:
        raise ScriptError(f"{function}: the iterator has gone over all elements")
    return it.items[it.at]


@builtin("function Broker::set_iterator(s: Broker::Data): opaque of Broker::SetIterator")
def set_iterator(s: Any) -> Iterating:
    """Return what goes over a set, as it is now."""
    found = _inside("Broker::set_iterator", s, "set")
    return Iterating("Set", iter(found.values()))


@builtin("function Broker::set_iterator_last(it: opaque of Broker::SetIterator): bool")
def set_iterator_last(it: Iterating) -> bool:
    """Tell whether the iterator has gone over the whole set."""
    return it.last


@builtin("function Broker::set_iterator_next(it: opaque of Broker::SetIterator): bool")
def set_iterator_next(it: Iterating) -> bool:
    """Go on; true if that was not behind the last one."""
    it.at = min(it.at + 1, len(it.items))
    return not it.last


@builtin("function Broker::set_iterator_value(it: opaque of Broker::SetIterator): Broker::Data")
def set_iterator_value(it: Iterating) -> Any:
    """Return what is where the iterator is.

    Raises an error behind the last one.
    """
    return wrapped(_value_here(it, "Broker::set_iterator_value"))


@builtin("function Broker::table_iterator(t: Broker::Data): opaque of Broker::TableIterator")
def table_iterator(t: Any) -> Iterating:
    """Return what goes over a table, as it is now."""
    found = _inside("Broker::table_iterator", t, "table")
    return Iterating("Table", iter(found.values()))


@builtin("function Broker::table_iterator_last(it: opaque of Broker::TableIterator): bool")
def table_iterator_last(it: Iterating) -> bool:
    """Tell whether the iterator has gone over the whole table."""
    return it.last


@builtin("function Broker::table_iterator_next(it: opaque of Broker::TableIterator): bool")
def table_iterator_next(it: Iterating) -> bool:
    """Go on; true if that was not behind the last one."""
    it.at = min(it.at + 1, len(it.items))
    return not it.last


@builtin("function Broker::table_iterator_value(it: opaque of Broker::TableIterator): Broker::TableItem")
def table_iterator_value(it: Iterating) -> Any:
    """Return the key and value where the iterator is.

    Raises an error behind the last one.
    """
    key, value = _value_here(it, "Broker::table_iterator_value")
    return record("Broker::TableItem")(key=wrapped(key), val=wrapped(value))


@builtin("function Broker::vector_iterator(v: Broker::Data): opaque of Broker::VectorIterator")
def vector_iterator(v: Any) -> Iterating:
    """Return what goes over a vector, as it is now."""
    found = _inside("Broker::vector_iterator", v, "vector")
    return Iterating("Vector", iter(found))


@builtin("function Broker::vector_iterator_last(it: opaque of Broker::VectorIterator): bool")
def vector_iterator_last(it: Iterating) -> bool:
    """Tell whether the iterator has gone over the whole vector."""
    return it.last


@builtin("function Broker::vector_iterator_next(it: opaque of Broker::VectorIterator): bool")
def vector_iterator_next(it: Iterating) -> bool:
    """Go on; true if that was not behind the last one."""
    it.at = min(it.at + 1, len(it.items))
    return not it.last


@builtin("function Broker::vector_iterator_value(it: opaque of Broker::VectorIterator): Broker::Data")
def vector_iterator_value(it: Iterating) -> Any:
    """Return what is where the iterator is.

    Raises an error behind the last one.
    """
    return wrapped(_value_here(it, "Broker::vector_iterator_value"))


@builtin("function Broker::record_iterator(r: Broker::Data): opaque of Broker::RecordIterator")
def record_iterator(r: Any) -> Iterating:
    """Return what goes over a record, as it is now."""
    found = _inside("Broker::record_iterator", r, "vector")
    return Iterating("Record", iter(found))


@builtin("function Broker::record_iterator_last(it: opaque of Broker::RecordIterator): bool")
def record_iterator_last(it: Iterating) -> bool:
    """Tell whether the iterator has gone over the whole record."""
    return it.last


@builtin("function Broker::record_iterator_next(it: opaque of Broker::RecordIterator): bool")
def record_iterator_next(it: Iterating) -> bool:
    """Go on; true if that was not behind the last one."""
    it.at = min(it.at + 1, len(it.items))
    return not it.last


@builtin("function Broker::record_iterator_value(it: opaque of Broker::RecordIterator): Broker::Data")
def record_iterator_value(it: Iterating) -> Any:
    """Return what is where the iterator is.

    Raises an error behind the last one.
    """
    return wrapped(_value_here(it, "Broker::record_iterator_value"))
