"""What scripts say about themselves in ``##`` comments, and where names are declared.

Compiled programs carry no comments, so the loaded scripts are read once more when the first question comes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from bro.runtime import context
from bro.runtime.builtins.registry import builtin

if TYPE_CHECKING:
    from bro.script import nodes as n
    from bro.script.diagnostics import Source
    from bro.script.types import Type


class _Reader:
    """Reads declarations; to the parser it is who loads scripts, and loads nothing."""

    def __init__(self) -> None:
        #: by full name: the comments, and the script
        self.names: dict[str, tuple[str, str]] = {}
        #: by record and field, as RECORD$FIELD
        self.fields: dict[str, tuple[str, str]] = {}
        #: comments at the head of each script, by path
        self.scripts: dict[str, str] = {}
        #: what each declared type is written as
        self.types: dict[str, str] = {}

    def _ignore(self, *_: Any) -> None:
        pass

    load = load_signatures = load_plugin = unload = set_prefixes = _ignore

    def condition(self, expr: n.Expr, parser: Any) -> bool:
        return True

    def defined(self, name: str, module: str) -> bool:
        return True

    def read(self, path: str) -> None:
        """Take in a script; one that cannot be read has nothing to say."""
        try:
            with open(path, "rb") as file:
                self.read_text(path, file.read())
        except OSError:
            return

    def read_text(self, path: str, text: bytes, engine: bool = False) -> None:
        """Take in a script's text, or declarations that the engine brings along."""
        from bro.script.diagnostics import Diagnostics, Source, TooManyErrors
        from bro.script.parser import parse

        source = Source(path, text, engine)
        lines = [
            line[3:].removeprefix(" ").rstrip() for line in source.text.split("\n") if line.startswith("##!")
        ]
        self.scripts[path] = _text(lines)
        try:
            parse(source, Diagnostics(), self)
        except TooManyErrors:
            return

    def declare(self, decl: n.Decl) -> None:
        """Note a declaration."""
        from bro.script import nodes

        if isinstance(decl, nodes.GlobalDecl | nodes.TypeDecl | nodes.FuncDecl):
            name = _full(decl.name, decl.module)
            found = _comments(decl.source, decl.start)
            known = self.names.get(name)
            # A function is often declared in one place, with comments, and defined in another.
            if known is None or (not known[0] and found):
                self.names[name] = (found, decl.source.path)
            if isinstance(decl, nodes.TypeDecl):
                expr = decl.type_expr
                self.types[name] = _normal(decl.source.text[expr.start : expr.end])
                if isinstance(expr, nodes.RecordTypeExpr):
                    self._note_fields(name, expr.fields, decl.source)
                elif isinstance(expr, nodes.EnumTypeExpr):
                    for item in expr.items:
                        value = _full(item.name, decl.module)
                        self.names.setdefault(value, (_comments(decl.source, item.start), decl.source.path))
        elif isinstance(decl, nodes.RedefRecord):
            self._note_fields(_full(decl.name.name, decl.module), decl.fields, decl.source)

    def _note_fields(self, record: str, fields: list[n.FieldDecl], source: Source) -> None:
        for field in fields:
            found = (_comments(source, field.start), source.path)
            self.fields[f"{record}${field.name}"] = found


def _full(name: str, module: str) -> str:
    return name if "::" in name or module == "GLOBAL" else f"{module}::{name}"


def _normal(text: str) -> str:
    return "".join(text.split())


def _text(lines: list[str]) -> str:
    """Comments as one text, Latin-1 as the parser has it."""
    return "".join([line + "\n" for line in lines])


def _comments(source: Source, start: int) -> str:
    """The ``##`` lines right above a declaration, and the ``##<`` behind it."""
    return _text(source.comments(start))


def _reader() -> _Reader:
    state = context.current.state
    found: _Reader | None = state.get("documentation")
    if found is None:
        found = state["documentation"] = _Reader()
        program = context.current.program
        options = context.current.options
        for name, text in (options.declarations or ()) if options is not None else ():
            found.read_text(f"<engine>/{name}", text.encode("latin-1", "replace"), engine=True)
        for path, _ in program.loaded.scripts if program is not None else ():
            found.read(path)
    return found


def declared_types() -> dict[str, str]:
    """All types with a name, each as it is written."""
    return _reader().types


