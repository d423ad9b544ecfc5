"""Values that scripts handle and Python has no class for: enumerations, records, boxed values, keys, deep
copies.
"""

from __future__ import annotations

from operator import attrgetter
from types import CellType, FunctionType

from bro.runtime.errors import CastError
from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar

    from bro.script.types import RecordType, Type

    _List = list[Any]
else:
    _List = list


class EnumValue:
    """A value of an enumeration.  There is one object for each, so identity is equality."""

    __slots__ = ("name", "type_name", "value")

    def __init__(self, type_name: str, name: str, value: int) -> None:
        self.type_name = type_name  #: full name of the enumeration
        self.name = name  #: full name of the value: "Log::WRITER_ASCII", "tcp"
        self.value = value  #: its number

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __str__(self) -> str:
        return self.name

    def __copy__(self) -> EnumValue:
        return self

    def __deepcopy__(self, memo: Any) -> EnumValue:
        return self


class Boxed:
    """A value in an `any` whose Python class does not tell its type (a count, an interval, a table ...)."""

    __slots__ = ("type", "value")

    def __init__(self, value: Any, type: Type) -> None:
        self.value = value
        self.type = type

    def __repr__(self) -> str:
        return f"Boxed({self.value!r}, {self.type.notation()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boxed) and self.type == other.type and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(index_key(self.value) if self.value.__class__ is list else self.value)


class _LazyType:
    """The class attribute `__bro_type__` of a record class, made when it is first read."""

    __slots__ = ("find", "name")

    def __init__(self, name: str, find: Callable[[str], RecordType]) -> None:
        self.name = name
        self.find = find

    def __get__(self, instance: Any, owner: type[Record]) -> RecordType:
        found = self.find(self.name)
        owner.__bro_type__ = found
        return found


class Record:
    """Base of the classes that records compile to.

    A generated class has a slot for every field; an unset field holds None.  Its constructor takes the fields
    by keyword or in declared order and puts in defaults; aggregates that are neither given nor optional begin
    empty.
    """

    __slots__ = ()
    __bro_type__: ClassVar[RecordType]
    __bro_alike__: ClassVar[dict[str, bool]]  #: made when asked for: see `is_alike`
    _fields: ClassVar[tuple[str, ...]] = ()
    _key: ClassVar[Callable[[Any], Any] | None] = None

    def __init__(self, *args: Any, **fields: Any) -> None:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        cls = self.__class__
        if cls is not other.__class__ and not (
            isinstance(other, Record) and is_alike(other, cls.__bro_type__)
        ):
            return NotImplemented
        return all(getattr(self, f) == getattr(other, f) for f in cls._fields)

    def __hash__(self) -> int:
        cls = self.__class__
        key = cls._key
        if key is None:
            key = attrgetter(*cls._fields) if cls._fields else lambda _: None
            cls._key = staticmethod(key)
        values: Any = key(self)
        try:
            return hash(values)
        except TypeError:
            return hash(tuple([_hashable(v) for v in values]) if len(cls._fields) > 1 else _hashable(values))

    def __repr__(self) -> str:
        fields = ", ".join(f"{f}={getattr(self, f)!r}" for f in self._fields if getattr(self, f) is not None)
        return f"{self.__class__.__name__}({fields})"


def _hashable(value: Any) -> Any:
    return KeyList(value) if value.__class__ is list else value


def record_class(
    name: str, mangled: str, fields: tuple[str, ...], init: Any, find: Callable[[str], RecordType]
) -> type[Record]:
    """The class of the record type `name`.

    :param init: the generated `__init__`
    :param find: looks a record type up by name; called when `__bro_type__` is first read
    """
    cls = type(
        mangled,
        (Record,),
        {
            "__slots__": fields,
            "__init__": init,
            "_fields": fields,
            "__bro_type__": _LazyType(name, find),
            "__module__": "bro",
        },
    )
    for field in fields:
        # Python gives slots that begin with two underscores another name, as if they were private.
        if field.startswith("__") and not hasattr(cls, field):
            setattr(cls, field, cls.__dict__[f"_{mangled.lstrip('_')}{field}"])
    return cls


class KeyList(_List):
    """A vector inside a table index, where values are compared and must not change."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple([_hashable(v) for v in self]))


def index_key(value: Any) -> Any:
    """The value to store as a table's index: what the script changes later must not change the key."""
    cls = value.__class__
    if cls is tuple:
        return tuple([index_key(v) for v in value])
    if cls is list or cls is KeyList:
        return KeyList([index_key(v) for v in value])
    if isinstance(value, Record):
        new = cls.__new__(cls)
        for field in cls._fields:
            setattr(new, field, index_key(getattr(value, field)))
        return new
    if isinstance(value, dict):
        return copy(value)
    if cls is Boxed:
        return Boxed(index_key(value.value), value.type)
    return value


