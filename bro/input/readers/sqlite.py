"""Results of a query to an SQLite database.

The source is the path of the database without ``.sqlite``; `$config` has the ``query``.  The columns of the
result have the names of the fields.  Sets and vectors are text with ``InputSQLite::set_separator`` between
the elements.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from typing import Any

from bro.input.readers.base import MANUAL, Field, InputError, Reader, Request, Sink
from bro.input.text import Format, parser, port
from bro.runtime.builtins._support import global_value


class SQLiteReader(Reader):
    """Reads the result of a query."""

    modes = (MANUAL,)

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        self.query = request.config.get("query", "")
        if not self.query:
            raise InputError('the query is missing: $config = table(["query"] = "select ...")')
        self.path = request.source + ".sqlite"
        self.format = Format(
            set_separator=global_value("InputSQLite::set_separator", b","),
            empty=global_value("InputSQLite::empty_field", b"(empty)"),
            unset=global_value("InputSQLite::unset_field", b"-"),
            unescape=False,
        )

    def force(self) -> None:
        if not os.path.exists(self.path):
            raise InputError(f"there is no database {self.path}")
        try:
            uri = "file:" + self.path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro"
            connection = sqlite3.connect(uri, uri=True)
            try:
                connection.text_factory = bytes
                cursor = connection.execute(self.query)
                if cursor.description is None:
                    raise InputError("the query gives no rows")
                names = [column[0] for column in cursor.description]
                self.sink.replace(list(self._rows(cursor, names)))
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise InputError(f"{self.path}: {error}") from None

    def _rows(self, cursor: sqlite3.Cursor, names: list[str]) -> Iterator[list[Any]]:
        places: list[tuple[Field, int, int, Any]] = []
        for field in self.request.fields:
            at = names.index(field.name) if field.name in names else -1
            if at < 0 and not field.optional:
                raise InputError(f'the query gives no column "{field.name}"; it gives {", ".join(names)}')
            other = names.index(field.type_column) if field.type_column in names else -1
            places.append((field, at, other, parser(field.type, self.format)))
        for number, found in enumerate(cursor, 1):
            row: list[Any] = []
            try:
                for field, at, other, parse in places:
                    value = None if at < 0 else found[at]
                    if value is None:
                        row.append(None)
                    elif other >= 0:
                        row.append(port(_text(value), _text(found[other] or b"")))
                    else:
                        row.append(_value(field, value, parse))
            except ValueError as error:
                self.sink.warning(
                    f"row {number} of the query: column {field.name!r}: {error}; the row is left out"
                )
                continue
            yield row


def _text(value: Any) -> bytes:
    return value if value.__class__ is bytes else str(value).encode()


def _value(field: Field, value: Any, parse: Any) -> Any:
    tag = field.type.tag
    if tag in ("double", "time", "interval") and isinstance(value, (int, float)):
        return float(value)
    if tag in ("count", "int") and isinstance(value, float) and value.is_integer():
        value = int(value)
    if tag == "string":
        return _text(value)
    return parse(_text(value))
