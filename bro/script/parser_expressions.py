"""The parser's part for expressions: binary operators by precedence, then prefixes and postfixes."""

from __future__ import annotations

import os

from bro.script import nodes as n
from bro.script.lexer import count_value, interval_value, string_value
from bro.script.parser import MAX_CHAIN
from bro.script.parser_types import SIMPLE_TYPES, TABLE_ATTRIBUTES, TypeParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Attributes that older versions had, and that may stand behind `set()` and `table()` too.
_FORMER_TABLE_ATTRIBUTES: Final = frozenset(["mergeable", "persistent", "synchronized"])

#: Binding power of binary operators; higher binds closer.  Comparisons do not chain.
PRECEDENCE: Final = {
    "||": 1,
    "&&": 2,
    "in": 3,
    "!in": 3,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}

_power = PRECEDENCE.get

_ASSIGNMENTS: Final = frozenset(["=", "+=", "-="])
#: Operators before an operand, and what may go on behind one.
_PREFIXES: Final = frozenset(["!", "-", "+", "~", "++", "--"])
_POSTFIXES: Final = frozenset(["$", "[", "(", "?$", "as", "is"])

#: Tokens that may be an expression alone, and those behind which show that they are.
_LEAVES: Final = frozenset(["ID", "STRING", "COUNT", "DOUBLE", "INTERVAL", "PORT", "ADDR", "T", "F"])
_ENDS: Final = frozenset([")", "]", ",", ";"])

#: Tokens that begin an operand and cannot stand behind `|x|`: a bar before one of them is an operator.
OPERANDS: Final = frozenset(
    [
        "ID",
        "STRING",
        "COUNT",
        "DOUBLE",
        "INTERVAL",
        "PORT",
        "ADDR",
        "HOST",
        "PATTERN",
        "T",
        "F",
        "(",
        "set",
        "table",
        "copy",
    ]
)


