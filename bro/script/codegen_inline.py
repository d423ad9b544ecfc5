"""Built-in functions that are one operation of Python: calls of them become that operation.

The functions themselves stay what everybody else calls; each entry here says the same as its function. Those
that take a pattern become one where it is written in the call and stands for one string only, as ``/, /``
does.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable

from bro.script import nodes as n
from bro.script.regular import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from bro.script.codegen import CodegenBase

Inliner = Callable[["CodegenBase", list[ast.expr]], ast.expr]


def _method(name: str) -> Inliner:
    """`first.name(others)`"""
    return lambda codegen, args: codegen.method(args[0], name, *args[1:])


def _position(codegen: CodegenBase, args: list[ast.expr]) -> ast.expr:
    """`strstr`: positions count from 1, and 0 says that there is none."""
    return codegen.binop(codegen.method(args[0], "find", args[1]), ast.Add(), codegen.const(1))


#: By the name of the function.
INLINE: Final[dict[str, Inliner]] = {
    "to_lower": _method("lower"),
    "to_upper": _method("upper"),
    "starts_with": _method("startswith"),
    "ends_with": _method("endswith"),
    "strstr": _position,
    "byte_len": lambda codegen, args: codegen.call("len", *args),
}

#: Those whose second argument is a pattern: the method that does it for a string, and its last argument.
_BY_PATTERN: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "split_string": ("split", ()),
    "split_string1": ("split", (1,)),
    "sub": ("replace", (1,)),
    "gsub": ("replace", ()),
}

#: Text of a pattern without anything that means more than itself, but for escaped punctuation.
_PLAIN: Final = regex(r"(?:[A-Za-z0-9 ,;:=_<>@#%&~'!-]|\\[^A-Za-z0-9\n])+")
_ESCAPED: Final = regex(r"\\(.)")


def inlined(codegen: CodegenBase, name: str, args: list[n.Expr]) -> ast.expr | None:
    """The operation that a call of a built-in function is; None where it has to be called."""
    inline = INLINE.get(name)
    if inline is not None:
        return inline(codegen, [codegen.expr(a) for a in args])
    found = _BY_PATTERN.get(name)
    if found is None or not isinstance(args[1], n.PatternLiteral):
        return None
    pattern = args[1]
    if pattern.flags or not _PLAIN.fullmatch(pattern.text):
        return None
    method, last = found
    # Not with a template, for which `re` would have to be imported.
    text = _ESCAPED.sub(lambda found: found[1], pattern.text).encode("latin-1")
    others = [codegen.expr(a) for a in args[2:]]
    return codegen.method(
        codegen.expr(args[0]),
        method,
        codegen.const(text),
        *others,
        *(codegen.const(number) for number in last),
    )