def copy(value: Any) -> Any:
    """A deep copy, as the function `copy` of the language makes it.  Shared parts stay shared within the
    copy.
    """
    return _copy(value, {})


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, Record):
        cls = value.__class__
        known = memo.get(id(value))
        if known is not None:
            return known
        new = memo[id(value)] = cls.__new__(cls)
        for field in cls._fields:
            setattr(new, field, _copy(getattr(value, field), memo))
        return new
    if isinstance(value, list):
        known = memo.get(id(value))
        if known is None:
            known = memo[id(value)] = []
            known.extend([_copy(v, memo) for v in value])
        return known
    if isinstance(value, dict):
        known = memo.get(id(value))
        if known is None:
            known = memo[id(value)] = value.empty()  # type: ignore[attr-defined]
            known.fill_quietly((_copy_key(k, memo), _copy(v, memo)) for k, v in value.items())
        return known
    if value.__class__ is Boxed:
        return Boxed(_copy(value.value, memo), value.type)
    if getattr(value, "__closure__", None) and value.__name__ == "_anonymous":
        return _copy_function(value, memo)
    duplicate = getattr(value, "__bro_copy__", None)
    return value if duplicate is None else duplicate()


def _copy_function(function: FunctionType, memo: dict[int, Any]) -> Any:
    """An anonymous function with a copy of what it has captured."""
    known = memo.get(id(function))
    if known is not None:
        return known
    captured = function.__closure__ or ()
    cells = tuple([CellType() for _ in captured])
    new = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, cells
    )
    new.__dict__.update(function.__dict__)
    memo[id(function)] = new
    for cell, old in zip(cells, captured, strict=True):
        try:
            content = old.cell_contents
        except ValueError:  # a variable without a value
            continue
        cell.cell_contents = _copy(content, memo)
    return new


def _copy_key(key: Any, memo: dict[int, Any]) -> Any:
    if key.__class__ is tuple:
        return tuple([_copy_key(k, memo) for k in key])
    if key.__class__ is KeyList:
        return KeyList([_copy_key(k, memo) for k in key])
    return _copy(key, memo)


# ---- any ---------------------------------------------------------------------------------------------------


#: The types of values whose Python class tells them.
_by_class: dict[type, Type] = {bytes: t.STRING, bool: t.BOOL}


def type_of(value: Any) -> Type:
    """The type of a value that is in an `any`."""
    cls = value.__class__
    if cls is Boxed:
        return value.type  # type: ignore[no-any-return]
    known = _by_class.get(cls)
    if known is not None:
        return known
    if isinstance(value, Record):
        return value.__bro_type__
    if cls is EnumValue:
        from bro.runtime import context

        program = context.current.program
        return t.EnumType(value.type_name) if program is None else program.enum_type(value.type_name)
    if isinstance(value, t.Type):
        return t.TypeType(value)
    if len(_by_class) == 2:  # what the engine's values are is asked for when there is one
        from bro.runtime import netvalues as net

        _by_class.update({net.Addr: t.ADDR, net.Port: t.PORT, net.Subnet: t.SUBNET, net.Pattern: t.PATTERN})
        return type_of(value)
    if cls is int:
        return t.COUNT if value >= 0 else t.INT
    if cls is float:
        return t.DOUBLE
    if isinstance(value, dict):
        return t.ANY_SET if getattr(value, "is_set", False) else t.ANY_TABLE
    if isinstance(value, list):
        return t.ANY_VECTOR
    if callable(value):
        from bro.runtime.callables import function_type

        return function_type(value)
    name = getattr(value, "bro_type", None)
    if name is not None:
        if isinstance(name, t.Type):
            return name
        return t.FILE if name == "file" else t.OpaqueType(name)
    return t.ANY


def fits(value: Any, type: Type) -> bool:
    """Whether the value of an `any` is of `type`: what the operator `is` says."""
    if value is None:
        return False
    tag = type.tag
    if tag == "any":
        return True
    found = type_of(value)
    if found == type:
        return True
    fitting = getattr(value, "__bro_fits__", None)
    if fitting is not None:  # Broker::Data
        return bool(fitting(type))
    if tag != found.tag:
        return False
    if tag == "func":
        assert isinstance(type, t.FuncType) and isinstance(found, t.FuncType)
        return found.flavor == type.flavor and not found.params and found.result.tag == "any"
    if tag == "opaque":
        return False
    if tag in ("table", "vector"):
        return _holds_nothing(found, type) or _of_any(found)
    return tag == "record" and is_alike(value, type)


def is_alike(record: Record, type: Type) -> bool:
    """Whether a record is one of that type as it is: of the type itself, or of one with the same fields."""
    cls = record.__class__
    own = cls.__bro_type__
    assert isinstance(type, t.RecordType)
    if own.name == type.name:
        return True
    known: dict[str, bool] | None = cls.__dict__.get("__bro_alike__")
    if known is None:
        known = cls.__bro_alike__ = {}
    found = known.get(type.name)
    if found is None:
        found = known[type.name] = t.same_structure(own, type)
    return found


