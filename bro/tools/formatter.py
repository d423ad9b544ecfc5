"""The formatter: one layout for scripts, made from their tokens and comments.

It decides indentation, spaces, and where statements begin; line breaks inside of an expression stay where the
author put them.  The tokens of the result are those of the source, so it cannot mean anything else, and
formatting it again changes nothing: `format_source` makes sure of both.

The layout goes down the statements as the parser does, but over tokens: what it does not know it passes on.
"""

from __future__ import annotations

import re
from typing import Final

from bro.script.diagnostics import Source
from bro.script.lexer import OPERAND_ENDS, Tokens, tokenize
from bro.script.parser_expressions import OPERANDS

#: Columns that a tab stands for where lines are aligned.
TAB_WIDTH: Final = 8

#: Columns behind the begin of a statement that its further lines are moved to at most, to stand below its
#: value.
FARTHEST: Final = 32

#: Times that a text is laid out anew until nothing changes. Directives in the middle of an expression move
#: what is around them onto lines of their own, which may lay it out otherwise.
MOST_ROUNDS: Final = 4

#: Tokens behind which an operand has ended: a bracket indexes there, and an operator has two sides.
_ENDS: Final = OPERAND_ENDS | {"}", "file"}
#: Words whose parentheses have blanks inside.
_CONTROL: Final = frozenset(["if", "for", "while", "switch", "when"])
#: What stands before a brace that begins a list of values.
_BEFORE_VALUES: Final = frozenset(["=", "+=", "-=", ",", "(", "[", "{", "return", "in", "!in", "?", ":"])
#: Words and signs with a blank between them and a parenthesis.
_SPACED: Final = (
    _CONTROL
    | {"return", "in", "!in", "print", "of", "case", "as", "is", "add", "delete", "assert", "else", "timeout"}
    | {"schedule", "{", "}", ";", ",", "?", ":", "!", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "|"}
    | {"=", "+=", "-=", "*", "/", "%", "+", "-", "&", "^", "~", "<<", ">>"}
)
#: A name that would be an IPv6 address directly behind a bracket.
_LIKE_ADDRESS: Final = re.compile(r"[A-Fa-f0-9]*::[A-Fa-f0-9:]*")
_COMMENT: Final = re.compile(r"[ \t\r\f\v]*(#[^\n]*)|(\n)")


class FormatError(Exception):
    """A script that cannot be formatted."""


class Level:
    """What is open around a token: a bracket, or a statement."""

    __slots__ = ("bars", "kind", "prefix", "question", "spaced", "ternaries")

    def __init__(self, kind: str, prefix: str, spaced: bool = False) -> None:
        self.kind = kind  #: "(", "[", "{" or "" for a statement
        self.prefix = prefix  #: what further lines begin with
        self.spaced = spaced  #: blanks behind the opening and before the closing one
        self.ternaries = 0  #: question marks that wait for their colon
        self.question = ""  #: what a line begins with that has the colon of the last one
        self.bars = 0  #: bars that are open


