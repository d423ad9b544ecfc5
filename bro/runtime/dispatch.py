"""Events and hooks: one Python function for each that runs its handlers by priority.

An error of a handler stops that handler, is reported, and the next one runs.  A dispatcher is put together
from a template for its number of arguments and handlers, so that running an event costs no loop and no
unpacking; `try` costs nothing unless something is raised.  The handlers are variables of the function around
the dispatcher (its cells), which is how groups of handlers are switched off and on while everybody keeps the
same dispatcher.
"""

from __future__ import annotations

from types import CodeType, FunctionType

from bro.runtime.errors import HANDLER_ERRORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Handler = Callable[..., Any]

#: Code of templates that were made, by flavor, arguments and handlers.
templates: dict[tuple[str, int, int], CodeType] = {}

#: Handlers in one dispatcher; more are split over several that are called one after the other.
MAX_HANDLERS = 64


def template(flavor: str, args: int, handlers: int) -> CodeType:
    """The code of a function that makes dispatchers of this form."""
    key = (flavor, args, handlers)
    code = templates.get(key)
    if code is None:
        names = ", ".join(f"a{i}" for i in range(args))
        lines = [
            f"def make({', '.join([*(f'h{i}' for i in range(handlers)), 'report'])}):",
            f" def dispatch({names}):",
        ]
        for i in range(handlers):
            call = f"h{i}({names})"
            lines += ["  try:", f"   if {call} is False: return False" if flavor == "hook" else f"   {call}"]
            lines += ["  except Exception as error: report(error)"]
        if flavor == "hook":
            lines.append("  return True")
        elif not handlers:
            lines.append("  pass")
        lines.append(" return dispatch")
        module = compile("\n".join(lines), "<dispatch>", "exec", dont_inherit=True)
        code = templates[key] = next(c for c in module.co_consts if isinstance(c, CodeType))
    return code


def make(flavor: str, args: int, handlers: list[Handler], report: Callable[[BaseException], None]) -> Handler:
    """A dispatcher for an event or hook with `args` arguments."""
    if len(handlers) > MAX_HANDLERS:
        parts = [
            make(flavor, args, handlers[i : i + MAX_HANDLERS], report)
            for i in range(0, len(handlers), MAX_HANDLERS)
        ]
        return make(flavor, args, parts, report)
    # A hook lets the watchdog's exception pass: it is for the handler that called the hook.
    caught = Exception if flavor == "hook" else HANDLER_ERRORS
    return FunctionType(template(flavor, args, len(handlers)), {"Exception": caught})(*handlers, report)  # type: ignore[no-any-return]


def nothing(*_: Any) -> None:
    """Stands for the handlers of an event that has none, and for one that is switched off."""


class Entry:
    """A handler as the program declares it."""

    __slots__ = ("event", "function", "groups", "module", "priority")

    def __init__(
        self, event: str, function: Handler, priority: int, groups: tuple[str, ...], module: str
    ) -> None:
        self.event = event
        self.function = function
        self.priority = priority
        self.groups = groups  #: of its &group
        self.module = module


class Groups:
    """Groups of handlers that can be switched off: those named by `&group`, and those of a module.

    A handler runs while all groups it is in are on.
    """

    def __init__(self, entries: Iterable[tuple[Entry, Handler]]) -> None:
        """:param entries: handlers with the dispatcher that runs them"""
        self._members: dict[tuple[str, str], list[tuple[Entry, Handler]]] = {}
        self._off: set[tuple[str, str]] = set()
        for entry, dispatcher in entries:
            for group in entry.groups:
                self._members.setdefault(("group", group), []).append((entry, dispatcher))
            self._members.setdefault(("module", entry.module), []).append((entry, dispatcher))

    def has(self, kind: str, name: str) -> bool:
        """Whether there is such a group; `kind` is "group" or "module"."""
        return (kind, name) in self._members

    def switch(self, kind: str, name: str, on: bool) -> bool:
        """Switch a group; return whether there is one of that name."""
        key = (kind, name)
        if key not in self._members:
            return False
        if on:
            self._off.discard(key)
        else:
            self._off.add(key)
        for entry, dispatcher in self._members[key]:
            runs = (
                not any(("group", g) in self._off for g in entry.groups)
                and ("module", entry.module) not in self._off
            )
            _put(dispatcher, entry.function, runs)
        return True


#: Stands in the cell of a handler that is switched off, by the handler.
_stand_ins: dict[Handler, Handler] = {}


def _put(dispatcher: Handler, handler: Handler, runs: bool) -> None:
    """Put a handler into its cell of a dispatcher, or a stand-in that does nothing."""
    stand_in = _stand_ins.get(handler)
    if stand_in is None:

        def stand_in(*_: Any) -> None:
            return None

        _stand_ins[handler] = stand_in
    old, new = (stand_in, handler) if runs else (handler, stand_in)
    for cell in getattr(dispatcher, "__closure__", None) or ():
        content = cell.cell_contents
        if content is old:
            cell.cell_contents = new
        elif getattr(content, "__code__", None) is not None and content.__code__.co_filename == "<dispatch>":
            _put(content, handler, runs)
