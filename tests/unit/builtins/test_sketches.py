"""bro.runtime.builtins.sketches, entropy and paraglob, and what is behind them in bro.runtime.opaques"""

from __future__ import annotations

import fnmatch
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bro.runtime.builtins import entropy, paraglob
from bro.runtime.builtins import sketches as s
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.runtime.opaques.encoding import encode
from bro.runtime.tables import Set, Table
from bro.runtime.values import Boxed, copy
from bro.script import types as t

from .conftest import make_record


def count(value: int) -> Boxed:
    return Boxed(value, t.COUNT)


# ---- encoding ----------------------------------------------------------------------------------------------

values = st.recursive(
    st.one_of(st.binary(max_size=4), st.integers(0, 2**64 - 1), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(st.lists(st.binary(max_size=3), max_size=3), st.lists(st.binary(max_size=3), max_size=3))
def test_different_lists_differ(one: list[bytes], two: list[bytes]) -> None:
    assert (encode(one) == encode(two)) == (one == two)


@given(values.filter(lambda v: v is not None))
def test_encoding_is_stable(value: Any) -> None:
    assert encode(value) == encode(value)


def test_encoding_of_every_kind() -> None:
    cls = make_record("R", a=t.COUNT, b=t.STRING)
    different = [
        b"x",
        count(1),
        Addr("1.2.3.4"),
        Addr("::1"),
        Port(80, "tcp"),
        Port(80, "udp"),
        Subnet("10.0.0.0/8"),
        Pattern("a"),
        Pattern("b"),
        True,
        Boxed(1.5, t.DOUBLE),
        cls(a=1),
        cls(a=1, b=b""),
        (b"a", 1),
    ]
    assert len({encode(value) for value in different}) == len(different)
    assert encode(Boxed(0.0, t.DOUBLE)) == encode(Boxed(-0.0, t.DOUBLE))
    assert encode(Table({b"a": 1, b"b": 2})) == encode(Table({b"b": 2, b"a": 1}))
    assert encode(Set.of([b"a", b"b"])) == encode(Set.of([b"b", b"a"]))


# ---- Bloom filters -----------------------------------------------------------------------------------------


@given(st.sets(st.binary(max_size=8)), st.booleans())
def test_no_false_negatives(elements: set[bytes], counting: bool) -> None:
    bf = s.bloomfilter_counting_init(3, 500, 15) if counting else s.bloomfilter_basic_init2(3, 500)
    for element in elements:
        s.bloomfilter_add(bf, element)
    assert all(s.bloomfilter_lookup(bf, element) >= 1 for element in elements)


@given(st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=40))
def test_counts_are_never_too_low(elements: list[bytes]) -> None:
    bf = s.bloomfilter_counting_init(3, 64, 1000)
    for element in elements:
        s.bloomfilter_add(bf, element)
    for element, times in Counter(elements).items():
        assert s.bloomfilter_lookup(bf, element) >= times
        assert s.bloomfilter_decrement(bf, element)
        assert s.bloomfilter_lookup(bf, element) >= times - 1


def test_rate_of_false_positives() -> None:
    bf = s.bloomfilter_basic_init(0.02, 2000, b"test")
    for number in range(2000):
        s.bloomfilter_add(bf, count(number))
    wrong = sum(s.bloomfilter_lookup(bf, count(number)) for number in range(10_000, 20_000))
    assert 0 < wrong < 400  # 200 are expected


def test_counting_filter_stops_at_its_maximum(reports: Any) -> None:
    bf = s.bloomfilter_counting_init(2, 100, 3)
    for _ in range(9):
        s.bloomfilter_add(bf, b"x")
    assert s.bloomfilter_lookup(bf, b"x") == 3
    assert not s.bloomfilter_decrement(bf, b"never seen")
    assert reports() == ""
    assert not s.bloomfilter_decrement(s.bloomfilter_basic_init2(2, 100), b"x")
    assert "counting" in reports()


def test_merge_and_intersect() -> None:
    def make(*elements: bytes) -> Any:
        bf = s.bloomfilter_basic_init(0.001, 100, b"same")
        for element in elements:
            s.bloomfilter_add(bf, element)
        return bf

    both = s.bloomfilter_merge(make(b"a", b"b"), make(b"b", b"c"))
    assert [s.bloomfilter_lookup(both, x) for x in (b"a", b"b", b"c", b"d")] == [1, 1, 1, 0]
    common = s.bloomfilter_intersect(make(b"a", b"b"), make(b"b", b"c"))
    assert [s.bloomfilter_lookup(common, x) for x in (b"a", b"b", b"c")] == [0, 1, 0]


def test_counting_merge_adds_up() -> None:
    def make(times: int) -> Any:
        bf = s.bloomfilter_counting_init(3, 100, 5, b"same")
        for _ in range(times):
            s.bloomfilter_add(bf, b"a")
        return bf

    assert s.bloomfilter_lookup(s.bloomfilter_merge(make(1), make(2)), b"a") == 3
    assert s.bloomfilter_lookup(s.bloomfilter_merge(make(4), make(4)), b"a") == 5
    assert s.bloomfilter_lookup(s.bloomfilter_intersect(make(1), make(2)), b"a") == 1


def test_state_clear_and_copy() -> None:
    bf = s.bloomfilter_basic_init2(3, 100, b"n")
    empty = s.bloomfilter_internal_state(bf)
    s.bloomfilter_add(bf, b"a")
    other = copy(bf)
    assert s.bloomfilter_internal_state(bf) == s.bloomfilter_internal_state(other) != empty
    s.bloomfilter_clear(bf)
    assert s.bloomfilter_internal_state(bf) == empty
    assert s.bloomfilter_lookup(other, b"a") == 1


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: s.bloomfilter_basic_init(0.0, 10), "between 0 and 1"),
        (lambda: s.bloomfilter_basic_init(1.5, 10), "between 0 and 1"),
        (lambda: s.bloomfilter_basic_init(0.1, 0), "no elements"),
        (lambda: s.bloomfilter_basic_init(1e-9, 10**12), "cells"),
        (lambda: s.bloomfilter_basic_init2(0, 10), "hash functions"),
        (lambda: s.bloomfilter_basic_init2(1, 0), "cells"),
        (lambda: s.bloomfilter_counting_init(1, 10, 0), "counts up"),
        (
            lambda: s.bloomfilter_merge(
                s.bloomfilter_basic_init2(1, 9, b"a"), s.bloomfilter_basic_init2(1, 9, b"b")
            ),
            "different names",
        ),
        (
            lambda: s.bloomfilter_merge(s.bloomfilter_basic_init2(1, 9), s.bloomfilter_basic_init2(1, 10)),
            "does not go together",
        ),
        (
            lambda: s.bloomfilter_merge(
                s.bloomfilter_basic_init2(1, 9), s.bloomfilter_counting_init(1, 9, 1)
            ),
            "does not go together",
        ),
        (lambda: s.hll_cardinality_init(0.0, 0.9), "between 0 and 1"),
        (lambda: s.hll_cardinality_init(0.1, 1.0), "between 0 and 1"),
        (lambda: s.hll_cardinality_init(1e-9, 0.9), "bits"),
        (lambda: s.topk_init(0), "keeps"),
    ],
)
def test_bad_arguments(call: Any, part: str) -> None:
    with pytest.raises(ScriptError, match=part):
        call()


