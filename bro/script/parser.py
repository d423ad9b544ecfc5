"""Tokens to a tree: what the parts of the parser share.

The parser is a recursive descent in four parts: `parser_types`, `parser_expressions`, `parser_statements` and
`parser_declarations`; `Parser` puts them together.  It asks a `Host` for what lies outside of one file:
loading other files, the value of an `@if`, whether a name is defined so far.

After an error the parser goes on at the next statement or declaration.
"""

from __future__ import annotations

from bro.runtime.stack import RoomForTrees
from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source, suggest
from bro.script.lexer import (
    CONDITION_DIRECTIVES,
    KEYWORDS,
    LINE_DIRECTIVES,
    VALUE_DIRECTIVES,
    Tokens,
    tokenize,
)
from bro.script.regular import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn, Protocol

    class Host(Protocol):
        """What a parser asks of whoever loads files."""

        def load(self, name: str, parser: ParserBase, start: int, end: int) -> None:
            """`@load name`"""

        def load_signatures(self, name: str, parser: ParserBase, start: int, end: int) -> None:
            """`@load-sigs name`"""

        def load_plugin(self, name: str, parser: ParserBase, start: int, end: int) -> None:
            """`@load-plugin name`"""

        def unload(self, name: str, parser: ParserBase, start: int, end: int) -> None:
            """`@unload name`"""

        def set_prefixes(self, op: str, names: list[str]) -> None:
            """`@prefixes = names` or ``+=``"""

        def condition(self, expr: n.Expr, parser: ParserBase) -> bool:
            """The value of the expression of an `@if`."""

        def defined(self, name: str, module: str) -> bool:
            """Whether a name is declared so far, seen from a module."""

        def declare(self, decl: n.Decl) -> None:
            """A declaration was read."""


#: How deep expressions, types and statements may be nested; each level takes several Python frames.
MAX_DEPTH: Final = 250

#: How many of `$field`, `[index]`, `(arguments)` may follow each other: each is a level of the tree.
MAX_CHAIN: Final = 250


#: All directives.
DIRECTIVES: Final = LINE_DIRECTIVES | CONDITION_DIRECTIVES | VALUE_DIRECTIVES


class ParseError(Exception):
    """Raised to leave what is being parsed; the diagnostic has been made."""


#: Words and signs that a message names.
_QUOTED = regex(r'"([^"]+)"')

#: What opens, by what closes it.
_OPENS = {")": "(", "]": "[", "}": "{"}

_ADDRESS = regex(r"[0-9A-Fa-f:]*")


def _address_hint(text: str, at: int) -> str:
    """A hint where an IPv6 address stands without its brackets around a place in the text."""
    start = at
    while start and (text[start - 1] == ":" or text[start - 1] in "0123456789abcdefABCDEF"):
        start -= 1
    found = _ADDRESS.match(text, start)
    address = found.group() if found is not None else ""
    if address.count(":") < 2:
        return ""
    from ipaddress import AddressValueError, IPv6Address

    try:
        IPv6Address(address)
    except AddressValueError:
        return ""
    return f"an IPv6 address stands in brackets: [{address}]"


