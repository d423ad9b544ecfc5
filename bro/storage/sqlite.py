"""Storage in a table of an SQLite database."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from bro.storage.backends import StorageError

_PRAGMA = re.compile(r"[A-Za-z_]+\Z")


class SQLiteBackend:
    """Keeps values in a table with the columns key, value and time of expiry."""

    def __init__(self, options: Any) -> None:
        given = getattr(options, "sqlite", None)
        if given is None:
            raise StorageError(
                "INITIALIZATION_FAILED",
                "the options have no $sqlite; load policy/frameworks/storage/backend/sqlite",
            )
        table = given.table_name.decode("utf-8", "replace")
        if not table or "\0" in table:
            raise StorageError("INITIALIZATION_FAILED", f"{table!r} cannot be the name of a table")
        self._table = table = '"' + table.replace('"', '""') + '"'
        path = given.database_path.decode("utf-8", "surrogateescape")
        try:
            self._connection = sqlite3.connect(path, timeout=given.busy_timeout, isolation_level=None)
            for name, value in (given.pragma_commands or {}).items():
                text, setting = name.decode("latin-1"), value.decode("latin-1")
                if not _PRAGMA.match(text) or not re.fullmatch(r"[A-Za-z0-9_]*", setting):
                    raise StorageError("INITIALIZATION_FAILED", f"the pragma {text}={setting} is not allowed")
                self._connection.execute(f"pragma {text}={setting}" if setting else f"pragma {text}")
            self._connection.execute(
                f"create table if not exists {table} (key_str text primary key, value_str text not null, "
                "expire_time real)"
            )
        except sqlite3.Error as error:
            raise StorageError("INITIALIZATION_FAILED", f"{path}: {error}") from None

    def _execute(self, query: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._connection.execute(query.replace("TABLE", self._table), values)
        except sqlite3.IntegrityError:
            raise StorageError("KEY_EXISTS") from None
        except sqlite3.Error as error:
            raise StorageError("OPERATION_FAILED", str(error)) from None

    def put(self, key: str, value: str, overwrite: bool, expires: float) -> None:
        action = "insert or replace" if overwrite else "insert"
        self._execute(f"{action} into TABLE values (?, ?, ?)", key, value, expires)

    def get(self, key: str, now: float) -> str:
        row = self._execute("select value_str, expire_time from TABLE where key_str = ?", key).fetchone()
        if row is None or 0.0 < (row[1] or 0.0) <= now:
            raise StorageError("KEY_NOT_FOUND")
        return str(row[0])

    def erase(self, key: str) -> None:
        if self._execute("delete from TABLE where key_str = ?", key).rowcount == 0:
            raise StorageError("KEY_NOT_FOUND")

    def expire(self, now: float) -> None:
        self._execute("delete from TABLE where expire_time > 0 and expire_time <= ?", now)

    def close(self) -> None:
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise StorageError("DISCONNECTION_FAILED", str(error)) from None
