"""Loading scripts: from the cache where nothing has changed, else by compiling them."""

from __future__ import annotations

import gc

from bro.runtime import context as contexts
from bro.script.program import LoadedFiles, Program
from bro.script.search import SearchPath, default_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class LoadOptions:
    """What scripts are loaded with."""

    # No dataclass: importing that module alone would cost a tenth of the start.

    __slots__ = (
        "bare", "base", "cache", "code", "declarations",
        "facts", "plugins", "prefixes", "redefs", "search_path", "signatures",
    )  # fmt: skip

    def __init__(
        self,
        *,
        bare: bool = False,
        base: bool = True,
        prefixes: list[str] | None = None,
        redefs: list[str] | None = None,
        code: str = "",
        signatures: list[str] | None = None,
        search_path: list[str] | None = None,
        declarations: list[tuple[str, str]] | None = None,
        facts: dict[str, Any] | None = None,
        cache: bool = True,
        plugins: list[tuple[str, list[tuple[str, str]], list[str]]] | None = None,
    ) -> None:
        self.bare = bare  #: without the default scripts
        self.base = (
            base  #: with the scripts that define the basic types; False only for programs that need none
        )
        self.prefixes = prefixes or []  #: as `@prefixes` gives them
        self.redefs = redefs or []  #: "Module::option=value" of the command line
        self.code = code  #: script text of the command line
        self.signatures = signatures or []  #: signature files of the command line
        self.search_path = search_path  #: folders; None for those of the environment
        self.declarations = declarations  #: of the engine: (name, source); None asks the engine
        self.facts = facts or {}  #: what conditions may ask for: reading live, ...
        self.cache = cache  #: use the cache
        #: plugins in use: name, declarations (as in `declarations`), paths of scripts
        self.plugins = plugins or []


def engine_declarations() -> list[tuple[str, str]]:
    """The declarations that the engine brings along; none if it has none."""
    try:
        from bro import _engine
    except ImportError:
        return []
    found = getattr(_engine, "declarations", None)
    return [] if found is None else list(found())


def load(
    files: list[str], options: LoadOptions | None = None, context: contexts.Context | None = None
) -> Program:
    """Load scripts and link them to a program.

    :param files: names as on the command line: paths, or names that are looked for along the search path
    :raises CompileError: when scripts have errors
    """
    options = options or LoadOptions()
    context = context or contexts.current
    context.options = options
    if options.code:
        from bro.runtime import errors

        errors.texts["<command line>"] = options.code.encode("utf-8", "surrogateescape")
    if options.declarations is None:
        options.declarations = engine_declarations() if options.base else []
    if options.search_path is None:
        options.search_path = default_path()
    collecting = gc.isenabled()
    gc.disable()  # nothing that is made here becomes garbage
    try:
        from bro.script import cache

        names = cache.Names(files, options)
        found = cache.lookup(names) if options.cache else None
        if found is not None:
            return _linked(*found, options, context)
        build = cache.Build(files, options, names)
        build.compile()
        program = _linked(build.units, build.loaded, options, context)
        if options.cache:
            build.save()
        return program
    finally:
        if collecting:
            gc.enable()


def _linked(
    units: list[dict[str, Any]], loaded: LoadedFiles, options: LoadOptions, context: contexts.Context
) -> Program:
    """The program; the signature files of the command line come before those of scripts."""
    if options.signatures and options.search_path is not None:
        import os

        search = SearchPath(options.search_path)
        named = [search.signatures(name, os.getcwd()) or name for name in options.signatures]
        loaded.signatures = list(dict.fromkeys([*named, *loaded.signatures]))
    return Program(units, loaded, context)


__all__ = ["LoadOptions", "LoadedFiles", "Program", "SearchPath", "load"]
