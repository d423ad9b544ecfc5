"""What generated code calls where Python has no operator that means the same."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bro.runtime import context
from bro.runtime.errors import ArithmeticScriptError, NoSuchIndex, ScriptError, UnsetError, underflow
from bro.runtime.values import Boxed, Record, index_key, is_alike, unbox
from bro.script.types import same_structure

if TYPE_CHECKING:
    from bro.script.types import RecordType, VectorType

_MAX_COUNT = 2**64 - 1
_MAX_INT = 2**63 - 1

#: The most elements an assignment behind the end of a vector may add, so that an index taken from traffic
#: cannot exhaust memory.
MAX_VECTOR_GAP = 1_000_000


# ---- numbers -----------------------------------------------------------------------------------------------


def int_div(a: int, b: int) -> int:
    """Division of ints, towards zero."""
    quotient = a // b
    return quotient + 1 if quotient < 0 and quotient * b != a else quotient


def int_mod(a: int, b: int) -> int:
    """The rest of a division towards zero; it has the sign of `a`."""
    return a - b * int_div(a, b)


def int_range(value: int) -> int:
    """A result that left the range of an int, wrapped around at 64 bits."""
    return (value + _MAX_INT + 1 & _MAX_COUNT) - _MAX_INT - 1


def narrow(value: int | float, tag: str) -> int:
    """A number assigned to an int or count: without its fraction.

    :raises ArithmeticScriptError: if it does not fit
    """
    low, high = (0, _MAX_COUNT) if tag == "count" else (-_MAX_INT - 1, _MAX_INT)
    try:
        whole = int(value)
    except (OverflowError, ValueError):
        whole = high + 1
    if low <= whole <= high:
        return whole
    raise ArithmeticScriptError(f"{value:g} is assigned to {'a count' if tag == 'count' else 'an int'}")


def shift_left(value: int, bits: int, signed: bool = False) -> int:
    """`value << bits` within 64 bits."""
    if not 0 <= bits < 64:
        raise ArithmeticScriptError(f"shift by {bits} bits: a number has 64")
    shifted = value << bits
    return int_range(shifted) if signed else shifted & _MAX_COUNT


def shift_right(value: int, bits: int, signed: bool = False) -> int:
    """`value >> bits`"""
    if not 0 <= bits < 64:
        raise ArithmeticScriptError(f"shift by {bits} bits: a number has 64")
    return value >> bits


def size_of(value: Any) -> Any:
    """`|value|` of what has no length: addresses, subnets, files, and the value of an `any`."""
    if value.__class__ is Boxed:
        tag = value.type.tag
        if tag in ("table", "vector"):
            return len(value.value)
        return value.value if tag == "time" else abs(value.value)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Record):
        return len(value.__bro_type__.fields)
    if value.__class__ is bool:
        return int(value)
    if hasattr(value, "is_v4"):
        return 32 if value.is_v4 else 128
    if hasattr(value, "width"):
        return 2.0 ** ((32 if value.addr.is_v4 else 128) - value.width)
    if value is None:
        raise UnsetError("value used but not set")
    size = getattr(value, "size", None)
    if size is not None:
        return size() if callable(size) else size
    raise ScriptError("this value has no size")


# ---- strings -----------------------------------------------------------------------------------------------


def string_index(text: bytes, index: int) -> bytes:
    """`text[index]`: one byte, counted from the end if the index is negative; empty where there is none."""
    if index < 0:
        index += len(text)
        if index < 0:
            return b""
    return text[index : index + 1]


def string_iter(text: bytes) -> list[bytes]:
    """The bytes of a string, each as a string."""
    return [text[i : i + 1] for i in range(len(text))]


# ---- vectors -----------------------------------------------------------------------------------------------


def vector_index(vector: list[Any], index: int) -> Any:
    """`vector[index]` for an index that may be negative; it then counts from the end."""
    size = len(vector)
    if not -size <= index < size:
        raise NoSuchIndex(f"index out of range: {index} in a vector of {size}")
    return vector[index]


def vector_has(vector: list[Any], index: int) -> bool:
    """`index in vector`: whether a value was assigned at the index."""
    return 0 <= index < len(vector) and vector[index] is not None


def vector_assign(vector: list[Any], index: int, value: Any) -> Any:
    """`vector[index] = value`; the vector grows as needed, and places between have no value."""
    size = len(vector)
    if index < 0:
        index += size
        if index < 0:
            raise NoSuchIndex(f"index out of range: {index - size} in a vector of {size}")
    if index < size:
        vector[index] = value
    elif index - size > MAX_VECTOR_GAP:
        raise NoSuchIndex(f"index {index} is more than {MAX_VECTOR_GAP} behind the end of the vector")
    else:
        if index > size:
            vector.extend([None] * (index - size))
        vector.append(value)
    return value


def vector_assign_slice(vector: list[Any], low: int | None, high: int | None, value: list[Any]) -> list[Any]:
    """`vector[low:high] = value`"""
    vector[low:high] = value
    return value


def _stepped(value: int, amount: int, low: int | None) -> int:
    """A number that is one more or less; with a lowest value it is a count, else an int."""
    value += amount
    if low is None:
        return value if -_MAX_INT - 1 <= value <= _MAX_INT else int_range(value)
    return value & _MAX_COUNT if value >= low else underflow()


def vector_step(vector: list[Any], amount: int, low: int | None = None) -> list[Any]:
    """`++vector` or `--vector`: every element."""
    for i, value in enumerate(vector):
        if value is not None:
            vector[i] = _stepped(value, amount, low)
    return vector


def _count_minus(a: int, b: int) -> int:
    return a - b if a >= b else underflow()


_VECTOR_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": shift_left,
    ">>": shift_right,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
}
_INTEGRAL: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("/", "count"): operator.floordiv,
    ("-", "count"): _count_minus,
    ("/", "int"): int_div,
    ("%", "int"): int_mod,
}


def vector_op(op: str, a: Any, b: Any, tag: str) -> list[Any]:
    """An operator on each element of two vectors of one length, or of a vector and a value.

    :param tag: type of the result's elements, of the operands' for comparisons
    """
    function = _INTEGRAL.get((op, tag)) or _VECTOR_OPERATORS[op]
    if not isinstance(a, list):
        return [None if y is None else function(a, y) for y in b]
    if not isinstance(b, list):
        return [None if x is None else function(x, b) for x in a]
    if len(a) != len(b):
        raise ScriptError(f"the vectors have different sizes: {len(a)} and {len(b)}")
    result = [None if x is None or y is None else function(x, y) for x, y in zip(a, b, strict=True)]
    if tag == "count" and op in ("+", "*"):
        return [None if v is None else v & _MAX_COUNT for v in result]
    return result


# ---- assignments in expressions ----------------------------------------------------------------------------


def set_field(record: Any, name: str, value: Any) -> Any:
    """`record$name = value` as a value."""
    setattr(record, name, value)
    return value


def set_item(table: Any, key: Any, value: Any) -> Any:
    """`table[key] = value` as a value."""
    table[key] = value
    return value


def step_field(record: Any, name: str, amount: int, low: int | None = None) -> Any:
    """`++record$name` as a value."""
    value = _stepped(getattr(record, name), amount, low)
    setattr(record, name, value)
    return value


def step_item(container: Any, key: Any, amount: int, low: int | None = None) -> Any:
    """`++container[key]` as a value."""
    value = _stepped(container[key], amount, low)
    container[key] = value
    return value


def changed(container: Any, _: Any) -> Any:
    """`container += value` as a value: the second argument has made the change."""
    return container


# ---- conversions -------------------------------------------------------------------------------------------


def convert_record(record: Any, type_: RecordType) -> Any:
    """A record of another type with the fields that this one has.

    :raises UnsetError: when there is no record
    """
    if record is None:
        raise UnsetError("value used but not set")
    if is_alike(record, type_):
        return record
    cls = context.current.program.record_classes[type_.name]
    fields = {}
    for field in record.__bro_type__.fields:
        value = getattr(record, field.name)
        if value is None:
            continue
        target = type_.field(field.name)
        if target is None:
            continue
        if target.type != field.type:
            value = convert(value, field.type, target.type)
        fields[field.name] = value
    return cls(**fields)


def convert(value: Any, have: Any, want: Any) -> Any:
    """A value of one type as another that the compiler found it to fit."""
    if have == want:
        return value
    tag = want.tag
    if tag == "any":
        from bro.script.types import BOXED_TAGS

        return Boxed(value, have) if have.tag in BOXED_TAGS else value
    if have.tag == "any":
        return unbox(value, want)
    if tag == "double":
        return float(value)
    if tag == "record" and isinstance(value, Record):
        return convert_record(value, want)
    if tag == "vector":
        return convert_vector(value, have, want)
    return value


def convert_vector(vector: list[Any], have: VectorType, want: VectorType) -> list[Any]:
    """A vector with its elements converted."""
    a, b = have.element, want.element
    if same_structure(a, b):
        return vector
    return [None if v is None else convert(v, a, b) for v in vector]


def key_product(*places: tuple[Any, ...]) -> list[Any]:
    """The indices of a table with one value of each of the places."""
    from itertools import product

    return [index_key(key) for key in product(*places)]
