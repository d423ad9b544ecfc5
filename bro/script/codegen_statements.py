"""The code generator's part for statements other than loops and switches."""

from __future__ import annotations

import _ast as ast

from bro.script import nodes as n
from bro.script import types as t
from bro.script.codegen import GREATER, LESS, STORE
from bro.script.codegen_expressions import ExpressionCodegen
from bro.script.codegen_facts import Path, leaves, when_false, when_true
from bro.script.codegen_operators import _OPERATORS, MAX_COUNT, SMALL
from bro.script.scope import Local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final


class StatementCodegen(ExpressionCodegen):
    """Statements: each appends to a list of Python statements."""

    def stmt(self, node: n.Stmt, out: list[ast.stmt]) -> None:
        saved = self.loc
        self.loc = self.locate(node)
        _STATEMENTS[node.__class__](self, node, out)
        self.loc = saved

    def body(self, node: n.Stmt) -> list[ast.stmt]:
        """The statements of a block or of a single statement; never empty."""
        out: list[ast.stmt] = []
        if isinstance(node, n.Block):
            for stmt in node.body:
                self.stmt(stmt, out)
        else:
            self.stmt(node, out)
        return out or [self.at(ast.Pass())]

    def block(self, node: n.Block, out: list[ast.stmt]) -> None:
        for stmt in node.body:
            self.stmt(stmt, out)

    def expr_stmt(self, node: n.ExprStmt, out: list[ast.stmt]) -> None:
        expr = node.expr
        self.loc = self.locate(expr)
        if isinstance(expr, n.Assign):
            self.assign_stmt(expr, out)
        elif isinstance(expr, n.Step):
            self.step_stmt(expr, out)
        else:
            out.append(self.evaluate(self.expr(expr)))

    # ---- assignment ----------------------------------------------------------------------------------------

    def assign_stmt(self, node: n.Assign, out: list[ast.stmt]) -> None:
        mode = node.mode
        if mode in ("update", "remove", "append", "extend"):
            out.append(self.evaluate(self.change(node)))
        elif mode == "compute":
            self.compute_stmt(node, out)
        elif mode == "unpack":
            assert isinstance(node.target, n.ListExpr)
            name = self.temporary()
            types = self.type_constant(node.target.type)
            out.append(self.assign(self.store(name), self.call("unpacked", self.expr(node.value), types)))
            for i, item in enumerate(node.target.items):
                self.store_stmt(item, self.item(self.load(name), self.const(i)), out)
        elif mode == "pattern":
            value = self.binop(self.expr(node.target), ast.BitOr(), self.expr(node.value))
            self.store_stmt(node.target, value, out)
        elif isinstance(node.target, n.Index) and isinstance(node.target.base.type, t.VectorType):
            self.vector_stmt(node.target, node.value, out)
        elif isinstance(node.value, n.Binary) and self.is_own(node.target) and _is_checked(node.value):
            sum_ = node.value
            self.loc = self.locate(sum_)
            plain = sum_.op == "-" or sum_.mode == "int"
            operand = self.operand if plain else self.unwrapped
            left, right = operand(sum_.left), operand(sum_.right)
            self.number_stmt(node.target, sum_.op, sum_.mode, left, right, self.in_range(sum_), out)
        else:
            self.store_stmt(node.target, self.expr(node.value), out)
            self.state.facts.stored(node.target, node.value)

    def is_own(self, node: n.Expr) -> bool:
        """Whether an expression is a local variable that nothing else sees: it may hold a number before that
        is checked.
        """
        return (
            isinstance(node, n.Name)
            and isinstance(node.symbol, Local)
            and node.symbol not in self.state.shared
        )

    def number_stmt(
        self,
        target: n.Expr,
        op: str,
        mode: str,
        left: ast.expr,
        right: ast.expr,
        in_range: bool,
        out: list[ast.stmt],
    ) -> None:
        """`target = left op right` on counts or ints.

        The result is checked by a statement of its own, which takes less than to do it in an expression.
        """
        value = self.binop(left, _OPERATORS[op], right)
        if mode == "count" and in_range:
            self.store_stmt(target, value, out)
            return
        own = self.is_own(target)
        name = self.stored_name(target) if isinstance(target, n.Name) and own else self.temporary()
        out.append(self.assign(self.store(name), value))
        if mode == "int":
            test = self.negate(self.between(-SMALL, self.load(name), SMALL))
            wrong = self.assign(self.store(name), self.call("int_range", self.load(name)))
        elif op == "-":
            test = self.compare(self.load(name), LESS, self.const(0))
            wrong = self.evaluate(self.call("underflow"))
        else:
            small = self.compare(self.load(name), GREATER, self.const(SMALL))
            large = self.compare(self.load(name), GREATER, self.const(MAX_COUNT))
            test = self.at(ast.BoolOp(ast.And(), [small, large]))
            wrong = self.assign(self.store(name), self.wrapped(name))
        out.append(self.at(ast.If(test, [wrong], [])))
        if not own:
            self.store_stmt(target, self.load(name), out)

    def store_stmt(self, target: n.Expr, value: ast.expr, out: list[ast.stmt]) -> None:
        """Put a value where the target says."""
        if isinstance(target, n.Index) and isinstance(target.base.type, t.VectorType):
            self.vector_store(target, value, out)
            return
        out.append(self.assign(self.target(target), value))

    def target(self, node: n.Expr) -> ast.expr:
        """The target of an assignment."""
        if isinstance(node, n.Name):
            return self.store(self.stored_name(node))
        if isinstance(node, n.FieldAccess):
            return self.attribute(self.operand(node.base), node.name, STORE)
        if isinstance(node, n.Slice):
            return self.item(self.operand(node.base), self.bounds(node), STORE)
        assert isinstance(node, n.Index) and isinstance(node.base.type, t.TableType)
        key = self.index_key(node.base.type, node.index, insert=True)
        return self.item(self.operand(node.base), key, STORE)

    def variable(self, node: n.Expr) -> ast.Name | ast.Attribute | ast.Subscript:
        """The target of an assignment that is not a part of a string or vector."""
        target = self.target(node)
        assert isinstance(target, (ast.Name, ast.Attribute, ast.Subscript))
        return target

    def vector_stmt(self, target: n.Index, value: n.Expr, out: list[ast.stmt]) -> None:
        """`v[i] = value`; at the end of the vector it is an append."""
        index = target.index[0]
        if isinstance(index, n.Size) and _same(index.operand, target.base):
            out.append(self.evaluate(self.method(self.operand(target.base), "append", self.expr(value))))
            return
        stable = self.stable(target, out)
        assert isinstance(stable, n.Index)
        self.vector_store(stable, self.expr(value), out)

    def vector_store(self, target: n.Index, value: ast.expr, out: list[ast.stmt]) -> None:
        """`v[i] = value` for a variable and an index that can be evaluated twice: mostly the element
        exists.
        """
        base, index = target.base, target.index[0]
        if index.type is not t.COUNT:
            out.append(self.evaluate(self.call("vector_assign", self.operand(base), self.expr(index), value)))
            return
        name = self.temporary()
        out.append(self.assign(self.store(name), value))
        put = self.assign(self.item(self.operand(base), self.expr(index), STORE), self.load(name))
        grow = self.call("vector_assign", self.operand(base), self.expr(index), self.load(name))
        beyond = self.at(ast.ExceptHandler(self.load("IndexError"), None, [self.evaluate(grow)]))
        out.append(self.at(ast.Try([put], [beyond], [], [])))

    def compute_stmt(self, node: n.Assign, out: list[ast.stmt]) -> None:
        """`target += value` and `target -= value` on numbers and strings."""
        binary = node.value
        if isinstance(binary, n.Literal) or not isinstance(binary, n.Binary):
            self.store_stmt(node.target, self.expr(binary), out)
            return
        plain = binary.mode in ("number", "string")
        vector = isinstance(node.target, n.Index) and isinstance(node.target.base.type, t.VectorType)
        if plain and not vector and not isinstance(node.target, n.Slice):
            right = binary.right
            value = self.operand(
                right.value if isinstance(right, n.Coerce) and right.mode == "float" else right
            )
            out.append(self.at(ast.AugAssign(self.variable(node.target), _OPERATORS[binary.op], value)))
            return
        stable = self.stable(node.target, out)
        binary.left = stable if not isinstance(binary.left, n.Coerce) else binary.left
        if _is_checked(binary):
            operand = self.unwrapped if binary.mode == "count" and binary.op != "-" else self.operand
            first, second = self.operand(binary.left), operand(binary.right)
            self.number_stmt(stable, binary.op, binary.mode, first, second, self.in_range(binary), out)
            return
        self.store_stmt(stable, self.binary(binary), out)

    def stable(self, node: n.Expr, out: list[ast.stmt]) -> n.Expr:
        """A target whose parts can be evaluated twice: what is not a variable is put into one before."""
        if isinstance(node, n.FieldAccess):
            copy = n.FieldAccess(node.start, node.end, self.held(node.base, out), node.name)
            copy.type = node.type
            return copy
        if isinstance(node, n.Index):
            base = self.held(node.base, out)
            table = node.base.type
            if isinstance(table, t.TableType) and not all(
                isinstance(i, (n.Name, n.Literal)) for i in node.index
            ):
                key = self.index_key(table, node.index, insert=True)
                held = self.held_value(node, key, out)
                held.type = t.ANY  # the whole key, ready to be used
                index = n.Index(node.start, node.end, base, [held])
            else:
                index = n.Index(node.start, node.end, base, [self.held(i, out) for i in node.index])
            index.type, index.mode = node.type, node.mode
            return index
        return node

    def held(self, node: n.Expr, out: list[ast.stmt]) -> n.Expr:
        """An expression, or the temporary variable its value was put into."""
        if isinstance(node, (n.Name, n.Literal)):
            return node
        return self.held_value(node, self.expr(node), out)

    def held_value(self, node: n.Expr, value: ast.expr, out: list[ast.stmt]) -> n.Name:
        """The temporary variable that a value is put into, as an expression that stands for `node`."""
        name = self.temporary()
        out.append(self.assign(self.store(name), value))
        held = n.Name(node.start, node.end, name)
        local = Local.__new__(Local)
        local.name = local.py = name
        local.type = held.type = node.type
        held.symbol = local
        return held

    def step_stmt(self, node: n.Step, out: list[ast.stmt]) -> None:
        target = node.target
        vector = isinstance(target, n.Index) and isinstance(target.base.type, t.VectorType)
        if isinstance(node.type, t.VectorType) or vector:
            out.append(self.evaluate(self.step_value(node)))
        else:
            stable = self.stable(target, out)
            mode = "count" if node.type is t.COUNT else "int"
            if node.type is t.COUNT or node.type is t.INT:
                op = "+" if node.op == "++" else "-"
                value, one = self.operand(stable), self.const(1)
                self.number_stmt(stable, op, mode, value, one, self.step_in_range(node), out)
                return
            self.store_stmt(stable, self.stepped(self.operand(stable), node), out)

    # ---- output --------------------------------------------------------------------------------------------

    def print_stmt(self, node: n.Print, out: list[ast.stmt]) -> None:
        args = node.args
        if args and args[0].type is t.FILE:
            values = self.tuple_of(self.expr(a) for a in args[1:])
            types = self.tuple_of(self.type_constant(a.type) for a in args[1:])
            out.append(self.evaluate(self.call("print_to", self.expr(args[0]), values, types)))
            return
        shown = [self.call(self.print_format(a.type), self.expr(a)) for a in args]
        out.append(self.evaluate(self.call("print_line", *shown)))

    def log_stmt(self, node: n.LogStmt, out: list[ast.stmt]) -> None:
        shown = [self.call(self.print_format(a.type), self.expr(a)) for a in node.args]
        out.append(self.evaluate(self.call("log_message", *shown)))

    # ---- branches ------------------------------------------------------------------------------------------

    def if_stmt(self, node: n.If, out: list[ast.stmt]) -> None:
        # A chain of `else if` is gone along in a loop: it may be long.
        facts = self.state.facts
        links: list[tuple[n.If, ast.expr, list[ast.stmt], set[Path]]] = []
        link: n.Stmt | None = node
        while isinstance(link, n.If):
            self.loc = self.locate(link)
            losses = facts.losses
            test = self.expr(link.condition)
            plain = facts.losses == losses  # else what the condition found out may not hold any more
            before = set(facts.known)
            facts.add(when_true(link.condition) if plain else ())
            then = self.body(link.then)
            links.append((link, test, then, facts.known))
            facts.known = before
            facts.add(when_false(link.condition) if plain else ())
            link = link.otherwise
        otherwise = [] if link is None else self.body(link)
        left = leaves(link)
        for link, test, then, after_then in reversed(links):
            if left:
                facts.known = after_then
            elif not leaves(link.then):
                facts.known = facts.known & after_then
            left = left and leaves(link.then)
            if all(isinstance(s, ast.Pass) for s in otherwise):
                otherwise = []
            self.loc = self.locate(link)
            otherwise = [self.branch(test, then, otherwise)]
        out += otherwise

    def return_stmt(self, node: n.Return, out: list[ast.stmt]) -> None:
        value = None
        if node.value is not None and self.state.flavor not in ("event", "hook", "statements"):
            value = self.expr(node.value)
        elif node.value is not None:
            out.append(self.evaluate(self.expr(node.value)))
        out.append(self.leave(value))

    # ---- variables -----------------------------------------------------------------------------------------

    def local_decl(self, node: n.LocalDecl, out: list[ast.stmt]) -> None:
        assert node.local is not None
        if node.init is not None:
            value: ast.expr | None = self.expr(node.init)
            if node.spec is not None and not isinstance(node.init, n.Constructor):
                assert isinstance(node.local.type, t.TableType)
                made = self.spec(node.local.type, node.spec)
                assert made is not None and value is not None
                value = self.call("with_spec", made, value)
        else:
            value = self.fresh(node.local.type, node.spec)
            if value is None and self.state.loops:  # what it held in the round before is gone
                out.append(self.assign(self.store(node.local.py), self.const(None)))
                gone = ast.Name(node.local.py, ast.Del())
                out.append(self.at(ast.Delete([self.at(gone)])))
        if value is not None:
            out.append(self.assign(self.store(node.local.py), value))

    def add_stmt(self, node: n.Add, out: list[ast.stmt]) -> None:
        for target in node.targets:
            if isinstance(target, n.Index):
                out.append(self.assign(self.target(target), self.const(True)))

    def delete_stmt(self, node: n.Delete, out: list[ast.stmt]) -> None:
        for target in node.targets:
            if isinstance(target, n.Index):
                assert isinstance(target.base.type, t.TableType)
                key = self.index_key(target.base.type, target.index, insert=False)
                out.append(
                    self.evaluate(self.method(self.operand(target.base), "pop", key, self.const(None)))
                )
            elif isinstance(target, n.FieldAccess):
                record = target.base.type
                assert isinstance(record, t.RecordType)
                field = record.field(target.name)
                assert field is not None
                if field.default is not None:
                    value = self.elsewhere(field.default)
                elif field.optional:
                    value = self.const(None)
                else:
                    value = self.fresh(field.type, field.spec) or self.const(None)
                out.append(self.assign(self.target(target), value))
                self.state.facts.stored(target, None)
            else:
                out.append(self.evaluate(self.method(self.operand(target), "clear")))

    def assert_stmt(self, node: n.Assert, out: list[ast.stmt]) -> None:
        text = self.const(self.text(node.condition))
        test = self.not_expr(node.condition)
        message = self.const(b"") if node.message is None else self.expr(node.message)
        args = [text] if node.message is None else [text, message]
        failed = self.evaluate(self.call("assertion_failed", *args))
        passed = self.evaluate(self.call("assertion_passed", text, self.thunk(message)))
        out.append(self.at(ast.If(test, [failed], [passed])))

    # ---- when ----------------------------------------------------------------------------------------------

    def when_stmt(self, node: n.When, out: list[ast.stmt]) -> None:
        function = node.function
        self.uses_closure(function)
        made = self.call(function.py, *self.captured(function.scope.captures))
        args = [made]
        if node.timeout is not None:
            args.append(self.expr(node.timeout))
        call = self.call("when_returned" if node.returns else "when", *args)
        out.append(self.at(ast.Return(call)) if node.returns else self.evaluate(call))


