"""Where names are declared and what their comments say: for going to definitions, for hovering, for
outlines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from bro.script import nodes as n
from bro.script.diagnostics import Source
from bro.tools.frontend import full_name, read

#: The longest text of a declaration that is shown.
MAX_SHOWN: Final = 1200


class Definition:
    """A declaration of a name."""

    __slots__ = (
        "children",
        "doc",
        "end",
        "kind",
        "name",
        "name_end",
        "name_start",
        "source",
        "start",
        "text",
    )

    def __init__(
        self, name: str, kind: str, source: Source, span: tuple[int, int], name_start: int, short: str
    ) -> None:
        self.name = name  #: full name; RECORD$FIELD for fields
        self.kind = kind  #: "variable", "constant", "option", "type", "function", "event", "hook", "handler",
        #: "field", "enum", "redef", "local"
        self.source = source
        self.start, self.end = span  #: offsets of the whole declaration
        self.name_start = name_start
        self.name_end = name_start + len(short)
        self.doc = comments(source, span[0])
        self.text = shown(source, *span)
        self.children: list[Definition] = []


def comments(source: Source, start: int) -> str:
    """The ``##`` comments right above a declaration, and the ``##<`` behind it, as UTF-8 text."""
    return _utf8("\n".join(source.comments(start)))


def summary(source: Source) -> str:
    """What the ``##!`` comments of a file say, as UTF-8 text."""
    lines = (line.strip() for line in source.text.split("\n"))
    return _utf8("\n".join(line[3:].removeprefix(" ") for line in lines if line.startswith("##!")))


def shown(source: Source, start: int, end: int) -> str:
    """A declaration as it is written, without the body of a function and without comments."""
    text = source.text[start : min(end, start + 4 * MAX_SHOWN)]
    lines = [line.partition("##")[0].rstrip() for line in text.split("\n")]
    text = "\n".join(line for line in lines if line.strip())
    return _utf8(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " ...")


def _utf8(latin: str) -> str:
    return latin.encode("latin-1").decode("utf-8", "replace")


def definitions(source: Source) -> list[Definition]:
    """What a source declares, in its order."""
    return definitions_of(read(source)[0].found)


def definitions_of(decls: Iterable[n.Decl]) -> list[Definition]:
    """The definitions that declarations are."""
    found = []
    for decl in decls:
        made = _definition(decl)
        if made is not None:
            found.append(made)
    return found


def _definition(decl: n.Decl) -> Definition | None:
    source = decl.source
    if isinstance(decl, n.GlobalDecl):
        kind = {"const": "constant", "option": "option"}.get(decl.kind, "variable")
        type_ = decl.type_expr
        if isinstance(type_, n.FuncTypeExpr):
            kind = type_.flavor
        written = decl.name.rpartition("::")[2]
        at = _find(source, written, decl.name_start)
        return Definition(
            full_name(decl.name, decl.module), kind, source, (decl.start, decl.end), at, written
        )
    if isinstance(decl, n.TypeDecl):
        short = decl.name.rpartition("::")[2]
        name = full_name(decl.name, decl.module)
        at = _find(source, short, decl.name_start)
        made = Definition(name, "type", source, (decl.start, decl.end), at, short)
        if isinstance(decl.type_expr, n.RecordTypeExpr):
            made.children = _fields(name, decl.type_expr.fields, source)
        elif isinstance(decl.type_expr, n.EnumTypeExpr):
            made.children = _items(decl.type_expr.items, decl.module, source)
        return made
    if isinstance(decl, n.FuncDecl):
        head = (decl.start, decl.body.start if decl.body is not None else decl.end)
        short = decl.name.rpartition("::")[2]
        at = _find(source, short, decl.name_start)
        # A handler is not what declares its event, and need not belong to the same module.
        handler = decl.signature.flavor != "function"
        name = decl.name if handler else full_name(decl.name, decl.module)
        made = Definition(name, "handler" if handler else "function", source, head, at, short)
        made.end = decl.end
        return made
    if isinstance(decl, n.RedefRecord):
        name = full_name(decl.name.name, decl.module)
        made = Definition(name, "redef", source, (decl.start, decl.end), decl.name.start, decl.name.name)
        made.children = _fields(name, decl.fields, source)
        return made
    if isinstance(decl, n.RedefEnum):
        name = full_name(decl.name.name, decl.module)
        made = Definition(name, "redef", source, (decl.start, decl.end), decl.name.start, decl.name.name)
        made.children = _items(decl.items, decl.module, source)
        return made
    return None


def _find(source: Source, word: str, near: int) -> int:
    """Where a word stands, at an offset or soon behind it."""
    place = source.text.find(word, near, near + 200)
    return near if place < 0 else place


def _fields(record: str, fields: list[n.FieldDecl], source: Source) -> list[Definition]:
    return [
        Definition(
            f"{record}${f.name}", "field", source, (f.start, f.end), _find(source, f.name, f.start), f.name
        )
        for f in fields
    ]


def _items(items: list[n.EnumItem], module: str, source: Source) -> list[Definition]:
    return [
        Definition(full_name(i.name, module), "enum", source, (i.start, i.end), i.start, i.name)
        for i in items
    ]


class Index:
    """The definitions in many files, by full name; a file is read again when it has changed."""

    def __init__(self, declarations: Iterable[tuple[str, str]] = ()) -> None:
        self._files: dict[str, tuple[float, list[Definition]]] = {}
        self._by_name: dict[str, list[Definition]] | None = None
        for name, text in declarations:
            source = Source(f"<engine>/{name}", text.encode("latin-1", "replace"), engine=True)
            self._files[source.path] = (0.0, definitions(source))

    def update(self, paths: Iterable[str], texts: dict[str, bytes] | None = None) -> None:
        """Read the files that are new or have changed.

        :param texts: contents of open files, by their real path
        """
        for path in paths:
            open_text = (texts or {}).get(os.path.realpath(path))
            try:
                stamp = hash(open_text) if open_text is not None else os.stat(path).st_mtime
                known = self._files.get(path)
                if known is not None and known[0] == stamp:
                    continue
                if open_text is None:
                    with open(path, "rb") as file:
                        open_text = file.read()
            except OSError:
                continue
            self._files[path] = (stamp, definitions(Source(path, open_text)))
            self._by_name = None

    def find(self, name: str) -> Definition | None:
        """The definition of a full name: of several the one with comments, else with a value or body."""
        found = self.all_of(name)
        return max(found, key=lambda d: (bool(d.doc), d.kind != "redef"), default=None)

    def all_of(self, name: str) -> list[Definition]:
        """All declarations of a full name."""
        if self._by_name is None:
            made: dict[str, list[Definition]] = {}
            self._by_name = made
            redefs = []
            for _, definitions_ in self._files.values():
                for definition in definitions_:
                    if definition.kind == "redef":
                        redefs.append(definition)
                        continue
                    if definition.kind != "handler":
                        made.setdefault(definition.name, []).append(definition)
                    for child in definition.children:
                        made.setdefault(child.name, []).append(child)
            for redef in redefs:
                # `connection` in a module is its own type of this name, or the global one.
                short = redef.name.rpartition("::")[2]
                other = redef.name not in made and short in made
                for child in redef.children:
                    _, mark, field = child.name.rpartition("$")
                    full = f"{short}${field}" if other and mark else child.name
                    made.setdefault(full, []).append(child)
        return self._by_name.get(name, [])
