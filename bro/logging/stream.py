"""Streams and their filters: what becomes of a record between ``Log::write`` and the writers."""

from __future__ import annotations

from bro.logging import settings
from bro.logging.coercion import Incompatible, converter
from bro.logging.columns import NotLoggable, columns_of, renamed, selected
from bro.logging.delay import DelayQueue
from bro.logging.writers import WriterError
from bro.runtime.callables import function_type
from bro.script.types import FuncType, RecordType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.logging.columns import Column
    from bro.logging.destination import Destination
    from bro.logging.manager import Logging
    from bro.runtime.values import EnumValue

#: what the limits did to a row, and the weird that tells
_OUTCOMES = (
    (1, b"log_string_field_truncated"),
    (2, b"log_container_field_truncated"),
    (4, b"log_record_too_large"),
)


class Filter:
    """A filter of a stream, ready to use."""

    def __init__(self, stream: Stream, record: Any) -> None:
        self.record = record
        self.name: bytes = record.name
        self._stream = stream
        self._path: bytes = record.path or b""
        self._columns: list[Column] | None = None
        self._destinations: dict[bytes, Destination] = {}
        self.extends = extension_type(record.ext_func) is not None
        #: a function has to be asked about every record
        self.asks = record.path_func is not None or record.pred is not None

    def columns(self) -> list[Column]:
        """The columns it writes.

        :raises NotLoggable: one cannot be logged.
        """
        if self._columns is None:
            record = self.record
            separator = settings.text(record.scope_sep or b".")
            found: list[Column] = []
            extension = extension_type(record.ext_func)
            if extension is not None:
                prefix = settings.text(record.ext_prefix or b"")
                found = columns_of(extension, separator, prefix=prefix, extends=True)
            found += columns_of(self._stream.type, separator)
            found = selected(found, record.include, record.exclude)
            self._columns = renamed(found, record.field_name_map or {})
        return self._columns

    def destination(self, record: Any) -> Destination:
        """Where a record goes."""
        logging = self._stream.logging
        if self.record.path_func is not None:
            path = logging.call(self.record.path_func, self._stream.id, self._path, record)
            if path is None:
                raise WriterError(f"the path function of filter {settings.text(self.name)} failed")
            if not self._path:  # without a path of its own, it is what the function said first
                self._path = path
        else:
            path = self._path
        if not path:
            default = settings.setting("Log::default_path_func", None)
            path = None if default is None else logging.call(default, self._stream.id, b"", record)
            path = self._path = path or self._stream.id.name.lower().replace("::", "_").encode()
        found = self._destinations.get(path)
        if found is None:
            columns = self.columns()
            if not columns:
                raise WriterError("no columns are left to log")
            found = logging.open(self._stream, self.record, settings.text(path), columns)
            self._destinations[path] = found
        return found

    def destinations(self) -> list[Destination]:
        """All places it has written to."""
        return list(self._destinations.values())

    def paths(self) -> set[bytes]:
        """The paths it has written to, and the one it would; not those that a path function may still say."""
        return {self._path, *self._destinations}


