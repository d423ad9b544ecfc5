"""Times: the clock of the traffic, the clock on the wall, and times as text.

`network_time` is the time of the packet being processed and the only clock a policy should use: it makes a
capture give the same result every time.
"""

from __future__ import annotations

import time as clock

from bro.runtime import context
from bro.runtime.builtins._support import report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError


@builtin("function current_time(): time")
def current_time() -> float:
    """Return the time of the machine's clock.  Results that depend on it differ from run to run."""
    return clock.time()


@builtin("function network_time(): time")
def network_time() -> float:
    """Return the time of the last packet read; before the first packet of a capture it is 0."""
    return context.current.clock.now  # type: ignore[no-any-return]


@builtin("function set_network_time(nt: time): bool")
def set_network_time(nt: float) -> bool:
    """Move network time forward, where packets do not drive it (option `allow_network_time_forward` off).

    Returns false, and changes nothing, if the new time lies before the present one or no engine runs.
    """
    engine = context.current.engine
    if engine is None or nt < context.current.clock.now:
        return False
    return bool(engine.command("set_network_time", nt))


@builtin("function current_event_time(): time")
def current_event_time() -> float:
    """Return the network time at which the event being handled was raised."""
    return context.current.clock.now  # type: ignore[no-any-return]


@builtin("function time_to_double(t: time): double")
def time_to_double(t: float) -> float:
    """Return the seconds since 1970-01-01 00:00 UTC."""
    return t


@builtin("function double_to_time(d: double): time")
def double_to_time(d: float) -> float:
    """Take seconds since 1970-01-01 00:00 UTC as a time."""
    return d


@builtin("function strftime(fmt: string, d: time): string")
def strftime(fmt: bytes, d: float) -> bytes:
    """Format a time, in the local time zone, by the conversions of strftime(3).

    Raises an error if the time is out of the range of the C library.
    """
    try:
        text = clock.strftime(fmt.decode("utf-8", "surrogateescape"), clock.localtime(d))
    except (ValueError, OverflowError, OSError) as error:
        raise ScriptError(f"strftime: cannot format time {d:.6f}: {error}") from None
    return text.encode("utf-8", "surrogateescape")


@builtin("function strptime(fmt: string, d: string): time")
def strptime(fmt: bytes, d: bytes) -> float:
    """Read a date and time, in the local time zone unless it carries an offset (``%z``), by the conversions
    of strptime(3).

    Text that does not fit the format is reported and gives time 0; text behind what the format describes is
    left alone.  What the format does not mention is taken from 1900-01-01 00:00:00.
    """
    from bro.runtime.builtins.timeparsing import parse_time

    try:
        return parse_time(fmt.decode("latin-1"), d.decode("latin-1"))
    except (ValueError, OverflowError) as error:
        report_error(f"strptime: {shown(d)} does not match {shown(fmt)}: {error}")
        return 0.0


@builtin("function sleep(i: interval): interval")
def sleep(i: float) -> float:
    """Stop this thread for an interval and return how long it really was.

    Nothing else happens meanwhile, packets queue up: only for tests and for tools that read no traffic.
    """
    before = clock.monotonic()
    clock.sleep(max(0.0, i))
    return clock.monotonic() - before


@builtin("function calc_next_rotate(i: interval): interval")
def calc_next_rotate(i: float) -> float:
    """Return how long it is from now (network time) to the next rotation of files rotated every `i`.

    Rotations happen at whole multiples of the interval counted from `log_rotate_base_time`, a local time of
    day.
    """
    from bro.runtime.builtins._support import global_value

    base_text: bytes = global_value("log_rotate_base_time", b"0:00")
    base = time_of_day(base_text)
    if base is None:
        report_error(
            f'calc_next_rotate: log_rotate_base_time is {shown(base_text)}, not a time of day like "0:00"'
        )
        base = 0.0
    return next_rotation(context.current.clock.now or clock.time(), i, base)


def time_of_day(text: bytes) -> float | None:
    """Read ``H:MM`` as seconds since midnight; None if it is no time of day."""
    hours, colon, minutes = text.partition(b":")
    if not (colon and hours.isdigit() and minutes.isdigit()) or int(hours) > 23 or int(minutes) > 59:
        return None
    return int(hours) * 3600.0 + int(minutes) * 60.0


def next_rotation(now: float, interval: float, base: float) -> float:
    """Return the seconds from `now` to the next multiple of `interval` after local midnight plus `base`.

    An interval of zero or less means no rotation, and gives 0.
    """
    if interval <= 0:
        return 0.0
    local = clock.localtime(now)
    midnight = clock.mktime((local.tm_year, local.tm_mon, local.tm_mday, 0, 0, 0, 0, 0, -1))
    elapsed = (now - (midnight + base)) % interval
    return interval - elapsed
