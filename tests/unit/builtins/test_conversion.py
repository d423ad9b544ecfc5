"""bro.runtime.builtins.conversion and formatting"""

from __future__ import annotations

import math
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import conversion as c
from bro.runtime.builtins.formatting import fmt
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Port
from bro.runtime.values import Boxed
from bro.script import types as t


def count(value: int) -> Boxed:
    return Boxed(value, t.COUNT)


def double(value: float) -> Boxed:
    return Boxed(value, t.DOUBLE)


def test_cat() -> None:
    assert c.cat(b"foo", count(3), True) == b"foo3T"
    assert c.cat() == b""
    assert c.cat(b"\0\xff") == b"\0\xff"
    assert c.cat(Addr("1.2.3.4"), Port(80, "tcp")) == b"1.2.3.480/tcp"


def test_cat_sep() -> None:
    assert c.cat_sep(b"/", b"-", b"a", b"", count(3)) == b"a/-/3"
    assert c.cat_sep(b"/", b"-") == b""


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((b"7",), 7),
        ((b"0",), 0),
        ((b"007",), 7),
        ((b" 7 ",), 7),
        ((b"18446744073709551615",), 2**64 - 1),
        ((b"ff", 16), 255),
        ((b"0xff", 16), 255),
        ((b"0xff", 0), 255),
        ((b"777", 8), 0o777),
        ((b"zz", 36), 35 * 36 + 35),
    ],
)
def test_to_count(args: tuple[Any, ...], expected: int) -> None:
    assert c.to_count(*args) == expected


@pytest.mark.parametrize(
    "args",
    [
        (b"",),
        (b"-1",),
        (b"7 apples",),
        (b"18446744073709551616",),
        (b"0x1",),
        (b"1_0",),
        (b"9", 8),
        (b"1" * 99,),
    ],
)
def test_to_count_of_something_else(args: tuple[Any, ...], reports: Any) -> None:
    assert c.to_count(*args) == 0
    assert "not a count" in reports()


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"-7", -7), (b"+7", 7), (b"9223372036854775807", 2**63 - 1), (b"-9223372036854775808", -(2**63))],
)
def test_to_int(text: bytes, expected: int) -> None:
    assert c.to_int(text) == expected


@pytest.mark.parametrize("text", [b"", b"x", b"9223372036854775808", b"--1", b"1.5"])
def test_to_int_of_something_else(text: bytes, reports: Any) -> None:
    assert c.to_int(text) == 0
    assert "not an int" in reports()


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"3.14", 3.14), (b"-3e2", -300.0), (b".5", 0.5), (b"7", 7.0), (b" 1.\n", 1.0), (b"inf", math.inf)],
)
def test_to_double(text: bytes, expected: float) -> None:
    assert c.to_double(text) == expected


@pytest.mark.parametrize("text", [b"", b"x", b"1_0", b"1e", b"0x10", b"1,5"])
def test_to_double_of_something_else(text: bytes, reports: Any) -> None:
    assert c.to_double(text) == 0.0
    assert "not a double" in reports()


def test_bad_base() -> None:
    with pytest.raises(ScriptError, match="base"):
        c.to_count(b"x", 1)
    with pytest.raises(ScriptError, match="base"):
        c.to_int(b"1", 37)


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_can_be_read_back(number: int) -> None:
    assert c.to_int(b"%d" % number) == number
    assert c.to_count(b"%x" % abs(number), 16) == abs(number)


@given(st.binary(max_size=25))
def test_any_bytes_can_be_asked(text: bytes) -> None:
    assert 0 <= c.to_count(text) < 2**64
    assert -(2**63) <= c.to_int(text) < 2**63
    assert isinstance(c.to_double(text), float)


@given(st.floats(allow_nan=False))
def test_binary_doubles(number: float) -> None:
    assert c.bytestring_to_double(struct.pack(">d", number)) == number


@given(st.integers(0, 2**64 - 1))
def test_binary_counts(number: int) -> None:
    assert c.bytestring_to_count(number.to_bytes(8, "big")) == number
    assert c.bytestring_to_count(number.to_bytes(8, "little"), True) == number


def test_binary_numbers_of_other_lengths(reports: Any) -> None:
    assert c.bytestring_to_count(b"\1\0\0") == 65536
    assert c.bytestring_to_float(struct.pack(">f", 1.5)) == 1.5
    assert reports() == ""
    assert c.bytestring_to_count(b"") == c.bytestring_to_count(bytes(9)) == 0
    assert c.bytestring_to_float(b"abc") == c.bytestring_to_double(b"abc") == 0.0
    assert reports().count("error") == 4


def test_enum_to_int() -> None:
    assert c.enum_to_int(context.current.globals["tcp"]) == 1
    with pytest.raises(ScriptError, match="enum"):
        c.enum_to_int(b"tcp")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"", b"string"),
        (True, b"bool"),
        (count(1), b"count"),
        (Addr("::"), b"addr"),
        (Boxed([], t.VectorType(t.INT)), b"vector of int"),
        (Boxed({}, t.TableType([t.ADDR, t.PORT], t.STRING)), b"table[addr,port] of string"),
    ],
)
def test_type_name(value: Any, name: bytes) -> None:
    assert c.type_name(value) == name


