"""Bytes that stand for a value, for hashing it.

Equal values of one Bro type always have equal bytes, and different ones different bytes.  The bytes of a
string are the string, those of a number its eight bytes in little-endian order, so hashes of those are the
well-known ones.
"""

from __future__ import annotations

import struct
from typing import Any

from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.runtime.values import Boxed, EnumValue, Record, type_of

_DOUBLE = struct.Struct("<d").pack


def encode(value: Any) -> bytes:
    """Return the bytes that stand for a value of any type that can be an index of a table.

    Raises ScriptError for functions, files and opaque values, which have no content to compare.
    """
    if type(value) is Boxed:
        value = value.value
    kind = type(value)
    if kind is bytes:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little")  # type: ignore[no-any-return]
    if kind is Addr:
        packed: bytes = value.packed
        return packed
    if kind is float:
        return _DOUBLE(value + 0.0)  # so that -0.0 and 0.0, which are equal, give the same
    if kind is bool:
        return b"\1" if value else b"\0"
    if kind is Port:
        return value.number.to_bytes(2, "big") + value.proto.encode()  # type: ignore[no-any-return]
    if kind is Subnet:
        return value.addr.packed + bytes([value.width])  # type: ignore[no-any-return]
    if kind is EnumValue:
        return value.name.encode()  # type: ignore[no-any-return]
    if kind is Pattern:
        return value.printed  # type: ignore[no-any-return]
    if value is None:
        return b""
    return _encode_many(value)


def _encode_many(value: Any) -> bytes:
    """Containers: every element goes with its length, so that their borders count."""
    if isinstance(value, Record):
        return b"r" + b"".join([_framed(getattr(value, name)) for name in value._fields])
    if isinstance(value, (tuple, list)):
        return b"l" + b"".join([_framed(element) for element in value])
    if isinstance(value, dict):
        # The order in which elements came in does not matter for being equal.
        return b"t" + b"".join(sorted([_framed(key) + _framed(element) for key, element in value.items()]))
    raise ScriptError(f"a value of type {type_of(value).notation()} cannot be hashed")


def _framed(value: Any) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    body = encode(value)
    return len(body).to_bytes(4, "little") + body
