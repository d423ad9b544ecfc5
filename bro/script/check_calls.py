"""The checker's part for calls: functions, constructors by type name, hooks, events, anonymous functions."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.check_expressions import ExpressionChecker
from bro.script.check_formats import mistakes
from bro.script.diagnostics import Source
from bro.script.dialect_1998 import OLDER_FORMS, raised_form
from bro.script.scope import EVENT_ALIASES, FunctionScope, Symbol


class CallChecker(ExpressionChecker):
    """Calls."""

    def call(self, node: n.Call, want: t.Type | None) -> n.Expr:
        node.func = self.expr(node.func)
        type_ = node.func.type
        if isinstance(type_, t.TypeType):
            return self.construct(node, type_.inner)
        if not isinstance(type_, t.FuncType):
            for i, arg in enumerate(node.args):
                node.args[i] = self.expr(arg)
            if type_.tag != "error":
                self.error(node.func, f"this is {_article(type_)}, not a function")
            node.type = t.ERROR
            return node
        if type_.flavor == "event":
            self.error(node, "an event is not called", "write: event name(...);")
        elif type_.flavor == "hook":
            self.error(node, "a hook is called with the word hook before its name", "write: hook name(...)")
        symbol = getattr(node.func, "symbol", None)
        builtin = symbol.builtin if isinstance(symbol, Symbol) else None
        node.args = self.arguments(node, type_, node.args, "the function")
        node.type = type_.result
        if builtin is not None:
            if builtin.asynchronous:
                self.asynchronous(node)
            if builtin.name == "fmt" and not self.source.engine:
                for where, problem in mistakes(node, node.args):
                    self.warning(where, problem)
        return node

    def asynchronous(self, node: n.Call) -> None:
        """A function that gives its result later can only be called where something waits for it: in the
        condition of a `when`, or in a function that is called there.
        """
        if self.function is None or self.function.flavor not in ("when", "function", "lambda"):
            self.error(
                node,
                "this function gives its result later, so it can only be called in the condition of a when",
            )

    def arguments(self, node: n.Expr, type_: t.FuncType, args: list[n.Expr], what: str) -> list[n.Expr]:
        """Check arguments against parameters."""
        params = type_.params
        checked: list[n.Expr] = []
        for i, arg in enumerate(args):
            if isinstance(arg, n.Argument):
                self.error(arg, "$name = value is for records", "arguments of functions have no names")
                arg = arg.value
            if i < len(params):
                checked.append(self.value(arg, params[i].type, f'the argument "{params[i].name}"'))
            elif type_.variadic:
                value = self.expr(arg)
                if value.type.tag == "void":
                    self.error(arg, "this gives no value")
                elif isinstance(value.type, t.ListType):
                    self.error(arg, "a list is not a value", "write vector(...) or set(...)")
                else:
                    value = self.coerce(value, t.ANY)
                checked.append(value)
            else:
                checked.append(self.expr(arg))
        if len(args) == len(params):
            return checked
        required = sum(1 for p in params if not p.optional)
        if len(args) < required or (len(args) > len(params) and not type_.variadic):
            count = str(len(params)) if required == len(params) else f"{required} to {len(params)}"
            if type_.variadic:
                count = f"at least {required}"
            plural = "" if count == "1" else "s"
            self.error(
                node, f"{what} takes {count} argument{plural}, found {len(args)}", f"it is {type_.notation()}"
            )
        return checked

    def construct(self, node: n.Call, type_: t.Type) -> n.Expr:
        """`Type(...)`: a value of a named type."""
        args = node.args
        if isinstance(type_, t.RecordType):
            if len(args) == 1 and not isinstance(args[0], n.Argument):
                # A record of another type, as this one.
                return self.value(args[0], type_, f"{type_.notation()}()")
            fields = []
            for arg in args:
                if isinstance(arg, n.Argument):
                    fields.append(arg)
                else:
                    self.error(arg, f"{type_.notation()}() takes fields: $name=value")
            return self.typed_record(n.RecordConstructor(node.start, node.end, fields), type_)
        if isinstance(type_, (t.TableType, t.VectorType)):
            kind = "vector" if isinstance(type_, t.VectorType) else "set" if type_.is_set else "table"
            items: list[n.Expr] = [
                n.KeyValue(a.start, a.end, a.target, a.value)
                if isinstance(a, n.Assign) and a.op == "=" and a.start == a.target.start
                else a
                for a in args
            ]
            made = self.expr(n.Constructor(node.start, node.end, kind, items, []), type_)
            named = node.func.symbol if isinstance(node.func, n.Name) else None
            if isinstance(made, n.Constructor) and isinstance(named, Symbol):
                made.spec = self.attrs_of_type(named)
            return made
        if type_.tag != "error":
            self.error(node, f"a {type_.notation()} is not made this way")
        node.args = [self.expr(a) for a in args]
        node.type = t.ERROR
        return node

    def hook_call(self, node: n.HookCall, want: t.Type | None) -> n.Expr:
        call = node.call
        call.func = self.expr(call.func)
        type_ = call.func.type
        node.type = call.type = t.BOOL
        if isinstance(type_, t.FuncType) and type_.flavor == "hook":
            call.args = self.arguments(node, type_, call.args, "the hook")
            return node
        call.args = [self.expr(a) for a in call.args]
        if type_.tag != "error":
            self.error(call.func, f"this is {_article(type_)}, not a hook")
        return node

    def event_name(self, name: n.Name, args: list[n.Expr]) -> list[n.Expr]:
        """The event that is raised, and its checked arguments."""
        alias = EVENT_ALIASES.get(name.name)
        if alias is not None:
            name.name = alias
        local = self.function.find(name.name) if self.function is not None else None
        symbol = None if local is not None else self.find(name.name)
        if local is not None:
            checked = self.expr(name)
            type_ = checked.type
        elif symbol is None:
            if name.name not in self.diagnostics.lost:
                hint = self.names_like(name.name, frozenset(["event"]))
                self.error(name, f'there is no event "{name.name}"', hint)
            return [self.expr(a) for a in args]
        else:
            self.check_visible(name, name.name, symbol)
            if symbol.name in OLDER_FORMS:
                symbol = raised_form(self.scope, symbol, len(args))
                name.name = symbol.name
            name.symbol = symbol
            name.type = type_ = self.symbol_type(symbol)
        if not isinstance(type_, t.FuncType) or type_.flavor != "event":
            if type_.tag != "error":
                self.error(name, f'"{name.name}" is {_article(type_)}, not an event')
            return [self.expr(a) for a in args]
        return self.arguments(name, type_, args, "the event")

    def event_call(self, node: n.EventCall, want: t.Type | None) -> n.Expr:
        node.args = self.event_name(node.name, node.args)
        node.type = t.VOID
        return node

    def schedule(self, node: n.Schedule, want: t.Type | None) -> n.Expr:
        delay = self.expr(node.delay)
        if delay.type not in (t.TIME, t.INTERVAL):
            delay = self.coerce(delay, t.INTERVAL, "the delay")
        node.delay = delay
        node.args = self.event_name(node.name, node.args)
        node.type = t.VOID
        return node

    def lambda_expr(self, node: n.Lambda, want: t.Type | None) -> n.Expr:
        result: t.Type | None = None
        if node.signature.result is None and isinstance(want, t.FuncType) and want.result.tag != "any":
            result = want.result
        type_ = self.function_type(node.signature, result)
        node.type = type_
        py = self.unit.closure_name("lambda")
        outer = self.function
        if outer is None:
            scope = FunctionScope("lambda", None, self.scope.by_py, type_.result)
            if node.captures:
                self.error(node.captures[0], "there is no local variable to capture here")
        else:
            scope = self.capture_scope(node, node.captures, "lambda", type_.result)
        function = Function(py, scope, type_, self.source)
        params = [(p.name, p.type, d.start) for p, d in zip(type_.params, node.signature.params, strict=True)]
        self.check_body(function, params, node.body)
        function.params = list(scope.params)
        node.function = function
        self.unit.closures.append((node, function, self.source))
        return node

    def builtin_type(self, symbol: Symbol) -> t.Type:
        """The type of a built-in function, from its signature."""
        from bro.script.parser_declarations import Parser

        signature = symbol.builtin.signature
        source = Source(f"<built-in {symbol.name}>", signature.encode(), engine=True)
        parser = Parser(source, self.diagnostics, None)  # type: ignore[arg-type]
        parser.advance()
        parser.advance()
        expr = parser.func_type("function", 0)
        module = symbol.module
        return self.in_context(source, module, lambda: self.function_type(expr))  # type: ignore[no-any-return]


def _article(type_: t.Type) -> str:
    name = type_.notation()
    return ("an " if name[0] in "aeiouAEIO" else "a ") + name
