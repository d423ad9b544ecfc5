"""The code generator's part for declarations, and the whole generator of a unit."""

from __future__ import annotations

import _ast as ast
from itertools import groupby
from types import CodeType

from bro.runtime.stack import LittleStack
from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.codegen import IS, FunctionState, UnitCode
from bro.script.codegen_expressions import plain_constant
from bro.script.codegen_loops import LoopCodegen
from bro.script.diagnostics import Source
from bro.script.reuse import Record, Reuse, moved, moved_closures
from bro.script.scope import FunctionScope, Local, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Functions that are compiled together.
_TOGETHER = 16


class Codegen(LoopCodegen):
    """The generator of a unit's code."""

    def generate(self) -> UnitCode:
        #: functions whose code is from the last compilation: name and code
        self._taken: list[tuple[str, bytes]] = []
        unit = self.unit
        bodies: dict[Source, list[ast.stmt]] = {}
        inside: set[Function] = set()
        try:
            for function in unit.functions:
                self.begin(function.source)
                for definition in self.function(function):
                    self.put(bodies, function.source, definition)
                inside.update(closure for _, closure, _ in function.closures)
            for node, function, source in unit.closures:
                if function not in inside:
                    self.begin(source)
                    self.put(bodies, source, self.closure(node, function))
            inits = self.inits(bodies)
        except RecursionError:
            self.too_deep(self.source, self.loc[0])
            return self.code
        self.records()
        for source, body in bodies.items():
            if body:
                self.code.functions.append(self.compile(body, source))
        if self._taken:
            self.code.functions.append(tuple(self._taken))
        for path, body in self.spec_code.items():
            self.code.functions.append(self.compile(body, Source(path, b"")))
        if self._hosts:
            inits.insert(0, self.ask_for_hosts())
        self.code.inits = [self.compile(body, source) for source, body in inits]
        self.tables()
        return self.code

    def ask_for_hosts(self) -> tuple[Source, list[ast.stmt]]:
        """All names of hosts are asked for together, before variables get their values."""
        source = next(iter(self._hosts.values()))
        self.begin(source)
        names = self.tuple_of([self.const(host) for host in self._hosts])
        return source, [self.evaluate(self.call("prefetch_hosts", names))]

    def put(self, bodies: dict[Source, list[ast.stmt]], source: Source, definition: ast.stmt) -> None:
        """Add a function to those of its file; a number of them is compiled, so that the next ones take the
        memory of their trees.
        """
        body = bodies.setdefault(source, [])
        body.append(definition)
        if len(body) >= _TOGETHER:
            self.code.functions.append(self.compile(body, source))
            bodies[source] = []

    def begin(self, source: Source) -> None:
        self.source = source
        self.loc = (1, 0, 1, 0)
        self.state = FunctionState(source)

    def compile(self, body: list[ast.stmt], source: Source) -> CodeType:
        with LittleStack():
            try:
                return compile(ast.Module(body, []), source.path, "exec", dont_inherit=True)
            except (SyntaxError, RecursionError, MemoryError):
                pass
        return self.compile_flat(body, source)

    def compile_flat(self, body: list[ast.stmt], source: Source) -> CodeType:
        """Code that Python does not compile as it is: what is too deep in it is made flat."""
        from bro.script.codegen_deep import flatten

        flatten(body)
        try:
            with LittleStack():
                return compile(ast.Module(body, []), source.path, "exec", dont_inherit=True)
        except (SyntaxError, RecursionError, MemoryError) as error:
            if len(body) > 1:  # which of them is it?
                for stmt in body:
                    self.compile([stmt], source)
            elif isinstance(error, SyntaxError):
                start = self.line_start(source, error.lineno or 1)
                self.diagnostics.error(f"this cannot be compiled: {error.msg}", source, start, start + 1)
            else:
                self.too_deep(source, body[0].lineno)
            return compile("", source.path, "exec")

    def line_start(self, source: Source, line: int) -> int:
        return source.lines[max(1, min(line, len(source.lines))) - 1]

    def too_deep(self, source: Source, line: int) -> None:
        """Report code with more levels than Python's compiler goes down."""
        start = self.line_start(source, line)
        text = source.line_text(min(line, len(source.lines)))
        start += len(text) - len(text.lstrip())
        self.diagnostics.error(
            "this is nested too deeply, or a chain in it is too long",
            source,
            start,
            start + 1,
            "take parts of it into variables or functions of their own",
        )

    # ---- functions -----------------------------------------------------------------------------------------

    def function(self, function: Function) -> list[ast.stmt]:
        """A function or handler and its closures; nothing if their code is there from the last
        compilation.
        """
        assert function.decl is not None and function.symbol is not None and function.body is not None
        symbol = function.symbol
        self.note_name(function.py, symbol.name)
        params = [f"_a{i}" if p is None else p.py for i, p in enumerate(function.params)]
        if function.type.flavor == "function":
            self.code.signatures[symbol.name] = (symbol.py, function.type.encode())
        else:
            self.use_event(symbol)
            self.code.handlers.append(
                (symbol.name, function.py, function.priority, tuple(function.groups), function.decl.module)
            )
        self.loc = self.locate(function.decl)
        line = self.loc[0]
        key: bytes | None = None
        if self.reuse is not None:
            key = self.reuse.key(function, params)
            closures = tuple(closure.py for _, closure, _ in function.closures)
            if key is not None:
                if self.take(self.reuse, key, function.py, line, closures):
                    for node, closure, _ in function.closures:
                        self.closure_names(node, closure)
                    return []
                self.record = Record(closures)
        made = [self.function_def(function, function.py, params, function.body, [])]
        for node, closure, source in function.closures:
            self.begin(source)
            made.append(self.closure(node, closure))
        record, self.record = self.record, None
        if record is not None and record.whole and key is not None and self.reuse is not None:
            self.reuse.note(function.py, key, line, record.needs())
        return made

    def take(self, reuse: Reuse, key: bytes, py: str, line: int, closures: tuple[str, ...] = ()) -> bool:
        """Take a function's code from the last compilation, with what it needs."""
        entry = reuse.find(key)
        if entry is None:
            return False
        constants, builtins, events, inside = entry[3]
        if inside != closures:  # one of another function has had the name of one of these
            return False
        for _, _, full_key, name in constants:
            if self._constants.get(full_key, name) != name:
                return False
            if self._constant_names.get(name, full_key) != full_key:
                return False
        symbols = [(self.scope.get(name), called, value) for name, called, value in builtins]
        symbols += [(self.scope.get(name), called, True) for name, called in events]
        if any(symbol is None or symbol.py != called for symbol, called, _ in symbols):
            return False
        for kind, value, full_key, name in constants:
            if name not in self._constant_names:
                self.put_constant(kind, value, full_key, name)
        for symbol, _, is_value in symbols:
            assert symbol is not None
            self.use(symbol, is_value)
        self._taken.append((py, moved(entry, py, line)))
        self._taken.extend(zip(closures, moved_closures(entry, line), strict=True))
        reuse.note(py, key, line, entry[3])
        return True

    def function_def(
        self, function: Function, name: str, params: list[str], body: n.Stmt | n.Expr, shared: list[Local]
    ) -> ast.stmt:
        """A `def` with the body of a function; `shared` are variables of the function around it."""
        outer, self.state = self.state, FunctionState(self.source, shared)
        self.state.flavor = function.scope.flavor
        out: list[ast.stmt] = []
        if isinstance(body, n.Expr):
            self.state.in_when = True
            out.append(self.at(ast.Return(self.expr(body))))
        else:
            out.extend(self.body(body))
        prologue: list[ast.stmt] = []
        if self.state.globals:
            prologue.append(self.at(ast.Global(sorted(self.state.globals))))
        assigned = [local.py for local in shared if local.assigned]
        if assigned:
            prologue.append(self.at(ast.Nonlocal(assigned)))
        self.state = outer
        return self.define(name, params, prologue + out)

    def closure(self, node: n.Lambda | n.When, function: Function) -> ast.stmt:
        """An anonymous function, or what a `when` consists of; with captures, what makes it."""
        self.loc = self.locate(node)
        self.closure_names(node, function)
        shared = [inner for _, inner, _ in function.scope.captures]
        if isinstance(node, n.Lambda):
            params = [p.py for p in function.params]
            if not shared:
                return self.function_def(function, function.py, params, node.body, [])
            inner = self.function_def(function, "_anonymous", params, node.body, shared)
            leave = self.at(ast.Return(self.load("_anonymous")))
            body = [*self.without_value(function), inner, leave]
            return self.define(function.py, [local.py for local in shared], body)
        return self.when(node, function, shared)

    def closure_names(self, node: n.Lambda | n.When, function: Function) -> None:
        """Put what a closure consists of into the tables of the unit."""
        names = self.code.names
        if isinstance(node, n.Lambda):
            names[function.py] = names["_anonymous"] = "<anonymous function>"
            self.code.signatures[function.py] = (function.py, function.type.encode())
        else:
            names["_condition"] = names["_body"] = names["_timeout"] = "<when>"

    def without_value(self, function: Function) -> list[ast.stmt]:
        """Takes the values of captured variables away that had none: see `captured`."""
        out: list[ast.stmt] = []
        for outer, inner, _ in function.scope.captures:
            if outer.unset:
                test = self.compare(self.load(inner.py), IS, self.const(...))
                gone = self.at(ast.Delete([self.at(ast.Name(inner.py, ast.Del()))]))
                out.append(self.at(ast.If(test, [gone], [])))
        return out

    def when(self, node: n.When, function: Function, shared: list[Local]) -> ast.stmt:
        declared = [node_.local for node_ in _local_assigns(node.condition) if node_.local is not None]
        body = self.without_value(function)
        body += [self.assign(self.store(local.py), self.const(None)) for local in declared]
        shared = shared + declared
        body.append(self.function_def(function, "_condition", ["_trigger"], node.condition, shared))
        body.append(self.function_def(function, "_body", [], node.body, shared))
        last: ast.expr = self.const(None)
        if node.timeout_body is not None:
            body.append(self.function_def(function, "_timeout", [], node.timeout_body, shared))
            last = self.load("_timeout")
        body.append(self.at(ast.Return(self.tuple_of([self.load("_condition"), self.load("_body"), last]))))
        params = [inner.py for _, inner, _ in function.scope.captures]
        return self.define(function.py, params, body)

    # ---- values of globals ---------------------------------------------------------------------------------

    def inits(self, bodies: dict[Source, list[ast.stmt]]) -> list[tuple[Source, list[ast.stmt]]]:
        """The code that gives globals their values, by file and in order; statements become functions."""
        pieces: list[tuple[Source, list[ast.stmt]]] = []
        statements: dict[Source, list[n.StmtDecl]] = {}
        ordered = _ordered(self.unit.inits)
        for source, group in groupby(ordered, key=lambda d: d.source):
            self.begin(source)
            out: list[ast.stmt] = []
            for decl in group:
                self.loc = self.locate(decl)
                if isinstance(decl, n.GlobalDecl):
                    self.global_value(decl, out)
                elif isinstance(decl, n.RedefDecl):
                    self.redefine(decl, out)
                elif isinstance(decl, n.StmtDecl):
                    statements.setdefault(source, []).append(decl)
            if out:
                pieces.append((source, out))
        for number, (source, decls) in enumerate(statements.items()):
            self.begin(source)
            name = f"_{self.unit.prefix}statements{number}"
            scope = decls[0].function
            assert isinstance(scope, FunctionScope)
            function = Function(name, scope, t.FuncType("function", (), t.VOID), source)
            block = n.Block(decls[0].start, decls[-1].end, [d.stmt for d in decls])
            self.loc = self.locate(block)
            bodies.setdefault(source, []).append(self.function_def(function, name, [], block, []))
            self.code.statements.append(name)
            self.code.names[name] = "<statements>"
        return pieces

    def global_value(self, decl: n.GlobalDecl, out: list[ast.stmt]) -> None:
        symbol = decl.symbol
        assert symbol is not None
        type_ = symbol.type
        value: ast.expr | None
        if decl.init is None:
            value = self.fresh(type_, symbol.spec)
        else:
            value = self.expr(decl.init)
            value = self.with_attributes(symbol, decl.init, value)
        if value is not None:
            out.append(self.assign(self.store(symbol.py), value))

    def with_attributes(self, symbol: Symbol, node: n.Expr, value: ast.expr) -> ast.expr:
        """A table that does not come from a constructor, with the attributes of the variable."""
        if symbol.spec is None or isinstance(node, n.Constructor):
            return value
        assert isinstance(symbol.type, t.TableType)
        made = self.spec(symbol.type, symbol.spec)
        return value if made is None else self.call("with_spec", made, value)

    def redefine(self, decl: n.RedefDecl, out: list[ast.stmt]) -> None:
        symbol = decl.symbol
        assert symbol is not None
        if decl.value is None:
            if symbol.spec is not None and isinstance(symbol.type, t.TableType):
                made = self.spec(symbol.type, symbol.spec)
                assert made is not None
                out.append(
                    self.assign(self.store(symbol.py), self.call("with_spec", made, self.load(symbol.py)))
                )
            return
        attr = symbol.attrs.get({"+=": "add_func", "-=": "delete_func"}.get(decl.op, ""))
        if isinstance(decl.value, n.Assign):
            if attr is not None and attr.value is not None:
                new = decl.value.value
                if decl.value.mode == "compute" and isinstance(new, n.Binary):
                    new = new.right
                call = self.call(self.elsewhere(attr.value), self.load(symbol.py), self.expr(new))
                out.append(self.assign(self.store(symbol.py), call))
                return
            self.assign_stmt(decl.value, out)
            return
        value = self.with_attributes(symbol, decl.value, self.expr(decl.value))
        out.append(self.assign(self.store(symbol.py), value))

    # ---- records -------------------------------------------------------------------------------------------

    def records(self) -> None:
        made: dict[str, tuple[str, tuple[str, ...], tuple[Any, ...]]] = {}
        by_path: dict[str, list[ast.stmt]] = {}
        for name, record in self.unit.records.items():
            where = next((f.where for f in record.fields if f.where is not None), None)
            path = where[0] if where is not None else "<record>"
            self.begin(Source(path, b""))
            py = self.record_py(record)
            define, defaults = self.record_init(record, py, path)
            by_path.setdefault(path, []).append(define)
            made[name] = (py, tuple(f.name for f in record.fields), defaults)
            self.code.record_types[name] = tuple(
                (f.name, f.type.encode(), dict(f.attrs)) for f in record.fields
            )
            self.note_name(py, name)
        # One compilation for all records of a file takes much less than one for each.
        codes: dict[str, CodeType] = {}
        for path, body in by_path.items():
            module = self.compile(body, Source(path, b""))
            codes.update((c.co_name, c) for c in module.co_consts if isinstance(c, CodeType))
        for name, (py, fields, defaults) in made.items():
            if py in codes:  # else it could not be compiled, which was told
                self.code.records[name] = (py, fields, codes[py], defaults)

    def record_init(self, record: t.RecordType, py: str, path: str) -> tuple[ast.stmt, tuple[Any, ...]]:
        """The constructor of a record's class: its definition, and the defaults of its parameters."""
        defaults: list[Any] = []
        body: list[ast.stmt] = []
        for field in record.fields:
            if field.where is not None:
                line, column, end_line, end_column = field.where[1]
                self.loc = (line, column, end_line, end_column) if field.where[0] == path else (1, 0, 1, 0)
            value = self.load(field.name)
            constant: Any = None
            made: ast.expr | None = None
            if field.default is not None:
                found = plain_constant(field.default)
                if found is not None:
                    constant = found[0]
                else:
                    made = self.elsewhere(field.default)
                    if t.is_aggregate(field.type) and not isinstance(
                        field.default, (n.Constructor, n.RecordConstructor, n.Coerce)
                    ):
                        made = self.call("copy_value", made)
            elif not field.optional and isinstance(field.type, (t.TableType, t.VectorType)):
                made = self.fresh(field.type, field.spec)
            defaults.append(constant)
            if made is not None:
                made = self.apart(made, record)
                value = self.choose(self.compare(value, IS, self.const(None)), made, self.load(field.name))
            # The object is called by a name that no field can have.
            target = self.attribute(self.load(" self"), field.name, ast.Store())
            body.append(self.assign(target, value))
        self.loc = (1, 0, 1, 0)
        params = [" self", *(f.name for f in record.fields)]
        return self.define(py, params, body), tuple(defaults)

    def apart(self, made: ast.expr, record: t.RecordType) -> ast.expr:
        """A default in a function of its own, where a name in it is also the name of a field."""
        if not any(record.field(name) is not None for name in _names(made)):
            return made
        name = f"_{self.unit.prefix}default{len(self._specs)}"
        self._specs[id(made)] = name
        self._kept.append(made)
        self.spec_code.setdefault(self.source.path, []).append(
            self.assign(self.store(name), self.thunk(made))
        )
        return self.call(name)

    # ---- tables of the unit --------------------------------------------------------------------------------

    def tables(self) -> None:
        """What loading needs to know besides code."""
        code = self.code
        for type_name, name, number in self.unit.enums:
            symbol = self.scope.get(name)
            assert symbol is not None
            code.enums.append((symbol.py, type_name, name, number))
            self.note_name(symbol.py, name)
        code.replaced = list(self.unit.replaced)
        handlers_before = []
        for event, functions in code.replaced:
            before = self.unit.functions[:functions]
            handlers_before.append((event, sum(1 for f in before if f.type.flavor != "function")))
        code.replaced = handlers_before
        for decl in self.unit.inits:
            if isinstance(decl, n.GlobalDecl) and decl.symbol is not None:
                symbol = decl.symbol
                flags = "".join(
                    letter
                    for letter, on in (
                        ("c", symbol.constant),
                        ("o", symbol.option),
                        ("r", symbol.redef),
                        ("e", symbol.exported),
                    )
                    if on
                )
                code.globals[symbol.name] = (symbol.py, symbol.type.encode(), flags)
                self.note_name(symbol.py, symbol.name)
        for symbol in self.scope.symbols.values():
            if symbol.kind in ("event", "hook") and symbol.decl is not None:
                self.use_event(symbol)