@pytest.mark.parametrize(
    ("make", "add"),
    [
        (lambda: s.bloomfilter_basic_init2(1, 10), s.bloomfilter_add),
        (lambda: s.hll_cardinality_init(0.1, 0.9), s.hll_cardinality_add),
        (lambda: s.topk_init(5), s.topk_add),
    ],
)
def test_elements_are_of_one_type(make: Any, add: Any) -> None:
    handle = make()
    add(handle, b"text")
    with pytest.raises(ScriptError, match="of type string"):
        add(handle, count(5))


# ---- cardinality -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("true", [0, 1, 10, 100, 1000, 20_000])
@pytest.mark.parametrize("error", [0.01, 0.05])
def test_estimates_stay_within_their_bound(true: int, error: float) -> None:
    counter = s.hll_cardinality_init(error, 0.95)
    for number in range(true):
        for _ in range(1 + number % 2):
            s.hll_cardinality_add(counter, count(number))
    # The hash is fixed, so this either holds always or never; a bound of two is a matter of luck at 95%.
    assert abs(s.hll_cardinality_estimate(counter) - true) <= max(1.0, 2 * error * true)


def test_more_accuracy_takes_more_memory() -> None:
    sizes = [len(s.hll_cardinality_init(error, 0.95).registers) for error in (0.2, 0.05, 0.01)]
    assert sizes == sorted(set(sizes))
    assert len(s.hll_cardinality_init(0.05, 0.99).registers) >= len(
        s.hll_cardinality_init(0.05, 0.5).registers
    )


