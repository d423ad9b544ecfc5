"""Names: what they stand for, and where they can be seen.

A `Symbol` is a global name with its module, a `Local` a variable of one function.  `Scope` holds the symbols
of a program; the compiler of a later unit (a user's script) goes on with the scope of the earlier one (the
base scripts).
"""

from __future__ import annotations

from bro.runtime.callables import mangle
from bro.script.types import ERROR, FuncType, Type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from bro.script import nodes as n
    from bro.script.diagnostics import Source

#: Events with two names, by the older one.
EVENT_ALIASES = {
    "bro_init": "zeek_init",
    "bro_done": "zeek_done",
    "bro_script_loaded": "zeek_script_loaded",
}


class Symbol:
    """A global name.

    `kind` is "variable" (also constants and options), "type", "enum" (a value of one), "function", "event",
    "hook" or "builtin".
    """

    __slots__ = (
        "attrs",
        "builtin",
        "constant",
        "decl",
        "defined",
        "deprecated",
        "enum",
        "exported",
        "inline",
        "kind",
        "module",
        "name",
        "option",
        "prototypes",
        "py",
        "redef",
        "source",
        "spec",
        "start",
        "state",
        "type",
        "used",
    )

    def __init__(self, name: str, kind: str, source: Source | None = None, start: int = 0) -> None:
        self.name = name
        self.kind = kind
        self.source = source
        self.start = start
        self.module = name.rpartition("::")[0] or "GLOBAL"
        self.type: Type = ERROR
        self.exported = True
        self.py = mangle(name)  #: name in generated code
        self.constant = False  #: declared `const` or `option`
        self.option = False
        self.redef = False  #: may be redefined
        self.defined = False  #: a function with a body, a variable with a value
        self.deprecated: str | None = None
        self.decl: n.Decl | None = None
        self.state = 0  #: of resolving its type: 0 not begun, 1 under way, 2 done
        self.inline: n.Expr | None = None  #: value of a constant that code can contain
        self.enum: tuple[str, int] | None = None  #: type and number of an enum value
        self.prototypes: list[FuncType] = []  #: of an event or hook; the first is what is raised
        self.builtin: Any = None
        self.attrs: dict[str, Any] = {}
        self.spec: Any = None  #: attributes of a table variable
        self.used = False

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}: {self.type.notation()}>"

    def __getstate__(self) -> dict[str, Any]:
        # The declaration's tree is not needed once it is compiled; what may be is in other attributes.
        state = {s: getattr(self, s) for s in self.__slots__ if s not in ("decl", "source", "builtin")}
        state["attrs"] = {
            k: v
            for k, v in self.attrs.items()
            if k in ("add_func", "delete_func", "undeclared", "deprecated_types", "raw_output")
        }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.decl = None
        self.source = None
        self.builtin = None
        for slot, value in state.items():
            setattr(self, slot, value)
        if self.kind == "builtin":
            from bro.runtime.builtins.registry import known

            self.builtin = known()[self.name]


class Local:
    """A variable or parameter of a function."""

    __slots__ = ("assigned", "constant", "name", "owner", "py", "start", "type", "unset", "used")

    def __init__(self, name: str, type: Type, owner: FunctionScope, start: int) -> None:
        self.name = name
        self.type = type
        self.owner = owner
        self.start = start
        self.py = owner.python_name(name)
        self.constant = False
        self.used = False
        self.assigned = False  #: assigned after its declaration
        self.unset = False  #: declared without a value, and its type brings none along

    def __repr__(self) -> str:
        return f"<local {self.name}: {self.type.notation()}>"


class FunctionScope:
    """The variables of one function, handler, anonymous function or `when`."""

    def __init__(
        self, flavor: str, parent: FunctionScope | None, taken: Container[str], result: Type
    ) -> None:
        self.flavor = flavor  #: "function", "event", "hook", "lambda", "when", "statements"
        self.parent = parent
        self.result = result
        self.params: list[Local] = []
        self.blocks: list[dict[str, Local]] = [{}]
        #: variables whose block has ended, for those who use them behind it
        self.ended: dict[str, Local] = {}
        #: outer variable and inner one of each capture, and whether it is copied
        self.captures: list[tuple[Local, Local, bool]] = []
        self.implicit = False  #: captures what it uses without a list of captures
        self.asynchronous = False  #: has a `return when`
        self.loops = 0  #: loops around what is being checked
        self.switches = 0  #: likewise
        self.locals: list[Local] = []
        self._taken = taken
        #: names in the generated function of variables that have another one in the script
        self._renamed: set[str] = set()

    def python_name(self, name: str) -> str:
        """A name for a variable in the generated function that nothing else there has."""
        py = mangle(name)
        while py in self._taken or any(self._has(block, py) for block in self.blocks):
            py += "_"
        if py != name:
            self._renamed.add(py)
        return py

    def _has(self, block: dict[str, Local], py: str) -> bool:
        """Whether a variable of a block has a name in the generated function."""
        found = block.get(py)
        if found is not None and found.py == py:
            return True
        return py in self._renamed and any(local.py == py for local in block.values())

    def declare(self, name: str, type: Type, start: int) -> Local:
        """A new variable in the current block."""
        local = Local(name, type, self, start)
        self.blocks[-1][name] = local
        self.locals.append(local)
        return local

    def find(self, name: str) -> Local | None:
        """The variable that a name means here."""
        for block in reversed(self.blocks):
            local = block.get(name)
            if local is not None:
                return local
        return None

    def open(self) -> None:
        """Begin a block."""
        self.blocks.append({})

    def close(self) -> None:
        """End a block."""
        self.ended.update(self.blocks.pop())


class Scope:
    """The global names of a program."""

    def __init__(self) -> None:
        self.symbols: dict[str, Symbol] = {}
        #: symbols by their name in generated code; of those that are not unpacked yet, their names
        self.by_py: dict[str, Symbol | str] = {}
        #: names that were kept and are not unpacked yet, and what unpacks them: see `stored_scope`
        self.stored: dict[str, Any] = {}
        self.store: Any = None

    def add(self, symbol: Symbol) -> None:
        self.symbols[symbol.name] = symbol
        while self.by_py.get(symbol.py, symbol) is not symbol:
            symbol.py += "_"
        self.by_py[symbol.py] = symbol

    def get(self, name: str) -> Symbol | None:
        """The symbol with this full name."""
        found = self.symbols.get(name)
        if found is None and name in self.stored:
            found = self.store.load(name)
        return found

    def load_all(self) -> None:
        """Unpack whatever is not yet, for those who go through all symbols."""
        for name in list(self.stored):
            self.get(name)

    def fork(self) -> Scope:
        """A scope with the same names, which can be added to without changing this one."""
        new = Scope()
        new.symbols, new.by_py, new.stored = dict(self.symbols), dict(self.by_py), dict(self.stored)
        if self.store is not None:
            new.store = self.store.fork(new)
        return new

    def lookup(self, name: str, module: str) -> Symbol | None:
        """The symbol that a name as written in a module stands for."""
        if "::" in name:
            return self.get(name.removeprefix("GLOBAL::").removeprefix("::"))
        if module != "GLOBAL":
            found = self.get(f"{module}::{name}")
            if found is not None:
                return found
        return self.get(name)
