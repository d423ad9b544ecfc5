"""The streams of input: made and removed by scripts, looked at between packets.

The first rows come after the events that are being handled, and before the next packet.  Streams of the modes
REREAD and STREAM are looked at every `Threading::heartbeat_interval` seconds of the program's time.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from bro.input.fields import columns, nameable
from bro.input.readers.base import MANUAL, Field, InputError, Reader, Request
from bro.input.streams import AnalysisStream, EventStream, Stream, TableStream
from bro.runtime import context
from bro.runtime.builtins._support import global_value, report_error
from bro.runtime.values import Boxed, EnumValue, type_of
from bro.script import types as t

#: Module and class of each reader, by the name that scripts give; `register` adds to them.
READERS: dict[str, tuple[str, str]] = {
    "Input::READER_ASCII": ("bro.input.readers.ascii", "AsciiReader"),
    "Input::READER_BENCHMARK": ("bro.input.readers.benchmark", "BenchmarkReader"),
    "Input::READER_BINARY": ("bro.input.readers.binary", "BinaryReader"),
    "Input::READER_CONFIG": ("bro.input.readers.config", "ConfigReader"),
    "Input::READER_RAW": ("bro.input.readers.raw", "RawReader"),
    "Input::READER_SQLITE": ("bro.input.readers.sqlite", "SQLiteReader"),
}

_registered: dict[str, type[Reader]] = {}


def register(name: str, reader: type[Reader]) -> None:
    """Let scripts use a reader under the name of an enum value, which a script adds to `Input::Reader`."""
    _registered[name] = reader


def _reader_class(name: str) -> type[Reader] | None:
    known = _registered.get(name)
    if known is None and name in READERS:
        module, attribute = READERS[name]
        known = getattr(import_module(module), attribute)
    return known


class Manager:
    """All streams of a program."""

    def __init__(self) -> None:
        self.streams: dict[bytes, Stream] = {}
        self._watching = False

    # ---- making streams ------------------------------------------------------------------------------------

    def add_table(self, description: Any) -> bool:
        """Make a table stream; false, after a report, if it cannot be."""
        index, value = nameable(description.idx), nameable(description.val)
        destination = description.destination
        table = destination.value if destination.__class__ is Boxed else destination
        kind = type_of(destination)
        if not isinstance(index, t.RecordType):
            return self._refuse(description, "$idx has to be a record type")
        if description.val is not None and not isinstance(value, t.RecordType):
            return self._refuse(description, "$val has to be a record type")
        if not isinstance(kind, t.TableType) or not isinstance(table, dict):
            return self._refuse(description, "$destination has to be a table or a set")
        if kind.is_set != (value is None):
            return self._refuse(
                description, "$val belongs to tables: a set has none, a table cannot do without"
            )
        assert value is None or isinstance(value, t.RecordType)
        wanted = [field.type for field in index.fields]
        if list(kind.index_types) != wanted and kind.index_types != (t.UNKNOWN,):
            there = ", ".join(k.notation() for k in kind.index_types)
            given = ", ".join(k.notation() for k in wanted)
            return self._refuse(description, f"the table is indexed by [{there}], $idx gives [{given}]")
        right: t.Type | None = value
        if value is not None and not description.want_record:
            if len(value.fields) != 1:
                return self._refuse(description, "without $want_record, $val has to have one field")
            right = value.fields[0].type
        if right is not None and kind.yield_type not in (right, t.UNKNOWN):
            assert kind.yield_type is not None
            return self._refuse(
                description,
                f"the table holds {kind.yield_type.notation()}, $val gives {right.notation()}",
            )
        params: list[t.Type] = [t.ANY, t.ANY, index]
        if right is not None:
            params.append(right)
        if not self._event_fits(description, description.ev, params):
            return False
        fields = self._columns(description, index, value)
        if fields is None:
            return False
        return self._open(TableStream(description, table, index, value), fields)

    def add_event(self, description: Any) -> bool:
        """Make an event stream; false, after a report, if it cannot be."""
        kind = nameable(description.fields)
        if not isinstance(kind, t.RecordType):
            return self._refuse(description, "$fields has to be a record type")
        given: list[t.Type] = [kind] if description.want_record else [field.type for field in kind.fields]
        if not self._event_fits(description, description.ev, [t.ANY, t.ANY, *given]):
            return False
        fields = self._columns(description, kind, None)
        if fields is None:
            return False
        return self._open(EventStream(description, kind), fields)

    def add_analysis(self, description: Any) -> bool:
        """Make an analysis stream; false, after a report, if it cannot be."""
        return self._open(AnalysisStream(description), [Field("content", t.STRING)])

    def _columns(
        self, description: Any, first: t.RecordType, second: t.RecordType | None
    ) -> list[Field] | None:
        any_type = bool(global_value("Input::accept_unsupported_types", False))
        try:
            fields = columns(first, any_type)
            return fields if second is None else fields + columns(second, any_type)
        except ValueError as error:
            self._refuse(description, str(error))
            return None

    def _event_fits(self, description: Any, event: Any, params: list[t.Type]) -> bool:
        """Whether an event of the script takes what will be given; also looks at the one for errors."""
        if event is not None and not self._takes(event, params):
            shown = ", ".join(p.notation() for p in params[2:])
            return self._refuse(
                description,
                f"$ev has to be an event that takes the description, an Input::Event, {shown}",
            )
        error = description.error_ev
        if error is not None and not self._takes(error, [t.ANY, t.STRING, t.ANY]):
            return self._refuse(
                description,
                "$error_ev has to be an event that takes the description, a string and a Reporter::Level",
            )
        return True

    def _takes(self, event: Any, params: list[t.Type]) -> bool:
        kind = type_of(event)
        if not isinstance(kind, t.FuncType) or kind.flavor != "event":
            return False
        if len(kind.params) != len(params):
            return False
        return all(
            wanted is t.ANY or param.type in (wanted, t.ANY)
            for param, wanted in zip(kind.params, params, strict=True)
        )

    def _refuse(self, description: Any, reason: str) -> bool:
        name = description.name.decode("utf-8", "replace")
        report_error(f"input stream {name}: {reason}")
        return False

    def _open(self, stream: Stream, fields: list[Field]) -> bool:
        description = stream.description
        if stream.name in self.streams:
            return self._refuse(description, "there is a stream of this name already")
        reader: EnumValue = description.reader
        cls = _reader_class(reader.name)
        if cls is None:
            return self._refuse(description, f"there is no reader {reader.name}")
        mode = description.mode.name
        if mode not in cls.modes:
            possible = ", ".join(cls.modes)
            return self._refuse(description, f"{reader.name} does not read in mode {mode}, but in {possible}")
        config = {
            key.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
            for key, value in (description.config or {}).items()
        }
        request = Request(
            stream.name.decode("utf-8", "replace"), os.fsdecode(stream.source), mode, fields, config
        )
        try:
            stream.reader = cls(request, stream)
        except InputError as error:
            return self._refuse(description, str(error))
        self.streams[stream.name] = stream
        stream.later(lambda: self._call(stream, "start"))
        if mode != MANUAL:
            self._watch()
        return True

    # ---- while the program runs ----------------------------------------------------------------------------

    def remove(self, name: bytes) -> bool:
        """End a stream; what it put into a table stays there."""
        stream = self.streams.pop(name, None)
        if stream is None:
            report_error(f"Input::remove: there is no stream {name.decode('utf-8', 'replace')}")
            return False
        stream.close()
        return True

    def force_update(self, name: bytes) -> bool:
        """Read a stream's source now."""
        stream = self.streams.get(name)
        if stream is None:
            report_error(f"Input::force_update: there is no stream {name.decode('utf-8', 'replace')}")
            return False
        stream.later(lambda: self._call(stream, "force"))
        return True

    def close(self) -> None:
        """End all streams."""
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()

    def _call(self, stream: Stream, method: str) -> None:
        """Let a reader do something; what it cannot do ends its stream."""
        try:
            getattr(stream.reader, method)()
        except InputError as error:
            stream.error(str(error))
            self.streams.pop(stream.name, None)
            stream.close()
        except Exception as error:  # an error in a reader, also in one of somebody else's
            stream.error(f"the reader failed: {type(error).__name__}: {error}")
            self.streams.pop(stream.name, None)
            stream.close()

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            self._schedule()

    def _schedule(self) -> None:
        interval = global_value("Threading::heartbeat_interval", 1.0)
        context.current.timers.call_after(max(interval, 0.01), self._beat)

    def _beat(self) -> None:
        """Look at all streams that may have something new."""
        watched = [
            s for s in self.streams.values() if s.reader is not None and s.reader.request.mode != MANUAL
        ]
        if not watched or context.current.state.get("terminating"):
            self._watching = False
            return
        for stream in watched:
            self._call(stream, "update")
        self._schedule()


def manager() -> Manager:
    """The manager of the program that runs."""
    state = context.current.state
    found: Manager | None = state.get("input")
    if found is None:
        found = state["input"] = Manager()
    return found


__all__ = ["READERS", "Manager", "manager", "register"]
