"""The types of the script language, as objects.

Both the compiler and the runtime use them: the compiler to check and to generate code, the runtime to format
values whose type cannot be told from the value (a `Boxed`), to describe records to the logging framework, and
so on.

Types are values: two types with the same structure compare equal, records and enumerations by their name.  A
record type is shared and grows with `redef record`; everything else is immutable.  `str()` gives the notation
in which Bro itself names types (``table[string] of record Info``); `Type.notation()` gives the one people
write in scripts.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, ClassVar, Final

    #: A type as nested tuples of plain values, the form that compiled programs carry (see `Type.encode`,
    #: `decode`).
    Encoded = Any


class Type:
    """A type of the script language."""

    __slots__ = ()

    #: Kind of the type, one word: "count", "table", "record", ...
    tag: ClassVar[str] = "error"

    def __str__(self) -> str:
        return self.tag

    def __repr__(self) -> str:
        return f"<{self.notation()}>"

    def notation(self) -> str:
        """The type as it is written in scripts."""
        return str(self)

    def encode(self) -> Encoded:
        """The type as plain values for the cache; `decode` is its inverse."""
        return self.tag

    def __eq__(self, other: object) -> bool:
        return self is other or (self.__class__ is other.__class__ and self.encode() == other.encode())

    def __hash__(self) -> int:
        return hash(self.encode())

    def __reduce__(self) -> tuple[Any, ...]:
        return (_simple, (self.tag,))


class _Simple(Type):
    """A type without parameters; there is one object of each class."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other or self.__class__ is other.__class__

    def __hash__(self) -> int:
        return hash(self.tag)


class BoolType(_Simple):
    __slots__ = ()
    tag = "bool"


class CountType(_Simple):
    __slots__ = ()
    tag = "count"


class IntType(_Simple):
    __slots__ = ()
    tag = "int"


class DoubleType(_Simple):
    __slots__ = ()
    tag = "double"


class TimeType(_Simple):
    __slots__ = ()
    tag = "time"


class IntervalType(_Simple):
    __slots__ = ()
    tag = "interval"


class StringType(_Simple):
    __slots__ = ()
    tag = "string"


class PatternType(_Simple):
    __slots__ = ()
    tag = "pattern"


class AddrType(_Simple):
    __slots__ = ()
    tag = "addr"


class SubnetType(_Simple):
    __slots__ = ()
    tag = "subnet"


class PortType(_Simple):
    __slots__ = ()
    tag = "port"


class AnyType(_Simple):
    __slots__ = ()
    tag = "any"


class VoidType(_Simple):
    """The result of a function that returns nothing."""

    __slots__ = ()
    tag = "void"


class FileType(_Simple):
    __slots__ = ()
    tag = "file"

    def notation(self) -> str:
        return "file of string"


class ErrorType(_Simple):
    """The type of an expression that was found wrong; it goes with everything, so that one mistake is told
    once.
    """

    __slots__ = ()
    tag = "error"


class UnknownType(_Simple):
    """The element type of `table()`, `set()` or `vector()` before anything says what they hold."""

    __slots__ = ()
    tag = "unspecified"


BOOL: Final = BoolType()
COUNT: Final = CountType()
INT: Final = IntType()
DOUBLE: Final = DoubleType()
TIME: Final = TimeType()
INTERVAL: Final = IntervalType()
STRING: Final = StringType()
PATTERN: Final = PatternType()
ADDR: Final = AddrType()
SUBNET: Final = SubnetType()
PORT: Final = PortType()
ANY: Final = AnyType()
VOID: Final = VoidType()
FILE: Final = FileType()
ERROR: Final = ErrorType()
UNKNOWN: Final = UnknownType()

#: The types without parameters by their tag.
SIMPLE: Final[Mapping[str, Type]] = {
    t.tag: t
    for t in (
        BOOL,
        COUNT,
        INT,
        DOUBLE,
        TIME,
        INTERVAL,
        STRING,
        PATTERN,
        ADDR,
        SUBNET,
        PORT,
        ANY,
        VOID,
        FILE,
        ERROR,
        UNKNOWN,
    )
}


def _simple(tag: str) -> Type:
    return SIMPLE[tag]


