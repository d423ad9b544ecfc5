"""Names and types of functions, events and hooks as values.

A script function is a Python function; the value of an event or hook is its dispatcher (see `dispatch`).
Names in the generated code are those of the script with ``::`` as ``__``; where that cannot be undone, the
program has a table.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any

from bro.runtime.namespace import HELPERS

if TYPE_CHECKING:
    from bro.script.types import FuncType, Type

#: Names that generated code needs for itself: a script's name that is one of them gets an underscore behind.
RESERVED = (
    frozenset(keyword.kwlist)
    | frozenset(HELPERS)
    | frozenset(
        [
            "IndexError",
            "abs",
            "dict",
            "enumerate",
            "float",
            "int",
            "isinstance",
            "len",
            "list",
            "range",
            "self",
            "tuple",
        ]
    )
    | frozenset(["post_event", "schedule_event"])
)

#: Names of the form that generated code uses for temporary values and constants.
_TEMPORARY = re.compile(r"_[a-z]*[0-9]+")

_SCOPE = re.compile(r"(?<=[A-Za-z0-9])__(?=[A-Za-z_])")

#: Mangled names that `_SCOPE` does not undo, of the loaded program.
exceptions: dict[str, str] = {}


#: Names that were mangled before; bounded, as names to look up may be made at run time.
_mangled: dict[str, str] = {}


def mangle(name: str) -> str:
    """The name that the global `name` of a script has in generated code."""
    known = _mangled.get(name)
    if known is not None:
        return known
    mangled = name.replace("::", "__")
    if mangled in RESERVED or _TEMPORARY.fullmatch(mangled):
        mangled += "_"
    if len(_mangled) < 10_000:
        _mangled[name] = mangled
    return mangled


def bro_name(mangled: str) -> str:
    """The name in the script of what generated code calls `mangled`."""
    known = exceptions.get(mangled)
    return demangle(mangled) if known is None else known


def demangle(mangled: str) -> str:
    """What `mangle` made of a name undone, as far as that can be told from the result alone."""
    name = _SCOPE.sub("::", mangled)
    return name[:-1] if name.endswith("_") and name[:-1] in RESERVED else name


def name_of(function: Any) -> str:
    """The name of a function, event or hook value as scripts see it."""
    name = getattr(function, "bro_name", None)
    if name is not None:
        return name if isinstance(name, str) else str(name)
    from bro.runtime import context

    program = context.current.program
    if program is not None:
        name = program.name_of(function)
        if name is not None:
            return str(name)
    return bro_name(getattr(function, "__name__", "<function>"))


def function_type(function: Any) -> Type:
    """The type of a function value; without parameters if the program does not know it."""
    from bro.runtime import context
    from bro.script import types as t

    program = context.current.program
    if program is not None:
        found = program.function_type(function)
        if found is not None:
            return found  # type: ignore[no-any-return]
    unknown: FuncType = t.FuncType("function", (), t.ANY)
    return unknown
