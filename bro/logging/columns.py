"""Which columns a record type has, and how they are found in a record."""

from __future__ import annotations

from bro.script.types import RecordType, TableType, VectorType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from bro.script.types import Type

#: kinds of values that one column can hold
_SCALARS = frozenset(
    (
        *("bool", "int", "count", "double", "time", "interval", "string"),
        *("addr", "subnet", "port", "enum", "pattern", "func", "file"),
    )
)


class Column:
    """One column of a log."""

    # No named tuple: to import that module takes a tenth of a start.

    __slots__ = ("extends", "kind", "name", "path")

    def __init__(self, name: str, kind: str, path: tuple[str, ...], extends: bool = False) -> None:
        self.name = name  #: as the log states it, such as "id.orig_h"
        self.kind = kind  #: type as the log states it, such as "set[string]"
        self.path = path  #: fields that lead to it
        self.extends = extends  #: taken from the extension record


def _named(column: Column, name: str) -> Column:
    """The same column under another name."""
    return Column(name, column.kind, column.path, column.extends)


class NotLoggable(Exception):
    """A field is marked to be logged and has a type that logs cannot hold."""

    def __init__(self, field: str, type_: Type) -> None:
        super().__init__(f"field {field} has type {type_.notation()}, which cannot be logged")
        self.field = field


def kind_of(type_: Type) -> str | None:
    """What a log calls values of this type; None if it cannot hold them."""
    if type_.tag in _SCALARS:
        return type_.tag
    if isinstance(type_, TableType) and type_.is_set and len(type_.index_types) == 1:
        inner = type_.index_types[0].tag
        return f"set[{inner}]" if inner in _SCALARS else None
    if isinstance(type_, VectorType):
        inner = type_.element.tag
        return f"vector[{inner}]" if inner in _SCALARS else None
    return None


def columns_of(
    record: RecordType, separator: str, *, prefix: str = "", extends: bool = False
) -> list[Column]:
    """The columns of a record type in order; nested records become columns of their own.

    :param separator: goes between the name of a nested record and those of its fields
    :param prefix: goes before every name
    :raises NotLoggable: a field cannot be logged
    """
    return list(_unroll(record, separator, prefix, (), extends, ()))


def _unroll(
    record: RecordType,
    separator: str,
    prefix: str,
    path: tuple[str, ...],
    extends: bool,
    outer: tuple[str, ...],
) -> Iterator[Column]:
    for field in record.fields:
        if not field.log:
            continue
        name = prefix + field.name
        where = (*path, field.name)
        if isinstance(field.type, RecordType):
            if field.type.name in outer:
                raise NotLoggable(name, field.type)  # it contains itself
            inner = (*outer, record.name)
            yield from _unroll(field.type, separator, name + separator, where, extends, inner)
            continue
        kind = kind_of(field.type)
        if kind is None:
            raise NotLoggable(name, field.type)
        yield Column(name, kind, where, extends)


def selected(
    columns: list[Column], include: Container[bytes] | None, exclude: Container[bytes] | None
) -> list[Column]:
    """The columns a filter asks for."""
    return [
        c
        for c in columns
        if (include is None or c.name.encode() in include)
        and (exclude is None or c.name.encode() not in exclude)
    ]


def renamed(columns: list[Column], names: Mapping[bytes, bytes]) -> list[Column]:
    """The columns under the names a filter gives them."""
    if not names:
        return columns
    found = []
    for column in columns:
        name = names.get(column.name.encode())
        found.append(column if name is None else _named(column, name.decode("utf-8", "replace")))
    return found