class OpaqueType(Type):
    """`opaque of NAME`: something only built-in functions can look into."""

    __slots__ = ("name",)
    tag = "opaque"

    def __init__(self, name: str) -> None:
        self.name = name

    def notation(self) -> str:
        return f"opaque of {self.name}"

    def encode(self) -> Encoded:
        return ("opaque", self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (OpaqueType, (self.name,))


class EnumType(Type):
    """An enumeration.  `values` maps the full names of its values to their numbers and grows with `redef
    enum`.
    """

    __slots__ = ("name", "values")
    tag = "enum"

    def __init__(self, name: str, values: dict[str, int] | None = None) -> None:
        self.name = name
        self.values: dict[str, int] = {} if values is None else values

    def __str__(self) -> str:
        return f"enum {self.name}"

    def notation(self) -> str:
        return self.name

    def encode(self) -> Encoded:
        return ("enum", self.name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, EnumType) and other.name == self.name)

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (EnumType, (self.name, self.values))


class Field:
    """A field of a record.

    `attrs` has the field's attributes without their ampersand.  ``log`` and ``optional`` are True when
    present, ``default`` is True when there is one (its value is what the record's constructor puts there),
    ``deprecated`` is the text given or "".
    """

    __slots__ = ("attrs", "default", "name", "spec", "type", "where")

    def __init__(self, name: str, type: Type, attrs: dict[str, Any] | None = None) -> None:
        self.name = name
        self.type = type
        self.attrs: dict[str, Any] = {} if attrs is None else attrs
        # For the compiler only:
        self.default: Any = None  #: checked expression of the default
        self.spec: Any = None  #: attributes of a table field
        self.where: tuple[str, tuple[int, int, int, int]] | None = None  #: file and place of the declaration

    def __repr__(self) -> str:
        attrs = "".join(f" &{name}" for name in self.attrs)
        return f"<{self.name}: {self.type.notation()}{attrs}>"

    @property
    def optional(self) -> bool:
        """May be without a value: marked &optional."""
        return "optional" in self.attrs

    @property
    def has_default(self) -> bool:
        """Gets a value when a record is made without one."""
        return "default" in self.attrs

    @property
    def log(self) -> bool:
        """Marked &log."""
        return "log" in self.attrs


class RecordType(Type):
    """A record.  `fields` are in declared order, those of `redef record` behind.

    An anonymous record has a name that begins with "record {" and spells its fields out.
    """

    __slots__ = ("_by_name", "_fields", "_thunk", "name")
    tag = "record"

    def __init__(
        self, name: str, fields: list[Field] | None = None, thunk: Callable[[], list[Field]] | None = None
    ) -> None:
        """:param thunk: makes the fields when they are first asked for, for programs out of the cache."""
        self.name = name
        self._fields = fields if fields is not None or thunk is not None else []
        self._thunk = thunk
        self._by_name: dict[str, Field] | None = None

    @property
    def fields(self) -> list[Field]:
        """The fields in declared order."""
        if self._fields is None:
            assert self._thunk is not None
            self._fields = self._thunk()
            self._thunk = None
        return self._fields

    def extend(self, fields: Iterable[Field]) -> None:
        """Add fields, as `redef record` does."""
        self.fields.extend(fields)
        self._by_name = None

    def field(self, name: str) -> Field | None:
        """The field of that name, None if there is none."""
        by_name = self._by_name
        if by_name is None:
            by_name = self._by_name = {f.name: f for f in self.fields}
        return by_name.get(name)

    @property
    def anonymous(self) -> bool:
        """Written out where it is used rather than declared with a name."""
        return self.name.startswith("record {")

    def __str__(self) -> str:
        return self.name if self.anonymous else f"record {self.name}"

    def notation(self) -> str:
        return self.name

    def encode(self) -> Encoded:
        return ("record", self.name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, RecordType) and other.name == self.name)

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        # The state goes in after the object exists: record types refer to each other in circles.
        return (RecordType, (self.name,), (self.fields,))

    def __setstate__(self, state: tuple[list[Field]]) -> None:
        self._fields = state[0]


