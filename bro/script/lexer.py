"""Source text to tokens.

One regular expression finds the next token; only what depends on its surroundings is decided by hand: whether
a slash begins a pattern, whether a bracket begins an IPv6 address, whether a number goes on as a host name or
an interval. Nothing is an error here: text that is no token becomes one of kind "ERROR", and the parser says
so when it gets there, for it may be in a branch that `@if` leaves out.
"""

from __future__ import annotations

import re

from bro.script.diagnostics import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

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

_TOKEN: Final = re.compile(
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
    re.VERBOSE | re.DOTALL,
)

_PATTERN: Final = re.compile(r"/((?:[^/\\\n]|\\[^\n])*)/([is]*)")
_HOST: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9\-]*(?:\.[A-Za-z0-9][A-Za-z0-9\-]*)*\.[A-Za-z][A-Za-z0-9\-]*"
)
_INTERVAL: Final = re.compile(
    r"((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*(day|hr|min|sec|msec|usec)s?(?![A-Za-z_0-9])"
)
_IPV6: Final = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\]")
_BAD_NUMBER: Final = re.compile(r"[\w.]+")
_REST_OF_LINE: Final = re.compile(r"[^\n]*")

UNIT_SECONDS: Final = {"usec": 1e-6, "msec": 1e-3, "sec": 1.0, "min": 60.0, "hr": 3600.0, "day": 86400.0}

#: The kinds of names and operators that are not just names.
_KINDS: Final = {
    word: word
    for word in [
        *KEYWORDS,
        *("?$", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "++", "--", "<<", ">>", "..."),
        *"()]{};,:=+-*%<>!?$|~^",
    ]
}

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


def tokenize(source: Source) -> Tokens:
    """The tokens of `source`."""
    tokens = Tokens(source)
    text = source.text
    kinds, texts = tokens.kinds, tokens.texts
    # What goes into each list, called for every token.
    add_kind, add_text = kinds.append, texts.append
    add_start, add_end = tokens.starts.append, tokens.ends.append
    find = _TOKEN.finditer
    kind_of = _KINDS.get
    operand_ends = OPERAND_ENDS
    if "@if" in text:  # what stands before a token may be a condition, which is no operand
        operand_ends = OPERAND_ENDS - {")"}
    position = 0
    while True:
        for found in find(text, position):
            word = found[1]
            if word is not None:  # most tokens are names and operators
                end = found.end()
                add_kind(kind_of(word, "ID"))
                add_text(word)
                add_start(end - len(word))
                add_end(end)
                continue
            # The most frequent of the others, and what is not found to be anything else, at once.
            kind = found.lastgroup
            if kind == "STRING" or (kind == "BRACKET" and kinds and kinds[-1] in operand_ends):
                start, end = found.span(kind)
                word = text[start:end]
                add_kind(kind if kind == "STRING" else word)
                add_text(word)
                add_start(start)
                add_end(end)
                continue
            # Everything else depends on what stands around it.
            kind, word, start, end = _special(text, found, kinds, texts)
            add_kind(kind)
            add_text(word)
            add_start(start)
            add_end(end)
            if end != found.end():
                break  # the token is longer than what was found, or shorter: go on behind it
            if kind == "EOF":
                return tokens
        position = end


def _special(
    text: str, found: re.Match[str], kinds: list[str], texts: list[str]
) -> tuple[str, str, int, int]:
    """Kind, text and place of a token that depends on its surroundings.

    :param kinds: those of the tokens before it
    :param texts: likewise
    """
    kind: str = found.lastgroup  # type: ignore[assignment]
    start, position = found.span(kind)
    word = text[start:position]
    previous = kinds[-1] if kinds else ""
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
        start = found.start("ATTR")
        name = found.group("ATTRNAME")
        if name in ATTRIBUTES:
            kind, word, position = "ATTR", name, found.end("ATTR")
        else:
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
        if kind == "|":
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
_ESCAPE: Final = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)


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
