"""The checker: names, types and conversions of everything that was parsed.

It goes over the declarations of a unit several times: `collect` makes symbols of all names, then types are
resolved, then values, functions and statements are checked.  Names may therefore be used before they are
declared. What it finds goes into a `Unit`, which the code generator turns into code.

The parts are `check_types`, `check_declarations`, `check_handlers`, `check_statements`, `check_expressions`,
`check_operators`, `check_calls`, `check_formats` and `check_conversions`; `flow` follows the paths through a
function.
"""

from __future__ import annotations

from zlib import crc32

from bro.script import former, forthcoming
from bro.script import nodes as n
from bro.script import types as t
from bro.script.diagnostics import Diagnostics, Source, suggest
from bro.script.lexer import KEYWORDS
from bro.script.scope import FunctionScope, Scope, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeAlias


class TableAttrs:
    """The attributes of a table or set that change what it does, with their checked expressions."""

    __slots__ = (
        "default",
        "default_kind",
        "expire",
        "expire_any",
        "expire_func",
        "expire_kind",
        "insert",
        "on_change",
        "type",
    )

    def __init__(self, type: t.TableType) -> None:
        self.type = type
        self.default: n.Expr | None = None
        self.default_kind = ""  #: "constant", "fresh" (evaluated at each use) or "function" (of the index)
        self.insert = False
        self.expire_kind = ""
        self.expire: n.Expr | None = None
        self.expire_func: n.Expr | None = None
        self.expire_any = False  #: the expire function takes the index as one `any`
        self.on_change: n.Expr | None = None

    @property
    def empty(self) -> bool:
        return self.default is None and not self.expire_kind and self.on_change is None

    def fill(self, other: TableAttrs) -> None:
        """Take from another what this one does not say itself."""
        if self.default is None:
            self.default, self.default_kind, self.insert = other.default, other.default_kind, other.insert
        if not self.expire_kind:
            self.expire_kind, self.expire = other.expire_kind, other.expire
        if self.expire_func is None:
            self.expire_func, self.expire_any = other.expire_func, other.expire_any
        self.on_change = self.on_change or other.on_change


class Function:
    """A function, handler or anonymous function that was checked: what code is generated from."""

    __slots__ = (
        "body",
        "closures",
        "decl",
        "groups",
        "params",
        "priority",
        "py",
        "scope",
        "source",
        "symbol",
        "type",
    )

    def __init__(self, py: str, scope: FunctionScope, type: t.FuncType, source: Source) -> None:
        self.py = py
        self.scope = scope
        self.type = type
        self.source = source
        self.symbol: Symbol | None = None
        self.decl: n.FuncDecl | None = None
        self.body: n.Block | None = None
        #: variables for the parameters in the order they are passed; None where a handler leaves one out
        self.params: list[Any] = []
        self.priority = 0
        self.groups: list[str] = []
        #: anonymous functions and `when` statements inside, of a function or handler
        self.closures: list[Closure] = []

    def __reduce__(self) -> tuple[Any, ...]:
        # Further units only refer to the function by its name.
        return (_compiled, (self.py, self.type))


def _compiled(py: str, type_: t.FuncType) -> Function:
    """A function whose code is in an earlier unit."""
    return Function(py, FunctionScope("function", None, {}, type_.result), type_, Source("<compiled>", b""))


#: An anonymous function or `when` statement, what is generated from it, and its file.
Closure: TypeAlias = "tuple[n.Lambda | n.When, Function, Source]"


