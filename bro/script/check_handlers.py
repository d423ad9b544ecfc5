"""The checker's part for handlers of events and hooks: what they are for, and which parameters they take."""

from __future__ import annotations

import operator

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.check_types import TypeChecker
from bro.script.diagnostics import suggest
from bro.script.dialect_1998 import OLDER_FORMS, event_hint, handled_form
from bro.script.scope import EVENT_ALIASES, FunctionScope, Symbol
from bro.script.search import package_scripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: Attributes of functions and handlers.
FUNCTION_ATTRIBUTES: Final = frozenset(
    ["priority", "group", "deprecated", "is_used", "error_handler", "is_assigned"]
)


class HandlerChecker(TypeChecker):
    """Prototypes and handlers of events and hooks."""

    def new_symbol(self, name: str, kind: str, decl: n.Decl, start: int, exported: bool) -> Symbol:
        raise NotImplementedError

    def clash(self, node: n.Node, start: int, name: str, symbol: Symbol) -> None:
        raise NotImplementedError

    def check_prototype(self, decl: n.GlobalDecl, symbol: Symbol, prototype: t.FuncType) -> None:
        """A further prototype of an event or hook has the parameters of the first, or some of them."""
        assert isinstance(decl.type_expr, n.FuncTypeExpr)
        first = symbol.prototypes[0]
        if prototype == first:
            return
        known = {p.name: p.type for p in first.params}
        for param, where in zip(prototype.params, decl.type_expr.params, strict=True):
            if param.name not in known:
                hint = suggest(param.name, known) or self.declared_at(symbol, first)
                self.error(where, f'the {symbol.kind} "{symbol.name}" has no parameter "{param.name}"', hint)
                return
            if param.type != known[param.name]:
                self.error(
                    where,
                    f'the parameter "{param.name}" of the {symbol.kind} "{symbol.name}" is a '
                    f"{known[param.name].notation()}, found {param.type.notation()}",
                    self.declared_at(symbol, first),
                )

    def declared_at(self, symbol: Symbol, type_: t.Type) -> str:
        """Where a name was declared, and as what."""
        where = ""
        if symbol.source is not None and not symbol.source.engine:
            where = f" in {symbol.source.path}, line {symbol.source.position(symbol.start)[0]}"
        return f'it is declared{where} as "{type_.notation()}"'

    def declare_handlers(self, decl: n.Decl) -> None:
        """Find the event or hook that a handler is for."""
        if not isinstance(decl, n.FuncDecl) or decl.signature.flavor == "function":
            return
        flavor = decl.signature.flavor
        name = EVENT_ALIASES.get(decl.name, decl.name)
        symbol = self.find(name)
        if (
            symbol is not None
            and symbol.kind != flavor
            and not (symbol.kind == "variable" and isinstance(self.symbol_type(symbol), t.FuncType))
        ):
            if "::" in name or symbol.module == self.module:
                self.clash(decl, decl.name_start, decl.name, symbol)
                return
            symbol = None
        if symbol is not None and symbol.kind == "variable":
            type_ = symbol.type
            if not isinstance(type_, t.FuncType) or type_.flavor != flavor:
                self.clash(decl, decl.name_start, decl.name, symbol)
                return
            symbol.kind = flavor
            symbol.prototypes = [type_]
        if symbol is None:
            # A handler of an event that is not declared declares it for all modules.
            everywhere = flavor == "event" and self.scope.get(name) is None and self.builtin(name) is None
            whole = everywhere or "::" in name or self.module == "GLOBAL"
            full = name if whole else f"{self.module}::{name}"
            symbol = self.new_symbol(
                full.removeprefix("GLOBAL::"), flavor, decl, decl.name_start, decl.exported
            )
            symbol.type, symbol.state = self.function_type(decl.signature), 2
            symbol.attrs["undeclared"] = True
        elif symbol.name in OLDER_FORMS:
            symbol = handled_form(self.scope, symbol, self.function_type(decl.signature))
        decl.symbol = symbol

    def handler(self, decl: n.FuncDecl) -> None:
        """Check a handler of an event or hook."""
        symbol = decl.symbol
        if symbol is None:
            return
        flavor = decl.signature.flavor
        canonical = self.symbol_type(symbol)
        if not isinstance(canonical, t.FuncType):
            return
        own = self.function_type(decl.signature)
        places = self.match_parameters(decl, symbol, canonical, own)
        self.check_deprecated(decl, symbol, canonical, own)
        if decl.replaces:
            self.unit.replaced.append((symbol.name, len(self.unit.functions)))
        scope = FunctionScope(flavor, None, self.scope.by_py, t.VOID)
        self.unit.handler_count += 1
        py = f"{symbol.py}__h{self.unit.prefix}{self.unit.handler_count}"
        function = Function(py, scope, canonical, decl.source)
        function.symbol, function.decl = symbol, decl
        for attr in decl.attrs:
            if attr.name == "priority":
                function.priority = self.priority(attr)
            elif attr.name == "group":
                function.groups.append(self.text_of(attr))
            elif attr.name not in FUNCTION_ATTRIBUTES:
                self.error(attr, f'"&{attr.name}" has no meaning for a handler')
        self.unit.functions.append(function)
        params = [(p.name, p.type, d.start) for p, d in zip(own.params, decl.signature.params, strict=True)]
        self.named_body(function, params, decl.body)
        by_place = dict(zip(places, scope.params, strict=False))
        function.params = [by_place.get(i) for i in range(len(canonical.params))]

    def check_deprecated(
        self, decl: n.FuncDecl, symbol: Symbol, canonical: t.FuncType, own: t.FuncType
    ) -> None:
        """Warn of a handler for an event, or for parameters of one, that will go away."""
        why = symbol.attrs.get("deprecated_types", {}).get(own) if own != canonical else symbol.deprecated
        if why is None:
            return
        what = f'the {symbol.kind} "{symbol.name}"'
        if own != canonical:
            what = f"{own.notation()} as the parameters of {what}"
        where = n.Node(decl.name_start, decl.name_start + len(decl.name))
        self.deprecation(where, f"{what} is deprecated" + (f": {why}" if why else ""))

    def match_parameters(
        self, decl: n.FuncDecl, symbol: Symbol, canonical: t.FuncType, own: t.FuncType
    ) -> list[int]:
        """For each parameter of a handler, which of the event's arguments it gets."""
        others = symbol.prototypes[1:]
        alternate = next((p for p in others if same_names(p, own)), None)
        if own.params == canonical.params and (alternate is None or same_names(own, canonical)):
            return list(range(len(own.params)))
        by_name = {p.name: i for i, p in enumerate(canonical.params)}
        alternate = alternate or next((p for p in others if p.params == own.params), None)
        names = [p.name for p in (alternate or own).params]
        places: list[int] = []
        for name, param, where in zip(names, own.params, decl.signature.params, strict=True):
            place = by_name.get(name)
            if place is None and len(own.params) == len(canonical.params):
                place = len(places)
            if param.type.tag == "error":  # its type was complained of
                return list(range(len(own.params)))
            if place is None or not _takes(param.type, canonical.params[place].type):
                found = f", found {param.type.notation()}" if place is not None else ""
                near = suggest(name, by_name) if place is None else ""
                self.error(
                    where,
                    f'the {symbol.kind} "{symbol.name}" has no parameter "{name}" of this type{found}',
                    near or self.declared_at(symbol, canonical) + event_hint(self.scope, symbol),
                )
                return list(range(len(own.params)))
            places.append(place)
        if alternate is None and len(places) < len(canonical.params):
            self.fewer_parameters(decl, symbol, canonical)
        return places

    def fewer_parameters(self, decl: n.FuncDecl, symbol: Symbol, canonical: t.FuncType) -> None:
        """A handler takes some of the parameters, and no prototype says that one may."""
        source = symbol.source
        if source is None or source.engine or source.path.startswith(package_scripts()):
            return  # events that come along have had several forms over time
        params = ", ".join(f"{p.name}: ..." for p in decl.signature.params)
        prototype = f"global {decl.name}: {symbol.kind}({params});"
        self.error(
            n.Node(decl.name_start, decl.signature.end),
            f'the {symbol.kind} "{symbol.name}" has no prototype with these parameters alone',
            f'{self.declared_at(symbol, canonical)}; take all of them, or add "{prototype}"',
        )

    def priority(self, attr: n.Attr) -> int:
        number = self.constant_number(attr.value)
        if number is not None:
            return number
        self.error(attr, "&priority takes a number")
        return 0

    def constant_number(self, value: n.Expr | None, depth: int = 0) -> int | None:
        """A whole number written with constants, before expressions are checked.

        :param depth: how far inside; an end to constants that are defined by each other
        """
        if isinstance(value, n.Literal):
            return int(value.value) if value.tag in ("count", "int") else None
        if depth > 50:
            return None
        if isinstance(value, n.Unary) and value.op in ("-", "+"):
            number = self.constant_number(value.operand, depth + 1)
            return -number if number is not None and value.op == "-" else number
        if isinstance(value, n.Binary) and value.op in _SUMS:
            left = self.constant_number(value.left, depth + 1)
            right = None if left is None else self.constant_number(value.right, depth + 1)
            return None if left is None or right is None else _SUMS[value.op](left, right)
        symbol = self.find(value.name) if isinstance(value, n.Name) else None
        if symbol is not None and symbol.inline is not None:
            return self.constant_number(symbol.inline, depth + 1)
        if symbol is not None and isinstance(symbol.decl, n.GlobalDecl) and symbol.constant:
            return self.constant_number(symbol.decl.init, depth + 1)
        return None

    def check_raised(self, decl: n.FuncDecl, symbol: Symbol) -> None:
        """Warn of a handler of what nobody declares, raises or calls."""
        if not symbol.attrs.get("undeclared") or symbol.used or any(a.name == "is_used" for a in decl.attrs):
            return
        flavor = decl.signature.flavor
        self.diagnostics.warning(
            f'there is no {flavor} "{decl.name}", so this handler is never called',
            decl.source,
            decl.name_start,
            decl.name_start + len(decl.name),
            self.names_like(decl.name, frozenset([flavor])),
        )


#: What a priority can be computed with.
_SUMS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def same_names(a: t.FuncType, b: t.FuncType) -> bool:
    """Whether parameters have the same types and the same names."""
    return a.params == b.params and [p.name for p in a.params] == [p.name for p in b.params]


def _takes(own: t.Type, declared: t.Type) -> bool:
    """Whether a handler's parameter may have this type: the declared one, or for an `any` a type whose values
    are the same in an `any`, such as a record (a hook for all streams of logs, handled for one of them).
    """
    return own == declared or (t.ANY in (own, declared) and not {own.tag, declared.tag} & t.BOXED_TAGS)
