"""What an editor asks about scripts: mistakes, definitions, documentation, completions, outlines.

`Workspace` answers in offsets and plain values; `lsp` speaks the protocol.
"""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple

from bro.script import nodes as n
from bro.script import types as t
from bro.script.diagnostics import CompileError, Source
from bro.script.scope import Local, Symbol
from bro.script.search import SearchPath
from bro.tools.completion import Completion, complete, function_at
from bro.tools.frontend import Analysis, analyze, options_for, read, walk
from bro.tools.index import Definition, Index, comments, definitions, summary
from bro.tools.lint import findings_of
from bro.tools.rules import Finding

#: A directive that loads a file, with the place of its name.
_LOADING: Final = re.compile(r"^[ \t]*@(load|load-sigs|unload)[ \t]+([^\s#]+)", re.MULTILINE)


class Hover(NamedTuple):
    """What is said about the name under the cursor."""

    text: str  #: in Bro's syntax
    doc: str
    start: int
    end: int


class Workspace:
    """Open files, and what is known of them."""

    def __init__(self, bare: bool = False) -> None:
        self.texts: dict[str, bytes] = {}  #: open files by real path
        self.options = options_for(bare)
        self.index = Index(self.options.declarations or ())
        self._analyses: dict[str, tuple[int, Analysis]] = {}

    # ---- files ---------------------------------------------------------------------------------------------

    def open(self, path: str, text: str) -> None:
        """A file is open in an editor, or has changed there."""
        self.texts[os.path.realpath(path)] = text.encode("utf-8", "surrogateescape")

    def close(self, path: str) -> None:
        real = os.path.realpath(path)
        self.texts.pop(real, None)
        self._analyses.pop(real, None)

    def has(self, path: str) -> bool:
        """Whether there is such a file, saved or only open in an editor."""
        return os.path.realpath(path) in self.texts or os.path.exists(path)

    def loading(self, path: str) -> set[str]:
        """The open files that load a file, by real path, and those that ask for scripts that do not exist."""
        real = os.path.realpath(path)
        return {
            one
            for one, (_, found) in self._analyses.items()
            if one in self.texts
            and (
                real in {os.path.realpath(script) for script in found.scripts}
                or any("there is no script" in item.message for item in found.diagnostics)
            )
        }

    def source(self, path: str) -> Source:
        """The text of a file as the editor has it."""
        real = os.path.realpath(path)
        text = self.texts.get(real)
        if text is None:
            try:
                with open(path, "rb") as file:
                    text = file.read()
            except OSError:
                text = b""
        return Source(path, text)

    def analysis(self, path: str, text: bytes | None = None) -> Analysis:
        """The file read and checked, with what it loads."""
        real = os.path.realpath(path)
        texts = dict(self.texts)
        if text is not None:
            texts[real] = text
        stamp = hash(tuple(sorted(texts.items())))
        known = self._analyses.get(real)
        if known is not None and known[0] == stamp:
            return known[1]
        found = analyze([path], self.options, texts)
        if text is None:
            self._analyses[real] = (stamp, found)
            self.index.update(found.scripts, self.texts)
        return found

    # ---- answers -------------------------------------------------------------------------------------------

    def findings(self, path: str) -> list[Finding]:
        """Errors and warnings in a file."""
        try:
            found = self.analysis(path)
        except CompileError:
            return []  # base scripts that are being changed; their own file says what is wrong
        real = os.path.realpath(path)
        own = self.source(path)
        # What is about no place, such as a file that cannot be read, is told at the begin.
        told = [f if f.source is not None else f._replace(source=own) for f in findings_of(found, {real})]
        return [f for f in told if f.source is not None and os.path.realpath(f.source.path) == real]

    def outline(self, path: str) -> list[Definition]:
        """What a file declares."""
        return definitions(self.source(path))

    def definition(self, path: str, offset: int) -> Definition | None:
        """Where the name at an offset is declared."""
        return self.at(path, offset)[0]

    def hover(self, path: str, offset: int) -> Hover | None:
        """What the name at an offset is."""
        found, span = self.at(path, offset)
        if found is not None:
            return Hover(found.text, found.doc, *span)
        word = self.source(path).text[span[0] : span[1]]
        builtin = self.builtin(word)
        return None if builtin is None else Hover(*builtin, *span)

    def builtin(self, name: str) -> tuple[str, str] | None:
        """Signature and documentation of a built-in function."""
        import inspect

        from bro.runtime.builtins.registry import load_all

        known = load_all().get(name)
        return None if known is None else (known.signature + ";", inspect.getdoc(known.function) or "")

    def at(self, path: str, offset: int) -> tuple[Definition | None, tuple[int, int]]:
        """The definition of the name at an offset, and where that name begins and ends."""
        source = self.source(path)
        for load in _LOADING.finditer(source.text):
            if load.start(2) <= offset <= load.end(2):
                return self.loaded(path, load.group(2), load.group(1) == "load-sigs"), load.span(2)
        span = _word_at(source.text, offset)
        if span[0] == span[1]:
            return None, span
        try:
            found = self.analysis(path)
        except CompileError:
            return None, span
        node = self.node(found, path, span)
        return self.resolve(found, source, node, span), span

    def loaded(self, path: str, name: str, signatures: bool) -> Definition | None:
        """The begin of the file that a name behind `@load` stands for."""
        search = SearchPath(self.options.search_path or [])
        beside = os.path.dirname(os.path.abspath(path))
        place = search.signatures(name, beside) if signatures else search.script(name, beside)
        if place is None:
            return None
        source = self.source(place)
        made = Definition(name, "file", source, (0, 0), 0, "")
        made.text = place
        made.doc = summary(source)
        return made

    def node(self, found: Analysis, path: str, span: tuple[int, int]) -> n.Node | None:
        """The smallest node of a file whose name stands at a place."""
        real = os.path.realpath(path)
        best: n.Node | None = None
        for decl in found.decls:
            if not (decl.start <= span[0] < decl.end) or os.path.realpath(decl.source.path) != real:
                continue
            for node in walk(decl):
                if not (node.start <= span[0] and span[1] <= node.end):
                    continue
                if isinstance(node, _NAMED) and (
                    best is None or node.end - node.start <= best.end - best.start
                ):
                    best = node
        return best

    def resolve(
        self, found: Analysis, source: Source, node: n.Node | None, span: tuple[int, int]
    ) -> Definition | None:
        word = source.text[span[0] : span[1]]
        before = source.text[: span[0]].rstrip()
        if before.endswith("$"):
            record = self.record_of(found, node, word)
            return None if record is None else self.index.find(f"{record}${word}")
        if isinstance(node, n.Name) and isinstance(node.symbol, Local):
            return _local(source, node.symbol)
        if isinstance(node, n.Name) and isinstance(node.symbol, Symbol):
            return self.index.find(node.symbol.name)
        module = _module_at(source, span[0])
        for full in (f"{module}::{word}", word) if module != "GLOBAL" else (word,):
            known = self.index.find(full.removeprefix("GLOBAL::"))
            if known is not None:
                return known
        for made in definitions(source):  # the place of a declaration itself
            for one in (made, *made.children):
                if (one.name_start, one.name_end) == span:
                    return one
        function = function_at(found, source.path, span[0])  # where a variable is declared
        own = [v for v in function.scope.locals if v.name == word] if function is not None else []
        near = [v for v in own if v.start <= span[0]] or own
        return _local(source, near[-1]) if near else None

    def record_of(self, found: Analysis, node: n.Node | None, field: str) -> str | None:
        """The record type whose field a node names."""
        type_: t.Type | None = None
        if isinstance(node, (n.FieldAccess, n.HasField)) and node.name == field:
            type_ = node.base.type
        elif isinstance(node, n.Argument):
            for decl in found.decls:
                for outer in walk(decl) if decl.start <= node.start < decl.end else ():
                    if (isinstance(outer, n.RecordConstructor) and node in outer.fields) or (
                        isinstance(outer, n.Call) and node in outer.args
                    ):
                        type_ = outer.type
        return type_.name if isinstance(type_, t.RecordType) else None

    # ---- completion ----------------------------------------------------------------------------------------

    def complete(self, path: str, offset: int) -> list[Completion]:
        """What may stand at an offset."""
        return complete(self, path, offset)

    def documentation(self, name: str) -> str:
        """What the comments of a full name say; empty for one that has none."""
        found = self.index.find(name)
        if found is not None:
            return found.doc
        builtin = self.builtin(name)
        return "" if builtin is None else builtin[1]

    def module_at(self, path: str, offset: int) -> str:
        """The module that a place of a file belongs to."""
        return _module_at(self.source(path), offset)


