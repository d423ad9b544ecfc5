"""Stores of Broker, and what nodes say to each other.  This program is one node: its stores are here, and
nobody hears what is published."""

from __future__ import annotations

import os

from bro.runtime import context
from bro.runtime.builtins._support import enum_value, global_value, record, report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Port
from bro.runtime.tables import Table
from bro.runtime.values import box
from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.runtime.opaques.broker import Data
    from bro.runtime.opaques.stores import Store
    from bro.runtime.when import Async

_EXPIRES = "e: interval &default=0 secs): bool"


def _data(function: str, value: Any) -> Data:
    from bro.runtime.opaques.broker import from_value

    try:
        return from_value(value)
    except TypeError as error:
        raise ScriptError(f"{function}: {error}") from None


def _expiry(seconds: float) -> float:
    return context.current.clock.now + seconds if seconds > 0 else 0.0


def _answer(data: Data | None) -> Async:
    """The answer to a question: SUCCESS with data, or FAILURE."""
    from bro.runtime.opaques.broker import wrapped
    from bro.runtime.when import Async

    answer = Async()
    word = "FAILURE" if data is None else "SUCCESS"
    result = record("Broker::Data")() if data is None else wrapped(data)
    status = enum_value("Broker::QueryStatus", f"Broker::{word}")
    answer.resolve(record("Broker::QueryResult")(status=status, result=result))
    return answer


def _usable(function: str, store: Store) -> bool:
    if store.closed:
        report_error(f"{function}: the store {store.name.decode('utf-8', 'replace')} is closed")
    return not store.closed


def _change(
    function: str, store: Store, key: Any, expires: float, change: Callable[[Data | None], Data | None]
) -> bool:
    """Change the value of a key; false, after a report, if it is of a kind that cannot be changed so."""
    if not _usable(function, store):
        return False
    name = _data(function, key)
    try:
        value = change(store.get(name, context.current.clock.now))
    except ValueError as error:
        report_error(f"{function}: {error}")
        return False
    if value is not None:
        store.put(name, value, _expiry(expires))
    return True


# ---- stores ------------------------------------------------------------------------------------------------


@builtin(
    "function Broker::create_master(name: string, b: Broker::BackendType &default=Broker::MEMORY, "
    "options: Broker::BackendOptions &default=Broker::BackendOptions()): opaque of Broker::Store"
)
def create_master(name: bytes, b: Any = None, options: Any = None) -> Store:
    """Return the store of a name, made if it is not there.

    Raises an error if its database cannot be opened.
    """
    from bro.runtime.opaques.stores import Store

    stores: dict[bytes, Store] = context.current.state.setdefault("stores", {})
    known = stores.get(name)
    if known is not None and not known.closed:
        return known
    path = ""
    if b is not None and b.name == "Broker::SQLITE":
        given = b"" if options is None else options.sqlite.path
        path = os.fsdecode(given) or f"{os.fsdecode(name)}.sqlite"
    try:
        if path and os.path.dirname(path):  # names of stores have slashes
            os.makedirs(os.path.dirname(path), exist_ok=True)
        stores[name] = Store(name, path)
    except OSError as error:
        raise ScriptError(f"Broker::create_master: {error}") from None
    return stores[name]


@builtin(
    "function Broker::create_clone(name: string, "
    "resync_interval: interval &default=Broker::default_clone_resync_interval, "
    "stale_interval: interval &default=Broker::default_clone_stale_interval, "
    "mutation_buffer_interval: interval &default=Broker::default_clone_mutation_buffer_interval): "
    "opaque of Broker::Store"
)
def create_clone(name: bytes, resync: float = 10.0, stale: float = 300.0, buffered: float = 120.0) -> Store:
    """Return the store of a name, which has its master here; made if it is not there."""
    return create_master(name)


@builtin("function Broker::close(h: opaque of Broker::Store): bool")
def close(h: Store) -> bool:
    """Close a store; what is in a database stays there.  False if it was closed before."""
    was_open = not h.closed
    h.close()
    return was_open


@builtin("function Broker::is_closed(h: opaque of Broker::Store): bool")
def is_closed(h: Store) -> bool:
    """Tell whether a store was closed."""
    return h.closed


@builtin("function Broker::store_name(h: opaque of Broker::Store): string")
def store_name(h: Store) -> bytes:
    """Return the name of a store."""
    return h.name


@builtin(
    "function Broker::exists(h: opaque of Broker::Store, k: any): Broker::QueryResult", asynchronous=True
)
def exists(h: Store, k: Any) -> Async:
    """Tell whether a store has a key, as data of kind BOOL."""
    from bro.runtime.opaques.broker import Data

    if not _usable("Broker::exists", h):
        return _answer(None)
    found = h.get(_data("Broker::exists", k), context.current.clock.now)
    return _answer(Data("bool", found is not None))


