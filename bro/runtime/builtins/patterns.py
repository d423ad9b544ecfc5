"""Patterns: finding, splitting and replacing with regular expressions, and making patterns out of strings.

All matching is the engine's (`bro._engine.Pattern`): leftmost-longest and in linear time.  A match of zero
bytes never splits or replaces anything; the search goes on at the next byte.
"""

from __future__ import annotations

from bro.runtime.builtins._support import global_value, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.tables import Set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bro.runtime.netvalues import Pattern

#: What `max_find_all_string_length` is without scripts: the longest string the find_all functions look at.
DEFAULT_MAX_FIND_ALL = 10000

_SPECIAL = frozenset(rb'^$-:"\/|*+?.(){}[]')


@builtin("function split_string(str: string, re: pattern): string_vec")
def split_string(text: bytes, re: Pattern) -> list[bytes]:
    """Cut the string at every match and return what lies between; without a match that is the string
    itself."""
    pieces = []
    last = 0
    for first, end in re.find_all(text):
        pieces.append(text[last:first])
        last = end
    pieces.append(text[last:])
    return pieces


@builtin("function split_string1(str: string, re: pattern): string_vec")
def split_string1(text: bytes, re: Pattern) -> list[bytes]:
    """Cut the string at the first match only, into one or two pieces."""
    span = re.find_nonempty(text)
    return [text] if span is None else [text[: span[0]], text[span[1] :]]


@builtin("function split_string_all(str: string, re: pattern): string_vec")
def split_string_all(text: bytes, re: Pattern) -> list[bytes]:
    """Like `split_string`, and keep the matches: they are the elements at odd positions."""
    return split_string_n(text, re, True, 0)


@builtin("function split_string_n(str: string, re: pattern, incl_sep: bool, max_num_sep: count): string_vec")
def split_string_n(text: bytes, re: Pattern, incl_sep: bool, max_num_sep: int) -> list[bytes]:
    """Cut the string at the first `max_num_sep` matches (0: at all), keeping the matches if `incl_sep` is
    set."""
    pieces = []
    last = 0
    for first, end in _some(text, re, max_num_sep) if max_num_sep else re.find_all(text):
        pieces.append(text[last:first])
        if incl_sep:
            pieces.append(text[first:end])
        last = end
    pieces.append(text[last:])
    return pieces


def _some(text: bytes, re: Pattern, number: int) -> Iterator[tuple[int, int]]:
    """Yield the first matches, left to right, without overlap."""
    start = 0
    while number and (span := re.find_nonempty(text, start)) is not None:
        yield span
        start = span[1]
        number -= 1


@builtin("function sub(str: string, re: pattern, repl: string): string")
def sub(text: bytes, re: Pattern, repl: bytes) -> bytes:
    """Replace the first match; `repl` is taken as it is."""
    span = re.find_nonempty(text)
    return text if span is None else text[: span[0]] + repl + text[span[1] :]


@builtin("function gsub(str: string, re: pattern, repl: string): string")
def gsub(text: bytes, re: Pattern, repl: bytes) -> bytes:
    """Replace every match, left to right; `repl` is taken as it is and not searched again."""
    pieces = []
    last = 0
    for first, end in re.find_all(text):
        pieces.append(text[last:first])
        last = end
    if not last:
        return text
    pieces.append(text[last:])
    return repl.join(pieces)


def _too_long(function: str, text: bytes, max_str_size: int) -> bool:
    """Report a string longer than the limit: -1 is the script's `max_find_all_string_length`, 0 is no
    limit."""
    if max_str_size == 0:
        return False
    if max_str_size < 0:
        max_str_size = global_value("max_find_all_string_length", DEFAULT_MAX_FIND_ALL)
    if len(text) <= max_str_size:
        return False
    report_error(
        f"{function}: the string has {len(text)} bytes and the limit is {max_str_size}; "
        "raise max_find_all_string_length or pass a larger max_str_size"
    )
    return True


@builtin("function find_all(str: string, re: pattern, max_str_size: int &default=-1): string_set")
def find_all(text: bytes, re: Pattern, max_str_size: int = -1) -> Set:
    """Return the different strings that match, found left to right without overlap.

    :param max_str_size: the longest string to look at; -1 takes `max_find_all_string_length`, 0 means any
        length.  A longer one is reported and gives the empty set.
    """
    if _too_long("find_all", text, max_str_size):
        return Set()
    return Set.of([text[first:end] for first, end in re.find_all(text)])


@builtin("function find_all_ordered(str: string, re: pattern, max_str_size: int &default=-1): string_vec")
def find_all_ordered(text: bytes, re: Pattern, max_str_size: int = -1) -> list[bytes]:
    """Like `find_all`, but return every match, repeated ones too, in the order in which they stand."""
    if _too_long("find_all_ordered", text, max_str_size):
        return []
    return [text[first:end] for first, end in re.find_all(text)]


@builtin("function find_first(str: string, re: pattern, offset: count &default=0): string")
def find_first(text: bytes, re: Pattern, offset: int = 0) -> bytes:
    """Return the leftmost match that begins at `offset` or later, or the empty string."""
    span = re.find_nonempty(text, offset) if offset < len(text) else None
    return b"" if span is None else text[span[0] : span[1]]


@builtin("function find_last(str: string, re: pattern, offset: count &default=0): string")
def find_last(text: bytes, re: Pattern, offset: int = 0) -> bytes:
    """Return the match that begins furthest to the right (not before `offset`), or the empty string.

    This need not be the longest one: ``/.*/`` finds the last byte alone.
    """
    # "Some match begins at p or later" is true up to the place looked for and false after it, so halving
    # finds it with a logarithmic number of searches, each of them linear.
    best = b""
    low, high = offset, len(text) - 1
    while low <= high:
        middle = (low + high + 1) // 2 if best else low
        span = re.find_nonempty(text, middle)
        if span is None:
            if not best:
                return b""
            high = middle - 1
        else:
            best = text[span[0] : span[1]]
            low = span[0] + 1
    return best


@builtin("function convert_for_pattern(s: string): string")
def convert_for_pattern(s: bytes) -> bytes:
    """Put a backslash before each of the characters that mean something in a pattern."""
    out = bytearray()
    for byte in s:
        if byte in _SPECIAL:
            out.append(0x5C)
        out.append(byte)
    return bytes(out)


@builtin("function string_to_pattern(s: string, convert: bool): pattern")
def string_to_pattern(s: bytes, convert: bool) -> Pattern:
    """Make a pattern of a string; with `convert`, of one that stands for itself (see `convert_for_pattern`).

    Raises an error if the string is no valid pattern.
    """
    from bro.runtime.netvalues import Pattern

    text = convert_for_pattern(s) if convert else s
    try:
        return Pattern(text)
    except ValueError as error:
        raise ScriptError(f"string_to_pattern: {shown(text)} is not a valid pattern: {error}") from None
