"""What Python code reaches of the program that runs: its globals, functions, events, types, and the time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bro.api.convert import boxed, make_record, to_bro, unboxed
from bro.api.errors import BroError
from bro.api.signatures import parameters
from bro.runtime import context
from bro.script import types as t


def program() -> Any:
    """The program that runs.

    :raises BroError: when there is none
    """
    found = context.current.program
    if found is None:
        raise BroError("there is no program yet: use this in a handler, or after bro.load()")
    return found


def unknown(what: str, name: str, names: Any) -> BroError:
    """The error about a name that the program does not have, with the likely one."""
    from bro.script.diagnostics import suggest

    hint = suggest(name, names)
    return BroError(f"there is no {what} {name}" + (f"; {hint}" if hint else ""))


class _OfProgram:
    """What looks things up in a program: in a certain one, or in the current one."""

    def __init__(self, of: Any = None) -> None:
        self._of = of

    def _program(self) -> Any:
        return program() if self._of is None else self._of


class Globals(_OfProgram, Mapping[str, Any]):
    """The global variables, constants and options of the scripts by their full names.

    Values that are assigned are converted to the variable's type; to assign an option runs its change
    handlers.
    """

    def __getitem__(self, name: str) -> Any:
        found = self._program()
        known = found.variables.get(name)
        if known is None:
            raise unknown("global variable", name, found.variables)
        return unboxed(found.namespace.get(known[0]))

    def __setitem__(self, name: str, value: Any) -> None:
        found = self._program()
        known = found.variables.get(name)
        if known is None:
            raise unknown("global variable", name, found.variables)
        made = to_bro(value, found.decoded(known[1]), found, name)
        if "o" in known[2]:
            from bro.runtime.builtins.options import option_set

            option_set(name.encode(), boxed_as(made, found.decoded(known[1])), b"")
        elif "c" in known[2]:
            raise BroError(f"{name} is a constant; redef changes it before the program starts")
        else:
            found.namespace[known[0]] = made

    def __iter__(self) -> Iterator[str]:
        return iter(self._program().variables)

    def __len__(self) -> int:
        return len(self._program().variables)

    def __contains__(self, name: object) -> bool:
        return name in self._program().variables


def boxed_as(value: Any, type_: t.Type) -> Any:
    """A value as an `any` of its static type."""
    from bro.runtime.values import box

    return box(value, type_)


class Records(_OfProgram, Mapping[str, Callable[..., Any]]):
    """Makes records: ``records["conn_id"](orig_h=..., ...)``; values are converted to the types of the
    fields.
    """

    def __getitem__(self, name: str) -> Callable[..., Any]:
        found = self._program()
        if name not in found.record_classes:
            raise unknown("record type", name, found.record_classes)
        type_ = found.record_type(name)

        def make(**fields: Any) -> Any:
            return make_record(type_, fields, found)

        make.__name__ = make.__qualname__ = name
        make.__doc__ = f"A record of type {name}: {', '.join(f.name for f in type_.fields)}"
        return make

    def __iter__(self) -> Iterator[str]:
        return iter(self._program().record_classes)

    def __len__(self) -> int:
        return len(self._program().record_classes)


class Enums(_OfProgram, Mapping[str, Any]):
    """Enum values by their full names: ``enums["Log::WRITER_ASCII"]``.  They are compared with ``is``."""

    def __getitem__(self, name: str) -> Any:
        found = self._program()
        if name not in found.enums:
            raise unknown("enum value", name, found.enums)
        return found.enums[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._program().enums)

    def __len__(self) -> int:
        return len(self._program().enums)


globals = Globals()
records = Records()
enums = Enums()


def now() -> float:
    """Packet time: seconds since 1970."""
    return context.current.clock.now  # type: ignore[no-any-return]


def _arguments(name: str, type_: t.FuncType, args: tuple[Any, ...], found: Any) -> tuple[Any, ...]:
    # Defaults of parameters are computed where a script calls the function, so Python gives all of them.
    if len(args) != len(type_.params):
        signature = ", ".join(f"{p.name}: {p.type.notation()}" for p in type_.params)
        values = "1 value" if len(type_.params) == 1 else f"{len(type_.params)} values"
        raise BroError(f"{name}({signature}) takes {values}, not {len(args)}")
    return tuple(
        to_bro(a, p.type, found, f"{name}, {p.name}") for a, p in zip(args, type_.params, strict=False)
    )


def call(name: str, *args: Any) -> Any:
    """Call a function or hook of the scripts, or a built-in function, by its full name, and return its
    result.

    :raises BroError: when there is no such function, or the values do not fit
    """
    found = program()
    known = found.signatures.get(name)
    if known is None and name in found.events:
        known = (found.events[name][0], found.events[name][2])
        if found.events[name][1] == "event":
            raise BroError(f"{name} is an event; bro.post() raises it")
    if known is not None:
        type_ = found.decoded(known[1])
        assert isinstance(type_, t.FuncType)
        return unboxed(found.namespace[known[0]](*_arguments(name, type_, args, found)))
    from bro.runtime.builtins.registry import load_all

    builtins = load_all()
    builtin = builtins.get(name)
    if builtin is None:
        raise unknown("function", name, [*found.signatures, *builtins])
    if builtin.typed or builtin.asynchronous:
        raise BroError(f"{name}() needs what only the compiler knows; call it from a script's function")
    return unboxed(builtin.function(*_builtin_arguments(builtin, args, found)))


def _builtin_arguments(builtin: Any, args: tuple[Any, ...], found: Any) -> list[Any]:
    """The arguments of a built-in function as values of its parameters' types.

    :raises BroError: when they are too few or too many, or do not fit
    """
    name, signature = builtin.name, builtin.signature
    if "(...)" in signature:
        return [boxed(a) for a in args]
    types = parameters(signature, found)
    given = [p for p in inspect.signature(builtin.function).parameters.values() if p.kind != p.KEYWORD_ONLY]
    needed = sum(p.default is p.empty and p.kind != p.VAR_POSITIONAL for p in given)
    if not min(needed, len(types)) <= len(args) <= len(types):
        raise BroError(f"{signature.removeprefix('function ')} was called with {len(args)} values")
    return [
        to_bro(a, type_, found, f"{name}, argument {i}")
        for i, (a, type_) in enumerate(zip(args, types, strict=False), 1)
    ]


def _event(name: str, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]] | None:
    """The dispatcher of an event, with its arguments; None where nobody handles it."""
    found = program()
    known = found.events.get(name)
    if known is None or known[1] != "event":
        raise unknown("event", name, found.events)
    type_ = found.decoded(known[2])
    assert isinstance(type_, t.FuncType)
    made = _arguments(name, type_, args, found)
    dispatcher = found.dispatchers.get(name)
    return None if dispatcher is None else (dispatcher, made)


def post(name: str, *args: Any) -> None:
    """Queue an event by its full name; its handlers run after those of the current one.

    :raises BroError: when there is no such event, or the values do not fit
    """
    made = _event(name, args)
    if made is not None:
        context.current.queue.append(made)


def schedule(delay: float, name: str, *args: Any) -> None:
    """Queue an event some seconds of packet time from now."""
    made = _event(name, args)
    if made is not None:
        context.current.timers.schedule(float(delay), *made)


def notice(note: Any, **fields: Any) -> None:
    """Raise a notice: ``notice("Scan::Found", msg="...", src=host)``; the fields are those of Notice::Info.

    The connection is given as ``conn``.  New kinds of notices are declared with `bro.declare`.
    """
    found = program()
    if "Notice::Info" not in found.record_classes:
        raise BroError("notices need base/frameworks/notice, which is part of the default scripts")
    if isinstance(note, str) and note not in found.enums:
        kinds = [n for n, v in found.enums.items() if v.type_name == "Notice::Type"]
        raise unknown("notice type", note, kinds)
    call("NOTICE", records["Notice::Info"](note=note, **fields))
