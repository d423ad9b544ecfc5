"""The logging framework as scripts see it: streams, filters, writing.

`Log::write` is the one built-in that runs for nearly every event, so it does as little as can be: it looks up
what to call for the stream and calls it.  What that is, is decided at the stream's first record
(`bro.logging.stream`).
"""

from __future__ import annotations

from bro.logging.coercion import Incompatible
from bro.runtime import context
from bro.runtime.builtins._support import global_value, record, report_error
from bro.runtime.builtins.registry import builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.logging.manager import Logging
    from bro.logging.stream import Stream
    from bro.runtime.tables import Set
    from bro.runtime.values import EnumValue

#: what to call with a record of each stream, of the program that runs
_ways: dict[EnumValue, Callable[[Any], int]] = {}


def manager() -> Logging:
    """The logging framework of the running program, made when it is first needed."""
    current = context.current
    found = current.logging
    if found is None:
        from bro.logging import Logging

        found = current.logging = Logging(current)
    if found.ways is not _ways:
        _ways.clear()
        _ways.update(found.ways)
        found.ways = _ways
    return found  # type: ignore[no-any-return]


def _stream(function: str, id_: EnumValue) -> Stream | None:
    """The stream of that ID; without one it is reported what could not be done."""
    found = manager().streams.get(id_)
    if found is None:
        report_error(f"{function}: there is no log stream {id_.name}; create it first")
    return found


@builtin("function Log::write(id: Log::ID, columns: any): bool")
def log_write(id_: EnumValue, columns: Any) -> bool:
    """Log a record.

    :param id: the stream.
    :param columns: a record of the stream's type.
    :returns: false if there is no such stream, or, after a report, if the record is of a type that does not
        fit.
    """
    way = _ways.get(id_)
    if way is None:
        return False
    try:
        outcome = way(columns)
    except (AttributeError, TypeError, OSError) as error:
        try:
            outcome = manager().streams[id_].retry(columns, error)
        except Incompatible as wrong:
            return _does_not_fit(id_, wrong)
    except Incompatible as wrong:
        return _does_not_fit(id_, wrong)
    if outcome:
        manager().streams[id_].report_outcome(outcome)
    return True


def _does_not_fit(id_: EnumValue, wrong: Incompatible) -> bool:
    report_error(f"Log::write: {id_.name}: {wrong}")
    return False


# ---- streams -----------------------------------------------------------------------------------------------


@builtin("function Log::create_stream(id: Log::ID, stream: Log::Stream): bool")
def create_stream(id_: EnumValue, stream: Any) -> bool:
    """Create a stream, with a filter named ``default`` that writes everything to one log.

    A stream of that ID is replaced, with its filters.

    :param id: its ID.
    :param stream: what it consists of.
    :returns: false if its columns are no record type.
    """
    wrong = manager().create(id_, stream)
    if wrong is not None:
        report_error(f"Log::create_stream: log stream {id_.name} cannot be created: {wrong}")
        return False
    _active()[id_] = stream
    return add_default_filter(id_)


@builtin("function Log::remove_stream(id: Log::ID): bool")
def remove_stream(id_: EnumValue) -> bool:
    """Remove a stream for good; false if there is none of that ID."""
    _active().pop(id_, None)
    for key in [k for k in _filters() if k[0] is id_]:
        del _filters()[key]
    return manager().remove(id_)


@builtin("function Log::enable_stream(id: Log::ID): bool")
def enable_stream(id_: EnumValue) -> bool:
    """Let a stream that was disabled log again; false if there is none of that ID."""
    stream = manager().streams.get(id_)
    if stream is None:
        return False
    _active()[id_] = stream.record
    _switch_groups(stream, True)
    return manager().enable(id_, True)


@builtin("function Log::disable_stream(id: Log::ID): bool")
def disable_stream(id_: EnumValue) -> bool:
    """Let a stream log no more until it is enabled; false if there is none of that ID."""
    stream = manager().streams.get(id_)
    if stream is None:
        return False
    _active().pop(id_, None)
    _switch_groups(stream, False)
    return manager().enable(id_, False)


def _active() -> Any:
    """The script's table of streams that are enabled."""
    return global_value("Log::active_streams", {})


def _filters() -> Any:
    """The table `Log::filters`, which scripts of the module look at."""
    return global_value("Log::filters", {})


def _switch_groups(stream: Stream, enabled: bool) -> None:
    """Switch the groups of events on or off that only serve the stream."""
    groups = stream.record.event_groups
    if groups:
        from bro.runtime.builtins.registry import load_all

        switch = load_all()["enable_event_group" if enabled else "disable_event_group"].function
        for group in groups:
            switch(group)


@builtin("function Log::set_buf(id: Log::ID, buffered: bool): bool")
def set_buf(id_: EnumValue, buffered: bool) -> bool:
    """Say whether rows of a stream may wait in memory; by default they may.  False if there is no such
    stream.
    """
    stream = _stream("Log::set_buf", id_)
    if stream is None:
        return False
    stream.buffered = buffered
    for destination in stream.destinations():
        destination.set_buffering(buffered)
    return True


@builtin("function Log::flush(id: Log::ID): bool")
def flush(id_: EnumValue) -> bool:
    """Return once all rows of a stream so far are in its files; false if there is no such stream."""
    stream = _stream("Log::flush", id_)
    if stream is None:
        return False
    for destination in stream.destinations():
        destination.flush()
    return True


# ---- filters -----------------------------------------------------------------------------------------------


