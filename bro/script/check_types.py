"""The checker's part for types and attributes."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import CheckerBase, TableAttrs
from bro.script.diagnostics import Source, suggest
from bro.script.parser_types import TABLE_ATTRIBUTES
from bro.script.scope import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Attributes of fields that are kept with the type, and whether they have a value.
_FIELD_ATTRIBUTES: Final = frozenset(
    ["log", "optional", "default", "deprecated", "type_column", "raw_output"]
)

#: Attributes that are understood but do nothing.
_DISTRIBUTED: Final = {
    "backend": "tables are not kept in a Broker store",
    "broker_store": "tables are not kept in a Broker store",
    "publish_on_change": "changes of tables are not published",
}

#: Attributes of earlier versions of the language, and what to do instead.
GONE: Final = {
    "encrypt": "files are not encrypted; leave it out",
    "error_handler": "errors raise the event reporter_error",
    "mergeable": "nothing is synchronized between processes; leave it out",
    "persistent": "nothing is kept between runs; write a file or a log",
    "rotate_interval": "logs rotate by Log::default_rotation_interval, files by rotate_file()",
    "rotate_size": "logs rotate by Log::default_rotation_interval, files by rotate_file()",
    "synchronized": "nothing is synchronized between processes; publish events instead",
}


class TypeChecker(CheckerBase):
    """Types and attributes."""

    def resolve(self, expr: n.TypeExpr) -> t.Type:
        """The type that an expression of the source stands for."""
        if isinstance(expr, n.SimpleTypeExpr):
            return t.SIMPLE[expr.tag]
        if isinstance(expr, n.NamedTypeExpr):
            return self.named_type(expr)
        if isinstance(expr, n.TableTypeExpr):
            index = [self.resolve(i) for i in expr.index]
            for type_, where in zip(index, expr.index, strict=True):
                if type_.tag in ("file", "opaque", "void"):
                    self.error(where, f"a table cannot be indexed by {type_.notation()}")
            return t.TableType(index, None if expr.yield_type is None else self.resolve(expr.yield_type))
        if isinstance(expr, n.VectorTypeExpr):
            return t.VectorType(self.resolve(expr.element))
        if isinstance(expr, n.OpaqueTypeExpr):
            return t.OpaqueType(expr.name)
        if isinstance(expr, n.FuncTypeExpr):
            return self.function_type(expr)
        if isinstance(expr, n.RecordTypeExpr):
            return self.anonymous_record(expr)
        assert isinstance(expr, n.EnumTypeExpr)
        self.error(expr, "an enum needs a name", 'declare it with "type NAME: enum { ... };"')
        return t.ERROR

    def named_type(self, expr: n.NamedTypeExpr) -> t.Type:
        symbol = self.find(expr.name) or self.renamed(expr, expr.name)
        if symbol is None:
            if expr.name not in self.diagnostics.lost:
                self.error(expr, f'there is no type "{expr.name}"', self.type_hint(expr.name))
            return t.ERROR
        # The name of a hook also stands for its type, so that a function can take such hooks.
        if symbol.kind not in ("type", "hook"):
            self.error(expr, f'"{expr.name}" is {_KINDS[symbol.kind]}, not a type')
            return t.ERROR
        self.check_visible(expr, expr.name, symbol)
        return self.symbol_type(symbol)

    def type_hint(self, name: str) -> str:
        simple = suggest(name, [*t.SIMPLE, "set", "table", "vector", "record"])
        return self.names_like(name, frozenset(["type"])) or simple

    def check_visible(self, node: n.Node, written: str, symbol: Symbol) -> None:
        """Complain about a name of another module that the module keeps for itself, or that is deprecated."""
        symbol.used = True
        if not symbol.exported and "::" in written and symbol.module != self.module:
            self.error(
                node,
                f'"{written}" belongs to the module {symbol.module}, which does not export it',
                "move its declaration into an export section of that module",
            )
        if symbol.deprecated is not None:
            why = f": {symbol.deprecated}" if symbol.deprecated else ""
            self.deprecation(node, f'"{written}" is deprecated{why}')

    def anonymous_record(self, expr: n.RecordTypeExpr) -> t.Type:
        fields = [self.field(f) for f in expr.fields]
        inner = " ".join(f"{f.name}: {f.type.notation()};" for f in fields)
        name = f"record {{ {inner} }}"
        known = self.unit.records.get(name)
        if known is not None:
            return known
        record = t.RecordType(name, fields)
        self.unit.records[name] = record
        self.pending_fields.extend(zip([record] * len(fields), fields, expr.fields, strict=True))
        return record

    # ---- records -------------------------------------------------------------------------------------------

    #: Fields whose attributes have values that are checked when all types are known.
    pending_fields: list[tuple[t.RecordType, t.Field, n.FieldDecl]]

    def field(self, decl: n.FieldDecl) -> t.Field:
        """A field with its type; the values of its attributes are checked later, by `field_values`."""
        type_ = self.resolve(decl.type_expr)
        attrs: dict[str, object] = {}
        for attr in decl.attrs:
            if attr.name == "deprecated":
                attrs["deprecated"] = self.text_of(attr)
            elif attr.name == "type_column" and isinstance(attr.value, n.Literal):
                attrs["type_column"] = attr.value.value
            elif attr.name in _FIELD_ATTRIBUTES:
                attrs[attr.name] = True
            elif attr.name in GONE:
                self.deprecation(attr, f"&{attr.name} has no effect: {GONE[attr.name]}")
            elif attr.name not in TABLE_ATTRIBUTES:
                self.error(attr, f'"&{attr.name}" has no meaning for a field')
        self.check_field_name(decl, decl.name)
        field = t.Field(decl.name, type_, attrs)
        line, column = self.source.position(decl.start)
        end_line, end_column = self.source.position(decl.end)
        field.where = (self.source.path, (line, column, end_line, end_column))
        return field

    def add_fields(self, record: t.RecordType, decls: list[n.FieldDecl], extending: bool) -> None:
        """Give a record its fields, or further ones."""
        known = {f.name for f in record.fields}
        fields = []
        for decl in decls:
            if decl.name in known:
                self.error(decl, f'{record.name} has a field "{decl.name}" already')
                continue
            known.add(decl.name)
            field = self.field(decl)
            if extending and not field.optional and not field.has_default and not t.is_aggregate(field.type):
                self.error(
                    decl,
                    f'the field "{decl.name}" that is added to {record.name} '
                    "must be &optional or have a &default",
                )
                field.attrs["optional"] = True
            fields.append(field)
            self.pending_fields.append((record, field, decl))
        record.extend(fields)
        self.unit.records[record.name] = record

    def field_values(self, record: t.RecordType, field: t.Field, decl: n.FieldDecl) -> None:
        """Check the default and the table attributes of a field."""
        rest = []
        for attr in decl.attrs:
            if attr.name == "default" and attr.value is not None:
                if isinstance(field.type, t.TableType) and not self.is_table_value(attr.value):
                    rest.append(attr)  # the default is that of the table's elements
                    field.attrs = {k: v for k, v in field.attrs.items() if k != "default"}
                else:
                    field.default = self.value(attr.value, field.type, f'the default of "{field.name}"')
            elif attr.name == "default":
                self.error(attr, "&default needs a value")
            elif attr.name in TABLE_ATTRIBUTES:
                rest.append(attr)
        if rest or isinstance(decl.type_expr, n.NamedTypeExpr):
            field.spec = self.table_attrs(field.type, rest, f'the field "{field.name}"', decl.type_expr)
        if isinstance(field.default, n.Constructor) and field.spec is not None:
            field.default.spec = field.spec

    def is_table_value(self, node: n.Expr) -> bool:
        """Whether an expression gives a table or set rather than an element of one."""
        if isinstance(node, n.Constructor):
            return node.kind != "vector"
        if isinstance(node, (n.Literal, n.PatternLiteral, n.Lambda)):
            return False
        if isinstance(node, n.RecordConstructor):
            return not node.fields
        errors = len(self.diagnostics.items), self.diagnostics.error_count
        checked = self.expr(node)
        del self.diagnostics.items[errors[0] :]
        self.diagnostics.error_count = errors[1]
        return isinstance(checked.type, t.TableType)

    def text_of(self, attr: n.Attr) -> str:
        """The text of an attribute such as `&deprecated="why"`."""
        if attr.value is None:
            return ""
        if isinstance(attr.value, n.Literal) and attr.value.tag == "string":
            return str(attr.value.value.decode("utf-8", "replace"))
        self.error(attr.value, f"&{attr.name} takes a string")
        return ""

    # ---- functions -----------------------------------------------------------------------------------------

    def function_type(self, expr: n.FuncTypeExpr, result: t.Type | None = None) -> t.FuncType:
        """The type of a function; defaults of its parameters are checked here."""
        params = []
        seen: set[str] = set()
        for decl in expr.params:
            if decl.name in seen:
                self.error(decl, f'there are two parameters "{decl.name}"')
            seen.add(decl.name)
            param = t.Param(decl.name, self.resolve(decl.type_expr))
            for attr in decl.attrs:
                if attr.name == "default" and attr.value is not None:
                    param.optional = True
                    param.default = (self.source, self.module, attr.value)
                    self.pending_params.append((param, attr.value, self.source, self.module))
            params.append(param)
        if result is None:
            result = t.VOID if expr.result is None else self.resolve(expr.result)
        if expr.flavor == "hook":
            result = t.BOOL
        elif expr.flavor == "event":
            if expr.result is not None:
                self.error(expr.result, "an event gives no result")
            result = t.VOID
        return t.FuncType(expr.flavor, params, result, expr.variadic)

    #: Parameters whose default is checked when all names are known.
    pending_params: list[tuple[t.Param, n.Expr, Source, str]]

    # ---- attributes of tables ------------------------------------------------------------------------------

    def table_attrs(
        self, type_: t.Type, attrs: list[n.Attr], of: str, named: n.TypeExpr | None = None
    ) -> TableAttrs | None:
        """The attributes of a table; None if there are none that matter.

        Where its type is given by name, what the declaration of that type says of the table holds as well.
        """
        inherited = None
        if isinstance(named, n.NamedTypeExpr) and isinstance(type_, t.TableType):
            alias = self.find(named.name)
            inherited = None if alias is None else self.attrs_of_type(alias)
        found = [a for a in attrs if a.name in TABLE_ATTRIBUTES]
        if not found:
            return inherited
        if not isinstance(type_, t.TableType):
            if type_.tag != "error":
                for attr in found:
                    self.error(
                        attr, f'"&{attr.name}" is for tables and sets, and {of} is a {type_.notation()}'
                    )
            return None
        spec = TableAttrs(type_)
        for attr in found:
            self.table_attr(spec, type_, attr)
        if inherited is not None:
            spec.fill(inherited)
        return None if spec.empty else spec

    def attrs_of_type(self, symbol: Symbol) -> TableAttrs | None:
        """What the declaration of a named table type says of each table of that type."""
        decl = symbol.decl
        if symbol.kind == "type" and symbol.spec is None and isinstance(decl, n.TypeDecl):
            type_, own = self.symbol_type(symbol), decl
            symbol.spec = self.in_context(
                decl.source,
                decl.module,
                lambda: self.table_attrs(type_, own.attrs, f'"{symbol.name}"', own.type_expr),
            )
        return symbol.spec if symbol.kind == "type" else None

    def table_attr(self, spec: TableAttrs, type_: t.TableType, attr: n.Attr) -> None:
        name = attr.name
        if name in _DISTRIBUTED:
            self.warning(attr, f"&{name} is not supported and has no effect: {_DISTRIBUTED[name]}")
            return
        if name in ("ordered", "broker_allow_complex_type"):
            return  # tables are always in order of insertion
        if attr.value is None:
            self.error(attr, f"&{name} needs a value")
        elif name in ("default", "default_insert"):
            if type_.yield_type is None:
                self.error(attr, f"a set has no values, so &{name} has no meaning for it")
                return
            if spec.default is not None and spec.insert != (name == "default_insert"):
                self.error(attr, "&default and &default_insert exclude each other")
                return
            spec.insert = name == "default_insert"
            self.table_default(spec, type_, attr.value)
        elif name in ("create_expire", "read_expire", "write_expire"):
            if spec.expire_kind:
                self.error(
                    attr,
                    f"a table has one kind of expiry, and this one has &{spec.expire_kind}_expire already",
                )
                return
            spec.expire_kind = name.removesuffix("_expire")
            spec.expire = self.value(attr.value, t.INTERVAL, f"&{name}")
        elif name == "expire_func":
            params = [t.Param("t", type_), *(t.Param(f"i{i}", p) for i, p in enumerate(type_.index_types))]
            node = self.callback(attr, t.FuncType("function", params, t.INTERVAL), type_)
            spec.expire_func = node
            got = None if node is None else node.type
            if isinstance(got, t.FuncType) and len(got.params) == 2:
                spec.expire_any = got.params[1].type is t.ANY
        elif name == "on_change":
            change = self.find("TableChange")
            kind = self.symbol_type(change) if change is not None else t.ANY
            params = [t.Param("t", type_), t.Param("change", kind)]
            params += [t.Param(f"i{i}", p) for i, p in enumerate(type_.index_types)]
            if type_.yield_type is not None:
                params.append(t.Param("value", type_.yield_type))
            spec.on_change = self.callback(attr, t.FuncType("function", params, t.VOID), type_)

    def callback(self, attr: n.Attr, want: t.FuncType, table: t.TableType) -> n.Expr | None:
        """A function of an attribute that gets the table and the index of an element."""
        assert attr.value is not None
        node = self.expr(attr.value, want)
        got = node.type
        if got.tag == "error":
            return node
        if not isinstance(got, t.FuncType) or got.flavor != "function":
            self.error(attr.value, f"&{attr.name} takes a function, found {got.notation()}")
            return None
        if len(got.params) == len(want.params):
            same = all(
                a.type.tag in ("any", "error") or self.compatible(b.type, a.type)
                for a, b in zip(got.params, want.params, strict=True)
            )
            if same:
                return node
        elif attr.name == "expire_func" and len(got.params) == 2 and got.params[1].type.tag == "any":
            return node  # it gets the parts of the index as a list
        self.error(attr.value, f"&{attr.name} takes {want.notation()}, found {got.notation()}")
        return None

    def compatible(self, have: t.Type, want: t.Type) -> bool:
        """Whether a value of one type can stand where the other is wanted without conversion."""
        return have == want or (
            isinstance(have, t.TableType)
            and isinstance(want, t.TableType)
            and have.is_set == want.is_set
            and (have.unspecified or want.unspecified)
        )

    def makes_defaults(self, have: t.FuncType, want: t.FuncType) -> bool:
        """Whether a function can be the &default of a table: it takes the index and gives a value."""
        if have.flavor != "function" or len(have.params) != len(want.params):
            return False
        pairs = [(b.type, a.type) for a, b in zip(have.params, want.params, strict=True)]
        return all(
            there.tag in ("any", "error")
            or (here is t.COUNT and there is t.INT)
            or self.compatible(here, there)
            for here, there in [*pairs, (have.result, want.result)]
        )

    def table_default(self, spec: TableAttrs, type_: t.TableType, value: n.Expr) -> None:
        assert type_.yield_type is not None
        wanted: t.Type = type_.yield_type
        if wanted.tag != "func":
            params = [t.Param(f"i{i}", p) for i, p in enumerate(type_.index_types)]
            if isinstance(value, (n.Lambda, n.Name)):
                node = self.expr(value, None)
                if isinstance(node.type, t.FuncType):
                    want = t.FuncType("function", params, wanted)
                    if not self.makes_defaults(node.type, want):
                        self.error(value, f"&default takes {want.notation()}, found {node.type.notation()}")
                        return
                    spec.default, spec.default_kind = node, "function"
                    return
                spec.default = self.coerce(node, wanted, "&default")
            else:
                spec.default = self.value(value, wanted, "&default")
        else:
            spec.default = self.value(value, wanted, "&default")
        spec.default_kind = "fresh" if t.is_aggregate(wanted) or not _immutable(spec.default) else "constant"


def _immutable(node: n.Expr) -> bool:
    """Whether an expression has the same value whenever it is evaluated."""
    if isinstance(node, n.Coerce):
        return node.mode in ("float", "same") and _immutable(node.value)
    return isinstance(node, (n.Literal, n.PatternLiteral)) or (
        isinstance(node, n.Name) and getattr(node.symbol, "kind", "") == "enum"
    )


_KINDS: Final = {
    "variable": "a variable",
    "enum": "a value of an enum",
    "function": "a function",
    "builtin": "a function",
    "event": "an event",
    "hook": "a hook",
    "type": "a type",
}