@builtin("function Broker::get(h: opaque of Broker::Store, k: any): Broker::QueryResult", asynchronous=True)
def get(h: Store, k: Any) -> Async:
    """Return the value of a key; FAILURE if there is none."""
    if not _usable("Broker::get", h):
        return _answer(None)
    return _answer(h.get(_data("Broker::get", k), context.current.clock.now))


@builtin(
    "function Broker::get_index_from_value(h: opaque of Broker::Store, k: any, i: any): Broker::QueryResult",
    asynchronous=True,
)
def get_index_from_value(h: Store, k: Any, i: Any) -> Async:
    """Return an element of a table or vector that a key has, or whether a set has it; FAILURE if the key is
    not there, or the element.
    """
    from bro.runtime.opaques.broker import Data

    function = "Broker::get_index_from_value"
    found = h.get(_data(function, k), context.current.clock.now) if _usable(function, h) else None
    if found is None:
        return _answer(None)
    index = _data(function, i)
    if found.kind == "set":
        return _answer(Data("bool", index.key() in found.value))
    if found.kind == "table":
        pair = found.value.get(index.key())
        return _answer(None if pair is None else pair[1])
    if found.kind == "vector" and index.kind in ("count", "int") and 0 <= index.value < len(found.value):
        return _answer(found.value[index.value])
    return _answer(None)


@builtin("function Broker::keys(h: opaque of Broker::Store): Broker::QueryResult", asynchronous=True)
def keys(h: Store) -> Async:
    """Return all keys of a store, as data of kind SET."""
    from bro.runtime.opaques.broker import new_set

    if not _usable("Broker::keys", h):
        return _answer(None)
    return _answer(new_set(h.keys(context.current.clock.now)))


@builtin(f"function Broker::put(h: opaque of Broker::Store, k: any, v: any, {_EXPIRES}")
def put(h: Store, k: Any, v: Any, e: float = 0.0) -> bool:
    """Set the value of a key, for a while if `e` is not 0."""
    value = _data("Broker::put", v)
    return _change("Broker::put", h, k, e, lambda _: value)


@builtin(
    "function Broker::put_unique(h: opaque of Broker::Store, k: any, v: any, e: interval &default=0 secs): "
    "Broker::QueryResult",
    asynchronous=True,
)
def put_unique(h: Store, k: Any, v: Any, e: float = 0.0) -> Async:
    """Set the value of a key that has none; whether it had none comes back as data of kind BOOL."""
    from bro.runtime.opaques.broker import Data

    if not _usable("Broker::put_unique", h):
        return _answer(None)
    key = _data("Broker::put_unique", k)
    is_new = h.get(key, context.current.clock.now) is None
    if is_new:
        h.put(key, _data("Broker::put_unique", v), _expiry(e))
    return _answer(Data("bool", is_new))


@builtin("function Broker::erase(h: opaque of Broker::Store, k: any): bool")
def erase(h: Store, k: Any) -> bool:
    """Forget a key."""
    if not _usable("Broker::erase", h):
        return False
    h.erase(_data("Broker::erase", k))
    return True


@builtin("function Broker::clear(h: opaque of Broker::Store): bool")
def clear(h: Store) -> bool:
    """Forget all keys."""
    if not _usable("Broker::clear", h):
        return False
    h.clear()
    return True


def _added(before: Data | None, amount: Data, sign: int) -> Data:
    from bro.runtime.opaques.broker import Data

    if before is None:
        before = Data("count", 0)
    if before.kind == "count" and amount.kind in ("count", "int"):
        total = before.value + sign * amount.value
        if not 0 <= total < 1 << 64:
            raise ValueError(f"{total} is no count")
        return Data("count", total)
    if before.kind == "int" and amount.kind in ("count", "int"):
        return Data("int", before.value + sign * amount.value)
    if before.kind in ("double", "time", "interval") and amount.kind in (
        "count",
        "int",
        "double",
        "interval",
    ):
        return Data(before.kind, before.value + sign * amount.value)
    raise ValueError(f"there is no adding a {amount.kind} to a {before.kind}")


@builtin(f"function Broker::increment(h: opaque of Broker::Store, k: any, a: any &default=1, {_EXPIRES}")
def increment(h: Store, k: Any, a: Any = None, e: float = 0.0) -> bool:
    """Add to the number that a key has; one that is not there counts as 0."""
    amount = _data("Broker::increment", box(1, t.COUNT) if a is None else a)
    return _change("Broker::increment", h, k, e, lambda before: _added(before, amount, +1))


