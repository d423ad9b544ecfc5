"""The code generator's part for loops and switches.

`FunctionState.loops` tells what `break` and `next` mean: its entries are "loop", or for a switch a list in
which a `next` inside of it leaves the name of the flag that carries it out (see `switch_stmt`).
"""

from __future__ import annotations

import _ast as ast

from bro.script import nodes as n
from bro.script import types as t
from bro.script.codegen import AT_MOST, EQUAL, IN, IS, STORE
from bro.script.codegen_facts import HARMLESS, when_true
from bro.script.codegen_statements import StatementCodegen
from bro.script.scope import Symbol


class LoopCodegen(StatementCodegen):
    """Loops and switches."""

    # ---- loops ---------------------------------------------------------------------------------------------

    def while_stmt(self, node: n.While, out: list[ast.stmt]) -> None:
        facts = self.state.facts
        facts.forget()  # a later round may come here with less
        losses = facts.losses
        test = self.expr(node.condition)
        facts.add(when_true(node.condition) if facts.losses == losses else ())
        self.state.loops.append("loop")
        body = self.body(node.body)
        self.state.loops.pop()
        facts.forget()
        out.append(self.at(ast.While(test, body, [])))

    def for_stmt(self, node: n.For, out: list[ast.stmt]) -> None:
        type_ = node.iterable.type
        iterable = self.operand(node.iterable)
        safe = not _changes(node.body)
        before: list[ast.stmt] = []
        target: ast.expr
        if isinstance(type_, t.TableType):
            target = self.key_target(node.keys)
            if node.value is not None:
                target = self.at(ast.Tuple([target, self.loop_target(node.value)], STORE))
                iterable = self.method(iterable, "items")
            if not safe:
                iterable = self.call("list", iterable)
        elif type_ is t.STRING:
            target = self.loop_target(node.keys[0])
            iterable = self.call("string_iter", iterable)
        else:
            element = (
                self.temporary() if node.value is None or node.value.local is None else node.value.local.py
            )
            if not safe:
                iterable = self.call("list", iterable)
            if node.keys[0].local is None:
                target = self.store(element)
            else:
                target = self.at(ast.Tuple([self.loop_target(node.keys[0]), self.store(element)], STORE))
                iterable = self.call("enumerate", iterable)
            # Places that were never assigned are left out.
            unset = self.compare(self.load(element), IS, self.const(None))
            before.append(self.at(ast.If(unset, [self.at(ast.Continue())], [])))
        self.state.facts.forget()  # a later round may come here with less
        self.state.loops.append("loop")
        body = before + self.body(node.body)
        self.state.loops.pop()
        self.state.facts.forget()
        out.append(self.at(ast.For(target, iterable, body, [], None)))

    def key_target(self, keys: list[n.LoopVariable]) -> ast.expr:
        if len(keys) == 1:
            return self.loop_target(keys[0])
        return self.at(ast.Tuple([self.loop_target(k) for k in keys], STORE))  # type: ignore[no-any-return]

    def loop_target(self, variable: n.LoopVariable) -> ast.expr:
        return self.store("_" if variable.local is None else variable.local.py)

    def break_stmt(self, node: n.Break, out: list[ast.stmt]) -> None:
        if not self.state.loops:  # of a hook: no further handlers run
            out.append(self.at(ast.Return(self.const(False))))
        else:
            out.append(self.at(ast.Break()))

    def next_stmt(self, node: n.Next, out: list[ast.stmt]) -> None:
        for entry in reversed(self.state.loops):
            if entry == "loop":
                break
            # Out of the loop that stands for the switch; behind it the flag is looked at.
            if not entry:
                entry.append(self.temporary())
            out.append(self.assign(self.store(entry[0]), self.const(True)))
        if self.state.loops and self.state.loops[-1] != "loop":
            out.append(self.at(ast.Break()))
        else:
            out.append(self.at(ast.Continue()))

    # ---- switch --------------------------------------------------------------------------------------------

    def switch_stmt(self, node: n.Switch, out: list[ast.stmt]) -> None:
        """A switch: a chain of `if`, in a loop of one round where a `break` leaves from further inside."""
        value: ast.expr = self.expr(node.value)
        name = (
            node.value.symbol.py if isinstance(node.value, n.Name) and node.value.symbol is not None else ""
        )
        if not name or isinstance(node.value.symbol, Symbol):  # type: ignore[attr-defined]
            name = self.temporary()
            out.append(self.assign(self.store(name), value))
        plain = all(not _breaks(case.body[:-1]) and not _breaks_inside(case.body[-1:]) for case in node.cases)
        flag: list[str] = []
        if not plain:
            self.state.loops.append(flag)
        chain = self.cases(node, name, plain)
        self.state.facts.forget()
        if plain:
            out.extend(chain)
            return
        self.state.loops.pop()
        if flag:
            out.append(self.assign(self.store(flag[0]), self.const(False)))
        out.append(self.at(ast.While(self.const(True), [*chain, self.at(ast.Break())], [])))
        if flag:
            outer = self.state.loops[-1] if self.state.loops else None
            leave = [self.at(ast.Continue() if outer == "loop" else ast.Break())]
            out.append(self.at(ast.If(self.load(flag[0]), leave, [])))

    def cases(self, node: n.Switch, name: str, plain: bool) -> list[ast.stmt]:
        if any(case.body and isinstance(case.body[-1], n.Fallthrough) for case in node.cases):
            return self.falling_cases(node, name, plain)
        result: list[ast.stmt] = []
        default: list[ast.stmt] = []
        tail = result
        for case in node.cases:
            body = self.case_body(case, name, plain)
            if case.default:
                default = body
                continue
            branch = self.at(ast.If(self.case_test(case, name), body, []))
            tail.append(branch)
            tail = branch.orelse
        tail.extend(default)
        return result

    def falling_cases(self, node: n.Switch, name: str, plain: bool) -> list[ast.stmt]:
        """Cases of which some fall through: first find the place, then go on from there."""
        place = self.temporary()
        result: list[ast.stmt] = []
        tail = result
        default = len(node.cases)
        for i, case in enumerate(node.cases):
            if case.default:
                default = i
                continue
            branch = self.at(
                ast.If(self.case_test(case, name), [self.assign(self.store(place), self.const(i))], [])
            )
            tail.append(branch)
            tail = branch.orelse
        tail.append(self.assign(self.store(place), self.const(default)))
        first = 0
        for i, case in enumerate(node.cases):
            falls = bool(case.body) and isinstance(case.body[-1], n.Fallthrough)
            if first == i:
                test = self.compare(self.load(place), EQUAL, self.const(i))
            else:
                test = self.at(
                    ast.Compare(self.const(first), [AT_MOST, AT_MOST], [self.load(place), self.const(i)])
                )
            result.append(self.at(ast.If(test, self.case_body(case, name, plain), [])))
            if not falls:
                first = i + 1
        return result

    def case_body(self, case: n.Case, name: str, plain: bool) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        self.state.facts.forget()  # it may also be reached from the case before
        for type_case in case.types:
            if type_case.local is not None:
                value = self.call("unbox", self.load(name), self.type_constant(type_case.type))
                out.append(self.assign(self.store(type_case.local.py), value))
        body = case.body
        if plain and body and isinstance(body[-1], n.Break):
            body = body[:-1]
        for stmt in body:
            self.stmt(stmt, out)
        return out or [self.at(ast.Pass())]

    def case_test(self, case: n.Case, name: str) -> ast.expr:
        saved = self.loc
        self.loc = self.locate(case.values[0]) if case.values else self.loc
        tests: list[ast.expr] = []
        literals = [
            v for v in case.values if isinstance(v, n.Literal) and v.tag in ("count", "int", "string", "bool")
        ]
        if len(literals) > 1 and len(literals) == len(case.values):
            tests.append(self.compare(self.load(name), IN, self.tuple_of(self.expr(v) for v in literals)))
        else:
            for value in case.values:
                op: ast.cmpop = IS if value.type.tag in ("enum", "bool") else EQUAL
                tests.append(self.compare(self.load(name), op, self.expr(value)))
        for type_case in case.types:
            tests.append(self.call("fits", self.load(name), self.type_constant(type_case.type)))
        self.loc = saved
        return tests[0] if len(tests) == 1 else self.at(ast.BoolOp(ast.Or(), tests))