class ExpressionParser(TypeParser):
    """Expressions."""

    def expression(self) -> n.Expr:
        """An expression, assignments included."""
        kind = self.kind
        if kind in _LEAVES:  # a name or constant alone is more than half of all expressions
            i = self.i
            after = self.kinds[i + 1]
            if after in _ENDS:
                if kind != "ID":
                    return self.literal()
                self.i = i + 1
                self.kind = after
                return n.Name(self.starts[i], self.ends[i], self.texts[i])
        left = self.conditional()
        if self.kind in _ASSIGNMENTS:
            op = self.kind
            self.advance()
            self.enter()
            value = self.expression()
            self.depth -= 1
            return n.Assign(left.start, value.end, op, left, value)
        return left

    def conditional(self) -> n.Expr:
        """An expression without assignment."""
        condition = self.binary(1)
        if self.kind == "?":
            self.advance()
            self.enter()
            then = self.expression()
            self.expect(":", 'between the two values of "?"')
            otherwise = self.expression()
            self.depth -= 1
            return n.Conditional(condition.start, otherwise.end, condition, then, otherwise)
        return condition

    def binary(self, lowest: int) -> n.Expr:
        left = self.unary()
        while True:
            op = self.kind
            power = _power(op, 0)
            if power < lowest or (op == "|" and self.in_bars and self.peek() not in OPERANDS):
                return left
            self.advance()
            right = self.binary(power + 1)
            left = n.Binary(left.start, right.end, op, left, right)

    def unary(self) -> n.Expr:
        kind = self.kind
        if kind == "ID":
            i = self.i
            expr: n.Expr = n.Name(self.starts[i], self.ends[i], self.texts[i])
            self.advance()
            if self.kind in _POSTFIXES:
                self.enter()
                expr = self.postfix(expr)
                self.depth -= 1
            return expr
        if kind not in _PREFIXES:
            self.enter()
            expr = self.primary()
            if self.kind in _POSTFIXES:
                expr = self.postfix(expr)
            self.depth -= 1
            return expr
        if kind in ("!", "-", "+", "~"):
            start = self.start
            self.advance()
            self.enter()
            operand = self.unary()
            self.depth -= 1
            return n.Unary(start, operand.end, kind, operand)
        start = self.start
        self.advance()
        self.enter()
        target = self.unary()
        self.depth -= 1
        return n.Step(start, target.end, kind, target)

    def postfix(self, expr: n.Expr) -> n.Expr:
        start = expr.start
        links = 0
        while True:
            kind = self.kind
            links += 1
            if links > MAX_CHAIN:
                self.too_deep()
            if kind == "$":
                i = self.i + 1
                if self.kinds[i] == "ID":
                    self.i = i
                    self.advance()
                    expr = n.FieldAccess(start, self.ends[i], expr, self.texts[i])
                    continue
                self.advance()
                name = self.member_name("the name of a field")
                expr = n.FieldAccess(start, self.ends[self.i - 1], expr, name)
            elif kind == "[":
                expr = self.index(expr)
            elif kind == "(":
                args = self.arguments()
                expr = n.Call(start, self.ends[self.i - 1], expr, args)
            elif kind == "?$":
                self.advance()
                name = self.member_name("the name of a field")
                expr = n.HasField(start, self.ends[self.i - 1], expr, name)
            elif kind == "as":
                self.advance()
                type_expr = self.type_expr()
                expr = n.Cast(start, self.last_end, expr, type_expr)
            elif kind == "is":
                self.advance()
                type_expr = self.type_expr()
                expr = n.IsType(start, self.last_end, expr, type_expr)
            else:
                return expr

    def index(self, base: n.Expr) -> n.Expr:
        """`base[...]`: an index, or a slice where there is a colon."""
        self.advance()
        bars, self.in_bars = self.in_bars, False
        try:
            low: n.Expr | None = None
            items: list[n.Expr] = []
            if self.kind != ":":
                low = self.expression()
                items.append(low)
                while self.accept(","):
                    items.append(self.expression())
            if self.kind == ":" and len(items) <= 1:
                self.advance()
                high = None if self.kind == "]" else self.expression()
                self.expect("]", "after a slice")
                return n.Slice(base.start, self.last_end, base, low, high)
            self.expect("]", "after an index")
            return n.Index(base.start, self.ends[self.i - 1], base, items)
        finally:
            self.in_bars = bars

    def arguments(self) -> list[n.Expr]:
        """`(a, b)` of a call; `$field = value` for record constructors."""
        self.expect("(")
        bars, self.in_bars = self.in_bars, False
        try:
            return self.items(")")
        finally:
            self.in_bars = bars

    def items(self, close: str) -> list[n.Expr]:
        """Expressions between commas up to a closing token, which is passed over."""
        items: list[n.Expr] = []
        outer, self.in_attribute = self.in_attribute, False
        while True:
            if self.kind == "DIRECTIVE":
                self.directives()
            if self.kind == close:
                break
            items.append(self.argument() if self.kind == "$" else self.expression())
            if self.kind == "DIRECTIVE":
                self.directives()
            if self.kind != ",":
                break
            self.advance()
        if self.kind == "DIRECTIVE":
            self.directives()
        self.in_attribute = outer
        if self.kind != close:
            self.expected(f'"," or "{close}"')
        self.advance()
        return items

    def argument(self) -> n.Expr:
        """`$name = value`"""
        start = self.starts[self.i]
        self.advance()
        name = self.member_name("the name of a field")
        if self.kind == "=":
            self.advance()
            value = self.expression()
        elif self.kind == "(":  # $name(params) = { body }
            at = self.start
            signature = self.func_type("function", at)
            self.expect("=", "before the body of a function field")
            body = self.block()
            value = n.Lambda(at, body.end, signature, None, body)
        else:
            self.expected('"="', f'between the field "{name}" and its value')
        return n.Argument(start, value.end, name, value)

    # ---- primary -------------------------------------------------------------------------------------------

    def primary(self) -> n.Expr:
        kind = self.kind
        if kind == "ID":
            i = self.i
            name = n.Name(self.starts[i], self.ends[i], self.texts[i])
            self.advance()
            return name
        make = _PRIMARIES.get(kind)
        if make is not None:
            return make(self)
        before = self.kinds[self.i - 1]
        if kind == "=" and before in ("*", "/", "%", "&", "|", "^") and self.last_end == self.start:
            self.fail(
                f'there is no operator "{before}="',
                self.start - 1,
                self.start + 1,
                f"write x = x {before} ...",
            )
        if kind == "/":
            self.fail("pattern without closing slash", hint="a pattern ends on the line it begins on")
        if kind not in SIMPLE_TYPES:
            self.expected("an expression")
        start = self.start
        return n.TypeValue(start, self.tokens.ends[self.i], self.type_expr())

    def literal(self) -> n.Expr:
        i = self.i
        kind, text, start, end = self.kind, self.texts[i], self.starts[i], self.ends[i]
        self.advance()
        if kind == "STRING":
            value: object = string_value(text)
            while self.kind == "STRING":  # adjacent strings are one
                value += string_value(self.text)  # type: ignore[operator]
                self.advance()
                end = self.last_end
            return n.Literal(start, end, "string", value)
        if kind == "COUNT":
            number = count_value(text)
            return n.Literal(start, end, "count", number)
        if kind == "DOUBLE":
            return n.Literal(start, end, "double", float(text))
        if kind == "INTERVAL":
            return n.Literal(start, end, "interval", interval_value(text))
        if kind == "PORT":
            return n.Literal(start, end, "port", text)
        if kind == "ADDR":
            return n.Literal(start, end, "addr", text)
        return n.Literal(start, end, "bool", kind == "T")

    def pattern(self) -> n.Expr:
        text, start = self.text, self.start
        self.advance()
        body, _, flags = text[1:].rpartition("/")
        return n.PatternLiteral(start, self.last_end, body, flags)

    def host_name(self) -> n.Expr:
        text, start = self.text, self.start
        self.advance()
        return n.HostLiteral(start, self.last_end, text)

    def value_directive(self) -> n.Expr:
        word, start = self.text, self.start
        self.advance()
        if word == "@DEBUG":
            return n.Literal(start, self.last_end, "bool", False)
        path = self.source.path
        text = os.path.dirname(os.path.abspath(path)) if word == "@DIR" else os.path.basename(path)
        return n.Literal(start, self.last_end, "string", os.fsencode(text))

    def parenthesis(self) -> n.Expr:
        start = self.start
        self.advance()
        bars, self.in_bars = self.in_bars, False
        outer, self.in_attribute = self.in_attribute, False
        expr = self.expression()
        self.in_bars = bars
        self.in_attribute = outer
        self.expect(")")
        expr.start, expr.end = start, self.last_end
        return expr

    def size(self) -> n.Expr:
        start = self.start
        self.advance()
        bars, self.in_bars = self.in_bars, True
        operand = self.expression()
        self.in_bars = bars
        self.expect("|", "after the expression whose size is asked for")
        return n.Size(start, self.last_end, operand)

    def bracket(self) -> n.Expr:
        """`[$a=1]` or `[a, b]`"""
        start = self.start
        self.advance()
        bars, self.in_bars = self.in_bars, False
        items = self.items("]")
        self.in_bars = bars
        if items and all(isinstance(item, n.Argument) for item in items):
            return n.RecordConstructor(start, self.last_end, items)  # type: ignore[arg-type]
        for item in items:
            if isinstance(item, n.Argument):
                self.fail(
                    "a list has either fields ($name=value) or plain values, not both", item.start, item.end
                )
        if not items:
            return n.RecordConstructor(start, self.last_end, [])
        return n.ListExpr(start, self.last_end, items)

    def brace(self) -> n.Expr:
        """`{ a, [b] = c }` as a value."""
        start = self.start
        self.advance()
        bars, self.in_bars = self.in_bars, False
        items = [_key_value(item) for item in self.items("}")]
        self.in_bars = bars
        self.conditions_here()
        return n.Constructor(start, self.last_end, "{", items, [])

    def constructor(self) -> n.Expr:
        """`table(...)`, `set(...)`, `vector(...)`, `record(...)`; without parenthesis it is a type."""
        kind, start = self.kind, self.start
        if self.peek() != "(":
            return n.TypeValue(start, self.tokens.ends[self.i], self.type_expr())
        self.advance()
        items = [_key_value(item) for item in self.arguments()]
        if kind == "record":
            fields = [item for item in items if isinstance(item, n.Argument)]
            if len(fields) != len(items):
                self.fail("record() takes fields: $name=value", start, self.last_end)
            return n.RecordConstructor(start, self.last_end, fields)
        attrs: list[n.Attr] = []
        if kind != "vector" and not self.in_attribute:
            while self.kind == "ATTR" and self.text in TABLE_ATTRIBUTES | _FORMER_TABLE_ATTRIBUTES:
                attrs.append(self.attribute())
        return n.Constructor(start, self.last_end, kind, items, attrs)

    def lambda_expr(self) -> n.Expr:
        """`function [captures] (params): result { body }`"""
        start = self.start
        self.advance()
        captures = self.captures()
        signature = self.func_type("function", start)
        bars, self.in_bars = self.in_bars, False
        outer, self.in_attribute = self.in_attribute, False
        body = self.block()
        self.in_bars, self.in_attribute = bars, outer
        self.conditions_here()
        return n.Lambda(start, self.last_end, signature, captures, body)

    def captures(self) -> list[n.Capture] | None:
        """`[a, copy b]`; None where there is no bracket."""
        if self.kind != "[":
            return None
        self.advance()
        captures: list[n.Capture] = []
        while self.kind not in ("]", "EOF"):
            start = self.start
            copied = self.accept("copy")
            name = self.name("the name of a variable to capture")
            captures.append(n.Capture(start, self.last_end, name, copied))
            if not self.accept(","):
                break
        self.expect("]", "after the captured variables")
        return captures

    def copy(self) -> n.Expr:
        start = self.start
        self.advance()
        args = self.arguments()
        if len(args) != 1:
            self.fail("copy() takes one value", start, self.last_end)
        return n.CopyExpr(start, self.last_end, args[0])

    def hook_call(self) -> n.Expr:
        start = self.start
        self.advance()
        call = self.postfix(self.primary())
        if not isinstance(call, n.Call):
            self.fail("expected a call of a hook", call.start, call.end)
        return n.HookCall(start, call.end, call)

    def event_call(self) -> n.Expr:
        start = self.start
        self.advance()
        at = self.start
        name = n.Name(at, self.tokens.ends[self.i], self.name("the name of an event"))
        args = self.arguments()
        return n.EventCall(start, self.last_end, name, args)

    def schedule(self) -> n.Expr:
        start = self.start
        self.advance()
        delay = self.conditional()
        self.expect("{", "before the scheduled event")
        self.accept("event")
        at = self.start
        name = n.Name(at, self.tokens.ends[self.i], self.name("the name of an event"))
        args = self.arguments()
        self.accept(";")
        self.conditions_here()
        self.expect("}", "after the scheduled event")
        self.conditions_here()
        return n.Schedule(start, self.last_end, delay, name, args)

    def local_assign(self) -> n.Expr:
        start = self.start
        self.advance()
        name = self.name("the name of a variable")
        self.expect("=")
        value = self.conditional()
        return n.LocalAssign(start, value.end, name, value)


