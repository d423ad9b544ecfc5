"""What the linter looks for besides what the compiler warns of.

A rule is a function from what was analyzed to findings.  Each has a code that a site can switch off, and a
sentence that says what it is about; `bro lint --list` shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from bro.script import nodes as n
from bro.script import types as t
from bro.script.diagnostics import Source
from bro.script.scope import Local, Symbol
from bro.tools.frontend import Analysis, walk


class Finding(NamedTuple):
    """Something to tell about a place in a script."""

    code: str
    message: str
    source: Source | None
    start: int
    end: int
    hint: str = ""


Rule = Callable[[Analysis], Iterator[Finding]]

#: code: (what it is about, rule).  Codes of 1xx are the compiler's warnings, see `COMPILER`.
RULES: Final[dict[str, tuple[str, Rule]]] = {}

#: Warnings of the compiler: code, what it is about, and a part of their text.
COMPILER: Final = (
    ("B101", "a variable or function that is never used", ("never used", "is not used")),
    ("B102", "a statement that is never reached", ("never reached", "unreachable", "cannot be reached")),
    ("B103", "a name that hides another", ("hides", "shadows")),
    ("B104", "a variable that is never given a value", ("never given a value", "never assigned")),
    ("B105", "something deprecated", ("deprecated",)),
    ("B106", "a value that is computed and not used", ("computed and not used",)),
    ("B107", "a handler of an event that does not exist", ("there is no event", "never called")),
    ("B108", "a function that may end without its result", ("without a return",)),
    ("B100", "another warning of the compiler", ("",)),
)

#: Events that come for each packet, or nearly so.
PER_PACKET: Final = frozenset(
    [
        "new_packet",
        "raw_packet",
        "packet_contents",
        "tcp_packet",
        "tcp_contents",
        "udp_contents",
        "tcp_option",
        "tcp_options",
        "ipv6_ext_headers",
        "esp_packet",
        "udp_request",
        "udp_reply",
        "arp_request",
        "arp_reply",
    ]
)

#: Types of what comes out of the traffic: as many values as there are hosts, connections or names.
_UNBOUNDED: Final = frozenset(["addr", "string", "record", "time"])


def rule(code: str, about: str) -> Callable[[Rule], Rule]:
    """Register a rule."""

    def register(function: Rule) -> Rule:
        RULES[code] = (about, function)
        return function

    return register


def compiler_code(message: str) -> str:
    """The code of a warning of the compiler."""
    return next(code for code, _, parts in COMPILER if any(part in message for part in parts))


# ---- documentation -----------------------------------------------------------------------------------------


def documented(source: Source, start: int) -> bool:
    """Whether a declaration has ``##`` comments above or behind it."""
    line, _ = source.position(start)
    if "##<" in source.line_text(line):
        return True
    while line > 1:
        line -= 1
        text = source.line_text(line).strip()
        if text.startswith("##"):
            return not text.startswith("##!")
        if not text.startswith("@"):  # the declaration may stand in an @if
            return False
    return False


@rule("B201", "an exported name without documentation")
def undocumented(found: Analysis) -> Iterator[Finding]:
    for decl in found.decls:
        if not getattr(decl, "exported", False) or decl.module == "GLOBAL":
            continue
        if isinstance(decl, n.GlobalDecl):
            if getattr(decl.type_expr, "name", "") == "Log::PolicyHook":
                continue  # each log has one, and it is the same for all of them
            name, start = decl.name, decl.name_start
            what = "option" if decl.kind == "option" else "constant" if decl.kind == "const" else "name"
        elif isinstance(decl, n.TypeDecl):
            name, start, what = decl.name, decl.name_start, "type"
        else:
            continue
        if not documented(decl.source, decl.start):
            short = name.rpartition("::")[2]
            yield Finding(
                "B201",
                f'the exported {what} "{short}" has no documentation',
                decl.source,
                start,
                start + len(short),
                "say what it is for in ## comments above it",
            )


# ---- what costs much ---------------------------------------------------------------------------------------


