"""Logs as tables of SQLite databases."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any

from bro.logging.settings import setting, text
from bro.logging.writers.base import Writer, WriterError, WriterInfo

#: rows stored in one transaction at most
_TRANSACTION_ROWS = 1000

#: SQLite's column types; everything else is text
_TYPES = {
    "bool": "boolean",
    "int": "integer",
    "count": "integer",
    "port": "integer",
    "time": "double precision",
    "interval": "double precision",
    "double": "double precision",
}


class SQLiteWriter(Writer):
    """Appends rows to a table, which is made if there is none."""

    def __init__(self, info: WriterInfo) -> None:
        super().__init__(info)
        self._database: sqlite3.Connection | None = None
        self._table = info.config.get("tablename", info.path)
        self._waiting: list[list[Any]] = []
        self._buffered = True
        self._separator = text(setting("LogSQLite::set_separator", b","))
        self._empty = text(setting("LogSQLite::empty_field", b"(empty)"))
        self._unset = text(setting("LogSQLite::unset_field", b"-"))
        self._converters = [self._converter(column.kind) for column in info.columns]

    @property
    def file(self) -> str:
        return os.path.join(self.info.directory, self.info.config.get("dbpath", self.info.path) + self.suffix)

    @property
    def suffix(self) -> str:
        return ".sqlite"

    def init(self) -> None:
        self._open()

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
                self._pragma("journal_mode", "LogSQLite::SQLITE_JOURNAL_MODE_")
                self._pragma("synchronous", "LogSQLite::SQLITE_SYNCHRONOUS_")
                columns = ", ".join(
                    f"{_quoted(c.name)} {_TYPES.get(c.kind, 'text')}" for c in self.info.columns
                )
                table = f"create table if not exists {_quoted(self._table)}"
                self._database.execute(f"{table} (id integer primary key autoincrement, {columns})")
            except sqlite3.Error as error:
                raise self._failed("open", error) from error
        return self._database

    def _pragma(self, name: str, prefix: str) -> None:
        value = setting(f"LogSQLite::{name}", None)
        word = "DEFAULT" if value is None else value.name.removeprefix(prefix)
        if word != "DEFAULT":
            assert self._database is not None
            self._database.execute(f"pragma {name} = {word}")

    def write(self, row: list[Any]) -> None:
        self._waiting.append(
            [None if v is None else convert(v) for v, convert in zip(row, self._converters, strict=True)]
        )
        if len(self._waiting) >= _TRANSACTION_ROWS or not self._buffered:
            self.flush()

    def set_buffering(self, enabled: bool) -> None:
        self._buffered = enabled
        self.flush()

    def flush(self) -> None:
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        database = self._open()
        names = ", ".join(_quoted(c.name) for c in self.info.columns)
        places = ", ".join("?" * len(self.info.columns))
        try:
            database.execute("begin")
            database.executemany(f"insert into {_quoted(self._table)} ({names}) values ({places})", rows)
            database.execute("commit")
        except sqlite3.Error as error:
            raise self._failed("write to", error) from error

    def rotate(self, to: str, closed: float) -> bool:
        self.flush()
        if self._database is None or not os.path.exists(self.file):
            return False
        self._close()
        os.rename(self.file, to)
        return True

    def finish(self) -> None:
        self.flush()
        self._close()

    def heartbeat(self, now: float) -> None:
        self.flush()

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            try:
                database.close()
            except sqlite3.Error as error:
                raise self._failed("close", error) from error

    def _failed(self, verb: str, error: sqlite3.Error) -> WriterError:
        return WriterError(f"cannot {verb} log database {self.file}: {error}")

    def _converter(self, kind: str) -> Callable[[Any], Any]:
        shape, bracket, element = kind.partition("[")
        if bracket:
            scalar = self._converter(element[:-1])

            def joined(values: list[Any]) -> str:
                if not values:
                    return self._empty
                return self._separator.join([self._unset if v is None else str(scalar(v)) for v in values])

            return joined
        if shape == "bool":
            return int
        if shape in ("int", "count"):
            return lambda value: (
                value if value < 1 << 63 else str(value)
            )  # SQLite's integers have 64 bits with sign
        if shape == "port":
            return lambda value: value.number
        if shape in ("time", "interval", "double"):
            return float
        if shape in ("string", "pattern", "func", "file"):
            return lambda value: value.decode("utf-8", "backslashreplace")
        return str


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
