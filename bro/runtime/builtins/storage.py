"""Storage that outlives a run; the functions scripts call are in ``base/frameworks/storage``.

Of each operation there are two functions: in module `Storage::Sync` one that returns the result, in
`Storage::Async` one for the condition of a ``when``.  Backends answer at once, so both do the same.
"""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import enum_value, global_value, post, record
from bro.runtime.builtins.registry import builtin
from bro.runtime.values import type_of
from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.runtime.opaques.storage import BackendHandle
    from bro.runtime.when import Async


def _code(name: str) -> Any:
    return enum_value("Storage::ReturnCode", f"Storage::{name}")


def _failed(code: str, reason: str) -> Any:
    return record("Storage::OperationResult")(code=_code(code), error_str=reason.encode("utf-8", "replace"))


def _result(operation: Callable[[], Any]) -> Any:
    """What came of an operation, as a record `Storage::OperationResult`."""
    from bro.storage.backends import StorageError

    try:
        value = operation()
    except StorageError as error:
        return _failed(error.code, str(error))
    cls = record("Storage::OperationResult")
    return cls(code=_code("SUCCESS")) if value is None else cls(code=_code("SUCCESS"), value=value)


def _later(result: Any) -> Async:
    from bro.runtime.when import Async

    answer = Async()
    answer.resolve(result)
    return answer


def _inner(kind: Any) -> t.Type:
    from bro.storage.backends import StorageError

    found = kind.inner if isinstance(kind, t.TypeType) else kind
    if not isinstance(found, t.Type):
        raise StorageError("INITIALIZATION_FAILED", "the types of keys and values have to be types")
    return found


def _open(btype: Any, options: Any, key_type: Any, val_type: Any) -> Any:
    def operation() -> BackendHandle:
        from bro.runtime.opaques.storage import BackendHandle
        from bro.storage.backends import open_backend

        key, value = _inner(key_type), _inner(val_type)
        backend = open_backend(btype.name, options)
        handle = BackendHandle(backend, btype, options, key, value, bool(options.forced_sync))
        _watch(handle)
        post("Storage::backend_opened", btype, options)
        return handle

    return _result(operation)


def _watch(handle: BackendHandle) -> None:
    """Have a backend forget what has expired, every `Storage::expire_interval`."""
    current = context.current

    def expire() -> None:
        if handle.backend is None or current.state.get("terminating"):
            return
        _result(lambda: handle.backend.expire(current.clock.now) if handle.backend is not None else None)
        current.timers.call_after(max(global_value("Storage::expire_interval", 15.0), 0.1), expire)

    current.timers.call_after(max(global_value("Storage::expire_interval", 15.0), 0.1), expire)


def _close(backend: BackendHandle) -> Any:
    def operation() -> None:
        _opened(backend).close()
        backend.backend = None

    return _result(operation)


def _opened(handle: BackendHandle) -> Any:
    from bro.storage.backends import StorageError

    if handle.backend is None:
        raise StorageError("NOT_CONNECTED", "the backend is closed")
    return handle.backend


def _text(value: Any, kind: t.Type, code: str) -> str:
    """A key or value as JSON, if it is of the type that was said."""
    from bro.runtime.builtins.jsontext import to_json
    from bro.storage.backends import StorageError

    if type_of(value) != kind:
        raise StorageError(code, f"this is a {type_of(value).notation()}, not a {kind.notation()}")
    return to_json(value).decode("utf-8", "surrogateescape")


def _put(handle: BackendHandle, key: Any, value: Any, overwrite: bool, expire_time: float) -> Any:
    def operation() -> None:
        backend = _opened(handle)
        name = _text(key, handle.key_type, "KEY_TYPE_MISMATCH")
        text = _text(value, handle.value_type, "VAL_TYPE_MISMATCH")
        expires = context.current.clock.now + expire_time if expire_time > 0 else 0.0
        backend.put(name, text, overwrite, expires)

    return _result(operation)


def _get(handle: BackendHandle, key: Any) -> Any:
    def operation() -> Any:
        from bro.runtime.builtins.jsontext import from_json
        from bro.storage.backends import StorageError

        backend = _opened(handle)
        text = backend.get(_text(key, handle.key_type, "KEY_TYPE_MISMATCH"), context.current.clock.now)
        found = from_json(text.encode("utf-8", "surrogateescape"), t.TypeType(handle.value_type))
        if not found.valid:
            raise StorageError("OPERATION_FAILED", f"what is kept cannot be read: {found.err!r}")
        return found.v

    return _result(operation)