@rule("B301", "a table that grows with the traffic and never shrinks")
def growing(found: Analysis) -> Iterator[Finding]:
    tables: dict[Symbol, n.GlobalDecl] = {}
    for decl in found.decls:
        if not isinstance(decl, n.GlobalDecl) or decl.kind != "global" or decl.symbol is None:
            continue
        type_ = decl.symbol.type
        spec = decl.symbol.spec
        expires = spec is not None and spec.expire_kind
        if (
            isinstance(type_, t.TableType)
            and not expires
            and any(i.tag in _UNBOUNDED for i in type_.index_types)
        ):
            tables[decl.symbol] = decl
    if not tables:
        return
    grown: set[Symbol] = set()
    shrunk: set[Symbol] = set()
    running = _running(found)
    for function in found.unit.functions:
        if function.body is None:
            continue
        for node in walk(function.body):
            _note(node, grown if function.symbol in running else set(), shrunk)
    for node_, _, _ in found.unit.closures:
        for node in walk(node_):
            _note(node, grown, shrunk)
    for symbol, decl in tables.items():
        if symbol in grown and symbol not in shrunk:
            name = symbol.name.rpartition("::")[2]
            yield Finding(
                "B301",
                f'"{name}" gets an element for each value that comes along, and nothing takes one away',
                decl.source,
                decl.name_start,
                decl.name_start + len(name),
                "let elements expire (&create_expire, &read_expire, &write_expire), or delete them",
            )


#: Events that come once, at the begin or at the end.
_ONCE: Final = frozenset(["zeek_init", "zeek_done"])


def _running(found: Analysis) -> set[Symbol | None]:
    """The handlers and functions that run again and again: what events call, but for the first and the last.

    What only `zeek_init` calls registers and configures, and what nobody calls is for other scripts to call
    there.
    """
    calls: dict[Symbol | None, set[Symbol]] = {}
    running: set[Symbol | None] = set()
    for function in found.unit.functions:
        if function.body is None:
            continue
        named = _functions_in(function.body)
        calls.setdefault(function.symbol, set()).update(named)
        if function.type.flavor != "function" and (
            function.symbol is None or function.symbol.name not in _ONCE
        ):
            running.add(function.symbol)
    for closure, _, _ in found.unit.closures:
        running.update(_functions_in(closure))  # when that runs, nobody can tell
    waiting = list(running)
    while waiting:
        new = calls.get(waiting.pop(), set()) - running
        running |= new
        waiting.extend(new)
    return running


def _functions_in(body: n.Node) -> set[Symbol]:
    """The functions that a body names."""
    symbols = (node.symbol for node in walk(body) if isinstance(node, n.Name))
    return {s for s in symbols if isinstance(s, Symbol) and s.kind == "function"}


def _note(node: n.Node, grown: set[Symbol], shrunk: set[Symbol]) -> None:
    """Note which tables a node puts elements into or takes them out of."""
    if isinstance(node, n.Add):
        targets = node.targets
    elif isinstance(node, (n.Assign, n.Step)):
        targets = [node.target]
        if isinstance(node, n.Assign) and isinstance(node.target, n.Name):
            symbol = node.target.symbol
            if isinstance(symbol, Symbol) and node.op in ("=", "-="):
                shrunk.add(symbol)  # it is replaced as a whole
    elif isinstance(node, n.Delete):
        for target in node.targets:
            base = target.base if isinstance(target, n.Index) else target
            if isinstance(base, n.Name) and isinstance(base.symbol, Symbol):
                shrunk.add(base.symbol)
        return
    elif isinstance(node, n.Call):
        for argument in node.args:  # a function may do anything with a table it is given
            if isinstance(argument, n.Name) and isinstance(argument.symbol, Symbol):
                shrunk.add(argument.symbol)
        return
    else:
        return
    for target in targets:
        if isinstance(target, n.Index) and isinstance(target.base, n.Name):
            symbol = target.base.symbol
            if isinstance(symbol, Symbol) and not all(isinstance(i, n.Literal) for i in target.index):
                grown.add(symbol)


@rule("B302", "a handler that runs for each packet")
def per_packet(found: Analysis) -> Iterator[Finding]:
    for decl in found.decls:
        if isinstance(decl, n.FuncDecl) and decl.signature.flavor == "event" and decl.name in PER_PACKET:
            yield Finding(
                "B302",
                f'"{decl.name}" is raised for single packets: this handler is a large '
                "part of what a busy link costs",
                decl.source,
                decl.name_start,
                decl.name_start + len(decl.name),
                "events of connections or of protocols are raised less often",
            )


