"""`fmt`: printf for the script language.

A format is taken apart once and kept, so that a call only converts and joins.
"""

from __future__ import annotations

from bro.runtime.builtins.registry import builtin
from bro.runtime.describe import describe_any
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Port
from bro.runtime.values import Boxed, EnumValue, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    #: A format taken apart: literals and conversions take turns, a literal first and last; and whether there
    #: is nothing but %s without width.
    Plan = tuple[list[bytes], list["Conversion"], bool]

#: Widths and precisions stay below this.
FIELD_LIMIT = 128
#: How many formats are kept; formats are constants of scripts, so more means that they are made from data.
CACHE_LIMIT = 4096


class Conversion:
    """One conversion specification."""

    # No named tuple: the compiler is imported whenever a script has changed, and that takes long to import.

    __slots__ = ("kind", "left", "precision", "width", "zeros")

    def __init__(self, kind: str, left: bool, zeros: bool, width: int, precision: int) -> None:
        self.kind = kind  #: the letter
        self.left = left  #: pad on the right
        self.zeros = zeros  #: pad numbers with zeros
        self.width = width
        self.precision = precision  #: -1: none given


_plans: dict[bytes, Plan] = {}


def plan(text: bytes) -> Plan:
    """A format taken apart, once.  Raises ScriptError at a specification that does not exist."""
    found = _plans.get(text)
    if found is None:
        if len(_plans) >= CACHE_LIMIT:
            _plans.clear()
        found = _plans[text] = parse_format(text)
    return found


def parse_format(text: bytes) -> Plan:
    """Take a format apart.  Raises ScriptError at a specification that does not exist."""
    literals: list[bytes] = []
    conversions: list[Conversion] = []
    literal = bytearray()
    position, length = 0, len(text)
    while True:
        percent = text.find(b"%", position)
        if percent < 0:
            literal += text[position:]
            break
        literal += text[position:percent]
        position = percent + 1
        if text[position : position + 1] == b"%":
            literal += b"%"
            position += 1
            continue
        left = zeros = False
        while position < length and text[position] in b"-0":
            if text[position] == 0x2D:
                left = True
            else:
                zeros = True
            position += 1
        width, position = _number(text, position)
        precision = -1
        if text[position : position + 1] == b".":
            precision, position = _number(text, position + 1)
        kind = text[position : position + 1].decode("latin-1")
        if not kind or kind not in "sdxefgDT":
            what = f"'{kind}'" if kind else "the end of the string"
            raise ScriptError(
                f"fmt: {what} after % is no conversion; there are %s %d %x %e %f %g %D %T and %%"
            )
        position += 1
        literals.append(bytes(literal))
        literal.clear()
        conversions.append(Conversion(kind, left, zeros and not left, width, precision))
    literals.append(bytes(literal))
    plain = all(c.kind == "s" and not c.width and c.precision < 0 for c in conversions)
    return literals, conversions, plain


def _number(text: bytes, position: int) -> tuple[int, int]:
    """Read the digits of a width or precision; none mean 0."""
    end = position
    while end < len(text) and 0x30 <= text[end] <= 0x39:
        end += 1
    if end - position > 3 or (end > position and int(text[position:end]) >= FIELD_LIMIT):
        raise ScriptError(f"fmt: a width or precision must be below {FIELD_LIMIT}")
    return (int(text[position:end]) if end > position else 0), end


def _mismatch(conversion: Conversion, value: Any, wanted: str) -> ScriptError:
    return ScriptError(
        f"fmt: %{conversion.kind} takes {wanted}, not a value of type {type_of(value).notation()}"
    )


def _integer(conversion: Conversion, value: Any) -> int:
    """The number that %d and %x show."""
    kind = value.__class__
    inner = value.value if kind is Boxed else value
    if inner.__class__ is int or kind is bool:
        return int(inner)
    if kind is EnumValue:
        return value.value  # type: ignore[no-any-return]
    if kind is Port:
        return value.number  # type: ignore[no-any-return]
    if kind is Addr:
        return int.from_bytes(value.packed, "big")
    raise _mismatch(conversion, value, "a count, int, bool, enum, port or addr")


