"""The event `new_event`, which tells of all others.  It is only there where somebody handles it."""

from __future__ import annotations

from bro.runtime.builtins._support import record
from bro.runtime.values import box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.script.program import Program


def observer(program: Program, name: str) -> Callable[..., None]:
    """A handler of the event `name` that runs the handlers of `new_event`."""
    params: list[tuple[bytes, bytes, Any]] | None = None

    def observe(*values: Any) -> None:
        nonlocal params
        if params is None:
            type_ = program.variable_type(name)
            declared: Any = getattr(type_, "params", ())
            params = [(p.name.encode(), str(p.type).encode(), p.type) for p in declared]
        make = record("call_argument")
        arguments = [
            make(name=param, type_name=type_name, value=None if value is None else box(value, kind))
            for (param, type_name, kind), value in zip(params, values, strict=False)
        ]
        program.dispatchers["new_event"](name.encode(), arguments)

    return observe
