"""A program of a few record types and enumerations, without scripts or an engine, for the built-in
functions."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from bro.runtime import context
from bro.runtime.values import EnumValue, Record
from bro.script import types as t


def make_record(name: str, /, **fields: tuple[t.Type, set[str]] | t.Type) -> type[Record]:
    """A record class as the compiler generates them; attributes of a field are a set of words."""
    declared = []
    for field, kind in fields.items():
        type_, attrs = kind if isinstance(kind, tuple) else (kind, set())
        declared.append(t.Field(field, type_, dict.fromkeys(attrs, True)))
    type_object = t.RecordType(name, declared)

    def init(self: Any, *args: Any, **values: Any) -> None:
        for position, field in enumerate(names):
            setattr(self, field, args[position] if position < len(args) else values.pop(field, None))
        assert not values, f"{name} has no fields {values}"

    names = tuple(fields)
    return type(
        name.replace("::", "__"),
        (Record,),
        {"__slots__": names, "__init__": init, "_fields": names, "__bro_type__": type_object},
    )


class Program:
    """What built-in functions ask of a loaded program."""

    def __init__(self) -> None:
        self.record_classes: dict[str, type[Record]] = {}
        self.enum_types: dict[str, t.EnumType] = {}
        self.dispatchers: dict[str, Any] = {}
        #: values of options by name
        self.options: dict[str, Any] = {}

    def global_value(self, name: str) -> Any:
        return self.options.get(name)

    def add_record(self, name: str, /, **fields: Any) -> type[Record]:
        cls = self.record_classes[name] = make_record(name, **fields)
        return cls

    def add_enum(self, name: str, *values: str) -> t.EnumType:
        from bro.runtime.callables import mangle

        kind = self.enum_types[name] = t.EnumType(
            name, {value: number for number, value in enumerate(values)}
        )
        for number, value in enumerate(values):
            context.current.globals[mangle(value)] = EnumValue(name, value, number)
        return kind

    def enum_type(self, name: str) -> t.EnumType:
        return self.enum_types[name]

    def name_of(self, function: Any) -> str | None:
        return getattr(function, "__name__", None)

    def function_type(self, function: Any) -> None:
        return None


@pytest.fixture(autouse=True)
def program() -> Iterator[Program]:
    """A fresh context with a program in it."""
    before = context.current
    current = context.use(context.Context())
    current.reporter.stream = io.StringIO()
    current.state["seed"] = b"0123456789abcdef"
    made = Program()
    current.program = made
    made.add_enum("transport_proto", "unknown_transport", "tcp", "udp", "icmp")
    yield made
    context.use(before)


@pytest.fixture
def reports() -> Any:
    """What has been reported so far, as one text."""
    return lambda: context.current.reporter.stream.getvalue()


class Engine:
    """An engine that answers from a table and remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[Any, ...]] = []
        self.now = 1000.0

    def command(self, name: str, *args: Any) -> Any:
        self.asked.append((name, *args))
        answer = self.answers.get(name)
        return answer(*args) if callable(answer) else answer


@pytest.fixture
def engine() -> Any:
    """Attach an `Engine` with these answers."""

    def attach(**answers: Any) -> Engine:
        made = Engine(**answers)
        context.current.attach(made)
        return made

    return attach
