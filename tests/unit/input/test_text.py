"""Values out of text: what logs have can be read again."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.input.text import Format, parser, port, supported, unescaped
from bro.runtime.netvalues import Addr, Port, Subnet
from bro.script import types as t

FORM = Format()


def read(kind: t.Type, text: bytes) -> Any:
    return parser(kind, FORM)(text)


@given(st.integers(0, (1 << 64) - 1))
def test_counts(number: int) -> None:
    assert read(t.COUNT, str(number).encode()) == number


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_ints(number: int) -> None:
    assert read(t.INT, str(number).encode()) == number


@given(st.floats(allow_nan=False))
def test_doubles(number: float) -> None:
    assert read(t.DOUBLE, repr(number).encode()) == number


@given(st.binary(max_size=40))
def test_strings_escaped_as_logs_have_them(data: bytes) -> None:
    text = b"".join(bytes([byte]) if 32 < byte < 127 and byte != 92 else b"\\x%02x" % byte for byte in data)
    assert unescaped(text) == data
    if text not in (FORM.unset, FORM.empty):
        assert read(t.STRING, text) == data


@given(
    st.binary(max_size=30),
    st.sampled_from(["count", "int", "double", "addr", "subnet", "port", "bool", "pattern"]),
)
def test_any_text_is_a_value_or_an_error(text: bytes, tag: str) -> None:
    try:
        read(t.SIMPLE[tag], text)
    except ValueError as error:
        assert str(error)


@given(st.lists(st.integers(0, 1000), max_size=8))
def test_sets_and_vectors(numbers: list[int]) -> None:
    text = ",".join(map(str, numbers)).encode() or FORM.empty
    assert read(t.VectorType(t.COUNT), text) == numbers
    assert set(read(t.TableType([t.COUNT], None), text)) == set(numbers)


def test_values() -> None:
    assert read(t.ADDR, b"[2001:db8::1]") == Addr("2001:db8::1")
    assert read(t.SUBNET, b"10.0.0.0/8") == Subnet("10.0.0.0/8")
    assert read(t.PORT, b"80/tcp") == Port(80, "tcp") == port(b"80", b"TCP")
    assert read(t.BOOL, b"T") is True and read(t.BOOL, b"0") is False
    assert read(t.PATTERN, b"/a|b/").exact(b"b")
    assert read(t.STRING, b"(empty)") == b"" and read(t.STRING, b"-") is None and read(t.COUNT, b"-") is None
    assert read(t.VectorType(t.STRING), b"a,-,b") == [b"a", None, b"b"]
    assert math.isinf(read(t.DOUBLE, b"inf"))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (t.COUNT, b"-1"), (t.COUNT, b"18446744073709551616"), (t.COUNT, b"1_0"),
        (t.INT, b"9223372036854775808"),
        (t.DOUBLE, b"1,5"), (t.PORT, b"65536/tcp"), (t.PORT, b"80/xyz"),
        (t.ADDR, b"1.2.3"), (t.SUBNET, b"10.0.0.0"),
        (t.BOOL, b"maybe"), (t.PATTERN, b"abc"), (t.VectorType(t.COUNT), b"1,x"),
    ],
)  # fmt: skip
def test_what_is_none(kind: t.Type, text: bytes) -> None:
    with pytest.raises(ValueError):
        read(kind, text)


def test_types() -> None:
    assert supported(t.TableType([t.ADDR], None)) and supported(t.VectorType(t.STRING))
    assert not supported(t.TableType([t.ADDR], t.COUNT)) and not supported(
        t.VectorType(t.VectorType(t.COUNT))
    )
    assert not supported(t.TableType([t.ADDR, t.PORT], None)) and not supported(t.ANY)
    with pytest.raises(ValueError):
        parser(t.ANY, FORM)
