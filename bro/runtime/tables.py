"""Tables and sets.

A table is a `dict`, a set is a `dict` whose values are True, so that lookups are those of CPython and
iteration is in order of insertion.  The index is the single value, or a tuple of them.  What attributes add
is in subclasses:

* `DefaultTable`: `&default` and `&default_insert`, through `__missing__`;
* `ManagedTable`, `ManagedSet`: expiry, `&on_change`, and indices that are looked up by what they contain (a
  subnet by an address, a pattern by a string).

Which one a script's table is follows from its `TableSpec`, by `new_table`.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import filterfalse

from bro.runtime import context
from bro.runtime.errors import HANDLER_ERRORS, NoSuchIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, ClassVar

    _Dict = dict[Any, Any]
else:
    _Dict = dict

#: Widths of IPv6 subnets are counted under their number plus this, so that they are apart from those of IPv4.
_V6 = 128


#: What puts an element into a dictionary, past any method of a subclass.
_put = dict.__setitem__


class TableSpec:
    """The attributes of a table, shared by all tables made from one declaration."""

    __slots__ = (
        "constant",
        "expire_any",
        "expire_func",
        "expire_kind",
        "factory",
        "insert",
        "lookup",
        "on_change",
        "timeout",
        "wide",
    )

    def __init__(
        self,
        *,
        constant: Any = None,
        factory: Callable[[Any], Any] | None = None,
        insert: bool = False,
        expire_kind: str = "",
        timeout: Callable[[], float] | None = None,
        expire_func: Callable[[], Callable[..., float]] | None = None,
        expire_any: Any = None,
        on_change: Callable[[], Callable[..., None]] | None = None,
        lookup: str = "",
        wide: bool = False,
    ) -> None:
        self.constant = constant  #: value of a missing element, for immutable values
        self.factory = factory  #: makes the value of a missing element from its index
        self.insert = insert  #: a value made for a missing element is stored (&default_insert)
        self.expire_kind = expire_kind  #: "create", "write", "read" or ""
        self.timeout = (
            timeout  #: seconds until an element expires; called at each look, as it may be redefined
        )
        self.expire_func = expire_func  #: gives the script's function, which may be defined later
        self.expire_any = expire_any  #: the type of the index where that function takes an `any`
        self.on_change = on_change  #: likewise
        self.lookup = lookup  #: "subnet" or "pattern" where one index finds others
        self.wide = wide  #: the index has several parts


class _Container(_Dict):
    """What tables and sets have in common."""

    __slots__ = ()
    is_set: ClassVar[bool] = False
    #: attributes of the table; None for one without
    spec: Any = None

    def __hash__(self) -> int:  # type: ignore[override]
        from bro.runtime.values import index_key

        return hash(frozenset((k, index_key(v)) for k, v in self.items()))

    def empty(self) -> _Container:
        """An empty one with the same attributes."""
        return self.__class__()

    def fill(self, items: Iterable[tuple[Any, Any]]) -> None:
        """Put many elements in."""
        for key, value in items:
            self[key] = value

    def fill_quietly(self, items: Iterable[tuple[Any, Any]]) -> None:
        """Put in what a copy begins with, which is no change."""
        self.fill(items)

    def remove(self, keys: Iterable[Any]) -> None:
        """Delete the elements of these indices, where they exist."""
        for key in list(keys):
            self.pop(key, None)

    # -- lookup by containment, where the index is a subnet or a pattern --

    def widths(self) -> Iterable[int]:
        """The widths of the subnets in this table; those of IPv6 with `_V6` added."""
        return {key.width if key.addr.is_v4 else key.width + _V6 for key in self}

    def covering(self, item: Any) -> Iterator[Any]:
        """The subnets in this table that contain `item` (an address or a subnet), the narrowest first."""
        if hasattr(item, "width"):
            addr, longest = item.addr, item.width
        else:
            addr, longest = item, 128
        base = 0 if addr.is_v4 else _V6
        for entry in sorted(self.widths(), reverse=True):
            width = entry - base
            if not 0 <= width <= longest or (base == 0 and entry >= _V6):
                continue
            net = addr.mask(width)
            if dict.__contains__(self, net):
                yield net

    def find(self, item: Any) -> Any:
        """The value of the narrowest subnet that contains `item`, or the default.

        :raises NoSuchIndex: when there is neither
        """
        for net in self.covering(item):
            return self[net]
        missing = getattr(self, "__missing__", None)
        if missing is not None:
            try:
                return missing(item)
            except KeyError:
                pass
        raise NoSuchIndex(f"no such index ({item})")

    def holds(self, item: Any) -> bool:
        """Whether a subnet in this table contains `item`, or a pattern matches the whole of it."""
        if item.__class__ is bytes:
            return any(pattern.exact(item) for pattern in self)
        for net in self.covering(item):
            return net in self  # also counts as reading it
        return False

    def matching(self, text: bytes) -> list[Any]:
        """The values of all patterns in this table that match the whole of `text`."""
        return [self[pattern] for pattern in list(self) if pattern.exact(text)]


class Table(_Container):
    """A table without attributes."""

    __slots__ = ()


class Set(_Container):
    """A set; its elements are the keys."""

    __slots__ = ()
    is_set = True

    @classmethod
    def of(cls, elements: Iterable[Any]) -> Set:
        """A set of these elements, in this order."""
        return cls.fromkeys(elements, True)  # type: ignore[return-value]

    def add(self, element: Any) -> None:
        self[element] = True

    def __or__(self, other: Any) -> Set:
        new = Set(self)
        new.update(other)
        return new

    def __and__(self, other: Any) -> Set:
        return Set(dict.fromkeys(filter(other.__contains__, self), True))

    def __sub__(self, other: Any) -> Set:
        return Set(dict.fromkeys(filterfalse(other.__contains__, self), True))

    def __le__(self, other: Any) -> bool:
        return bool(self.keys() <= other.keys())

    def __lt__(self, other: Any) -> bool:
        return bool(self.keys() < other.keys())

    def __ge__(self, other: Any) -> bool:
        return bool(self.keys() >= other.keys())

    def __gt__(self, other: Any) -> bool:
        return bool(self.keys() > other.keys())

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self)) + "}"


class DefaultTable(Table):
    """A table with `&default`: a missing element reads as the default, made anew each time if it is an
    aggregate.
    """

    __slots__ = ("constant", "factory", "insert")

    def __init__(
        self,
        items: Any = (),
        constant: Any = None,
        factory: Callable[[Any], Any] | None = None,
        insert: bool = False,
    ) -> None:
        dict.__init__(self, items)
        self.constant = constant
        self.factory = factory
        self.insert = insert

    def __missing__(self, key: Any) -> Any:
        factory = self.factory
        value = self.constant if factory is None else factory(key)
        if self.insert:
            self[key] = value
        return value

    def empty(self) -> DefaultTable:
        return DefaultTable((), self.constant, self.factory, self.insert)


#: How many addresses a `SubnetIndex` keeps the result for.
_REMEMBERED = 2048


class SubnetIndex:
    """The subnets of a table as ranges of addresses, for finding the narrowest that holds an address in one
    search.

    Range `i` begins at `starts[i]` and ends before `starts[i + 1]`; `owners[i]` is the narrowest subnet that
    covers it, or None.
    """

    __slots__ = ("address", "found", "owners", "starts")

    def __init__(self, subnets: Iterable[Any]) -> None:
        from bro.runtime.netvalues import Addr

        self.address = Addr
        #: what was found for addresses lately: the same hosts come again and again
        self.found: dict[Any, Any] = {}
        self.starts: list[Any] = [Addr("0.0.0.0")]  # addresses of IPv4 are below those of IPv6
        self.owners: list[Any] = [None]
        open_: list[
            tuple[Any, Any]
        ] = []  # subnets around the current place, with the first address behind them
        for net in sorted(subnets, key=lambda n: (n.addr, n.width)):
            start = net.addr
            while open_ and open_[-1][0] is not None and open_[-1][0] <= start:
                self._close(open_)
            self._begin(start, net)
            open_.append((_behind(net), net))
        while open_:
            self._close(open_)

    def find(self, addr: Any) -> Any:
        """The narrowest subnet that holds an address; None if none does."""
        net = self.owners[bisect_right(self.starts, addr) - 1]
        if len(self.found) >= _REMEMBERED:
            self.found.clear()
        self.found[addr] = net
        return net

    def _close(self, open_: list[tuple[Any, Any]]) -> None:
        end, _ = open_.pop()
        if end is not None:
            self._begin(end, open_[-1][1] if open_ else None)

    def _begin(self, start: Any, owner: Any) -> None:
        if self.starts[-1] == start:
            self.owners[-1] = owner
        else:
            self.starts.append(start)
            self.owners.append(owner)


#: Where the IPv6 addresses that stand for those of IPv4 begin and end; as values they are those of IPv4.
_MAPPED = (0xFFFF << 32, 1 << 48)


def _behind(net: Any) -> Any:
    """The first address behind a subnet, in the order of addresses; None if there is none."""
    addr = net.addr
    packed = addr.packed
    bits = len(packed) * 8
    number = int.from_bytes(packed, "big") + (1 << (bits - net.width))
    if number >> bits:
        return addr.__class__("::") if bits == 32 else None
    if bits == 128 and _MAPPED[0] <= number < _MAPPED[1]:
        number = _MAPPED[1]
    return addr.from_bytes(number.to_bytes(bits // 8, "big"))


class _Managed(_Container):
    """Expiry, notification of changes, lookup by containment: mixed into `Table` and `Set`.

    Times of elements are in a dictionary with the oldest in front: to touch an element is to take it out and
    put it in again, and to find what expires is to go through from the front.  (A plain dictionary does that
    faster than an ordered one, in half the memory.  The places of what was taken out are passed over, until
    it is made anew as it fills up, so there are never many more of them than elements.)  What an expire
    function postpones is in `_postponed` with the time it is due.
    """

    __slots__ = (
        "__weakref__", "_constant", "_index", "_notifying", "_postponed", "_times", "_walks",
        "_widths", "spec",
    )  # fmt: skip

    spec: TableSpec
    _times: dict[Any, float] | None
    _postponed: dict[Any, float]
    _widths: dict[int, int] | None
    _index: SubnetIndex | None
    _walks: int
    _notifying: bool

    def __init__(self, items: Any = (), spec: TableSpec | None = None) -> None:
        assert spec is not None
        self.spec = spec
        self._times = {} if spec.expire_kind else None
        self._postponed = {}
        self._widths = {} if spec.lookup == "subnet" else None
        self._index = None
        self._walks = 0
        self._notifying = False
        self._constant = None if spec.insert or spec.factory is not None else spec.constant
        if items:
            self.fill(items.items() if isinstance(items, dict) else items)

    def empty(self) -> Any:
        return self.__class__((), self.spec)

    # -- changes --

    def __setitem__(self, key: Any, value: Any) -> None:
        old = dict.get(self, key)
        dict.__setitem__(self, key, value)
        if self._widths is not None and old is None:
            entry = key.width if key.addr.is_v4 else key.width + _V6
            self._widths[entry] = self._widths.get(entry, 0) + 1
            self._index = None
            self._walks = 0
        if self._times is not None and (old is None or self.spec.expire_kind != "create"):
            self._touch(key)
        if self.spec.on_change is not None:
            self._changed(
                "TABLE_ELEMENT_NEW" if old is None else "TABLE_ELEMENT_CHANGED",
                key,
                value if old is None else old,
            )

    def __delitem__(self, key: Any) -> None:
        old = dict.__getitem__(self, key)
        self._drop(key)
        if self.spec.on_change is not None:
            self._changed("TABLE_ELEMENT_REMOVED", key, old)

    def _drop(self, key: Any) -> None:
        dict.__delitem__(self, key)
        if self._widths is not None:
            self._index = None
            self._walks = 0
            entry = key.width if key.addr.is_v4 else key.width + _V6
            left = self._widths[entry] - 1
            if left:
                self._widths[entry] = left
            else:
                del self._widths[entry]
        if self._times is not None:
            self._times.pop(key, None)
            if self._postponed:
                self._postponed.pop(key, None)

    def pop(self, key: Any, *default: Any) -> Any:
        if not dict.__contains__(self, key):
            if default:
                return default[0]
            raise KeyError(key)
        old = dict.__getitem__(self, key)
        del self[key]
        return old

    def clear(self) -> None:
        if self.spec.on_change is not None:
            for key in list(self):
                del self[key]
            return
        dict.clear(self)
        if self._widths is not None:
            self._widths.clear()
            self._index = None
            self._walks = 0
        if self._times is not None:
            self._times.clear()
            self._postponed.clear()

    def update(self, other: Any = (), /, **_: Any) -> None:
        self.fill(other.items() if isinstance(other, dict) else other)

    def fill(self, items: Iterable[tuple[Any, Any]]) -> None:
        for key, value in items:
            self[key] = value

    def fill_quietly(self, items: Iterable[tuple[Any, Any]]) -> None:
        self._notifying = True
        try:
            self.fill(items)
        finally:
            self._notifying = False

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if not dict.__contains__(self, key):
            self[key] = default
        return dict.__getitem__(self, key)

    # -- reading --

    def __missing__(self, key: Any) -> Any:
        spec = self.spec
        if spec.factory is not None:
            value = spec.factory(key)
        elif spec.constant is not None:
            value = spec.constant
        else:
            raise KeyError(key)
        if spec.insert:
            self[key] = value
        return value

    # -- lookup by containment --

    def holds(self, item: Any) -> bool:
        index = self._index
        if index is None or item.__class__ is not index.address:
            self._walked()
            return super().holds(item)
        net = index.found.get(item, index)
        if net is index:
            net = index.find(item)
        # With expiry, finding an element also counts as reading it.
        return net is not None and (self._times is None or net in self)

    def find(self, item: Any) -> Any:
        index = self._index
        if index is not None and item.__class__ is index.address:
            net = index.find(item)
            if net is not None:
                return self[net]
        else:
            self._walked()
        return super().find(item)

    def _walked(self) -> None:
        """Count a lookup that goes through the widths; when they were as many as there are subnets, make the
        index.

        A table that changes all the time never gets there, so making the index costs nothing that counts.
        """
        self._walks += 1
        if self._widths is not None and self._walks > len(self):
            self._walks = 0
            self._index = SubnetIndex(self)

    # -- expiry --

    def _touch(self, key: Any) -> None:
        times = self._times
        assert times is not None
        if not times:
            context.current.timers.watch(self)
        times.pop(key, None)
        times[key] = context.current.clock.now
        if self._postponed:
            self._postponed.pop(key, None)

    def expire(self, now: float) -> bool:
        """Drop the elements that are due at packet time `now`; return whether any are left."""
        times, spec = self._times, self.spec
        assert times is not None and spec.timeout is not None
        timeout = spec.timeout()
        if timeout < 0:  # the way to say never
            return bool(times)
        due = [key for key, when in self._postponed.items() if when <= now]
        for key in due:
            del self._postponed[key]
        limit = now - timeout
        early = []
        for key, when in times.items():
            if when == 0.0 < now:  # put in before the first packet told the time: counts from here on
                early.append(key)
            elif when > limit:
                break
            else:
                due.append(key)
        for key in due:
            times.pop(key, None)
        if len(due) > len(times):  # what was in front must not be gone through again each time
            times = self._times = dict(times)
        for key in early:
            del times[key]
            times[key] = now
        if spec.expire_func is None and spec.on_change is None and self._widths is None:
            for key in due:
                dict.pop(self, key, None)
        else:
            for key in due:
                self._expire_one(key, now)
        return bool(times or self._postponed)

    def _expire_one(self, key: Any, now: float) -> None:
        if not dict.__contains__(self, key):
            return  # an expire function deleted it
        spec = self.spec
        if spec.expire_func is not None:
            try:
                if spec.expire_any is not None:
                    from bro.runtime.values import box

                    delay = spec.expire_func()(self, box(key, spec.expire_any))
                else:
                    delay = spec.expire_func()(self, *(key if spec.wide else (key,)))
            except HANDLER_ERRORS as error:
                context.current.reporter.exception(error)
                delay = 0.0
            if not dict.__contains__(self, key):
                return
            assert self._times is not None
            self._times.pop(key, None)  # what the function read or wrote does not count: its result does
            if delay is not None and delay > 0.0:
                self._postponed[key] = now + delay
                return
        old = dict.__getitem__(self, key)
        self._drop(key)
        if spec.on_change is not None:
            self._changed("TABLE_ELEMENT_EXPIRED", key, old)

    # -- notification --

    def _changed(self, kind: str, key: Any, value: Any) -> None:
        if self._notifying:
            return
        spec = self.spec
        assert spec.on_change is not None
        args = tuple(key) if spec.wide else (key,)
        if not self.is_set:
            args = (*args, value)
        self._notifying = True
        try:
            spec.on_change()(self, context.current.globals[kind], *args)
        finally:
            self._notifying = False

    def widths(self) -> Iterable[int]:
        return self._widths if self._widths is not None else ()


class _Reads(_Managed):
    """Reading an element postpones its expiry: with `&read_expire`."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        value = dict.get(self, key)
        if value is None:
            return self.__missing__(key)
        self._touch(key)
        return value

    def __contains__(self, key: Any) -> bool:
        found = dict.__contains__(self, key)
        if found:
            self._touch(key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        value = dict.get(self, key)
        if value is None:
            return default
        self._touch(key)
        return value


class _Writes(_Managed):
    """Only writing an element postpones its expiry, and nothing else goes with it: with `&write_expire`,
    without `&expire_func`.
    """

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> None:
        _put(self, key, value)
        times: dict[Any, float] = self._times  # type: ignore[assignment]
        if times:
            times.pop(key, None)
        else:
            context.current.timers.watch(self)
        times[key] = context.current.clock.now

    def __missing__(self, key: Any) -> Any:
        value = self._constant
        return _Managed.__missing__(self, key) if value is None else value


class ManagedTable(_Managed, Table):
    """A table with expiry, `&on_change`, or an index that is looked up by containment."""

    __slots__ = ()
    is_set = False


class ReadTable(_Reads, ManagedTable):
    """A managed table with `&read_expire`."""

    __slots__ = ()


class WriteTable(_Writes, ManagedTable):
    """A managed table with `&write_expire` alone."""

    __slots__ = ()


class ManagedSet(_Managed, Set):
    """A set with expiry, `&on_change`, or elements that are looked up by containment."""

    __slots__ = ()
    is_set = True

    @classmethod
    def of(cls, elements: Iterable[Any]) -> Set:
        return Set.of(elements)


class ReadSet(_Reads, ManagedSet):
    """A managed set with `&read_expire`."""

    __slots__ = ()


class WriteSet(_Writes, ManagedSet):
    """A managed set with `&write_expire` alone."""

    __slots__ = ()


def _class(spec: TableSpec, plain: Any, managed: Any, read: Any, write: Any) -> Any:
    """Which of its classes does what a table's attributes ask for, and no more."""
    if not (spec.expire_kind or spec.on_change is not None or spec.lookup):
        return plain
    if spec.expire_kind == "read":
        return read
    alone = spec.on_change is None and spec.expire_func is None and not spec.lookup
    return write if spec.expire_kind == "write" and alone else managed


def new_table(spec: TableSpec, items: Any = ()) -> Table:
    """A table with the attributes of `spec` and these elements (a dictionary)."""
    cls = _class(spec, DefaultTable, ManagedTable, ReadTable, WriteTable)
    if cls is DefaultTable:
        return DefaultTable(items, spec.constant, spec.factory, spec.insert)
    return cls(items, spec)  # type: ignore[no-any-return]


def new_set(spec: TableSpec, items: Any = ()) -> Set:
    """A set with the attributes of `spec` and these elements (a dictionary of element to True)."""
    cls = _class(spec, Set, ManagedSet, ReadSet, WriteSet)
    return Set(items) if cls is Set else cls(items, spec)


def with_spec(spec: TableSpec, table: Any) -> Any:
    """The elements of `table` in a table that has the attributes of `spec`."""
    return new_set(spec, table) if table.is_set else new_table(spec, table)