# ---- fmt ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), b""),
        ((b"",), b""),
        ((b"plain",), b"plain"),
        ((b"100%%",), b"100%"),
        ((b"%s", b"a\0b"), b"a\0b"),
        ((b"%s%s", b"a", count(1)), b"a1"),
        ((b"<%5s>", b"ab"), b"<   ab>"),
        ((b"<%-5s>", b"ab"), b"<ab   >"),
        ((b"<%.1s>", b"ab"), b"<a>"),
        ((b"<%1s>", b"abc"), b"<abc>"),
        ((b"%d", count(2**64 - 1)), b"18446744073709551615"),
        ((b"%d", Boxed(-5, t.INT)), b"-5"),
        ((b"%5d|%-5d|%05d", count(42), count(42), count(42)), b"   42|42   |00042"),
        ((b"%03d", Boxed(-5, t.INT)), b"-05"),
        ((b"%d", True), b"1"),
        ((b"%d", Port(80, "tcp")), b"80"),
        ((b"%x", count(255)), b"ff"),
        ((b"%02x", count(10)), b"0a"),
        ((b"%x", Boxed(-1, t.INT)), b"ffffffffffffffff"),
        ((b"%x", Addr("1.2.3.4")), b"1020304"),
        ((b"%e", double(3.14159)), b"3.141590e+00"),
        ((b"%f", double(3.14159)), b"3.141590"),
        ((b"%.2f", double(3.14159)), b"3.14"),
        ((b"%.0f", double(2.7)), b"3"),
        ((b"%g", double(0.0001)), b"0.0001"),
        ((b"%8.3f|", double(3.14159)), b"   3.142|"),
        ((b"%.1f", count(3)), b"3.0"),
        ((b"%f", Boxed(60.0, t.INTERVAL)), b"60.000000"),
        ((b"%s", Boxed(60.0, t.INTERVAL)), b"1.0 min"),
        ((b"%s", double(3.14)), b"3.14"),
        ((b"%s", Addr("::1")), b"::1"),
        ((b"%s-%d-%s", b"x", count(1), True), b"x-1-T"),
    ],
)
def test_fmt(args: tuple[Any, ...], expected: bytes) -> None:
    assert fmt(*args) == expected


def test_fmt_enum() -> None:
    assert fmt(b"%s %d", context.current.globals["udp"], context.current.globals["udp"]) == b"udp 2"


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "when", "expected"),
    [
        (b"%D", 0.0, b"1970-01-01-00:00:00"),
        (b"%T", 1350604800.25, b"2012-10-19-00:00:00.250000"),
        (b"<%21D>", 0.0, b"<  1970-01-01-00:00:00>"),
    ],
)
def test_fmt_times(text: bytes, when: float, expected: bytes, utc: None) -> None:
    assert fmt(text, Boxed(when, t.TIME)) == expected


@pytest.mark.parametrize(
    ("args", "part"),
    [
        ((b"%s",), "takes 1 value and got 0"),
        ((b"%s", b"a", b"b"), "takes 1 value and got 2"),
        ((b"x", b"a"), "takes 0 values and got 1"),
        ((b"%d", b"a"), "not a value of type string"),
        ((b"%d", double(1.0)), "not a value of type double"),
        ((b"%f", b"a"), "not a value of type string"),
        ((b"%D", double(1.0)), "takes a time"),
        ((b"%q", b"a"), "'q' after %"),
        ((b"%", b"a"), "end of the string"),
        ((b"%128s", b"a"), "below 128"),
        ((b"%.999999s", b"a"), "below 128"),
        ((count(1),), "must be a string"),
        ((Boxed([], t.VectorType(t.INT)),), "must be a string"),
    ],
)
def test_fmt_errors(args: tuple[Any, ...], part: str) -> None:
    with pytest.raises(ScriptError, match=part):
        fmt(*args)


@given(st.binary(), st.integers(0, 2**64 - 1), st.integers(0, 127), st.booleans())
def test_fmt_agrees_with_printf(text: bytes, number: int, width: int, left: bool) -> None:
    flags = b"-" if left else b""
    spec = b"%%%s%dd" % (flags, width)
    literal = text.replace(b"%", b"%%")
    assert fmt(literal + spec + literal, count(number)) == text + (spec % number) + text


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 60),
    st.integers(0, 30),
    st.sampled_from("efg"),
)
def test_fmt_doubles_agree_with_printf(number: float, width: int, precision: int, kind: str) -> None:
    spec = f"%{width}.{precision}{kind}"
    assert fmt(spec.encode(), double(number)) == (spec % number).encode()


@given(st.binary(max_size=40), st.lists(st.binary(max_size=5), max_size=4))
def test_fmt_only_raises_script_errors(text: bytes, values: list[bytes]) -> None:
    with suppress(ScriptError):
        assert isinstance(fmt(text, *values), bytes)
