"""`analyze`: what is in captures, as an iterator of events and rows of logs.

The monitor runs in a thread of its own, which waits while the program that asks looks at what it was given:
records such as the connection are those of the monitor itself, and say what they said when the event was
raised.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, overload

from bro.api import access
from bro.api.errors import BroError
from bro.api.policy import Policy, default
from bro.api.session import (
    CAPTURE_SETTINGS,
    NO_LOGS,
    Path,
    arguments_for,
    ended,
    guest,
    make_monitor,
    refuse_unknown,
)
from bro.runtime.errors import ScriptExit

if TYPE_CHECKING:
    from typing import Unpack

    from bro.api.session import Settings

#: Handlers that give events to the one who asks come behind all others.
_LAST = -(2**31)


class Event:
    """An event that was raised; its arguments are attributes and items by their names."""

    __slots__ = ("args", "name", "names", "time")

    def __init__(self, name: str, time: float, names: tuple[str, ...], args: tuple[Any, ...]) -> None:
        self.name = name  #: full name
        self.time = time  #: packet time, in seconds since 1970
        self.names = names  #: of the arguments
        self.args = args

    def __getitem__(self, name: str) -> Any:
        try:
            return self.args[self.names.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.args[self.names.index(name)]
        except ValueError:
            raise AttributeError(
                f"the event {self.name} has no argument {name}: {', '.join(self.names)}"
            ) from None

    def __repr__(self) -> str:
        return f"<event {self.name} at {self.time:.6f}>"


class Row(Mapping[str, Any]):
    """A row of a log: a mapping from the names of its columns to values; None for a column that is unset."""

    __slots__ = ("_values", "path", "stream")

    def __init__(self, path: str, stream: str, values: dict[str, Any]) -> None:
        self.path = path  #: of the log: "conn", "http"
        self.stream = stream  #: its stream: "Conn::LOG"
        self._values = values

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in self._values.items() if v is not None)
        return f"<{self.path}.log {shown}>"


class _Handover:
    """Passes things from the monitor's thread to the one that asks, one at a time."""

    def __init__(self) -> None:
        self._wanted = threading.Semaphore(0)
        self._given = threading.Semaphore(0)
        self._item: Any = None
        self.stopped = False

    def give(self, item: Any) -> None:
        """Of the monitor: hand something over, and wait until the next is wanted."""
        if self.stopped:
            return
        self._item = item
        self._given.release()
        self._wanted.acquire()

    def begin(self) -> None:
        """Of the monitor: wait until something is wanted."""
        self._wanted.acquire()

    def end(self) -> None:
        """Of the monitor: there is nothing more."""
        self._item = None
        self._given.release()

    def take(self) -> Any:
        """Of the one who asks: the next, or None."""
        self._wanted.release()
        self._given.acquire()
        return self._item

    def stop(self) -> None:
        """Of the one who asks: nothing more is wanted."""
        self.stopped = True
        self._wanted.release()


@overload
def analyze(
    captures: Path | Sequence[Path],
    scripts: Path | Iterable[Path] = (),
    *,
    logs: bool | str | Iterable[str] = False,
    write: bool = False,
    policies: Sequence[Policy] = (),
    **settings: Unpack[Settings],
) -> Generator[Row, None, None]: ...
@overload
def analyze(
    captures: Path | Sequence[Path],
    scripts: Path | Iterable[Path] = (),
    *,
    events: str | Iterable[str],
    write: bool = False,
    policies: Sequence[Policy] = (),
    **settings: Unpack[Settings],
) -> Generator[Event, None, None]: ...
@overload
def analyze(
    captures: Path | Sequence[Path],
    scripts: Path | Iterable[Path] = (),
    *,
    events: str | Iterable[str],
    logs: bool | str | Iterable[str],
    write: bool = False,
    policies: Sequence[Policy] = (),
    **settings: Unpack[Settings],
) -> Generator[Event | Row, None, None]: ...
def analyze(
    captures: Path | Sequence[Path],
    scripts: Path | Iterable[Path] = (),
    *,
    events: str | Iterable[str] = (),
    logs: bool | str | Iterable[str] = False,
    write: bool = False,
    policies: Sequence[Policy] = (),
    **settings: Any,
) -> Generator[Any, None, None]:
    """Read captures and yield what happens in them: an `Event` for each of `events`, a `Row` for each row of
    `logs`.

    An event comes after all handlers have run.  Without `events` and `logs`, the rows of all logs come.

    :param scripts: scripts to load besides the default ones
    :param events: full names of events
    :param logs: True for all, or the paths of logs: ``["conn", "http"]``
    :param write: write the logs to the current folder as well
    :param settings: as in `bro.run`
    :raises BroError: the program cannot be made, a capture cannot be read to its end, a script ends the run
        as a failure, or, at the end, there is no log of a name in `logs`
    """
    wanted = list(dict.fromkeys([events] if isinstance(events, str) else events))
    paths = None if isinstance(logs, bool) else {logs} if isinstance(logs, str) else set(logs)
    rows = logs is True or bool(paths) or (not wanted and logs is False)
    refuse_unknown("analyze", settings, CAPTURE_SETTINGS)
    arguments = arguments_for(scripts, read=captures, **settings)
    for path in arguments.read:
        if not os.path.exists(path):
            raise BroError(f"there is no capture {path}")
    if not write:
        arguments.code.append(NO_LOGS)
    return _Analysis(arguments, [default, *policies], wanted, paths, rows).items()