@rule("B303", "a `when` that may wait for ever")
def waiting(found: Analysis) -> Iterator[Finding]:
    for node, _, source in found.unit.closures:
        if isinstance(node, n.When) and node.timeout is None and not _answered(node.condition):
            yield Finding(
                "B303",
                "this waits without a limit: while the condition does not hold, what it captures stays "
                "in memory",
                source,
                node.start,
                node.start + 4,
                "add: timeout 1min { ... }",
            )


def _answered(condition: n.Expr) -> bool:
    """Whether a condition waits for the result of a function alone, which has an end of its own, or a `when`
    that is told of.
    """
    return isinstance(condition, n.LocalAssign) and isinstance(condition.value, n.Call)


@rule("B304", "a pattern in a loop that is made anew each time")
def patterns_in_loops(found: Analysis) -> Iterator[Finding]:
    for function in found.unit.functions:
        if function.body is None:
            continue
        for loop in walk(function.body):
            if not isinstance(loop, (n.For, n.While)):
                continue
            for node in walk(loop.body):
                name = getattr(node.func, "name", "") if isinstance(node, n.Call) else ""
                if name == "string_to_pattern" and all(isinstance(a, n.Literal) for a in node.args):  # type: ignore[attr-defined]
                    yield Finding(
                        "B304",
                        "this makes the same pattern in every round",
                        function.source,
                        node.start,
                        node.end,
                        "make it once, before the loop",
                    )


# ---- what is likely a mistake ------------------------------------------------------------------------------


@rule("B401", "a comparison of something with itself")
def same_on_both_sides(found: Analysis) -> Iterator[Finding]:
    for function in found.unit.functions:
        if function.body is None:
            continue
        text = function.source.text
        for node in walk(function.body):
            if isinstance(node, n.Binary) and node.op in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
                left, right = node.left, node.right
                simple = isinstance(left, (n.Name, n.FieldAccess)) and isinstance(
                    right, (n.Name, n.FieldAccess)
                )
                if simple and text[left.start : left.end] == text[right.start : right.end]:
                    yield Finding(
                        "B401",
                        f'both sides of "{node.op}" are the same',
                        function.source,
                        node.start,
                        node.end,
                    )


@rule("B402", "a variable that is assigned to itself")
def assigned_to_itself(found: Analysis) -> Iterator[Finding]:
    for function in found.unit.functions:
        if function.body is None:
            continue
        for node in walk(function.body):
            if isinstance(node, n.Assign) and node.op == "=" and isinstance(node.target, n.Name):
                value = node.value
                own = isinstance(value, n.Name) and value.symbol is node.target.symbol
                if own and isinstance(node.target.symbol, (Local, Symbol)):
                    yield Finding(
                        "B402",
                        f'"{node.target.name}" gets the value that it has',
                        function.source,
                        node.start,
                        node.end,
                    )


@rule("B403", "a variable that may be without a value where it is used")
def perhaps_unset(found: Analysis) -> Iterator[Finding]:
    for name, source, start, end in found.unit.maybe_unset:
        yield Finding(
            "B403",
            f'"{name}" has no value here if none of what assigns it was run',
            source,
            start,
            end,
            "give it a value where it is declared; if this cannot happen, add &is_assigned there",
        )


@rule("B404", "a parameter of a function that is never used")
def unused_parameters(found: Analysis) -> Iterator[Finding]:
    called: set[int] = set()
    values: set[object] = set()
    for decl in found.decls:
        for node in walk(decl):
            if isinstance(node, n.Call):
                called.add(id(node.func))
            elif isinstance(node, n.Name) and id(node) not in called:
                values.add(node.symbol)  # who is given the function says which parameters it has
    for function in found.unit.functions:
        if function.type.flavor != "function" or function.symbol in values or function.decl is None:
            continue
        symbol = function.symbol
        # What a module exports takes what it was once said to take.
        if symbol is None or symbol.redef or not function.decl.body.body:
            continue
        if symbol.exported and symbol.module != "GLOBAL":
            continue
        for local in function.scope.params:
            if not local.used and not local.name.startswith("_"):
                yield Finding(
                    "B404",
                    f'the parameter "{local.name}" is never used',
                    function.source,
                    local.start,
                    local.start + len(local.name),
                    "a name that begins with _ says that this is meant",
                )