@given(st.sets(st.binary(max_size=4)), st.sets(st.binary(max_size=4)))
def test_merging_is_counting_both(one: set[bytes], two: set[bytes]) -> None:
    def make(elements: set[bytes]) -> Any:
        counter = s.hll_cardinality_init(0.1, 0.9)
        for element in elements:
            s.hll_cardinality_add(counter, element)
        return counter

    merged = s.hll_cardinality_copy(make(one))
    assert s.hll_cardinality_merge_into(merged, make(two))
    assert merged.registers == make(one | two).registers


def test_merge_of_different_sizes(reports: Any) -> None:
    assert not s.hll_cardinality_merge_into(
        s.hll_cardinality_init(0.1, 0.9), s.hll_cardinality_init(0.01, 0.9)
    )
    assert "different error bounds" in reports()


# ---- top-k -------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(st.integers(0, 12), max_size=120), st.integers(1, 8))
def test_space_saving(stream: list[int], size: int) -> None:
    summary = s.topk_init(size)
    true = Counter(stream)
    for element in stream:
        s.topk_add(summary, count(element))
    assert s.topk_sum(summary) == len(stream) == sum(c.count for c in summary.counters.values())
    assert len(summary.counters) <= size == s.topk_size(summary)
    for element, times in true.items():
        counted = summary.count(count(element))
        if counted is None:
            # Whoever is not kept came at most as often as an n-th of the stream.
            assert times <= len(stream) / size
        else:
            assert counted - summary.epsilon(count(element)) <= times <= counted
    counts = [s.topk_count(summary, value) for value in s.topk_get_top(summary, size)]
    assert counts == sorted(counts, reverse=True)


def test_ties_come_along() -> None:
    summary = s.topk_init(10)
    for element in (b"a", b"a", b"a", b"b", b"b", b"c", b"c", b"d"):
        s.topk_add(summary, element)
    assert s.topk_get_top(summary, 1) == [b"a"]
    assert s.topk_get_top(summary, 2) == [b"a", b"b", b"c"]
    assert s.topk_get_top(summary, 99) == [b"a", b"b", b"c", b"d"]
    assert s.topk_epsilon(summary, b"a") == 0


def test_elements_not_kept(reports: Any) -> None:
    summary = s.topk_init(1)
    assert s.topk_count(summary, b"x") == s.topk_epsilon(summary, b"x") == 0
    assert reports().count("not among") == 2


@pytest.mark.parametrize("prune", [False, True])
def test_topk_merge(prune: bool) -> None:
    one, two = s.topk_init(2), s.topk_init(2)
    for element in (b"a", b"a", b"a", b"b"):
        s.topk_add(one, element)
    for element in (b"b", b"c", b"c"):
        s.topk_add(two, element)
    (s.topk_merge_prune if prune else s.topk_merge)(one, two)
    top = s.topk_get_top(one, 10)
    assert top[0] == b"a"
    assert s.topk_count(one, b"b") in (0, 2)
    assert len(one.counters) == (2 if prune else 3)
    assert s.topk_sum(one) == sum(counter.count for counter in one.counters.values())
    s.topk_add(one, b"a")
    assert s.topk_count(one, b"a") == 4
    other = copy(one)
    s.topk_add(other, b"a")
    assert (s.topk_count(one, b"a"), s.topk_count(other, b"a")) == (4, 5)