_NAMED = (n.Name, n.FieldAccess, n.HasField, n.Argument, n.NamedTypeExpr, n.Decl)


def _word_at(text: str, offset: int) -> tuple[int, int]:
    """Where the name around an offset begins and ends."""
    start = end = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_:"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_:"):
        end += 1
    # A single colon belongs to no name: it ends one, as in "x: count".
    found = list(re.finditer(r"(?:::)?[A-Za-z_]\w*(?:::\w+)*", text[start:end]))
    for match in found:
        if start + match.start() <= offset <= start + match.end():
            return start + match.start(), start + match.end()
    return offset, offset


def _module_at(source: Source, offset: int) -> str:
    """The module that a place belongs to."""
    found = None
    for found in re.finditer(  # noqa: B007
        r"^[ \t]*module[ \t]+([A-Za-z_]\w*)[ \t]*;", source.text[:offset], re.MULTILINE
    ):
        pass
    return found.group(1) if found else "GLOBAL"


def _local(source: Source, local: Local) -> Definition:
    """The definition of a local variable."""
    place = source.text.find(local.name, local.start)
    span = (local.start, place + len(local.name))
    made = Definition(local.name, "local", source, span, place, local.name)
    made.text = f"local {local.name}: {local.type.notation()}"
    made.doc = comments(source, local.start)
    return made


__all__ = ["Completion", "Hover", "Workspace", "read"]
