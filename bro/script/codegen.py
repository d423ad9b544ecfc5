"""From checked trees to Python code: what the parts of the code generator share.

Each script becomes Python `ast` nodes that carry the script's own lines and columns, and `compile` turns them
into code objects named after the script's file, so that tracebacks, profilers and debuggers show the script.
Locals are Python locals, record fields are attributes, globals are globals of one namespace.

The parts are `codegen_expressions`, `codegen_operators`, `codegen_text`, `codegen_statements`,
`codegen_loops` and `codegen_declarations`; `codegen_facts` keeps checks from being made twice.
"""

from __future__ import annotations

import _ast as ast  # the classes of `ast` without what that is in Python besides
from bisect import bisect_right
from zlib import crc32

from bro.runtime.callables import demangle, mangle
from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import TableAttrs, Unit
from bro.script.codegen_facts import Facts
from bro.script.diagnostics import Diagnostics, Source
from bro.script.scope import Local, Scope, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from bro.script.check import Function
    from bro.script.reuse import Record, Reuse

LOAD = ast.Load()
STORE = ast.Store()
NOT = ast.Not()
IS, IS_NOT, IN, NOT_IN = ast.Is(), ast.IsNot(), ast.In(), ast.NotIn()
EQUAL, LESS, GREATER, AT_MOST, AT_LEAST = ast.Eq(), ast.Lt(), ast.Gt(), ast.LtE(), ast.GtE()

#: Line, column, end line, end column.
Location = tuple[int, int, int, int]


class UnitCode:
    """The generated code and tables of a unit: only values that `marshal` can write.

    Loading a program runs over these once; see `loader`.
    """

    __slots__ = (
        "builtins",
        "constants",
        "enums",
        "events",
        "formatters",
        "functions",
        "globals",
        "handlers",
        "inits",
        "names",
        "record_types",
        "records",
        "replaced",
        "signatures",
        "statements",
        "texts",
        "types",
    )

    def __init__(self) -> None:
        #: code objects that define functions, one a file
        self.functions: list[Any] = []
        #: code objects that give globals their values, in order
        self.inits: list[Any] = []
        #: names of functions that hold statements outside of functions
        self.statements: list[str] = []
        #: record: (class name, field names, code of the constructor, its defaults)
        self.records: dict[str, tuple[str, tuple[str, ...], Any, tuple[Any, ...]]] = {}
        #: record: ((field, type, attributes), ...)
        self.record_types: dict[str, tuple[tuple[str, Any, dict[str, Any]], ...]] = {}
        #: (name in code, type, name, number)
        self.enums: list[tuple[str, str, str, int]] = []
        #: (name in code, kind, value) of addresses, ports, subnets, patterns
        self.constants: list[tuple[str, str, Any]] = []
        #: (name in code, type)
        self.types: list[tuple[str, Any]] = []
        #: (name in code, type) of what formats values for print
        self.formatters: list[tuple[str, Any]] = []
        #: (name in code, type) of what makes text of values for `fmt` and `cat`
        self.texts: list[tuple[str, Any]] = []
        #: (name in code, Python module, attribute, whether it is used as a value and not just called)
        self.builtins: list[tuple[str, str, str, bool]] = []
        #: event or hook: (name in code, flavor, type)
        self.events: dict[str, tuple[str, str, Any]] = {}
        #: (event or hook, name in code of the handler, priority, groups, module)
        self.handlers: list[tuple[str, str, int, tuple[str, ...], str]] = []
        #: (event, how many of this unit's handlers come before the redefinition)
        self.replaced: list[tuple[str, int]] = []
        #: variable: (name in code, type, flags as letters: c constant, o option, r redef, e exported)
        self.globals: dict[str, tuple[str, Any, str]] = {}
        #: script function: (name in code, type)
        self.signatures: dict[str, tuple[str, Any]] = {}
        #: names in code that do not tell the script's name by themselves
        self.names: dict[str, str] = {}


class FunctionState:
    """What is known while a function's code is made."""

    def __init__(self, source: Source | None, shared: Iterable[Local] = ()) -> None:
        self.source = source
        self.temporaries = 0
        self.globals: set[str] = set()  #: global variables it assigns
        self.shared = frozenset(shared)  #: variables that belong to the function around it
        #: what `break` and `next` mean here, innermost last: see `codegen_loops`
        self.loops: list[Any] = []
        self.flavor = "function"
        self.in_when = False  #: the condition of a `when`: calls go through its trigger
        self.calls = 0
        self.facts = Facts(self.shared)