class TableType(Type):
    """A table, or a set when it has no `yield_type`; `index_types` are those of the index's parts."""

    __slots__ = ("index_types", "yield_type")
    tag = "table"

    def __init__(self, index_types: Iterable[Type], yield_type: Type | None) -> None:
        self.index_types = tuple(index_types)
        self.yield_type = yield_type

    @property
    def is_set(self) -> bool:
        return self.yield_type is None

    @property
    def unspecified(self) -> bool:
        """`table()` or `set()` of which nothing is known yet."""
        return self.index_types == (UNKNOWN,)

    def __str__(self) -> str:
        index = ",".join(map(str, self.index_types))
        return f"set[{index}]" if self.yield_type is None else f"table[{index}] of {self.yield_type}"

    def notation(self) -> str:
        index = ", ".join(t.notation() for t in self.index_types)
        return (
            f"set[{index}]" if self.yield_type is None else f"table[{index}] of {self.yield_type.notation()}"
        )

    def encode(self) -> Encoded:
        return (
            "table",
            tuple(t.encode() for t in self.index_types),
            None if self.yield_type is None else self.yield_type.encode(),
        )

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, TableType)
            and self.index_types == other.index_types
            and self.yield_type == other.yield_type
        )

    def __hash__(self) -> int:
        return hash(("table", self.index_types, self.yield_type))

    def __reduce__(self) -> tuple[Any, ...]:
        return (TableType, (self.index_types, self.yield_type))


class VectorType(Type):
    """A vector of one type of element."""

    __slots__ = ("element",)
    tag = "vector"

    def __init__(self, element: Type) -> None:
        self.element = element

    def __str__(self) -> str:
        return f"vector of {self.element}"

    def notation(self) -> str:
        return f"vector of {self.element.notation()}"

    def encode(self) -> Encoded:
        return ("vector", self.element.encode())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, VectorType) and self.element == other.element)

    def __hash__(self) -> int:
        return hash(("vector", self.element))

    def __reduce__(self) -> tuple[Any, ...]:
        return (VectorType, (self.element,))


class Param:
    """A parameter of a function type."""

    __slots__ = ("default", "name", "optional", "type")

    def __init__(self, name: str, type: Type, optional: bool = False) -> None:
        self.name = name
        self.type = type
        self.optional = optional  #: has a &default, so a call may leave it out
        self.default: Any = None  #: checked expression of the default, for the compiler only

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Param) and self.type == other.type

    def __hash__(self) -> int:
        return hash(self.type)


class FuncType(Type):
    """A function, an event or a hook, by `flavor`: "function", "event" or "hook".

    `result` is VOID where nothing is returned.  `variadic` functions (`fmt`, `cat`) take any further
    arguments.
    """

    __slots__ = ("flavor", "params", "result", "variadic")
    tag = "func"

    def __init__(self, flavor: str, params: Iterable[Param], result: Type, variadic: bool = False) -> None:
        self.flavor = flavor
        self.params = tuple(params)
        self.result = result
        self.variadic = variadic

    def notation(self) -> str:
        params = ", ".join(f"{p.name}: {p.type.notation()}" for p in self.params)
        if self.variadic:
            params = f"{params}, ..." if params else "..."
        result = "" if self.result is VOID or self.flavor != "function" else f": {self.result.notation()}"
        return f"{self.flavor}({params}){result}"

    def encode(self) -> Encoded:
        return (
            "func",
            self.flavor,
            tuple((p.name, p.type.encode(), p.optional) for p in self.params),
            self.result.encode(),
            self.variadic,
        )

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, FuncType)
            and self.flavor == other.flavor
            and self.params == other.params
            and self.result == other.result
        )

    def __hash__(self) -> int:
        return hash(("func", self.flavor, self.params, self.result))

    def __reduce__(self) -> tuple[Any, ...]:
        return (FuncType, (self.flavor, self.params, self.result, self.variadic))


class TypeType(Type):
    """The type of an expression that is itself a type, as in ``[$idx=Idx]``; the value is the type object."""

    __slots__ = ("inner",)
    tag = "type"

    def __init__(self, inner: Type) -> None:
        self.inner = inner

    def encode(self) -> Encoded:
        return ("type", self.inner.encode())

    def __reduce__(self) -> tuple[Any, ...]:
        return (TypeType, (self.inner,))