def _erase(handle: BackendHandle, key: Any) -> Any:
    def operation() -> None:
        _opened(handle).erase(_text(key, handle.key_type, "KEY_TYPE_MISMATCH"))

    return _result(operation)


@builtin("function Storage::is_open(backend: opaque of Storage::BackendHandle): bool")
def is_open(backend: BackendHandle) -> bool:
    """Tell whether a backend can be used."""
    return backend.backend is not None


@builtin("function Storage::is_forced_sync(backend: opaque of Storage::BackendHandle): bool")
def is_forced_sync(backend: BackendHandle) -> bool:
    """Tell whether a backend was opened with ``$forced_sync``."""
    return backend.forced_sync


@builtin(
    "function Storage::Sync::__open_backend(btype: Storage::Backend, options: any, key_type: any, "
    "val_type: any): Storage::OperationResult"
)
def sync_open_backend(btype: Any, options: Any, key_type: Any, val_type: Any) -> Any:
    """Open a backend; its handle is the result's value."""
    return _open(btype, options, key_type, val_type)


@builtin(
    "function Storage::Sync::__close_backend(backend: opaque of Storage::BackendHandle): "
    "Storage::OperationResult"
)
def sync_close_backend(backend: BackendHandle) -> Any:
    """Close a backend."""
    return _close(backend)


@builtin(
    "function Storage::Sync::__put(backend: opaque of Storage::BackendHandle, key: any, value: any, "
    "overwrite: bool, expire_time: interval): Storage::OperationResult"
)
def sync_put(backend: BackendHandle, key: Any, value: Any, overwrite: bool, expire_time: float) -> Any:
    """Keep a value."""
    return _put(backend, key, value, overwrite, expire_time)


@builtin(
    "function Storage::Sync::__get(backend: opaque of Storage::BackendHandle, key: any): "
    "Storage::OperationResult"
)
def sync_get(backend: BackendHandle, key: Any) -> Any:
    """Look up a value."""
    return _get(backend, key)


@builtin(
    "function Storage::Sync::__erase(backend: opaque of Storage::BackendHandle, key: any): "
    "Storage::OperationResult"
)
def sync_erase(backend: BackendHandle, key: Any) -> Any:
    """Forget a value."""
    return _erase(backend, key)


@builtin(
    "function Storage::Async::__open_backend(btype: Storage::Backend, options: any, key_type: any, "
    "val_type: any): Storage::OperationResult",
    asynchronous=True,
)
def async_open_backend(btype: Any, options: Any, key_type: Any, val_type: Any) -> Async:
    """Open a backend; its handle is the result's value."""
    return _later(_open(btype, options, key_type, val_type))


@builtin(
    "function Storage::Async::__close_backend(backend: opaque of Storage::BackendHandle): "
    "Storage::OperationResult",
    asynchronous=True,
)
def async_close_backend(backend: BackendHandle) -> Async:
    """Close a backend."""
    return _later(_close(backend))


@builtin(
    "function Storage::Async::__put(backend: opaque of Storage::BackendHandle, key: any, value: any, "
    "overwrite: bool, expire_time: interval): Storage::OperationResult",
    asynchronous=True,
)
def async_put(backend: BackendHandle, key: Any, value: Any, overwrite: bool, expire_time: float) -> Async:
    """Keep a value."""
    return _later(_put(backend, key, value, overwrite, expire_time))


@builtin(
    "function Storage::Async::__get(backend: opaque of Storage::BackendHandle, key: any): "
    "Storage::OperationResult",
    asynchronous=True,
)
def async_get(backend: BackendHandle, key: Any) -> Async:
    """Look up a value."""
    return _later(_get(backend, key))


@builtin(
    "function Storage::Async::__erase(backend: opaque of Storage::BackendHandle, key: any): "
    "Storage::OperationResult",
    asynchronous=True,
)
def async_erase(backend: BackendHandle, key: Any) -> Async:
    """Forget a value."""
    return _later(_erase(backend, key))