def type_names(kind: Type) -> list[str]:
    """The names by which scripts declare a type, or types that are written the same way."""
    notation = _normal(kind.notation())
    types = _reader().types
    names = {name for name, text in types.items() if text == notation or name == notation}
    while True:
        more = {name for name, text in types.items() if text in names} - names
        if not more:
            return sorted(names)
        names |= more


def _found(table: dict[str, tuple[str, str]], name: bytes, part: int) -> bytes:
    known = table.get(name.decode("utf-8", "replace"))
    return (
        b"" if known is None else known[part].encode("latin-1" if part == 0 else "utf-8", "surrogateescape")
    )


@builtin("function get_identifier_comments(name: string): string")
def get_identifier_comments(name: bytes) -> bytes:
    """Return the ``##`` comments of a global, function, type or enum value, a line each; empty without
    any.
    """
    return _found(_reader().names, name, 0)


@builtin("function get_identifier_declaring_script(name: string): string")
def get_identifier_declaring_script(name: bytes) -> bytes:
    """Return the path of the script that declares a name; empty if none does."""
    return _found(_reader().names, name, 1)


@builtin("function get_record_field_comments(name: string): string")
def get_record_field_comments(name: bytes) -> bytes:
    """Return the ``##`` comments of a record's field, given as ``RECORD$FIELD``; empty without any."""
    return _found(_reader().fields, name, 0)


@builtin("function get_record_field_declaring_script(name: string): string")
def get_record_field_declaring_script(name: bytes) -> bytes:
    """Return the path of the script that adds a field, given as ``RECORD$FIELD``, to a record; empty if
    none does.
    """
    return _found(_reader().fields, name, 1)


def _script_path(name: bytes) -> str | None:
    """The loaded script that a name means: its path, or how `@load` names it."""
    wanted = os.fsdecode(name)
    scripts = _reader().scripts
    if wanted in scripts:
        return wanted
    for suffix in ("", ".bro", ".zeek", "/__load__.bro", "/__load__.zeek"):
        for path in scripts:
            if path.endswith(f"/{wanted}{suffix}"):
                return path
    return None


@builtin("function get_script_comments(name: string): string")
def get_script_comments(name: bytes) -> bytes:
    """Return the ``##!`` comments of a loaded script, given by its path or as for ``@load``; empty without
    any.
    """
    path = _script_path(name)
    return b"" if path is None else _reader().scripts[path].encode("latin-1")


@builtin("function get_package_readme(name: string): string")
def get_package_readme(name: bytes) -> bytes:
    """Return the text of the file README in a folder of scripts, given as for ``@load``; empty without
    one.
    """
    options = context.current.options
    for folder in (options.search_path if options is not None else None) or ():
        try:
            with open(os.path.join(os.fsencode(folder), name, b"README"), "rb") as file:
                return file.read()
        except (OSError, ValueError):
            continue
    return b""


# ---- finding scripts ---------------------------------------------------------------------------------------


@builtin("function bare_mode(): bool")
def bare_mode() -> bool:
    """Tell whether the program was started without the default scripts."""
    options = context.current.options
    return options is not None and bool(options.bare)


@builtin("function find_in_zeekpath(p: string): string")
def find_in_zeekpath(p: bytes) -> bytes:
    """Return the full path of a file or folder that is named relative to a folder of the search path; empty
    if none is.

    The search path is that of ``BROPATH`` or ``ZEEKPATH``, and of the scripts that come with the program.
    """
    options = context.current.options
    for folder in (options.search_path if options is not None else None) or ():
        try:
            path = os.path.join(os.fsencode(folder), p)
            if os.path.exists(path):
                return os.path.abspath(path)
        except ValueError:
            return b""
    return b""


@builtin("function can_load(p: string): bool")
def can_load(p: bytes) -> bool:
    """Tell whether ``@load`` would find this script."""
    options = context.current.options
    if options is None:
        return False
    from bro.script.search import SearchPath

    try:
        return SearchPath(options.search_path or []).script(os.fsdecode(p), os.getcwd()) is not None
    except ValueError:
        return False


@builtin("function load_CPP(h: count): bool")
def load_cpp(h: int) -> bool:
    """Load scripts that were compiled to C++; there are none here, and it is always false."""
    return False