def _local_assigns(node: n.Expr) -> list[n.LocalAssign]:
    """The variables that the condition of a `when` declares."""
    from bro.script.codegen_loops import _children

    found = [node] if isinstance(node, n.LocalAssign) else []
    for child in _children(node):
        if isinstance(child, n.Expr) and not isinstance(child, n.Lambda):
            found.extend(_local_assigns(child))
    return found


def _ordered(decls: list[n.Decl]) -> list[n.Decl]:
    """Declarations in the order their values have to be computed: theirs, but one that another uses comes
    first.
    """
    places: dict[Symbol, int] = {}
    for i, decl in enumerate(decls):
        if isinstance(decl, n.GlobalDecl) and decl.symbol is not None:
            places[decl.symbol] = i
    done: set[int] = set()
    result: list[n.Decl] = []

    def visit(i: int) -> None:
        if i in done:
            return
        done.add(i)
        decl = decls[i]
        if isinstance(decl, n.GlobalDecl) and decl.init is not None:
            for symbol in _used_globals(decl.init):
                place = places.get(symbol)
                if place is not None and place > i:
                    visit(place)
        result.append(decl)

    for i in range(len(decls)):
        visit(i)
    return result


def _used_globals(node: n.Expr) -> list[Symbol]:
    """The global variables that computing an expression reads, as far as they stand in it."""
    from bro.script.codegen_loops import _children

    found: list[Symbol] = []
    todo: list[n.Node] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, n.Name) and isinstance(part.symbol, Symbol):
            found.append(part.symbol)
        children = [c for c in _children(part) if isinstance(c, n.Expr) and not isinstance(c, n.Lambda)]
        todo += reversed(children)
    return found


def _names(made: ast.expr) -> set[str]:
    """The names in an expression of Python.  `walk` of `ast` would import all of that."""
    found: set[str] = set()
    todo: list[ast.AST] = [made]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                todo.append(value)
            elif value.__class__ is list:
                todo += [v for v in value if isinstance(v, ast.AST)]
    return found
