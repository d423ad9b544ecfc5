"""What built-in functions share: reporting, looking up the program's names, values of type `any`."""

from __future__ import annotations

import os
import sys

from bro.runtime import context
from bro.runtime.callables import mangle
from bro.runtime.errors import SCRIPT_MARK, STAND_IN, ScriptError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType
    from typing import Any

    from bro.runtime.values import EnumValue
    from bro.script.types import TableType


#: Where the scripts are that come with the program.
_OWN = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "scripts", "")


def location() -> str:
    """Return where the running script is, as "FILE, line N"; empty when no script runs.

    That is the call which is nearest: of somebody's own script if one is among them, since what the scripts
    of the program pass on to a built-in function is what they were given.
    """
    nearest = ""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if SCRIPT_MARK in frame.f_globals and frame.f_code.co_name != STAND_IN:
            file = frame.f_code.co_filename
            if not file.startswith(_OWN):
                return f"{file}, line {frame.f_lineno}"
            nearest = nearest or f"{file}, line {frame.f_lineno}"
        frame = frame.f_back
    return nearest


def report_error(message: str) -> None:
    """Report an error at the script's place and let the handler go on.

    For arguments that a careful script can still hold, such as text out of traffic that is no number; what is
    wrong with the script itself is a `ScriptError`.
    """
    context.current.reporter.error(message, location())


def report_warning(message: str) -> None:
    """Report a warning at the script's place."""
    context.current.reporter.warning(message, location())


def shown(data: bytes, limit: int = 64) -> str:
    """Return bytes quoted for a message, cut after `limit`."""
    text = data[:limit].decode("latin-1").encode("unicode_escape").decode()
    return f'"{text}"' + ("…" if len(data) > limit else "")


def record(name: str) -> Any:
    """Return the class of a record type that the loaded scripts declare.

    Raises ScriptError if they do not, as in a program that leaves out the base scripts.
    """
    try:
        return context.current.program.record_classes[name]
    except (AttributeError, KeyError):
        raise ScriptError(f"the record type {name} is not declared; load the base scripts") from None


def enum_value(type_name: str, name: str) -> EnumValue:
    """Return a value of an enumeration that the loaded scripts declare; ScriptError if they do not."""
    found = context.current.globals.get(mangle(name))
    if found is None:
        raise ScriptError(f"the value {name} of {type_name} is not declared; load the base scripts")
    return found  # type: ignore[no-any-return]


def global_value(name: str, default: Any) -> Any:
    """Return the value of a script's global, option or constant; `default` if there is none."""
    found = context.current.globals.get(mangle(name))
    return default if found is None else found


def post(event: str, *args: Any) -> bool:
    """Put an event in the queue; false if nobody handles it."""
    current = context.current
    dispatcher = None if current.program is None else current.program.dispatchers.get(event)
    if dispatcher is None:
        return False
    current.queue.append((dispatcher, args))
    return True


def command(name: str, *args: Any, absent: Any = False) -> Any:
    """Ask something of the engine; `absent` is the answer where scripts run without one."""
    engine = context.current.engine
    return absent if engine is None else engine.command(name, *args)


def container(kind: TableType, items: Iterable[tuple[Any, Any]]) -> Any:
    """Make a table or set of a type, as a constructor in a script does.

    :param items: index and value of each element; the value is True in a set.
    """
    from bro.runtime.tables import Set, Table, TableSpec, new_set, new_table

    lookup = kind.index_types[0].tag if len(kind.index_types) == 1 else ""
    if lookup not in ("subnet", "pattern"):
        return Set(items) if kind.is_set else Table(items)
    spec = TableSpec(lookup=lookup)
    return new_set(spec, dict(items)) if kind.is_set else new_table(spec, dict(items))
