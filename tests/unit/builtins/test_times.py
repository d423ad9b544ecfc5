"""bro.runtime.builtins.times"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import times
from bro.runtime.errors import ScriptError


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_network_time_is_that_of_the_clock() -> None:
    assert times.network_time() == 0.0
    context.current.clock.now = 12.5
    assert times.network_time() == times.current_event_time() == 12.5


def test_network_time_is_the_engines(engine: Any) -> None:
    made = engine(set_network_time=True)
    assert times.network_time() == made.now
    assert times.set_network_time(made.now + 1)
    assert not times.set_network_time(made.now - 1)
    assert made.asked == [("set_network_time", made.now + 1)]


def test_conversion() -> None:
    assert times.time_to_double(5.5) == times.double_to_time(5.5) == 5.5


@pytest.mark.parametrize(
    ("fmt", "when", "text"),
    [
        (b"%Y-%m-%d %H:%M:%S", 0.0, b"1970-01-01 00:00:00"),
        (b"%Y/%m/%d", 1308423788.9, b"2011/06/18"),
        (b"100%%", 0.0, b"100%"),
        (b"", 0.0, b""),
        ("%Y ü".encode(), 0.0, "1970 ü".encode()),
    ],
)
def test_strftime(fmt: bytes, when: float, text: bytes) -> None:
    assert times.strftime(fmt, when) == text


def test_strftime_out_of_range() -> None:
    with pytest.raises(ScriptError, match="cannot format"):
        times.strftime(b"%Y", 1e300)


@pytest.mark.parametrize(
    ("fmt", "text", "when"),
    [
        (b"%Y-%m-%d", b"2012-10-19", 1350604800.0),
        (b"%H:%M:%S %d %b %Y", b"01:02:03 01 Jan 1970", 3723.0),
        (b"%Y-%m-%d %H:%M:%S %z", b"1970-01-01 02:00:00 +0200", 0.0),
    ],
)
def test_strptime(fmt: bytes, text: bytes, when: float) -> None:
    assert times.strptime(fmt, text) == when


def test_strptime_that_does_not_fit(reports: Any) -> None:
    assert times.strptime(b"%Y-%m-%d", b"yesterday") == 0.0
    assert "yesterday" in reports()


@given(st.integers(0, 4_000_000_000))
def test_round_trip(when: int) -> None:
    assert times.strptime(b"%Y-%m-%d %H:%M:%S", times.strftime(b"%Y-%m-%d %H:%M:%S", float(when))) == when


@pytest.mark.parametrize(
    ("now", "interval", "base", "expected"),
    [
        (0.0, 3600.0, 0.0, 3600.0),
        (1800.0, 3600.0, 0.0, 1800.0),
        (1800.0, 86400.0, 7200.0, 5400.0),
        (7200.0, 86400.0, 7200.0, 86400.0),
        (100.0, 0.0, 0.0, 0.0),
    ],
)
def test_next_rotation(now: float, interval: float, base: float, expected: float) -> None:
    assert times.next_rotation(now, interval, base) == expected


def test_calc_next_rotate(reports: Any) -> None:
    context.current.clock.now = 86400.0 + 60
    context.current.globals["log_rotate_base_time"] = b"0:30"
    assert times.calc_next_rotate(3600.0) == 1740.0
    context.current.globals["log_rotate_base_time"] = b"noon"
    assert times.calc_next_rotate(3600.0) == 3540.0
    assert "noon" in reports()


@pytest.mark.parametrize("text", [b"", b"12", b"24:00", b"1:60", b"a:b", b"-1:00"])
def test_no_time_of_day(text: bytes) -> None:
    assert times.time_of_day(text) is None


def test_sleep_says_how_long() -> None:
    assert times.sleep(0.0) >= 0.0
    assert times.sleep(-5.0) < 5.0
