"""Strings: joining, cutting, searching, padding and changing case.

A Bro string is `bytes`.  Letters, digits and white space are those of ASCII everywhere, whatever the locale,
so a script gives the same result on every machine.  Functions that take a pattern are in `patterns`, escaping
for print is in `escaping`, similarity measures are in `similarity`.
"""

from __future__ import annotations

from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: The longest string a padding function makes, so that a width taken from traffic cannot exhaust memory.
MAX_FILLED_LENGTH = 256 * 1024 * 1024


@builtin("function string_cat(...): string")
def string_cat(*parts: bytes) -> bytes:
    """Return the strings one after the other; every argument must be a string."""
    try:
        return b"".join(parts)
    except TypeError:
        raise ScriptError("string_cat: every argument must be a string; use cat() for other types") from None


@builtin("function join_string_vec(vec: string_vec, sep: string): string")
def join_string_vec(vec: list[bytes | None], sep: bytes) -> bytes:
    """Return the elements of `vec` with `sep` between them; an unset element counts as an empty string."""
    if None in vec:
        return sep.join([element or b"" for element in vec])
    return sep.join(vec)  # type: ignore[arg-type]


@builtin("function join_string_set(ss: string_set, sep: string): string")
def join_string_set(ss: Iterable[bytes], sep: bytes) -> bytes:
    """Return the elements of `ss`, in the set's own order, with `sep` between them."""
    return sep.join(ss)


@builtin("function sub_bytes(s: string, start: count, n: int): string")
def sub_bytes(s: bytes, start: int, n: int) -> bytes:
    """Return up to `n` bytes of `s` beginning at position `start`, where the first byte is 1 (0 means the
    same).

    A negative `n` takes everything up to the end; a start past the end gives the empty string.
    """
    if start:
        start -= 1
    return s[start:] if n < 0 else s[start : start + n]


@builtin("function str_split_indices(s: string, idx: index_vec): string_vec")
def str_split_indices(s: bytes, idx: list[int]) -> list[bytes]:
    """Cut `s` before each of the positions in `idx` (0 is the first byte) and return the pieces.

    Positions that do not lie inside what is left of the string are passed over, so the pieces always make up
    `s`.
    """
    pieces = []
    last = 0
    for position in idx:
        if last < position < len(s):
            pieces.append(s[last:position])
            last = position
    pieces.append(s[last:])
    return pieces


@builtin("function subst_string(s: string, from: string, to: string): string")
def subst_string(s: bytes, from_: bytes, to: bytes) -> bytes:
    """Replace each occurrence of `from`, left to right and without overlap, by `to`; an empty `from` changes
    nothing."""
    return s.replace(from_, to) if from_ else s


@builtin("function edit(arg_s: string, arg_edit_char: string): string")
def edit(arg_s: bytes, arg_edit_char: bytes) -> bytes:
    """Apply a backspace character: each `arg_edit_char` goes away and takes the byte before it along.

    Raises an error unless `arg_edit_char` is exactly one byte.
    """
    if len(arg_edit_char) != 1:
        raise ScriptError(f"edit: the edit character must be one byte, not {len(arg_edit_char)}")
    erase = arg_edit_char[0]
    out = bytearray()
    for byte in arg_s:
        if byte != erase:
            out.append(byte)
        elif out:
            out.pop()
    return bytes(out)


@builtin("function strcmp(s1: string, s2: string): int")
def strcmp(s1: bytes, s2: bytes) -> int:
    """Compare byte by byte: -1 if `s1` sorts before `s2`, 1 if after, 0 if they are the same."""
    return (s1 > s2) - (s1 < s2)


@builtin("function strstr(big: string, little: string): count")
def strstr(big: bytes, little: bytes) -> int:
    """Return where `little` first occurs in `big`, counting from 1; 0 if it does not."""
    return big.find(little) + 1


@builtin(
    "function find_str(str: string, sub: string, start: count &default=0, end: int &default=-1, "
    "case_sensitive: bool &default=T): int"
)
def find_str(text: bytes, sub: bytes, start: int = 0, end: int = -1, case_sensitive: bool = True) -> int:
    """Return the first position (from 0) of `sub` within `str[start:end]`, or -1.

    A negative `end` stands for the end of the string.  An `end` before `start` is an error.
    """
    if end < 0:
        end = len(text)
    elif end < start:
        raise ScriptError(f"find_str: the end position {end} lies before the start position {start}")
    if not case_sensitive:
        text, sub = text.lower(), sub.lower()
    return text.find(sub, start, end)


@builtin(
    "function rfind_str(str: string, sub: string, start: count &default=0, end: int &default=-1, "
    "case_sensitive: bool &default=T): int"
)
def rfind_str(text: bytes, sub: bytes, start: int = 0, end: int = -1, case_sensitive: bool = True) -> int:
    """Like `find_str`, but return the last position."""
    if end < 0:
        end = len(text)
    elif end < start:
        raise ScriptError(f"rfind_str: the end position {end} lies before the start position {start}")
    if not case_sensitive:
        text, sub = text.lower(), sub.lower()
    return text.rfind(sub, start, end)


@builtin("function count_substr(str: string, sub: string): count")
def count_substr(text: bytes, sub: bytes) -> int:
    """Count how often `sub` occurs without overlap; an empty `sub` occurs nowhere."""
    return text.count(sub) if sub else 0


@builtin("function starts_with(str: string, sub: string): bool")
def starts_with(text: bytes, sub: bytes) -> bool:
    """Tell whether the string begins with `sub`."""
    return text.startswith(sub)


