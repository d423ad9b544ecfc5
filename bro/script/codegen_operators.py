"""The code generator's part for operators and assignments used as values.

Operators become those of Python where they mean the same.  Counts are checked for underflow and wrap at 64
bits as unsigned numbers, ints wrap as signed ones.

Most numbers are small, and Python compares small ones fastest: a number that is at most `SMALL` needs no look
at the real bound.  Where a result is bound to be in range (`codegen_ranges`) there is no check at all, and in
sums and products only the last result is checked, since what wraps at the end need not wrap before.
"""

from __future__ import annotations

import _ast as ast

from bro.script import nodes as n
from bro.script import types as t
from bro.script.codegen import (
    AT_LEAST,
    AT_MOST,
    EQUAL,
    GREATER,
    IN,
    IS,
    IS_NOT,
    LESS,
    LOAD,
    NOT_IN,
    CodegenBase,
)
from bro.script.codegen_facts import Path, when_false, when_true
from bro.script.codegen_ranges import stays_in_range
from bro.script.scope import Local, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAX_COUNT: Final = 2**64 - 1
MAX_INT: Final = 2**63 - 1
#: The largest number that CPython keeps in one digit.
SMALL: Final = 2**30 - 1

# What has no place in the script can be shared by all trees.
_OPERATORS: Final[dict[str, ast.operator]] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "%": ast.Mod(),
    "&": ast.BitAnd(),
    "|": ast.BitOr(),
    "^": ast.BitXor(),
    "<<": ast.LShift(),
    ">>": ast.RShift(),
}
_COMPARISONS: Final[dict[str, ast.cmpop]] = {
    "==": EQUAL,
    "!=": ast.NotEq(),
    "<": LESS,
    "<=": AT_MOST,
    ">": GREATER,
    ">=": AT_LEAST,
}