class ParserBase:
    """Position in the tokens, and the directives."""

    #: inside of `|...|`, where a bar ends the expression
    in_bars = False

    def __init__(self, source: Source, diagnostics: Diagnostics, host: Host) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.host = host
        self.tokens: Tokens = tokenize(source)
        # The lists themselves, as they are asked for at every token; `cut` takes tokens from them in place.
        self.kinds = self.tokens.kinds
        self.texts = self.tokens.texts
        self.starts = self.tokens.starts
        self.ends = self.tokens.ends
        self.i = 0
        self.kind = self.kinds[0]
        self.module = "GLOBAL"
        self.exporting = 0
        self.depth = 0
        #: the first token of the statement that was begun last
        self.begun = 0
        #: inside the value of an attribute, where further attributes belong to the outer declaration
        self.in_attribute = False
        #: open @if branches: whether the branch that is read is the @else
        self.conditions: list[tuple[int, bool]] = []
        #: where the open @pragma push stand
        self.pragmas: list[int] = []
        #: a directive is being read: what it says is not done to the tokens of its own condition
        self.in_directive = False
        self.cuts = "@if" in source.text
        if self.cuts:  # others need not look for directives at every token
            self.advance = self.advance_cutting  # type: ignore[method-assign]
            self.peek = self.peek_cutting  # type: ignore[method-assign]

    # ---- tokens --------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """Text of the current token."""
        return self.texts[self.i]

    @property
    def start(self) -> int:
        """Offset at which the current token begins."""
        return self.starts[self.i]

    @property
    def last_end(self) -> int:
        """Offset at which the token before the current one ended."""
        return self.ends[self.i - 1] if self.i else 0

    def advance(self) -> None:
        """Go to the next token."""
        i = self.i = self.i + 1
        self.kind = self.kinds[i]

    def peek(self, distance: int = 1) -> str:
        """The kind of a token further on."""
        i = self.i + distance
        return self.kinds[i] if i < len(self.kinds) else "EOF"

    def advance_cutting(self) -> None:
        """Go to the next token that no `@if` leaves out.

        Behind a semicolon or brace a directive is left to who reads declarations and statements: its
        condition may depend on the declaration that ends there.
        """
        i = self.i = self.i + 1
        kinds = self.kinds
        if kinds[i] == "DIRECTIVE" and not self.in_directive and kinds[i - 1] not in (";", "}"):
            self.cut(i)
        self.kind = kinds[i]

    def peek_cutting(self, distance: int = 1) -> str:
        """The kind of a token further on that no `@if` leaves out."""
        i = self.i + distance
        kinds = self.kinds
        if i >= len(kinds):
            return "EOF"
        if kinds[i] == "DIRECTIVE" and not self.in_directive and kinds[i - 1] not in (";", "}"):
            self.cut(i)
        return kinds[i]

    def cut(self, at: int) -> None:
        """Do the `@if`, `@else` and `@endif` that stand at a token, and take them and what they leave out
        from the tokens.
        """
        tokens, i, kind = self.tokens, self.i, self.kind
        while self.kinds[at] == "DIRECTIVE" and tokens.texts[at] in CONDITION_DIRECTIVES:
            self.i, self.kind = at, "DIRECTIVE"
            self.directive()
            for column in (tokens.kinds, tokens.texts, tokens.starts, tokens.ends):
                del column[at : self.i]
        self.i, self.kind = i, kind

    def conditions_here(self) -> None:
        """Do the `@if`, `@else` and `@endif` at the current token, where something goes on behind a brace or
        semicolon.
        """
        if self.kind == "DIRECTIVE" and self.cuts and not self.in_directive:
            self.cut(self.i)
            self.kind = self.kinds[self.i]

    def accept(self, kind: str) -> bool:
        """Pass over the current token if it is of this kind."""
        if self.kind == kind:
            self.advance()
            return True
        return False

    def expect(self, kind: str, where: str = "") -> None:
        """Pass over a token of this kind; anything else is an error."""
        if self.kind == kind:
            self.advance()
            return
        self.expected(f'"{kind}"', where)

    def expected(self, what: str, where: str = "") -> NoReturn:
        """Report that something else should stand here."""
        suffix = f" {where}" if where else ""
        if self.kind == "ERROR":
            self.bad_token()
        hint = ""
        start, end = self.tokens.starts[self.i], self.tokens.ends[self.i]
        if self.kind == "EOF" and self.i:
            start, end = self.last_end, self.last_end + 1
        if (
            what == '";"'
            and self.i
            and self.source.position(self.last_end)[0] < self.source.position(start)[0]
        ):
            # The mistake is at the end of the line before, not at what follows on another one.
            start, end = self.last_end, self.last_end + 1
            self.fail('expected ";"' + suffix, start, end, "a statement or declaration ends with a semicolon")
        if what == '";"' and self.i:
            # `evnt x()`: what stands before, or begins the statement, may be meant as a word of the language.
            for place in (self.i - 1, self.begun):
                if self.kinds[place] == "ID" and not hint:
                    hint = suggest(self.tokens.texts[place], KEYWORDS)
        elif self.kind == "ID":
            words = [word for word in _QUOTED.findall(what) if word.isidentifier()]
            hint = suggest(self.text, words) if words else ""
        if not hint and what[-1] == '"' and what[-2] in ")}]":
            hint = self.opening(what[-2])
        if self.kind in (":", "::") or self.text.startswith("::"):
            hint = _address_hint(self.source.text, start) or hint
        self.fail(f"expected {what}{suffix}, found {self.shown()}", start, end, hint)

    def opening(self, close: str) -> str:
        """A hint with the bracket that should be closed here; empty where it stands on the same line."""
        opened: list[int] = []
        suspect = -1
        column_of = self.indentation
        for i in range(self.i):
            kind = self.kinds[i]
            if kind in ("(", "[", "{"):
                opened.append(i)
            elif kind in (")", "]", "}") and opened:
                before = opened.pop()
                # A brace that closes one at another column probably was meant for one further out.
                if kind == "}" and suspect < 0 and column_of(before) > column_of(i):
                    suspect = before
        if not opened:
            return ""
        line_of = self.source.position
        line = line_of(self.tokens.starts[opened[-1]])[0]
        if self.kinds[opened[-1]] != _OPENS[close] or line == line_of(self.start)[0]:
            return ""
        hint = f'the "{_OPENS[close]}" in line {line} is not closed'
        if suspect >= 0:
            hint += f", or that in line {line_of(self.tokens.starts[suspect])[0]} is not"
        return hint

    def indentation(self, i: int) -> int:
        """Blanks at the beginning of the line that a token stands on."""
        content = self.source.line_text(self.source.position(self.tokens.starts[i])[0])
        return len(content) - len(content.lstrip())

    def definition_ahead(self) -> bool:
        """Whether the definition of a function or handler begins here, at the beginning of a line: not a call
        of a hook, nor an event that is raised.
        """
        if self.kind not in ("event", "hook", "function") or self.column() or self.peek() != "ID":
            return False
        if self.peek(2) != "(":
            return False
        depth, distance = 0, 2
        while True:
            kind = self.peek(distance)
            depth += (kind in ("(", "[", "{")) - (kind in (")", "]", "}"))
            distance += 1
            if kind == "EOF" or depth <= 0:
                break
        return self.peek(distance) in ("{", "ATTR", ":")

    def shown(self) -> str:
        """The current token, for messages."""
        if self.kind == "EOF":
            return "the end of the file"
        text = self.text
        if self.kind == "DIRECTIVE":
            text = text.split()[0]
        if len(text) > 40:
            text = text[:37] + "..."
        if self.kind in ("STRING", "PATTERN"):
            return text
        return f'"{text}"' if self.kind != "ATTR" else f'"&{text}"'

    def bad_token(self) -> NoReturn:
        text = self.text
        if text.startswith('"'):
            self.fail("string without closing quote", hint="a string ends on the line it begins on")
        if text.startswith("@"):
            self.fail(f'there is no directive "{text}"', hint=suggest(text, DIRECTIVES))
        if len(text) > 1:
            self.fail(f'"{text}" is neither a number nor a name')
        # The text is Latin-1 of what is mostly UTF-8.
        whole = self.source.text[self.start : self.start + 4].encode("latin-1", "replace")
        character = whole.decode("utf-8", "ignore")[:1] if text >= "\x80" else text
        if character.isprintable() and whole.startswith(character.encode()[:1]) and character:
            hint = 'a string stands between double quotes: "..."' if character == "'" else ""
            self.fail(f'unexpected character "{character}"', hint=hint)
        self.fail(f"unexpected byte 0x{ord(text):02x}")

    def fail(
        self, message: str, start: int | None = None, end: int | None = None, hint: str = ""
    ) -> NoReturn:
        """Report an error and leave what is being parsed."""
        self.error(message, start, end, hint)
        raise ParseError

    def error(self, message: str, start: int | None = None, end: int | None = None, hint: str = "") -> None:
        """Report an error at the current token, or at a place."""
        if start is None:
            start, end = self.tokens.starts[self.i], self.tokens.ends[self.i]
        self.diagnostics.error(message, self.source, start, start + 1 if end is None else end, hint)

    def warning(self, message: str, start: int, end: int, hint: str = "") -> None:
        self.diagnostics.warning(message, self.source, start, end, hint)

    def enter(self) -> None:
        """Count a level of nesting; undone by `self.depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth = 0
            self.too_deep()

    def too_deep(self) -> NoReturn:
        """Report that the tree would have too many levels."""
        self.fail(
            "this is nested too deeply", hint="take a part of it into a variable or function of its own"
        )

    def name(self, what: str) -> str:
        """Pass over a name and return it."""
        if self.kind != "ID":
            self.expected(what)
        text = self.text
        self.advance()
        return text

    def member_name(self, what: str) -> str:
        """Pass over a name that may be a keyword, as field names may."""
        text = self.texts[self.i]
        if self.kind != "ID" and not (self.kind == text and text.isidentifier()):
            self.expected(what)
        self.advance()
        return text

    # ---- recovery ------------------------------------------------------------------------------------------

    def lose(self, begin: int) -> None:
        """Note the names that what was passed over since a token would have declared."""
        kinds, texts = self.kinds, self.tokens.texts
        for i in range(begin + 1, min(self.i, len(kinds))):
            if kinds[i] == "ID" and (kinds[i - 1] in _NAMING or kinds[i - 1] == "ID"):
                self.diagnostics.lost.add(texts[i])

    def skip_statement(self, begin: int | None = None) -> None:
        """After an error: go behind the end of the statement.

        :param begin: its first token; braces that were opened since then are of the statement itself
        """
        depth = 0
        if begin is not None:
            opened = self.kinds[begin : self.i]
            depth = max(0, opened.count("{") - opened.count("}"))
        while self.kind != "EOF":
            kind = self.kind
            if kind in ("(", "[", "{"):
                depth += 1
            elif kind in (")", "]"):
                depth = max(0, depth - 1)
            elif kind == "}":
                if depth == 0:
                    return
                depth -= 1
                if depth == 0:
                    self.advance()
                    self.accept(";")
                    return
            elif kind == ";" and depth == 0:
                self.advance()
                return
            elif (kind in DECLARATION_WORDS and self.at_line_start() and self.column() == 0) or (
                kind == "DIRECTIVE" and depth == 0
            ):
                return
            self.advance()

    def skip_declaration(self, begin: int) -> None:
        """After an error: go to the next declaration.

        :param begin: the first token of the one with the error
        """
        opened = self.kinds[begin : self.i]
        depth = max(0, opened.count("{") - opened.count("}"))
        first = self.i == begin
        while self.kind != "EOF":
            kind = self.kind
            if (
                not first
                and kind in DECLARATION_WORDS
                and self.at_line_start()
                and (depth == 0 or self.column() == 0)
            ):
                return
            first = False
            if kind == "DIRECTIVE" and depth <= 0:
                return
            if kind == "{":
                depth += 1
            elif kind == "}":
                depth -= 1
                if depth < 0:
                    return
                if depth == 0:
                    self.advance()
                    self.accept(";")
                    return
            elif kind == ";" and depth == 0:
                self.advance()
                return
            self.advance()

    def at_line_start(self) -> bool:
        """Whether only blanks stand before the current token on its line."""
        text = self.source.text
        return not text[text.rfind("\n", 0, self.start) + 1 : self.start].strip()

    def column(self) -> int:
        """Column of the current token, from 0."""
        return self.start - self.source.text.rfind("\n", 0, self.start) - 1

    # ---- directives ----------------------------------------------------------------------------------------

    def directive(self) -> None:
        """Do what the directive at the current token says, and go behind it."""
        outer, self.in_directive = self.in_directive, True
        try:
            self.do_directive()
        finally:
            self.in_directive = outer

    def do_directive(self) -> None:
        text, start = self.text, self.start
        word, _, argument = text.partition(" ") if " " in text else text.partition("\t")
        argument = argument.partition("#")[0].strip()
        end = start + len(text.partition("#")[0].rstrip())
        if word in ("@if", "@ifdef", "@ifndef"):
            self.advance()
            taken = self.condition(word, start)
            self.conditions.append((start, False))
            if not taken:
                self.skip_branch(start)
        elif word == "@else":
            if not self.conditions or self.conditions[-1][1]:
                self.error("@else without @if")
                self.advance()
                return
            opened = self.conditions[-1][0]
            self.conditions[-1] = (opened, True)
            self.advance()
            self.skip_branch(opened)
        elif word == "@endif":
            if self.conditions:
                self.conditions.pop()
            else:
                self.error("@endif without @if")
            self.advance()
        else:
            self.advance()
            self.line_directive(word, argument, start, end)

    def condition(self, word: str, start: int) -> bool:
        """The value of a condition; of one that cannot be read the error is told, and nothing else."""
        depth, bars, in_attribute = self.depth, self.in_bars, self.in_attribute
        self.in_bars = self.in_attribute = False
        try:
            self.expect("(", f"after {word}")
            if word == "@if":
                expr = self.expression()
                self.expect(")", "after the condition of @if")
                return self.host.condition(expr, self)
            name = self.name("a name")
            self.expect(")", f"after the name of {word}")
            return self.host.defined(name, self.module) == (word == "@ifdef")
        except ParseError:
            line = self.source.position(start)[0]
            while self.kind not in ("EOF", "DIRECTIVE") and self.source.position(self.start)[0] == line:
                self.advance()
            return False
        finally:
            self.depth, self.in_bars, self.in_attribute = depth, bars, in_attribute

    def skip_branch(self, opened: int) -> None:
        """Pass over tokens up to the @else or @endif that belongs to the open @if, and go behind it."""
        depth = 0
        while self.kind != "EOF":
            if self.kind == "DIRECTIVE":
                word = self.text
                if word in ("@if", "@ifdef", "@ifndef"):
                    depth += 1
                elif word == "@endif":
                    if depth == 0:
                        self.conditions.pop()
                        self.advance()
                        return
                    depth -= 1
                elif word == "@else" and depth == 0 and not self.conditions[-1][1]:
                    self.conditions[-1] = (opened, True)
                    self.advance()
                    return
            elif self.kind == "ID":
                self.source.left_out.add(self.text)
            self.advance()

    def line_directive(self, word: str, argument: str, start: int, end: int) -> None:
        argument = argument.rstrip(";").strip()
        if word == "@prefixes":
            op = "+=" if argument.startswith("+=") else "="
            if not argument.startswith(op):
                self.error("expected = or += after @prefixes", start, end)
                return
            self.host.set_prefixes(op, [p for p in argument[len(op) :].replace(":", " ").split() if p])
            return
        if word == "@deprecated":
            self.warning(f"this script is deprecated: {argument.strip(chr(34))}".rstrip(": "), start, end)
            return
        if word == "@pragma":
            self.pragma(argument, start, end)
            return
        if not argument:
            self.error(f"{word} without a name behind it", start, end)
            return
        if len(argument) > 1 and argument[0] == argument[-1] == '"':
            argument = argument[1:-1]
        if word == "@load":
            self.host.load(argument, self, start, end)
        elif word == "@load-sigs":
            self.host.load_signatures(argument, self, start, end)
        elif word == "@load-plugin":
            self.host.load_plugin(argument, self, start, end)
        elif word == "@unload":
            self.host.unload(argument, self, start, end)

    def pragma(self, argument: str, start: int, end: int) -> None:
        """`@pragma push ignore-deprecations` and ``pop``: no warnings of deprecations in between."""
        word, _, name = argument.partition(" ")
        name = name.strip()
        if word not in ("push", "pop") or (name or "ignore-deprecations") != "ignore-deprecations":
            self.warning(
                f'there is no pragma "{argument}"', start, end, "write: @pragma push ignore-deprecations"
            )
        elif word == "push" and name:
            self.pragmas.append(start)
        elif word == "push":
            self.warning("@pragma push without a name behind it", start, end)
        elif self.pragmas:
            self.source.quiet.append((self.pragmas.pop(), end))
        else:
            self.warning("@pragma pop without @pragma push", start, end)

    def directives(self) -> None:
        """Do the directives that stand here, if any."""
        while self.kind == "DIRECTIVE":
            self.directive()

    # The parts that need each other; the classes that `Parser` is made of define them.

    def expression(self) -> n.Expr:
        raise NotImplementedError

    def conditional(self) -> n.Expr:
        raise NotImplementedError

    def type_expr(self) -> n.TypeExpr:
        raise NotImplementedError

    def attributes(self) -> list[n.Attr]:
        raise NotImplementedError

    def func_type(self, flavor: str, start: int) -> n.FuncTypeExpr:
        raise NotImplementedError

    def block(self) -> n.Block:
        raise NotImplementedError

    def statement(self) -> n.Stmt:
        raise NotImplementedError

    def lambda_expr(self) -> n.Expr:
        raise NotImplementedError


#: Words that a name which is declared stands behind.
_NAMING: Final = frozenset(["global", "const", "option", "type", "event", "function", "hook", "local"])

#: Words that begin a declaration, for going on after an error.
DECLARATION_WORDS: Final = frozenset(
    ["global", "const", "option", "type", "redef", "event", "function", "hook", "module", "export"]
)


def parse(source: Source, diagnostics: Diagnostics, host: Host) -> None:
    """Parse a whole script; its declarations go to `host.declare`."""
    from bro.script.parser_declarations import Parser

    parser = Parser(source, diagnostics, host)
    source.words = frozenset(parser.texts)
    try:
        with RoomForTrees():
            parser.script()
    except RecursionError:
        parser.error("this is nested too deeply")
