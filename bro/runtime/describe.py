"""Values as text, by their static type: what `print`, `cat` and `fmt("%s")` show.

The formatter of a type is put together once and kept.  There are two of each: `formatter` gives strings as
they are (`cat`, `fmt`), `print_formatter` shows bytes of strings that are not printable as ``\\xNN``
(`print`).
"""

from __future__ import annotations

from math import isfinite

from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    #: A formatter inside a container: it gets the value and its level.  The level counts the tabs that lines
    #: begin with (tables indent) and, times `_NESTED`, how many containers there are around.
    _Nested = Callable[[Any, int], bytes]

_NESTED = 1 << 10
#: Level from which on containers are not shown any more.
_DEEPEST = 64 * _NESTED

UNSET = b"<uninitialized>"

#: What every byte becomes when printed.
_ESCAPES = [bytes([b]) if 32 <= b < 127 else b"\\x%02x" % b for b in range(256)]
_PRINTABLE = bytes(range(32, 127))


def escape(text: bytes) -> bytes:
    """`text` with every byte outside of printable ASCII as ``\\xNN``."""
    if not text.translate(None, _PRINTABLE):
        return text
    return b"".join([_ESCAPES[b] for b in text])


def format_double(value: float) -> bytes:
    """A double: at most six decimals, at least one; very large and very small ones with an exponent."""
    if not isfinite(value):
        return b"nan" if value != value else b"inf" if value > 0 else b"-inf"
    size = abs(value)
    if size >= 1e17 or 0.0 < size < 5e-7:
        return b"%.6g" % value
    text = b"%.6f" % value
    text = text.rstrip(b"0")
    if text.endswith(b"."):
        text += b"0"
    return b"0.0" if text == b"-0.0" else text


def format_time(value: float) -> bytes:
    """A time: seconds since 1970 with up to six decimals."""
    return format_double(value)


_UNITS = ((86400.0, b"day"), (3600.0, b"hr"), (60.0, b"min"), (1.0, b"sec"), (0.001, b"msec"))

#: Seconds of an interval that come from rounding.
_ROUNDING = 5e-7


def format_interval(value: float) -> bytes:
    """An interval, in the units it is made of: ``1.0 min 2.0 secs``."""
    if value == 0.0:
        return b"0 secs"
    if not isfinite(value):
        return format_double(value) + b" secs"
    parts = []
    rest = value
    for unit, word in _UNITS:
        # A number of units that is whole but for rounding is that many.
        near = min(unit * 1e-6, _ROUNDING)
        number = int((rest + (near if rest > 0 else -near)) / unit)
        if number:
            rest -= number * unit
            if abs(rest) < _ROUNDING:
                rest = 0.0
            parts.append(_unit(float(number), word))
            if rest == 0.0:
                break
    if rest != 0.0 and abs(rest) >= 5e-10:
        parts.append(_unit(rest / 1e-6, b"usec"))
    return b" ".join(parts) if parts else b"0 secs"


def _unit(number: float, word: bytes) -> bytes:
    return (
        format_double(number)
        + b" "
        + word
        + (b"" if abs(number - 1.0) < 1e-6 or abs(number + 1.0) < 1e-6 else b"s")
    )


def _int(value: int, _: int) -> bytes:
    return b"%d" % value


def _bool(value: bool, _: int) -> bytes:
    if value is True or value is False:
        return b"T" if value else b"F"
    return describe_any(value)  # an element of a `set[bool]` that stands for any set


def _string(value: bytes, _: int) -> bytes:
    return value


def _escaped(value: bytes, _: int) -> bytes:
    return escape(value)


def _str(value: Any, _: int) -> bytes:
    return str(value).encode()


def _pattern(value: Any, _: int) -> bytes:
    return b"/" + value.printed + b"/"  # type: ignore[no-any-return]


def _function(value: Any, _: int) -> bytes:
    from bro.runtime.callables import name_of

    return name_of(value).encode()


