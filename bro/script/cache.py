"""The cache of compiled programs (stub to be filled)."""
from __future__ import annotations
from typing import Any
from bro.script.program import LoadedFiles

def lookup(files: list[str], options: Any) -> Any:
    return None

def build(files: list[str], options: Any) -> Any:
    from bro.script.compiler import Compiler
    from bro.script.search import SearchPath
    from bro.script.diagnostics import TooManyErrors
    compiler = Compiler(SearchPath(options.search_path), options.facts)
    try:
        return _build(compiler, files, options)
    except TooManyErrors:
        compiler.diagnostics.check()
        raise

def _build(compiler: Any, files: list[str], options: Any) -> Any:
    from bro.script.compiler import tables
    for name, text in options.declarations:
        compiler.read_text(f"<engine>/{name}", text.encode(), engine=True)
    if options.base:
        compiler.read_named("base/init-bare")
        if not options.bare:
            compiler.read_named("base/init-default")
    compiler.finish("")
    compiler.prefixes = list(options.prefixes)
    for name in files:
        compiler.read_named(name)
    compiler.read_prefixed()
    compiler.finish("u")
    return [tables(u) for u in compiler.units], LoadedFiles(compiler.scripts, compiler.signatures, compiler.plugins, [d.render() for d in compiler.diagnostics.warnings])
