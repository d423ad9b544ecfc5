"""Declaring events: as text in Bro's syntax, or by a function's signature.

::

    @declare_event
    def echo_line(c: Connection, is_orig: bool, line: bytes) -> None:
        \"\"\"A line was echoed.\"\"\"

declares ``event echo_line(c: connection, is_orig: bool, line: string)``; an analyzer raises it with
``self.raise_event(echo_line, is_orig, line)``.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, overload

from bro.runtime.netvalues import Addr, Pattern, Port, Subnet


class BroType(NamedTuple):
    """Says in an annotation which type scripts see: ``Annotated[bytes, BroType("string")]``."""

    notation: str


class Connection:
    """Stands in signatures of events for the record of the connection; the engine puts it there."""


class File:
    """Stands in signatures of events for the record of the file; the engine puts it there."""


#: numbers that are not negative
Count = Annotated[int, BroType("count")]
#: numbers that may be negative
Int = Annotated[int, BroType("int")]
#: seconds since 1970
Time = Annotated[float, BroType("time")]
#: seconds
Interval = Annotated[float, BroType("interval")]
#: bytes, or text that is encoded as UTF-8
String = Annotated[bytes | str, BroType("string")]

_PLAIN: dict[Any, str] = {
    bool: "bool",
    int: "count",
    float: "double",
    bytes: "string",
    str: "string",
    Addr: "addr",
    Subnet: "subnet",
    Port: "port",
    Pattern: "pattern",
    Connection: "connection",
    File: "fa_file",
    Any: "any",
}


class Event:
    """An event that a plugin raises."""

    __slots__ = ("about", "name", "parameters")

    def __init__(self, name: str, parameters: list[tuple[str, str]], about: str) -> None:
        self.name = name  #: with its module, if it has one
        self.parameters = parameters  #: names and types in Bro's notation
        self.about = about  #: what it says, for people

    @property
    def text(self) -> str:
        """The declaration in Bro's syntax."""
        module, _, name = self.name.rpartition("::")
        comment = "".join(f"## {line}".rstrip() + "\n" for line in self.about.splitlines())
        parameters = ", ".join(f"{n}: {t}" for n, t in self.parameters)
        declared = f"{comment}global {name}: event({parameters});\n"
        return f"module {module};\nexport {{\n{declared}}}\n" if module else f"module GLOBAL;\n{declared}"

    def __repr__(self) -> str:
        return f"<event {self.name}({', '.join(f'{n}: {t}' for n, t in self.parameters)})>"


def notation(annotation: Any) -> str:
    """The type that scripts see for a Python annotation.

    :raises TypeError: there is none.
    """
    if isinstance(annotation, BroType):
        return annotation.notation
    if typing.get_origin(annotation) is Annotated:
        for extra in annotation.__metadata__:
            if isinstance(extra, BroType):
                return extra.notation
        annotation = annotation.__origin__
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list and len(args) == 1:
        return f"vector of {notation(args[0])}"
    if origin in (set, frozenset) and len(args) == 1:
        return f"set[{_index(args[0])}]"
    if origin is dict and len(args) == 2:
        return f"table[{_index(args[0])}] of {notation(args[1])}"
    raise TypeError(f"{annotation!r} stands for no type of scripts; use Annotated[..., BroType('...')]")


def _index(annotation: Any) -> str:
    if typing.get_origin(annotation) is tuple:
        return ", ".join(notation(part) for part in typing.get_args(annotation))
    return notation(annotation)


@overload
def declare_event(function: Callable[..., None], /) -> Event: ...
@overload
def declare_event(*, name: str) -> Callable[[Callable[..., None]], Event]: ...


def declare_event(
    function: Callable[..., None] | None = None, /, *, name: str = ""
) -> Event | Callable[[Callable[..., None]], Event]:
    """Make an event of a function's name, parameters and docstring; its body is not used.

    :param name: the event's name, if it is another than the function's, such as ``"Echo::line"``.
    :raises TypeError: a parameter without an annotation, or one that stands for no type of scripts.
    """

    def declared(function: Callable[..., None]) -> Event:
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = []
        for parameter in inspect.signature(function).parameters:
            if parameter not in hints:
                raise TypeError(f"event {function.__name__}: parameter {parameter} has no type")
            parameters.append((parameter, notation(hints[parameter])))
        about = inspect.cleandoc(function.__doc__ or "An event of a plugin.")
        return Event(name or function.__name__, parameters, about)

    return declared if function is None else declared(function)
