"""The names of the base scripts in the cache, each to be unpacked when a script asks for it.

A user's script uses a few of the thousands of names that the base scripts declare; to unpack all of them
would take longer than to compile the script.  Each symbol is pickled by itself, and so are the fields of each
record type.  What they refer to (other symbols, records, enums) stands in there by name, so that there is one
object of each, as there was when it was compiled.
"""

from __future__ import annotations

import marshal
from io import BytesIO

try:
    from _pickle import Pickler, Unpickler  # what pickle gives, without what that is in Python besides
except ImportError:
    from pickle import Pickler, Unpickler

from bro.script.scope import Scope, Symbol
from bro.script.types import EnumType, RecordType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Begin and end of something in the data.
Place = tuple[int, int]


class _Pickler(Pickler):
    """Pickles one thing; what has a name of its own becomes that name, and is noted."""

    def __init__(self, file: BytesIO, noted: dict[str, RecordType], enums: dict[str, dict[str, int]]) -> None:
        super().__init__(file, protocol=5)
        self.noted = noted
        self.enums = enums

    def persistent_id(self, value: Any) -> tuple[str, str] | None:
        cls = value.__class__
        if cls is Symbol:
            return "s", value.name
        if cls is RecordType and not value.anonymous:
            self.noted.setdefault(value.name, value)
            return "r", value.name
        if cls is EnumType:
            self.enums[value.name] = value.values
            return "e", value.name
        return None


class _Unpickler(Unpickler):
    def __init__(self, data: bytes, store: Store) -> None:
        super().__init__(BytesIO(data))
        self.store = store

    def persistent_load(self, reference: Any) -> Any:
        kind, name = reference
        if kind == "r":
            return self.store.record(name)
        return self.store.enum(name) if kind == "e" else self.store.symbol(name)


def pack(scope: Scope) -> bytes:
    """The names of a scope, for `unpack`."""
    scope.load_all()
    noted: dict[str, RecordType] = {}
    enums: dict[str, dict[str, int]] = {}
    data = bytearray()

    def put(value: Any) -> Place:
        buffer = BytesIO()
        _Pickler(buffer, noted, enums).dump(value)
        begin = len(data)
        data.extend(buffer.getvalue())
        return begin, len(data)

    symbols = {}
    for name, symbol in scope.symbols.items():
        if symbol.kind != "builtin":  # the checker finds those by itself
            symbols[name] = (symbol.py, *put(symbol.__getstate__()))
    records: dict[str, Place] = {}
    while len(records) < len(noted):
        for name, record in list(noted.items()):
            if name not in records:
                records[name] = put(record.fields)
    return marshal.dumps((symbols, records, enums, bytes(data)))


def unpack(packed: bytes) -> Scope:
    """A scope with the names of `pack`."""
    symbols, records, enums, data = marshal.loads(packed)
    scope = Scope()
    store = Store(scope, symbols, records, enums, data)
    scope.stored = store.symbols
    scope.store = store
    scope.by_py = {py: name for name, (py, _, _) in symbols.items()}
    return scope


class Store:
    """What is not unpacked yet, and the types that were."""

    def __init__(
        self,
        scope: Scope,
        symbols: dict[str, tuple[str, int, int]],
        records: dict[str, Place],
        enums: dict[str, dict[str, int]],
        data: bytes,
    ) -> None:
        self.scope = scope
        self.symbols = symbols
        self._records = records
        self._enums = enums
        self._data = data
        self._record_types: dict[str, RecordType] = {}
        self._enum_types: dict[str, EnumType] = {}

    def fork(self, scope: Scope) -> Store:
        """The same for another scope; types are shared."""
        new = Store(scope, scope.stored, self._records, self._enums, self._data)
        new._record_types, new._enum_types = self._record_types, self._enum_types
        return new

    def load(self, name: str) -> Symbol:
        """Unpack the symbol of a full name and put it into the scope."""
        py, begin, end = self.symbols.pop(name)
        symbol = Symbol.__new__(Symbol)
        # It is there before what it refers to is unpacked, which may lead back to it.
        self.scope.symbols[name] = self.scope.by_py[py] = symbol
        symbol.__setstate__(_Unpickler(self._data[begin:end], self).load())
        return symbol

    def symbol(self, name: str) -> Symbol:
        """The symbol that something refers to."""
        found = self.scope.get(name)
        if found is None:
            from bro.runtime.builtins.registry import known

            found = Symbol(name, "builtin")
            found.builtin, found.defined = known()[name], True
            self.scope.add(found)
        return found

    def record(self, name: str) -> RecordType:
        """A record type; its fields are unpacked when they are asked for."""
        found = self._record_types.get(name)
        if found is None:
            begin, end = self._records[name]

            def fields() -> list[Any]:
                return _Unpickler(self._data[begin:end], self).load()  # type: ignore[no-any-return]

            found = self._record_types[name] = RecordType(name, None, fields)
        return found

    def enum(self, name: str) -> EnumType:
        """An enum type."""
        found = self._enum_types.get(name)
        if found is None:
            found = self._enum_types[name] = EnumType(name, self._enums[name])
        return found
