"""Names and types of functions, events and hooks as values.

A script function is a Python function; the value of an event or hook is its dispatcher (see `dispatch`).
Names in the generated code are those of the script with ``::`` as ``__``; where that cannot be undone, the
program has a table.
"""

from __future__ import annotations

import keyword

from bro.runtime.namespace import HELPERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
            "locals",
            "range",
            "self",
            "tuple",
        ]
    )
    | frozenset(["post_event", "schedule_event"])
)

#: Mangled names that `_scoped` does not undo, of the loaded program.
exceptions: dict[str, str] = {}


#: Names that were mangled before; bounded, as names to look up may be made at run time.
_mangled: dict[str, str] = {}


def mangle(name: str) -> str:
    """The name that the global `name` of a script has in generated code."""
    known = _mangled.get(name)
    if known is not None:
        return known
    mangled = name.replace("::", "__")
    if mangled in RESERVED or _is_temporary(mangled):
        mangled += "_"
    if len(_mangled) < 10_000:
        _mangled[name] = mangled
    return mangled


# No regular expressions here: every start would import the module for them.


def _is_temporary(name: str) -> bool:
    """Whether a name has the form of those that generated code uses for temporary values and constants: an
    underscore, small letters, digits.
    """
    if name[:1] != "_" or name[-1] not in "0123456789":
        return False
    letters = name[1:].rstrip("0123456789")
    return not letters or (letters.isascii() and letters.isalpha() and letters.islower())


def _scoped(name: str) -> str:
    """``::`` for each ``__`` behind a letter or digit and before a letter or underscore."""
    at = name.find("__", 1)
    parts = []
    begin = 0
    while at > 0:
        behind = name[at + 2 : at + 3]
        if name[at - 1].isalnum() and (behind.isalpha() or behind == "_"):
            parts.append(name[begin:at])
            begin = at + 2
            at = name.find("__", begin)
        else:
            at = name.find("__", at + 1)
    return "::".join([*parts, name[begin:]]) if parts else name


def bro_name(mangled: str) -> str:
    """The name in the script of what generated code calls `mangled`."""
    known = exceptions.get(mangled)
    return demangle(mangled) if known is None else known


def demangle(mangled: str) -> str:
    """What `mangle` made of a name undone, as far as that can be told from the result alone."""
    name = _scoped(mangled)
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
