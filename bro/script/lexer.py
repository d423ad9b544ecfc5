"""Source text to tokens.

One regular expression cuts the whole text into pieces, nearly all of which are a token with the blanks behind
it.  What depends on its surroundings is decided by hand: whether a slash begins a pattern, whether a bracket
begins an IPv6 address, whether a number goes on as a host name.  Where that shows the pieces to be wrong,
the rest of the line is read token by token; no token goes beyond its line, so the pieces of the next one are
right again.  Nothing is an error here: text that is no token becomes one of kind "ERROR", and the parser says
so when it gets there, for it may be in a branch that `@if` leaves out.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, repeat
from operator import add

from bro.script.diagnostics import Source
from bro.script.regular import DOTALL, VERBOSE, regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any, Final

KEYWORDS: Final = frozenset(
    [
        "add",
        "addr",
        "any",
        "as",
        "assert",
        "bool",
        "break",
        "case",
        "const",
        "copy",
        "count",
        "default",
        "delete",
        "double",
        "else",
        "enum",
        "event",
        "export",
        "fallthrough",
        "file",
        "for",
        "function",
        "global",
        "hook",
        "if",
        "in",
        "int",
        "interval",
        "is",
        "local",
        "module",
        "next",
        "of",
        "opaque",
        "option",
        "pattern",
        "port",
        "print",
        "record",
        "redef",
        "return",
        "schedule",
        "set",
        "string",
        "subnet",
        "switch",
        "table",
        "time",
        "timeout",
        "type",
        "vector",
        "when",
        "while",
        "T",
        "F",
    ]
)

ATTRIBUTES: Final = frozenset(
    [
        "add_func",
        "backend",
        "broker_allow_complex_type",
        "broker_store",
        "create_expire",
        "default",
        "default_insert",
        "delete_func",
        "deprecated",
        "error_handler",
        "expire_func",
        "group",
        "is_assigned",
        "is_used",
        "log",
        "on_change",
        "optional",
        "ordered",
        "priority",
        "publish_on_change",
        "raw_output",
        "read_expire",
        "redef",
        "type_column",
        "write_expire",
        "encrypt",
        "mergeable",
        "persistent",
        "rotate_interval",
        "rotate_size",
        "synchronized",
    ]
)

#: Directives whose argument is the rest of the line.
LINE_DIRECTIVES: Final = frozenset(
    ["@load", "@load-sigs", "@load-plugin", "@unload", "@prefixes", "@pragma", "@deprecated"]
)
#: Directives that the parser reads the argument of.
CONDITION_DIRECTIVES: Final = frozenset(["@if", "@ifdef", "@ifndef", "@else", "@endif"])
#: Directives that stand for a value.
VALUE_DIRECTIVES: Final = frozenset(["@DIR", "@FILENAME", "@DEBUG"])

_NAME = r"[A-Za-z_][A-Za-z_0-9]*"

#: What stands between tokens, but for comments.
_BLANKS: Final = " \t\r\n\f\v"

# No group catches anything, so that finding all pieces gives their texts and nothing else.  What a piece is
# can be told from its text alone: where that depends on what follows, some of that is in the piece as well.
_PIECES: Final = regex(
    rf"""(?: [()\]{{}};,]
      | [A-Za-z_][A-Za-z_0-9]*+(?!::|[.-])
      | (?>(?:::)?{_NAME}(?:::{_NAME})*)(?:(?![.-])|[.-])
      | [:$]
      | "[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"
      | \?\$?+|&&|\|\|?+|==?+|!=|<[=<]?+|>[=>]?+|\+[=+]?+|-[=-]?+|\.\.\.
      | \[(?![0-9A-Fa-f.]{{0,45}}:[0-9A-Fa-f.]{{0,45}}:)
      | \[[0-9A-Fa-f:.]++
      | ![ \t]*+in\b
      | [*%!~^]
      | \#[^\n]*+(?:[ \t\r\n\f\v]++\#[^\n]*+)*+
      | &[A-Za-z_0-9]*+
      | \d+\.\d+\.\d+\.\d+(?![\w.])
      | \d+/(?:tcp|udp|icmp|unknown)\b
      | (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t]*(?:day|hr|min|sec|msec|usec)s?(?![A-Za-z_0-9])
      | \.?\d[\w.]*+(?:(?<=[eE])[+-]\d[\w.]*+)?
      | (?:(?<=[(,={{\[])|(?<=[(,={{\[]\ )|(?<=&&\ )|(?<=\|\|\ ))/(?:[^/\\\n]|\\[^\n])*+/[is]*+
      | @[A-Za-z]+(?:-[a-z]+)?
      | [ \t\r\n\f\v]
      | .
    )[ \t\r\n\f\v]*+""",
    VERBOSE | DOTALL,
)

#: Numbers of all kinds, each of them whole.
_NUMBER: Final = regex(
    r"""(?: (?P<COUNT>\d+|0x[0-9A-Fa-f]+)
      | (?P<DOUBLE>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
      | (?P<INTERVAL>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t]*(?:day|hr|min|sec|msec|usec)s?)
      | (?P<PORT>\d+/[a-z]+)
      | (?P<ADDR>\d+\.\d+\.\d+\.\d+)
    )\Z""",
    VERBOSE,
)

#: The next token, by itself.
_TOKEN: Final = regex(
    rf"""[ \t\r\n\f\v]*+(?:\#[^\n]*+[ \t\r\n\f\v]*+)*+
    (?: ( (?>(?:::)?{_NAME}(?:::{_NAME})*)(?![.-])
        | \?\$|&&|\|\||==|!=|<=|>=|\+=|-=|\+\+|--|<<|>>|\.\.\.|[()\]{{}};,=+*%<>?$^|~-]|:(?!:)|!(?![ \t]*in\b)
        )
      | (?P<DOTTED>(?:::)?{_NAME}(?:::{_NAME})*)
      | (?P<COLON>:)
      | (?P<NOTIN>![ \t]*in\b)
      | (?P<BRACKET>\[)
      | (?P<STRING>"(?:[^"\\\n]|\\[^\n])*")
      | (?P<ADDR>\d+\.\d+\.\d+\.\d+(?![\w.]))
      | (?P<PORT>\d+/(?:tcp|udp|icmp|unknown)\b)
      | (?P<HEX>0x[0-9A-Fa-f]+\b)
      | (?P<DOUBLE>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
      | (?P<COUNT>\d+)
      | (?P<ATTR>&(?P<ATTRNAME>{_NAME}))
      | (?P<AMP>&)
      | (?P<SLASH>/)
      | (?P<DIRECTIVE>@[A-Za-z]+(?:-[a-z]+)?)
      | (?P<EOF>\Z)
      | (?P<ERROR>.)
    )""",
    VERBOSE | DOTALL,
)

_PATTERN: Final = regex(r"/((?:[^/\\\n]|\\[^\n])*)/([is]*)")
_HOST: Final = regex(r"[A-Za-z0-9][A-Za-z0-9\-]*(?:\.[A-Za-z0-9][A-Za-z0-9\-]*)*\.[A-Za-z][A-Za-z0-9\-]*")
_INTERVAL: Final = regex(
    r"((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*(day|hr|min|sec|msec|usec)s?(?![A-Za-z_0-9])"
)
_IPV6: Final = regex(r"\[([0-9A-Fa-f:.]{2,45})\]")
_BAD_NUMBER: Final = regex(r"[\w.]+")
_REST_OF_LINE: Final = regex(r"[^\n]*")

UNIT_SECONDS: Final = {"usec": 1e-6, "msec": 1e-3, "sec": 1.0, "min": 60.0, "hr": 3600.0, "day": 86400.0}

#: The kinds of names and operators that are not just names.
_KINDS: Final = {
    word: word
    for word in [
        *KEYWORDS,
        *("?$", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "++", "--", "<<", ">>", "..."),
        *"()[]{};,:=+-*%<>!?$|~^&",
    ]
}

#: What names begin with; one that is qualified may begin with colons.
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:")

#: Tokens after which a slash divides and a bracket indexes.
OPERAND_ENDS: Final = frozenset(
    [
        "ID",
        "STRING",
        "ADDR",
        "PORT",
        "COUNT",
        "DOUBLE",
        "INTERVAL",
        "HOST",
        "PATTERN",
        ")",
        "]",
        "T",
        "F",
        "VALUE",
        # of types, as in `x as count / 2`
        "addr",
        "any",
        "bool",
        "count",
        "double",
        "int",
        "interval",
        "pattern",
        "port",
        "string",
        "subnet",
        "time",
    ]
)


class Tokens:
    """The tokens of a source as parallel lists, ending with one of kind "EOF".

    The kind of a keyword or operator is its text.  The others are "ID", "COUNT" (also hexadecimal), "DOUBLE",
    "STRING", "PATTERN", "ADDR" (also IPv6, without brackets), "PORT", "INTERVAL", "HOST", "ATTR"
    (text without the ampersand), "DIRECTIVE", "VALUE" (`@DIR` and the like), "ERROR" and "EOF".
    """

    __slots__ = ("ends", "kinds", "source", "starts", "texts")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def put(self, kind: str, text: str, start: int, end: int) -> None:
        """Add a token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)

    def take(
        self, kinds: list[str], texts: list[str], starts: list[int], ends: list[int], begin: int, end: int
    ) -> None:
        """Add the tokens of a range of places in these lists."""
        if begin == end:
            return
        if not begin and end == len(starts) - 1:  # all of them
            self.kinds, self.texts = kinds[:end], texts[:end]
            self.starts, self.ends = starts[:end], ends[:end]
            return
        self.kinds += kinds[begin:end]
        self.texts += texts[begin:end]
        self.starts += starts[begin:end]
        self.ends += ends[begin:end]


class _Kinds(dict[str, str | None]):
    """Kinds of tokens by the text of their pieces; None for what depends on more than that."""

    def __missing__(self, text: str) -> str | None:
        first = text[:1]
        kind: str | None = None
        if first in _LETTERS:
            kind = None if text[-1] in ".-" else "ID"
        elif first == '"' and len(text) > 1:
            kind = "STRING"
        elif first == "/" and len(text) > 1:
            kind = "PATTERN"
        elif first == "!":
            kind = "!in"
        elif first in "0123456789.":
            found = _NUMBER.match(text)
            kind = None if found is None else found.lastgroup
        self[text] = kind
        return kind


def tokenize(source: Source) -> Tokens:
    """The tokens of `source`."""
    tokens = Tokens(source)
    text = source.text
    pieces = _PIECES.findall(text)
    starts = list(accumulate(map(len, pieces), initial=0))
    texts = list(map(str.rstrip, pieces, repeat(_BLANKS)))
    kinds: list[Any] = list(map(_Kinds(_KINDS).__getitem__, texts))
    ends = list(map(add, starts, map(len, texts)))
    # The end of the file begins where the last piece ends, and stops the search as well.
    texts.append("")
    kinds.append(None)
    ends.append(len(text))
    last = len(pieces)
    done = at = 0
    while (at := kinds.index(None, at)) < last:
        word = texts[at]
        start, first = starts[at], word[:1]
        if first == "&" and word[1:] in ATTRIBUTES:
            kinds[at], texts[at] = "ATTR", word[1:]
            continue
        tokens.take(kinds, texts, starts, ends, done, at)
        at += 1
        if first != "#" and word:
            kind, word, start, end = _special(text, *_first(text, start, word), tokens.kinds, tokens.texts)
            tokens.put(kind, word, start, end)
            if end != ends[at - 1]:  # the token is longer than the piece, or shorter
                line_end = text.find("\n", end)
                line_end = len(text) if line_end < 0 else line_end
                if text[end:line_end].strip(_BLANKS):
                    _rest_of_line(text, end, line_end, tokens)
                at = bisect_left(starts, line_end)
        done = at
    tokens.take(kinds, texts, starts, ends, done, last)
    tokens.put("EOF", "", len(text), len(text))
    return tokens


def _first(text: str, start: int, word: str) -> tuple[str, int, int]:
    """What begins at a place where a piece begins that is no token by itself: what `_TOKEN` calls it, and
    where it ends.
    """
    first = word[0]
    if first in _LETTERS:
        return "DOTTED", start, start + len(word) - 1
    kind = _FIRST.get(first)
    if kind is not None:
        return kind, start, start + 1
    if first == "@" and len(word) > 1:
        return "DIRECTIVE", start, start + len(word)
    found = _TOKEN.match(text, start)
    assert found is not None and found.lastgroup is not None
    return found.lastgroup, *found.span(found.lastgroup)


#: What a character that is always by itself is called.
_FIRST: Final = {"[": "BRACKET", "/": "SLASH"}


def _rest_of_line(text: str, position: int, line_end: int, tokens: Tokens) -> None:
    """Read the tokens of a line from a place on."""
    kinds, texts = tokens.kinds, tokens.texts
    find = _TOKEN.finditer
    while True:
        for found in find(text, position):
            word = found[1]
            if word is not None:
                end = found.end()
                if end > line_end:
                    return
                tokens.put(_KINDS.get(word, "ID"), word, end - len(word), end)
                continue
            kind = found.lastgroup
            assert kind is not None
            start, end = found.span(kind)
            if start >= line_end:
                return
            if kind == "STRING":
                tokens.put(kind, text[start:end], start, end)
                continue
            kind, word, start, end = _special(text, kind, start, end, kinds, texts)
            tokens.put(kind, word, start, end)
            if end != found.end():
                break  # the token is longer than what was found, or shorter: go on behind it
        position = end


def _special(
    text: str, kind: str, start: int, position: int, kinds: list[str], texts: list[str]
) -> tuple[str, str, int, int]:
    """Kind, text and place of a token that depends on its surroundings.

    :param kind: what `_TOKEN` calls it
    :param position: where it ends, as far as `_TOKEN` knows
    :param kinds: those of the tokens before it
    :param texts: likewise
    """
    word = text[start:position]
    previous = kinds[-1] if kinds else ""
    if previous in KEYWORDS and len(kinds) > 1 and kinds[-2] in _FIELD_SIGNS:
        previous = "ID"  # the name of a field
    if (previous == ")" or previous == "DIRECTIVE") and (kind == "BRACKET" or kind == "SLASH"):
        previous = _behind(kinds, texts)
    if kind == "BRACKET":
        kind = word
        if previous not in OPERAND_ENDS:
            address = _IPV6.match(text, start)
            if address is not None and _is_ipv6(address.group(1)):
                kind, word, position = "ADDR", address.group(1), address.end()
    elif kind == "NOTIN":
        kind = "!in"
    elif kind == "COLON":
        kind = ":"
    elif kind == "DOTTED":
        kind = word if word in KEYWORDS else "ID"
        host = _HOST.match(text, start)
        if host is not None and "." in host.group() and host.end() > position and "_" not in word:
            kind, word, position = "HOST", host.group(), host.end()
    elif kind == "COUNT" or kind == "DOUBLE" or kind == "HEX":
        following = text[position : position + 1]
        if following in _AFTER_NUMBERS:
            pass
        elif following.isalpha() or following == " " or following == "\t" or following == ".":
            interval = _INTERVAL.match(text, start)
            if interval is not None and kind != "HEX":
                kind, word, position = "INTERVAL", interval.group(), interval.end()
            elif following.isalnum() or following == ".":
                host = _HOST.match(text, start)
                if host is not None:
                    kind, word, position = "HOST", host.group(), host.end()
                else:
                    kind = "ERROR"
                    bad = _BAD_NUMBER.match(text, start)
                    assert bad is not None
                    word, position = bad.group(), bad.end()
        if kind == "HEX":
            kind = "COUNT"
    elif kind == "SLASH":
        kind = "/"
        if previous not in OPERAND_ENDS:
            pattern = _PATTERN.match(text, start)
            if pattern is not None and not (previous == "|" and _closes(kinds[-_FARTHEST:])):
                kind, word, position = "PATTERN", pattern.group(), pattern.end()
    elif kind == "ATTRNAME" or kind == "ATTR":
        word = word.removeprefix("&")
        if word in ATTRIBUTES:
            start, kind = position - len(word) - 1, "ATTR"
        else:
            start = position - len(word) - 1
            kind, word, position = "&", "&", start + 1
    elif kind == "AMP":
        kind = "&"
    elif kind == "DIRECTIVE":
        if word in VALUE_DIRECTIVES:
            kind = "VALUE"
        elif word in LINE_DIRECTIVES:
            rest = _REST_OF_LINE.match(text, position)
            assert rest is not None
            position = rest.end()
            word = text[start:position]
        elif word not in CONDITION_DIRECTIVES:
            kind = "ERROR"
    elif kind == "ERROR" and word == '"':
        rest = _REST_OF_LINE.match(text, start)
        assert rest is not None
        word, position = rest.group(), rest.end()
    return kind, word, start, position


#: Tokens of the condition of an `@if` that are looked at.
_LONGEST_CONDITION: Final = 200


def _behind(kinds: list[str], texts: list[str]) -> str:
    """The kind of the token that comes next to those read, with the directives of `@if` left out.

    Behind an `@endif` that is the last token of the branch before, and behind an `@else` what stands before
    the `@if`: whichever branch is taken, operands end at the same places in scripts that make sense.
    """
    i = len(kinds) - 1
    inner = 0  # how many @if to go back beyond
    while i >= 0:
        kind = kinds[i]
        if kind == ")":
            opening = _condition(kinds, texts, i)
            if opening < 0:
                if not inner:
                    return kind
            else:
                i = opening
                inner = max(0, inner - 1)
        elif kind == "DIRECTIVE" and texts[i] == "@else":
            if not inner and texts[min(i + 1, len(texts) - 1)] != "@endif":
                inner = 1
        elif kind == "DIRECTIVE" and texts[i] == "@endif":
            if inner:
                inner += 1
        elif not inner:
            return kind
        i -= 1
    return ""


def _condition(kinds: list[str], texts: list[str], close: int) -> int:
    """Where the directive stands whose condition ends at a closing parenthesis; -1 if it ends none."""
    depth = 0
    for i in range(close, max(0, close - _LONGEST_CONDITION), -1):
        kind = kinds[i]
        depth += (kind == ")") - (kind == "(")
        if not depth:
            return i - 1 if texts[i - 1] in ("@if", "@ifdef", "@ifndef") else -1
    return -1


def _is_ipv6(text: str) -> bool:
    """Whether what stands in brackets is an address, rather than a list or an index."""
    return "::" in text or text.count(":") >= 6


#: What the name of a field stands behind.
_FIELD_SIGNS: Final = frozenset(["$", "?$"])

#: Tokens of a statement that are looked at for what a bar means.
_FARTHEST: Final = 2000


def _closes(kinds: list[str]) -> bool:
    """Whether the bar that was read last ends a `|x|`, so that a slash behind it divides."""
    first = len(kinds) - 1
    farthest = max(0, first - _FARTHEST)
    while first > farthest and kinds[first - 1] not in (";", "{", "}"):
        first -= 1
    # Bars that are open, for each bracket around.
    open_bars = [0]
    before = ""
    closes = False
    for kind in kinds[first:]:
        if kind in KEYWORDS and before in _FIELD_SIGNS:
            kind = "ID"
        elif kind == "|":
            closes = before in OPERAND_ENDS and open_bars[-1] > 0
            if closes:
                open_bars[-1] -= 1
                kind = ")"  # what comes next stands behind an operand
            elif before not in OPERAND_ENDS:
                open_bars[-1] += 1
        elif kind in ("(", "["):
            open_bars.append(0)
        elif kind in (")", "]") and len(open_bars) > 1:
            open_bars.pop()
        before = kind
    return closes


#: What mostly stands behind a number, and cannot go on with it.
_AFTER_NUMBERS: Final = frozenset([";", ")", ",", "]", "\n", "}"])

_SIMPLE_ESCAPES: Final = {
    "n": b"\n",
    "t": b"\t",
    "v": b"\v",
    "b": b"\b",
    "r": b"\r",
    "f": b"\f",
    "a": b"\a",
}
_ESCAPE: Final = regex(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", DOTALL)


def string_value(literal: str) -> bytes:
    """The bytes that a string literal (with its quotes) stands for."""
    body = literal[1:-1]
    if "\\" not in body:
        return body.encode("latin-1")

    def replace(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        simple = _SIMPLE_ESCAPES.get(code)
        return code if simple is None else simple.decode("latin-1")

    return _ESCAPE.sub(replace, body).encode("latin-1")


#: Digits of which a number cannot fit into 64 bits, so that its value need not be computed.
_MOST_DIGITS: Final = 40


def count_value(literal: str) -> int:
    """The value of a whole number, decimal or hexadecimal; one beyond 64 bits may come out as another
    such.
    """
    if literal[:2] in ("0x", "0X"):
        digits = literal[2:].lstrip("0") or "0"
        return int(digits, 16) if len(digits) <= _MOST_DIGITS else 2**80
    digits = literal.lstrip("0") or "0"
    return int(digits) if len(digits) <= _MOST_DIGITS else 2**80


def interval_value(literal: str) -> float:
    """The seconds of an interval literal such as ``5 min``."""
    found = _INTERVAL.fullmatch(literal)
    assert found is not None
    return float(found.group(1)) * UNIT_SECONDS[found.group(2)]
