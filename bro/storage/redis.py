"""Storage on a Redis server, by the package `redis` (the extra of the same name).

Values expire by the server's own clock: it is told how long a value lasts, counted from the program's time.
Every operation waits for its answer, for as long as the options say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from bro.runtime import context
from bro.storage.backends import StorageError

_T = TypeVar("_T")


class RedisBackend:
    """Keeps values under their keys, with a prefix before them."""

    def __init__(self, options: Any) -> None:
        given = getattr(options, "redis", None)
        if given is None:
            raise StorageError(
                "INITIALIZATION_FAILED",
                "the options have no $redis; load policy/frameworks/storage/backend/redis",
            )
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise StorageError(
                "INITIALIZATION_FAILED",
                "the Python package redis is missing; install it with: pip install 'bro-nsm[redis]'",
            ) from None
        self._errors = redis.exceptions
        self._prefix = given.key_prefix + b":" if given.key_prefix else b""
        where = _place(given)
        self._client = redis.Redis(
            **where,
            username=_text(given.username) or None,
            password=_text(given.password) or None,
            socket_connect_timeout=given.connect_timeout,
            socket_timeout=given.operation_timeout,
            protocol=2,  # servers of any age know it
            # By itself it would try again and again, with pauses, while packets wait.  A connection that the
            # server has closed since the last operation is made anew all the same.
            retry=Retry(NoBackoff(), 0),
        )
        try:
            self._client.ping()
        except self._errors.TimeoutError as error:
            raise StorageError("TIMEOUT", f"{_shown(where)} does not answer: {error}") from None
        except self._errors.AuthenticationError as error:
            raise StorageError(
                "INITIALIZATION_FAILED", f"{_shown(where)} does not accept the login: {error}"
            ) from None
        except self._errors.RedisError as error:
            raise StorageError("CONNECTION_FAILED", f"{_shown(where)}: {error}") from None

    def _ask(self, operation: Callable[[], _T]) -> _T:
        """Do an operation, its errors as those of storage."""
        try:
            return operation()
        except self._errors.TimeoutError as error:
            raise StorageError("TIMEOUT", str(error)) from None
        except self._errors.ConnectionError as error:
            raise StorageError("CONNECTION_LOST", str(error)) from None
        except self._errors.RedisError as error:
            raise StorageError("OPERATION_FAILED", str(error)) from None

    def _key(self, key: str) -> bytes:
        return self._prefix + key.encode("utf-8", "surrogateescape")

    def put(self, key: str, value: str, overwrite: bool, expires: float) -> None:
        data = value.encode("utf-8", "surrogateescape")
        # The server knows how long a value lasts in whole milliseconds; none is gone before its time.
        left = max(math.ceil((expires - context.current.clock.now) * 1000), 1) if expires else None
        done = self._ask(lambda: self._client.set(self._key(key), data, px=left, nx=not overwrite))
        if not done:
            raise StorageError("KEY_EXISTS")

    def get(self, key: str, now: float) -> str:
        found: Any = self._ask(lambda: self._client.get(self._key(key)))
        if found is None:
            raise StorageError("KEY_NOT_FOUND")
        return bytes(found).decode("utf-8", "surrogateescape")

    def erase(self, key: str) -> None:
        if self._ask(lambda: self._client.delete(self._key(key))) == 0:
            raise StorageError("KEY_NOT_FOUND")

    def expire(self, now: float) -> None:
        """Nothing: the server does that."""

    def close(self) -> None:
        try:
            self._client.close()
        except (self._errors.RedisError, OSError) as error:
            raise StorageError("DISCONNECTION_FAILED", str(error)) from None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _place(given: Any) -> dict[str, Any]:
    """Where the server is, as arguments of its client."""
    if given.server_unix_socket:
        return {"unix_socket_path": _text(given.server_unix_socket)}
    if not given.server_host:
        raise StorageError("INITIALIZATION_FAILED", "the options need $server_host or $server_unix_socket")
    return {"host": _text(given.server_host), "port": given.server_port.number}


def _shown(where: dict[str, Any]) -> str:
    """The same for people."""
    return str(where.get("unix_socket_path") or f"{where['host']}:{where['port']}")