def _opaque(value: Any, _: int) -> bytes:
    from bro.runtime.values import type_of

    show = getattr(value, "__bro_describe__", None)
    if show is not None:
        return show()  # type: ignore[no-any-return]
    return b"<" + type_of(value).notation().encode() + b">"


def _type(value: Any, _: int) -> bytes:
    return value.notation().encode()  # type: ignore[no-any-return]


_SIMPLE: dict[str, _Nested] = {
    "bool": _bool,
    "count": _int,
    "int": _int,
    "double": lambda value, _: format_double(value),
    "time": lambda value, _: format_time(value),
    "interval": lambda value, _: format_interval(value),
    "string": _string,
    "pattern": _pattern,
    "addr": _str,
    "subnet": _str,
    "port": _str,
    "enum": lambda value, _: value.name.encode(),
    "func": _function,
    "file": _opaque,
    "opaque": _opaque,
    "type": _type,
    "void": lambda value, _: b"<void>",
}


def _any(escaped: bool) -> _Nested:
    from bro.runtime.values import Boxed, type_of

    def show(value: Any, level: int) -> bytes:
        if value is None:
            return UNSET
        if value.__class__ is bytes:
            return escape(value) if escaped else value
        if value.__class__ is Boxed:
            inner = _nested(value.type, escaped)
            if value.type.tag in ("table", "vector"):
                return _bounded(lambda _, level: inner(value.value, level))(value.value, level)
            return inner(value.value, level)
        found = type_of(value)
        return _str(value, level) if found.tag == "any" else _nested(found, escaped)(value, level)

    return show


def _record(type_: t.RecordType, escaped: bool) -> _Nested:
    # The fields are looked up when a value is shown first: they may refer to the record itself.
    plan: list[tuple[str, bytes, _Nested]] = []

    def show(value: Any, level: int) -> bytes:
        if not plan:
            plan.extend((f.name, f.name.encode() + b"=", _nested(f.type, escaped)) for f in type_.fields)
        level += _NESTED
        parts = []
        for name, prefix, format_field in plan:
            item = getattr(value, name)
            parts.append(prefix + (UNSET if item is None else format_field(item, level)))
        return b"[" + b", ".join(parts) + b"]"

    return _bounded(show) if _holds_itself(type_) else show


#: What is being shown, by identity, of values that can contain themselves; and how many more of those are
#: shown.
_active: set[int] = set()
_left = 0
#: The most such values in one text: each may be contained in many others.
_MOST: Final = 100_000


def _bounded(show: _Nested) -> _Nested:
    """A formatter of values that may contain themselves: then, and where there are too many, they are left
    out.
    """

    def bounded(value: Any, level: int) -> bytes:
        global _left
        if not _active:
            _left = _MOST
        key = id(value)
        if key in _active or level >= _DEEPEST or _left <= 0:
            return b"[...]"
        _left -= 1
        _active.add(key)
        try:
            return show(value, level)
        finally:
            _active.discard(key)

    return bounded


def _holds_itself(record: t.RecordType) -> bool:
    """Whether a record can contain another one of its type."""
    seen: set[str] = set()
    todo: list[t.Type] = [f.type for f in record.fields]
    while todo:
        type_ = todo.pop()
        if isinstance(type_, t.RecordType):
            if type_.name == record.name:
                return True
            if type_.name not in seen:
                seen.add(type_.name)
                todo.extend(f.type for f in type_.fields)
        elif isinstance(type_, t.VectorType):
            todo.append(type_.element)
        elif isinstance(type_, t.TableType):
            todo.extend(type_.index_types)
            if type_.yield_type is not None:
                todo.append(type_.yield_type)
    return False


def _vector(type_: t.VectorType, escaped: bool) -> _Nested:
    element = _nested(type_.element, escaped)

    def show(value: Any, level: int) -> bytes:
        if level >= _DEEPEST:
            return b"[...]"
        level += _NESTED
        return b"[" + b", ".join([UNSET if v is None else element(v, level) for v in value]) + b"]"

    return show