class Layout:
    """Lays a source out: `run` gives the text."""

    def __init__(self, source: Source, unit: str) -> None:
        self.text = source.text
        tokens: Tokens = tokenize(source)
        self.kinds, self.starts, self.ends = tokens.kinds, tokens.starts, tokens.ends
        self.unit = unit
        self.i = 0
        self.lines: list[str] = []
        self.line = ""  #: the line being put together
        self.opened = True  #: a block has just begun: no blank line there
        self.must_break = False  #: the next token begins a line
        self.levels: list[Level] = [Level("", "")]
        self.before: list[str] = []  #: the tokens of the statement so far, by kind
        self.operand = False  #: an operand has just ended
        self.sign = False  #: the last token was the sign of what follows
        self.tight = False  #: the last token was an equals sign without blanks

    def run(self) -> str:
        while self.kind != "EOF":
            if self.kind == "}":  # nothing is open that it could close
                self.put_at("")
            else:
                self.statement("")
        self.gap("", None)
        self.flush()
        return "".join(line + "\n" for line in self.lines)

    # ---- tokens --------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return self.kinds[self.i]

    def next_kind(self) -> str:
        return self.kinds[min(self.i + 1, len(self.kinds) - 1)]

    @property
    def level(self) -> Level:
        return self.levels[-1]

    def matching(self) -> int:
        """The place of the brace that closes the current one; the last token if none does."""
        depth = 0
        for place in range(self.i, len(self.kinds)):
            kind = self.kinds[place]
            depth += (kind == "{") - (kind == "}")
            if depth == 0:
                return place
        return len(self.kinds) - 1

    def on_one_line(self, end: int) -> bool:
        """Whether nothing but tokens stands between the current one and another, on one line."""
        between = self.text[self.ends[self.i] : self.starts[end]]
        if "\n" in between:
            return False
        gaps = (self.text[self.ends[k] : self.starts[k + 1]] for k in range(self.i, end))
        return not any("#" in gap for gap in gaps)

    # ---- lines ---------------------------------------------------------------------------------------------

    def flush(self) -> None:
        if self.line.strip():
            self.lines.append(self.line.rstrip())
        self.line = ""

    def gap(self, comments_at: str, line_at: str | None) -> None:
        """What stands before the current token: blank lines and comments.

        :param comments_at: what comments on lines of their own begin with
        :param line_at: what the token's line begins with; None if it goes on in the current one
        """
        begin = self.ends[self.i - 1] if self.i else 0
        newlines = 0 if self.i else 1
        position, end = begin, self.starts[self.i]
        if self.gap_of == self.i:  # it is written, and the token comes through `put`
            position = end
        self.gap_of = self.i
        broken = commented = False
        while position < end:
            found = _COMMENT.match(self.text, position, end)
            if found is None:
                position += 1
                continue
            if found.group(2):
                newlines += 1
                broken = True
            else:
                comment = found.group(1).rstrip()
                if newlines == 0 and self.line.strip():
                    blanks = self.text[position : found.start(1)]
                    self.line = self.line.rstrip() + (blanks or " ") + comment
                else:
                    self.flush()
                    if newlines > 1 and not self.opened:
                        self.blank_line()
                    self.line = comments_at + comment
                self.flush()
                self.opened = False
                commented = True
                newlines = 0
            position = found.end()
        if line_at is not None:
            self.flush()
            if newlines > 1 and not self.opened and self.kind not in ("}", "EOF"):
                self.blank_line()
            self.line = line_at
        elif commented or self.must_break:
            self.flush()
            self.line = comments_at
        self.broken = broken
        self.must_break = False

    broken = False
    gap_of = -1  #: the token whose comments and blank lines were written last

    def blank_line(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def line_prefix(self) -> str:
        """The blanks that the current line begins with."""
        return self.line[: len(self.line) - len(self.line.lstrip())]

    def aligned(self, column: int) -> str:
        """The blanks of a further line that begins below a column of the current one."""
        place = self.line_prefix()
        return place + " " * (column - len(place.expandtabs(TAB_WIDTH)))

    def put_at(self, prefix: str, comments_at: str | None = None) -> None:
        """The current token, on a line of its own."""
        self.gap(prefix if comments_at is None else comments_at, prefix)
        self.write()

    def put(self, *, space: bool | None = None, joined: bool = False) -> None:
        """The current token, behind the one before it; on a further line if the author broke it there.

        :param space: whether there is a blank between; None to go by the rules
        :param joined: on the same line whatever the author did
        """
        kind = self.kind
        if kind == "DIRECTIVE":
            self.directive()
            return
        closes = kind in (")", "]")
        fresh = not self.line.strip()
        prefix = self.level.prefix
        # Whether it stands on a new line is known before the comments are written.
        begin = self.ends[self.i - 1] if self.i else 0
        broken = (
            "\n" in self.text[begin : self.starts[self.i]]
            and not joined
            and kind not in (";", ",")
            and not closes
        )
        if space is None:
            space = self.spaced(kind)
        before = len(self.lines)
        self.gap(prefix, None)
        if len(self.lines) > before or fresh:
            if not self.line.strip():
                self.line = prefix
        elif broken:
            level = self.level
            self.flush()
            self.line = level.question if kind == ":" and level.ternaries else prefix
        elif space:
            self.line += " "
        self.write()

    def write(self) -> None:
        kind = self.kind
        self.line += self.text[self.starts[self.i] : self.ends[self.i]]
        level = self.level
        if kind == "?":
            level.ternaries += 1
            level.question = self.aligned(len(self.line.expandtabs(TAB_WIDTH)) - 1)
        self.sign = kind in ("-", "+", "~", "++", "--") and not self.operand
        self.tight = kind == "=" and self.is_tight()
        if kind == "|":
            if self.closes_bar():
                level.bars -= 1
                self.operand = True
            else:
                level.bars += not self.operand
                self.operand = False
        else:
            self.operand = kind in _ENDS or (
                bool(self.before) and self.before[-1] in ("$", "?$") and kind not in ("(", "[", "{")
            )
        self.before.append(kind)
        self.opened = False
        self.i += 1

    # ---- spaces --------------------------------------------------------------------------------------------

    def closes_bar(self) -> bool:
        """Whether a bar here ends a size."""
        return self.operand and self.level.bars > 0 and self.next_kind() not in OPERANDS

    def is_tight(self) -> bool:
        """Whether an equals sign here has no blanks: `&name=value`, `$field=value`."""
        before = self.before
        if before and before[-1] == "ATTR":
            return True
        return (
            len(before) > 1 and before[-2] == "$" and (len(before) < 3 or before[-3] in ("(", "[", ",", "{"))
        )

    def spaced(self, kind: str) -> bool:
        """Whether there is a blank before a token of this kind."""
        before = self.before
        if not before:
            return bool(self.line.strip())
        previous = before[-1]
        level = self.level
        if previous in ("(", "["):
            word = self.text[self.starts[self.i] : self.ends[self.i]]
            return level.spaced or (previous == "[" and _LIKE_ADDRESS.fullmatch(word) is not None)
        if kind in (")", "]"):
            return level.spaced
        if self.sign and kind[0] == previous[0] and kind[0] in "+-":
            return True  # - -x is not --x
        if kind in (";", ",", "?$") or previous in ("$", "?$") or self.sign or self.tight:
            return False
        if kind == "$":
            return previous in (",", "{")
        if kind == "=":
            return not self.is_tight()
        if kind == ":":
            return level.ternaries > 0
        if previous == ":" and level.kind == "[" and self.colon_in_slice:
            return False
        if kind == "|":
            return previous == "|" or not self.closes_bar()  # side by side they would be one operator
        if kind == "/" and previous == "ADDR" and self.next_kind() == "COUNT":
            return False
        if previous == "/" and before[-2:-1] == ["ADDR"] and kind == "COUNT":
            return False
        if previous == "|" and not self.operand and level.bars:
            return False
        if kind == "(":
            if previous == "]":
                return self.after_captures
            return previous in _SPACED and not (previous == "|" and self.operand)
        if kind == "[":
            return not self.operand and previous not in ("table", "set", "vector")
        return True

    colon_in_slice = False
    after_captures = False

    # ---- expressions ---------------------------------------------------------------------------------------

    def item(self) -> None:
        """One token, or everything up to the bracket that closes it."""
        kind = self.kind
        if kind in ("(", "["):
            self.bracket()
        elif kind == "{":
            self.brace()
        elif kind == ":":
            level = self.level
            self.colon_in_slice = level.kind == "[" and not level.ternaries
            self.put()
            level.ternaries = max(0, level.ternaries - 1)
        else:
            self.put()

    def bracket(self, spaced: bool = False) -> None:
        """`(...)` or `[...]`"""
        opening = self.kind
        closing = ")" if opening == "(" else "]"
        captures = opening == "[" and self.before[-1:] in (["function"], ["when"])
        if spaced or captures:
            self.put(space=True)
        else:
            self.put()
        place = self.line_prefix()
        hanging = self.broken_before() and self.kind != closing
        column = len(self.line.expandtabs(TAB_WIDTH)) + spaced
        prefix = place + self.unit if hanging else self.aligned(column)
        empty = self.kind == closing
        self.levels.append(Level(opening, prefix, spaced and not empty))
        while self.kind not in (closing, "EOF", "}"):
            self.item()
        if self.kind == closing:
            if hanging and self.broken_before():
                self.gap(prefix, place)
                self.write()
            else:
                self.put()
        self.levels.pop()
        self.after_captures = captures
        self.operand = True

    def broken_before(self) -> bool:
        """Whether the current token stands on another line than the one before it; directives always do."""
        if self.must_break or self.kind == "DIRECTIVE":
            return True
        begin = self.ends[self.i - 1] if self.i else 0
        return "\n" in self.text[begin : self.starts[self.i]]

    def brace(self) -> None:
        """A brace in an expression or type: values, fields, a scheduled event, the body of a function."""
        previous = self.before[-1] if self.before else ""
        if (
            "schedule" in self.before
            and "{" not in self.before[len(self.before) - self.before[::-1].index("schedule") :]
        ):
            self.values()
        elif previous in ("record", "enum"):
            self.fields(previous)
        elif previous == "+=" and self.before[:2] in (["redef", "record"], ["redef", "enum"]):
            self.fields(self.before[1])
        elif previous in _BEFORE_VALUES:
            self.values()
        else:
            self.lambda_body()

    def values(self) -> None:
        """`{ value, value }`"""
        self.put(joined=self.before[-1:] != [","] and self.before[-1:] != ["{"])
        place = self.line_prefix()
        prefix = place + self.unit
        self.levels.append(Level("{", prefix))
        empty = self.kind == "}"
        begin = len(self.before)
        while self.kind not in ("}", "EOF"):
            self.item()
        if self.kind == "}":
            if self.broken_before() and not empty:
                self.gap(prefix, place)
                self.write()
            else:
                self.put(space=not empty)
        self.levels.pop()
        del self.before[begin:]
        self.before.append("}")
        self.operand = True

    def fields(self, what: str) -> None:
        """`record { ... }`, `enum { ... }`"""
        one_line = self.on_one_line(self.matching())
        self.put(space=True, joined=True)
        place = self.line_prefix()
        prefix = place + self.unit
        outer, self.before = self.before, []
        self.opened = True
        levels = self.levels
        self.levels = [*levels, Level("{", prefix)]
        empty = self.kind == "}"
        while self.kind not in ("}", "EOF"):
            if one_line:
                self.put(space=True) if not self.before else self.item()
                if self.before[-1:] == [";"]:
                    self.before = []
            elif self.kind == "DIRECTIVE":
                self.directive()
            elif what == "record":
                self.simple(prefix)
            else:
                self.enum_item(prefix)
        self.levels = levels
        if self.kind == "}":
            if one_line:
                self.put(space=not empty)
            else:
                self.put_at(place, prefix)
        self.before = [*outer, "}"]
        self.operand = True

    def enum_item(self, prefix: str) -> None:
        """An item of an enumeration with its comma; several may share a line."""
        if self.broken_before() or not self.before:
            self.put_at(prefix)
        else:
            self.put()
        while self.kind not in (",", "}", "EOF", "DIRECTIVE"):
            self.item()
        if self.kind == ",":
            self.put()

    def lambda_body(self) -> None:
        """The body of an anonymous function."""
        place = self.line_prefix()
        if self.level.kind:  # in brackets the line may be an aligned one
            place = place or ""
        outer, self.before = self.before, []
        levels, self.levels = self.levels, [Level("", place)]
        self.block(place + self.unit)
        self.levels = levels
        self.before = [*outer, "}"]
        self.operand = True

    # ---- statements ----------------------------------------------------------------------------------------

    def statement(self, prefix: str, joined: bool = False) -> None:
        """A statement or declaration.

        :param joined: it goes on in the current line, as `if` does behind `else`
        """
        kind = self.kind
        if kind == "DIRECTIVE":
            self.directive()
            return
        self.before = []
        self.levels = [Level("", prefix + self.unit)]
        self.operand = self.sign = self.tight = False
        if kind == "{":
            self.block(prefix)
        elif kind in ("if", "for", "while"):
            self.begin(prefix, joined)
            self.control()
            self.body(prefix)
            if kind == "if":
                self.otherwise(prefix)
        elif kind == "when" or (kind == "return" and self.next_kind() == "when"):
            self.begin(prefix, joined)
            if kind == "return":
                self.put(space=True)
            self.when(prefix)
        elif kind == "switch":
            self.begin(prefix, joined)
            self.switch(prefix)
        elif kind == "export" and self.next_kind() == "{":
            self.begin(prefix, joined)
            self.put(space=True, joined=True)
            self.opened = True
            while self.kind not in ("}", "EOF"):
                self.statement(prefix + self.unit)
            self.close(prefix, prefix + self.unit)
        else:
            self.simple(prefix, joined)

    def begin(self, prefix: str, joined: bool) -> None:
        """The first token of a statement."""
        if joined:
            self.put(space=True, joined=True)
        else:
            self.put_at(prefix)

    def control(self) -> None:
        """The parenthesis of a control statement."""
        if self.kind == "(":
            self.bracket(spaced=True)

    def body(self, prefix: str) -> None:
        """What a control statement runs."""
        while self.kind == "DIRECTIVE":
            self.directive()
        if self.kind == "{":
            self.block(prefix + self.unit)
        elif self.kind not in ("}", "EOF"):
            self.opened = True
            self.statement(prefix + self.unit)

    def otherwise(self, prefix: str) -> None:
        if self.kind != "else":
            return
        self.put_at(prefix)
        self.before = ["else"]
        if self.kind == "if":
            self.statement(prefix, joined=True)
        else:
            self.body(prefix)

    def when(self, prefix: str) -> None:
        if self.kind == "[":
            self.bracket()
        self.control()
        self.body(prefix)
        if self.kind != "timeout":
            return
        self.put_at(prefix)
        self.before = ["timeout"]
        self.levels = [Level("", prefix + self.unit)]
        while self.kind not in ("{", ";", "}", "EOF"):
            self.item()
        self.body(prefix)

    def switch(self, prefix: str) -> None:
        if self.kind == "(":
            self.bracket(spaced=True)
        while self.kind not in ("{", ";", "}", "EOF"):
            self.item()
        if self.kind != "{":
            return
        inner = prefix + self.unit
        self.put_at(inner)
        self.opened = True
        while self.kind not in ("}", "EOF"):
            if self.kind in ("case", "default"):
                self.label(inner)
            elif self.kind == "DIRECTIVE":
                self.directive()
            else:
                self.statement(inner + self.unit)
        self.close(inner, inner + self.unit)

    def label(self, prefix: str) -> None:
        """`case value, value:` or `default:`"""
        self.before = []
        self.levels = [Level("", prefix + self.unit)]
        self.put_at(prefix)
        while self.kind not in (":", "}", "EOF", ";") or (self.kind == ":" and self.level.ternaries):
            self.item()
        if self.kind == ":":
            self.put(space=False)
        self.opened = True

    def simple(self, prefix: str, joined: bool = False) -> None:
        """A statement, declaration or field up to its semicolon, or to the body of a function."""
        self.before = []
        self.levels = [Level("", prefix + self.unit)]
        self.operand = self.sign = self.tight = False
        first = self.kind
        if first in ("(", "["):  # an expression that begins with a bracket
            self.levels = [Level("", prefix)]
            self.gap(prefix, prefix)
            self.bracket()
            self.levels = [Level("", prefix + self.unit)]
        else:
            self.begin(prefix, joined)
        if first in ("return", "print") and not self.broken_before():
            self.align()
        while self.kind not in (";", "}", "EOF"):
            if self.kind == "{" and first in ("event", "function", "hook", "redef") and self.is_body():
                self.block(prefix + self.unit)
                if self.kind == ";" and not self.broken_before():
                    self.put(space=False)
                return
            if self.kind == "DIRECTIVE" and first in ("event", "function", "hook"):
                self.directive()  # of two heads for one body
                if self.kind in ("event", "function", "hook"):
                    self.begin(prefix, False)
                continue
            self.item()
            # Further lines stand below the value, where that begins on the line of its word.
            last = self.before[-1:]
            if (
                last == ["="]
                and not self.tight
                and self.kind not in ("{", "EOF")
                and not self.broken_before()
            ):
                self.align()
            elif self.kind == "ATTR":
                self.level.prefix = prefix + self.unit
        if self.kind == ";":
            self.put(space=False)

    def align(self) -> None:
        """Let further lines of the statement begin below what comes next, if that is not too far to the
        right.
        """
        column = len(self.line.expandtabs(TAB_WIDTH)) + 1
        if column - len(self.line_prefix().expandtabs(TAB_WIDTH)) <= FARTHEST:
            self.level.prefix = self.aligned(column)

    def is_body(self) -> bool:
        """Whether a brace begins the body of the function that the statement declares."""
        previous = self.before[-1] if self.before else ""
        return (
            previous not in _BEFORE_VALUES
            and previous not in ("record", "enum")
            and "=" not in [k for i, k in enumerate(self.before) if k == "=" and self.before[i - 1] != "ATTR"]
        )

    def block(self, prefix: str) -> None:
        """A block; what is inside stands below its braces."""
        end = self.matching()
        inner = self.kinds[self.i + 1 : end]
        short = inner.count(";") <= 1 and not {
            "{",
            "if",
            "for",
            "while",
            "when",
            "switch",
            "DIRECTIVE",
        } & set(inner)
        if short and self.on_one_line(end) and self.kinds[end] == "}":
            self.short_block(prefix, end)
            return
        self.put_at(prefix)
        self.opened = True
        while self.kind not in ("}", "EOF"):
            self.statement(prefix)
        self.close(prefix, prefix)

    def short_block(self, prefix: str, end: int) -> None:
        """A block that the author put on one line."""
        if self.broken_before() or not self.line.strip():
            self.put_at(prefix)
        else:
            self.put(space=True)
        self.before = []
        self.levels = [Level("", prefix + self.unit)]
        self.operand = False
        while self.i < end:
            if self.before:
                self.item()
            elif self.kind in ("(", "["):
                self.line += " "
                self.bracket()
            else:
                self.put(space=True)
        self.put(space=self.kinds[self.i - 1] != "{")

    def close(self, prefix: str, comments_at: str) -> None:
        """The brace that ends a block."""
        self.before = []
        self.opened = True
        if self.kind == "}":
            self.put_at(prefix, comments_at)
        self.opened = False

    # ---- directives ----------------------------------------------------------------------------------------

    def directive(self) -> None:
        """A directive, on a line of its own without indentation."""
        text = self.text[self.starts[self.i] : self.ends[self.i]]
        self.gap(self.level.prefix if self.level.kind else "", "")
        word = text.split(None, 1)[0]
        self.line += text.strip() if word != "@load" or "#" in text else " ".join(text.split())
        self.i += 1
        if word in ("@if", "@ifdef", "@ifndef") and self.kind == "(":
            saved = self.before, self.levels, self.operand
            self.before, self.levels, self.operand = [word], [Level("", self.unit)], False
            self.bracket(spaced=True)
            self.before, self.levels, self.operand = saved
        self.must_break = True
        self.opened = False


def format_source(text: bytes, path: str = "<script>", unit: str = "\t") -> bytes:
    """The text of a script in the common layout.

    :param unit: a step of indentation: a tab, or blanks
    :raises FormatError: when there is text that is no token, or brackets within brackets without end
    """
    source = Source(path, text)
    tokens = tokenize(source)
    for kind, start in zip(tokens.kinds, tokens.starts, strict=True):
        if kind == "ERROR":
            line, column = source.position(start)
            raise FormatError(
                f"{path}:{line}:{column + 1}: this is no part of a script; bro -a {path} says more"
            )
    try:
        made = Layout(source, unit).run()
        for _ in range(MOST_ROUNDS):
            again = Layout(Source(path, made.encode("latin-1")), unit).run()
            if again == made:
                break
            made = again
    except RecursionError:
        raise FormatError(f"{path}: this script is nested too deeply to be laid out") from None
    if "\r\n" in source.text[: source.text.find("\n") + 1]:  # lines end as the first one does
        made = made.replace("\n", "\r\n")
    result = made.encode("latin-1")
    if _meaning(tokenize(Source(path, result))) != _meaning(tokens) or _comments(made) != _comments(
        source.text
    ):
        raise FormatError(
            f"{path}: formatting would change what this script says; please report it with the script"
        )
    return result


def _meaning(tokens: Tokens) -> list[tuple[str, str]]:
    """What a text says: its tokens, without blanks inside of them."""
    return [(kind, " ".join(text.split())) for kind, text in zip(tokens.kinds, tokens.texts, strict=True)]


def _comments(text: str) -> list[str]:
    tokens = tokenize(Source("<script>", text.encode("latin-1")))
    end = 0
    found = []
    for start, behind in zip(tokens.starts, tokens.ends, strict=True):
        found += [m.group(1).rstrip() for m in _COMMENT.finditer(text, end, start) if m.group(1)]
        end = behind
    return found
