"""Handlers in Python: what decorators register, and how it becomes part of a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar, overload

from bro.api.errors import BroError
from bro.runtime import dispatch
from bro.runtime.errors import PYTHON, SCRIPT_MARK
from bro.script.scope import EVENT_ALIASES

_F = TypeVar("_F", bound=Callable[..., Any])


class Handler(NamedTuple):
    """A handler that waits for its program."""

    flavor: str  #: "event" or "hook"
    name: str
    function: Callable[..., Any]
    priority: int
    groups: tuple[str, ...]
    where: str  #: file and line, for messages


class Policy:
    """A collection of handlers and declarations.

    The decorators of the module `bro` fill `default`, which every program gets; a policy of one's own is for
    programs that run several in one process: ``bro.run(..., policies=[mine])``.
    """

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.texts: list[str] = []

    @overload
    def event(self, name: _F, /) -> _F: ...
    @overload
    def event(
        self, name: str | None = None, /, *, priority: int = 0, group: str | Iterable[str] = ()
    ) -> Callable[[_F], _F]: ...
    def event(self, name: Any = None, /, *, priority: int = 0, group: str | Iterable[str] = ()) -> Any:
        """Handle an event: ``@event("connection_established", priority=5)``.

        Without a name it is that of the function.  A handler takes the event's arguments in their order, or
        fewer of them by the event's names.  Of equal priority, scripts come first.
        """
        return self._register("event", name, priority, group)

    on = event

    @overload
    def hook(self, name: _F, /) -> _F: ...
    @overload
    def hook(
        self, name: str | None = None, /, *, priority: int = 0, group: str | Iterable[str] = ()
    ) -> Callable[[_F], _F]: ...
    def hook(self, name: Any = None, /, *, priority: int = 0, group: str | Iterable[str] = ()) -> Any:
        """Handle a hook; to return False does what `break` does in a script."""
        return self._register("hook", name, priority, group)

    def _register(self, flavor: str, name: Any, priority: int, group: str | Iterable[str]) -> Any:
        if callable(name):
            return self._register(flavor, None, priority, group)(name)

        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of the {flavor} is to be a str, not {name!r}")

        def register(function: _F) -> _F:
            if not callable(function):
                raise TypeError(f"a handler is to be a function, not {function!r}")
            code = getattr(function, "__code__", None)
            where = f"{code.co_filename}, line {code.co_firstlineno}" if code is not None else repr(function)
            groups = (group,) if isinstance(group, str) else tuple(group)
            self.handlers.append(
                Handler(flavor, name or function.__name__, function, priority, groups, where)
            )
            return function

        return register

    def declare(self, text: str) -> None:
        """Declare something in the language: events, notice types, tables.  It is compiled with the
        program.
        """
        if not isinstance(text, str):
            raise TypeError(f"a declaration is to be a str in the language, not {text!r}")
        self.texts.append(text)

    def mark(self) -> tuple[int, int]:
        """How much there is; for `split`."""
        return len(self.handlers), len(self.texts)

    def split(self, mark: tuple[int, int]) -> Policy:
        """What was added since a mark, as a policy of its own; it is no part of this one any more."""
        made = Policy()
        made.handlers, made.texts = self.handlers[mark[0] :], self.texts[mark[1] :]
        del self.handlers[mark[0] :], self.texts[mark[1] :]
        return made

    def attach(self, program: Any) -> None:
        """Put the handlers into a program that has not begun to run.

        :raises BroError: there is no such event or hook, or a handler does not take its arguments
        """
        entries = []
        for handler in self.handlers:
            name = EVENT_ALIASES.get(handler.name, handler.name)
            known = program.event(name)
            if known is None or known[1] != handler.flavor:
                from bro.script.diagnostics import suggest

                hint = suggest(name, [n for n, e in program.events.items() if e[1] == handler.flavor])
                raise BroError(
                    f"{handler.where}: there is no {handler.flavor} {name}" + (f"; {hint}" if hint else "")
                )
            function = _fitted(handler, [p[0] for p in known[2][2]])
            entry = dispatch.Entry(name, function, handler.priority, handler.groups, "<python>")
            entries.append((handler.flavor, entry))
        program.attach(entries)


def _fitted(handler: Handler, names: list[str]) -> Callable[..., Any]:
    """The handler as a function of all the arguments.

    :raises BroError: when it takes others
    """
    function = handler.function
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        kind = "an async function" if inspect.iscoroutinefunction(function) else "a generator"
        raise BroError(f"{handler.where}: {handler.name} cannot be handled by {kind}, which would never run")
    space = getattr(function, "__globals__", None)
    if space is not None:
        space.setdefault(SCRIPT_MARK, PYTHON)  # errors of it are reported with their line
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return function
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return function
    required = [p for p in positional if p.default is p.empty]
    if len(required) <= len(names) <= len(positional):
        return function
    wanted = [p.name for p in required]
    if len(required) < len(names) and all(name in names for name in wanted):
        places = [names.index(name) for name in wanted]
        return _picking(function, places, len(names))
    raise BroError(
        f"{handler.where}: {getattr(function, '__name__', 'the handler')}"
        f"({', '.join(p.name for p in positional)}) cannot handle {handler.name}({', '.join(names)}): "
        "a handler takes all of these, or some by their names"
    )


def _picking(function: Callable[..., Any], places: list[int], count: int) -> Callable[..., Any]:
    """A function of all arguments that passes on some."""
    names = [f"a{i}" for i in range(count)]
    text = f"lambda {', '.join(names)}: handler({', '.join(names[i] for i in places)})"
    return eval(text, {"handler": function})  # type: ignore[no-any-return]


#: What the decorators of the module fill.
default = Policy()
event = default.event
on = default.on
hook = default.hook
declare = default.declare


def reset() -> None:
    """Forget what was registered so far."""
    default.handlers.clear()
    default.texts.clear()