def _table(type_: t.TableType, escaped: bool) -> _Nested:
    index = [_nested(i, escaped) for i in type_.index_types]
    single = index[0]
    wide = len(index) > 1
    yield_ = None if type_.yield_type is None else _nested(type_.yield_type, escaped)

    def show(value: Any, level: int) -> bytes:
        if level >= _DEEPEST:
            return b"{...}"
        outer = b"\t" * (level % _NESTED)
        if not value:
            return b"{\n\n" + outer + b"}"
        inner = level + _NESTED + 1
        lines = []
        for key, item in value.items():
            if wide:
                line = b"[" + b", ".join([f(k, inner) for f, k in zip(index, key, strict=True)]) + b"]"
            else:
                line = single(key, inner)
                if yield_ is not None:
                    line = b"[" + line + b"]"
            if yield_ is not None:
                line += b" = " + (UNSET if item is None else yield_(item, inner))
            lines.append(line)
        tabs = b"\t" + outer
        return b"{\n" + tabs + (b",\n" + tabs).join(lines) + b"\n" + outer + b"}"

    return show


def _unspecified(any_: _Nested, table: _Nested) -> _Nested:
    """A formatter of what may be any table: one that comes with its type, or one without, as `table()`."""

    def show(value: Any, level: int) -> bytes:
        return table(value, level) if isinstance(value, dict) else any_(value, level)

    return show


_cache: dict[tuple[t.Type, bool], _Nested] = {}


def _nested(type_: t.Type, escaped: bool) -> _Nested:
    key = (type_, escaped)
    found = _cache.get(key)
    if found is None:
        found = _cache[key] = _build(type_, escaped)
    return found


def _build(type_: t.Type, escaped: bool) -> _Nested:
    if isinstance(type_, t.RecordType):
        return _record(type_, escaped)
    if isinstance(type_, t.TableType):
        if type_.unspecified and type_.yield_type is t.UNKNOWN:
            return _unspecified(_any(escaped), _table(type_, escaped))
        return _table(type_, escaped)
    if isinstance(type_, t.VectorType):
        return _vector(type_, escaped)
    if isinstance(type_, t.ListType):
        parts = [_nested(part, escaped) for part in type_.types]
        return lambda value, level: (
            b"[" + b", ".join([f(v, level) for f, v in zip(parts, value, strict=True)]) + b"]"
        )
    if escaped and type_ is t.STRING:
        return _escaped
    if escaped and type_ is t.PATTERN:
        return lambda value, level: escape(_pattern(value, level))
    if type_.tag in ("any", "unspecified", "error"):
        return _any(escaped)
    if isinstance(type_, t.EnumType) and type_.name == t.ALL_TAGS:
        return lambda value, _: t.tag_among_all(value.name).encode()
    return _SIMPLE[type_.tag]


def reset() -> None:
    """Forget all formatters: another program may have other records of the same name."""
    _cache.clear()
    _formatters.clear()


_formatters: dict[tuple[t.Type, bool], Callable[[Any], bytes]] = {}


def _outer(type_: t.Type, escaped: bool) -> Callable[[Any], bytes]:
    key = (type_, escaped)
    found = _formatters.get(key)
    if found is None:
        inner = _nested(type_, escaped)
        if inner is _str:

            def show(value: Any) -> bytes:
                return UNSET if value is None else str(value).encode()

        else:

            def show(value: Any) -> bytes:
                return UNSET if value is None else inner(value, 0)

        found = _formatters[key] = show
    return found


def formatter(type_: t.Type) -> Callable[[Any], bytes]:
    """What makes text of values of this type, strings as they are."""
    return _outer(type_, False)


def print_formatter(type_: t.Type) -> Callable[[Any], bytes]:
    """What makes text of values of this type for `print`: bytes that are not printable as ``\\xNN``."""
    return _outer(type_, True)


def describe(value: Any, type_: t.Type) -> bytes:
    """A value of static type `type_` as text."""
    return _outer(type_, False)(value)


def describe_any(value: Any) -> bytes:
    """A value of type `any` as text."""
    if value.__class__ is bytes:
        return value
    return _outer(t.ANY, False)(value)