@builtin("function ends_with(str: string, sub: string): bool")
def ends_with(text: bytes, sub: bytes) -> bool:
    """Tell whether the string ends with `sub`."""
    return text.endswith(sub)


@builtin("function remove_prefix(str: string, sub: string): string")
def remove_prefix(text: bytes, sub: bytes) -> bytes:
    """Take `sub` away from the beginning, as often as it is repeated there."""
    if sub:
        start = 0
        while text.startswith(sub, start):
            start += len(sub)
        return text[start:]
    return text


@builtin("function remove_suffix(str: string, sub: string): string")
def remove_suffix(text: bytes, sub: bytes) -> bytes:
    """Take `sub` away from the end, as often as it is repeated there."""
    if sub:
        end = len(text)
        while text.endswith(sub, 0, end):
            end -= len(sub)
        return text[:end]
    return text


@builtin("function to_lower(str: string): string")
def to_lower(text: bytes) -> bytes:
    """Turn the letters A-Z into a-z; every other byte stays."""
    return text.lower()


@builtin("function to_upper(str: string): string")
def to_upper(text: bytes) -> bytes:
    """Turn the letters a-z into A-Z; every other byte stays."""
    return text.upper()


@builtin("function swap_case(str: string): string")
def swap_case(text: bytes) -> bytes:
    """Turn upper case letters into lower case ones and the other way round."""
    return text.swapcase()


@builtin("function to_title(str: string): string")
def to_title(text: bytes) -> bytes:
    """Turn the first byte of every run of bytes that are not white space into upper case; the others stay."""
    out = bytearray(text)
    in_word = False
    for position, byte in enumerate(out):
        space = byte == 0x20 or 0x09 <= byte <= 0x0D
        if not space and not in_word and 0x61 <= byte <= 0x7A:
            out[position] = byte - 0x20
        in_word = not space
    return bytes(out)


@builtin("function reverse(str: string): string")
def reverse(text: bytes) -> bytes:
    """Return the bytes in the opposite order."""
    return text[::-1]


@builtin("function strip(str: string): string")
def strip(text: bytes) -> bytes:
    """Remove white space (space, tab, line feed, return, vertical tab, form feed) at both ends."""
    return text.strip()


@builtin(r'function lstrip(str: string, chars: string &default=" \t\n\r\v\f"): string')
def lstrip(text: bytes, chars: bytes = b" \t\n\r\v\f") -> bytes:
    """Remove bytes at the beginning for as long as they are among `chars`."""
    return text.lstrip(chars)


@builtin(r'function rstrip(str: string, chars: string &default=" \t\n\r\v\f"): string')
def rstrip(text: bytes, chars: bytes = b" \t\n\r\v\f") -> bytes:
    """Remove bytes at the end for as long as they are among `chars`."""
    return text.rstrip(chars)


def _check_padding(name: str, width: int, fill: bytes) -> None:
    if len(fill) != 1:
        raise ScriptError(f"{name}: the fill string must be one byte, not {len(fill)}")
    if width > MAX_FILLED_LENGTH:
        raise ScriptError(f"{name}: a width of {width} is more than the limit of {MAX_FILLED_LENGTH} bytes")


@builtin('function ljust(str: string, width: count, fill: string &default=" "): string')
def ljust(text: bytes, width: int, fill: bytes = b" ") -> bytes:
    """Pad on the right with `fill`, which must be one byte, up to `width`; a longer string stays as it is."""
    _check_padding("ljust", width, fill)
    return text.ljust(width, fill)


@builtin('function rjust(str: string, width: count, fill: string &default=" "): string')
def rjust(text: bytes, width: int, fill: bytes = b" ") -> bytes:
    """Pad on the left with `fill`, which must be one byte, up to `width`; a longer string stays as it is."""
    _check_padding("rjust", width, fill)
    return text.rjust(width, fill)


@builtin("function zfill(str: string, width: count): string")
def zfill(text: bytes, width: int) -> bytes:
    """Pad on the left with zeros up to `width`; a sign gets no special treatment."""
    _check_padding("zfill", width, b"0")
    return text.rjust(width, b"0")


@builtin("function string_fill(len: int, source: string): string")
def string_fill(length: int, source: bytes) -> bytes:
    """Return a string of exactly `len` bytes made by repeating `source`.

    Raises an error if `len` is negative or beyond `MAX_FILLED_LENGTH`, or if there is nothing to repeat.
    """
    if length < 0 or length > MAX_FILLED_LENGTH:
        raise ScriptError(f"string_fill: the length {length} is not between 0 and {MAX_FILLED_LENGTH}")
    if not length:
        return b""
    if not source:
        raise ScriptError("string_fill: an empty string cannot fill anything")
    return (source * (length // len(source) + 1))[:length]


@builtin("function is_ascii(str: string): bool")
def is_ascii(text: bytes) -> bool:
    """Tell whether every byte is below 128."""
    return text.isascii()


@builtin("function is_num(str: string): bool")
def is_num(text: bytes) -> bool:
    """Tell whether the string is one or more decimal digits."""
    return text.isdigit()


@builtin("function is_alpha(str: string): bool")
def is_alpha(text: bytes) -> bool:
    """Tell whether the string is one or more letters."""
    return text.isalpha()


@builtin("function is_alnum(str: string): bool")
def is_alnum(text: bytes) -> bool:
    """Tell whether the string is one or more letters and digits."""
    return text.isalnum()