def _timestamp(conversion: Conversion, value: Any) -> bytes:
    import time

    if value.__class__ is not Boxed or value.type.tag != "time":
        raise _mismatch(conversion, value, "a time")
    seconds: float = value.value
    try:
        text = time.strftime("%Y-%m-%d-%H:%M:%S", time.localtime(seconds // 1))
    except (ValueError, OverflowError, OSError):
        raise ScriptError(f"fmt: the time {seconds!r} is outside the range of dates") from None
    if conversion.kind == "T":
        text += f"{seconds % 1:.6f}"[1:]
    return text.encode()


def _convert(conversion: Conversion, value: Any) -> bytes:
    """Apply one conversion to one argument."""
    kind, left, zeros = conversion.kind, conversion.left, conversion.zeros
    width, precision = conversion.width, conversion.precision
    if kind == "s":
        out = value if value.__class__ is bytes else describe_any(value)
        if precision >= 0:
            out = out[:precision]
        zeros = False
    elif kind == "d":
        out = b"%d" % _integer(conversion, value)
    elif kind == "x":
        number = _integer(conversion, value)
        out = b"%x" % (number & 0xFFFFFFFFFFFFFFFF if number < 0 else number)
    elif kind in "efg":
        number_ = value.value if value.__class__ is Boxed else value
        if number_.__class__ is not float and number_.__class__ is not int:
            raise _mismatch(conversion, value, "a double, time, interval, count or int")
        out = (f"%.{precision}{kind}" if precision >= 0 else f"%{kind}").encode() % number_
    else:
        out = _timestamp(conversion, value)
        zeros = False
    if len(out) >= width:
        return out
    if left:
        return out.ljust(width)
    if zeros:
        return out.zfill(width)
    return out.rjust(width)


@builtin("function fmt(...): string")
def fmt(*values: Any) -> bytes:
    """Put values into a text: the first argument says where and how, by conversions that begin with ``%``.

    A conversion is ``%``, then optionally ``-`` (align left) or ``0`` (pad numbers with zeros), a width, a
    dot and a precision (both below 128), then a letter.  ``%%`` is a percent sign.

    ========== =======================================================================================
    ``%s``     any value, as `print` shows it but without escaping; a precision cuts it
    ``%d``     whole numbers, also of a bool, enum, port or addr
    ``%x``     the same in hexadecimal, without sign
    ``%e %f %g`` doubles, times (seconds since 1970) and intervals (seconds), with a precision; also whole
    numbers ``%D``     a time in the local time zone, as YYYY-MM-DD-HH:MM:SS
    ``%T``     the same with microseconds
    ========== =======================================================================================

    Without arguments the result is empty.  Raises an error if the first argument is no string, if there are
    more or fewer values than conversions, if a value does not suit its conversion, or if there is no such
    conversion.
    """
    if not values:
        return b""
    text = values[0]
    if text.__class__ is not bytes:
        raise ScriptError(f"fmt: the first argument must be a string, not {type_of(text).notation()}")
    literals, conversions, plain = _plans.get(text) or plan(text)
    count = len(conversions)
    if len(values) - 1 != count:
        raise ScriptError(
            f"fmt: the format {text.decode('utf-8', 'replace')!r} takes {count} "
            f"{'value' if count == 1 else 'values'} and got {len(values) - 1}"
        )
    out = [literals[0]]
    if plain:
        for index in range(count):
            value = values[index + 1]
            out.append(value if value.__class__ is bytes else describe_any(value))
            out.append(literals[index + 1])
    else:
        for index in range(count):
            out.append(_convert(conversions[index], values[index + 1]))
            out.append(literals[index + 1])
    return b"".join(out)
