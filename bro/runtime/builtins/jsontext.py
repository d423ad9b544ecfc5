"""JSON: values as text, and text as values of a given type."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from bro.runtime.builtins._support import container, record
from bro.runtime.builtins.registry import builtin
from bro.runtime.describe import describe, format_interval
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.runtime.values import Boxed, box, index_key, type_of
from bro.script import types as t

#: How deep values may be nested; records can contain themselves.
MAX_DEPTH = 100

_CONTROLS = {**{byte: f"\\\\x{byte:02x}" for byte in [*range(32), 127]}, 0x22: '\\"', 0x5C: "\\\\"}
_CONTROLS.update({0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"})
#: For strings that are not UTF-8: every byte above ASCII is shown by its number.
_BYTES = {**_CONTROLS, **{byte: f"\\\\x{byte:02x}" for byte in range(128, 256)}}


def json_string(data: bytes) -> str:
    """Return a JSON string.  UTF-8 stays; bytes that are none, and most control characters, appear as
    ``\\\\xHH``."""
    try:
        return '"' + data.decode("utf-8").translate(_CONTROLS) + '"'
    except UnicodeDecodeError:
        return '"' + data.decode("latin-1").translate(_BYTES) + '"'


def _double(value: float) -> str:
    return repr(value) if math.isfinite(value) else "null"


class _Writer:
    """Turns values into JSON under the options of one call of `to_json`."""

    __slots__ = ("interval_as_double", "only_loggable", "strip")

    def __init__(self, only_loggable: bool, strip: Pattern | None, interval_as_double: bool) -> None:
        self.only_loggable = only_loggable
        self.strip = strip
        self.interval_as_double = interval_as_double

    def write(self, value: Any, kind: t.Type, depth: int) -> str:
        """Return `value`, whose static type is `kind`, as JSON."""
        if value is None:
            return "null"
        if depth > MAX_DEPTH:
            raise ScriptError(f"to_json: values are nested deeper than {MAX_DEPTH}")
        tag = kind.tag
        if tag == "string":
            return json_string(value)
        if tag in ("count", "int"):
            return str(value)
        if tag == "bool":
            return "true" if value else "false"
        if tag in ("double", "time"):
            return _double(value)
        if tag == "interval":
            return _double(value) if self.interval_as_double else '"' + format_interval(value).decode() + '"'
        if tag in ("any", "unspecified"):
            if value.__class__ is Boxed:
                return self.write(value.value, value.type, depth + 1)
            found = type_of(value)
            return "null" if found.tag == tag else self.write(value, found, depth + 1)
        if tag == "port":
            return f'{{"port":{value.number},"proto":"{value.proto}"}}'
        if tag == "pattern":
            return json_string(str(value).encode())
        if isinstance(kind, t.RecordType):
            return self._record(value, kind, depth)
        if isinstance(kind, t.VectorType):
            element = kind.element
            return "[" + ",".join([self.write(item, element, depth + 1) for item in value]) + "]"
        if isinstance(kind, t.TableType):
            return self._table(value, kind, depth)
        return json_string(describe(value, kind))

    def _record(self, value: Any, kind: t.RecordType, depth: int) -> str:
        parts = []
        for field in kind.fields:
            if self.only_loggable and not field.log:
                continue
            item = getattr(value, field.name)
            if item is not None:
                name = field.name.encode()
                if self.strip is not None and (span := self.strip.find(name, 0)) is not None:
                    name = name[: span[0]] + name[span[1] :]
                parts.append(f"{json_string(name)}:{self.write(item, field.type, depth + 1)}")
        return "{" + ",".join(parts) + "}"

    def _index(self, key: Any, kind: t.TableType, depth: int) -> str:
        if len(kind.index_types) == 1:
            return self.write(key, kind.index_types[0], depth + 1)
        pairs = zip(key, kind.index_types, strict=True)
        return "[" + ",".join([self.write(part, part_type, depth + 1) for part, part_type in pairs]) + "]"

    def _table(self, value: Any, kind: t.TableType, depth: int) -> str:
        if kind.yield_type is None:
            return "[" + ",".join([self._index(key, kind, depth) for key in value]) + "]"
        parts = []
        for key, item in value.items():
            # A name of a JSON object is a string, so an index of another type is its JSON as text.
            index = self._index(key, kind, depth)
            if index.startswith('"'):
                index = index[1:-1]
            name = json_string(index.encode("utf-8", "surrogatepass"))
            parts.append(f"{name}:{self.write(item, kind.yield_type, depth + 1)}")
        return "{" + ",".join(parts) + "}"


@cache
def _underscore() -> Pattern:
    return Pattern("^_")


@builtin(
    "function to_json(val: any, only_loggable: bool &default=F, field_escape_pattern: pattern &default=/^_/, "
    "interval_as_double: bool &default=F): string"
)
def to_json(
    val: Any,
    only_loggable: bool = False,
    field_escape_pattern: Pattern | None = None,
    interval_as_double: bool = False,
) -> bytes:
    """Return a value as JSON without white space.

    Records and tables become objects, sets and vectors arrays, times seconds since 1970, ports objects of
    number and protocol, everything else that JSON does not have a string.  Unset fields are left out.

    :param only_loggable: of records, take the fields marked ``&log`` alone.
    :param field_escape_pattern: what matches it first in a field's name is taken out of the name.
    :param interval_as_double: intervals as seconds, rather than as ``"1.0 min"``.

    Raises an error for values nested deeper than `MAX_DEPTH`.
    """
    if field_escape_pattern is None:
        field_escape_pattern = _underscore()
    writer = _Writer(only_loggable, field_escape_pattern, interval_as_double)
    return writer.write(val, t.ANY, 0).encode("utf-8", "surrogatepass")


# ---- reading -----------------------------------------------------------------------------------------------


@builtin("function from_json_default_key_mapper(s: string): string")
def from_json_default_key_mapper(s: bytes) -> bytes:
    """Return the name as it is: names in JSON are names of fields."""
    return s


class _Misfit(Exception):
    """The text does not give a value of the wanted type."""


_JSON_NAMES = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def _misfit(found: Any, kind: t.Type) -> NoReturn:
    raise _Misfit(
        f"{_JSON_NAMES.get(type(found), 'a number')} does not give a value of type {kind.notation()}"
    )


_INTERVAL_UNITS = {"usec": 1e-6, "msec": 1e-3, "sec": 1.0, "min": 60.0, "hr": 3600.0, "day": 86400.0}


def _interval(text: str, kind: t.Type) -> float:
    """Read an interval as `print` shows it: numbers and units in turns."""
    words = text.split()
    total = 0.0
    if not words or len(words) % 2:
        _misfit(text, kind)
    for number, unit in zip(words[::2], words[1::2], strict=True):
        factor = _INTERVAL_UNITS.get(unit.removesuffix("s") if unit != "s" else "sec")
        try:
            total += float(number) * factor  # type: ignore[operator]
        except (TypeError, ValueError):
            _misfit(text, kind)
    return total


class _Reader:
    """Builds values of given types out of parsed JSON."""

    __slots__ = ("key_func",)

    def __init__(self, key_func: Callable[[bytes], bytes]) -> None:
        self.key_func = key_func

    def read(self, found: Any, kind: t.Type) -> Any:
        """Return the value; raises _Misfit if there is none."""
        tag = kind.tag
        if tag == "any":
            return self._any(found)
        reader = getattr(self, f"_{tag}", None)
        if reader is None:
            _misfit(found, kind)
        return reader(found, kind)

    def _any(self, found: Any) -> Any:
        if isinstance(found, bool):
            return found
        if isinstance(found, str):
            return _bytes(found)
        if isinstance(found, int):
            return box(found, t.COUNT if found >= 0 else t.INT)
        if isinstance(found, float):
            return box(found, t.DOUBLE)
        raise _Misfit(f"{_JSON_NAMES[type(found)]} does not tell which type it is to be; give one")

    def _bool(self, found: Any, kind: t.Type) -> bool:
        return found if found.__class__ is bool else _misfit(found, kind)

    def _count(self, found: Any, kind: t.Type) -> int:
        if found.__class__ is not int or not 0 <= found < 1 << 64:
            _misfit(found, kind)
        return found

    def _int(self, found: Any, kind: t.Type) -> int:
        if found.__class__ is not int or not -(1 << 63) <= found < 1 << 63:
            _misfit(found, kind)
        return found

    def _double(self, found: Any, kind: t.Type) -> float:
        if found.__class__ not in (int, float):
            _misfit(found, kind)
        return float(found)

    _time = _double

    def _interval(self, found: Any, kind: t.Type) -> float:
        return _interval(found, kind) if found.__class__ is str else self._double(found, kind)

    def _string(self, found: Any, kind: t.Type) -> bytes:
        return _bytes(found) if found.__class__ is str else _misfit(found, kind)

    def _addr(self, found: Any, kind: t.Type) -> Addr:
        return self._parsed(Addr, found, kind)  # type: ignore[no-any-return]

    def _subnet(self, found: Any, kind: t.Type) -> Subnet:
        return self._parsed(Subnet, found, kind)  # type: ignore[no-any-return]

    def _pattern(self, found: Any, kind: t.Type) -> Pattern:
        if found.__class__ is str and len(found) > 1 and found.startswith("/") and found.endswith("/"):
            found = found[1:-1]
        return self._parsed(Pattern, found, kind)  # type: ignore[no-any-return]

    def _parsed(self, cls: Any, found: Any, kind: t.Type) -> Any:
        if found.__class__ is not str:
            _misfit(found, kind)
        try:
            return cls(found)
        except ValueError as error:
            raise _Misfit(str(error)) from None

    def _port(self, found: Any, kind: t.Type) -> Port:
        if found.__class__ is dict:
            number, proto = found.get("port"), found.get("proto")
        elif found.__class__ is str:
            number, slash, proto = found.partition("/")
            number = int(number) if slash and number.isdecimal() and len(number) <= 5 else -1
        else:
            _misfit(found, kind)
        if number.__class__ is not int or not 0 <= number <= 65535 or proto.__class__ is not str:
            raise _Misfit('a port is like "80/tcp" or {"port": 80, "proto": "tcp"}')
        try:
            return Port(number, proto)
        except ValueError as error:
            raise _Misfit(str(error)) from None

    def _enum(self, found: Any, kind: t.Type) -> Any:
        from bro.runtime.builtins._support import enum_value

        assert isinstance(kind, t.EnumType)
        if found.__class__ is not str:
            _misfit(found, kind)
        if found not in kind.values:
            raise _Misfit(f'"{found}" is no value of enum {kind.name}')
        return enum_value(kind.name, found)

    def _vector(self, found: Any, kind: t.Type) -> list[Any]:
        assert isinstance(kind, t.VectorType)
        if found.__class__ is not list:
            _misfit(found, kind)
        element = kind.element
        return [None if item is None else self.read(item, element) for item in found]

    def _table(self, found: Any, kind: t.Type) -> Any:
        assert isinstance(kind, t.TableType)
        if kind.yield_type is None:
            if found.__class__ is not list:
                _misfit(found, kind)
            return container(kind, [(self._index(item, kind), True) for item in found])
        if found.__class__ is not dict:
            _misfit(found, kind)
        return container(
            kind,
            [
                (self._index(self._name(name, kind), kind), self.read(item, kind.yield_type))
                for name, item in found.items()
            ],
        )

    def _name(self, name: str, kind: t.TableType) -> Any:
        """The index behind a name of an object: the name itself for what JSON writes as a string, else JSON
        in it."""
        import json

        if len(kind.index_types) == 1 and kind.index_types[0].tag in (
            "string",
            "addr",
            "subnet",
            "pattern",
            "enum",
        ):
            return name
        try:
            return json.loads(name)
        except ValueError:
            return name

    def _index(self, found: Any, kind: t.TableType) -> Any:
        if len(kind.index_types) == 1:
            return index_key(self.read(found, kind.index_types[0]))
        if found.__class__ is not list or len(found) != len(kind.index_types):
            raise _Misfit(f"an index of {kind.notation()} is an array of {len(kind.index_types)}")
        pairs = zip(found, kind.index_types, strict=True)
        return tuple([index_key(self.read(part, part_type)) for part, part_type in pairs])

    def _record(self, found: Any, kind: t.Type) -> Any:
        assert isinstance(kind, t.RecordType)
        if found.__class__ is not dict:
            _misfit(found, kind)
        values = {}
        for name, item in found.items():
            field = kind.field(self.key_func(_bytes(name)).decode("utf-8", "replace"))
            if field is not None and item is not None:
                try:
                    values[field.name] = self.read(item, field.type)
                except _Misfit as error:
                    raise _Misfit(f"{kind.name}${field.name}: {error}") from None
        for field in kind.fields:
            if field.name not in values and not field.optional and not field.has_default:
                raise _Misfit(f"{kind.name}${field.name} is required and missing")
        return record(kind.name)(**values)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


@builtin(
    "function from_json(s: string, t: any, "
    "key_func: string_mapper &default=from_json_default_key_mapper): from_json_result"
)
def from_json(s: bytes, kind: Any, key_func: Callable[[bytes], bytes] = from_json_default_key_mapper) -> Any:
    """Read JSON as a value of a type.

    What `to_json` writes can be read back, and a few more forms: ports as ``"80/tcp"``, intervals as seconds.
    Names of an object that the record does not have are passed over; fields without ``&optional`` or
    ``&default`` must be there.

    :param t: the type, such as ``vector of count``.
    :param key_func: turns a name of an object into the name of a record's field.
    :returns: `valid` and the value `v`, or `err`, which says what does not fit.
    """
    import json

    result = record("from_json_result")
    if isinstance(kind, t.TypeType):
        kind = kind.inner
    if not isinstance(kind, t.Type):
        raise ScriptError("from_json: the second argument must be a type")
    try:
        found = json.loads(s.decode("utf-8"), parse_constant=_no_constant)
        value = _Reader(key_func).read(found, kind)
    except UnicodeDecodeError:
        return result(valid=False, err=b"JSON parse error: the text is not UTF-8")
    except ValueError as error:
        return result(valid=False, err=f"JSON parse error: {error}".encode())
    except RecursionError:
        return result(valid=False, err=b"JSON parse error: the text is nested too deeply")
    except _Misfit as error:
        return result(valid=False, err=str(error).encode("utf-8", "surrogatepass"))
    return result(valid=True, v=box(value, kind))