@builtin("function Log::add_filter(id: Log::ID, filter: Log::Filter): bool")
def add_filter(id_: EnumValue, filter_: Any) -> bool:
    """Add a filter to a stream, in place of the one of the same name.

    :param id: the stream.
    :param filter: the filter; later changes to it have no effect.
    :returns: false if there is no such stream.
    """
    stream = _stream("Log::add_filter", id_)
    if stream is None:
        return False
    from bro.runtime.values import copy

    filter_ = copy(filter_)
    if filter_.path is None and stream.record.path is not None:
        filter_.path = stream.record.path
    stream.add_filter(filter_)
    _filters()[id_, filter_.name] = filter_
    return True


@builtin("function Log::remove_filter(id: Log::ID, name: string): bool")
def remove_filter(id_: EnumValue, name: bytes) -> bool:
    """Remove a filter from a stream and close what it wrote; false if there is none of that name."""
    stream = _stream("Log::remove_filter", id_)
    _filters().pop((id_, name), None)
    return stream is not None and stream.remove_filter(name)


@builtin("function Log::get_filter(id: Log::ID, name: string): Log::Filter")
def get_filter(id_: EnumValue, name: bytes) -> Any:
    """Return a stream's filter of that name, :bro:id:`Log::no_filter` if there is none.

    Changes to it have an effect once it is added again.
    """
    from bro.runtime.values import copy

    stream = manager().streams.get(id_)
    found = None if stream is None else stream.filters.get(name)
    return copy(global_value("Log::no_filter", None) if found is None else found.record)


@builtin("function Log::get_filter_names(id: Log::ID): set[string]")
def get_filter_names(id_: EnumValue) -> Set:
    """Return the names of a stream's filters."""
    from bro.runtime.tables import Set

    stream = manager().streams.get(id_)
    return Set.of([] if stream is None else [*stream.filters, *sorted(stream.noted_filters)])


@builtin("function Log::add_stream_filters(id: Log::ID, name: string)")
def add_stream_filters(id_: EnumValue, name: bytes) -> None:
    """Note the name of a filter that a stream has; :bro:see:`Log::add_filter` does so by itself.

    It is among those that :bro:see:`Log::get_filter_names` returns until :bro:see:`Log::remove_filter` is
    called with it.
    """
    stream = _stream("Log::add_stream_filters", id_)
    if stream is not None:
        stream.noted_filters.add(name)


@builtin("function Log::add_default_filter(id: Log::ID): bool")
def add_default_filter(id_: EnumValue) -> bool:
    """Add the filter that every stream begins with; false if there is no such stream."""
    return add_filter(id_, record("Log::Filter")(name=b"default"))


@builtin("function Log::remove_default_filter(id: Log::ID): bool")
def remove_default_filter(id_: EnumValue) -> bool:
    """Remove the filter that every stream begins with; false if it is gone already."""
    return remove_filter(id_, b"default")


# ---- delays ------------------------------------------------------------------------------------------------


@builtin(
    "function Log::delay(id: Log::ID, rec: any, "
    "post_delay_cb: Log::PostDelayCallback &default=Log::empty_post_delay_cb): Log::DelayToken"
)
def delay(id_: EnumValue, rec: Any, post_delay_cb: Any = None) -> int:
    """Hold a record back that is being logged, until :bro:see:`Log::delay_finish` lets it go.

    It can be called from handlers of the hook :bro:see:`Log::log_stream_policy`, and again for a record that
    is held back already.  After the stream's ``max_delay_interval`` the record goes anyway.

    :param id: the stream.
    :param rec: the record.
    :param post_delay_cb: called when the record goes; it is not logged if it returns false.
    :returns: what to pass to :bro:see:`Log::delay_finish`; 0 if the record cannot be held back.
    """
    stream = _stream("Log::delay", id_)
    if stream is None:
        return 0
    token = stream.delays.delay(rec, post_delay_cb if post_delay_cb is not None else _logged_anyway)
    if token is None:
        report_error(f"Log::delay: no such record of {id_.name} is being logged right now")
        return 0
    return token


def _logged_anyway(rec: Any, id_: EnumValue) -> bool:
    return True


@builtin("function Log::delay_finish(id: Log::ID, rec: any, token: Log::DelayToken): bool")
def delay_finish(id_: EnumValue, rec: Any, token: int) -> bool:
    """Let a record go, as far as one call of :bro:see:`Log::delay` is concerned; false if that does not
    hold it.
    """
    stream = _stream("Log::delay_finish", id_)
    return stream is not None and stream.delays.finish(rec, token)


@builtin("function Log::get_delay_queue_size(id: Log::ID): int")
def get_delay_queue_size(id_: EnumValue) -> int:
    """Return how many records of a stream are held back; -1 if there is no such stream."""
    stream = manager().streams.get(id_)
    return -1 if stream is None else len(stream.delays)


@builtin("function Log::set_max_delay_interval(id: Log::ID, max_delay: interval): bool")
def set_max_delay_interval(id_: EnumValue, max_delay: float) -> bool:
    """Set how long records of a stream may be held back from now on; it cannot get shorter."""
    stream = _stream("Log::set_max_delay_interval", id_)
    if stream is None or max_delay < stream.delays.longest:
        return False
    stream.delays.longest = max_delay
    return True


@builtin("function Log::set_max_delay_queue_size(id: Log::ID, max_size: count): bool")
def set_max_delay_queue_size(id_: EnumValue, max_size: int) -> bool:
    """Set how many records of a stream may be held back at the same time; false if there is no such
    stream.
    """
    stream = _stream("Log::set_max_delay_queue_size", id_)
    if stream is None:
        return False
    stream.delays.most = max_size
    return True
