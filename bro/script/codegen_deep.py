"""Code that is deeper than Python compiles, made flat.

Python's compiler goes down a tree by calling itself, and takes at most twenty loops within each other.
Scripts that programs write go beyond: a chain of `else if` or a `switch` with a branch for each of a thousand
values (each `elif` stands inside the one before), a sum of a thousand parts (each stands inside the next).
Only where `compile` gives up is the tree gone through here, so that nothing else pays for it:

* a chain of branches becomes several, of which the next is tried when the one before found nothing;
* a deep part of an expression, or a loop far inside, becomes a function of its own that shares the variables
  of the one around it.

Names of what is made here begin with a blank: no script has such names, and `bro.runtime.errors` shows what
happens in such a function as of the one around it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

#: What `CodegenBase.temporary` gives: set before it is read, each time.
_TEMPORARY: Final = re.compile("_[0-9]+")
#: Branches that stay one chain.
_CHAIN: Final = 40
#: Levels of an expression that stay together.
_LEVELS: Final = 40
#: Loops within each other that stay together; Python takes twenty, and a `try` counts as one.
_LOOPS: Final = 12


def flatten(body: list[ast.stmt]) -> None:
    """Make the statements of a module, and of the functions in it, as flat as Python needs them."""
    _Part(body, None).flatten()


class _Part:
    """The statements of one function, or those of the module outside of functions."""

    def __init__(self, body: list[ast.stmt], function: ast.FunctionDef | None) -> None:
        self.body = body
        self.function = function
        self.made: list[ast.stmt] = []  #: functions that parts of it became
        self.numbers = 0
        #: names that Python is told about at the top of the function, by what it is told
        self.declared: dict[str, str] = {}
        for stmt in body:
            if isinstance(stmt, (ast.Global, ast.Nonlocal)):
                self.declared.update(dict.fromkeys(stmt.names, stmt.__class__.__name__))
        self.shared: set[str] = set()  #: variables that are assigned in what was made
        #: how often each variable occurs in the function; counted when it is asked for
        self.occurrences: Counter[str] | None = None

    def name(self) -> str:
        self.numbers += 1
        around = self.function.name.lstrip() if self.function is not None else ""
        return f" {around} {self.numbers}"

    def flatten(self) -> None:
        for list_ in _statement_lists(self.body):
            for stmt in list_:
                if isinstance(stmt, ast.FunctionDef):
                    _Part(stmt.body, stmt).flatten()
        self.chains()
        for list_ in list(_statement_lists(self.body)):
            for stmt in list_:
                if not isinstance(stmt, ast.FunctionDef):
                    self.expressions(stmt)
        self.loops(self.body, 0)
        if self.made:
            at = sum(isinstance(stmt, (ast.Global, ast.Nonlocal)) for stmt in self.body)
            self.body[at:at] = self.made
            if self.shared and self.function is not None:
                # A variable that is only assigned further inside belongs to this function all the same.
                none: ast.expr = ast.Constant(None)
                targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in sorted(self.shared)]
                binding = ast.If(ast.Constant(False), [ast.Assign(targets, none)], [])
                self.body.append(_placed(binding, self.made[0]))

    # ---- chains of branches --------------------------------------------------------------------------------

    def chains(self) -> None:
        for list_ in list(_statement_lists(self.body)):
            changed: list[ast.stmt] = []
            for stmt in list_:
                if isinstance(stmt, ast.If):
                    changed += self.chain(stmt)
                else:
                    changed.append(stmt)
            list_[:] = changed

    def chain(self, first: ast.If) -> list[ast.stmt]:
        """A chain of `if`, `elif`, ... as several that stand behind each other."""
        links = [first]
        while len(links[-1].orelse) == 1 and isinstance(links[-1].orelse[0], ast.If):
            links.append(links[-1].orelse[0])
        if len(links) <= _CHAIN:
            return [first]
        going = self.name()  # whether no branch was taken so far

        def say(value: bool, where: ast.stmt) -> ast.stmt:
            said: ast.stmt = _placed(ast.Assign([ast.Name(going, ast.Store())], ast.Constant(value)), where)
            return said

        out = [say(False, first), first]
        for at in range(_CHAIN, len(links), _CHAIN):
            links[at - 1].orelse = [say(True, links[at - 1])]
            test = ast.Name(going, ast.Load())
            out.append(_placed(ast.If(test, [say(False, links[at]), links[at]], []), links[at]))
        return out

    # ---- expressions ---------------------------------------------------------------------------------------

    def expressions(self, stmt: ast.stmt) -> None:
        """Take the deep parts out of the expressions of a statement, from the inside out."""
        order: list[tuple[ast.AST, ast.AST | None, str, int]] = []
        todo: list[tuple[ast.AST, ast.AST | None, str, int]] = [
            (child, stmt, field, place) for child, field, place in _expressions_of(stmt)
        ]
        while todo:
            entry = todo.pop()
            order.append(entry)
            node = entry[0]
            if not isinstance(node, ast.Lambda):  # no function can be defined in one
                todo += [(child, node, field, place) for child, field, place in _children(node)]
        depths: dict[int, int] = {}
        for node, parent, field, place in reversed(order):
            depth = depths.pop(id(node), 0) + 1
            if depth >= _LEVELS and _movable(node):
                assert isinstance(node, ast.expr)
                call = self.outlined_expression(node)
                if place < 0:
                    setattr(parent, field, call)
                else:
                    getattr(parent, field)[place] = call
                depth = 1
            depths[id(parent)] = max(depths.get(id(parent), 0), depth)

    def outlined_expression(self, node: ast.expr) -> ast.expr:
        value: ast.stmt = _placed(ast.Return(node), node)
        name = self.outlined([value], node)
        call: ast.expr = _placed(ast.Call(ast.Name(name, ast.Load()), [], []), node)
        return call

    def outlined(self, body: list[ast.stmt], where: ast.AST) -> str:
        """Make a function of statements; its name."""
        name = self.name()
        if self.occurrences is None:
            self.occurrences = _occurrences(self.body)
        inside = _occurrences(body)
        # A temporary variable that occurs nowhere else is its own.
        stored = {n for n in _stored(body) if not _TEMPORARY.fullmatch(n) or inside[n] != self.occurrences[n]}
        told: list[ast.stmt] = []
        if self.function is None:
            outside, own = stored, set()
        else:
            outside = {n for n in stored if self.declared.get(n) == "Global"}
            own = stored - outside
        if outside:
            told.append(_placed(ast.Global(sorted(outside)), where))
        if own:
            told.append(_placed(ast.Nonlocal(sorted(own)), where))
        self.shared |= {n for n in own if n not in self.declared}
        arguments = ast.arguments([], [], None, [], [], None, [])
        self.made.append(_placed(ast.FunctionDef(name, arguments, told + body, [], None, None), where))
        return name

    # ---- loops ---------------------------------------------------------------------------------------------

    def loops(self, body: list[ast.stmt], depth: int) -> None:
        """Make functions of the loops that stand too far inside."""
        for at in reversed(range(len(body))):
            stmt = body[at]
            if isinstance(stmt, (ast.For, ast.While)):
                far = depth + 1 >= _LOOPS
                self.loops(stmt.body, 0 if far else depth + 1)
                if far:
                    body[at : at + 1] = self.outlined_loop(stmt)
            elif isinstance(stmt, ast.If):
                self.loops(stmt.body, depth)
                self.loops(stmt.orelse, depth)
            elif isinstance(stmt, ast.Try):
                self.loops(stmt.body, depth + 1)

    def outlined_loop(self, loop: ast.For | ast.While) -> list[ast.stmt]:
        """A loop as a call: what the loop returns comes as a tuple, so that it is no end of the loop."""
        returns = False
        for list_ in _statement_lists([loop]):
            for stmt in list_:
                if isinstance(stmt, ast.Return):
                    returns = True
                    value = stmt.value if stmt.value is not None else _placed(ast.Constant(None), stmt)
                    stmt.value = _placed(ast.Tuple([value], ast.Load()), stmt)
        name = self.outlined([loop], loop)
        call: ast.expr = ast.Call(ast.Name(name, ast.Load()), [], [])
        if not returns:
            return [_placed(ast.Expr(call), loop)]
        result = self.name()
        first = ast.Subscript(ast.Name(result, ast.Load()), ast.Constant(0), ast.Load())
        left = ast.Compare(ast.Name(result, ast.Load()), [ast.IsNot()], [ast.Constant(None)])
        return [
            _placed(ast.Assign([ast.Name(result, ast.Store())], call), loop),
            _placed(ast.If(left, [ast.Return(first)], []), loop),
        ]


def _placed(node: Any, where: ast.AST) -> Any:
    """Give a node, and those in it that have none, a place in the script."""
    todo = [node]
    while todo:
        current = todo.pop()
        if "lineno" in current._attributes and not hasattr(current, "lineno"):
            ast.copy_location(current, where)
            todo += ast.iter_child_nodes(current)
    return node


def _statement_lists(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """A list of statements and all that are inside of it, but for functions."""
    todo = [body]
    while todo:
        current = todo.pop()
        yield current
        for stmt in current:
            if isinstance(stmt, ast.FunctionDef):
                continue
            for field in ("body", "orelse", "finalbody"):
                inner = getattr(stmt, field, None)
                if inner:
                    todo.append(inner)
            todo += [handler.body for handler in getattr(stmt, "handlers", ())]


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int]]:
    """The nodes directly below one: with the name of the field, and the place in it or -1."""
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield value, field, -1
        elif isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield item, field, place


def _expressions_of(stmt: ast.stmt) -> Iterator[tuple[ast.AST, str, int]]:
    """The expressions of a statement, without those of statements in it."""
    for child, field, place in _children(stmt):
        if isinstance(child, ast.expr):
            yield child, field, place


def _movable(node: ast.AST) -> bool:
    """Whether an expression is a value by itself that can be had from a function."""
    if not isinstance(node, ast.expr) or isinstance(node, (ast.Starred, ast.Slice, ast.Constant, ast.Name)):
        return False
    return not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _occurrences(body: list[ast.stmt]) -> Counter[str]:
    """How often each variable occurs in statements."""
    return Counter(node.id for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.Name))


def _stored(body: list[ast.stmt]) -> set[str]:
    """The variables that statements assign or take the value of away."""
    found: set[str] = set()
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.FunctionDef)):
            todo += ast.iter_child_nodes(node)
    return found
