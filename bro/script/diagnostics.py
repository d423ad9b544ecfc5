"""Errors and warnings of the compiler: one way to make them, one way to show them.

A diagnostic names a place in a source, says what is wrong and, where it can, what would be right.  Compiling
goes on after an error, so one run tells of several.  Positions are offsets into the text of a `Source`.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

#: Errors after which a run stops looking for more.
MAX_ERRORS: Final = 40


#: What some editors begin a file of UTF-8 with; it is no part of the script.
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Source:
    """A script's text.

    The bytes are decoded as Latin-1, so that an offset is a byte and string literals keep whatever the file
    has; messages decode lines as UTF-8.
    """

    __slots__ = ("_lines", "engine", "left_out", "loaded", "path", "quiet", "text", "words")

    def __init__(self, path: str, data: bytes, engine: bool = False) -> None:
        self.path = path
        self.text = data.removeprefix(BYTE_ORDER_MARK).decode("latin-1")
        self.engine = engine  #: declarations that come from the engine, not from a file
        self._lines: list[int] | None = None
        #: the script that loads this one, and where in it
        self.loaded: tuple[Source, int] | None = None
        #: the texts of its tokens, once it was parsed
        self.words: frozenset[str] = frozenset()
        #: parts in which nothing is said of deprecations, by their ends
        self.quiet: list[tuple[int, int]] = []
        #: names in parts that an `@if` leaves out: what is not used here may be used there
        self.left_out: set[str] = set()

    @property
    def lines(self) -> list[int]:
        """Offsets at which lines begin."""
        found = self._lines
        if found is None:
            lengths = [len(line) + 1 for line in self.text.split("\n")]
            lengths.pop()
            found = self._lines = list(accumulate(lengths, initial=0))
        return found

    def position(self, offset: int) -> tuple[int, int]:
        """Line (from 1) and column in bytes (from 0) of an offset."""
        lines = self.lines
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1]

    def line_text(self, line: int) -> str:
        """One line without its end, as Latin-1."""
        start = self.lines[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")

    def comments(self, start: int) -> list[str]:
        """The lines of the ``##`` comments right above the declaration at an offset, and of the ``##<``
        behind it, as Latin-1.
        """
        line, _ = self.position(start)
        above: list[str] = []
        number = line - 1
        while number > 0:
            text = self.line_text(number).strip()
            if not text.startswith("##") or text.startswith(("##!", "##<")):
                break
            above.append(text[2:].removeprefix(" "))
            number -= 1
        behind: list[str] = []
        number = line
        while number <= len(self.lines):
            before, mark, rest = self.line_text(number).partition("##<")
            if not mark or (number > line and before.strip()):
                break
            behind.append(rest.removeprefix(" ").rstrip())
            number += 1
        return [*reversed(above), *behind]


#: Control characters do not go to the terminal.
_VISIBLE: Final = dict.fromkeys((*range(32), *range(127, 160)), "�") | {ord("\t"): "    "}


def _shown(latin: str) -> str:
    return latin.encode("latin-1", "replace").decode("utf-8", "replace").translate(_VISIBLE)


def _width(shown: str) -> int:
    """Columns that text takes on a terminal: characters of East Asia take two, accents on their own none."""
    if shown.isascii():
        return len(shown)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in shown)


#: Columns of a line that are shown; of a longer one the part around the place.
_WIDEST: Final = 200


def _window(content: str, column: int) -> tuple[int, str]:
    """The part of a line that is shown, and by how much columns move to the left in it."""
    if len(content) <= _WIDEST:
        return 0, content
    first = max(0, column - _WIDEST // 2)
    last = first + _WIDEST
    head, tail = "..." if first else "", "..." if last < len(content) else ""
    return first - len(head), head + content[first:last] + tail


#: Scripts that load each other which are told of with an error.
_MOST_LOADS: Final = 5


class Diagnostic:
    """One error or warning."""

    __slots__ = ("end", "hint", "level", "message", "source", "start")

    def __init__(
        self, level: str, message: str, source: Source | None, start: int, end: int, hint: str
    ) -> None:
        self.level = level  #: "error" or "warning"
        self.message = message
        self.source = source  #: None for what comes from no file, such as the command line
        self.start = start
        self.end = end
        self.hint = hint  #: what to do about it, may be empty

    @property
    def line(self) -> int:
        """Line in the source, from 1; 0 without a source."""
        return 0 if self.source is None else self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column in the line, in characters, from 1."""
        if self.source is None:
            return 0
        line, column = self.source.position(self.start)
        before = self.source.line_text(line)[:column]
        return 1 + (column if before.isascii() else len(before.encode("latin-1").decode("utf-8", "replace")))

    def render(self) -> str:
        """The message with its place, the line, and a mark below the text it is about."""
        if self.source is None:
            text = f"{self.level}: {self.message}"
        else:
            line, column = self.source.position(self.start)
            content = self.source.line_text(line)
            shift, content = _window(content, column)
            at = column - shift
            before = _shown(content[:at])
            length = max(1, _width(_shown(content[at : max(at + 1, at + self.end - self.start)])))
            number = str(line)
            text = (
                f"{self.source.path}:{line}:{self.column}: {self.level}: {self.message}\n"
                f"  {number} | {_shown(content)}\n"
                f"  {' ' * len(number)} | {' ' * _width(before)}{'^' * length}"
            )
        if self.hint:
            text += f"\n  help: {self.hint}"
        source = self.source if self.level == "error" else None
        for _ in range(_MOST_LOADS):
            if source is None or source.loaded is None:
                break
            source, offset = source.loaded
            text += f"\n  loaded by {source.path}, line {source.position(offset)[0]}"
        return text

    def __repr__(self) -> str:
        return f"<{self.level} line {self.line}: {self.message}>"