class Unit:
    """What the checker found in one unit of compilation."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix  #: of names of constants, apart from those of other units
        self.functions: list[Function] = []
        #: anonymous functions and `when` statements in the order they were met
        self.closures: list[Closure] = []
        self._closure_names: set[str] = set()
        #: the name of the function that is being checked
        self.within = ""
        #: declarations and statements with something to run at start, in order
        self.inits: list[n.Decl] = []
        #: events whose earlier handlers a `redef event` drops: event and number of functions before it
        self.replaced: list[tuple[str, int]] = []
        #: record types whose class has to be made (again)
        self.records: dict[str, t.RecordType] = {}
        #: enum values of this unit: type, name, number
        self.enums: list[tuple[str, str, int]] = []
        self.handler_count = 0
        #: full names that conditions of `@if` mention, which therefore are used
        self.mentioned: set[str] = set()
        #: uses of variables that have no value there on some path: name, source, start, end
        self.maybe_unset: list[tuple[str, Source, int, int]] = []

    def closure_name(self, kind: str) -> str:
        """The name in code of a new anonymous function or `when`.

        It is made of the name of the function around it, so that a change elsewhere leaves it as it is: code
        of functions is taken again (see `reuse`).
        """
        number = crc32(self.within.encode())
        while (name := f"_{kind}{self.prefix}{number}") in self._closure_names:
            number += 1
        self._closure_names.add(name)
        return name

    def note_closures(self, function: Function, before: int) -> None:
        """Note the closures of a function that was checked.

        :param before: how many there were before; of those since, some may stand elsewhere: in the default of
            a field that was needed for the first time
        """
        for closure in self.closures[before:] if len(self.closures) > before else ():
            scope = closure[1].scope
            while scope.parent is not None:
                scope = scope.parent
            if scope is function.scope:
                function.closures.append(closure)


#: Names that the classes of records have for themselves, or that Python gives no attribute.
_FORBIDDEN_FIELDS: Final = frozenset(["_fields", "_key", "None", "True", "False"])


class CheckerBase:
    """State and helpers that the parts of the checker share."""

    def __init__(self, scope: Scope, diagnostics: Diagnostics, unit: Unit) -> None:
        self.scope = scope
        self.diagnostics = diagnostics
        self.unit = unit
        self.source: Source = Source("<none>", b"")
        self.module = "GLOBAL"
        #: the function that is being checked; None in initial values
        self.function: FunctionScope | None = None
        #: the expression that is a statement by itself: nothing uses its value
        self.alone: n.Expr | None = None
        self._builtins: dict[str, Any] | None = None
        #: parts of the scripts could not be read, so what is not used here may be used there
        self.damaged = diagnostics.error_count > 0
        #: records that are being compared, as they may hold themselves
        self._comparing: set[tuple[str, str]] = set()

    # ---- messages ------------------------------------------------------------------------------------------

    def error(self, node: n.Node, message: str, hint: str = "") -> None:
        self.diagnostics.error(message, self.source, node.start, node.end, hint)

    def warning(self, node: n.Node, message: str, hint: str = "") -> None:
        self.diagnostics.warning(message, self.source, node.start, node.end, hint)

    def check_field_name(self, node: n.Node, name: str) -> None:
        """Tell of a field with a name that the classes of records have for themselves."""
        if name in _FORBIDDEN_FIELDS or (name.startswith("__") and name.endswith("__")):
            self.error(
                node, f'"{name}" cannot be the name of a field', "names of Python objects are kept for them"
            )

    def deprecation(self, node: n.Node, message: str, hint: str = "") -> None:
        """Warn of something that will go away, unless that is switched off here (`@pragma`)."""
        source = self.source
        if not source.engine and not any(start <= node.start < end for start, end in source.quiet):
            self.warning(node, message, hint)

    # ---- names ---------------------------------------------------------------------------------------------

    @property
    def builtins(self) -> dict[str, Any]:
        """The built-in functions by full name."""
        if self._builtins is None:
            from bro.runtime.builtins.registry import known

            self._builtins = known()
        return self._builtins

    def find(self, name: str) -> Symbol | None:
        """The symbol that a name stands for here, built-in functions included."""
        scope = self.scope
        if "::" in name:
            full = name[8:] if name.startswith("GLOBAL::") else name.removeprefix("::")
            return scope.get(full) or self.builtin(full)
        if self.module != "GLOBAL":
            full = f"{self.module}::{name}"
            symbol = scope.get(full) or self.builtin(full)
            if symbol is not None:
                return symbol
        return scope.get(name) or self.builtin(name)

    def renamed(self, node: n.Node, name: str) -> Symbol | None:
        """The symbol of a name that is not known, if it was only changed to another."""
        new = former.renamed(name)
        symbol = self.find(new) if new else None
        if symbol is not None:
            self.deprecation(node, f'"{name}" is called "{new}" now')
        return symbol

    def builtin(self, name: str) -> Symbol | None:
        """The symbol of a built-in function; its signature is parsed when it is first used."""
        found = self.builtins.get(name)
        if found is None:
            return None
        symbol = Symbol(name, "builtin")
        symbol.builtin = found
        symbol.defined = True
        self.scope.add(symbol)
        return symbol

    def names_like(self, name: str, kinds: frozenset[str] | None = None) -> str:
        """A hint with names that look like one that was not found."""
        candidates = set()
        prefix = self.module + "::"
        known = former.hint(name) or forthcoming.hint(name) or forthcoming.hint(prefix + name)
        if known:
            return known
        self.scope.load_all()
        for full, symbol in self.scope.symbols.items():
            if kinds is None or symbol.kind in kinds:
                candidates.add(full[len(prefix) :] if full.startswith(prefix) else full)
        candidates.update(forthcoming.names_near(name, kinds))
        if kinds is None:
            candidates.update(self.builtins)
            function = self.function
            while function is not None:
                for block in function.blocks:
                    candidates.update(block)
                function = function.parent
        hint = suggest(name, candidates)
        if not hint and "::" in name:
            module = name.rpartition("::")[0]
            if not any(c.startswith(module + "::") for c in candidates):
                modules = {c.rpartition("::")[0] for c in candidates if "::" in c}
                hint = suggest(module, modules) or f'nothing that is loaded has a module "{module}"'
        if not hint and kinds is None:
            hint = suggest(name, KEYWORDS)
        if not hint and "::" not in name:
            qualified = [c for c in candidates if c.endswith("::" + name)]
            if qualified:
                hint = suggest(qualified[0], qualified)
        return hint

    def in_context(self, source: Source, module: str, action: Callable[[], Any]) -> Any:
        """Run `action` as if it stood in another file and module, outside of functions."""
        saved = (self.source, self.module, self.function)
        self.source, self.module, self.function = source, module, None
        try:
            return action()
        finally:
            self.source, self.module, self.function = saved

    # What the parts need of each other.

    def symbol_type(self, symbol: Symbol) -> t.Type:
        raise NotImplementedError

    def resolve(self, expr: n.TypeExpr) -> t.Type:
        raise NotImplementedError

    def expr(self, node: n.Expr, want: t.Type | None = None) -> n.Expr:
        raise NotImplementedError

    def value(self, node: n.Expr, want: t.Type, what: str = "") -> n.Expr:
        raise NotImplementedError

    def coerce(self, node: n.Expr, want: t.Type, what: str = "") -> n.Expr:
        raise NotImplementedError

    def check_body(self, function: Function, params: list[tuple[str, t.Type, int]], body: n.Block) -> None:
        raise NotImplementedError

    def named_body(self, function: Function, params: list[tuple[str, t.Type, int]], body: n.Block) -> None:
        raise NotImplementedError

    def stmt(self, node: n.Stmt) -> None:
        raise NotImplementedError

    def table_attrs(
        self, type_: t.Type, attrs: list[n.Attr], of: str, named: n.TypeExpr | None = None
    ) -> TableAttrs | None:
        raise NotImplementedError

    def attrs_of_type(self, symbol: Symbol) -> TableAttrs | None:
        raise NotImplementedError

    def list_as_set(self, node: n.Expr, want: t.Type | None = None) -> n.Expr:
        raise NotImplementedError

    def function_type(self, expr: n.FuncTypeExpr, result: t.Type | None = None) -> t.FuncType:
        raise NotImplementedError

    def binary_types(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        raise NotImplementedError

    def capture_scope(
        self, node: n.Lambda | n.When, captures: list[n.Capture] | None, flavor: str, result: t.Type
    ) -> FunctionScope:
        raise NotImplementedError


def check(decls: list[n.Decl], scope: Scope, diagnostics: Diagnostics, unit: Unit) -> None:
    """Check the declarations of a unit, adding their names to `scope` and what there is to generate to
    `unit`.
    """
    from bro.script.check_declarations import Checker

    Checker(scope, diagnostics, unit).check(decls)