def _holds_nothing(found: Type, type: Type) -> bool:
    """Whether `found` is the type of an empty `table()`, `set()` or `vector()`, which goes with any such
    type.
    """
    if isinstance(found, t.TableType) and isinstance(type, t.TableType):
        return found.unspecified and found.is_set == type.is_set
    return isinstance(found, t.VectorType) and found.element.tag == "unspecified"


def _of_any(found: Type) -> bool:
    return isinstance(found, t.VectorType) and found.element.tag == "any"


def unbox(value: Any, type: Type) -> Any:
    """The value of an `any` as `type`, as the operator `as` and assignments from `any` give it.

    :raises CastError: when it is of another type
    """
    if value is None:
        raise CastError("value used but not set")
    if type.tag == "any":
        return value
    if value.__class__ is Boxed:
        if value.type == type:
            return value.value
    elif getattr(value, "__bro_cast__", None) is not None:  # Broker::Data
        return value if type_of(value) == type else value.__bro_cast__(type)
    elif value.__class__ is not list and fits(value, type):
        return value
    convert = _converter(value, type)
    if convert is None:
        raise CastError(f"value of type {type_of(value).notation()} is not a {type.notation()}")
    return convert(value)


def unpacked(value: Any, types: Type) -> tuple[Any, ...]:
    """The parts of an index that an `any` holds, as values of these types: `[a, b] = x`.

    :raises CastError: when it holds something else
    """
    wanted = types.types if isinstance(types, t.ListType) else ()
    held = value.type if value.__class__ is Boxed else None
    if not isinstance(held, t.ListType) or len(held.types) != len(wanted):
        found = "nothing" if value is None else type_of(value).notation()
        raise CastError(f"a list of {len(wanted)} values is wanted here, found {found}")
    parts = zip(value.value, held.types, wanted, strict=True)
    return tuple(unbox(box(part, have), want) for part, have, want in parts)


def _converter(value: Any, type: Type) -> Callable[[Any], Any] | None:
    from bro.runtime.tables import Set

    found = type_of(value)
    inner = unboxed
    if _holds_nothing(found, type):
        return inner
    if isinstance(found, t.TableType) and found.is_set and isinstance(type, t.VectorType):
        if found.index_types == (type.element,):
            return lambda v: list(inner(v))
    elif isinstance(found, t.VectorType) and isinstance(type, t.TableType) and type.is_set:
        if type.index_types == (found.element,):
            return lambda v: Set.of(inner(v))
    elif isinstance(found, t.TableType) and isinstance(type, t.TableType):
        return _of_whatever(found, type)
    elif isinstance(found, t.VectorType) and isinstance(type, t.VectorType) and found.element.tag == "any":
        return lambda v: [unbox(e, type.element) for e in inner(v)]
    elif isinstance(found, t.VectorType) and isinstance(type, t.VectorType) and type.element.tag == "any":
        return lambda v: [box(e, found.element) for e in inner(v)]
    elif isinstance(found, t.RecordType) and isinstance(type, t.RecordType):
        return record_converter(type)
    return None


def _of_whatever(found: t.TableType, type: t.TableType) -> Callable[[Any], Any] | None:
    """Makes a `set[bool]` of any set, a `table[bool] of any` of any table: so scripts look through an `any`
    of which they know no more.  What is in it keeps its type.
    """
    if type.index_types != (t.BOOL,) or found.is_set != type.is_set or len(found.index_types) != 1:
        return None
    from bro.runtime.tables import Set, Table

    (index,), element = found.index_types, found.yield_type
    if t.is_aggregate(index):
        return None
    if element is None:
        return lambda v: Set.of(box(e, index) for e in unboxed(v))
    if type.yield_type != t.ANY:
        return None
    return lambda v: Table({box(k, index): box(e, element) for k, e in unboxed(v).items()})


def record_converter(type: RecordType) -> Callable[[Any], Any] | None:
    """Makes a record of `type` of another with the same fields; None where no program is loaded."""
    from bro.runtime import context

    program = context.current.program
    if program is None:
        return None
    cls = program.record_classes[type.name]
    wanted = set(cls._fields)

    def convert(value: Any) -> Any:
        if not all(f in wanted for f in value._fields):
            raise CastError(f"value of type {value.__bro_type__.notation()} is not a {type.notation()}")
        return cls(**{f: getattr(value, f) for f in value._fields if getattr(value, f) is not None})

    return convert


def box(value: Any, type: Type) -> Any:
    """A value of static type `type` as an `any`."""
    return Boxed(value, type) if type.tag in t.BOXED_TAGS and value is not None else value


def unboxed(value: Any) -> Any:
    """The bare value of an `any`, for built-in functions that look at it themselves."""
    return value.value if value.__class__ is Boxed else value