class CompileError(Exception):
    """The scripts have errors; `diagnostics` has them, with the warnings."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        shown = [d.render() for d in diagnostics if d.level == "error"]
        if len(shown) >= MAX_ERRORS:
            shown.append(f"these are the first {MAX_ERRORS} errors; there may be more")
        super().__init__("\n".join(shown))


class TooManyErrors(Exception):
    """Raised to stop compiling when `MAX_ERRORS` have been told."""


class Diagnostics:
    """Collects what the stages of one compilation have to say."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []
        self.error_count = 0
        self._told: set[tuple[str, str, int]] = set()
        #: names whose declarations could not be read: that they are not known is no further mistake
        self.lost: set[str] = set()

    def error(
        self, message: str, source: Source | None, start: int = 0, end: int = 0, hint: str = ""
    ) -> None:
        """Tell an error; the second about the same place and thing is dropped."""
        if self._add("error", message, source, start, end, hint):
            self.error_count += 1
            if self.error_count >= MAX_ERRORS:
                raise TooManyErrors

    def warning(
        self, message: str, source: Source | None, start: int = 0, end: int = 0, hint: str = ""
    ) -> None:
        """Tell a warning."""
        self._add("warning", message, source, start, end, hint)

    def _add(self, level: str, message: str, source: Source | None, start: int, end: int, hint: str) -> bool:
        key = (message, source.path if source is not None else "", start)
        if key in self._told:
            return False
        self._told.add(key)
        self.items.append(Diagnostic(level, message, source, start, max(start, end), hint))
        return True

    @staticmethod
    def ordered(items: list[Diagnostic]) -> list[Diagnostic]:
        """Diagnostics by their places, file by file."""
        files: dict[str, int] = {}
        for item in items:
            files.setdefault(item.source.path if item.source else "", len(files))
        return sorted(items, key=lambda d: (files[d.source.path if d.source else ""], d.start))

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.items if d.level == "error"]

    @property
    def warnings(self) -> list[Diagnostic]:
        return self.ordered([d for d in self.items if d.level == "warning"])

    def check(self) -> None:
        """Raise `CompileError` if there were errors, in the order of their places."""
        if self.error_count:
            self.items = self.ordered(self.items)
            raise CompileError(self.items)


def suggest(name: str, candidates: Iterable[str], what: str = "did you mean") -> str:
    """A hint with the names that look most like `name`; empty when none does."""
    from difflib import get_close_matches

    others = [c for c in candidates if c != name]
    close = [c for c in others if c.lower() == name.lower()][:3]  # only its case is wrong
    close = close or get_close_matches(name, others, n=3, cutoff=0.75)
    if not close:
        return ""
    quoted = [f'"{c}"' for c in close]
    listed = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]
    return f"{what} {listed}?"
