"""Storage that lasts as long as the program: for tests, and for scripts that only want expiry."""

from __future__ import annotations

from typing import Any

from bro.storage.backends import StorageError


class MemoryBackend:
    """Keeps values in a dictionary."""

    def __init__(self, options: Any) -> None:
        self._values: dict[str, tuple[str, float]] = {}

    def put(self, key: str, value: str, overwrite: bool, expires: float) -> None:
        if key in self._values and not overwrite:
            raise StorageError("KEY_EXISTS")
        self._values[key] = (value, expires)

    def get(self, key: str, now: float) -> str:
        found = self._values.get(key)
        if found is None or 0.0 < found[1] <= now:
            raise StorageError("KEY_NOT_FOUND")
        return found[0]

    def erase(self, key: str) -> None:
        if self._values.pop(key, None) is None:
            raise StorageError("KEY_NOT_FOUND")

    def expire(self, now: float) -> None:
        for key in [k for k, (_, expires) in self._values.items() if 0.0 < expires <= now]:
            del self._values[key]

    def close(self) -> None:
        self._values.clear()
