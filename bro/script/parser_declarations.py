"""The parser's part for declarations, and the whole parser."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script.parser import ParseError
from bro.script.parser_statements import StatementParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Parser(StatementParser):
    """The parser of a script."""

    def script(self) -> None:
        """Read everything; declarations go to the host."""
        while self.kind != "EOF":
            self.declaration_or_recover()
            if self.kind == "}":
                self.error('"}" without "{"')
                self.advance()
        for start, _ in self.conditions:
            self.error("@if without @endif", start, start + 3)
        for start in self.pragmas:
            self.warning("@pragma push without @pragma pop", start, start + len("@pragma"))
            self.source.quiet.append((start, len(self.source.text)))

    def declaration_or_recover(self) -> None:
        before = self.i
        try:
            self.declaration()
        except ParseError:
            self.depth = 0
            self.in_bars = self.in_attribute = False
            self.half_declared = None
            self.skip_declaration(before)
            self.lose(before)
            if self.i == before and self.kind != "EOF":
                self.advance()

    def declare(self, decl: n.Decl) -> None:
        self.host.declare(decl)

    def declaration(self) -> None:
        kind = self.kind
        if kind == "DIRECTIVE":
            self.directive()
            return
        make = _DECLARATIONS.get(kind)
        if make is not None and not (kind in ("event", "hook") and not self.is_definition()):
            make(self)
            return
        if kind == ";":
            self.advance()
            return
        if kind == "}":
            return
        start = self.start
        if self.exporting:
            self.expected("a declaration", "in an export section")
        stmt = self.statement()
        self.declare(n.StmtDecl(start, self.last_end, self.source, self.module, False, stmt))

    def is_definition(self) -> bool:
        """Whether `event x(...)` defines a handler rather than raises the event: parameters have types."""
        if self.peek() != "ID" or self.peek(2) != "(":
            return True  # the definition's parser tells what is wrong
        if self.peek(3) == ")":
            distance = 4
            while self.peek(distance) == "ATTR":
                return True
            return self.peek(distance) in ("{", ":", "&", "DIRECTIVE")
        return self.peek(4) == ":"

    def module_decl(self) -> None:
        self.advance()
        self.module = self.name("the name of a module")
        self.expect(";", "after the module's name")

    def export(self) -> None:
        self.advance()
        self.expect("{", "after export")
        self.exporting += 1
        while self.kind not in ("}", "EOF"):
            self.declaration_or_recover()
        self.exporting -= 1
        self.expect("}", "at the end of an export section")

    def full_name(self, name: str) -> str:
        """A declared name with its module."""
        if "::" in name:
            return name[8:] if name.startswith("GLOBAL::") else name.removeprefix("::")
        return name if self.module == "GLOBAL" else f"{self.module}::{name}"

    def global_decl(self) -> None:
        start, kind = self.start, self.kind
        self.advance()
        at = self.start
        name = self.name("the name of a variable")
        type_expr = self.type_expr() if self.accept(":") else None
        init: n.Expr | None = None
        if self.accept("="):
            init = self.expression()
        elif self.kind == "+=":
            self.fail("a declaration gives a value with =", hint='use "redef" to add to a value')
        attrs = self.attributes()
        if isinstance(init, n.Constructor) and init.attrs:
            attrs = init.attrs + attrs
            init.attrs = []
        if self.kind != ";":
            if self.kind == "=" and attrs:
                self.fail("the value of a variable stands before its attributes")
            self.expected('";"', f'after the declaration of "{name}"')
        self.advance()
        full = self.full_name(name)
        self.declare(
            n.GlobalDecl(
                start,
                self.last_end,
                self.source,
                self.module,
                self.exported(full),
                kind,
                full,
                at,
                type_expr,
                init,
                attrs,
            )
        )

    def exported(self, name: str) -> bool:
        """Whether other modules may use a name declared here."""
        return bool(self.exporting) or self.source.engine or "::" not in name

    def type_decl(self) -> None:
        start = self.start
        self.advance()
        at = self.start
        name = self.name("the name of a type")
        self.expect(":", "between a type's name and what it is")
        type_expr = self.type_expr()
        attrs = self.attributes()
        self.expect(";", f'after the type "{name}"')
        full = self.full_name(name)
        self.declare(
            n.TypeDecl(
                start,
                self.last_end,
                self.source,
                self.module,
                self.exported(full),
                full,
                at,
                type_expr,
                attrs,
            )
        )

    def redef(self) -> None:
        start = self.start
        self.advance()
        if self.kind == "enum":
            self.advance()
            name = self.redef_name("an enum")
            self.expect("+=", "after the name of the enum")
            items = self.enum_list()
            self.attributes()
            self.expect(";", "after redef enum")
            self.declare(
                n.RedefEnum(start, self.last_end, self.source, self.module, bool(self.exporting), name, items)
            )
        elif self.kind == "record":
            self.redef_record(start)
        elif self.kind == "event":
            self.function(replaces=True)
        else:
            name = self.redef_name("a variable")
            op = ""
            value: n.Expr | None = None
            if self.kind in ("=", "+=", "-="):
                op = self.kind
                self.advance()
                value = self.expression()
            attrs = self.attributes()
            if isinstance(value, n.Constructor) and value.attrs:
                attrs = value.attrs + attrs
                value.attrs = []
            if not op and not attrs:
                self.expected('"=", "+=" or "-="', "after the name in redef")
            self.expect(";", "after redef")
            self.declare(
                n.RedefDecl(
                    start,
                    self.last_end,
                    self.source,
                    self.module,
                    bool(self.exporting),
                    name,
                    op,
                    value,
                    attrs,
                )
            )

    def redef_name(self, what: str) -> n.Name:
        start = self.start
        name = self.name(f"the name of {what}")
        return n.Name(start, self.last_end, name)

    def redef_record(self, start: int) -> None:
        self.advance()
        name = self.redef_name("a record")
        if self.accept("$"):
            field_name = self.member_name("the name of a field")
            if self.kind not in ("+=", "-="):
                self.expected('"+=" or "-="', "after the field")
            op = self.kind
            self.advance()
            self.expect("{")
            attrs = self.attributes()
            self.expect("}")
            self.expect(";", "after redef record")
            self.declare(
                n.RedefField(
                    start,
                    self.last_end,
                    self.source,
                    self.module,
                    bool(self.exporting),
                    name,
                    field_name,
                    op,
                    attrs,
                )
            )
            return
        self.expect("+=", "after the name of the record")
        fields = self.field_list()
        attrs = self.attributes()
        self.expect(";", "after redef record")
        self.declare(
            n.RedefRecord(
                start, self.last_end, self.source, self.module, bool(self.exporting), name, fields, attrs
            )
        )

    def function(self, replaces: bool = False) -> None:
        """The definition of a function or of a handler."""
        start, flavor = self.start, self.kind
        self.advance()
        at = self.start
        name = self.name(f"the name of {'an event' if flavor == 'event' else f'a {flavor}'}")
        signature = self.func_type(flavor, start)
        attrs = self.attributes()
        if self.kind == ";" and self.source.engine:
            # The engine declares its events without the word "global".
            self.advance()
            full = self.full_name(name)
            self.declare(
                n.GlobalDecl(
                    start,
                    self.last_end,
                    self.source,
                    self.module,
                    True,
                    "global",
                    full,
                    at,
                    signature,
                    None,
                    attrs,
                )
            )
            return
        if self.kind == ";":
            self.fail(
                f"this {flavor} has no body",
                hint=f'to declare it only, write "global {name}: {flavor}(...);"',
            )
        body = self.block()
        self.accept(";")
        self.declare(
            n.FuncDecl(
                start,
                self.last_end,
                self.source,
                self.module,
                bool(self.exporting),
                name,
                at,
                signature,
                attrs,
                body,
                replaces,
            )
        )


_DECLARATIONS: Final = {
    "module": Parser.module_decl,
    "export": Parser.export,
    "global": Parser.global_decl,
    "const": Parser.global_decl,
    "option": Parser.global_decl,
    "type": Parser.type_decl,
    "redef": Parser.redef,
    "event": Parser.function,
    "function": Parser.function,
    "hook": Parser.function,
}
