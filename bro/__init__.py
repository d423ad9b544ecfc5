"""Bro: a network monitor.

Packets come in, the engine (`bro._engine`, in Rust) reduces them to events, and policy scripts, written in
the Bro language and compiled to Python, run over the events.  The command is `bro`; see `bro.cli`.

Policy can be written in Python as well: ``@bro.event``, ``bro.analyze(...)`` and the other names of `bro.api`
are here; docs/python.md shows them at work.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.api import (
        Addr,
        BroError,
        Event,
        LogStream,
        Pattern,
        Policy,
        Port,
        Row,
        Session,
        Subnet,
        analyze,
        call,
        declare,
        enums,
        event,
        globals,
        hook,
        load,
        log_stream,
        notice,
        now,
        on,
        post,
        records,
        run,
        schedule,
    )

__all__ = [
    "Addr",
    "BroError",
    "Event",
    "LogStream",
    "Pattern",
    "Policy",
    "Port",
    "Row",
    "Session",
    "Subnet",
    "__version__",
    "analyze",
    "call",
    "declare",
    "enums",
    "event",
    "globals",
    "hook",
    "load",
    "log_stream",
    "notice",
    "now",
    "on",
    "post",
    "records",
    "run",
    "schedule",
]


def __getattr__(name: str) -> Any:
    # The command does not need these, and starts for every capture.
    if name in __all__:
        from bro import api

        found = globals_of()[name] = getattr(api, name)
        return found
    raise AttributeError(f"module 'bro' has no attribute {name!r}")


def globals_of() -> dict[str, Any]:
    """The names of this module; `globals` itself is one of them."""
    return __import__("sys").modules[__name__].__dict__  # type: ignore[no-any-return]
