"""bro.runtime.builtins.numbers"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.builtins import numbers as n
from bro.runtime.errors import ScriptError


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (n.floor, (3.14,), 3.0),
        (n.floor, (-3.14,), -4.0),
        (n.floor, (math.inf,), math.inf),
        (n.ceil, (3.14,), 4.0),
        (n.ceil, (-3.14,), -3.0),
        (n.sqrt, (4.0,), 2.0),
        (n.exp, (0.0,), 1.0),
        (n.exp, (1e6,), math.inf),
        (n.ln, (math.e,), 1.0),
        (n.ln, (0.0,), -math.inf),
        (n.log2, (8.0,), 3.0),
        (n.log10, (1000.0,), 3.0),
        (n.pow_, (2.0, 10.0), 1024.0),
        (n.pow_, (0.0, -1.0), math.inf),
        (n.pow_, (-10.0, 1001.0), -math.inf),
        (n.pow_, (10.0, 1e9), math.inf),
        (n.modulo, (-7, 3), 2),
        (n.modulo, (7, 3), 1),
        (n.max_count, (1, 2), 2),
        (n.min_count, (1, 2), 1),
        (n.max_double, (1.5, -2.0), 1.5),
        (n.min_double, (1.5, -2.0), -2.0),
        (n.max_interval, (1.0, 60.0), 60.0),
        (n.min_interval, (1.0, 60.0), 1.0),
        (n.double_to_count, (3.14,), 3),
        (n.double_to_count, (3.9,), 4),
        (n.double_to_count, (2.5,), 2),
        (n.double_to_int, (-3.9,), -4),
        (n.int_to_count, (7,), 7),
        (n.int_to_double, (-7,), -7.0),
        (n.count_to_double, (7,), 7.0),
        (n.interval_to_double, (60.0,), 60.0),
        (n.double_to_interval, (60.0,), 60.0),
        (n.haversine_distance, (53.0, -5.0, 53.0, -5.0), 0.0),
    ],
)
def test_table(function: Any, args: tuple[Any, ...], expected: Any) -> None:
    assert function(*args) == pytest.approx(expected)


@pytest.mark.parametrize("function", [n.ln, n.log2, n.log10])
def test_logarithm_of_a_negative_number(function: Any) -> None:
    assert math.isnan(function(-1.0))


def test_power_without_real_result() -> None:
    assert math.isnan(n.pow_(-8.0, 1 / 3))


@pytest.mark.parametrize(
    ("call", "result"),
    [(lambda: n.sqrt(-1.0), -1.0), (lambda: n.double_to_count(-0.5), 0), (lambda: n.int_to_count(-1), 0)],
)
def test_reports(call: Any, result: Any, reports: Any) -> None:
    assert call() == result
    assert "error" in reports()


@pytest.mark.parametrize(
    "call",
    [
        lambda: n.modulo(1, 0),
        lambda: n.double_to_count(1e30),
        lambda: n.double_to_count(math.nan),
        lambda: n.double_to_int(math.inf),
        lambda: n.double_to_int(-1e30),
    ],
)
def test_errors(call: Any) -> None:
    with pytest.raises(ScriptError):
        call()


def test_distance_of_two_cities() -> None:
    # Berlin and San Francisco are 5658 miles apart.
    assert n.haversine_distance(52.52, 13.405, 37.7749, -122.4194) == pytest.approx(5658, rel=0.005)


places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(places, places)
def test_distance_is_symmetric_and_bounded(one: tuple[float, float], two: tuple[float, float]) -> None:
    there = n.haversine_distance(*one, *two)
    assert 0 <= there <= 3959 * math.pi + 1e-6
    assert there == pytest.approx(n.haversine_distance(*two, *one), abs=1e-3)


def test_distance_of_places_that_are_none() -> None:
    assert math.isnan(n.haversine_distance(math.inf, 0.0, 0.0, 0.0))
    assert math.isnan(n.haversine_distance(0.0, -1e308, 0.0, 1.7e308))
    assert n.haversine_distance(200.0, 0.0, 10.0, 90.0) >= 0.0
