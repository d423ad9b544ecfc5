"""The types of parameters of built-in functions, which are called from Python without the compiler's help."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from bro.script import nodes as n
from bro.script import types as t


def parameters(signature: str, program: Any) -> list[t.Type]:
    """The types of the parameters of a built-in function, by its signature; `any` for those that cannot be
    told.
    """
    from bro.script.diagnostics import Diagnostics, Source
    from bro.script.parser_declarations import Parser

    source = Source("<built-in>", signature.encode(), engine=True)
    parser = Parser(source, Diagnostics(), None)  # type: ignore[arg-type]
    parser.advance()
    parser.advance()
    return [_type(p.type_expr, program) for p in parser.func_type("function", 0).params]


def _type(expr: n.TypeExpr, program: Any) -> t.Type:
    if isinstance(expr, n.SimpleTypeExpr):
        return t.SIMPLE.get(expr.tag, t.ANY)
    if isinstance(expr, n.VectorTypeExpr):
        return t.VectorType(_type(expr.element, program))
    if isinstance(expr, n.TableTypeExpr):
        element = None if expr.yield_type is None else _type(expr.yield_type, program)
        return t.TableType(tuple(_type(i, program) for i in expr.index), element)
    if isinstance(expr, n.NamedTypeExpr):
        for find in (program.record_type, program.enum_type):
            try:
                return find(expr.name)  # type: ignore[no-any-return]
            except KeyError:
                pass
        known = _other_names().get(expr.name)
        return t.ANY if known is None else _type(known, program)
    return t.ANY


@cache
def _other_names() -> dict[str, n.TypeExpr]:
    """The types that are only other names of some, such as `string_vec`; a program does not keep these."""
    from bro.script.diagnostics import Source
    from bro.script.search import package_scripts
    from bro.tools.frontend import read

    path = os.path.join(package_scripts(), "base", "bare", "types.bro")
    with open(path, "rb") as file:
        found, _ = read(Source(path, file.read()))
    return {d.name: d.type_expr for d in found.found if isinstance(d, n.TypeDecl)}