@builtin(f"function Broker::decrement(h: opaque of Broker::Store, k: any, a: any &default=1, {_EXPIRES}")
def decrement(h: Store, k: Any, a: Any = None, e: float = 0.0) -> bool:
    """Take from the number that a key has."""
    amount = _data("Broker::decrement", box(1, t.COUNT) if a is None else a)
    return _change("Broker::decrement", h, k, e, lambda before: _added(before, amount, -1))


@builtin(f"function Broker::append(h: opaque of Broker::Store, k: any, s: string, {_EXPIRES}")
def append(h: Store, k: Any, s: bytes, e: float = 0.0) -> bool:
    """Append to the string that a key has; one that is not there counts as empty."""
    from bro.runtime.opaques.broker import Data

    def change(before: Data | None) -> Data:
        if before is not None and before.kind != "string":
            raise ValueError(f"the key has a {before.kind}, not a string")
        return Data("string", (b"" if before is None else before.value) + s)

    return _change("Broker::append", h, k, e, change)


@builtin(f"function Broker::insert_into_set(h: opaque of Broker::Store, k: any, i: any, {_EXPIRES}")
def insert_into_set(h: Store, k: Any, i: Any, e: float = 0.0) -> bool:
    """Put an element into the set that a key has, made if the key is not there."""
    from bro.runtime.opaques.broker import new_set

    item = _data("Broker::insert_into_set", i)

    def change(before: Data | None) -> Data:
        if before is not None and before.kind != "set":
            raise ValueError(f"the key has a {before.kind}, not a set")
        return new_set([*([] if before is None else before.value.values()), item])

    return _change("Broker::insert_into_set", h, k, e, change)


@builtin(f"function Broker::insert_into_table(h: opaque of Broker::Store, k: any, i: any, v: any, {_EXPIRES}")
def insert_into_table(h: Store, k: Any, i: Any, v: Any, e: float = 0.0) -> bool:
    """Set an element of the table that a key has, made if the key is not there."""
    from bro.runtime.opaques.broker import new_table

    pair = (_data("Broker::insert_into_table", i), _data("Broker::insert_into_table", v))

    def change(before: Data | None) -> Data:
        if before is not None and before.kind != "table":
            raise ValueError(f"the key has a {before.kind}, not a table")
        return new_table([*([] if before is None else before.value.values()), pair])

    return _change("Broker::insert_into_table", h, k, e, change)


@builtin(f"function Broker::remove_from(h: opaque of Broker::Store, k: any, i: any, {_EXPIRES}")
def remove_from(h: Store, k: Any, i: Any, e: float = 0.0) -> bool:
    """Take an element out of the set or table that a key has."""
    from bro.runtime.opaques.broker import Data

    item = _data("Broker::remove_from", i).key()

    def change(before: Data | None) -> Data | None:
        if before is None:
            return None
        if before.kind not in ("set", "table"):
            raise ValueError(f"the key has a {before.kind}, neither a set nor a table")
        return Data(before.kind, {key: value for key, value in before.value.items() if key != item})

    return _change("Broker::remove_from", h, k, e, change)


@builtin(f"function Broker::push(h: opaque of Broker::Store, k: any, v: any, {_EXPIRES}")
def push(h: Store, k: Any, v: Any, e: float = 0.0) -> bool:
    """Put an element behind the others of the vector that a key has, made if the key is not there."""
    from bro.runtime.opaques.broker import Data

    item = _data("Broker::push", v)

    def change(before: Data | None) -> Data:
        if before is not None and before.kind != "vector":
            raise ValueError(f"the key has a {before.kind}, not a vector")
        return Data("vector", [*([] if before is None else before.value), item])

    return _change("Broker::push", h, k, e, change)


@builtin(f"function Broker::pop(h: opaque of Broker::Store, k: any, {_EXPIRES}")
def pop(h: Store, k: Any, e: float = 0.0) -> bool:
    """Take the last element off the vector that a key has."""
    from bro.runtime.opaques.broker import Data

    def change(before: Data | None) -> Data | None:
        if before is None:
            return None
        if before.kind != "vector":
            raise ValueError(f"the key has a {before.kind}, not a vector")
        return Data("vector", before.value[:-1])

    return _change("Broker::pop", h, k, e, change)


# ---- nodes -------------------------------------------------------------------------------------------------