def _key_value(item: n.Expr) -> n.Expr:
    """`[key] = value` inside a constructor is an element, not an assignment; in parentheses it is one."""
    if isinstance(item, n.Assign) and item.op == "=" and item.start == item.target.start:
        return n.KeyValue(item.start, item.end, item.target, item.value)
    return item


_PRIMARIES: Final = {
    "STRING": ExpressionParser.literal,
    "COUNT": ExpressionParser.literal,
    "DOUBLE": ExpressionParser.literal,
    "INTERVAL": ExpressionParser.literal,
    "PORT": ExpressionParser.literal,
    "ADDR": ExpressionParser.literal,
    "T": ExpressionParser.literal,
    "F": ExpressionParser.literal,
    "PATTERN": ExpressionParser.pattern,
    "HOST": ExpressionParser.host_name,
    "VALUE": ExpressionParser.value_directive,
    "(": ExpressionParser.parenthesis,
    "|": ExpressionParser.size,
    "[": ExpressionParser.bracket,
    "{": ExpressionParser.brace,
    "table": ExpressionParser.constructor,
    "set": ExpressionParser.constructor,
    "vector": ExpressionParser.constructor,
    "record": ExpressionParser.constructor,
    "function": ExpressionParser.lambda_expr,
    "copy": ExpressionParser.copy,
    "hook": ExpressionParser.hook_call,
    "event": ExpressionParser.event_call,
    "schedule": ExpressionParser.schedule,
    "local": ExpressionParser.local_assign,
}
