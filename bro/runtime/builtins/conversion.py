"""Conversion to text, and from text and bytes to numbers."""

from __future__ import annotations

import struct

from bro.runtime.builtins._support import report_error, shown
from bro.runtime.builtins.numbers import MAX_COUNT, MAX_INT, MIN_INT
from bro.runtime.builtins.registry import BUILTINS, builtin
from bro.runtime.describe import describe_any
from bro.runtime.errors import ScriptError
from bro.runtime.values import EnumValue, type_of
from bro.script.types import FuncType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@builtin("function cat(...): string")
def cat(*values: Any) -> bytes:
    """Return the values one after the other, each as `print` would show it but without escaping."""
    return b"".join([value if value.__class__ is bytes else describe_any(value) for value in values])


@builtin("function cat_sep(sep: string, def: string, ...): string")
def cat_sep(sep: bytes, default: bytes, *values: Any) -> bytes:
    """Like `cat`, with `sep` between the values and `def` in place of those that are an empty string."""
    return sep.join(
        [(value or default) if value.__class__ is bytes else describe_any(value) for value in values]
    )


def _integer(text: bytes, base: int) -> int | None:
    """Read a whole number with an optional sign; None if it is none.  Base 0 takes it from a prefix 0x or
    0."""
    # By hand, as some start-up code of scripts reads numbers: `re` would be imported for it at every start.
    digits = text.strip()
    sign = digits[:1] if digits[:1] in (b"+", b"-") else b""
    digits = digits[len(sign) :]
    prefix = len(digits) > 2 and digits[:2] in (b"0x", b"0X")
    if prefix:
        digits = digits[2:]
    if not digits.isalnum():
        return None
    if prefix and base not in (0, 16):
        return None
    if base == 0:
        base = 16 if prefix else 8 if digits.startswith(b"0") and len(digits) > 1 else 10
    if len(digits) > 70:
        return None  # longer than any 64-bit number in any base
    try:
        number = int(digits, base)
    except ValueError:
        return None
    return -number if sign == b"-" else number


def _check_base(function: str, base: int) -> None:
    if base == 1 or base > 36:
        raise ScriptError(f"{function}: the base must be 0 or 2 to 36, not {base}")


@builtin("function to_count(str: string, base: count &default=10): count")
def to_count(text: bytes, base: int = 10) -> int:
    """Read a count; white space around it is allowed, and with base 16 a prefix ``0x``.

    Anything else, and a number beyond 64 bits, is reported and gives 0.  Base 0 tells the base by the prefix.
    """
    if base == 10 and text.isdigit() and len(text) < 20:
        return int(text)
    _check_base("to_count", base)
    number = _integer(text, base)
    if number is None or not 0 <= number <= MAX_COUNT:
        report_error(f"to_count: {shown(text)} is not a count")
        return 0
    return number


@builtin("function to_int(str: string, base: count &default=10): int")
def to_int(text: bytes, base: int = 10) -> int:
    """Read an int, like `to_count` with an optional sign."""
    _check_base("to_int", base)
    number = _integer(text, base)
    if number is None or not MIN_INT <= number <= MAX_INT:
        report_error(f"to_int: {shown(text)} is not an int")
        return 0
    return number


@builtin("function to_double(str: string): double")
def to_double(text: bytes) -> float:
    """Read a double in decimal notation; anything else is reported and gives 0."""
    number = text.strip()
    try:
        if b"_" not in number and b"infinity" not in number.lower():  # which Python takes
            return float(number)
    except ValueError:
        pass
    report_error(f"to_double: {shown(text)} is not a double")
    return 0.0


@builtin("function bytestring_to_count(s: string, is_le: bool &default=F): count")
def bytestring_to_count(s: bytes, is_le: bool = False) -> int:
    """Read 1 to 8 bytes as a binary number, the most significant byte first, or last if `is_le` is set.

    Other lengths are reported and give 0.
    """
    if not 1 <= len(s) <= 8:
        report_error(f"bytestring_to_count: a count has 1 to 8 bytes, not {len(s)}")
        return 0
    return int.from_bytes(s, "little" if is_le else "big")


@builtin("function bytestring_to_double(s: string): double")
def bytestring_to_double(s: bytes) -> float:
    """Read 8 bytes in network order as an IEEE 754 number; other lengths are reported and give 0."""
    if len(s) != 8:
        report_error(f"bytestring_to_double: a double has 8 bytes, not {len(s)}")
        return 0.0
    return struct.unpack(">d", s)[0]  # type: ignore[no-any-return]


@builtin("function bytestring_to_float(s: string): double")
def bytestring_to_float(s: bytes) -> float:
    """Read 4 bytes in network order as an IEEE 754 number; other lengths are reported and give 0."""
    if len(s) != 4:
        report_error(f"bytestring_to_float: a single-precision number has 4 bytes, not {len(s)}")
        return 0.0
    return struct.unpack(">f", s)[0]  # type: ignore[no-any-return]


@builtin("function enum_to_int(e: any): int")
def enum_to_int(e: Any) -> int:
    """Return the number behind an enum value.  Raises an error for values of other types."""
    if e.__class__ is EnumValue:
        return e.value
    raise ScriptError(f"enum_to_int: a value of type {type_of(e).notation()} is not an enum value")


@builtin("function type_name(t: any): string")
def type_name(t: Any) -> bytes:
    """Return the type of a value, in the words of the language, such as ``table[addr] of count``."""
    kind = type_of(t)
    if isinstance(kind, FuncType):
        if not kind.params and kind.result.tag == "any":
            return _declared(t).encode()
        return _signature(kind).encode()
    return (kind.notation() if kind.tag in ("file", "opaque") else str(kind)).encode()


def _declared(function: Any) -> str:
    """`_signature` of a built-in function, out of its declaration."""
    for known in BUILTINS.values():
        if known.is_of(function):
            inside, _, result = known.signature.partition("(")[2].rpartition(")")
            import re

            params = re.sub(r"(\w): ", r"\1:", re.sub(r" &[^,]*", "", inside))
            return f"function({params}) : {result.removeprefix(': ')}"
    return "func"


def _signature(kind: FuncType) -> str:
    """The type of a function, event or hook in full, such as ``function(a:count) : bool``."""
    params = ", ".join(
        [f"{param.name}:{param.type.notation()}" for param in kind.params] + ["..."] * kind.variadic
    )
    result = {"function": f" : {kind.result.notation()}", "hook": " : bool"}.get(kind.flavor, "")
    return f"{kind.flavor}({params}){result}"