class OperatorCodegen(CodegenBase):
    """Operators."""

    # ---- unary ---------------------------------------------------------------------------------------------

    def unary(self, node: n.Unary) -> ast.expr:
        op = node.op
        if op == "!":
            if isinstance(node.type, t.VectorType):
                value = self.operand(node.operand)
                return self.call("vector_op", self.const("=="), value, self.const(False), self.const("bool"))
            return self.not_expr(node.operand)
        value = self.operand(node.operand)
        if op == "~":
            return self.binop(value, ast.BitXor(), self.const(MAX_COUNT))
        if isinstance(node.type, t.VectorType):
            if op == "+":
                return value
            return self.call(
                "vector_op", self.const("-"), self.const(0), value, self.const(node.type.element.tag)
            )
        if op == "+":
            return value
        return self.at(ast.UnaryOp(ast.USub(), value))  # type: ignore[no-any-return]

    def not_expr(self, node: n.Expr) -> ast.expr:
        """`not node`, without a `not` where the operator has an opposite."""
        if isinstance(node, n.HasField):
            value = self.attribute(self.operand(node.base), node.name)
            return self.compare(value, IS, self.const(None))
        return self.negate(self.expr(node))

    def size(self, node: n.Size) -> ast.expr:
        tag = node.operand.type.tag
        if isinstance(node.operand, n.Binary) and node.operand.mode == "int" and node.operand.op == "-":
            left, right = node.operand.left, node.operand.right
            if left.type is right.type is t.COUNT:
                return self.call("abs", self.binop(self.operand(left), ast.Sub(), self.operand(right)))
        value = self.operand(node.operand)
        if tag in ("string", "table", "vector"):
            return self.call("len", value)
        if tag in ("int", "double", "interval"):
            return self.call("abs", value)
        if tag == "bool":
            return self.call("int", value)
        if tag in ("count", "time"):
            return value
        if tag == "enum":
            return self.attribute(value, "value")
        return self.call("size_of", value)

    # ---- binary --------------------------------------------------------------------------------------------

    def binary(self, node: n.Binary) -> ast.expr:
        # Chains on the left are gone down in a loop, as the checker does.
        chain: list[n.Binary] = []
        current: n.Expr = node
        while isinstance(current, n.Binary) and current.mode in _CHAINED:
            chain.append(current)
            current = current.left
        if len(chain) < 50:
            return self.binary_one(node)
        value = self.expr(current)
        for part in reversed(chain):
            self.loc = self.locate(part)
            value = self.operate(part.op, part.mode, value, self.expr(part.right), part)
        return value

    def binary_one(self, node: n.Binary) -> ast.expr:
        mode, op = node.mode, node.op
        if mode == "logic":
            return self.logic(node)
        if op in ("in", "!in"):
            return self.membership(node)
        if mode == "compare":
            ordered = op not in ("==", "!=")
            left = self.operand(_bare(node.left)) if ordered else self.expr(_bare(node.left))
            right = self.operand(_bare(node.right)) if ordered else self.expr(_bare(node.right))
            return self.compare(left, _COMPARISONS[op], right)
        if mode == "identity":
            identity: ast.cmpop = IS if op == "==" else IS_NOT
            return self.compare(self.expr(node.left), identity, self.expr(node.right))
        if mode == "exact":
            pattern, text = (
                (node.left, node.right) if node.left.type is t.PATTERN else (node.right, node.left)
            )
            found = self.method(self.operand(pattern), "exact", self.expr(text))
            return found if op == "==" else self.negate(found)
        if mode == "count" and op in ("+", "*"):
            return self.operate(op, mode, self.unwrapped(node.left), self.unwrapped(node.right), node)
        return self.operate(op, mode, self.operand(_bare(node.left)), self.operand(_bare(node.right)), node)

    def unwrapped(self, node: n.Expr) -> ast.expr:
        """An operand of a sum or product of counts; as its result wraps, the operand need not."""
        if isinstance(node, n.Binary) and node.mode == "count" and node.op in ("+", "*"):
            saved = self.loc
            self.loc = self.locate(node)
            left, right = self.unwrapped(node.left), self.unwrapped(node.right)
            out = self.binop(left, _OPERATORS[node.op], right)
            self.loc = saved
            return out
        return self.operand(_bare(node))

    def operate(self, op: str, mode: str, left: ast.expr, right: ast.expr, node: n.Binary) -> ast.expr:
        """An arithmetic operator on values."""
        if mode == "count":
            return self.count_operator(op, left, right, self.in_range(node))
        if mode == "int":
            return self.int_operator(op, left, right)
        if mode == "bits":
            return (
                self.shift(op, left, right, node)
                if op in ("<<", ">>")
                else self.binop(left, _OPERATORS[op], right)
            )
        if mode == "mask":
            return self.method(left, "mask", right)
        if mode == "set" and op in _COMPARISONS:
            return self.compare(left, _COMPARISONS[op], right)
        if mode == "vector":
            assert isinstance(node.type, t.VectorType)
            operand = node.left.type if isinstance(node.left.type, t.VectorType) else node.right.type
            assert isinstance(operand, t.VectorType)
            tag = node.type.element.tag
            return self.call(
                "vector_op",
                self.const(op),
                left,
                right,
                self.const(tag if tag != "bool" else operand.element.tag),
            )
        return self.binop(left, _OPERATORS[op], right)

    def in_range(self, node: n.Binary) -> bool:
        """Whether the result of an operator on counts needs no check."""
        return node.op in ("+", "-", "*") and stays_in_range(
            node.op, node.left, node.right, self.state.facts.known
        )

    def any_of(self, *tests: ast.expr) -> ast.expr:
        return self.at(ast.BoolOp(ast.Or(), list(tests)))  # type: ignore[no-any-return]

    def between(self, low: int, value: ast.expr, high: int) -> ast.expr:
        """`low <= value <= high`"""
        operators: list[ast.cmpop] = [AT_MOST, AT_MOST]
        return self.at(ast.Compare(self.const_int(low), operators, [value, self.const(high)]))  # type: ignore[no-any-return]

    def count_operator(self, op: str, left: ast.expr, right: ast.expr, in_range: bool = False) -> ast.expr:
        if op == "/":
            return self.binop(left, ast.FloorDiv(), right)
        value = self.binop(left, _OPERATORS[op], right)
        if op == "%" or in_range:
            return value
        name = self.temporary()
        held = self.walrus(name, value)
        if op == "-":
            test = self.compare(held, AT_LEAST, self.const(0))
            return self.choose(test, self.load(name), self.call("underflow"))
        test = self.any_of(
            self.compare(held, AT_MOST, self.const(SMALL)),
            self.compare(self.load(name), AT_MOST, self.const(MAX_COUNT)),
        )
        return self.choose(test, self.load(name), self.wrapped(name))

    def wrapped(self, name: str) -> ast.expr:
        """What is left of a count that grew too large."""
        return self.binop(self.load(name), ast.BitAnd(), self.const(MAX_COUNT))

    def int_operator(self, op: str, left: ast.expr, right: ast.expr) -> ast.expr:
        if op == "/":
            return self.call("int_div", left, right)
        if op == "%":
            return self.call("int_mod", left, right)
        value = self.binop(left, _OPERATORS[op], right)
        name = self.temporary()
        test = self.any_of(
            self.between(-SMALL, self.walrus(name, value), SMALL),
            self.between(-MAX_INT - 1, self.load(name), MAX_INT),
        )
        return self.choose(test, self.load(name), self.call("int_range", self.load(name)))

    def const_int(self, value: int) -> ast.expr:
        if value >= 0:
            return self.const(value)
        return self.at(ast.UnaryOp(ast.USub(), self.const(-value)))  # type: ignore[no-any-return]

    def shift(self, op: str, left: ast.expr, right: ast.expr, node: n.Binary) -> ast.expr:
        if op == ">>" and isinstance(node.right, n.Literal) and 0 <= node.right.value < 64:
            return self.binop(left, ast.RShift(), right)
        if isinstance(node.right, n.Literal) and 0 <= node.right.value < 64 and node.type is t.COUNT:
            return self.binop(self.binop(left, ast.LShift(), right), ast.BitAnd(), self.const(MAX_COUNT))
        signed = [self.const(True)] if node.type is t.INT else []
        return self.call("shift_left" if op == "<<" else "shift_right", left, right, *signed)

    def logic(self, node: n.Binary) -> ast.expr:
        op = node.op
        parts: list[n.Expr] = [node.right]
        current = node.left
        while isinstance(current, n.Binary) and current.mode == "logic" and current.op == op:
            parts.append(current.right)
            current = current.left
        parts.append(current)
        kind = ast.And() if op == "&&" else ast.Or()
        follows = when_true if op == "&&" else when_false
        facts = self.state.facts
        always: set[Path] | None = None
        values = []
        for part in reversed(parts):
            losses = facts.losses
            values.append(self.expr(part))
            if always is None:
                always = set(facts.known)  # the first part is always computed, further ones may be left out
            facts.add(follows(part) if facts.losses == losses else ())
        facts.known &= always or set()
        return self.at(ast.BoolOp(kind, values))  # type: ignore[no-any-return]

    def membership(self, node: n.Binary) -> ast.expr:
        mode = node.mode
        container = self.operand(node.right)
        negative = node.op == "!in"
        found: ast.expr
        if mode == "index":
            type_ = node.right.type
            assert isinstance(type_, t.TableType)
            index = node.left.items if isinstance(node.left, n.ListExpr) else [node.left]
            key = self.index_key(type_, index, insert=False)
            return self.compare(key, NOT_IN if negative else IN, container)
        if mode == "contains":
            return self.compare(self.expr(node.left), NOT_IN if negative else IN, container)
        if mode == "embedded":
            found = self.method(self.operand(node.left), "embedded", self.expr(node.right))
        elif mode == "vector":
            found = self.call("vector_has", container, self.expr(node.left))
        else:
            found = self.method(container, "holds", self.expr(node.left))
        return self.negate(found) if negative else found

    # ---- assignments whose value is used -------------------------------------------------------------------

    def assign_value(self, node: n.Assign) -> ast.expr:
        """An assignment in an expression."""
        target = node.target
        if node.mode in ("update", "remove", "append", "extend"):
            return self.call("changed", self.operand(target), self.change(node))
        if isinstance(target, n.Name):
            value = self.expr(node.value)
            stored = self.walrus(self.stored_name(target), value)
            self.state.facts.stored(target, node.value)
            return stored
        if isinstance(target, n.FieldAccess):
            base = self.operand(target.base)
            stored = self.call("set_field", base, self.const(target.name), self.expr(node.value))
            self.state.facts.stored(target, node.value)
            return stored
        if isinstance(target, n.Index):
            indexed = target.base.type
            if isinstance(indexed, t.TableType):
                key = self.index_key(indexed, target.index, insert=True)
                return self.call("set_item", self.operand(target.base), key, self.expr(node.value))
            return self.call(
                "vector_assign", self.operand(target.base), self.expr(target.index[0]), self.expr(node.value)
            )
        assert isinstance(target, n.Slice)
        return self.call(
            "vector_assign_slice",
            self.operand(target.base),
            self.const(None) if target.low is None else self.expr(target.low),
            self.const(None) if target.high is None else self.expr(target.high),
            self.expr(node.value),
        )

    def change(self, node: n.Assign) -> ast.expr:
        """The call that changes a container for `+=` or `-=`."""
        return self.method(self.operand(node.target), node.mode, self.expr(node.value))

    def stored_name(self, node: n.Name) -> str:
        """The name in code of a variable that is assigned."""
        symbol = node.symbol
        self.state.facts.assigned(symbol)
        if isinstance(symbol, Symbol):
            self.state.globals.add(symbol.py)
            return symbol.py
        assert isinstance(symbol, Local)
        return symbol.py

    def step_value(self, node: n.Step) -> ast.expr:
        """`++x` or `--x` in an expression."""
        target = node.target
        amount = self.const_int(1 if node.op == "++" else -1)
        low = [self.const(0)] if node.type is t.COUNT else []
        if isinstance(node.type, t.VectorType):
            return self.call("vector_step", self.operand(target), amount, *low)
        if isinstance(target, n.Name):
            value = self.stepped(self.expr(target), node)
            return self.walrus(self.stored_name(target), value)
        if isinstance(target, n.FieldAccess):
            return self.call("step_field", self.operand(target.base), self.const(target.name), amount, *low)
        assert isinstance(target, n.Index)
        base = target.base.type
        if isinstance(base, t.TableType):
            key = self.index_key(base, target.index, insert=True)
        else:
            key = self.expr(target.index[0])
        return self.call("step_item", self.operand(target.base), key, amount, *low)

    def stepped(self, value: ast.expr, node: n.Step) -> ast.expr:
        """A number that is one more or one less."""
        op = "+" if node.op == "++" else "-"
        if node.type is t.COUNT:
            return self.count_operator(op, value, self.const(1), self.step_in_range(node))
        return self.int_operator(op, value, self.const(1))

    def step_in_range(self, node: n.Step) -> bool:
        """Whether a count can be stepped without a check."""
        symbol = node.target.symbol if isinstance(node.target, n.Name) else None
        return (symbol, "<" if node.op == "++" else 1) in self.state.facts.known


_CHAINED: Final = frozenset(["number", "count", "int", "string", "set", "pattern"])


def _bare(node: n.Expr) -> n.Expr:
    """An operand without the conversion to double that Python does by itself."""
    if isinstance(node, n.Coerce) and node.mode == "float":
        return node.value
    return node


__all__ = ["LOAD", "OperatorCodegen"]