#: Fields of nodes that hold no nodes, or none that stand in the source.
_OTHER_FIELDS = frozenset(
    ["start", "end", "type", "symbol", "mode", "name", "tag", "op", "local", "spec", "function", "record"]
)
#: The fields of each class of nodes that may hold nodes.
_inner_fields: dict[type, tuple[str, ...]] = {}


def _children(node: n.Node) -> list[n.Node]:
    """The nodes directly below a node."""
    cls = node.__class__
    found: list[n.Node] = []
    if cls is n.Name or cls is n.Literal:  # most are
        return found
    names = _inner_fields.get(cls)
    if names is None:
        names = _inner_fields[cls] = tuple(f for f in cls._fields if f not in _OTHER_FIELDS or f == "name")
    for name in names:
        value = getattr(node, name)
        if value.__class__ is list:
            found += [v for v in value if isinstance(v, n.Node)]
        elif isinstance(value, n.Node):
            found.append(value)
    return found


def _changes(node: n.Node) -> bool:
    """Whether running a node may change the elements of some container."""
    while isinstance(node, n.Binary):  # a chain of operators may be long
        if _changes(node.right):
            return True
        node = node.left
    if isinstance(node, n.Call):
        symbol = getattr(node.func, "symbol", None)
        if not (isinstance(symbol, Symbol) and symbol.kind == "builtin" and symbol.name in HARMLESS):
            return True
    elif isinstance(node, (n.HookCall, n.Add, n.Delete, n.When)):
        return True
    elif isinstance(node, n.Assign):
        if node.mode in ("update", "remove", "append", "extend") or isinstance(
            node.target, (n.Index, n.Slice)
        ):
            return True
    elif isinstance(node, n.Step) and isinstance(node.target, n.Index):
        return True
    elif isinstance(node, n.Lambda):
        return False
    elif isinstance(node, n.Index) and isinstance(node.base.type, t.TableType):
        # Reading may insert a default, or run a function that makes one.
        return any(_changes(child) for child in _children(node)) or _may_insert(node.base)
    return any(_changes(child) for child in _children(node))


def _may_insert(node: n.Expr) -> bool:
    """Whether reading a missing element of a table may run code or change the table."""
    symbol = getattr(node, "symbol", None)
    if isinstance(node, n.Name) and isinstance(symbol, Symbol):
        spec = symbol.spec
        return spec is not None and (spec.insert or spec.default_kind == "function")
    return False


def _breaks(body: list[n.Stmt]) -> bool:
    """Whether statements have a `break` of the switch they are in."""
    return any(isinstance(s, (n.Break, n.Fallthrough)) or _breaks_inside([s]) for s in body)


def _breaks_inside(body: list[n.Stmt]) -> bool:
    """Likewise, but further inside than these statements themselves."""
    for stmt in body:
        if isinstance(stmt, n.Block):
            if _breaks(stmt.body):
                return True
        elif isinstance(stmt, n.If) and _breaks([b for b in (stmt.then, stmt.otherwise) if b is not None]):
            return True
    return False
