"""The front end of the compiler as tools use it: what a script declares, and what is wrong with it.

Nothing here generates code or runs a script.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from bro.runtime.stack import RoomForTrees
from bro.script import cache, forthcoming
from bro.script import nodes as n
from bro.script.check import Unit, check
from bro.script.compiler import Compiler
from bro.script.diagnostics import Diagnostic, Diagnostics, Source, TooManyErrors
from bro.script.loader import LoadOptions, engine_declarations
from bro.script.parser import parse
from bro.script.scope import Scope
from bro.script.search import SearchPath, default_path


class Declarations:
    """Reads what a text declares without following `@load`; to the parser it is who loads scripts."""

    def __init__(self) -> None:
        self.found: list[n.Decl] = []
        self.loads: list[tuple[str, int, int]] = []

    def _ignore(self, *_: Any) -> None:
        pass

    load_signatures = load_plugin = unload = set_prefixes = _ignore

    def load(self, name: str, parser: Any, start: int, end: int) -> None:
        self.loads.append((name, start, end))

    def condition(self, expr: n.Expr, parser: Any) -> bool:
        return True

    def defined(self, name: str, module: str) -> bool:
        return True

    def declare(self, decl: n.Decl) -> None:
        self.found.append(decl)


def read(source: Source) -> tuple[Declarations, Diagnostics]:
    """What a source declares, and the errors of its syntax."""
    host, diagnostics = Declarations(), Diagnostics()
    with suppress(TooManyErrors):
        parse(source, diagnostics, host)
    return host, diagnostics


class Analysis:
    """Scripts that were read and checked, with all they load."""

    def __init__(self, decls: list[n.Decl], compiler: Compiler, unit: Unit) -> None:
        self.decls = decls  #: of the scripts, not of the base scripts
        self.scope: Scope = compiler.scope
        self.unit = unit
        self.diagnostics: list[Diagnostic] = compiler.diagnostics.items
        self.scripts: list[str] = [path for path, _ in compiler.scripts]
        self.search: SearchPath = compiler.search


class _Overlay(Compiler):
    """A compiler that reads some files from memory: those that are open in an editor."""

    texts: dict[str, bytes]

    def read_bytes(self, path: str) -> tuple[bytes, int]:
        text = self.texts.get(os.path.realpath(path))
        return super().read_bytes(path) if text is None else (text, 0)


class _OverlayPath(SearchPath):
    """Finds files that an editor has open as if they were saved, which they may never have been."""

    texts: dict[str, bytes]

    def _exists(self, path: str, relative: bool = False) -> bool:
        if self.texts and os.path.realpath(path) in self.texts:
            return True
        return super()._exists(path, relative)


def options_for(bare: bool = False, search_path: list[str] | None = None) -> LoadOptions:
    """The options that scripts are checked with: those of `bro` without packets."""
    options = LoadOptions(bare=bare)
    options.declarations = engine_declarations()
    options.search_path = search_path or default_path()
    options.facts = {"reading_live_traffic": False, "reading_traces": False}
    return options


def analyze(
    files: list[str],
    options: LoadOptions | None = None,
    texts: dict[str, bytes] | None = None,
    want_base: bool = False,
) -> Analysis:
    """Read and check scripts on top of the base scripts, as `bro` would.

    :param texts: contents of files that differ from what is on the disk, by their real path
    :param want_base: read the base scripts anew, so that their declarations are among `decls`
    """
    options = options or options_for()
    texts = texts or {}
    build = cache.Build(files, options)
    assert options.search_path is not None

    def fresh() -> _Overlay:
        search = _OverlayPath(options.search_path or [])
        compiler = _Overlay(search, options.facts)
        search.texts = compiler.texts = texts
        return compiler

    build.compiler = compiler = fresh()
    within = [os.path.realpath(compiler.search.script(name) or name) for name in files]
    try:
        if not want_base and not build.restore_base():
            make_base(options)
            build.compiler = compiler = fresh()
            build.restore_base()
        if want_base or not compiler.scripts or any(compiler.was_read(path) for path in (*within, *texts)):
            # A script that belongs to the base scripts, or one of them that is open and changed.
            build.compiler = compiler = fresh()
            compiler.read_base(options)
        for name in files:
            compiler.read_named(name)
        compiler.read_prefixed()
        forthcoming.warn_of_scripts(compiler)
        forthcoming.complete(compiler)
        decls = compiler.decls
        unit = Unit("u")
        with RoomForTrees():
            check(decls, compiler.scope, compiler.diagnostics, unit)
    except TooManyErrors:
        decls, unit = compiler.decls, Unit("u")
    return Analysis(decls, compiler, unit)


def make_base(options: LoadOptions) -> None:
    """Compile the base scripts into the cache."""
    build = cache.Build([], options)
    build.compile()
    build.save()


def walk(node: Any) -> Iterable[n.Node]:
    """A node and all below it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        for name in current._fields:
            value = getattr(current, name)
            if isinstance(value, n.Node):
                stack.append(value)
            elif isinstance(value, list):
                stack.extend(v for v in value if isinstance(v, n.Node))


def full_name(name: str, module: str) -> str:
    """The full name of what is declared as `name` in a module."""
    return name.removeprefix("GLOBAL::") if "::" in name or module == "GLOBAL" else f"{module}::{name}"


def scripts_in(paths: list[str], missing: Callable[[str], None]) -> list[str]:
    """The scripts that paths name: files, and those in folders."""
    found = []
    for path in paths:
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders.sort()
                found += [
                    os.path.join(folder, name) for name in sorted(names) if name.endswith((".bro", ".zeek"))
                ]
        elif os.path.exists(path):
            found.append(path)
        else:
            missing(path)
    return found