def _is_checked(node: n.Binary) -> bool:
    """Whether the result of an operator may leave the range of its type."""
    return node.mode in ("count", "int") and node.op in ("+", "-", "*")


def _same(a: n.Expr, b: n.Expr) -> bool:
    """Whether two expressions are the same variable, or the same field of one."""
    if isinstance(a, n.Name) and isinstance(b, n.Name):
        return a.symbol is b.symbol
    if isinstance(a, n.FieldAccess) and isinstance(b, n.FieldAccess):
        return a.name == b.name and _same(a.base, b.base)
    if isinstance(a, n.Index) and isinstance(b, n.Index):
        same = len(a.index) == len(b.index) and all(
            _same(x, y) for x, y in zip(a.index, b.index, strict=True)
        )
        return same and _same(a.base, b.base)
    return isinstance(a, n.Literal) and isinstance(b, n.Literal) and a.value == b.value and a.tag == b.tag


def _later(name: str) -> Callable[[Any, Any, list[ast.stmt]], None]:
    """A method of a class further down, found through the object."""

    def run(self: Any, node: Any, out: list[ast.stmt]) -> None:
        getattr(self, name)(node, out)

    return run


_STATEMENTS: Final[dict[type[n.Stmt], Callable[[Any, Any, list[ast.stmt]], None]]] = {
    n.Block: StatementCodegen.block,
    n.ExprStmt: StatementCodegen.expr_stmt,
    n.Print: StatementCodegen.print_stmt,
    n.LogStmt: StatementCodegen.log_stmt,
    n.If: StatementCodegen.if_stmt,
    n.Return: StatementCodegen.return_stmt,
    n.LocalDecl: StatementCodegen.local_decl,
    n.Add: StatementCodegen.add_stmt,
    n.Delete: StatementCodegen.delete_stmt,
    n.Assert: StatementCodegen.assert_stmt,
    n.When: StatementCodegen.when_stmt,
    n.For: _later("for_stmt"),
    n.While: _later("while_stmt"),
    n.Switch: _later("switch_stmt"),
    n.Break: _later("break_stmt"),
    n.Next: _later("next_stmt"),
    n.Fallthrough: lambda self, node, out: None,
}
