"""Tables, sets and vectors: sorting, resizing, keys and values, tests over all elements."""

from __future__ import annotations

from bro.runtime.builtins._support import report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.values import Boxed, Record, box, copy, type_of, unboxed
from bro.script.types import FuncType, RecordType, TableType, VectorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.runtime.values import EnumValue
    from bro.script.types import Type

#: The longest vector `resize` makes: the elements it adds cost memory at once.
MAX_VECTOR = 100_000_000

#: Types of elements that sort by themselves.
_ORDERED = frozenset(
    ("bool", "count", "int", "double", "time", "interval", "string", "addr", "subnet", "port", "enum")
)


def _vector(function: str, value: Any) -> tuple[list[Any], Type]:
    """The list of a vector in an `any`, and the type of its elements."""
    if value.__class__ is Boxed and isinstance(value.type, VectorType):
        return value.value, value.type.element
    raise ScriptError(f"{function}: a vector is needed, not a value of type {type_of(value).notation()}")


def _enum_number(value: EnumValue) -> int:
    return value.value


def _sort_key(function: str, values: tuple[Any, ...], element: Type) -> Callable[[Any], Any] | None:
    """What to sort by: the comparison function if there is one, else the elements' own order."""
    if len(values) > 2:
        raise ScriptError(f"{function}: takes a vector and at most one function, not {len(values)} values")
    if len(values) == 2:
        global _checked
        if values[1] is not _checked[0] or element is not _checked[1]:
            if not _compares(values[1], element):
                raise ScriptError(
                    f"{function}: the second value must be a function(a: {element.notation()}, "
                    f"b: {element.notation()}): int, not a value of type {type_of(values[1]).notation()}"
                )
            _checked = (values[1], element)
        # Some start-up code of scripts sorts; `functools` brings much besides.
        from _functools import cmp_to_key  # type: ignore[import-not-found]

        return cmp_to_key(values[1])  # type: ignore[no-any-return]
    if element.tag == "enum":
        return _enum_number
    if element.tag not in _ORDERED and element.tag != "unspecified":
        raise ScriptError(
            f"{function}: a vector of {element.notation()} needs a function that compares two elements"
        )
    return None


#: The comparison function that was checked last, and for elements of which type: it tends to come again.
_checked: tuple[Any, Type | None] = (None, None)


def _compares(function: Any, element: Type) -> bool:
    """Whether a value is a function that compares two elements of a type."""
    found = type_of(function)
    if not isinstance(found, FuncType) or found.flavor != "function":
        return False
    if element.tag == "unspecified" or (not found.params and found.result.tag == "any"):
        return True  # nothing to compare, or a built-in function, whose type is not known at run time
    return (
        len(found.params) == 2
        and found.result.tag == "int"
        and all(_takes(param.type, element) for param in found.params)
    )


def _takes(wanted: Type, element: Type) -> bool:
    """Whether a parameter of one type takes elements of another; records go by their fields."""
    if isinstance(wanted, RecordType) and isinstance(element, RecordType):
        return all(element.field(field.name) is not None for field in wanted.fields)
    return wanted.tag == "any" or wanted == element


@builtin("function sort(...): any")
def sort(*values: Any) -> Any:
    """Sort a vector in place, in a stable way, and return it; unset elements go to the end.

    The second value, if there is one, is ``function(a: T, b: T): int`` and returns a number below zero if `a`
    comes first, above zero if `b` does.  Numbers, times, strings, addresses, ports and enums can do without.
    """
    if not values:
        raise ScriptError("sort: a vector is needed")
    vector, element = _vector("sort", values[0])
    key = _sort_key("sort", values, element)
    if None in vector:
        present = [item for item in vector if item is not None]
        present.sort(key=key)
        vector[:] = present + [None] * (len(vector) - len(present))
    else:
        vector[:] = sorted(vector, key=key)  # a copy: the comparison function may look at the vector
    return values[0]


@builtin("function order(...): index_vec")
def order(*values: Any) -> list[int]:
    """Return the positions of a vector's elements in the order in which `sort` would put them."""
    if not values:
        raise ScriptError("order: a vector is needed")
    vector, element = _vector("order", values[0])
    key = _sort_key("order", values, element)
    present = [position for position, item in enumerate(vector) if item is not None]
    absent = [position for position, item in enumerate(vector) if item is None]
    if key is None:
        present.sort(key=vector.__getitem__)
    else:
        by = key
        present.sort(key=lambda position: by(vector[position]))
    return present + absent


