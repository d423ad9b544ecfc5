"""Rows for writers in Python: what the engine does for its own writers, with the same limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from bro.logging.columns import Column

#: bits that tell what the limits did to a row, as the engine's writer returns them
STRING_TRUNCATED = 1
CONTAINER_TRUNCATED = 2
TOO_LARGE = 4


class RowMaker:
    """Takes rows out of records."""

    def __init__(self, columns: tuple[Column, ...], limits: Mapping[str, int]) -> None:
        self._cells: list[tuple[bool, tuple[str, ...], Callable[[Any], Any]]] = []
        for column in columns:
            self._cells.append((column.extends, column.path, self._converter(column.kind)))
        self._max_string = limits.get("max_field_string_bytes", 0) or None
        self._max_strings = limits.get("max_total_string_bytes", 0) or None
        self._max_elements = limits.get("max_field_container_elements", 0) or None
        self._max_all_elements = limits.get("max_total_container_elements", 0) or None
        self._strings = 0
        self._elements = 0
        self._outcome = 0

    def row(self, record: Any, extension: Any = None) -> tuple[list[Any], int]:
        """A record's row, and what the limits did to it."""
        self._strings = self._elements = self._outcome = 0
        row = []
        for extends, path, convert in self._cells:
            value = extension if extends else record
            for name in path:
                if value is None:
                    break
                value = getattr(value, name)
            row.append(None if value is None else convert(value))
        return row, self._outcome

    def _converter(self, kind: str) -> Callable[[Any], Any]:
        shape, bracket, element = kind.partition("[")
        if bracket:
            scalar = self._converter(element[:-1])

            def elements(values: Any) -> list[Any]:
                return [None if v is None else scalar(v) for v in self._admitted(list(values))]

            return elements
        if shape == "string":
            return self._string
        if shape == "enum":
            return attrgetter("name")
        if shape in ("pattern", "func", "file"):
            from bro.runtime.describe import describe_any

            return lambda value: self._string(describe_any(value))
        return _same

    def _string(self, value: bytes) -> bytes:
        allowed = len(value)
        if self._max_string is not None:
            allowed = min(allowed, self._max_string)
        if self._max_strings is not None:
            allowed = min(allowed, self._max_strings - self._strings)
        self._strings += allowed
        if allowed == len(value):
            return value
        self._outcome |= STRING_TRUNCATED
        return value[:allowed]

    def _admitted(self, values: list[Any]) -> list[Any]:
        allowed = len(values)
        if self._max_elements is not None:
            allowed = min(allowed, self._max_elements)
        if self._max_all_elements is not None:
            allowed = min(allowed, self._max_all_elements - self._elements)
        self._elements += allowed
        if allowed < len(values):
            self._outcome |= CONTAINER_TRUNCATED
        return values[:allowed]


def _same(value: Any) -> Any:
    return value
