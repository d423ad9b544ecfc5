"""Reading dates and times by the conversions of strptime(3).

Python's own `strptime` knows about half of the conversions of the C library, which is what scripts are
written for, and refuses text behind the part that the format describes; the C library leaves it alone.
"""

from __future__ import annotations

import time as clock
from calendar import timegm
from typing import NamedTuple

_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

#: Conversions that stand for several others.
_SHORT = {
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
}


class _Number(NamedTuple):
    """A conversion that reads a number."""

    field: str
    digits: int  #: at most
    least: int
    most: int


_NUMBERS = {
    "C": _Number("century", 2, 0, 99),
    "Y": _Number("year", 4, 0, 9999),
    "y": _Number("short year", 2, 0, 99),
    "m": _Number("month", 2, 1, 12),
    "d": _Number("day", 2, 1, 31),
    "e": _Number("day", 2, 1, 31),
    "j": _Number("day of year", 3, 1, 366),
    "H": _Number("hour", 2, 0, 23),
    "k": _Number("hour", 2, 0, 23),
    "I": _Number("hour of 12", 2, 1, 12),
    "l": _Number("hour of 12", 2, 1, 12),
    "M": _Number("minute", 2, 0, 59),
    "S": _Number("second", 2, 0, 60),
    "s": _Number("epoch", 18, 0, 10**18),
    # read, as the C library does, but without effect on the result
    "U": _Number("week", 2, 0, 53),
    "W": _Number("week", 2, 0, 53),
    "V": _Number("week", 2, 0, 53),
    "u": _Number("day of week", 1, 1, 7),
    "w": _Number("day of week", 1, 0, 6),
    "g": _Number("week year", 2, 0, 99),
    "G": _Number("week year", 4, 0, 9999),
}


class Mismatch(ValueError):
    """The text does not fit the format; the message says where."""


def parse_time(fmt: str, text: str) -> float:
    """Read `text` as `fmt` says; return seconds since 1970.

    Times are local unless the text carries an offset (``%z``) or is seconds since 1970 itself (``%s``).  What
    the format does not mention is taken from 1900-01-01 00:00:00.

    Raises:
        Mismatch: if the text does not fit, or there is no such conversion.
        OverflowError: if the time is out of the range of the C library.
    """
    reader = _Reader(text)
    reader.read(fmt)
    return reader.result()


class _Reader:
    """Goes once over the text, from left to right; nothing is tried twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.fields: dict[str, int] = {}

    def read(self, fmt: str) -> None:
        place = 0
        while place < len(fmt):
            letter = fmt[place]
            place += 1
            if letter.isspace():
                self._skip_blanks()
            elif letter != "%":
                self._literal(letter)
            else:
                if fmt[place : place + 1] in ("E", "O"):  # other calendars and digits: there are none here
                    place += 1
                if place >= len(fmt):
                    raise Mismatch("a % at the end of the format is no conversion")
                self._convert(fmt[place])
                place += 1

    def _convert(self, kind: str) -> None:
        number = _NUMBERS.get(kind)
        if number is not None:
            self._number(kind, number)
        elif kind in _SHORT:
            self.read(_SHORT[kind])
        elif kind in "bBh":
            self.fields["month"] = self._name(kind, _MONTHS) + 1
        elif kind in "aA":
            self._name(kind, _DAYS)
        elif kind in "pP":
            self.fields["afternoon"] = self._name(kind, ["am", "pm"], short=2)
        elif kind in "nt":
            self._skip_blanks()
        elif kind == "z":
            self._offset()
        elif kind == "Z":
            while self._next().isalpha():
                self.position += 1
        elif kind == "%":
            self._literal("%")
        else:
            raise Mismatch(f"%{kind} is no conversion")

    def _next(self) -> str:
        return self.text[self.position : self.position + 1]

    def _skip_blanks(self) -> None:
        while self._next().isspace():
            self.position += 1

    def _wrong(self, wanted: str) -> Mismatch:
        rest = self.text[self.position : self.position + 20]
        return Mismatch(f"{wanted} is expected at {rest!r}" if rest else f"{wanted} is missing at the end")

    def _literal(self, letter: str) -> None:
        if self._next() != letter:
            raise self._wrong(repr(letter))
        self.position += 1

    def _number(self, kind: str, number: _Number) -> None:
        self._skip_blanks()
        value = self._digits(kind, number.digits)
        if not number.least <= value <= number.most:
            raise Mismatch(f"%{kind} lies between {number.least} and {number.most}, and is {value}")
        self.fields[number.field] = value

    def _digits(self, kind: str, most: int) -> int:
        end = self.position
        while end - self.position < most and self.text[end : end + 1] in tuple("0123456789"):
            end += 1
        if end == self.position:
            raise self._wrong(f"a number for %{kind}")
        value = int(self.text[self.position : end])
        self.position = end
        return value

    def _name(self, kind: str, names: list[str], short: int = 3) -> int:
        """Read one of the names, in full or shortened, of any case; return which one."""
        found = self.text[self.position : self.position + 9].lower()
        for index, name in enumerate(names):
            for form in (name, name[:short]):
                if found.startswith(form):
                    self.position += len(form)
                    return index
        raise self._wrong(f"a name for %{kind}")

    def _offset(self) -> None:
        """Read ``Z``, ``+HH``, ``+HHMM`` or ``+HH:MM``."""
        self._skip_blanks()
        sign = self._next()
        if sign not in ("+", "-", "Z"):
            raise self._wrong("an offset for %z")
        self.position += 1
        if sign == "Z":
            self.fields["offset"] = 0
            return
        hours, minutes = self._digits("z", 2), 0
        if self._next() == ":":
            self.position += 1
            minutes = self._digits("z", 2)
        elif self._next().isdigit():
            minutes = self._digits("z", 2)
        if hours > 14 or minutes > 59:
            raise Mismatch("an offset lies between -14:59 and +14:59")
        self.fields["offset"] = (hours * 60 + minutes) * (-60 if sign == "-" else 60)

    def result(self) -> float:
        get = self.fields.get
        if "epoch" in self.fields:
            return float(self.fields["epoch"])
        year = get("year", 1900)
        if "short year" in self.fields:
            short = self.fields["short year"]
            # POSIX: 69 to 99 are of the twentieth century, unless %C says of which
            year = get("century", 19 if short >= 69 else 20) * 100 + short
        elif "century" in self.fields and "year" not in self.fields:
            year = self.fields["century"] * 100
        month, day = get("month", 1), get("day", 1)
        if "day of year" in self.fields and "month" not in self.fields and "day" not in self.fields:
            day = self.fields["day of year"]  # January the 40th is the 9th of February
        hour = get("hour", 0)
        if "hour of 12" in self.fields:
            hour = self.fields["hour of 12"] % 12 + 12 * get("afternoon", 0)
        parts = (year, month, day, hour, get("minute", 0), get("second", 0))
        if "offset" in self.fields:
            # counted from the first of the month, as a date takes no 40th of January
            first = timegm((year, month, 1, *parts[3:], 0, 0, 0))
            return float(first + (day - 1) * 86400 - self.fields["offset"])
        return clock.mktime((*parts, 0, 0, -1))
