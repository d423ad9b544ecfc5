"""Trees back to text: what the parser reads of it is the same tree again.

Parentheses stand only where the tree needs them.  Layout is plain, a statement a line, indented by tabs;
comments are not part of a tree and get lost, so that this is for messages, tools and tests rather than for
formatting somebody's script.  Text is Latin-1 as in `Source.text`.

    expression(node)   statement(node)   type_text(node)   declaration(node)   script(declarations)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from bro.script import nodes as n
from bro.script.lexer import UNIT_SECONDS
from bro.script.parser_expressions import PRECEDENCE

#: How closely kinds of expressions bind; binary operators lie between.  An operand that binds less closely
#: than its place asks for gets parentheses.
_ANY: Final = 0
_CONDITIONAL: Final = 1
_BINARY: Final = 2  # that of "||" is _BINARY + 1
_UNARY: Final = 20
_POSTFIX: Final = 21
_PRIMARY: Final = 22

_LOOKS_LIKE_IPV6: Final = re.compile(r"\[[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]")
_UNITS: Final = sorted(UNIT_SECONDS.items(), key=lambda unit: -unit[1])
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


# ---- expressions -------------------------------------------------------------------------------------------


def expression(node: n.Expr, place: int = _ANY) -> str:
    """The text of an expression, in parentheses if it binds less closely than `place`."""
    power, text = _EXPRESSIONS[node.__class__](node)
    return text if power >= place else f"({text})"


def listed(nodes: Iterable[n.Expr]) -> str:
    """Expressions with commas between them."""
    return ", ".join(expression(node) for node in nodes)


def _literal(node: n.Literal) -> tuple[int, str]:
    tag, value = node.tag, node.value
    if tag == "bool":
        return _PRIMARY, "T" if value else "F"
    if tag == "string":
        return _PRIMARY, string_text(value)
    if tag == "addr":
        return _PRIMARY, f"[{value}]" if ":" in value else value
    if tag == "interval":
        return _signed(value, interval_text)
    if tag == "double":
        return _signed(value, double_text)
    if tag in ("count", "int"):
        return _signed(value, str)
    return _PRIMARY, str(value)


def _signed(value: Any, text: Callable[[Any], str]) -> tuple[int, str]:
    return (_UNARY, "-" + text(-value)) if value < 0 else (_PRIMARY, text(value))


def string_text(value: bytes) -> str:
    """A string with its quotes."""
    shown = []
    for character in value.decode("latin-1"):
        escaped = _ESCAPES.get(character)
        if escaped is None:
            escaped = character if " " <= character != "\x7f" else f"\\x{ord(character):02x}"
        shown.append(escaped)
    return f'"{"".join(shown)}"'


def double_text(value: float) -> str:
    """A double, as precisely as it is."""
    return "1e999" if value == float("inf") else repr(value)


def interval_text(seconds: float) -> str:
    """An interval in the largest unit of which it is a whole number."""
    for unit, length in _UNITS:
        number = round(seconds / length) if seconds / length < 2**53 else 0
        if number and number * length == seconds:
            return f"{number} {unit}{'s' if number > 1 and unit[-1] != 'c' else ''}"
    return f"{double_text(seconds)} sec"


def _pattern(node: n.PatternLiteral) -> tuple[int, str]:
    return _PRIMARY, f"/{node.text}/{node.flags}"


def _unary(node: n.Unary) -> tuple[int, str]:
    operand = expression(node.operand, _UNARY)
    blank = " " if operand[0] in "+-" or (node.op == "!" and operand.startswith("in")) else ""
    return _UNARY, f"{node.op}{blank}{operand}"


def _step(node: n.Step) -> tuple[int, str]:
    target = expression(node.target, _UNARY)
    return _UNARY, f"{node.op}{' ' if target[0] in '+-' else ''}{target}"


def _size(node: n.Size) -> tuple[int, str]:
    # Bars are operators as well, so only what is without doubt goes without parentheses.
    plain = isinstance(node.operand, (n.Name, n.FieldAccess, n.Index, n.Call)) or (
        isinstance(node.operand, n.Literal) and expression(node.operand)[0] != "-"
    )
    text = expression(node.operand)
    return _PRIMARY, f"|{text}|" if plain and "|" not in text else f"|({text})|"


def _binary(node: n.Binary) -> tuple[int, str]:
    # A long chain is a deep tree on the left: it is gone down in a loop.
    power = _BINARY + PRECEDENCE[node.op]
    rights: list[str] = []
    current: n.Expr = node
    while isinstance(current, n.Binary) and _BINARY + PRECEDENCE[current.op] == power:
        right = expression(current.right, power + 1)
        if isinstance(current.right, (n.PatternLiteral, n.Size)) or right.startswith(("|", "/")):
            right = f"({right})"
        rights.append(f"{current.op} {right}")
        current = current.left
    left = expression(current, power)
    if isinstance(current, (n.Size, n.TypeValue, n.Lambda, n.PatternLiteral)) or left[-1] in "|}/":
        left = f"({left})"
    return power, " ".join([left, *reversed(rights)])


def _conditional(node: n.Conditional) -> tuple[int, str]:
    condition = expression(node.condition, _BINARY)
    return _CONDITIONAL, f"{condition} ? {expression(node.then)} : {expression(node.otherwise)}"


def _assign(node: n.Assign) -> tuple[int, str]:
    return _ANY, f"{expression(node.target, _BINARY)} {node.op} {expression(node.value)}"


def _local_assign(node: n.LocalAssign) -> tuple[int, str]:
    return -1, f"local {node.name} = {expression(node.value, _CONDITIONAL)}"


def _argument(node: n.Argument) -> tuple[int, str]:
    return _ANY, f"${node.name}={expression(node.value)}"


def _base(node: n.Expr) -> str:
    """What something is applied to by what follows it."""
    text = expression(node, _POSTFIX)
    closed = not isinstance(
        node, (n.Literal, n.HostLiteral, n.TypeValue, n.Lambda, n.Cast, n.IsType, n.Size, n.PatternLiteral)
    )
    return text if closed and not isinstance(node, (n.HookCall, n.EventCall, n.Schedule)) else f"({text})"


def _call(node: n.Call) -> tuple[int, str]:
    return _POSTFIX, f"{_base(node.func)}({listed(node.args)})"


def _hook_call(node: n.HookCall) -> tuple[int, str]:
    return _PRIMARY, f"hook {expression(node.call)}"


def _event_call(node: n.EventCall) -> tuple[int, str]:
    return _PRIMARY, f"event {node.name.name}({listed(node.args)})"


def _schedule(node: n.Schedule) -> tuple[int, str]:
    delay = expression(node.delay, _CONDITIONAL)
    return _PRIMARY, f"schedule {delay} {{ {node.name.name}({listed(node.args)}) }}"


def _index(node: n.Index) -> tuple[int, str]:
    # Behind a brace, which may end a block too, brackets do not index yet when tokens are made.
    return _POSTFIX, _base(node.base) + _bracketed(node.index)


def _bracketed(items: Iterable[n.Expr]) -> str:
    """A list in brackets that is not taken for an address."""
    text = f"[{listed(items)}]"
    return text if not _LOOKS_LIKE_IPV6.match(text) else f"[ {text[1:]}"


def _slice(node: n.Slice) -> tuple[int, str]:
    low = "" if node.low is None else expression(node.low) + " "
    high = "" if node.high is None else " " + expression(node.high)
    return _POSTFIX, f"{_base(node.base)}[{low}:{high}]"


def _field_access(node: n.FieldAccess) -> tuple[int, str]:
    return _POSTFIX, f"{_base(node.base)}${node.name}"


def _has_field(node: n.HasField) -> tuple[int, str]:
    return _POSTFIX, f"{_base(node.base)}?${node.name}"


def _list(node: n.ListExpr) -> tuple[int, str]:
    return _PRIMARY, _bracketed(node.items)


def _record(node: n.RecordConstructor) -> tuple[int, str]:
    return _PRIMARY, f"[{listed(node.fields)}]"


def _key_value(node: n.KeyValue) -> tuple[int, str]:
    return _ANY, f"{expression(node.key, _BINARY)} = {expression(node.value)}"


def _constructor(node: n.Constructor) -> tuple[int, str]:
    # An assignment in parentheses is no element with a key.
    items = ", ".join(expression(i, _CONDITIONAL if isinstance(i, n.Assign) else _ANY) for i in node.items)
    if node.kind == "{":
        return _PRIMARY, f"{{ {items} }}" if items else "{ }"
    text = f"{node.kind}({items})"
    return (_ANY, text + attributes(node.attrs)) if node.attrs else (_PRIMARY, text)


def _lambda(node: n.Lambda) -> tuple[int, str]:
    captures = "" if node.captures is None else f" {_captures(node.captures)} "
    return _PRIMARY, f"function{captures}{_signature(node.signature)} {_inline(node.body)}"


def _captures(captures: list[n.Capture]) -> str:
    return "[" + ", ".join(("copy " if c.copy else "") + c.name for c in captures) + "]"


def _cast(node: n.Cast) -> tuple[int, str]:
    return _POSTFIX, f"{_base(node.value)} as {type_text(node.type_expr)}"


def _is_type(node: n.IsType) -> tuple[int, str]:
    return _POSTFIX, f"{_base(node.value)} is {type_text(node.type_expr)}"


def _copy(node: n.CopyExpr) -> tuple[int, str]:
    return _PRIMARY, f"copy({expression(node.value)})"


def _first(node: n.Expr, place: int) -> str:
    """An expression at the beginning of a statement, where some would be something else."""
    text = expression(node, place)
    if text.startswith(("{", "local ", "log ", "event", "hook", "function")):
        return f"({text})"
    return text


_EXPRESSIONS: Final[dict[type[n.Expr], Callable[[Any], tuple[int, str]]]] = {
    n.Name: lambda node: (_PRIMARY, node.name),
    n.Literal: _literal,
    n.PatternLiteral: _pattern,
    n.HostLiteral: lambda node: (_PRIMARY, node.host),
    n.Unary: _unary,
    n.Size: _size,
    n.Step: _step,
    n.Binary: _binary,
    n.Conditional: _conditional,
    n.Assign: _assign,
    n.LocalAssign: _local_assign,
    n.Argument: _argument,
    n.Call: _call,
    n.HookCall: _hook_call,
    n.EventCall: _event_call,
    n.Schedule: _schedule,
    n.Index: _index,
    n.Slice: _slice,
    n.FieldAccess: _field_access,
    n.HasField: _has_field,
    n.ListExpr: _list,
    n.RecordConstructor: _record,
    n.KeyValue: _key_value,
    n.Constructor: _constructor,
    n.Lambda: _lambda,
    n.Cast: _cast,
    n.IsType: _is_type,
    n.CopyExpr: _copy,
    n.TypeValue: lambda node: (_PRIMARY, type_text(node.type_expr)),
    # What the checker puts into a tree, and what could not be read.
    n.KeyProduct: lambda node: (_PRIMARY, _bracketed(node.places)),
    n.BadExpr: lambda node: (_PRIMARY, "..."),
    n.Coerce: lambda node: _EXPRESSIONS[node.value.__class__](node.value),
}


# ---- types -------------------------------------------------------------------------------------------------


def type_text(node: n.TypeExpr) -> str:
    """The text of a type."""
    if isinstance(node, n.SimpleTypeExpr):
        return node.tag
    if isinstance(node, n.NamedTypeExpr):
        return node.name
    if isinstance(node, n.TableTypeExpr):
        index = ", ".join(type_text(i) for i in node.index)
        return (
            f"set[{index}]" if node.yield_type is None else f"table[{index}] of {type_text(node.yield_type)}"
        )
    if isinstance(node, n.VectorTypeExpr):
        return f"vector of {type_text(node.element)}"
    if isinstance(node, n.OpaqueTypeExpr):
        return f"opaque of {node.name}"
    if isinstance(node, n.FuncTypeExpr):
        return node.flavor + _signature(node)
    if isinstance(node, n.RecordTypeExpr):
        return f"record {_fields(node.fields)}"
    assert isinstance(node, n.EnumTypeExpr)
    return f"enum {_items(node.items)}"


def attributes(attrs: list[n.Attr]) -> str:
    """Attributes, each with a blank before it."""
    return "".join(
        f" &{a.name}" if a.value is None else f" &{a.name}={expression(a.value, _CONDITIONAL)}" for a in attrs
    )


def _signature(node: n.FuncTypeExpr) -> str:
    params = [f"{p.name}: {type_text(p.type_expr)}{attributes(p.attrs)}" for p in node.params]
    if node.variadic:
        params.append("...")
    result = "" if node.result is None else f": {type_text(node.result)}"
    return f"({', '.join(params)}){result}"


def _fields(fields: list[n.FieldDecl]) -> str:
    if not fields:
        return "{ }"
    return "{ " + " ".join(f"{f.name}: {type_text(f.type_expr)}{attributes(f.attrs)};" for f in fields) + " }"


def _items(items: list[n.EnumItem]) -> str:
    if not items:
        return "{ }"
    texts = [i.name + ("" if i.value is None else f" = {i.value}") + attributes(i.attrs) for i in items]
    return "{ " + ", ".join(texts) + " }"


# ---- statements --------------------------------------------------------------------------------------------


def statement(node: n.Stmt, depth: int = 0) -> str:
    """The lines of a statement, indented by tabs."""
    return "\n".join("\t" * depth + line for line in _lines(node))


def _inline(block: n.Block) -> str:
    """A block in one line, as the body of a function inside of an expression."""
    return " ".join(_lines(block)) if block.body else "{ }"


def _body(node: n.Stmt) -> list[str]:
    return ["\t" + line for line in _lines(node)]


def _lines(node: n.Stmt) -> list[str]:
    return _STATEMENTS[node.__class__](node)


def _block(node: n.Block) -> list[str]:
    if not node.body:
        return ["{ }"]
    return ["{", *(line for stmt in node.body for line in _lines(stmt)), "}"]


def _if(node: n.If) -> list[str]:
    lines = [f"if ( {expression(node.condition)} )", *_body(node.then)]
    while isinstance(node.otherwise, n.If):
        node = node.otherwise
        lines += [f"else if ( {expression(node.condition)} )", *_body(node.then)]
    return lines if node.otherwise is None else [*lines, "else", *_body(node.otherwise)]


def _for(node: n.For) -> list[str]:
    keys = ", ".join(k.name for k in node.keys)
    names = f"[{keys}]" if node.bracketed else keys
    if node.value is not None:
        names += f", {node.value.name}"
    return [f"for ( {names} in {expression(node.iterable)} )", *_body(node.body)]


def _switch(node: n.Switch) -> list[str]:
    lines = [f"switch ( {expression(node.value)} )", "{"]
    for case in node.cases:
        parts = [expression(v, _CONDITIONAL) for v in case.values] + [
            f"type {type_text(c.type_expr)}" + ("" if c.name is None else f" as {c.name}") for c in case.types
        ]
        lines.append("default:" if case.default else f"case {', '.join(parts)}:")
        for stmt in case.body:
            lines += _body(stmt)
    return [*lines, "}"]


def _when(node: n.When) -> list[str]:
    captures = "" if node.captures is None else f" {_captures(node.captures)}"
    head = "return when" if node.returns else "when"
    lines = [f"{head}{captures} ( {expression(node.condition)} )", *_body(node.body)]
    if node.timeout is not None and node.timeout_body is not None:
        lines += [f"timeout {expression(node.timeout)}", *_body(node.timeout_body)]
    return lines


def _local(node: n.LocalDecl) -> list[str]:
    text = f"{'const' if node.constant else 'local'} {node.name}"
    if node.type_expr is not None:
        text += f": {type_text(node.type_expr)}"
    if node.init is not None:
        text += f" = {_value(node.init, node.attrs, joined=False)}"
    return [text + attributes(node.attrs) + ";"]


def _value(node: n.Expr, attrs: list[n.Attr], joined: bool = True) -> str:
    """A value that attributes follow: those of a constructor stay apart from them.

    :param joined: attributes right behind a constructor are those of the variable anyway
    """
    text = expression(node, _CONDITIONAL if attrs else _ANY)
    last = node
    while isinstance(last, (n.Unary, n.Step, n.Binary, n.Conditional)):
        last = (
            last.operand
            if isinstance(last, n.Unary)
            else last.target
            if isinstance(last, n.Step)
            else last.right
            if isinstance(last, n.Binary)
            else last.otherwise
        )
    if attrs and isinstance(last, n.Constructor) and not (joined and last is node):
        return f"({text})"
    return text


def _assert(node: n.Assert) -> list[str]:
    message = "" if node.message is None else f", {expression(node.message)}"
    return [f"assert {expression(node.condition)}{message};"]


_STATEMENTS: Final[dict[type[n.Stmt], Callable[[Any], list[str]]]] = {
    n.Block: _block,
    n.ExprStmt: lambda node: [_first(node.expr, _ANY) + ";"],
    n.Print: lambda node: [f"print {listed(node.args)};" if node.args else "print;"],
    n.LogStmt: lambda node: [f"log {listed(node.args)};"],
    n.If: _if,
    n.While: lambda node: [f"while ( {expression(node.condition)} )", *_body(node.body)],
    n.For: _for,
    n.Switch: _switch,
    n.Break: lambda node: ["break;"],
    n.Next: lambda node: ["next;"],
    n.Fallthrough: lambda node: ["fallthrough;"],
    n.Return: lambda node: ["return;" if node.value is None else f"return {expression(node.value)};"],
    n.When: _when,
    n.LocalDecl: _local,
    n.Add: lambda node: [f"add {listed(node.targets)};"],
    n.Delete: lambda node: [f"delete {listed(node.targets)};"],
    n.Assert: _assert,
}


# ---- declarations ------------------------------------------------------------------------------------------


def declaration(node: n.Decl) -> str:
    """The text of a declaration as it stands in its module."""
    return _DECLARATIONS[node.__class__](node)


def script(decls: Iterable[n.Decl]) -> str:
    """Declarations, with the modules and export sections they stand in."""
    out: list[str] = []
    module = "GLOBAL"
    for decl in decls:
        if decl.module != module:
            module = decl.module
            out.append(f"module {module};")
        text = declaration(decl)
        # Outside of modules variables and types are there for everybody anyway.
        written = module != "GLOBAL" or not isinstance(decl, (n.GlobalDecl, n.TypeDecl))
        out.append(f"export {{\n{text}\n}}" if decl.exported and written else text)
    return "\n".join(out) + "\n"


def _name(name: str, module: str) -> str:
    """A full name as it is written in a module."""
    if module == "GLOBAL":
        return name
    own = module + "::"
    if name.startswith(own) and "::" not in name[len(own) :]:
        return name[len(own) :]
    return name if "::" in name else f"GLOBAL::{name}"


def _global(node: n.GlobalDecl) -> str:
    text = f"{node.kind} {_name(node.name, node.module)}"
    if node.type_expr is not None:
        text += f": {type_text(node.type_expr)}"
    if node.init is not None:
        text += f" = {_value(node.init, node.attrs)}"
    return text + attributes(node.attrs) + ";"


def _redef(node: n.RedefDecl) -> str:
    value = "" if node.value is None else f" {node.op} {_value(node.value, node.attrs)}"
    return f"redef {node.name.name}{value}{attributes(node.attrs)};"


def _function(node: n.FuncDecl) -> str:
    head = (
        f"{'redef ' if node.replaces else ''}{node.signature.flavor} {node.name}{_signature(node.signature)}"
    )
    return head + attributes(node.attrs) + "\n" + statement(node.body, 1)


_DECLARATIONS: Final[dict[type[n.Decl], Callable[[Any], str]]] = {
    n.GlobalDecl: _global,
    n.TypeDecl: lambda node: (
        f"type {_name(node.name, node.module)}: {type_text(node.type_expr)}{attributes(node.attrs)};"
    ),
    n.RedefDecl: _redef,
    n.RedefEnum: lambda node: f"redef enum {node.name.name} += {_items(node.items)};",
    n.RedefRecord: lambda node: (
        f"redef record {node.name.name} += {_fields(node.fields)}{attributes(node.attrs)};"
    ),
    n.RedefField: lambda node: (
        f"redef record {node.name.name}${node.field_name} {node.op} {{{attributes(node.attrs)} }};"
    ),
    n.FuncDecl: _function,
    n.StmtDecl: lambda node: statement(node.stmt),
}
