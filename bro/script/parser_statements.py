"""The parser's part for statements."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script.parser import ParseError
from bro.script.parser_expressions import ExpressionParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class StatementParser(ExpressionParser):
    """Statements."""

    #: the declaration of a local variable that is being read, as far as it was
    half_declared: n.LocalDecl | None = None

    def block(self) -> n.Block:
        """`{ statements }`"""
        self.directives()  # scripts choose between two heads of a handler that have one body
        start = self.starts[self.i]
        self.expect("{", "before the body")
        body = self.statements(_CLOSES)
        self.expect("}", "after the body")
        return n.Block(start, self.ends[self.i - 1], body)

    def statements(self, ends: tuple[str, ...]) -> list[n.Stmt]:
        """Statements up to one of these tokens, which is left."""
        body: list[n.Stmt] = []
        while True:
            if self.kind == "DIRECTIVE":
                self.directive()
                continue
            if self.kind in ends or self.kind == "EOF":
                return body
            before = self.i
            depth = self.depth
            try:
                if self.kind in _DEFINED and self.definition_ahead():
                    self.expected('"}"', "before the next definition")
                body.append(self.statement())
            except ParseError:
                self.depth = depth
                self.in_bars = self.in_attribute = False
                if self.half_declared is not None:  # so that its uses are no further errors
                    body.append(self.half_declared)
                    self.half_declared = None
                self.skip_statement(before)
                self.lose(before)
                if self.i == before:
                    if self.column() == 0 and (self.kind in _NEVER_A_STATEMENT or self.definition_ahead()):
                        raise  # a declaration begins: the body was never closed
                    self.advance()

    def statement(self) -> n.Stmt:
        make = _STATEMENTS.get(self.kind)
        if make is not None:
            self.enter()
            stmt = make(self)
            self.depth -= 1
            return stmt
        start, self.begun = self.starts[self.i], self.i
        if self.kind == "ID" and self.text == "log" and self.peek() in ("ID", "STRING"):
            self.advance()
            args = self.expression_list()
            self.expect(";", "after the statement")
            return n.LogStmt(start, self.last_end, args)
        if self.kind == "VALUE" and self.text == "@DEBUG":
            return self.debug_stmt()
        expr = self.expression()
        self.expect(";", "after the statement")
        return n.ExprStmt(start, self.ends[self.i - 1], expr)

    def expression_list(self) -> list[n.Expr]:
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        return items

    def null(self) -> n.Stmt:
        start = self.start
        self.advance()
        return n.Block(start, self.last_end, [])

    def print_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        args = [] if self.kind == ";" else self.expression_list()
        self.expect(";", "after print")
        return n.Print(start, self.last_end, args)

    def debug_stmt(self) -> n.Stmt:
        """`@DEBUG expression`, as a debugger asks for a value: it is printed.  Alone it does nothing."""
        start = self.start
        line = self.source.position(start)[0]
        self.advance()
        if self.kind in (";", "EOF") or self.source.position(self.start)[0] != line:
            self.accept(";")
            return n.Block(start, self.last_end, [])
        args = self.expression_list()
        if not self.accept(";") and self.source.position(self.start)[0] == line and self.kind != "EOF":
            self.expected('";"', "after the expression")
        return n.Print(start, self.last_end, args)

    def condition_in_parens(self, what: str) -> n.Expr:
        self.expect("(", f"after {what}")
        expr = self.expression()
        self.expect(")", f"after the condition of {what}")
        return expr

    def if_stmt(self) -> n.Stmt:
        # A chain of `else if` is read in a loop: it may be longer than the nesting that is allowed.
        chain: list[tuple[int, n.Expr, n.Stmt]] = []
        otherwise: n.Stmt | None = None
        while True:
            start = self.starts[self.i]
            self.advance()
            self.expect("(", "after if")
            condition = self.expression()
            self.expect(")", "after the condition of if")
            self.directives()
            then = self.statement()
            chain.append((start, condition, then))
            self.conditions_here()
            if self.kind != "else":
                break
            self.advance()
            self.directives()
            if self.kind != "if":
                otherwise = self.statement()
                break
        end = self.last_end
        for start, condition, then in reversed(chain):
            otherwise = n.If(start, end, condition, then, otherwise)
        assert otherwise is not None
        return otherwise

    def while_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        condition = self.condition_in_parens("while")
        self.directives()
        body = self.statement()
        return n.While(start, self.last_end, condition, body)

    def loop_variable(self) -> n.LoopVariable:
        start = self.start
        name = self.name("the name of a loop variable")
        return n.LoopVariable(start, self.last_end, name)

    def for_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        self.expect("(", "after for")
        keys: list[n.LoopVariable] = []
        bracketed = self.accept("[")
        keys.append(self.loop_variable())
        value: n.LoopVariable | None = None
        if bracketed:
            while self.accept(","):
                keys.append(self.loop_variable())
            self.expect("]", "after the loop variables")
        if self.accept(","):
            value = self.loop_variable()
        self.expect("in", "between the loop variable and what it goes over")
        iterable = self.expression()
        self.expect(")", "after the head of the loop")
        self.directives()
        body = self.statement()
        return n.For(start, self.last_end, keys, bracketed, value, iterable, body)

    def switch_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        value = self.expression()
        self.expect("{", "before the cases of a switch")
        cases: list[n.Case] = []
        while True:
            self.directives()
            if self.kind in ("}", "EOF"):
                break
            cases.append(self.case())
        self.expect("}", "after the cases of a switch")
        return n.Switch(start, self.last_end, value, cases)

    def case(self) -> n.Case:
        start = self.start
        values: list[n.Expr] = []
        types: list[n.TypeCase] = []
        default = False
        if self.accept("default"):
            default = True
        elif self.accept("case"):
            while True:
                at = self.start
                if self.kind == "type":
                    self.advance()
                    type_expr = self.type_expr()
                    name = self.name("a name for the value") if self.accept("as") else None
                    types.append(n.TypeCase(at, self.last_end, type_expr, name))
                else:
                    values.append(self.expression())
                if not self.accept(","):
                    break
        else:
            self.expected('"case", "default" or "}"', "in a switch")
        self.expect(":", "after the value of a case")
        body = self.statements(("case", "default", "}"))
        return n.Case(start, self.last_end, values, types, default, body)

    def break_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        self.expect(";", "after break")
        return n.Break(start, self.last_end)

    def next_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        self.expect(";", "after next")
        return n.Next(start, self.last_end)

    def fallthrough_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        self.expect(";", "after fallthrough")
        return n.Fallthrough(start, self.last_end)

    def return_stmt(self) -> n.Stmt:
        start = self.starts[self.i]
        self.advance()
        if self.kind == "when":
            return self.when_stmt(start, True)
        value = None if self.kind == ";" else self.expression()
        self.expect(";", "after return")
        return n.Return(start, self.ends[self.i - 1], value)

    def when_stmt(self, start: int | None = None, returns: bool = False) -> n.Stmt:
        if start is None:
            start = self.start
        self.advance()
        captures = self.captures()
        self.expect("(", "after when")
        condition = self.expression()
        self.expect(")", "after the condition of when")
        body = self.statement()
        self.conditions_here()
        timeout: n.Expr | None = None
        timeout_body: n.Stmt | None = None
        if self.accept("timeout"):
            timeout = self.expression()
            timeout_body = self.block()
        return n.When(start, self.last_end, captures, condition, body, timeout, timeout_body, returns)

    def local_decl(self) -> n.Stmt:
        start = self.starts[self.i]
        constant = self.kind == "const"
        self.advance()
        name = self.name("the name of a variable")
        outer = self.half_declared
        end = self.ends[self.i - 1]
        # What is known of it so far; the rest is put in as it is read.
        made = n.LocalDecl(start, end, name, None, n.BadExpr(start, end), [], constant)
        self.half_declared = made
        if self.kind == ":":
            self.advance()
            made.type_expr = self.type_expr()
        init: n.Expr | None = None
        if self.kind == "=":
            self.advance()
            init = self.expression()
        attrs = self.attributes() if self.kind != ";" else made.attrs
        if self.kind != ";":
            self.expected('";"', f'after the declaration of "{name}"')
        self.advance()
        self.half_declared = outer
        made.end, made.init, made.attrs = self.ends[self.i - 1], init, attrs
        return made

    def add_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        targets = self.expression_list()
        self.expect(";", "after add")
        return n.Add(start, self.last_end, targets)

    def delete_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        targets = self.expression_list()
        self.expect(";", "after delete")
        return n.Delete(start, self.last_end, targets)

    def assert_stmt(self) -> n.Stmt:
        start = self.start
        self.advance()
        condition = self.expression()
        message = self.expression() if self.accept(",") else None
        self.expect(";", "after assert")
        return n.Assert(start, self.last_end, condition, message)


#: What ends a block.
_CLOSES: Final = ("}",)

_STATEMENTS: Final = {
    "{": StatementParser.block,
    ";": StatementParser.null,
    "print": StatementParser.print_stmt,
    "if": StatementParser.if_stmt,
    "while": StatementParser.while_stmt,
    "for": StatementParser.for_stmt,
    "switch": StatementParser.switch_stmt,
    "break": StatementParser.break_stmt,
    "next": StatementParser.next_stmt,
    "fallthrough": StatementParser.fallthrough_stmt,
    "return": StatementParser.return_stmt,
    "when": StatementParser.when_stmt,
    "local": StatementParser.local_decl,
    "const": StatementParser.local_decl,
    "add": StatementParser.add_stmt,
    "delete": StatementParser.delete_stmt,
    "assert": StatementParser.assert_stmt,
}

#: Words that begin definitions as well as statements or expressions.
_DEFINED: Final = frozenset(["event", "hook", "function"])

#: Words that only begin declarations, never statements.
_NEVER_A_STATEMENT: Final = frozenset(["global", "option", "type", "redef", "module", "export"])