class Stream:
    """A stream: its filters, and the way its records take."""

    def __init__(self, logging: Logging, id_: EnumValue, record: Any, type_: RecordType) -> None:
        self.logging = logging
        self.id = id_
        self.record = record  #: of type Log::Stream
        self.type = type_  #: of its records
        self.enabled = True
        self.buffered = True
        self.filters: dict[bytes, Filter] = {}
        #: names of filters that a script says there are, see `Log::add_stream_filters`
        self.noted_filters: set[bytes] = set()
        self._class = logging.record(type_.name)
        #: what makes records of other classes into ones of the stream's
        self._converters: dict[Any, Callable[[Any], Any]] = {}
        longest, most = record.max_delay_interval, record.max_delay_queue_size
        self.delays = DelayQueue(
            logging, self._released, 0.2 if longest is None else longest, 1000 if most is None else most
        )

    # ---- set up ----

    def changed(self) -> None:
        """Something about the stream is no longer as it was: find the way anew at the next record."""
        self.logging.ways[self.id] = self._first if self.enabled else _nowhere

    def add_filter(self, record: Any) -> None:
        """Add a filter, in place of the one of the same name."""
        self.remove_filter(record.name)
        self.filters[record.name] = Filter(self, record)
        self.changed()

    def remove_filter(self, name: bytes) -> bool:
        """Remove a filter; what it wrote is closed."""
        noted = name in self.noted_filters
        self.noted_filters.discard(name)
        filter_ = self.filters.pop(name, None)
        if filter_ is None:
            return noted
        for destination in filter_.destinations():
            self.logging.close(destination)
        self.changed()
        return True

    def destinations(self) -> list[Destination]:
        """All places its filters have written to."""
        return [d for f in self.filters.values() for d in f.destinations()]

    # ---- records ----

    def _first(self, record: Any) -> int:
        """Find the way that records take, install it, and let this one go it."""
        way = self._find_way(record)
        self.logging.ways[self.id] = way
        return way(record)

    def _find_way(self, record: Any) -> Callable[[Any], int]:
        logging = self.logging
        filters = [f for f in self.filters.values() if f.record.log_local]
        watched = logging.has_stream_policy() or any(self._policy(f) is not None for f in filters)
        handler = self._handler()
        if watched or any(f.asks or f.extends for f in filters):
            return self._general
        direct: list[Destination] = []
        for filter_ in filters:
            try:
                direct.append(filter_.destination(record))
            except (WriterError, OSError, ValueError, NotLoggable) as error:
                self._give_up(filter_, error)
        if handler is None and len(direct) == 1 and direct[0].is_engine and logging.tap is None:
            return direct[0].write
        return self._short_way(handler, direct)

    def _short_way(self, handler: Any, destinations: list[Destination]) -> Callable[[Any], int]:
        """Nobody decides about the record: raise the event if there is one, and write."""
        queue = self.logging.queue
        coerce = self._coerced

        def way(record: Any) -> int:
            if handler is not None:
                record = coerce(record)
                queue.append((handler, (record,)))
            outcome = 0
            for destination in destinations:
                outcome |= self._write(destination, record, None)
            return outcome

        return way

    def _general(self, record: Any) -> int:
        """The way with everything there can be: hooks, delays, events, paths and extensions by record."""
        logging = self.logging
        record = self._coerced(record)
        self.delays.begin(record)
        if not logging.asks(logging.stream_policy(), record, self.id):
            self.delays.forget()
            return 0
        if self.delays.end():
            return 0
        return self._decided(record)

    def _released(self, record: Any, callbacks: list[Any]) -> None:
        """A delayed record may go."""
        wanted = True
        for callback in callbacks:  # all of them are asked
            wanted = self.logging.call(callback, record, self.id) is not False and wanted
        if wanted:
            self.report_outcome(self._decided(record))

    def _decided(self, record: Any) -> int:
        """The stream's hooks let the record pass."""
        logging = self.logging
        handler = self._handler()
        if handler is not None:
            logging.queue.append((handler, (record,)))
        outcome = 0
        for filter_ in list(self.filters.values()):
            if not filter_.record.log_local:
                continue
            policy = self._policy(filter_)
            if policy is not None and not logging.asks(policy, record, self.id, filter_.record):
                continue
            if not logging.asks(filter_.record.pred, record):
                continue
            try:
                destination = filter_.destination(record)
            except (WriterError, OSError, ValueError, NotLoggable) as error:
                self._give_up(filter_, error)
                continue
            extension = None
            if filter_.extends:
                extension = logging.call(
                    filter_.record.ext_func, destination.path.encode("utf-8", "surrogateescape")
                )
            outcome |= self._write(destination, record, extension)
        return outcome

    def _write(self, destination: Destination, record: Any, extension: Any) -> int:
        tap = self.logging.tap
        if tap is not None:
            tap(destination, self._coerced(record))
        try:
            return destination.write(record, extension)
        except (WriterError, OSError) as error:
            destination.fail(error)
        except (AttributeError, TypeError):
            # a record of another type, written out where it is logged, or with fields of other types
            coerced = self._coerced(record)
            if coerced is record:
                raise
            return self._write(destination, coerced, extension)
        return 0

    def retry(self, record: Any, error: Exception) -> int:
        """The shortest way, the engine's writer itself, raised this error."""
        destinations = self.destinations()
        if not destinations:
            raise error
        if isinstance(error, (WriterError, OSError)):
            destinations[0].fail(error)
            return 0
        coerced = self._coerced(record)
        if coerced is record:
            raise error
        return self._write(destinations[0], coerced, None)

    def report_outcome(self, outcome: int) -> None:
        """Tell what the limits did to a row, as a weird."""
        if not outcome:
            return
        from bro.runtime.builtins.reporter import net_weird

        for bit, name in _OUTCOMES:
            if outcome & bit:
                net_weird(name, self.id.name.encode())

    def _coerced(self, record: Any) -> Any:
        """The record as one of the stream's own type, so that fields it lacks are there with their
        defaults.

        :raises Incompatible: it cannot be one.
        """
        cls = record.__class__
        if cls is self._class:
            return record
        convert = self._converters.get(cls)
        if convert is None:
            source = getattr(cls, "__bro_type__", None)
            if not isinstance(source, RecordType):
                raise Incompatible("what is to be logged is no record")
            convert = self._converters[cls] = converter(source, self.type, self.logging.record)
        return convert(record)

    def _policy(self, filter_: Filter) -> Any:
        """The hook that decides what the filter writes; None if there is none or nobody handles it."""
        policy = filter_.record.policy or self.record.policy
        return policy if policy is not None and self.logging.is_handled(policy) else None

    def _handler(self) -> Any:
        """What is to be called with every record; None if nobody handles the stream's event."""
        event = self.record.ev
        return event if event is not None and self.logging.is_handled(event) else None

    def _give_up(self, filter_: Filter, error: Exception) -> None:
        """The filter cannot write at all."""
        self.logging.give_up(f"log {self.id.name}, filter {settings.text(filter_.name)}: {error}")
        self.filters.pop(filter_.name, None)
        self.changed()

    def finish(self) -> None:
        """Let go what is delayed."""
        self.delays.flush()


def _nowhere(record: Any) -> int:
    """The way of a stream that is disabled."""
    return 0


def extension_type(function: Any) -> RecordType | None:
    """The record that an extension function returns; None for one that returns nothing, as the default
    does.
    """
    if function is None:
        return None
    found = function_type(function)
    result = found.result if isinstance(found, FuncType) else None
    return result if isinstance(result, RecordType) else None
