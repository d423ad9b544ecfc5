"""The checker's part for statements."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.check_expressions import ExpressionChecker
from bro.script.scope import FunctionScope, Local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final


class StatementChecker(ExpressionChecker):
    """Statements and the bodies of functions."""

    def check_body(self, function: Function, params: list[tuple[str, t.Type, int]], body: n.Block) -> None:
        scope = function.scope
        for name, type_, start in params:
            local = scope.declare(name, type_, start)
            scope.params.append(local)
        function.body = body
        outer, self.function = self.function, scope
        scope.open()
        self.sequence(body.body)
        scope.close()
        self.function = outer
        if not self.source.engine and not self.damaged:
            self.check_locals(scope, body)
            self.check_result(function, body)

    def named_body(self, function: Function, params: list[tuple[str, t.Type, int]], body: n.Block) -> None:
        """The body of a function or handler that has a name."""
        unit = self.unit
        assert function.symbol is not None
        unit.within, before = function.symbol.name, len(unit.closures)
        self.check_body(function, params, body)
        unit.within = ""
        unit.note_closures(function, before)

    def check_locals(self, scope: FunctionScope, *parts: n.Stmt) -> None:
        """Warn of variables that are not used, or used without a value.

        :param parts: what the variables belong to, each run from the start of the function
        """
        paths = False
        for local in scope.locals:
            if local.name == "_" or local in scope.params:
                continue
            if not local.used:
                problem = f'the variable "{local.name}" is never used'
                if local.assigned:
                    problem = f'the variable "{local.name}" is given a value that is never used'
            elif local.unset and not local.assigned:
                problem = f'the variable "{local.name}" is never given a value'
            else:
                paths = paths or local.unset
                continue
            self.diagnostics.warning(problem, self.source, local.start, local.start + len(local.name))
        if paths:
            from bro.script.flow import uses_without_value

            for part in parts:
                for use in uses_without_value([part], ends):
                    self.without_value(use.local, use.node, use.surely)

    def without_value(self, local: Local, node: n.Name, surely: bool) -> None:
        """A variable is used where it has no value: on all paths that lead there, or on some, which only the
        linter tells of, for what the paths depend on may exclude these.
        """
        if not local.assigned or not local.used:
            return  # that was told of already
        if not surely:
            self.unit.maybe_unset.append((node.name, self.source, node.start, node.end))
            return
        line = self.source.position(local.start)[0]
        self.warning(
            node,
            f'the variable "{node.name}" is used before it is given a value',
            f"it is declared in line {line} without one",
        )

    def check_result(self, function: Function, body: n.Block) -> None:
        """Warn of a function that gives a result and whose end can be reached without one."""
        if function.scope.result.tag in ("void", "any", "error") or function.type.flavor != "function":
            return
        if not ends_list(body.body):
            self.diagnostics.warning(
                f"this function returns a {function.scope.result.notation()}, "
                "but its end can be reached without a return",
                self.source,
                max(body.start, body.end - 1),
                body.end,
            )

    def sequence(self, body: list[n.Stmt]) -> None:
        """Statements one after the other; those that are never reached are told of once."""
        told = False
        before: n.Stmt | None = None
        for stmt in body:
            empty = isinstance(stmt, n.Block) and not stmt.body
            if before is not None and not told and not empty and ends(before):
                told = True
                self.warning(stmt, "this is never reached")
            self.stmt(stmt)
            before = stmt

    def stmt(self, node: n.Stmt) -> None:
        check = _STATEMENTS.get(node.__class__)
        if check is not None:
            check(self, node)

    def scoped(self, node: n.Stmt) -> None:
        """A statement whose variables end with it."""
        assert self.function is not None
        self.function.open()
        self.sequence(node.body if isinstance(node, n.Block) else [node])
        self.function.close()

    def condition(self, node: n.Expr, what: str) -> n.Expr:
        checked = self.expr(node, t.BOOL)
        assigns = isinstance(checked, n.Assign) and checked.op == "="
        if checked.type.tag in ("bool", "error"):
            if assigns and checked.type is t.BOOL:
                self.warning(checked, 'this assigns; to compare, write "=="')
            return checked
        if checked.type is t.ANY:
            return self.coerce(checked, t.BOOL)
        hint = ""
        if checked.type in t.NUMERIC:
            hint = "compare it with 0"
        elif isinstance(checked.type, (t.TableType, t.VectorType)) or checked.type is t.STRING:
            hint = "compare its size |...| with 0"
        if assigns:
            hint = 'to compare, write "=="'
        self.error(node, f"the condition of {what} is a bool, found {checked.type.notation()}", hint)
        return checked

    def block(self, node: n.Block) -> None:
        self.scoped(node)

    def unpack(self, node: n.Assign) -> None:
        """`[a, b] = x`, which takes an index apart that an `any` holds."""
        assert isinstance(node.target, n.ListExpr)
        node.target.items = [self.target(item) for item in node.target.items]
        node.target.type = t.ListType([item.type for item in node.target.items])
        node.value = self.expr(node.value)
        if node.value.type is not t.ANY and node.value.type.tag != "error":
            self.error(node.value, f"what is taken apart is an any, found {node.value.type.notation()}")
        node.mode = "unpack"
        node.type = node.target.type

    def expr_stmt(self, node: n.ExprStmt) -> None:
        expr = node.expr
        if isinstance(expr, n.Assign) and expr.op == "=" and isinstance(expr.target, n.ListExpr):
            self.unpack(expr)
            return
        self.alone = expr
        node.expr = self.expr(expr)
        inner = node.expr
        if isinstance(inner, n.ListExpr):
            self.error(inner, "a list is not a value")
        elif inner.type.tag != "error" and (
            isinstance(inner, (n.Name, n.Literal, n.FieldAccess, n.HasField, n.Size))
            or (isinstance(inner, n.Binary) and inner.op not in ("&&", "||"))
        ):
            self.warning(inner, "this value is computed and not used")

    def print_stmt(self, node: n.Print) -> None:
        node.args = [self.printable(arg) for arg in node.args]

    def printable(self, arg: n.Expr) -> n.Expr:
        checked = self.expr(arg)
        if checked.type.tag == "void":
            self.error(arg, "this gives no value to print")
        elif isinstance(checked.type, t.ListType):
            self.error(arg, "a list is not a value", "write vector(...) or set(...)")
        return checked

    def log_stmt(self, node: n.LogStmt) -> None:
        node.args = [self.printable(arg) for arg in node.args]

    def if_stmt(self, node: n.If) -> None:
        # A chain of `else if` is gone along in a loop: it may be longer than the nesting that is allowed.
        while True:
            node.condition = self.condition(node.condition, "if")
            self.scoped(node.then)
            if not isinstance(node.otherwise, n.If):
                break
            node = node.otherwise
        if node.otherwise is not None:
            self.scoped(node.otherwise)

    def while_stmt(self, node: n.While) -> None:
        assert self.function is not None
        node.condition = self.condition(node.condition, "while")
        self.function.loops += 1
        self.scoped(node.body)
        self.function.loops -= 1

    # ---- for -----------------------------------------------------------------------------------------------

    def for_stmt(self, node: n.For) -> None:
        assert self.function is not None
        node.iterable = self.expr(node.iterable)
        type_ = node.iterable.type
        keys: list[t.Type] = [t.ERROR] * len(node.keys)
        value: t.Type = t.ERROR
        if isinstance(type_, t.TableType):
            if len(node.keys) == len(type_.index_types):
                keys = list(type_.index_types)
            elif len(node.keys) == 1 and node.keys[0].name == "_":
                keys = [t.ANY]
            elif type_.index_types == (t.UNKNOWN,):
                self.error(node.iterable, "this is empty, so there is nothing to go over")
            else:
                names = ", ".join(f"k{i + 1}" for i in range(len(type_.index_types)))
                self.error(
                    node.keys[0],
                    f"the index has {_parts(len(type_.index_types))}, "
                    f"and there are {_parts(len(node.keys))} here",
                    f"write for ( [{names}] in ... )" if len(type_.index_types) > 1 else "",
                )
            if node.value is not None:
                if type_.yield_type is None:
                    self.error(node.value, "a set has no values to go over")
                else:
                    value = type_.yield_type
        elif isinstance(type_, t.VectorType):
            keys[0] = t.COUNT
            value = type_.element
        elif type_ is t.STRING:
            keys[0] = t.STRING
            if node.value is not None:
                self.error(node.value, "the parts of a string have no second value")
        elif type_.tag != "error":
            self.error(
                node.iterable, f"cannot go over {_article(type_)}; only over a table, set, vector or string"
            )
        if not isinstance(type_, t.TableType) and len(node.keys) > 1:
            self.error(node.keys[1], "only a table or set has more than one index")
        function = self.function
        function.open()
        for variable, key in zip(node.keys, keys, strict=True):
            self.loop_variable(variable, key)
        if node.value is not None:
            self.loop_variable(node.value, value)
        function.loops += 1
        self.scoped(node.body)
        function.loops -= 1
        function.close()

    def loop_variable(self, variable: n.LoopVariable, type_: t.Type) -> None:
        assert self.function is not None
        if variable.name == "_":
            return
        known = self.function.find(variable.name)
        if known is not None and known.type == type_:
            known.used = True
            known.assigned = True
            variable.local = known
            return
        variable.local = self.function.declare(variable.name, type_, variable.start)
        variable.local.used = True

    # ---- switch --------------------------------------------------------------------------------------------

    def switch_stmt(self, node: n.Switch) -> None:
        assert self.function is not None
        node.value = self.expr(node.value)
        type_ = node.value.type
        seen: dict[object, n.Expr] = {}
        defaults = 0
        for case in node.cases:
            self.function.open()
            defaults += case.default
            if defaults > 1:
                self.error(case, "there is a second default in this switch")
                defaults = 1
            if case.values and isinstance(type_, (t.TableType, t.VectorType, t.RecordType)):
                self.error(case.values[0], f"a switch cannot compare values of type {type_.notation()}")
            else:
                case.values = [self.value(v, type_, "the switch") for v in case.values]
            for value in case.values:
                if isinstance(value, n.Name) and not _constant(value):
                    self.error(value, "the value of a case is constant", "compare variables with if")
                key = self.case_key(value)
                if key is not None and key in seen:
                    self.error(value, "this value has a case already")
                elif key is not None:
                    seen[key] = value
            for type_case in case.types:
                self.type_case(type_case, type_)
            if len(case.types) > 1 and any(c.name for c in case.types):
                self.error(case.types[0], "a case with a name for its value has one type")
            self.function.switches += 1
            lift_fallthrough(case)
            falls = bool(case.body) and isinstance(case.body[-1], n.Fallthrough)
            self.sequence(case.body[:-1] if falls else case.body)
            self.function.switches -= 1
            self.function.close()
            if case.body and any(c.name for c in case.types) and isinstance(case.body[-1], n.Fallthrough):
                self.error(case.body[-1], "a case with a name for its value cannot fall through")
        if node.cases and node.cases[-1].body and isinstance(node.cases[-1].body[-1], n.Fallthrough):
            self.error(node.cases[-1].body[-1], "there is no case behind the last one to fall through to")

    def case_key(self, node: n.Expr) -> object:
        if isinstance(node, n.Literal):
            return (node.tag, node.value)
        if isinstance(node, n.Name) and getattr(node.symbol, "kind", "") == "enum":
            return ("enum", getattr(node.symbol, "name", ""))
        return None

    def type_case(self, case: n.TypeCase, type_: t.Type) -> None:
        assert self.function is not None
        case.type = self.resolve(case.type_expr)
        if type_ is not t.ANY and type_.tag != "error" and case.type != type_:
            self.error(case, f"a value of type {type_.notation()} is never a {case.type.notation()}")
        if case.name is not None:
            case.local = self.function.declare(case.name, case.type, case.start)
            case.local.used = True

    # ---- leaving -------------------------------------------------------------------------------------------

    def break_stmt(self, node: n.Break) -> None:
        assert self.function is not None
        if not self.function.loops and not self.function.switches and self.function.flavor != "hook":
            self.error(node, "break is for loops, switches and hooks")

    def fallthrough_stmt(self, node: n.Fallthrough) -> None:
        """Those at the end of a case are not met here."""
        self.error(node, "fallthrough is the last statement of a case")

    def next_stmt(self, node: n.Next) -> None:
        assert self.function is not None
        if not self.function.loops:
            self.error(node, "next is for loops")

    def return_stmt(self, node: n.Return) -> None:
        assert self.function is not None
        function = self.function
        result = function.result
        if function.flavor in ("event", "hook", "statements"):
            if node.value is not None:
                node.value = self.expr(node.value)
                if not (function.flavor == "hook" and node.value.type.tag in ("bool", "error")):
                    what = {"event": "an event handler", "hook": "a hook"}.get(function.flavor, "a statement")
                    self.error(node, f"{what} returns no value")
            return
        if node.value is None:
            if result.tag not in ("void", "any", "error") and function.flavor != "when":
                self.error(node, f"this function returns a {result.notation()}")
            return
        if result is t.VOID:
            node.value = self.expr(node.value)
            if node.value.type.tag not in ("void", "error"):
                self.error(
                    node.value,
                    "this function is declared to return nothing",
                    "add : TYPE behind its parameters",
                )
            return
        node.value = self.value(node.value, result, "the result")

    # ---- when ----------------------------------------------------------------------------------------------

    def when_stmt(self, node: n.When) -> None:
        assert self.function is not None
        outer = self.function
        if node.timeout is not None:
            node.timeout = self.value(node.timeout, t.INTERVAL, "the timeout")
        if node.returns:
            outer.asynchronous = True
            if outer.flavor not in ("function", "lambda"):
                self.error(node, "only a function can return when something happens")
        result = outer.result if node.returns else t.VOID
        scope = self.capture_scope(node, node.captures, "when", result)
        py = self.unit.closure_name("when")
        function = Function(py, scope, t.FuncType("function", (), result), self.source)
        self.function = scope
        waits = isinstance(node.condition, n.LocalAssign)
        node.condition = self.condition(node.condition, "when")
        if waits and scope.locals:
            scope.locals[-1].used = True  # it may only be there to wait for what it is given
        self.scoped(node.body)
        if node.timeout_body is not None:
            self.scoped(node.timeout_body)
        self.function = outer
        if not self.damaged:
            self.check_locals(scope, *(part for part in (node.body, node.timeout_body) if part is not None))
        node.function = function
        self.unit.closures.append((node, function, self.source))

    def capture_scope(
        self, node: n.Lambda | n.When, captures: list[n.Capture] | None, flavor: str, result: t.Type
    ) -> FunctionScope:
        """The scope of an anonymous function or a `when`, with its captured variables."""
        scope = FunctionScope(flavor, self.function, self.scope.by_py, result)
        scope.implicit = captures is None
        for capture in captures or ():
            outer = self.find_local(capture.name)
            if outer is None:
                known = self.find(capture.name)
                self.error(
                    capture,
                    f'there is no local variable "{capture.name}" to capture',
                    "global variables need not be captured" if known is not None else "",
                )
                continue
            if any(o is outer for o, _, _ in scope.captures):
                self.error(capture, f'"{capture.name}" is captured already')
                continue
            inner = scope.declare(capture.name, outer.type, capture.start)
            outer.used = inner.used = True
            scope.captures.append((outer, inner, capture.copy))
        return scope

    # ---- declarations, add, delete, assert -----------------------------------------------------------------

    def local_decl(self, node: n.LocalDecl) -> None:
        assert self.function is not None
        function = self.function
        type_: t.Type
        if node.type_expr is not None:
            type_ = self.resolve(node.type_expr)
        attrs = node.attrs
        if isinstance(node.init, n.Constructor) and node.init.attrs:
            attrs = node.init.attrs + attrs
            node.init.attrs = []
        if node.init is not None and node.type_expr is None:
            node.init = self.expr(self.list_as_set(node.init))
            type_ = self.inferred(node.init, node.name)
        elif node.type_expr is None:
            self.error(node, f'"{node.name}" needs a type or a value')
            type_ = t.ERROR
        if node.init is not None:
            node.init = (
                self.coerce(node.init, type_)
                if node.type_expr is None
                else self.assigned(node.init, type_, f'"{node.name}"')
            )
        elif node.constant:
            self.error(node, f'the constant "{node.name}" has no value')
        node.spec = self.table_attrs(type_, attrs, f'"{node.name}"', node.type_expr)
        if isinstance(node.init, n.Constructor) and node.init.spec is None:
            node.init.spec = node.spec
        if node.init is not None:
            node.init = self.raw_if(any(a.name == "raw_output" for a in attrs), node.init)
        start = self.source.text.find(node.name, node.start + 5)
        known = function.blocks[-1].get(node.name)
        if known is not None and not (known in function.params and len(function.blocks) > 1):
            self.diagnostics.error(
                f'"{node.name}" is declared already in this block', self.source, start, start + len(node.name)
            )
        self.check_hidden(node, function, start)
        local = node.local = function.declare(node.name, type_, start)
        local.constant = node.constant
        local.unset = node.init is None and type_.tag not in ("table", "vector", "record", "error")
        for attr in attrs:
            local.used = local.used or attr.name == "is_used"
            local.unset = local.unset and attr.name not in ("is_assigned", "is_used")

    def check_hidden(self, node: n.LocalDecl, function: FunctionScope, start: int) -> None:
        """Warn of a variable that hides another one of the same name."""
        outer = function.find(node.name)
        if outer is not None and outer is not function.blocks[-1].get(node.name):
            what = "parameter" if outer in function.params else "variable"
            line = self.source.position(outer.start)[0]
            problem = f'"{node.name}" hides the {what} of that name in line {line}'
        else:
            symbol = self.scope.lookup(node.name, self.module)
            if symbol is None or symbol.kind != "variable":
                return
            if symbol.constant and symbol.module != self.module:
                return  # such as the names of services in legacy/1998, which other scripts need not know
            problem = f'"{node.name}" hides the global variable "{symbol.name}"'
        self.diagnostics.warning(
            problem, self.source, start, start + len(node.name), "give one of them another name"
        )

    def inferred(self, node: n.Expr, name: str) -> t.Type:
        raise NotImplementedError

    def add_stmt(self, node: n.Add) -> None:
        node.targets = [self.element(target, "add") for target in node.targets]

    def delete_stmt(self, node: n.Delete) -> None:
        node.targets = [self.element(target, "delete") for target in node.targets]

    def element(self, target: n.Expr, what: str) -> n.Expr:
        """What `add` or `delete` names."""
        if isinstance(target, n.Index):
            checked = self.index_target(target, what)
            base = target.base.type
            if what == "add" and isinstance(base, t.TableType) and not base.is_set:
                self.error(target, "add is for sets; a table gets an element by assignment")
            elif base.tag not in ("table", "error"):
                self.error(
                    target,
                    f"{what} is for sets{'' if what == 'add' else ' and tables'}, not {_article(base)}",
                )
            return checked
        checked = self.expr(target)
        if what == "delete":
            if isinstance(checked, n.FieldAccess):
                record = checked.base.type
                field = record.field(checked.name) if isinstance(record, t.RecordType) else None
                if (
                    field is not None
                    and not field.optional
                    and not field.has_default
                    and field.type.tag not in ("table", "vector")
                ):
                    self.error(
                        target, f'the field "{checked.name}" is not &optional, so it cannot be deleted'
                    )
                return checked
            if isinstance(checked.type, (t.TableType, t.VectorType)) or checked.type.tag == "error":
                return checked
        self.error(target, f"{what} takes an element: {what} x[...]")
        return checked

    def assert_stmt(self, node: n.Assert) -> None:
        node.condition = self.condition(node.condition, "assert")
        if node.message is not None:
            node.message = self.value(node.message, t.STRING, "the message of an assert")

    def find_local(self, name: str) -> Local | None:
        """A variable of the function that is being checked, visible here."""
        return None if self.function is None else self.function.find(name) or self.function.ended.get(name)


def ends(stmt: n.Stmt | None) -> bool:
    """Whether nothing that stands behind a statement runs after it."""
    if stmt.__class__ in _GO_ON:
        return False
    if isinstance(stmt, n.Block):
        return ends_list(stmt.body)
    if isinstance(stmt, n.If):
        while isinstance(stmt.otherwise, n.If):
            if not ends(stmt.then):
                return False
            stmt = stmt.otherwise
        return ends(stmt.then) and ends(stmt.otherwise)
    if isinstance(stmt, n.While):
        always = isinstance(stmt.condition, n.Literal) and stmt.condition.value is True
        return always and not leaves_loop(stmt.body)
    if isinstance(stmt, n.Switch):
        return any(case.default for case in stmt.cases) and all(
            ends_list(case.body) and not any(leaves_loop(s) for s in case.body) for case in stmt.cases
        )
    if isinstance(stmt, n.ExprStmt) and isinstance(stmt.expr, n.Call):
        symbol = getattr(stmt.expr.func, "symbol", None)
        return getattr(symbol, "kind", "") == "builtin" and getattr(symbol, "name", "") == "exit"
    if isinstance(stmt, n.When):
        return stmt.returns
    return isinstance(stmt, (n.Return, n.Break, n.Next, n.Fallthrough))


#: Statements behind which the next one runs, whatever is in them.
_GO_ON: Final = frozenset([n.LocalDecl, n.Print, n.LogStmt, n.Add, n.Delete, n.For, n.Assert, type(None)])


def lift_fallthrough(case: n.Case) -> None:
    """Take a `fallthrough` out of the block at whose end it stands: ``case 1: { ...; fallthrough; }``."""
    block = case.body[-1] if case.body else None
    if isinstance(block, n.Block) and block.body and isinstance(block.body[-1], n.Fallthrough):
        case.body.append(block.body.pop())


def _constant(name: n.Name) -> bool:
    """Whether a name never changes its value."""
    symbol: object = name.symbol
    return symbol is None or getattr(symbol, "constant", False) or getattr(symbol, "kind", "") == "enum"


def ends_list(body: list[n.Stmt]) -> bool:
    """Likewise, for statements one after the other."""
    return any(ends(stmt) for stmt in body)


def leaves_loop(stmt: n.Stmt | None) -> bool:
    """Whether a statement has a `break` for the loop or switch around it."""
    if isinstance(stmt, n.Break):
        return True
    if isinstance(stmt, n.Block):
        return any(leaves_loop(s) for s in stmt.body)
    while isinstance(stmt, n.If):
        if leaves_loop(stmt.then):
            return True
        stmt = stmt.otherwise
        if not isinstance(stmt, n.If):
            return leaves_loop(stmt)
    return False


def _parts(number: int) -> str:
    return "one part" if number == 1 else f"{number} parts"


def _article(type_: t.Type) -> str:
    name = type_.notation()
    return ("an " if name[0] in "aeiouAEIO" else "a ") + name


_STATEMENTS: Final[dict[type[n.Stmt], Callable[[Any, Any], None]]] = {
    n.Block: StatementChecker.block,
    n.ExprStmt: StatementChecker.expr_stmt,
    n.Print: StatementChecker.print_stmt,
    n.LogStmt: StatementChecker.log_stmt,
    n.If: StatementChecker.if_stmt,
    n.While: StatementChecker.while_stmt,
    n.For: StatementChecker.for_stmt,
    n.Switch: StatementChecker.switch_stmt,
    n.Break: StatementChecker.break_stmt,
    n.Fallthrough: StatementChecker.fallthrough_stmt,
    n.Next: StatementChecker.next_stmt,
    n.Return: StatementChecker.return_stmt,
    n.When: StatementChecker.when_stmt,
    n.LocalDecl: StatementChecker.local_decl,
    n.Add: StatementChecker.add_stmt,
    n.Delete: StatementChecker.delete_stmt,
    n.Assert: StatementChecker.assert_stmt,
}