# ---- entropy -----------------------------------------------------------------------------------------------


@pytest.fixture
def results(program: Any) -> None:
    names = ("entropy", "chi_square", "mean", "monte_carlo_pi", "serial_correlation")
    program.add_record("entropy_test_result", **dict.fromkeys(names, t.DOUBLE))


@pytest.mark.usefixtures("results")
def test_entropy_of_simple_data() -> None:
    same = entropy.find_entropy(b"a" * 1000)
    assert (same.entropy, same.mean) == (0.0, 97.0)
    assert same.chi_square == pytest.approx(255000.0)
    every = entropy.find_entropy(bytes(range(256)) * 4)
    assert every.entropy == pytest.approx(8.0)
    assert every.chi_square == 0.0
    assert every.mean == 127.5
    coin = entropy.find_entropy(b"\0\1" * 500)
    assert coin.entropy == pytest.approx(1.0)
    assert coin.serial_correlation == pytest.approx(-1.0)


@pytest.mark.usefixtures("results")
def test_entropy_of_random_data() -> None:
    from random import Random

    found = entropy.find_entropy(Random(1).randbytes(60_000))
    assert found.entropy > 7.99
    assert found.monte_carlo_pi == pytest.approx(math.pi, abs=0.06)
    assert abs(found.serial_correlation) < 0.02


def test_entropy_in_pieces(program: Any) -> None:
    names = ("entropy", "chi_square", "mean", "monte_carlo_pi", "serial_correlation")
    program.add_record("entropy_test_result", **dict.fromkeys(names, t.DOUBLE))
    data = bytes(range(200)) * 3 + b"tail"
    handle = entropy.entropy_test_init()
    assert entropy.entropy_test_add(handle, b"")
    for start in range(0, len(data), 7):
        assert entropy.entropy_test_add(handle, data[start : start + 7])
    assert entropy.entropy_test_finish(copy(handle)) == entropy.find_entropy(data)
    assert entropy.find_entropy(b"").entropy == 0.0


# ---- paraglob ----------------------------------------------------------------------------------------------


def globs(*patterns: bytes) -> Any:
    return paraglob.paraglob_init(Boxed(list(patterns), t.VectorType(t.STRING)))


def test_paraglob() -> None:
    compiled = globs(b"*", b"d?g", b"*og", b"[a-d]og", b"dog", b"d\\*g", b"[!d]og", b"")
    assert paraglob.paraglob_match(compiled, b"dog") == [b"*", b"d?g", b"*og", b"[a-d]og", b"dog"]
    assert paraglob.paraglob_match(compiled, b"d*g") == [b"*", b"d?g", b"d\\*g"]
    assert paraglob.paraglob_match(compiled, b"fog") == [b"*", b"*og", b"[!d]og"]
    assert paraglob.paraglob_match(compiled, b"") == [b"*", b""]
    assert paraglob.paraglob_match(compiled, b"a\nb") == [b"*"]
    assert paraglob.paraglob_equals(compiled, copy(compiled))
    assert paraglob.paraglob_equals(globs(b"a", b"b"), globs(b"b", b"a", b"a"))
    assert not paraglob.paraglob_equals(globs(b"a"), globs(b"b"))
    with pytest.raises(ScriptError, match="vector of strings"):
        paraglob.paraglob_init(b"x")


@settings(max_examples=300)
@given(st.text("ab*?[]!-", max_size=8), st.text("ab-!]", max_size=6))
def test_paraglob_agrees_with_fnmatch(pattern: str, text: str) -> None:
    found = paraglob.paraglob_match(globs(pattern.encode()), text.encode())
    assert bool(found) == fnmatch.fnmatchcase(text, pattern)
