"""The code generator's part for `fmt` and `cat`: they become Python's formatting of bytes.

The types of the values are known here, so that `fmt("%s:%d", host, count)` needs no look at a value while it
runs: it is `b"%b:%d" % (host, count)`.  What Python would show in another way stays a call of the function.
"""

from __future__ import annotations

import _ast as ast

from bro.script import nodes as n
from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bro.runtime.builtins.formatting import Conversion
    from bro.script.codegen import CodegenBase

_WHOLE = frozenset(["count", "int"])
_FRACTIONAL = frozenset(["count", "int", "double", "interval", "time"])


def text_call(codegen: CodegenBase, name: str, args: list[n.Expr]) -> ast.expr | None:
    """The value of a call of `fmt` or `cat`; None if the function itself has to be called."""
    if name == "cat":
        return _joined(codegen, [b""] * (len(args) + 1), [_shown(codegen, _bare(a)) for a in args])
    template = _bare(args[0]) if args else None
    if not isinstance(template, n.Literal) or template.tag != "string":
        return None
    from bro.runtime.builtins.formatting import plan
    from bro.runtime.errors import ScriptError

    try:
        literals, conversions, _ = plan(template.value)
    except ScriptError:
        return None
    values = [_bare(a) for a in args[1:]]
    if len(values) != len(conversions):
        return None
    if not all(_same_as_python(c, v.type) for c, v in zip(conversions, values, strict=True)):
        return None
    return _joined(
        codegen, literals, [_converted(codegen, c, v) for c, v in zip(conversions, values, strict=True)]
    )


def _bare(node: n.Expr) -> n.Expr:
    """An argument without its conversion to `any`."""
    return node.value if isinstance(node, n.Coerce) and node.type is t.ANY else node


def _same_as_python(conversion: Conversion, type_: t.Type) -> bool:
    """Whether Python's formatting shows a value of this type as `fmt` does."""
    kind, tag = conversion.kind, type_.tag
    if kind == "s":
        return tag not in ("void", "list", "error")
    if kind == "d":
        return tag in _WHOLE and conversion.precision < 0
    if kind == "x":
        return tag == "count" and conversion.precision < 0
    return kind in "efg" and tag in _FRACTIONAL and not conversion.zeros


def _shown(codegen: CodegenBase, node: n.Expr) -> tuple[str, ast.expr]:
    """The letter and the value that stand for `%s`."""
    value = codegen.expr(node)
    if node.type.tag in _WHOLE:
        return "d", value
    if node.type.tag == "string":
        return "b", value
    return "b", codegen.call(codegen.text_format(node.type), value)


def _converted(codegen: CodegenBase, conversion: Conversion, node: n.Expr) -> tuple[str, ast.expr]:
    kind, left, zeros = conversion.kind, conversion.left, conversion.zeros
    width, precision = conversion.width, conversion.precision
    flags = "-" if left else "0" if zeros else ""
    size = str(width) if width else ""
    if kind == "s":
        letter, value = _shown(codegen, node)
        if precision >= 0 and letter == "d":  # it cuts the text, also that of a number
            letter, value = "b", codegen.call(codegen.text_format(node.type), codegen.expr(node))
        flags = "-" if left else ""
        return f"{flags}{size}{f'.{precision}' if precision >= 0 else ''}{letter}", value
    if kind in "efg":
        return f"{flags}{size}{f'.{precision}' if precision >= 0 else ''}{kind}", codegen.expr(node)
    return f"{flags}{size}{kind}", codegen.expr(node)


def _joined(codegen: CodegenBase, literals: list[bytes], values: list[tuple[str, ast.expr]]) -> ast.expr:
    if not values:
        return codegen.const(literals[0])
    if len(values) == 1 and values[0][0] == "b" and not literals[0] and not literals[1]:
        return values[0][1]
    template = literals[0].replace(b"%", b"%%")
    for (letters, _), literal in zip(values, literals[1:], strict=True):
        template += b"%" + letters.encode() + literal.replace(b"%", b"%%")
    return codegen.binop(codegen.const(template), ast.Mod(), codegen.tuple_of(value for _, value in values))