class ListType(Type):
    """The type of `[a, b]`: several values that make up one index.

    No variable has it; an `any` may hold such an index, as what expire functions of tables get.
    """

    __slots__ = ("types",)
    tag = "list"

    def __init__(self, types: Iterable[Type]) -> None:
        self.types = tuple(types)

    def notation(self) -> str:
        return "[" + ", ".join(t.notation() for t in self.types) + "]"

    def encode(self) -> Encoded:
        return ("list", tuple(t.encode() for t in self.types))

    def __reduce__(self) -> tuple[Any, ...]:
        return (ListType, (self.types,))


def same_structure(a: Type, b: Type, assumed: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether two records have the same fields, so that a value of one is a value of the other as it is.

    :param assumed: names of records that are being compared, as they may hold themselves
    """
    if not isinstance(a, RecordType) or not isinstance(b, RecordType):
        return a == b
    pair = (a.name, b.name)
    if a.name == b.name or pair in assumed:
        return True
    if len(a.fields) != len(b.fields):
        return False
    assumed |= {pair}
    return all(
        x.name == y.name
        and x.optional == y.optional
        and x.has_default == y.has_default
        and same_structure(x.type, y.type, assumed)
        for x, y in zip(a.fields, b.fields, strict=True)
    )


ANY_TABLE: Final = TableType((UNKNOWN,), UNKNOWN)
ANY_SET: Final = TableType((UNKNOWN,), None)
ANY_VECTOR: Final = VectorType(UNKNOWN)

#: The enumeration that has the values of all kinds of analyzers, and those it is made of: each stands for the
#: other.
ALL_TAGS: Final = "AllAnalyzers::Tag"
TAGS: Final = frozenset([ALL_TAGS, "Analyzer::Tag", "PacketAnalyzer::Tag", "Files::Tag"])


def tag_among_all(name: str) -> str:
    """The name that an analyzer's tag has among those of all kinds: ``Files::ANALYZER_MD5`` is
    ``AllAnalyzers::FILES_ANALYZER_MD5`` there.  One of these, or another name, stays as it is.
    """
    module, _, value = name.rpartition("::")
    return f"AllAnalyzers::{module.upper()}_{value}" if f"{module}::Tag" in TAGS - {ALL_TAGS} else name


#: Types whose values behave as numbers.
NUMERIC: Final = frozenset({COUNT, INT, DOUBLE})
#: Types whose values are whole numbers.
INTEGRAL: Final = frozenset({COUNT, INT})
#: Types that several parts of a script can share a value of.
AGGREGATE_TAGS: Final = frozenset({"record", "table", "vector"})
#: Types whose Python values do not tell them; in an `any` they travel in a `Boxed`.
BOXED_TAGS: Final = frozenset({"count", "int", "double", "time", "interval", "table", "vector", "list"})


def is_aggregate(t: Type) -> bool:
    """Whether assignment shares the value instead of copying it."""
    return t.tag in AGGREGATE_TAGS


def is_set(t: Type) -> bool:
    """Whether `t` is a set."""
    return isinstance(t, TableType) and t.yield_type is None


def decode(encoded: Encoded, records: Callable[[str], RecordType], enums: Callable[[str], EnumType]) -> Type:
    """The type that `Type.encode` made `encoded` of; named types are asked of `records` and `enums`."""
    if encoded.__class__ is str:
        return SIMPLE[encoded]
    tag = encoded[0]
    if tag == "record":
        return records(encoded[1])
    if tag == "enum":
        return enums(encoded[1])
    if tag == "table":
        return TableType(
            [decode(t, records, enums) for t in encoded[1]],
            None if encoded[2] is None else decode(encoded[2], records, enums),
        )
    if tag == "vector":
        return VectorType(decode(encoded[1], records, enums))
    if tag == "opaque":
        return OpaqueType(encoded[1])
    if tag == "func":
        return FuncType(
            encoded[1],
            [Param(name, decode(t, records, enums), optional) for name, t, optional in encoded[2]],
            decode(encoded[3], records, enums),
            encoded[4],
        )
    if tag == "type":
        return TypeType(decode(encoded[1], records, enums))
    if tag == "list":
        return ListType([decode(t, records, enums) for t in encoded[1]])
    raise ValueError(f"not an encoded type: {encoded!r}")