@builtin("function resize(aggr: any, newsize: count): count")
def resize(aggr: Any, newsize: int) -> int:
    """Cut a vector, or lengthen it with unset elements, and return its former size; 0 if it is no vector.

    Raises an error above `MAX_VECTOR`.
    """
    vector = unboxed(aggr)
    if not isinstance(vector, list):
        report_error(f"resize: a vector is needed, not a value of type {type_of(aggr).notation()}")
        return 0
    if newsize > MAX_VECTOR:
        raise ScriptError(f"resize: {newsize} elements are more than the limit of {MAX_VECTOR}")
    size = len(vector)
    if newsize < size:
        del vector[newsize:]
    else:
        vector.extend([None] * (newsize - size))
    return size


def _bools(function: str, value: Any) -> list[Any]:
    vector, element = _vector(function, value)
    if element.tag not in ("bool", "unspecified"):
        raise ScriptError(f"{function}: a vector of bool is needed, not one of {element.notation()}")
    return vector


@builtin("function any_set(v: any): bool")
def any_set(v: Any) -> bool:
    """Tell whether a vector of bool has an element that is true."""
    return any(_bools("any_set", v))


@builtin("function all_set(v: any): bool")
def all_set(v: Any) -> bool:
    """Tell whether all elements of a vector of bool are true; an unset one is not, and an empty vector is."""
    return all(_bools("all_set", v))


def _table(function: str, value: Any) -> Any:
    table = unboxed(value)
    if isinstance(table, dict):
        return table
    raise ScriptError(
        f"{function}: a table or set is needed, not a value of type {type_of(value).notation()}"
    )


@builtin("function clear_table(v: any): any")
def clear_table(v: Any) -> None:
    """Remove all elements of a table or set."""
    _table("clear_table", v).clear()


@builtin("function table_keys(t: any): any")
def table_keys(t: Any) -> Any:
    """Return a vector of a table's indices; an index of several parts is a vector of those."""
    from bro.script import types

    table = _table("table_keys", t)
    kind = t.type if t.__class__ is Boxed else types.ANY_TABLE
    index = kind.index_types if isinstance(kind, types.TableType) else (types.ANY,)
    if len(index) == 1:
        return Boxed([copy(key) for key in table], types.VectorType(index[0]))
    keys = [[box(copy(part), kind) for part, kind in zip(key, index, strict=True)] for key in table]
    return Boxed(keys, types.VectorType(types.VectorType(types.ANY)))


@builtin("function table_values(t: any): any_vec")
def table_values(t: Any) -> list[Any]:
    """Return a vector of a table's values, in the order of `table_keys`."""
    table = _table("table_values", t)
    kind = t.type.yield_type if t.__class__ is Boxed and isinstance(t.type, TableType) else None
    if kind is None:
        raise ScriptError("table_values: a set has no values")
    return [box(value, kind) for value in table.values()]


@builtin("function same_object(o1: any, o2: any): bool")
def same_object(o1: Any, o2: Any) -> bool:
    """Tell whether two values are one and the same object; equal tables, records and vectors need not be."""
    return unboxed(o1) is unboxed(o2)


@builtin("function val_footprint(v: any): count")
def val_footprint(v: Any) -> int:
    """Count the values a value is made of: 1 for a simple one, for a container that plus those of its
    elements.

    A record, table or vector that is met again, as in a circle, counts nothing the second time.
    """
    return _footprint(unboxed(v), set())


def _footprint(value: Any, seen: set[int]) -> int:
    # An explicit stack: values can be nested deeper than Python calls can.
    total = 0
    stack = [value]
    while stack:
        value = unboxed(stack.pop())
        if value is None:
            continue
        fields = value._fields if isinstance(value, Record) else None
        compound = fields is not None or isinstance(value, (list, dict))
        if compound:
            if id(value) in seen:
                continue
            seen.add(id(value))
        total += 1
        if fields is not None:
            stack.extend([getattr(value, name) for name in fields])
        elif isinstance(value, dict):
            for key, item in value.items():
                stack.extend(key if isinstance(key, tuple) else (key,))
                if item is not True or not getattr(value, "is_set", False):
                    stack.append(item)
        elif isinstance(value, list):
            stack.extend(value)
    return total


@builtin("function table_pattern_matcher_stats(tbl: any): MatcherStats")
def table_pattern_matcher_stats(tbl: Any) -> Any:
    """Return how large the matcher behind a table or set of patterns is.

    Patterns of a table are matched one by one by the engine, so only their number (`matchers`) is not 0.
    """
    from bro.runtime.builtins._support import record
    from bro.runtime.netvalues import Pattern

    table = _table("table_pattern_matcher_stats", tbl)
    if any(not isinstance(key, Pattern) for key in table):
        raise ScriptError("table_pattern_matcher_stats: a table indexed by pattern is needed")
    names = ("matchers", "nfa_states", "dfa_states", "computed", "mem", "hits", "misses")
    return record("MatcherStats")(**{**dict.fromkeys(names, 0), "matchers": len(table)})
