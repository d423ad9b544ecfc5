"""Columns for the fields of records, and records made of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bro.input.readers.base import Field
from bro.input.text import supported
from bro.runtime.builtins._support import record
from bro.script import types as t


def columns(kind: t.RecordType, any_type: bool, prefix: str = "", optional: bool = False) -> list[Field]:
    """The columns that the fields of a record need; records in it are taken apart.

    :param any_type: pass over fields of types that cannot be read
    :raises ValueError: for such fields otherwise
    """
    found: list[Field] = []
    for field in kind.fields:
        missing = optional or field.optional or field.has_default
        if isinstance(field.type, t.RecordType):
            found.extend(columns(field.type, any_type, f"{prefix}{field.name}.", missing))
        elif supported(field.type):
            column = field.attrs.get("type_column", "")
            if isinstance(column, bytes):
                column = column.decode("utf-8", "replace")
            found.append(Field(prefix + field.name, field.type, missing, column))
        elif not any_type and not field.optional:
            raise ValueError(
                f'the field "{prefix}{field.name}" of {kind.name} has type {field.type.notation()}, '
                "which cannot be read"
            )
    return found


def builder(kind: t.RecordType) -> tuple[Callable[[list[Any]], Any], int]:
    """What makes a record of the leading values of a row, and how many values it takes.

    Fields without a value get their default; a record in the record is left out if it is optional and has
    no value.
    """
    cls = record(kind.name)
    parts: list[tuple[str, Callable[[list[Any]], Any] | None, int, int, bool]] = []
    at = 0
    for field in kind.fields:
        if isinstance(field.type, t.RecordType):
            inner, width = builder(field.type)
            parts.append((field.name, inner, at, at + width, field.optional))
            at += width
        elif supported(field.type):
            parts.append((field.name, None, at, at + 1, field.optional))
            at += 1

    def make(row: list[Any]) -> Any:
        values = {}
        for name, inner, start, end, optional in parts:
            if inner is None:
                value = row[start]
                if value is not None:
                    values[name] = value
            elif not optional or any(value is not None for value in row[start:end]):
                values[name] = inner(row[start:end])
        return cls(**values)

    return make, at


def nameable(kind: Any) -> t.Type | None:
    """The type that a script gave as the value of a field such as `$idx=Idx`."""
    if isinstance(kind, t.TypeType):
        return kind.inner
    return kind if isinstance(kind, t.Type) else None
