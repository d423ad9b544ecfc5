"""The parser's part for types and attributes."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script.diagnostics import suggest
from bro.script.lexer import ATTRIBUTES, count_value
from bro.script.parser import DECLARATION_WORDS, ParseError, ParserBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Keywords that are types by themselves.
SIMPLE_TYPES: Final = frozenset(
    [
        "bool",
        "count",
        "int",
        "double",
        "time",
        "interval",
        "string",
        "pattern",
        "addr",
        "subnet",
        "port",
        "any",
    ]
)
#: Attributes that take no value; whether the others need one is for the checker.
NO_VALUE: Final = frozenset(
    [
        "broker_allow_complex_type",
        "error_handler",
        "is_assigned",
        "is_used",
        "log",
        "optional",
        "ordered",
        "raw_output",
        "redef",
        "mergeable",
        "persistent",
        "synchronized",
    ]
)


#: Attributes that say how a table behaves.
TABLE_ATTRIBUTES: Final = frozenset(
    [
        "default",
        "default_insert",
        "create_expire",
        "read_expire",
        "write_expire",
        "expire_func",
        "on_change",
        "ordered",
        "backend",
        "broker_store",
        "broker_allow_complex_type",
        "publish_on_change",
    ]
)


class TypeParser(ParserBase):
    """Types, attributes, parameters."""

    def type_expr(self) -> n.TypeExpr:
        i = self.i
        start = self.starts[i]
        kind = self.kind
        if kind in SIMPLE_TYPES:
            self.advance()
            return n.SimpleTypeExpr(start, self.ends[i], kind)
        if kind == "ID":
            self.advance()
            return n.NamedTypeExpr(start, self.ends[i], self.texts[i])
        self.enter()
        try:
            if kind == "table":
                self.advance()
                index = self.index_types()
                self.expect("of", "between the index and the yield of a table type")
                yield_type = self.type_expr()
                return n.TableTypeExpr(start, self.last_end, index, yield_type)
            if kind == "set":
                self.advance()
                index = self.index_types()
                return n.TableTypeExpr(start, self.last_end, index, None)
            if kind == "vector":
                self.advance()
                self.expect("of", "in a vector type")
                element = self.type_expr()
                return n.VectorTypeExpr(start, self.last_end, element)
            if kind == "record":
                self.advance()
                return n.RecordTypeExpr(start, self.last_end, self.field_list())
            if kind == "enum":
                self.advance()
                return n.EnumTypeExpr(start, self.last_end, self.enum_list())
            if kind in ("function", "event", "hook"):
                self.advance()
                return self.func_type(kind, start)
            if kind == "opaque":
                self.advance()
                self.expect("of", "in an opaque type")
                name = self.member_name("the name of an opaque type")
                return n.OpaqueTypeExpr(start, self.last_end, name)
            if kind == "file":
                self.advance()
                if self.accept("of"):
                    self.type_expr()
                return n.SimpleTypeExpr(start, self.last_end, "file")
            self.expected("a type")
        finally:
            self.depth -= 1

    def index_types(self) -> list[n.TypeExpr]:
        self.expect("[", "before the index types")
        types = [self.type_expr()]
        while self.accept(","):
            types.append(self.type_expr())
        self.expect("]", "after the index types")
        return types

    def field_list(self) -> list[n.FieldDecl]:
        """`{ name: type attributes; ... }`"""
        self.expect("{", "before the fields of a record")
        fields: list[n.FieldDecl] = []
        while True:
            self.directives()
            if self.kind in ("}", "EOF"):
                break
            if self.kind in DECLARATION_WORDS and self.peek() != ":" and self.column() == 0:
                self.expected('"}"', "after the fields of a record")
            depth = self.depth
            try:
                fields.append(self.field_decl())
            except ParseError:
                self.depth, self.in_attribute = depth, False
                self.skip_statement()
                if self.kind in DECLARATION_WORDS and self.column() == 0:
                    raise  # a declaration begins: the record was never closed
        self.expect("}", "after the fields of a record")
        self.conditions_here()
        return fields

    def field_decl(self) -> n.FieldDecl:
        """`name: type attributes;`"""
        start = self.starts[self.i]
        if "::" in self.texts[self.i]:
            self.expected("the name of a field")
        name = self.member_name("the name of a field")
        if self.kind != ":":
            self.expected('":"', f'between the field "{name}" and its type')
        self.advance()
        type_expr = self.type_expr()
        attrs = self.attributes()
        decl = n.FieldDecl(start, self.ends[self.i - 1], name, type_expr, attrs)
        if not self.accept(";") and not self.accept(",") and self.kind != "}":
            self.expected('";"', f'after the field "{name}"')
        return decl

    def enum_list(self) -> list[n.EnumItem]:
        """`{ NAME = value, ... }`"""
        self.expect("{", "before the values of an enum")
        items: list[n.EnumItem] = []
        while True:
            self.directives()
            if self.kind in ("}", "EOF"):
                break
            start = self.start
            name = self.name("the name of an enum value")
            value: int | None = None
            if self.accept("="):
                negative = self.accept("-")
                if self.kind != "COUNT":
                    self.expected("a number")
                value = count_value(self.text)
                if value >= 2**63:
                    self.fail("this number is too large for the value of an enum")
                if negative:
                    value = -value
                self.advance()
            attrs = self.attributes()
            items.append(n.EnumItem(start, self.last_end, name, value, attrs))
            self.directives()
            if not self.accept(","):
                break
        self.directives()
        if self.kind != "}":
            self.expected('"," or "}"', "after the values of an enum" if self.kind == "EOF" else "")
        self.advance()
        self.conditions_here()
        return items

    def func_type(self, flavor: str, start: int) -> n.FuncTypeExpr:
        """Parameters and result, behind the word that tells the flavor (and a name, if there is one)."""
        self.expect("(", "before the parameters")
        params: list[n.ParamDecl] = []
        variadic = False
        while self.kind not in (")", "EOF"):
            self.directives()
            if self.kind == ")":
                break
            if self.accept("..."):
                variadic = True
                break
            at = self.starts[self.i]
            name = self.member_name("the name of a parameter")
            if self.kind != ":":
                self.expected('":"', f'between the parameter "{name}" and its type')
            self.advance()
            type_expr = self.type_expr()
            attrs = self.attributes()
            params.append(n.ParamDecl(at, self.ends[self.i - 1], name, type_expr, attrs))
            if not self.accept(",") and not self.accept(";"):
                break
            self.directives()
        self.expect(")", "after the parameters")
        result = self.type_expr() if self.accept(":") else None
        return n.FuncTypeExpr(start, self.last_end, flavor, params, result, variadic)

    def attributes(self) -> list[n.Attr]:
        """The attributes that stand here."""
        attrs: list[n.Attr] = []
        while True:
            if self.kind == "ATTR":
                attrs.append(self.attribute())
            elif (
                self.kind == "&"
                and self.peek() == "ID"
                and self.tokens.ends[self.i] == self.tokens.starts[self.i + 1]
            ):
                start = self.start
                self.advance()
                name, end = self.text, self.tokens.ends[self.i]
                self.error(f'there is no attribute "&{name}"', start, end, suggest(name, ATTRIBUTES))
                self.advance()
                if self.accept("="):
                    self.conditional()
            else:
                return attrs

    def attribute(self) -> n.Attr:
        start, name = self.start, self.text
        self.advance()
        value: n.Expr | None = None
        if self.kind == "=" and name not in NO_VALUE:
            self.advance()
            outer, self.in_attribute = self.in_attribute, True
            value = self.conditional()
            self.in_attribute = outer
        return n.Attr(start, self.last_end, name, value)
