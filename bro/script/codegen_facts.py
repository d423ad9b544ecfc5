"""What the code generator knows of optional fields while it goes through a function: which of them are set.

A field that was read, tested with `?$` or assigned need not be tested again until something may have changed
that.  What is known is a set of paths: a variable and the fields that lead on from it.  A call of anything
that may run a script, and a store to a field of the same name, end it.  The set also holds what
`codegen_ranges` knows of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from bro.script import nodes as n
from bro.script.codegen_ranges import from_comparison, is_range
from bro.script.scope import Local, Symbol

#: A variable, and the names of fields; or a fact of `codegen_ranges`.
Path = tuple[Local | Symbol | str | int, ...]

#: Built-in functions that change no field, table or vector and run no script.
HARMLESS = frozenset(
    """cat cat_sep fmt to_lower to_upper sub gsub byte_len sub_bytes is_v4_addr is_v6_addr port_to_count
    network_time current_time strstr starts_with ends_with split_string join_string_vec join_string_set
    to_count to_int to_double to_addr to_string_literal clean escape_string floor sqrt exp ln log10
    double_to_count int_to_count count_to_double double_to_interval interval_to_double time_to_double
    double_to_time strip lstrip rstrip md5_hash sha1_hash sha256_hash addr_to_counts subnet_to_addr
    subnet_width mask_addr get_port_transport_proto is_tcp_port is_udp_port string_to_pattern strftime
    reverse find_last find_str rfind_str count_substr edit hexdump enum_to_int""".split()  # noqa: SIM905
)


def path_of(node: n.Expr) -> Path | None:
    """The path that a variable or field is; None for other expressions."""
    fields: list[str] = []
    while isinstance(node, n.FieldAccess):
        fields.append(node.name)
        node = node.base
    if not isinstance(node, n.Name) or not isinstance(node.symbol, (Local, Symbol)):
        return None
    return (node.symbol, *reversed(fields))


def when_true(node: n.Expr) -> set[Path]:
    """The fields that have a value where a condition holds, and what it says of numbers."""
    if isinstance(node, n.HasField):
        base = path_of(node.base)
        return set() if base is None else {(*base, node.name)}
    if isinstance(node, n.Unary) and node.op == "!":
        return when_false(node.operand)
    if isinstance(node, n.Binary):
        if node.mode == "compare":
            return from_comparison(node, holds=True)
        if node.mode == "logic" and node.op == "&&":
            return set().union(*(when_true(part) for part in _parts(node)))
    return set()


def when_false(node: n.Expr) -> set[Path]:
    """The fields that have a value where a condition does not hold, and what that says of numbers."""
    if isinstance(node, n.Unary) and node.op == "!":
        return when_true(node.operand)
    if isinstance(node, n.Binary):
        if node.mode == "compare":
            return from_comparison(node, holds=False)
        if node.mode == "logic" and node.op == "||":
            return set().union(*(when_false(part) for part in _parts(node)))
    return set()


def _parts(node: n.Binary) -> list[n.Expr]:
    """What a chain of one logical operator consists of, the last first; the chain may be long."""
    parts = []
    current: n.Expr = node
    while isinstance(current, n.Binary) and current.mode == "logic" and current.op == node.op:
        parts.append(current.right)
        current = current.left
    return [*parts, current]


def leaves(stmt: n.Stmt | None) -> bool:
    """Whether nothing that stands behind a statement runs after it."""
    while isinstance(stmt, n.If):  # a chain of `else if` may be long
        if not leaves(stmt.then):
            return False
        stmt = stmt.otherwise
    if isinstance(stmt, n.Block):
        return any(leaves(s) for s in stmt.body)
    return isinstance(stmt, (n.Return, n.Break, n.Next))


class Facts:
    """The fields that are known to have a value at the place code is made for."""

    __slots__ = ("known", "losses", "shared")

    def __init__(self, shared: Iterable[Local] = ()) -> None:
        self.known: set[Path] = set()
        #: variables that other calls of the same function change as well
        self.shared = frozenset(shared)
        #: how often something was forgotten
        self.losses = 0

    def add(self, paths: Iterable[Path]) -> None:
        if self.shared:
            paths = [p for p in paths if not is_range(p) or self.shared.isdisjoint(p)]
        self.known.update(paths)

    def forget(self) -> None:
        """Anything may have changed, or other code leads here as well."""
        self.known = set()
        self.losses += 1

    def called(self) -> None:
        """Other code ran: it may have changed everything but the numbers in local variables."""
        if self.known:
            self.known = {fact for fact in self.known if is_range(fact)}
        self.losses += 1

    def assigned(self, variable: object) -> None:
        """A variable gets another value: what was known of the old one, or in relation to it, is over."""
        if self.known:
            self.known = {fact for fact in self.known if variable not in fact}

    def stored(self, target: n.Expr, value: n.Expr | None) -> None:
        """A variable or field gets another value; None as value means that it loses its own."""
        if isinstance(target, n.Name):
            self.assigned(target.symbol)
        elif isinstance(target, n.FieldAccess):
            name = target.name
            # Other variables may stand for the same record.
            self.known = {p for p in self.known if name not in p[1:]}
            path = path_of(target)
            if path is not None and isinstance(value, _NEVER_UNSET):
                self.known.add(path)
        else:
            return
        self.losses += 1


#: Expressions that have a value, or stop the handler.
_NEVER_UNSET = (n.Literal, n.RecordConstructor, n.Constructor, n.FieldAccess, n.Binary, n.Unary, n.Size)