@builtin("function Broker::make_event(...): Broker::Event")
def make_event(event: Any = None, *args: Any) -> Any:
    """Return an event with its arguments, to be published; without a name if there are too few arguments."""
    from bro.runtime.opaques.broker import wrapped

    program = context.current.program
    name: str | None = None if program is None or event is None else program.name_of(event)
    kind = None if name is None else program.variable_type(name)
    cls = record("Broker::Event")
    if name is None or not isinstance(kind, t.FuncType) or kind.flavor != "event":
        report_error("Broker::make_event: the first argument must be an event")
        return cls(args=[])
    if len(args) != len(kind.params):
        report_error(f"Broker::make_event: {name} takes {len(kind.params)} arguments, not {len(args)}")
        return cls(args=[])
    return cls(name=name.encode(), args=[wrapped(_data("Broker::make_event", arg)) for arg in args])


@builtin("function Broker::publish(...): bool")
def publish(*_: Any) -> bool:
    """Send an event (a topic, then what `Broker::make_event` gives, or the event and its arguments) to the
    nodes that subscribed to a topic.  There are none; always true.
    """
    return True


@builtin("function Broker::publish_id(topic: string, id: string): bool")
def publish_id(topic: bytes, id_: bytes) -> bool:
    """Send the value of a global to the nodes that subscribed to a topic, which are none; false, after a
    report, if there is no such global.
    """
    program = context.current.program
    name = id_.decode("utf-8", "replace")
    if program is None or name not in program.variables:
        report_error(f"Broker::publish_id: there is no global {name}")
        return False
    return True


@builtin("function Broker::subscribe(topic_prefix: string): bool")
def subscribe(topic_prefix: bytes) -> bool:
    """Receive what is published to topics that begin with this; nobody publishes.  Always true."""
    return True


@builtin("function Broker::unsubscribe(topic_prefix: string): bool")
def unsubscribe(topic_prefix: bytes) -> bool:
    """Receive no longer what is published to these topics.  Always true."""
    return True


@builtin("function Broker::forward(topic_prefix: string): bool")
def forward(topic_prefix: bytes) -> bool:
    """Pass on what is published to these topics, to nobody.  Always true."""
    return True


@builtin(
    "function Broker::listen(a: string &default=Broker::default_listen_address, "
    "p: port &default=Broker::default_port, retry: interval &default=Broker::default_listen_retry): port"
)
def listen(a: bytes = b"", p: Any = None, retry: float = 0.0) -> Port:
    """Wait for other nodes; they cannot be talked to, which is reported.  Returns port 0."""
    report_error("Broker::listen: this program does not talk to other nodes")
    return Port(0, "unknown")


@builtin(
    "function Broker::peer(a: string, p: port &default=Broker::default_port, "
    "retry: interval &default=Broker::default_connect_retry): bool"
)
def peer(a: bytes, p: Any = None, retry: float = 0.0) -> bool:
    """Connect to another node; they cannot be talked to, which is reported.  Returns false."""
    report_error(
        f"Broker::peer: this program does not talk to other nodes, also not to {a.decode('latin-1')}"
    )
    return False


@builtin("function Broker::unpeer(a: string, p: port): bool")
def unpeer(a: bytes, p: Any) -> bool:
    """Leave another node; false, as there is none."""
    return False


@builtin("function Broker::is_outbound_peering(a: string, p: port): bool")
def is_outbound_peering(a: bytes, p: Any) -> bool:
    """Tell whether this node connected to that one; false, as there is none."""
    return False


@builtin("function Broker::peers(): vector of Broker::PeerInfo")
def peers() -> list[Any]:
    """Return the nodes this one is connected to: none."""
    return []


@builtin("function Broker::peering_stats(): table[string] of BrokerPeeringStats")
def peering_stats() -> Table:
    """Return statistics of the nodes this one is connected to: none."""
    return Table()


@builtin("function Broker::node_id(): string")
def node_id() -> bytes:
    """Return an id of this node, which no other has and which is the same throughout the run."""
    state = context.current.state
    known: bytes | None = state.get("node_id")
    if known is None:
        import hashlib

        seed = state.get("seed", b"")
        known = state["node_id"] = hashlib.sha256(b"node" + seed).hexdigest()[:40].encode()
    return known


@builtin("function Broker::flush_logs(): count")
def flush_logs() -> int:
    """Send rows of logs that wait for other nodes; returns how many, which is none."""
    return 0


@builtin("function Broker::default_log_topic(id: Log::ID, path: string): string")
def default_log_topic(id_: Any, path: bytes) -> bytes:
    """Return the topic that rows of a log are sent to: `Broker::default_log_topic_prefix` and the stream."""
    prefix: bytes = global_value("Broker::default_log_topic_prefix", b"zeek/logs/")
    stream: str = id_.name
    return prefix + stream.encode()
