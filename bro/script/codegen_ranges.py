"""What the code generator knows of numbers: which counts cannot leave their range, so that nothing need
check it.

Facts of local variables are tuples in `Facts.known`, beside those of fields: ``(x, 3)``: x is at least 3;
``(x, ">=", y)``: x is not below y; ``(x, "<")``: x is below something, so one can be added.  They come from
conditions, and end where the variable is assigned.  A call cannot change a local variable, so they outlive
it.
"""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.scope import Local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

MAX_COUNT: Final = 2**64 - 1

#: Lower bounds are noted up to this one.
_MOST_BELOW: Final = 8

#: What no length of a string, table or vector reaches: memory ends before.
_LENGTH: Final = 2**48

_OPPOSITE: Final = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
_SWAPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def is_range(fact: tuple[Any, ...]) -> bool:
    """Whether a fact is about the number in a variable."""
    return len(fact) > 1 and (fact[1].__class__ is int or fact[1] in ("<", ">="))


def from_comparison(node: n.Binary, holds: bool) -> set[Any]:
    """What is known of local variables where a comparison of counts holds, or does not."""
    left, right = node.left, node.right
    if left.type is not t.COUNT or right.type is not t.COUNT:
        return set()
    op = node.op if holds else _OPPOSITE.get(node.op, "")
    return _of(op, left, right) | _of(_SWAPPED.get(op, ""), right, left)


def _of(op: str, left: n.Expr, right: n.Expr) -> set[Any]:
    if not isinstance(left, n.Name) or not isinstance(left.symbol, Local):
        return set()
    x = left.symbol
    facts: set[Any] = set()
    number = right.value if isinstance(right, n.Literal) else 0
    if op == "<":
        facts.add((x, "<"))
    elif op in (">", ">=", "=="):
        lowest = number + (op == ">")
        facts.update((x, k) for k in range(1, min(lowest, _MOST_BELOW) + 1))
        if isinstance(right, n.Name) and isinstance(right.symbol, Local):
            facts.add((x, ">=", right.symbol))
        if op == "==" and isinstance(right, n.Literal) and number < MAX_COUNT:
            facts.add((x, "<"))
    elif op == "!=" and isinstance(right, n.Literal) and number == 0:
        facts.add((x, 1))
    return facts


#: So deep an expression is looked into; beyond it, nothing is told of it.
_LEVELS: Final = 20


def highest(node: n.Expr, known: set[Any], levels: int = _LEVELS) -> int:
    """The largest value that an expression of type count can have, as far as that can be told."""
    if not levels:
        return MAX_COUNT
    levels -= 1
    if isinstance(node, n.Literal):
        return node.value if node.value.__class__ is int else MAX_COUNT
    if isinstance(node, n.Name):
        return MAX_COUNT - ((node.symbol, "<") in known)
    if isinstance(node, n.Size):
        return _LENGTH if node.operand.type.tag in ("string", "table", "vector") else MAX_COUNT
    if isinstance(node, n.Conditional):
        return max(highest(node.then, known, levels), highest(node.otherwise, known, levels))
    if not isinstance(node, n.Binary) or node.type is not t.COUNT:
        return MAX_COUNT
    op, right = node.op, node.right
    if op in ("%", "/", ">>", "&") and isinstance(right, n.Literal) and right.value.__class__ is int:
        number = right.value
        if op == "%":
            return max(number - 1, 0)
        if op == "&":
            return number
        left = highest(node.left, known, levels)
        return left // max(number, 1) if op == "/" else left >> min(number, 64)
    if op == "+":
        return min(highest(node.left, known, levels) + highest(right, known, levels), MAX_COUNT)
    if op == "*":
        return min(highest(node.left, known, levels) * highest(right, known, levels), MAX_COUNT)
    return MAX_COUNT


def stays_in_range(op: str, left: n.Expr, right: n.Expr, known: set[Any]) -> bool:
    """Whether the sum, product or difference of two counts needs no check."""
    if op == "-":
        if isinstance(left, n.Literal):
            return highest(right, known) <= int(left.value)
        if not isinstance(left, n.Name):
            return False
        if isinstance(right, n.Literal):
            return right.value == 0 or (left.symbol, right.value) in known
        return isinstance(right, n.Name) and (left.symbol, ">=", right.symbol) in known
    high, other = highest(left, known), highest(right, known)
    return (high + other if op == "+" else high * other) <= MAX_COUNT
