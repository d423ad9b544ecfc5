"""Input readers: a subclass of `Reader` with a `name` gives the value ``Input::READER_NAME``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bro.input.readers.base import MANUAL, REREAD, STREAM, Field, InputError, Request, Sink
from bro.input.readers.base import Reader as BaseReader
from bro.plugins.values import Converter, converter

__all__ = ["MANUAL", "REREAD", "STREAM", "Field", "InputError", "Reader", "Request", "Sink", "guarded"]


class Reader(BaseReader):
    """A source of rows; see `bro.input.readers.base` for the calls and for `Sink`, where rows go.

    A script chooses it with ``$reader=Input::READER_NAME`` and names what to read with ``$source``.
    """

    #: "REST" gives ``Input::READER_REST``; default: the class's name
    name: ClassVar[str] = ""

    _columns: list[tuple[str, Converter]] | None = None

    def row(self, values: Mapping[str, Any]) -> list[Any]:
        """A row of the stream, of values by the names of its fields.

        Text may be str, numbers int or float, sets and vectors any iterable; a field that is not there has no
        value.

        :raises TypeError: a value does not fit the field's type.
        """
        if self._columns is None:
            fields = self.request.fields
            self._columns = [(f.name, converter(f.type, f"field {f.name}")) for f in fields]
        found: list[Any] = []
        for name, convert in self._columns:
            value = values.get(name)
            found.append(None if value is None else convert(value))
        return found


def guarded(plugin: str, cls: type[Reader]) -> type[Reader]:
    """A reader's class whose errors name the plugin."""

    def wrapped(call: str) -> Any:
        original = getattr(cls, call)

        def run(self: Reader, *args: Any) -> None:
            try:
                original(self, *args)
            except InputError:
                raise
            except Exception as error:
                from bro.plugins.reporting import described

                raise InputError(f"plugin {plugin}: the reader failed: {described(error)}") from error

        return run

    calls = {call: wrapped(call) for call in ("start", "update", "force", "close")}
    calls["__init__"] = wrapped("__init__")
    return type(cls.__name__, (cls,), calls)
