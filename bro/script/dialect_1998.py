"""Events whose parameters were others in the language's first version.

`legacy/1998` declares such an event under a name of its own, and raises it from a handler of today's.
Scripts of that time use today's name: whether a handler or a raised event means the older form is told by
its parameters.
"""

from __future__ import annotations

from bro.script import types as t
from bro.script.scope import Scope, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The older form of an event, by today's name.
OLDER_FORMS: Final = {"finger_request": "finger_request_1998"}

#: Names that only `legacy/1998` declares: fields of connections, functions.
_FIELDS: Final = frozenset({"addl", "hot"})
_NAMES: Final = frozenset({"byte_len"})

_HINT: Final = "a script in the language of 1998 needs @load legacy/1998 before it"


def field_hint(record: str, field: str) -> str:
    """What to say where a record lacks a field that it had; empty where that is no matter of age."""
    return _HINT if record == "connection" and field in _FIELDS else ""


def name_hint(name: str) -> str:
    """The same for a name that is not declared."""
    return _HINT if name in _NAMES else ""


def event_hint(scope: Scope, symbol: Symbol) -> str:
    """The same for an event with other parameters."""
    return f"; {_HINT}" if symbol.name in OLDER_FORMS and _older(scope, symbol) is None else ""


def handled_form(scope: Scope, symbol: Symbol, own: t.FuncType) -> Symbol:
    """The event that a handler with these parameters is for: `symbol`, or its older form."""
    older = _older(scope, symbol)
    if older is None or not isinstance(older.type, t.FuncType):
        return symbol
    return older if _types(own) == _types(older.type) else symbol


def raised_form(scope: Scope, symbol: Symbol, count: int) -> Symbol:
    """The event that is raised with so many arguments: `symbol`, or its older form."""
    older = _older(scope, symbol)
    if older is None or not isinstance(older.type, t.FuncType) or not isinstance(symbol.type, t.FuncType):
        return symbol
    fits = len(older.type.params) == count != len(symbol.type.params)
    return older if fits else symbol


def _older(scope: Scope, symbol: Symbol) -> Symbol | None:
    name = OLDER_FORMS.get(symbol.name)
    return None if name is None else scope.get(name)


def _types(type_: t.FuncType) -> list[t.Type]:
    return [param.type for param in type_.params]
