"""The checker's part for declarations, and the whole checker."""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.check_calls import CallChecker
from bro.script.check_handlers import FUNCTION_ATTRIBUTES, HandlerChecker, same_names
from bro.script.check_statements import StatementChecker
from bro.script.check_types import GONE
from bro.script.diagnostics import Source
from bro.script.parser_types import TABLE_ATTRIBUTES
from bro.script.scope import EVENT_ALIASES, FunctionScope, Symbol
from bro.script.search import package_scripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Path of the source of a redefinition on the command line.
REDEFINITION: Final = "<command line redefinition>"

_VARIABLE_ATTRIBUTES: Final = TABLE_ATTRIBUTES | {
    "redef", "deprecated", "add_func", "delete_func", "is_used", "is_assigned", "raw_output", "error_handler",
    "optional", "log", "priority", "group", "encrypt", "mergeable", "persistent", "rotate_interval",
    "rotate_size", "synchronized",
}  # fmt: skip

_TYPE_ATTRIBUTES: Final = TABLE_ATTRIBUTES | {"deprecated", "log", "redef"}


class Checker(HandlerChecker, StatementChecker, CallChecker):
    """The checker of a unit."""

    def check(self, decls: list[n.Decl]) -> None:
        """Check all declarations of the unit, in their order."""
        self.pending_fields = []
        self.pending_params = []
        #: where fields were declared: file and module, by the identity of their declarations
        self.field_contexts: dict[int, tuple[Source, str]] = {}
        #: additions to enums that were met before the enum's type was known
        self.late_enums: list[tuple[n.RedefEnum, Symbol]] = []
        #: variables of the statements outside of functions, by file
        self.statement_scopes: dict[Source, FunctionScope] = {}
        early: list[n.RedefEnum] = []
        for decl in decls:
            self.source, self.module = decl.source, decl.module
            if not isinstance(decl, n.RedefEnum) or self.find(decl.name.name) is not None:
                self.collect(decl)
            else:
                early.append(decl)
        for decl in early:  # before the declaration of what it adds to
            self.source, self.module = decl.source, decl.module
            self.collect(decl)
        self.collect_tags()
        # A record's own fields come first, wherever others are added to it.
        for decl in [d for d in decls if isinstance(d, n.TypeDecl)]:
            self.source, self.module = decl.source, decl.module
            self.declare_types(decl)
        for decl in [d for d in decls if not isinstance(d, n.TypeDecl)]:
            self.source, self.module = decl.source, decl.module
            self.declare_types(decl)
        for decl in decls:
            self.source, self.module = decl.source, decl.module
            self.declare_handlers(decl)
        for decl in decls:
            if isinstance(decl, n.GlobalDecl) and decl.symbol is not None:
                self.symbol_type(decl.symbol)
        self.settle()
        for decl in decls:
            self.source, self.module, self.function = decl.source, decl.module, None
            try:
                self.check_decl(decl)
            except RecursionError:
                self.too_deep(decl)
        self.settle()
        for symbol in list(self.scope.symbols.values()):
            if symbol.kind != "builtin":
                self.symbol_type(symbol)
        for name in self.unit.mentioned:
            known = self.scope.symbols.get(name)
            if known is not None:
                known.used = True
        if not self.damaged:
            self.check_unused(decls)

    def too_deep(self, decl: n.Decl) -> None:
        """Report a declaration whose tree has more levels than the compiler can go down."""
        self.source = decl.source
        self.error(
            n.Node(decl.start, decl.start + 1),
            "this is nested too deeply",
            "take parts of it into variables or functions of their own",
        )

    def settle(self) -> None:
        """Check what had to wait until all names were known: attributes of fields and parameters."""
        while self.pending_fields or self.pending_params:
            fields, self.pending_fields = self.pending_fields, []
            for record, field, decl in fields:
                source, module = self.field_contexts.get(id(decl), (self.source, self.module))

                def check_field(r: t.RecordType = record, f: t.Field = field, d: n.FieldDecl = decl) -> None:
                    self.field_values(r, f, d)

                self.in_context(source, module, check_field)
            params, self.pending_params = self.pending_params, []
            for param, value, source, module in params:

                def check(param: t.Param = param, value: n.Expr = value) -> None:
                    param.default = self.value(value, param.type, f'the default of "{param.name}"')

                self.in_context(source, module, check)

    # ---- names ---------------------------------------------------------------------------------------------

    def remember_fields(self, decls: list[n.FieldDecl]) -> None:
        for decl in decls:
            self.field_contexts[id(decl)] = (self.source, self.module)

    def collect(self, decl: n.Decl) -> None:
        """Make symbols of the names that a declaration introduces."""
        if isinstance(decl, n.GlobalDecl):
            self.collect_global(decl)
        elif isinstance(decl, n.TypeDecl):
            self.collect_type(decl)
        elif isinstance(decl, n.FuncDecl):
            if decl.signature.flavor == "function":
                self.collect_function(decl)
        elif isinstance(decl, n.RedefEnum):
            # Values are names like any other, so they have to be known before anything is checked.
            symbol = self.find(decl.name.name)
            if symbol is not None and isinstance(symbol.type, t.EnumType):
                self.add_enum_values(symbol.type, decl.items, decl.exported)
            elif symbol is not None and symbol.kind == "type" and isinstance(symbol.decl, n.TypeDecl):
                self.late_enums.append((decl, symbol))
            else:
                what = "there is no enum" if symbol is None else "this is not an enum:"
                hint = self.names_like(decl.name.name, frozenset(["type"]))
                self.error(decl.name, f'{what} "{decl.name.name}"', hint)

    def new_symbol(self, name: str, kind: str, decl: n.Decl, start: int, exported: bool) -> Symbol:
        symbol = Symbol(name, kind, decl.source, start)
        symbol.exported = exported or decl.source.engine or "::" not in name
        symbol.decl = decl
        self.scope.add(symbol)
        return symbol

    def clash(self, node: n.Node, start: int, name: str, symbol: Symbol) -> None:
        hint = ""
        if symbol.source is not None:
            hint = f"it was declared in {symbol.source.path}, line {symbol.source.position(symbol.start)[0]}"
        elif symbol.kind == "builtin":
            hint = "it is a built-in function"
        self.diagnostics.error(
            f'"{name}" is declared already', self.source, start, start + len(name.rpartition("::")[2]), hint
        )

    def collect_global(self, decl: n.GlobalDecl) -> None:
        name = EVENT_ALIASES.get(decl.name, decl.name)
        symbol = self.scope.get(name) or self.builtin(name)
        flavor = decl.type_expr.flavor if isinstance(decl.type_expr, n.FuncTypeExpr) else ""
        if symbol is not None:
            if flavor in ("event", "hook") and symbol.kind == flavor:
                decl.symbol = symbol  # an alternate prototype
                for attr in decl.attrs:
                    if attr.name == "deprecated":
                        symbol.attrs.setdefault("deprecated_types", {})[id(decl)] = self.text_of(attr)
                symbol.exported = symbol.exported or decl.exported
                return
            if flavor == "function" and symbol.kind == "function" and decl.init is None:
                decl.symbol = symbol
                symbol.exported = symbol.exported or decl.exported
                if symbol.decl is None or isinstance(symbol.decl, n.FuncDecl):
                    symbol.decl = decl
                return
            if symbol.kind == "builtin" and flavor == "function" and decl.init is None:
                return  # a declaration of what is built in
            self.clash(decl, decl.name_start, decl.name, symbol)
            return
        kind = flavor if flavor and decl.kind == "global" and decl.init is None else "variable"
        decl.symbol = symbol = self.new_symbol(name, kind, decl, decl.name_start, decl.exported)
        symbol.constant = decl.kind != "global"
        symbol.option = decl.kind == "option"
        symbol.redef = symbol.option
        symbol.defined = decl.init is not None
        for attr in decl.attrs:
            symbol.attrs[attr.name] = attr
            if attr.name in GONE:
                self.deprecation(attr, f"&{attr.name} has no effect: {GONE[attr.name]}")
            if attr.name == "redef":
                symbol.redef = True
            elif attr.name == "deprecated":
                symbol.deprecated = self.text_of(attr)
            elif attr.name not in _VARIABLE_ATTRIBUTES:
                self.error(attr, f'"&{attr.name}" has no meaning for a variable')

    def collect_type(self, decl: n.TypeDecl) -> None:
        known = self.scope.get(decl.name)
        if known is not None:
            self.clash(decl, decl.name_start, decl.name, known)
            return
        symbol = self.new_symbol(decl.name, "type", decl, decl.name_start, decl.exported)
        for attr in decl.attrs:
            if attr.name == "deprecated":
                symbol.deprecated = self.text_of(attr)
            elif attr.name in GONE:
                self.deprecation(attr, f"&{attr.name} has no effect: {GONE[attr.name]}")
            elif attr.name not in _TYPE_ATTRIBUTES:
                self.error(attr, f'"&{attr.name}" has no meaning for a type')
        if isinstance(decl.type_expr, n.EnumTypeExpr):
            enum = t.EnumType(decl.name)
            symbol.type, symbol.state = enum, 2
            self.add_enum_values(enum, decl.type_expr.items, decl.exported)
        elif isinstance(decl.type_expr, n.RecordTypeExpr):
            record = t.RecordType(decl.name, [])
            symbol.type, symbol.state = record, 2
            self.unit.records[decl.name] = record

    def add_enum_values(self, enum: t.EnumType, items: list[n.EnumItem], exported: bool) -> None:
        following = max(enum.values.values(), default=-1) + 1
        here: set[str] = set()
        taken = set(enum.values.values())
        for item in items:
            full = item.name
            if "::" not in full and self.module != "GLOBAL":
                full = f"{self.module}::{full}"
            if full in here:
                self.error(item, f'the value "{item.name}" is there twice')
                continue
            here.add(full)
            if full in enum.values:
                # The same value may be added again where its number is the same.
                if item.value is not None and item.value != enum.values[full]:
                    self.error(item, f'"{full}" is {enum.values[full]} already')
                continue
            known = self.scope.get(full)
            if known is not None:
                self.clash(item, item.start, item.name, known)
                continue
            number = following if item.value is None else item.value
            if number < 0:
                self.error(item, "the values of an enum are not negative")
            elif number in taken:
                other = next(name for name, value in enum.values.items() if value == number)
                self.error(item, f'"{item.name}" is {number}, as "{other}" is')
            taken.add(number)
            following = max(following, number + 1)
            enum.values[full] = number
            symbol = Symbol(full, "enum", self.source, item.start)
            symbol.exported = exported or self.source.engine or "::" not in full
            symbol.type, symbol.state = enum, 2
            symbol.enum = (enum.name, number)
            for attr in item.attrs:
                if attr.name == "deprecated":
                    symbol.deprecated = self.text_of(attr)
            self.scope.add(symbol)
            self.unit.enums.append((enum.name, full, number))

    def collect_tags(self) -> None:
        """Give the tags of analyzers of each kind the names they have among those of all kinds.

        Such a name stands for the same value as the tag's own, so that the two compare as equal.
        """
        everything = self.scope.get(t.ALL_TAGS)
        if everything is None or not isinstance(everything.type, t.EnumType):
            return
        all_tags = everything.type
        for type_name, name, _ in list(self.unit.enums):
            full = t.tag_among_all(name) if type_name in t.TAGS else name
            if full == name or full in all_tags.values:
                continue
            symbol = Symbol(full, "enum", self.source, 0)
            symbol.type, symbol.state = all_tags, 2
            original = self.scope.get(name)
            if original is not None:
                symbol.source, symbol.start = original.source, original.start
                symbol.deprecated = original.deprecated
            all_tags.values[full] = max(all_tags.values.values(), default=-1) + 1
            symbol.enum = (t.ALL_TAGS, all_tags.values[full])
            self.scope.add(symbol)
            self.unit.enums.append((t.ALL_TAGS, full, symbol.enum[1]))

    def collect_function(self, decl: n.FuncDecl) -> None:
        name = decl.name
        if "::" in name:
            full = name[8:] if name.startswith("GLOBAL::") else name.removeprefix("::")
        else:
            full = name if self.module == "GLOBAL" else f"{self.module}::{name}"
            outer = self.scope.get(name)
            if (
                self.scope.get(full) is None
                and outer is not None
                and outer.kind == "function"
                and not outer.defined
            ):
                full = name
        symbol = self.scope.get(full) or self.builtin(full)
        if symbol is None:
            symbol = self.new_symbol(full, "function", decl, decl.name_start, decl.exported)
        elif symbol.kind == "variable" and not symbol.defined and _function_alias(symbol.decl):
            symbol.kind = "function"
        elif symbol.kind != "function" or symbol.defined:
            self.clash(decl, decl.name_start, name, symbol)
            return
        symbol.defined = True
        symbol.exported = symbol.exported or decl.exported
        for attr in decl.attrs:
            if attr.name == "deprecated":
                symbol.deprecated = self.text_of(attr)
        decl.symbol = symbol

    # ---- types ---------------------------------------------------------------------------------------------

    def declare_types(self, decl: n.Decl) -> None:
        """Give records their fields and events their prototypes."""
        if isinstance(decl, n.TypeDecl):
            symbol = self.scope.get(decl.name)
            if symbol is None or symbol.decl is not decl:
                return
            if isinstance(decl.type_expr, n.RecordTypeExpr):
                assert isinstance(symbol.type, t.RecordType)
                self.remember_fields(decl.type_expr.fields)
                self.add_fields(symbol.type, decl.type_expr.fields, extending=False)
                if any(attr.name == "log" for attr in decl.attrs):
                    for field in symbol.type.fields:
                        field.attrs["log"] = True
            else:
                self.symbol_type(symbol)
        elif isinstance(decl, n.RedefRecord):
            record = self.record_named(decl.name)
            if record is not None:
                self.remember_fields(decl.fields)
                before = len(record.fields)
                self.add_fields(record, decl.fields, extending=True)
                if any(attr.name == "log" for attr in decl.attrs):
                    for field in record.fields[before:]:
                        field.attrs["log"] = True
        elif isinstance(decl, n.RedefField):
            self.redef_field(decl)
        elif (
            isinstance(decl, n.GlobalDecl)
            and decl.symbol is not None
            and decl.symbol.kind in ("event", "hook")
        ):
            assert isinstance(decl.type_expr, n.FuncTypeExpr)
            prototype = self.function_type(decl.type_expr)
            if decl.symbol.prototypes:
                self.check_prototype(decl, decl.symbol, prototype)
            if not any(same_names(prototype, known) for known in decl.symbol.prototypes):
                decl.symbol.prototypes.append(prototype)
            texts = decl.symbol.attrs.get("deprecated_types", {})
            if id(decl) in texts:
                texts[prototype] = texts.pop(id(decl))
            if decl.symbol.state == 0:
                decl.symbol.type, decl.symbol.state = prototype, 2
        elif isinstance(decl, n.GlobalDecl) and decl.symbol is not None:
            self.declare_by_alias(decl, decl.symbol)
        elif isinstance(decl, n.RedefEnum):
            for late, symbol in [e for e in self.late_enums if e[0] is decl]:
                enum = self.symbol_type(symbol)
                if isinstance(enum, t.EnumType):
                    self.add_enum_values(enum, late.items, late.exported)
                else:
                    self.error(late.name, f'"{late.name.name}" is not an enum')

    def declare_by_alias(self, decl: n.GlobalDecl, symbol: Symbol) -> None:
        """`global x: Alias;` where the alias is the type of an event or hook declares one."""
        if symbol.kind != "variable" or decl.init is not None or decl.kind != "global":
            return
        if isinstance(decl.type_expr, n.NamedTypeExpr):
            type_ = self.symbol_type(symbol)
            if isinstance(type_, t.FuncType) and type_.flavor in ("event", "hook"):
                symbol.kind = type_.flavor
                symbol.prototypes = [type_]

    def record_named(self, name: n.Name) -> t.RecordType | None:
        symbol = self.find(name.name)
        if symbol is None:
            hint = self.names_like(name.name, frozenset(["type"]))
            self.error(name, f'there is no record "{name.name}"', hint)
            return None
        type_ = self.symbol_type(symbol)
        if symbol.kind != "type" or not isinstance(type_, t.RecordType):
            self.error(name, f'"{name.name}" is not a record type')
            return None
        return type_

    def redef_field(self, decl: n.RedefField) -> None:
        record = self.record_named(decl.name)
        if record is None:
            return
        field = record.field(decl.field_name)
        if field is None:
            self.error(
                decl,
                f'{record.name} has no field "{decl.field_name}"',
                self.field_hint(record, decl.field_name),
            )
            return
        for attr in decl.attrs:
            if attr.name != "log":
                self.error(attr, f'only "&log" can be added to or removed from a field, not "&{attr.name}"')
            elif decl.op == "+=":
                field.attrs["log"] = True
            else:
                field.attrs.pop("log", None)
        self.unit.records[record.name] = record

    def symbol_type(self, symbol: Symbol) -> t.Type:
        """The type of a symbol, found now if it was not before."""
        if symbol.state == 2:
            return symbol.type
        if symbol.state == 1:
            if symbol.source is not None:
                self.diagnostics.error(
                    f'the type of "{symbol.name}" depends on itself',
                    symbol.source,
                    symbol.start,
                    symbol.start + len(symbol.name.rpartition("::")[2]),
                    "give it a type in its declaration",
                )
            return t.ERROR
        symbol.state = 1
        decl = symbol.decl
        if symbol.kind == "builtin":
            symbol.type = self.builtin_type(symbol)
        elif isinstance(decl, n.TypeDecl):
            symbol.type = self.in_context(decl.source, decl.module, lambda: self.resolve(decl.type_expr))
        elif isinstance(decl, n.GlobalDecl):
            symbol.type = self.in_context(decl.source, decl.module, lambda: self.global_type(decl, symbol))
        elif isinstance(decl, n.FuncDecl):
            symbol.type = self.in_context(
                decl.source, decl.module, lambda: self.function_type(decl.signature)
            )
        symbol.state = 2
        return symbol.type

    def global_type(self, decl: n.GlobalDecl, symbol: Symbol) -> t.Type:
        if decl.type_expr is not None:
            return self.resolve(decl.type_expr)
        if decl.init is None:
            self.error(decl, f'"{decl.name}" needs a type or a value', "its type follows from its value")
            return t.ERROR
        decl.init = self.expr(self.list_as_set(decl.init))
        return self.inferred(decl.init, symbol.name)

    def list_as_set(self, node: n.Expr, want: t.Type | None = None) -> n.Expr:
        """`[1, 2]` as the value of a variable that is a set, or has no type: a set, as in older scripts."""
        if not isinstance(node, n.ListExpr) or not node.items:
            return node
        if want is not None and not (isinstance(want, t.TableType) and want.is_set):
            return node
        self.deprecation(node, "a list in brackets makes a set here: write set(...)")
        return n.Constructor(node.start, node.end, "set", node.items, [])

    def inferred(self, node: n.Expr, name: str) -> t.Type:
        """The type that a variable gets from its value."""
        type_ = node.type
        if type_.tag == "void":
            self.error(node, f'"{name}" gets its type from its value, and this gives none')
            return t.ERROR
        if (isinstance(type_, t.TableType) and type_.unspecified) or type_ == t.ANY_VECTOR:
            self.error(
                node, f'what "{name}" holds cannot be told from its value', "write its type behind a colon"
            )
            return t.ERROR
        if isinstance(type_, t.ListType):
            self.error(node, f'a list is no value for "{name}"', "write vector(...) or set(...)")
            return t.ERROR
        return type_

    # ---- checking ------------------------------------------------------------------------------------------

    def check_decl(self, decl: n.Decl) -> None:
        if isinstance(decl, n.GlobalDecl):
            self.check_global(decl)
        elif isinstance(decl, n.RedefDecl):
            self.check_redef(decl)
        elif isinstance(decl, n.FuncDecl):
            if decl.signature.flavor == "function":
                self.check_function(decl)
            else:
                self.handler(decl)
        elif isinstance(decl, n.StmtDecl):
            self.check_statement(decl)
        elif isinstance(decl, n.TypeDecl):
            declared = self.scope.get(decl.name)
            if declared is not None and declared.decl is decl:
                self.attrs_of_type(declared)

    def check_global(self, decl: n.GlobalDecl) -> None:
        symbol = decl.symbol
        if symbol is None or symbol.kind in ("event", "hook"):
            return
        if symbol.decl is not decl:
            self.check_again(decl, symbol)
            return
        type_ = symbol.type
        symbol.spec = self.table_attrs(type_, decl.attrs, f'"{symbol.name}"', decl.type_expr)
        if decl.init is not None:
            decl.init = self.raw_if(
                "raw_output" in symbol.attrs, self.assigned(decl.init, type_, f'"{symbol.name}"')
            )
            if isinstance(decl.init, n.Constructor) and decl.init.spec is None:
                decl.init.spec = symbol.spec
            if symbol.constant and not symbol.redef and isinstance(decl.init, n.Literal):
                symbol.inline = decl.init
        elif symbol.constant and not symbol.redef and type_.tag != "error":
            self.error(decl, f'the constant "{symbol.name}" has no value')
        elif symbol.option and type_.tag != "error":
            self.error(decl, f'the option "{symbol.name}" has no value')
        for name in ("add_func", "delete_func"):
            attr = symbol.attrs.get(name)
            if attr is not None and attr.value is not None:
                want = t.FuncType("function", [t.Param("old", type_), t.Param("new", type_)], type_)
                attr.value = self.value(attr.value, want, f"&{name}")
        if symbol.kind == "variable":
            self.unit.inits.append(decl)

    def check_again(self, decl: n.GlobalDecl, symbol: Symbol) -> None:
        """A function that is declared a second time has the same type."""
        if symbol.kind != "function" or decl.type_expr is None:
            return
        known, again = self.symbol_type(symbol), self.resolve(decl.type_expr)
        if isinstance(known, t.FuncType) and known != again:
            self.error(
                decl.type_expr,
                f'"{symbol.name}" is declared again as {again.notation()}',
                self.declared_at(symbol, known),
            )

    def check_redef(self, decl: n.RedefDecl) -> None:
        symbol = self.find(decl.name.name)
        if symbol is None:
            self.error(
                decl.name,
                f'there is no variable "{decl.name.name}" to redefine',
                self.names_like(decl.name.name),
            )
            return
        redefinable_function = symbol.kind == "function" and symbol.redef
        if symbol.kind != "variable" and not redefinable_function:
            hint = ""
            if symbol.kind in ("hook", "event"):
                handler = f"{symbol.kind} {symbol.name}(...) {{ ... }}"
                hint = f"it is {_A[symbol.kind]}: write a handler, {handler}"
            self.error(decl.name, f'"{decl.name.name}" is not a variable', hint)
            return
        self.check_visible(decl.name, decl.name.name, symbol)
        decl.symbol = symbol
        if not symbol.redef:
            self.error(
                decl.name,
                f'"{decl.name.name}" cannot be redefined',
                'its declaration has no "&redef"',
            )
            return
        type_ = self.symbol_type(symbol)
        decl.name.symbol = symbol
        decl.name.type = type_
        if any(a.name in TABLE_ATTRIBUTES for a in decl.attrs):
            symbol.spec = self.table_attrs(type_, decl.attrs, f'"{symbol.name}"') or symbol.spec
        if decl.value is not None:
            if (
                self.source.path == REDEFINITION
                and type_ is t.STRING
                and not isinstance(decl.value, n.Literal)
            ):
                # On the command line a string needs no quotes.
                text = self.source.text[decl.value.start : decl.end].rstrip("; \n")
                decl.value = n.Literal(decl.value.start, decl.end, "string", text.encode("latin-1"))
            decl.value = self.list_as_set(decl.value, type_)
            if decl.op == "=":
                decl.value = self.value(decl.value, type_, f'"{symbol.name}"')
                if isinstance(decl.value, n.Constructor) and decl.value.spec is None:
                    decl.value.spec = symbol.spec
            else:
                assign = n.Assign(decl.start, decl.end, decl.op, decl.name, decl.value)
                checked = self.compound(assign, decl.name, type_, redef=True)
                decl.value = checked
        symbol.defined = True
        self.unit.inits.append(decl)

    def check_function(self, decl: n.FuncDecl) -> None:
        symbol = decl.symbol
        if symbol is None:
            return
        declared = self.symbol_type(symbol)
        own = self.function_type(decl.signature)
        if isinstance(declared, t.FuncType) and declared != own:
            self.error(
                n.Node(decl.name_start, decl.signature.end),
                f'"{symbol.name}" is declared as {declared.notation()}, and defined as {own.notation()}',
                self.declared_at(symbol, declared),
            )
            declared = own
        if not isinstance(declared, t.FuncType):
            declared = own
        for attr in decl.attrs:
            if attr.name not in FUNCTION_ATTRIBUTES:
                self.error(attr, f'"&{attr.name}" has no meaning for a function')
            elif attr.name == "priority":
                self.error(attr, "a function has no priority")
        scope = FunctionScope("function", None, self.scope.by_py, own.result)
        function = Function(symbol.py, scope, own, decl.source)
        function.symbol, function.decl = symbol, decl
        params = [(p.name, p.type, d.start) for p, d in zip(own.params, decl.signature.params, strict=True)]
        self.named_body(function, params, decl.body)
        function.params = list(scope.params)
        self.unit.functions.append(function)

    def check_statement(self, decl: n.StmtDecl) -> None:
        """A statement outside of functions; all those of a file share their variables."""
        scopes = self.statement_scopes
        scope = scopes.get(decl.source)
        if scope is None:
            scope = scopes[decl.source] = FunctionScope("statements", None, self.scope.by_py, t.VOID)
        self.function = scope
        self.stmt(decl.stmt)
        decl.function = scope
        self.function = None
        self.unit.inits.append(decl)

    def check_unused(self, decls: list[n.Decl]) -> None:
        """Warn of handlers for events that nothing raises, and of what a module keeps for itself and does not
        use.
        """
        own = package_scripts()
        for decl in decls:
            if (
                isinstance(decl, (n.GlobalDecl, n.FuncDecl))
                and decl.symbol is not None
                and not decl.source.path.startswith(own)  # scripts loaded later may go on with its modules
            ):
                self.check_private(decl, decl.symbol)
                if isinstance(decl, n.GlobalDecl):
                    self.check_never_assigned(decl, decl.symbol)
            if (
                isinstance(decl, n.FuncDecl)
                and decl.signature.flavor != "function"
                and decl.symbol is not None
            ):
                self.check_raised(decl, decl.symbol)

    def check_never_assigned(self, decl: n.GlobalDecl, symbol: Symbol) -> None:
        """Warn of a variable that is used, and that nothing gives a value; other scripts may do that for what
        a module exports.
        """
        if symbol.kind == "function" and symbol.decl is decl and symbol.used and not symbol.defined:
            self.check_never_defined(decl, symbol)
        if symbol.kind != "variable" or symbol.decl is not decl or symbol.constant or not symbol.used:
            return
        if symbol.defined or symbol.redef or "assigned" in symbol.attrs or symbol.type.tag not in _UNSET:
            return
        if (symbol.exported and symbol.module != "GLOBAL") or any(
            a.name in ("is_assigned", "is_used", "default") for a in decl.attrs
        ):
            return
        name = symbol.name.rpartition("::")[2]
        self.diagnostics.warning(
            f'the variable "{name}" is never given a value',
            decl.source,
            decl.name_start,
            decl.name_start + len(name),
        )

    def check_never_defined(self, decl: n.GlobalDecl, symbol: Symbol) -> None:
        """Warn of a function that is declared and used, and has no body."""
        if "assigned" in symbol.attrs or symbol.redef or (symbol.exported and symbol.module != "GLOBAL"):
            return
        name = symbol.name.rpartition("::")[2]
        self.diagnostics.warning(
            f'the function "{name}" is declared and used, but it has no body',
            decl.source,
            decl.name_start,
            decl.name_start + len(name),
        )

    def check_private(self, decl: n.GlobalDecl | n.FuncDecl, symbol: Symbol) -> None:
        """Warn of a variable or function that nothing outside of its module can use, nor inside does."""
        if symbol.exported or symbol.used or symbol.decl is not decl or symbol.option:
            return
        if symbol.kind not in ("variable", "function") or symbol.redef:
            return
        if any(a.name in ("is_used", "deprecated") for a in decl.attrs):
            return
        if not decl.source.left_out.isdisjoint((symbol.name, symbol.name.rpartition("::")[2])):
            return
        if isinstance(symbol.type, t.FuncType) and symbol.type.params:
            first = symbol.type.params[0].type
            if isinstance(first, t.RecordType) and first.name == "signature_state":
                return  # signatures call it
        what = "variable" if symbol.kind == "variable" else "function"
        name = symbol.name.rpartition("::")[2]
        self.diagnostics.warning(
            f'the {what} "{name}" is never used, and its module does not export it',
            decl.source,
            decl.name_start,
            decl.name_start + len(name),
        )


#: Types of which a variable begins without a value.
_UNSET: Final = t.SIMPLE.keys() - {"void", "error", "unspecified"} | {"enum", "func", "opaque"}

#: Kinds of names that have handlers, with their article.
_A = {"hook": "a hook", "event": "an event"}


def _function_alias(decl: n.Decl | None) -> bool:
    """Whether a declaration gives a name a named type and no value: it may be that of a function defined
    elsewhere.
    """
    return (
        isinstance(decl, n.GlobalDecl)
        and decl.init is None
        and decl.kind == "global"
        and isinstance(decl.type_expr, n.NamedTypeExpr)
    )
