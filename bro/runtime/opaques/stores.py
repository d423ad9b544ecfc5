"""Stores of Broker: data by key, kept in memory or in a database of SQLite.

Of several nodes one would have a store's master; there is one node here, so each store is here.
"""

from __future__ import annotations

import json
from typing import Any

from bro.runtime.netvalues import Addr, Port, Subnet
from bro.runtime.opaques.broker import Data, new_set, new_table
from bro.runtime.values import EnumValue


class Store:
    """A store by name."""

    bro_type = "Broker::Store"
    __slots__ = ("closed", "connection", "name", "values")

    def __init__(self, name: bytes, path: str = "") -> None:
        """:param path: of the database; empty for a store in memory.

        :raises OSError: when it cannot be opened
        """
        self.name = name
        self.closed = False
        #: value and time of expiry, 0.0 for never, by key
        self.values: dict[Any, tuple[Data, Data, float]] = {}
        self.connection: Any = None
        if path:
            import sqlite3

            try:
                self.connection = sqlite3.connect(path, isolation_level=None)
                self.connection.execute(
                    "create table if not exists store (key text primary key, value text, expiry real)"
                )
                for key, value, expiry in self.connection.execute("select key, value, expiry from store"):
                    data = _read(json.loads(key))
                    self.values[data.key()] = (data, _read(json.loads(value)), expiry)
            except (sqlite3.Error, ValueError) as error:
                raise OSError(f"{path}: {error}") from None

    def get(self, key: Data, now: float) -> Data | None:
        """The value of a key; None if there is none."""
        found = self.values.get(key.key())
        if found is None:
            return None
        if 0.0 < found[2] <= now:
            self.erase(key)
            return None
        return found[1]

    def put(self, key: Data, value: Data, expiry: float) -> None:
        """Set the value of a key until `expiry`, 0.0 for ever."""
        self.values[key.key()] = (key, value, expiry)
        if self.connection is not None:
            self.connection.execute(
                "insert or replace into store values (?, ?, ?)",
                (json.dumps(_written(key)), json.dumps(_written(value)), expiry),
            )

    def erase(self, key: Data) -> None:
        """Forget a key."""
        self.values.pop(key.key(), None)
        if self.connection is not None:
            self.connection.execute("delete from store where key = ?", (json.dumps(_written(key)),))

    def clear(self) -> None:
        """Forget everything."""
        self.values.clear()
        if self.connection is not None:
            self.connection.execute("delete from store")

    def keys(self, now: float) -> list[Data]:
        """All keys."""
        return [key for key, _, expiry in self.values.values() if not 0.0 < expiry <= now]

    def close(self) -> None:
        """Let go of the database; the store cannot be used any more."""
        self.closed = True
        if self.connection is not None:
            self.connection.close()


def _written(data: Data) -> Any:
    """Data as JSON has them."""
    kind, value = data.kind, data.value
    if kind == "vector":
        return [kind, [_written(item) for item in value]]
    if kind == "set":
        return [kind, [_written(item) for item in value.values()]]
    if kind == "table":
        return [kind, [[_written(key), _written(item)] for key, item in value.values()]]
    if kind == "string":
        return [kind, value.decode("latin-1")]
    if kind == "enum":
        return [kind, [value.type_name, value.name]]
    if kind in ("addr", "subnet", "port"):
        return [kind, str(value)]
    return [kind, value]


def _read(written: Any) -> Data:
    kind, value = written
    if kind == "vector":
        return Data(kind, [_read(item) for item in value])
    if kind == "set":
        return new_set([_read(item) for item in value])
    if kind == "table":
        return new_table([(_read(key), _read(item)) for key, item in value])
    if kind == "string":
        return Data(kind, value.encode("latin-1"))
    if kind == "enum":
        from bro.runtime.builtins._support import enum_value

        found: EnumValue = enum_value(*value)
        return Data(kind, found)
    if kind == "addr":
        return Data(kind, Addr(value))
    if kind == "subnet":
        return Data(kind, Subnet(value))
    if kind == "port":
        number, _, proto = value.partition("/")
        return Data(kind, Port(int(number), proto))
    return Data(kind, value)
