"""Values out of text, as logs and tables of input have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bro.runtime.netvalues import Addr, Pattern, Port, Subnet
from bro.script import types as t

Parser = Callable[[bytes], Any]

_ESCAPED = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(\\))")
_COUNT = re.compile(rb"\d{1,20}\Z")
_INT = re.compile(rb"[+-]?\d{1,19}\Z")
_DOUBLE = re.compile(rb"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|nan)\Z")
_PORT = re.compile(rb"(\d{1,5})(?:/([A-Za-z]+))?\Z")
_PROTOCOLS = {"tcp", "udp", "icmp", "unknown"}
_TRUE, _FALSE = (
    frozenset([b"T", b"t", b"1", b"true", b"True"]),
    frozenset([b"F", b"f", b"0", b"false", b"False"]),
)


class Format:
    """How text stands for values."""

    __slots__ = ("empty", "separator", "set_separator", "unescape", "unset")

    def __init__(
        self,
        separator: bytes = b"\t",
        set_separator: bytes = b",",
        empty: bytes = b"(empty)",
        unset: bytes = b"-",
        unescape: bool = True,
    ) -> None:
        self.separator = separator  #: between columns
        self.set_separator = set_separator  #: between the elements of sets and vectors
        self.empty = empty  #: stands for an empty string, set or vector
        self.unset = unset  #: stands for no value
        self.unescape = unescape  #: ``\xNN`` in strings stands for a byte


def unescaped(text: bytes) -> bytes:
    """Text with ``\\xNN`` and ``\\\\`` replaced by what they stand for."""
    if b"\\" not in text:
        return text
    return _ESCAPED.sub(lambda m: bytes([int(m.group(1), 16)]) if m.group(1) else b"\\", text)


def _shown(text: bytes) -> str:
    return repr(text[:80].decode("latin-1"))


def _bool(text: bytes) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"{_shown(text)} is neither T nor F")


def _count(text: bytes) -> int:
    if _COUNT.match(text):
        number = int(text)
        if number < 1 << 64:
            return number
    raise ValueError(f"{_shown(text)} is no count")


def _int(text: bytes) -> int:
    if _INT.match(text):
        number = int(text)
        if -(1 << 63) <= number < 1 << 63:
            return number
    raise ValueError(f"{_shown(text)} is no int")


def _double(text: bytes) -> float:
    if _DOUBLE.match(text):
        return float(text)
    raise ValueError(f"{_shown(text)} is no number")


def _addr(text: bytes) -> Any:
    if text.startswith(b"[") and text.endswith(b"]"):
        text = text[1:-1]
    try:
        return Addr(text.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        raise ValueError(f"{_shown(text)} is no address") from None


def _subnet(text: bytes) -> Any:
    try:
        return Subnet(text.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        raise ValueError(f"{_shown(text)} is no subnet") from None


def port(text: bytes, protocol: bytes = b"") -> Any:
    """A port: "80/tcp", or a number with the protocol given apart."""
    match = _PORT.match(text)
    if match is None or int(match.group(1)) > 65535:
        raise ValueError(f"{_shown(text)} is no port")
    name = (match.group(2) or protocol or b"unknown").decode("latin-1").lower()
    if name not in _PROTOCOLS:
        raise ValueError(f"{name!r} is no protocol of ports; there are tcp, udp, icmp and unknown")
    return Port(int(match.group(1)), name)


def _pattern(text: bytes) -> Any:
    if len(text) < 2 or not text.startswith(b"/") or not text.endswith(b"/"):
        raise ValueError(f"{_shown(text)} is no pattern: it is to stand between slashes")
    return Pattern(text[1:-1])


def _enum(kind: t.EnumType) -> Parser:
    from bro.runtime.builtins._support import enum_value

    def parse(text: bytes) -> Any:
        name = text.decode("latin-1")
        if name not in kind.values:
            raise ValueError(f"{_shown(text)} is no value of {kind.name}")
        return enum_value(kind.name, name)

    return parse


_SIMPLE: dict[str, Parser] = {
    "bool": _bool,
    "count": _count,
    "int": _int,
    "double": _double,
    "time": _double,
    "interval": _double,
    "addr": _addr,
    "subnet": _subnet,
    "port": port,
    "pattern": _pattern,
}


def supported(kind: t.Type, inside: bool = False) -> bool:
    """Whether values of a type can be read."""
    if kind.tag in _SIMPLE or kind.tag in ("string", "enum"):
        return True
    if inside:
        return False
    if isinstance(kind, t.TableType):
        return kind.is_set and len(kind.index_types) == 1 and supported(kind.index_types[0], True)
    return isinstance(kind, t.VectorType) and supported(kind.element, True)


def parser(kind: t.Type, form: Format) -> Parser:
    """What reads text as a value of a type; it raises ValueError for text that is none.

    Text that stands for no value gives None.
    """
    inner = _value_parser(kind, form)
    unset = form.unset

    def parse(text: bytes) -> Any:
        return None if text == unset else inner(text)

    return parse


def _value_parser(kind: t.Type, form: Format) -> Parser:
    simple = _SIMPLE.get(kind.tag)
    if simple is not None:
        return simple
    if isinstance(kind, t.EnumType):
        return _enum(kind)
    if kind.tag == "string":
        empty = form.empty
        read = unescaped if form.unescape else bytes
        return lambda text: b"" if text == empty else read(text)
    if isinstance(kind, t.TableType) and kind.is_set and len(kind.index_types) == 1:
        return _elements(kind.index_types[0], form, kind)
    if isinstance(kind, t.VectorType):
        return _elements(kind.element, form, None)
    raise ValueError(f"values of type {kind.notation()} cannot be read")


def _elements(element: t.Type, form: Format, kind: t.TableType | None) -> Parser:
    """Sets (of type `kind`) and vectors."""
    from bro.runtime.builtins._support import container

    read = _value_parser(element, form)
    separator, empty, unset = form.set_separator, form.empty, form.unset

    def parse(text: bytes) -> Any:
        if text == empty or (not text and element.tag != "string"):
            return [] if kind is None else container(kind, [])
        parts = text.split(separator) if separator else [text]
        if kind is None:
            return [None if part == unset else read(part) for part in parts]
        return container(kind, [(read(part), True) for part in parts if part != unset])

    return parse
