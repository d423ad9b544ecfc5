"""Numbers: arithmetic beyond the operators, and conversions between numeric types."""

from __future__ import annotations

import math

from bro.runtime.builtins._support import report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

MAX_COUNT = 2**64 - 1
MIN_INT, MAX_INT = -(2**63), 2**63 - 1


@builtin("function floor(d: double): double")
def floor(d: float) -> float:
    """Return the greatest whole number that is not above `d`."""
    return float(math.floor(d)) if math.isfinite(d) else d


@builtin("function ceil(d: double): double")
def ceil(d: float) -> float:
    """Return the least whole number that is not below `d`."""
    return float(math.ceil(d)) if math.isfinite(d) else d


@builtin("function sqrt(x: double): double")
def sqrt(x: float) -> float:
    """Return the square root; of a negative number it is reported and -1."""
    if x < 0:
        report_error(f"sqrt: there is no square root of {x:g}")
        return -1.0
    return math.sqrt(x)


@builtin("function exp(d: double): double")
def exp(d: float) -> float:
    """Return e to the power of `d`; infinity where that is too large for a double."""
    try:
        return math.exp(d)
    except OverflowError:
        return math.inf


def _log_edge(d: float) -> float:
    """The results of IEEE 754 where there is no logarithm: -inf for zero, NaN below."""
    return -math.inf if d == 0 else math.nan


@builtin("function ln(d: double): double")
def ln(d: float) -> float:
    """Return the natural logarithm: -inf of zero, NaN of a negative number."""
    return math.log(d) if d > 0 else _log_edge(d)


@builtin("function log2(d: double): double")
def log2(d: float) -> float:
    """Return the logarithm to base two: -inf of zero, NaN of a negative number."""
    return math.log2(d) if d > 0 else _log_edge(d)


@builtin("function log10(d: double): double")
def log10(d: float) -> float:
    """Return the logarithm to base ten: -inf of zero, NaN of a negative number."""
    return math.log10(d) if d > 0 else _log_edge(d)


@builtin("function pow(x: double, y: double): double")
def pow_(x: float, y: float) -> float:
    """Return `x` to the power of `y`: infinity on overflow, NaN where there is no real result."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        return math.inf if x == 0 else math.nan


@builtin("function modulo(a: int, b: int): int")
def modulo(a: int, b: int) -> int:
    """Return what is left of `a` after whole divisions by `b`, never negative for a positive `b` (unlike
    ``%``)."""
    if b == 0:
        raise ScriptError("modulo: division by zero")
    return a % b


@builtin("function max_count(a: count, b: count): count")
def max_count(a: int, b: int) -> int:
    """Return the larger number."""
    return a if a > b else b


@builtin("function min_count(a: count, b: count): count")
def min_count(a: int, b: int) -> int:
    """Return the smaller number."""
    return a if a < b else b


@builtin("function max_double(a: double, b: double): double")
def max_double(a: float, b: float) -> float:
    """Return the larger number."""
    return a if a > b else b


@builtin("function min_double(a: double, b: double): double")
def min_double(a: float, b: float) -> float:
    """Return the smaller number."""
    return a if a < b else b


@builtin("function max_interval(a: interval, b: interval): interval")
def max_interval(a: float, b: float) -> float:
    """Return the longer interval."""
    return a if a > b else b


@builtin("function min_interval(a: interval, b: interval): interval")
def min_interval(a: float, b: float) -> float:
    """Return the shorter interval."""
    return a if a < b else b


def _rounded(name: str, d: float, low: int, high: int) -> int:
    """Round half to even, as the C library does; raise outside the type's range."""
    if not math.isfinite(d):
        raise ScriptError(f"{name}: {d} is not a number with an integer part")
    whole = round(d)
    if not low <= whole <= high:
        raise ScriptError(f"{name}: {d:g} is outside the range {low} to {high}")
    return whole


@builtin("function double_to_count(d: double): count")
def double_to_count(d: float) -> int:
    """Round to the nearest count, halves to the even one; a negative number is reported and gives 0.

    Raises an error if it does not fit.
    """
    if d < 0.0:
        report_error(f"double_to_count: a count cannot be negative, and the value is {d:g}")
        return 0
    return _rounded("double_to_count", d, 0, MAX_COUNT)


@builtin("function double_to_int(d: double): int")
def double_to_int(d: float) -> int:
    """Round to the nearest integer, halves to the even one.  Raises an error if it does not fit."""
    return _rounded("double_to_int", d, MIN_INT, MAX_INT)


@builtin("function int_to_count(n: int): count")
def int_to_count(n: int) -> int:
    """Return the same number; a negative one is reported and gives 0."""
    if n < 0:
        report_error(f"int_to_count: a count cannot be negative, and the value is {n}")
        return 0
    return n


@builtin("function int_to_double(i: int): double")
def int_to_double(i: int) -> float:
    """Return the nearest double."""
    return float(i)


@builtin("function count_to_double(c: count): double")
def count_to_double(c: int) -> float:
    """Return the nearest double."""
    return float(c)


@builtin("function interval_to_double(i: interval): double")
def interval_to_double(i: float) -> float:
    """Return the length in seconds."""
    return i


@builtin("function double_to_interval(d: double): interval")
def double_to_interval(d: float) -> float:
    """Return an interval of `d` seconds."""
    return d


@builtin("function haversine_distance(lat1: double, long1: double, lat2: double, long2: double): double")
def haversine_distance(lat1: float, long1: float, lat2: float, long2: float) -> float:
    """Return the great-circle distance in miles between two places given in degrees (south and west are
    negative).

    The Earth is taken as a sphere of 3959 miles radius, so the error is below half a percent.  Where an
    angle is not a finite number, neither is the distance.
    """
    if not all(map(math.isfinite, (lat1, lat2, lat2 - lat1, long2 - long1))):
        return math.nan
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(long2 - long1) / 2) ** 2
    return 2 * 3959.0 * math.asin(math.sqrt(max(0.0, min(1.0, half))))
