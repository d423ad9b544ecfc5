"""Which variables have no value yet where they are used, by the paths that lead there.

A variable that is declared without a value (and whose type brings none along) has none until something
assigns one.  This goes through the body of a function that was checked, along all its paths at once: what is
known at a place is the set of variables that may be without a value there, and the part of them that are so
on every path.  Loops are gone through once: whatever a loop assigns anywhere counts as perhaps assigned at
its head.

Variables that anonymous functions or a `when` take along are left alone from there on, as nobody can tell
when these run.
"""

from __future__ import annotations

from bro.script import nodes as n
from bro.script.scope import Local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

Locals = frozenset[Local]


class State:
    """What is known at a place; None stands for a place that is never reached."""

    __slots__ = ("maybe", "surely")

    def __init__(self, maybe: Locals, surely: Locals) -> None:
        self.maybe = maybe  #: variables that are without a value on some path
        self.surely = surely  #: those of them that are so on every path


def join(a: State | None, b: State | None) -> State | None:
    """What is known where two paths meet."""
    if a is None or b is None or a is b:
        return b if a is None else a
    return State(a.maybe | b.maybe, a.surely & b.surely)


class Use:
    """A use of a variable that has no value there."""

    __slots__ = ("local", "node", "surely")

    def __init__(self, local: Local, node: n.Name, surely: bool) -> None:
        self.local = local
        self.node = node
        self.surely = surely  #: on every path, not only on some


class Flow:
    """Goes through the body of a function."""

    def __init__(self, ends: Callable[[n.Stmt], bool]) -> None:
        """:param ends: whether nothing behind a statement runs after it"""
        self.uses: list[Use] = []
        self.state: State | None = State(frozenset(), frozenset())
        self._ends = ends
        #: states at the `break` of the loops and switches around, and whether `next` may lead on as well
        self._breaks: list[State | None] = []

    # ---- variables -----------------------------------------------------------------------------------------

    def declared(self, local: Local) -> None:
        if self.state is not None:
            self.state = State(self.state.maybe | {local}, self.state.surely | {local})

    def has_value(self, local: object) -> None:
        state = self.state
        if state is not None and local in state.maybe:
            gone = {local}
            self.state = State(state.maybe - gone, state.surely - gone)

    def used(self, node: n.Name) -> None:
        state, local = self.state, node.symbol
        if state is not None and isinstance(local, Local) and local in state.maybe:
            self.uses.append(Use(local, node, local in state.surely))
            self.has_value(local)  # one mistake is told once

    # ---- expressions ---------------------------------------------------------------------------------------

    def expr(self, node: Any) -> None:
        """An expression, or whatever else has expressions in it."""
        if node.__class__ is n.Name:
            self.used(node)
            return
        go = _EXPRESSIONS.get(node.__class__)
        if go is not None:
            go(self, node)
            return
        for name in node._fields:
            part = getattr(node, name)
            if isinstance(part, n.Expr):
                self.expr(part)
            elif part.__class__ is list:
                for item in part:
                    if isinstance(item, n.Expr):
                        self.expr(item)

    def binary(self, node: n.Binary) -> None:
        # A long chain is a deep tree on the left: it is gone down in a loop.
        chain = []
        left: n.Expr = node
        while isinstance(left, n.Binary):
            chain.append(left)
            left = left.left
        self.expr(left)
        for part in reversed(chain):
            before = self.state
            self.expr(part.right)
            if part.op in ("&&", "||"):
                self.state = join(before, self.state)

    def conditional(self, node: n.Conditional) -> None:
        self.expr(node.condition)
        before = self.state
        self.expr(node.then)
        then, self.state = self.state, before
        self.expr(node.otherwise)
        self.state = join(then, self.state)

    def assign(self, node: n.Assign) -> None:
        # A compound assignment has its target inside of its value as well, once it was checked.
        self.expr(node.value)
        targets = node.target.items if isinstance(node.target, n.ListExpr) else [node.target]
        for target in targets:
            if isinstance(target, n.Name):
                if node.op != "=":
                    self.used(target)
                self.has_value(target.symbol)
            else:
                self.expr(target)

    def local_assign(self, node: n.LocalAssign) -> None:
        self.expr(node.value)

    def taken_along(self, node: n.Lambda | n.When) -> None:
        """Variables of an anonymous function or `when`."""
        if node.function is not None:
            for outer, _, _ in node.function.scope.captures:
                self.has_value(outer)

    # ---- statements ----------------------------------------------------------------------------------------

    def body(self, statements: Iterable[n.Stmt]) -> None:
        for stmt in statements:
            self.stmt(stmt)

    def stmt(self, node: n.Stmt) -> None:
        go = _STATEMENTS.get(node.__class__)
        if go is not None:
            go(self, node)
        else:
            self.expr(node)
            if self._ends(node):
                self.state = None

    def block(self, node: n.Block) -> None:
        self.body(node.body)

    def if_stmt(self, node: n.If) -> None:
        out: State | None = None
        while True:  # a chain of `else if` may be long
            self.expr(node.condition)
            before = self.state
            self.stmt(node.then)
            out = join(out, self.state)
            self.state = before
            if not isinstance(node.otherwise, n.If):
                break
            node = node.otherwise
        if node.otherwise is not None:
            self.stmt(node.otherwise)
        self.state = join(out, self.state)

    def loop(self, node: n.While | n.For, before: Callable[[], None], always: bool) -> None:
        """A loop.

        :param before: goes through what runs at the head of each round
        :param always: the loop is only left by a `break`
        """
        if self.state is not None:
            self.state = State(self.state.maybe, self.state.surely - assigned_in(node))
        self._breaks.append(None)
        before()
        head = self.state
        self.stmt(node.body)
        out = self._breaks.pop()
        self.state = out if always else join(out, head)

    def while_stmt(self, node: n.While) -> None:
        always = isinstance(node.condition, n.Literal) and node.condition.value is True
        self.loop(node, lambda: self.expr(node.condition), always)

    def for_stmt(self, node: n.For) -> None:
        self.expr(node.iterable)
        outer = self.state

        def variables() -> None:
            for variable in [*node.keys, node.value]:
                if variable is not None:
                    self.has_value(variable.local)

        self.loop(node, variables, always=False)
        # The variables have values inside of the loop; behind it only if there was a round.
        if outer is not None and self.state is not None:
            own = outer.maybe & {v.local for v in [*node.keys, node.value] if v is not None}
            self.state = State(self.state.maybe | own, self.state.surely)

    def switch_stmt(self, node: n.Switch) -> None:
        self.expr(node.value)
        before = self.state
        self._breaks.append(None)
        out: State | None = None
        through: State | None = None
        for case in node.cases:
            self.state = before
            for value in case.values:
                self.expr(value)
            self.state = join(self.state, through)
            through = None
            self.body(case.body)
            if case.body and isinstance(case.body[-1], n.Fallthrough):
                through = self.state
            else:
                out = join(out, self.state)
        if not any(case.default for case in node.cases):
            out = join(out, before)
        self.state = join(out, self._breaks.pop())

    def break_stmt(self, node: n.Break) -> None:
        if self._breaks:
            self._breaks[-1] = join(self._breaks[-1], self.state)
        self.state = None

    def leave(self, node: n.Stmt) -> None:
        self.state = None

    def return_stmt(self, node: n.Return) -> None:
        if node.value is not None:
            self.expr(node.value)
        self.state = None

    def when_stmt(self, node: n.When) -> None:
        if node.timeout is not None:
            self.expr(node.timeout)
        self.taken_along(node)
        if node.returns:
            self.state = None

    def local_decl(self, node: n.LocalDecl) -> None:
        if node.init is not None:
            self.expr(node.init)
        elif node.local is not None and node.local.unset:
            self.declared(node.local)

    def print_stmt(self, node: n.Print | n.LogStmt) -> None:
        for arg in node.args:
            self.expr(arg)

    def fallthrough(self, node: n.Fallthrough) -> None:
        """It only stands at the end of a case."""


