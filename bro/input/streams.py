"""What becomes of the rows that a reader delivers: elements of a table, events, content of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bro.input.fields import builder
from bro.runtime import context
from bro.runtime.builtins._support import enum_value, post
from bro.runtime.values import index_key

if TYPE_CHECKING:
    from bro.input.readers.base import Reader
    from bro.script.types import RecordType


class Stream:
    """A stream with its reader; the `Sink` of the reader."""

    def __init__(self, name: bytes, source: bytes, description: Any) -> None:
        self.name = name
        self.source = source
        self.description = description
        self.reader: Reader | None = None
        self.open = True
        #: of the description, if it has one
        self.error_event: Any = getattr(description, "error_ev", None)

    # ---- of the reader -------------------------------------------------------------------------------------

    def replace(self, rows: Iterable[list[Any]]) -> None:
        for row in rows:
            self.put(row)
        self.end_of_data()

    def put(self, row: list[Any]) -> None:
        raise NotImplementedError

    def delete(self, row: list[Any]) -> None:
        """Streams of events have nothing to take away."""

    def data(self, chunk: bytes) -> None:
        """Only analysis streams take content."""

    def end_of_data(self) -> None:
        if self.open:
            post("Input::end_of_data", self.name, self.source)

    def post(self, event: str, *args: Any) -> None:
        if self.open:
            post(event, self.name, self.source, *args)

    def later(self, action: Callable[[], None]) -> None:
        def run() -> None:
            if self.open:
                action()

        context.current.queue.append((run, ()))

    def warning(self, message: str) -> None:
        self._report("warning", message)

    def error(self, message: str) -> None:
        self._report("error", message)

    def _report(self, level: str, message: str) -> None:
        name = self.name.decode("utf-8", "replace")
        context.current.reporter.report(level, f"input stream {name}: {message}")
        if self.error_event is not None:
            value = enum_value("Reporter::Level", f"Reporter::{level.upper()}")
            self.raise_event(self.error_event, message.encode("utf-8", "surrogateescape"), value)

    # ---- of the manager ------------------------------------------------------------------------------------

    def raise_event(self, event: Any, *args: Any) -> None:
        """Raise an event of the script's, which gets the description first."""
        context.current.queue.append((event, (self.description, *args)))

    def close(self) -> None:
        """No rows are taken any more."""
        self.open = False
        if self.reader is not None:
            self.reader.close()


def _change(name: str) -> Any:
    return enum_value("Input::Event", f"Input::EVENT_{name}")


class TableStream(Stream):
    """Keeps a table or set of the script as the source is."""

    def __init__(
        self,
        description: Any,
        table: Any,
        index: RecordType,
        value: RecordType | None,
    ) -> None:
        super().__init__(description.name, description.source, description)
        self.table = table
        self._index, self._width = builder(index)
        self._index_names = [field.name for field in index.fields]
        self._value = builder(value)[0] if value is not None else None
        #: the one field that is the value, where it is no record
        self._only = "" if value is None or description.want_record else value.fields[0].name
        self._event = description.ev
        self._predicate = description.pred
        #: values of the rows that are in the table, by index
        self._rows: dict[Any, list[Any]] = {}
        self._current: set[Any] | None = None

    def _key(self, left: Any) -> Any:
        parts = [index_key(getattr(left, name)) for name in self._index_names]
        return parts[0] if len(parts) == 1 else tuple(parts)

    def _right(self, rest: list[Any]) -> Any:
        if self._value is None:
            return None
        made = self._value(rest)
        return getattr(made, self._only) if self._only else made

    def replace(self, rows: Iterable[list[Any]]) -> None:
        self._current = set()
        for row in rows:
            self.put(row)
        gone = [key for key in self._rows if key not in self._current]
        self._current = None
        for key in gone:
            self._remove(key)
        self.end_of_data()

    def put(self, row: list[Any]) -> None:
        if not self.open:
            return
        left = self._index(row)
        key = self._key(left)
        rest = row[self._width :]
        if self._current is not None:
            self._current.add(key)
        before = self._rows.get(key)
        if before is not None and before == rest and key in self.table:
            return
        change = _change("NEW" if before is None else "CHANGED")
        right = self._right(rest)
        if not self._allowed(change, left, right):
            if before is None and self._current is not None:
                self._current.discard(key)
            return
        old = self.table.get(key) if before is not None else None
        self._rows[key] = rest
        self.table[key] = True if self._value is None else right
        shown = right if before is None else (old if old is not None else self._right(before))
        self._tell(change, left, shown)

    def delete(self, row: list[Any]) -> None:
        if self.open:
            self._remove(self._key(self._index(row)))

    def _remove(self, key: Any) -> None:
        rest = self._rows.get(key)
        if rest is None:
            return
        parts = key if len(self._index_names) > 1 else (key,)
        left = self._index_record(parts)
        change = _change("REMOVED")
        right = self.table.get(key) if self._value is not None else None
        if right is None and self._value is not None:
            right = self._right(rest)
        if not self._allowed(change, left, right):
            return
        del self._rows[key]
        self.table.pop(key, None)
        self._tell(change, left, right)

    def _index_record(self, parts: Any) -> Any:
        from bro.input.fields import nameable
        from bro.runtime.builtins._support import record

        kind: Any = nameable(self.description.idx)
        return record(kind.name)(**dict(zip(self._index_names, parts, strict=True)))

    def _allowed(self, change: Any, left: Any, right: Any) -> bool:
        """What the script's predicate says."""
        if self._predicate is None:
            return True
        try:
            if self._value is None:
                return bool(self._predicate(change, left))
            return bool(self._predicate(change, left, right))
        except Exception as error:  # whatever a script's function raises
            context.current.reporter.exception(error)
            return False

    def _tell(self, change: Any, left: Any, right: Any) -> None:
        if self._event is None:
            return
        if self._value is None:
            self.raise_event(self._event, change, left)
        else:
            self.raise_event(self._event, change, left, right)


class EventStream(Stream):
    """Raises an event for each row."""

    def __init__(self, description: Any, fields: RecordType) -> None:
        super().__init__(description.name, description.source, description)
        self._build = builder(fields)[0]
        self._names = [] if description.want_record else [field.name for field in fields.fields]

    def put(self, row: list[Any]) -> None:
        if not self.open:
            return
        made = self._build(row)
        args = [getattr(made, name) for name in self._names] if self._names else [made]
        self.raise_event(self.description.ev, _change("NEW"), *args)


class AnalysisStream(Stream):
    """Gives the content of a source to the analyzers of files."""

    def __init__(self, description: Any) -> None:
        super().__init__(description.name, description.source, description)

    def _command(self, what: str, *args: Any) -> None:
        engine = context.current.engine
        if engine is not None:
            engine.command(what, self.name, *args)

    def put(self, row: list[Any]) -> None:
        if self.open and row and row[0].__class__ is bytes:
            self._command("input_data", self.source, row[0])

    def data(self, chunk: bytes) -> None:
        if self.open:
            self._command("input_data", self.source, chunk)

    def end_of_data(self) -> None:
        if self.open:
            self._command("input_end")
        super().end_of_data()

    def close(self) -> None:
        if self.open:
            self._command("input_end")
        super().close()