class _Analysis:
    """One run of the monitor for someone who asks."""

    def __init__(
        self, arguments: Any, policies: list[Policy], events: list[str], paths: set[str] | None, rows: bool
    ) -> None:
        self._arguments = arguments
        self._policies = policies
        self._events = events
        self._paths = paths
        self._rows = rows
        self._handover = _Handover()
        self._failure: BaseException | None = None
        self._monitor: Any = None
        self._columns: dict[Any, list[tuple[str, Any]]] = {}
        self._known: set[str] = set()  #: paths of logs
        self._unknown: list[str] = []  #: those asked for that there are none of

    def items(self) -> Generator[Any, None, None]:
        thread = threading.Thread(target=self._work, name="bro", daemon=True)
        thread.start()
        handover = self._handover
        try:
            while (item := handover.take()) is not None:
                yield item
        finally:
            handover.stop()
            if self._monitor is not None and self._monitor.engine is not None:
                self._monitor.engine.stop()
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        handover = self._handover
        handover.begin()
        try:
            collector = Policy()
            for name in self._events:
                collector.handlers.append(self._collecting(name))
            if self._paths:
                collector.event("zeek_done", priority=_LAST)(self._look_for_logs)
            with guest():
                self._monitor = monitor = make_monitor(self._arguments, [*self._policies, collector])
                if self._rows:
                    from bro.runtime.builtins.logging import manager

                    manager().tap = self._row
                monitor.run()
            if handover.stopped:
                return
            if monitor.damage:
                self._failure = BroError("; ".join(monitor.damage))
            elif monitor.failed_start:
                self._failure = BroError(f"{monitor.failed_start}; standard error says what they are")
            elif monitor.left:
                self._failure = ended(monitor.left)
            elif self._unknown:
                self._failure = access.unknown("log", self._unknown[0], self._known)
        except ScriptExit as leave:
            self._failure = ended(leave.status) if leave.status else None
        except BaseException as error:
            self._failure = error
        finally:
            handover.end()

    def _look_for_logs(self) -> None:
        """See whether there are the logs that are asked for; one without a row is no mistake."""
        from bro.runtime.builtins.logging import manager

        assert self._paths is not None
        filters = [f for stream in manager().streams.values() for f in stream.filters.values()]
        self._known = {path.decode("utf-8", "replace") for f in filters for path in f.paths()}
        self._unknown = sorted(self._paths - self._known)

    def _collecting(self, name: str) -> Any:
        """The handler that hands an event over."""
        from bro.api.policy import Handler
        from bro.runtime import context

        names: tuple[str, ...] = ()
        give = self._handover.give

        def handler(*args: Any) -> None:
            nonlocal names
            if not names:
                names = tuple(context.current.program.event_params(name) or ())
            give(Event(name, context.current.clock.now, names, args))

        return Handler("event", name, handler, _LAST, (), "analyze()")

    def _row(self, destination: Any, record: Any) -> None:
        """A row that goes to a log."""
        if self._paths is not None and destination.path not in self._paths:
            return
        columns = self._columns.get(destination)
        if columns is None:
            columns = self._columns[destination] = [
                (c.name, _reader(c.path)) for c in destination.columns if not c.extends
            ]
        values = {name: read(record) for name, read in columns}
        self._handover.give(Row(destination.path, destination.stream.id.name, values))


def _reader(path: tuple[str, ...]) -> Any:
    """What reads a column of a record; a record on the way may be unset."""
    if len(path) == 1:
        return attrgetter(path[0])

    def read(record: Any) -> Any:
        for name in path:
            if record is None:
                return None
            record = getattr(record, name)
        return record

    return read