def assigned_in(node: n.Node) -> Locals:
    """The variables that something inside of a statement assigns."""
    found: set[Local] = set()
    todo: list[Any] = [node]
    while todo:
        current = todo.pop()
        local: Any = None
        if isinstance(current, (n.Assign, n.Step)):
            targets = current.target.items if isinstance(current.target, n.ListExpr) else [current.target]
            found.update(t.symbol for t in targets if isinstance(t, n.Name) and isinstance(t.symbol, Local))
        elif isinstance(current, (n.LoopVariable, n.LocalDecl)):
            local = current.local
        if isinstance(local, Local):
            found.add(local)
        for name in current._fields:
            part = getattr(current, name)
            if isinstance(part, n.Node):
                todo.append(part)
            elif part.__class__ is list:
                todo.extend(p for p in part if isinstance(p, n.Node))
    return frozenset(found)


_EXPRESSIONS: dict[type, Callable[[Flow, Any], None]] = {
    n.Binary: Flow.binary,
    n.Conditional: Flow.conditional,
    n.Assign: Flow.assign,
    n.LocalAssign: Flow.local_assign,
    n.Lambda: Flow.taken_along,
}

_STATEMENTS: dict[type, Callable[[Flow, Any], None]] = {
    n.Block: Flow.block,
    n.If: Flow.if_stmt,
    n.While: Flow.while_stmt,
    n.For: Flow.for_stmt,
    n.Switch: Flow.switch_stmt,
    n.Break: Flow.break_stmt,
    n.Next: Flow.leave,
    n.Fallthrough: Flow.fallthrough,
    n.Return: Flow.return_stmt,
    n.When: Flow.when_stmt,
    n.LocalDecl: Flow.local_decl,
    n.Print: Flow.print_stmt,
    n.LogStmt: Flow.print_stmt,
}


def uses_without_value(body: Iterable[n.Stmt], ends: Callable[[n.Stmt], bool]) -> list[Use]:
    """The uses of variables that have no value there, in the order they are met."""
    flow = Flow(ends)
    flow.body(body)
    return flow.uses
