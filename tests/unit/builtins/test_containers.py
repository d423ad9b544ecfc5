"""bro.runtime.builtins.containers"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import containers as c
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Pattern, Port
from bro.runtime.tables import Set, Table
from bro.runtime.values import Boxed
from bro.script import types as t

from .conftest import make_record


def vector(items: list[Any], element: t.Type = t.COUNT) -> Boxed:
    return Boxed(items, t.VectorType(element))


def backwards(a: int, b: int) -> int:
    return b - a


def test_sort() -> None:
    boxed = vector([3, 1, 2])
    assert c.sort(boxed) is boxed
    assert boxed.value == [1, 2, 3]
    c.sort(boxed, backwards)
    assert boxed.value == [3, 2, 1]


def test_unset_elements_go_last() -> None:
    boxed = vector([None, 3, None, 1])
    c.sort(boxed)
    assert boxed.value == [1, 3, None, None]
    assert c.order(vector([None, 3, None, 1])) == [3, 1, 0, 2]


@pytest.mark.parametrize(
    ("items", "element"),
    [
        ([b"b", b"a"], t.STRING),
        ([2.5, -1.0], t.DOUBLE),
        ([Addr("2.0.0.0"), Addr("1.0.0.0")], t.ADDR),
        ([Port(80, "tcp"), Port(22, "tcp")], t.PORT),
        ([True, False], t.BOOL),
    ],
)
def test_types_with_an_order(items: list[Any], element: t.Type) -> None:
    boxed = vector(list(items), element)
    c.sort(boxed)
    assert boxed.value == list(reversed(items))
    assert c.order(vector(list(items), element)) == [1, 0]


def test_enums_sort_by_number(program: Any) -> None:
    kind = program.enum_types["transport_proto"]
    values = [context.current.globals[name] for name in ("icmp", "tcp", "udp")]
    boxed = vector(values, kind)
    c.sort(boxed)
    assert [value.name for value in boxed.value] == ["tcp", "udp", "icmp"]


@given(st.lists(st.integers(0, 50)))
def test_order_is_a_stable_sort(items: list[int]) -> None:
    positions = c.order(vector(items))
    assert [items[position] for position in positions] == sorted(items)
    assert c.order(vector(items), lambda a, b: 0) == list(range(len(items)))


def test_comparison_may_look_at_the_vector() -> None:
    boxed = vector([2, 1])
    c.sort(boxed, lambda a, b: (a > b) - (a < b) + 0 * len(boxed.value))
    assert boxed.value == [1, 2]


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: c.sort(), "vector is needed"),
        (lambda: c.sort(b"x"), "vector is needed"),
        (lambda: c.sort(vector([]), 5), "must be a function"),
        (lambda: c.sort(vector([]), backwards, backwards), "at most one"),
        (lambda: c.sort(vector([], t.VectorType(t.INT))), "needs a function"),
        (lambda: c.order(), "vector is needed"),
        (lambda: c.any_set(vector([1])), "vector of bool"),
        (lambda: c.clear_table(vector([1])), "table or set"),
        (lambda: c.table_values(Boxed(Set(), t.TableType([t.STRING], None))), "no values"),
        (lambda: c.resize(vector([]), 1 << 40), "limit"),
    ],
)
def test_errors(call: Any, part: str) -> None:
    with pytest.raises(ScriptError, match=part):
        call()


def test_resize(reports: Any) -> None:
    boxed = vector([1, 2, 3])
    assert c.resize(boxed, 5) == 3
    assert boxed.value == [1, 2, 3, None, None]
    assert c.resize(boxed, 1) == 5
    assert boxed.value == [1]
    assert c.resize(b"text", 1) == 0
    assert "vector is needed" in reports()


@pytest.mark.parametrize(
    ("items", "any_", "all_"),
    [
        ([], False, True),
        ([True], True, True),
        ([False, True], True, False),
        ([True, None], True, False),
        ([False], False, False),
    ],
)
def test_any_and_all(items: list[Any], any_: bool, all_: bool) -> None:
    assert c.any_set(vector(items, t.BOOL)) is any_
    assert c.all_set(vector(items, t.BOOL)) is all_


def test_tables() -> None:
    table = Boxed(Table({b"a": 1, b"b": 2}), t.TableType([t.STRING], t.COUNT))
    keys = c.table_keys(table)
    assert keys.value == [b"a", b"b"] and keys.type == t.VectorType(t.STRING)
    assert c.table_values(table) == [Boxed(1, t.COUNT), Boxed(2, t.COUNT)]
    c.clear_table(table)
    assert not table.value


def test_keys_of_several_parts() -> None:
    table = Boxed(Set.of([(b"a", 1)]), t.TableType([t.STRING, t.COUNT], None))
    assert c.table_keys(table).value == [[b"a", Boxed(1, t.COUNT)]]


def test_same_object() -> None:
    items: list[Any] = []
    assert c.same_object(vector(items), vector(items))
    assert not c.same_object(vector([]), vector([]))


def test_footprint() -> None:
    cls = make_record("R", a=t.COUNT, b=t.STRING)
    record = cls(a=1)
    assert c.val_footprint(Boxed(5, t.COUNT)) == 1
    assert c.val_footprint(record) == 2
    assert c.val_footprint(vector([1, 2, None])) == 3
    assert c.val_footprint(Boxed(Table({b"a": [1]}), t.TableType([t.STRING], t.VectorType(t.COUNT)))) == 4
    assert c.val_footprint(Boxed(Set.of([(b"a", 1)]), t.TableType([t.STRING, t.COUNT], None))) == 3
    circle: list[Any] = []
    circle.append(circle)
    assert c.val_footprint(vector(circle)) == 1
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert c.val_footprint(vector(deep)) == 5001


def test_matcher_stats(program: Any) -> None:
    names = ("matchers", "nfa_states", "dfa_states", "computed", "mem", "hits", "misses")
    program.add_record("MatcherStats", **dict.fromkeys(names, t.COUNT))
    table = Boxed(Set.of([Pattern("a"), Pattern("b")]), t.TableType([t.PATTERN], None))
    assert c.table_pattern_matcher_stats(table).matchers == 2
    with pytest.raises(ScriptError, match="indexed by pattern"):
        c.table_pattern_matcher_stats(Boxed(Set.of([b"a"]), t.TableType([t.STRING], None)))
