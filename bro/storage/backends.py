"""Backends of storage: what they have in common, and where they are found.

A backend keeps text by text; values are written as JSON (`Storage::STORAGE_SERIALIZER_JSON`), with the type
the script gave.  Times are seconds since 1970, of the program's clock.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

#: Module and class of each backend, by the name that scripts give.
BACKENDS: dict[str, tuple[str, str]] = {
    "Storage::STORAGE_BACKEND_SQLITE": ("bro.storage.sqlite", "SQLiteBackend"),
    "Storage::STORAGE_BACKEND_REDIS": ("bro.storage.redis", "RedisBackend"),
    "Storage::STORAGE_BACKEND_MEMORY": ("bro.storage.memory", "MemoryBackend"),
}


class StorageError(Exception):
    """What a backend could not do: the name of a `Storage::ReturnCode`, and why."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(reason or code)
        self.code = code


class Backend(Protocol):
    """Keeps text by text."""

    def put(self, key: str, value: str, overwrite: bool, expires: float) -> None:
        """Keep a value until `expires`, 0 for ever.

        :raises StorageError: KEY_EXISTS when there is one already and `overwrite` is false
        """

    def get(self, key: str, now: float) -> str:
        """The value of a key.

        :raises StorageError: KEY_NOT_FOUND
        """

    def erase(self, key: str) -> None:
        """Forget a key.

        :raises StorageError: KEY_NOT_FOUND
        """

    def expire(self, now: float) -> None:
        """Forget what has expired."""

    def close(self) -> None:
        """Let go of what is behind it."""


def open_backend(name: str, options: Any) -> Backend:
    """Open a backend with the options of the script, a record `Storage::BackendOptions`.

    :raises StorageError: INITIALIZATION_FAILED
    """
    found = BACKENDS.get(name)
    if found is None:
        raise StorageError("INITIALIZATION_FAILED", f"there is no storage backend {name}")
    module, attribute = found
    made: Backend = getattr(import_module(module), attribute)(options)
    return made