class CodegenBase:
    """Making `ast` nodes, and the constants of a unit."""

    def __init__(self, unit: Unit, scope: Scope, diagnostics: Diagnostics) -> None:
        self.unit = unit
        self.scope = scope
        self.diagnostics = diagnostics
        self.code = UnitCode()
        self.source: Source = Source("<none>", b"")
        self.loc: Location = (1, 0, 1, 0)
        # the line of the last node: its file, number, and where it begins and ends
        self._of: Source | None = None
        self._line = self._begin = self._end = 0
        #: set while code stands for another place, such as the default of a parameter at a call
        self.fixed: Location | None = None
        self.state = FunctionState(None)
        self._constants: dict[tuple[str, Any], str] = {}
        self._constant_names: dict[str, tuple[str, Any]] = {}
        self._builtin_places: dict[str, int] = {}
        #: what the code of the function needs that is being made, if it may be taken again
        self.record: Record | None = None
        self.reuse: Reuse | None = None
        self._specs: dict[int, str] = {}
        self._kept: list[Any] = []  # so that the ids in `_specs` stay unique
        #: statements that define the specs of tables, by file
        self.spec_code: dict[str, list[ast.stmt]] = {}
        #: names of hosts, with the file they stand in first
        self._hosts: dict[str, Source] = {}

    # ---- places --------------------------------------------------------------------------------------------

    def locate(self, node: n.Node) -> Location:
        """The place of a node."""
        if self.fixed is not None:
            return self.fixed
        start, end = node.start, node.end
        begin = self._begin
        # Mostly the node stands on the same line as the one before, and ends on it.
        if begin <= start and end < self._end and self._of is self.source:
            line = self._line
            return line, start - begin, line, end - begin
        lines = self.source.lines
        line = bisect_right(lines, start)
        begin = lines[line - 1]
        self._of, self._line, self._begin = self.source, line, begin
        self._end = lines[line] if line < len(lines) else len(self.source.text) + 1
        if end < self._end:
            return line, start - begin, line, end - begin
        end_line = bisect_right(lines, end)
        return line, start - begin, end_line, end - lines[end_line - 1]

    def at(self, node: ast.AST) -> Any:
        """Give a node the current place."""
        fields: dict[str, Any] = node.__dict__
        fields["lineno"], fields["col_offset"], fields["end_lineno"], fields["end_col_offset"] = self.loc
        return node

    # ---- nodes ---------------------------------------------------------------------------------------------

    # Half of compiling is making these nodes.  To replace the dictionary of an empty one takes half the time
    # of passing its fields to the class.  One of five items is half as large as one of six, so the most
    # frequent nodes leave out what is so by default: that they end on the line they begin on, and their kind.

    def load(self, name: str) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Name()  # type: ignore[call-arg]
        node.__dict__ = {"id": name, "ctx": LOAD, "lineno": a, "col_offset": b, "end_col_offset": d}
        if c != a:
            node.end_lineno = c
        return node

    def store(self, name: str) -> ast.Name:
        a, b, c, d = self.loc
        node = ast.Name()  # type: ignore[call-arg]
        node.__dict__ = {"id": name, "ctx": STORE, "lineno": a, "col_offset": b, "end_col_offset": d}
        if c != a:
            node.end_lineno = c
        return node

    def const(self, value: Any) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Constant()  # type: ignore[call-arg]
        node.__dict__ = {"value": value, "lineno": a, "col_offset": b, "end_col_offset": d}
        if c != a:
            node.end_lineno = c
        return node

    def attribute(self, base: ast.expr, name: str, ctx: ast.expr_context = LOAD) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Attribute()  # type: ignore[call-arg]
        node.__dict__ = {
            "value": base, "attr": name, "ctx": ctx,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def item(self, base: ast.expr, index: ast.expr, ctx: ast.expr_context = LOAD) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Subscript()  # type: ignore[call-arg]
        node.__dict__ = {
            "value": base, "slice": index, "ctx": ctx,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def call(self, func: ast.expr | str, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Call()  # type: ignore[call-arg]
        node.__dict__ = {
            "func": self.load(func) if func.__class__ is str else func,
            "args": list(args),
            "keywords": [self.at(ast.keyword(n, v)) for n, v in keywords.items()] if keywords else [],
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def method(self, base: ast.expr, name: str, *args: ast.expr) -> ast.expr:
        return self.call(self.attribute(base, name), *args)

    def tuple_of(self, items: Iterable[ast.expr]) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Tuple()  # type: ignore[call-arg]
        node.__dict__ = {
            "elts": list(items), "ctx": LOAD,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def list_of(self, items: Iterable[ast.expr]) -> ast.expr:
        return self.at(ast.List(list(items), LOAD))  # type: ignore[no-any-return]

    def compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.Compare()  # type: ignore[call-arg]
        node.__dict__ = {
            "left": left, "ops": [op], "comparators": [right],
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def binop(self, left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.BinOp()  # type: ignore[call-arg]
        node.__dict__ = {
            "left": left, "op": op, "right": right,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def negate(self, value: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.UnaryOp()  # type: ignore[call-arg]
        node.__dict__ = {
            "op": NOT, "operand": value,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def walrus(self, name: str, value: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.NamedExpr()  # type: ignore[call-arg]
        node.__dict__ = {
            "target": self.store(name), "value": value,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def choose(self, test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
        a, b, c, d = self.loc
        node = ast.IfExp()  # type: ignore[call-arg]
        node.__dict__ = {
            "test": test, "body": then, "orelse": otherwise,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def branch(self, test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt]) -> ast.stmt:
        a, b, c, d = self.loc
        node = ast.If()  # type: ignore[call-arg]
        node.__dict__ = {
            "test": test, "body": then, "orelse": otherwise,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def leave(self, value: ast.expr | None) -> ast.stmt:
        a, b, c, d = self.loc
        node = ast.Return()
        node.__dict__ = {
            "value": value, "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d
        }  # fmt: skip
        return node

    def assign(self, target: ast.expr, value: ast.expr) -> ast.stmt:
        a, b, c, d = self.loc
        node = ast.Assign()  # type: ignore[call-arg]
        node.__dict__ = {
            "targets": [target], "value": value, "lineno": a, "col_offset": b, "end_col_offset": d
        }  # fmt: skip
        if c != a:
            node.end_lineno = c
        return node

    def evaluate(self, value: ast.expr) -> ast.stmt:
        a, b, c, d = self.loc
        node = ast.Expr()  # type: ignore[call-arg]
        node.__dict__ = {
            "value": value,
            "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d,
        }  # fmt: skip
        return node

    def thunk(self, value: ast.expr, *params: str) -> ast.expr:
        """`lambda params: value`"""
        return self.at(ast.Lambda(self.arguments(params), value))  # type: ignore[no-any-return]

    def parameter(self, name: str) -> ast.arg:
        a, b, c, d = self.loc
        node = ast.arg()  # type: ignore[call-arg]
        node.__dict__ = {
            "arg": name, "lineno": a, "col_offset": b, "end_lineno": c, "end_col_offset": d
        }  # fmt: skip
        return node

    def arguments(self, params: Iterable[str], defaults: Iterable[ast.expr] = ()) -> ast.arguments:
        return ast.arguments(
            [],
            [self.parameter(name) for name in params],
            None,
            [],
            [],
            None,
            list(defaults),
        )

    def define(self, name: str, params: Iterable[str], body: list[ast.stmt]) -> ast.stmt:
        """`def name(params): body`"""
        return self.at(  # type: ignore[no-any-return]
            ast.FunctionDef(name, self.arguments(params), body or [self.at(ast.Pass())], [], None, None)
        )

    def temporary(self) -> str:
        """The name of a new temporary variable."""
        self.state.temporaries += 1
        return f"_{self.state.temporaries}"

    # ---- constants of the unit -----------------------------------------------------------------------------

    def constant(self, kind: str, value: Any, key: Any = None) -> str:
        """The name in code of an object made when the program is loaded."""
        full_key = (kind, value if key is None else key)
        known = self._constants.get(full_key)
        if known is None:
            # Named by what it is, so that code of functions can be taken again: see `reuse`.
            number = crc32(repr(full_key).encode())
            while (name := f"_{self.unit.prefix}{_PREFIXES[kind]}{number}") in self._constant_names:
                number += 1
            self.put_constant(kind, value, full_key, name)
        else:
            name = known
        if self.record is not None:
            self.record.constants.append((kind, value, full_key, name))
        return name

    def put_constant(self, kind: str, value: Any, full_key: tuple[str, Any], name: str) -> None:
        """Put a constant into the tables of the unit."""
        self._constants[full_key] = name
        self._constant_names[name] = full_key
        tables = {"type": self.code.types, "format": self.code.formatters, "text": self.code.texts}
        table = tables.get(kind)
        if table is not None:
            table.append((name, value))
        else:
            self.code.constants.append((name, kind, value))

    def type_constant(self, type_: t.Type) -> ast.expr:
        """The type object itself."""
        self.need_record(type_)
        encoded = type_.encode()
        return self.load(self.constant("type", encoded))

    def print_format(self, type_: t.Type) -> ast.expr:
        """What formats values of this type for print."""
        self.need_record(type_)
        return self.load(self.constant("format", type_.encode()))

    def text_format(self, type_: t.Type) -> ast.expr:
        """What makes text of values of this type for `fmt` and `cat`."""
        return self.load(self.constant("text", type_.encode()))

    def need_record(self, type_: t.Type) -> None:
        """Nothing to do for named records; anonymous ones are in the unit already."""

    def record_py(self, record: t.RecordType) -> str:
        """The name in code of a record's class."""
        if record.anonymous:
            return f"record_{crc32(record.name.encode()):08x}"
        symbol = self.scope.get(record.name)
        return symbol.py if symbol is not None else mangle(record.name)

    def use(self, symbol: Symbol, is_value: bool = True) -> str:
        """The name in code of a global, which is noted as used.

        :param is_value: it is not just called
        """
        builtin = symbol.builtin
        if builtin is not None:
            if self.record is not None:
                self.record.builtins.append((symbol.name, symbol.py, is_value))
            entry = (symbol.py, builtin.module, builtin.attribute, is_value)
            place = self._builtin_places.setdefault(symbol.name, len(self.code.builtins))
            if place == len(self.code.builtins):
                self.code.builtins.append(entry)
            elif is_value:
                self.code.builtins[place] = entry
        elif symbol.kind in ("event", "hook"):
            self.use_event(symbol)
        return symbol.py

    def stands_alone(self, alone: bool) -> None:
        """Whether all that is made for the function that is being made is in its own code."""
        if self.record is not None and not alone:
            self.record.whole = False

    def uses_closure(self, function: Function) -> None:
        """A closure is made here: it may stand elsewhere, in a default."""
        if self.record is not None and function.py not in self.record.closures:
            self.record.whole = False

    def use_event(self, symbol: Symbol) -> None:
        if self.record is not None:
            self.record.events.append((symbol.name, symbol.py))
        if symbol.name not in self.code.events:
            self.code.events[symbol.name] = (symbol.py, symbol.kind, symbol.type.encode())
            self.note_name(symbol.py, symbol.name)

    def note_name(self, py: str, name: str) -> None:
        """Remember the script's name of something whose name in code does not tell it."""
        if name[-1:] != "_" and "__" not in name:
            if py == name:
                return
            # Mostly a module and a name, where neither has an underscore at the border.
            module, colons, rest = name.partition("::")
            if colons and ":" not in rest and py == f"{module}__{rest}" and module[-1:] != "_" != rest[:1]:
                return
        if demangle(py) != name:
            self.code.names[py] = name

    # ---- what the parts need of each other -----------------------------------------------------------------

    def expr(self, node: n.Expr) -> ast.expr:
        raise NotImplementedError

    def operand(self, node: n.Expr) -> ast.expr:
        raise NotImplementedError

    def binary(self, node: n.Binary) -> ast.expr:
        raise NotImplementedError

    def stmt(self, node: n.Stmt, out: list[ast.stmt]) -> None:
        raise NotImplementedError

    def body(self, node: n.Stmt) -> list[ast.stmt]:
        raise NotImplementedError

    def index_key(self, type_: t.TableType, index: list[n.Expr], insert: bool) -> ast.expr:
        raise NotImplementedError

    def new_container(self, type_: t.Type, spec: TableAttrs | None, content: ast.expr | None) -> ast.expr:
        raise NotImplementedError

    def spec(self, type_: t.TableType, attrs: TableAttrs | None) -> ast.expr | None:
        raise NotImplementedError

    def fresh(self, type_: t.Type, spec: TableAttrs | None) -> ast.expr | None:
        raise NotImplementedError

    def elsewhere(self, node: n.Expr) -> ast.expr:
        raise NotImplementedError

    def function_def(
        self, function: Function, name: str, params: list[str], body: n.Stmt | n.Expr, shared: list[Local]
    ) -> ast.stmt:
        raise NotImplementedError


_PREFIXES = {
    "type": "t",
    "format": "p",
    "text": "s",
    "port": "c",
    "addr": "c",
    "subnet": "c",
    "pattern": "c",
    "host": "c",
}


def generate(unit: Unit, scope: Scope, diagnostics: Diagnostics, reuse: Reuse | None = None) -> UnitCode:
    """The code of a checked unit.

    :param reuse: functions whose code is there already
    """
    from bro.script.codegen_declarations import Codegen

    codegen = Codegen(unit, scope, diagnostics)
    codegen.reuse = reuse
    return codegen.generate()
