"""bro.runtime.builtins.jsontext"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins.jsontext import from_json, from_json_default_key_mapper, to_json
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.runtime.tables import Set, Table
from bro.runtime.values import Boxed
from bro.script import types as t

TABLE = t.TableType
COUNTS = t.VectorType(t.COUNT)


@pytest.fixture(autouse=True)
def result(program: Any) -> None:
    program.add_record("from_json_result", v=t.ANY, valid=t.BOOL, err=t.STRING)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (Boxed(5, t.COUNT), "5"),
        (Boxed(-5, t.INT), "-5"),
        (Boxed(3.5, t.DOUBLE), "3.5"),
        (Boxed(3.0, t.DOUBLE), "3.0"),
        (Boxed(float("nan"), t.DOUBLE), "null"),
        (Boxed(1299675.25, t.TIME), "1299675.25"),
        (Boxed(60.0, t.INTERVAL), '"1.0 min"'),
        (b"text", '"text"'),
        (b'a"b\\c/d', r'"a\"b\\c/d"'),
        (b"\n\r\t\b\f", r'"\n\r\t\b\f"'),
        (b"\x00\x1f\x7f", r'"\\x00\\x1f\\x7f"'),
        ("ü".encode(), '"ü"'),
        (b"\xff\xc3\xbc", r'"\\xff\\xc3\\xbc"'),
        (Addr("1.2.3.4"), '"1.2.3.4"'),
        (Subnet("10.0.0.0/8"), '"10.0.0.0/8"'),
        (Port(80, "tcp"), '{"port":80,"proto":"tcp"}'),
        (Boxed([1, None, 3], COUNTS), "[1,null,3]"),
        (Boxed([], COUNTS), "[]"),
        (Boxed(Set.of([b"a", b"b"]), TABLE([t.STRING], None)), '["a","b"]'),
        (Boxed(Set.of([(b"a", 1)]), TABLE([t.STRING, t.COUNT], None)), '[["a",1]]'),
        (Boxed(Table({b"a": 1}), TABLE([t.STRING], t.COUNT)), '{"a":1}'),
        (Boxed(Table({7: b"x"}), TABLE([t.COUNT], t.STRING)), '{"7":"x"}'),
        (Boxed(Table({(b"a", 1): True}), TABLE([t.STRING, t.COUNT], t.BOOL)), r'{"[\"a\",1]":true}'),
        (
            Boxed(Table({Port(22, "tcp"): 1.0}), TABLE([t.PORT], t.INTERVAL)),
            r'{"{\"port\":22,\"proto\":\"tcp\"}":"1.0 sec"}',
        ),
        (Boxed(Table({b"\x1f": 1}), TABLE([t.STRING], t.COUNT)), '{"\\\\\\\\x1f":1}'),
    ],
)
def test_to_json(value: Any, text: str) -> None:
    assert to_json(value).decode() == text


def test_enums() -> None:
    assert to_json(context.current.globals["tcp"]) == b'"tcp"'


def test_records(program: Any) -> None:
    cls = program.add_record(
        "R", _id=(t.COUNT, {"log"}), name=(t.STRING, {"optional"}), secret=(t.STRING, {"optional"})
    )
    record = cls(_id=1, secret=b"x")
    assert to_json(record) == b'{"id":1,"secret":"x"}'
    assert to_json(record, True) == b'{"id":1}'
    assert to_json(record, False, Pattern("^s")) == b'{"_id":1,"ecret":"x"}'


def test_interval_as_double() -> None:
    assert to_json(Boxed(60.0, t.INTERVAL), False, None, True) == b"60.0"


def test_circles_are_an_error(program: Any) -> None:
    cls = program.add_record("Node", next=(t.ANY, {"optional"}))
    node = cls()
    node.next = node
    with pytest.raises(ScriptError, match="nested deeper"):
        to_json(node)


@given(st.binary())
def test_every_string_is_json(data: bytes) -> None:
    assert isinstance(json.loads(to_json(data)), str)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_comes_back(text: str) -> None:
    assert json.loads(to_json(text.encode())) == text


# ---- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (b"true", t.BOOL, True),
        (b"5", t.COUNT, Boxed(5, t.COUNT)),
        (b"-5", t.INT, Boxed(-5, t.INT)),
        (b"5", t.DOUBLE, Boxed(5.0, t.DOUBLE)),
        (b"1.5", t.TIME, Boxed(1.5, t.TIME)),
        (b"60", t.INTERVAL, Boxed(60.0, t.INTERVAL)),
        (b'"1.0 min 2.0 secs"', t.INTERVAL, Boxed(62.0, t.INTERVAL)),
        ('"ü"'.encode(), t.STRING, "ü".encode()),
        (b'"1.2.3.4"', t.ADDR, Addr("1.2.3.4")),
        (b'"10.0.0.0/8"', t.SUBNET, Subnet("10.0.0.0/8")),
        (b'"80/tcp"', t.PORT, Port(80, "tcp")),
        (b'{"port":80,"proto":"tcp"}', t.PORT, Port(80, "tcp")),
        (b"[1,2]", COUNTS, Boxed([1, 2], COUNTS)),
        (b'["a","a","b"]', TABLE([t.STRING], None), Boxed(Set.of([b"a", b"b"]), TABLE([t.STRING], None))),
        (b'{"a":1}', TABLE([t.STRING], t.COUNT), Boxed(Table({b"a": 1}), TABLE([t.STRING], t.COUNT))),
        (b'{"7":true}', TABLE([t.COUNT], t.BOOL), Boxed(Table({7: True}), TABLE([t.COUNT], t.BOOL))),
        (b'"x"', t.ANY, b"x"),
        (b"7", t.ANY, Boxed(7, t.COUNT)),
    ],
)
def test_from_json(text: bytes, kind: t.Type, value: Any) -> None:
    found = from_json(text, kind)
    assert found.valid, found.err
    assert found.v == value


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        (b"", t.COUNT, "parse error"),
        (b"{", t.COUNT, "parse error"),
        (b"NaN", t.DOUBLE, "not JSON"),
        (b"\xff", t.STRING, "UTF-8"),
        (b"[" * 100_000, COUNTS, "nested too deeply"),
        (b"-1", t.COUNT, "value of type count"),
        (b"18446744073709551616", t.COUNT, "value of type count"),
        (b"true", t.COUNT, "a boolean"),
        (b"1", t.BOOL, "a number"),
        (b"null", t.STRING, "null"),
        (b'"x"', t.ADDR, "IP address"),
        (b'"(1"', t.PATTERN, ""),
        (b'"80"', t.PORT, "port is like"),
        (b'{"port":80}', t.PORT, "port is like"),
        (b'{"port":70000,"proto":"tcp"}', t.PORT, "port is like"),
        (b'{"port":80,"proto":"x"}', t.PORT, "transport"),
        (b'"1 apple"', t.INTERVAL, "interval"),
        (b"{}", COUNTS, "an object"),
        (b"[1]", TABLE([t.COUNT, t.COUNT], None), "array of 2"),
        (b"1", t.FILE, "file"),
        (b"[]", t.ANY, "which type"),
    ],
)
def test_from_json_that_does_not_fit(text: bytes, kind: t.Type, part: str) -> None:
    found = from_json(text, kind)
    assert not found.valid and found.v is None
    assert part in found.err.decode()


def test_records_from_json(program: Any) -> None:
    inner = program.add_record("Inner", n=t.COUNT)
    program.add_record(
        "Outer",
        name=t.STRING,
        note=(t.STRING, {"optional"}),
        inner=(inner.__bro_type__, {"optional"}),
        proto=(program.enum_types["transport_proto"], {"optional"}),
    )
    kind = program.record_classes["Outer"].__bro_type__
    found = from_json(b'{"name":"a","inner":{"n":3},"proto":"udp","other":[],"note":null}', kind)
    assert found.valid, found.err
    assert (found.v.name, found.v.inner.n, found.v.note) == (b"a", 3, None)
    assert found.v.proto is context.current.globals["udp"]
    missing = from_json(b'{"note":"x"}', kind)
    assert not missing.valid and b"Outer$name is required" in missing.err
    nested = from_json(b'{"name":"a","inner":{"n":"x"}}', kind)
    assert b"Outer$inner: Inner$n: a string" in nested.err
    renamed = from_json(b'{"NAME":"a"}', kind, lambda name: name.lower())
    assert renamed.v.name == b"a"
    assert b"no value of enum" in from_json(b'{"name":"a","proto":"sctp"}', kind).err


def test_key_mapper() -> None:
    assert from_json_default_key_mapper(b"x-y") == b"x-y"


def test_type_must_be_a_type() -> None:
    with pytest.raises(ScriptError, match="must be a type"):
        from_json(b"1", b"count")
    assert from_json(b"1", t.TypeType(t.COUNT)).v == Boxed(1, t.COUNT)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(
    json_values,
    st.sampled_from(
        [t.COUNT, t.STRING, t.PORT, COUNTS, TABLE([t.STRING], t.COUNT), TABLE([t.ADDR], None), t.ANY]
    ),
)
def test_any_json_can_be_asked(value: Any, kind: t.Type) -> None:
    found = from_json(json.dumps(value).encode(), kind)
    assert found.valid is (found.err is None)


counts = st.integers(0, 2**64 - 1)


@given(
    st.lists(counts),
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5), counts
    ),
)
def test_round_trip(numbers: list[int], table: dict[str, int]) -> None:
    assert from_json(to_json(Boxed(numbers, COUNTS)), COUNTS).v.value == numbers
    kind = TABLE([t.STRING], t.COUNT)
    items = {key.encode(): value for key, value in table.items() if '"' not in key and "\\" not in key}
    assert from_json(to_json(Boxed(Table(items), kind)), kind).v.value == items
