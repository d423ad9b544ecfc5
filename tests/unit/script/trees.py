"""Trees of the parser for tests: comparing them, reading them, and strategies that make them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source
from bro.script.lexer import ATTRIBUTES, KEYWORDS
from bro.script.parser import parse
from bro.script.parser_expressions import PRECEDENCE


class Host:
    """What a parser asks of its surroundings; all conditions hold, and nothing is loaded."""

    def __init__(self) -> None:
        self.decls: list[n.Decl] = []

    def load(self, *_: Any) -> None:
        """`@load`"""

    load_signatures = load_plugin = unload = set_prefixes = load

    def condition(self, *_: Any) -> bool:
        return True

    def defined(self, *_: Any) -> bool:
        return True

    def declare(self, decl: n.Decl) -> None:
        self.decls.append(decl)


def read(text: bytes) -> tuple[list[n.Decl], Diagnostics]:
    """The declarations of a script, and what the parser had to say."""
    host, diagnostics = Host(), Diagnostics()
    parse(Source("test", text), diagnostics, host)
    return host.decls, diagnostics


_PLACES = frozenset(["start", "end", "source", "name_start"])


def shape(tree: Any) -> Any:
    """A tree as tuples, without the places in the source."""
    if isinstance(tree, n.Node):
        names = [f for f in tree._fields if f not in tree._later and f not in _PLACES]
        return (type(tree).__name__, *((name, shape(getattr(tree, name))) for name in names))
    if isinstance(tree, list):
        return [shape(item) for item in tree]
    return tree


# ---- strategies --------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["a", "b", "x1", "id", "conn", "inside", "seconds", "ab", "M::f", "f::b", "Log::write", "log"]
)
FIELDS = st.sampled_from(["a", "id", "orig_h", "timeout", "of", "count", "in_", "table"])
TYPES = st.recursive(
    st.one_of(
        st.sampled_from(["count", "string", "addr", "any", "bool", "pattern"]).map(
            lambda tag: n.SimpleTypeExpr(0, 0, tag)
        ),
        st.sampled_from(["R", "M::T"]).map(lambda name: n.NamedTypeExpr(0, 0, name)),
    ),
    lambda inner: st.one_of(
        inner.map(lambda t: n.VectorTypeExpr(0, 0, t)),
        st.lists(inner, min_size=1, max_size=3).map(lambda i: n.TableTypeExpr(0, 0, i, None)),
        st.tuples(inner, inner).map(lambda t: n.TableTypeExpr(0, 0, [t[0]], t[1])),
        st.lists(st.tuples(FIELDS, inner), max_size=2).map(
            lambda fields: n.RecordTypeExpr(0, 0, [n.FieldDecl(0, 0, name, t, []) for name, t in fields])
        ),
    ),
    max_leaves=4,
)
NUMBERS = st.one_of(
    st.integers(0, 2**64 - 1).map(lambda v: n.Literal(0, 0, "count", v)),
    st.floats(0, allow_nan=False).map(lambda v: n.Literal(0, 0, "double", v)),
    st.floats(1e-6, 1e9).map(lambda v: n.Literal(0, 0, "interval", v)),
    st.integers(0, 10**6).map(lambda v: n.Literal(0, 0, "interval", v * 60.0)),
)
LEAVES = st.one_of(
    WORDS.map(lambda name: n.Name(0, 0, name)),
    NUMBERS,
    st.binary(max_size=6).map(lambda v: n.Literal(0, 0, "string", v)),
    st.booleans().map(lambda v: n.Literal(0, 0, "bool", v)),
    st.sampled_from(["1.2.3.4", "::1", "2001:db8::a", "::ffff:1.2.3.4"]).map(
        lambda v: n.Literal(0, 0, "addr", v)
    ),
    st.sampled_from(["80/tcp", "0/unknown"]).map(lambda v: n.Literal(0, 0, "port", v)),
    st.tuples(st.sampled_from(["a|b", " x ", r"\/.?", "(a{2})+$"]), st.sampled_from(["", "i", "is"])).map(
        lambda p: n.PatternLiteral(0, 0, p[0], p[1])
    ),
    st.just("ftp.example.com").map(lambda host: n.HostLiteral(0, 0, host)),
    st.sampled_from(["{", "set", "table", "vector"]).map(lambda kind: n.Constructor(0, 0, kind, [], [])),
    st.just(None).map(lambda _: n.RecordConstructor(0, 0, [])),
)


def _block(exprs: list[n.Expr]) -> n.Block:
    return n.Block(0, 0, [n.ExprStmt(0, 0, e) for e in exprs])


def _larger(inner: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    some = st.lists(inner, max_size=3)
    more = st.lists(inner, min_size=1, max_size=3)
    pairs = st.tuples(inner, inner)
    captures = st.one_of(
        st.none(),
        st.lists(
            st.builds(n.Capture, st.just(0), st.just(0), st.sampled_from(["a", "b"]), st.booleans()),
            max_size=2,
        ),
    )
    params = st.lists(st.tuples(st.sampled_from("abc"), TYPES), max_size=2).map(
        lambda ps: [n.ParamDecl(0, 0, name, t, []) for name, t in ps]
    )
    signatures = st.builds(
        n.FuncTypeExpr,
        st.just(0),
        st.just(0),
        st.just("function"),
        params,
        st.one_of(st.none(), TYPES),
        st.booleans(),
    )
    return st.one_of(
        st.tuples(st.sampled_from(["!", "-", "+", "~"]), inner).map(lambda u: n.Unary(0, 0, *u)),
        st.tuples(st.sampled_from(["++", "--"]), inner).map(lambda u: n.Step(0, 0, *u)),
        st.tuples(st.sampled_from(sorted(PRECEDENCE)), inner, inner).map(lambda b: n.Binary(0, 0, *b)),
        st.tuples(inner, inner, inner).map(lambda c: n.Conditional(0, 0, *c)),
        st.tuples(st.sampled_from(["=", "+=", "-="]), inner, inner).map(lambda a: n.Assign(0, 0, *a)),
        inner.map(lambda e: n.Size(0, 0, e)),
        st.tuples(inner, FIELDS).map(lambda f: n.FieldAccess(0, 0, *f)),
        st.tuples(inner, FIELDS).map(lambda f: n.HasField(0, 0, *f)),
        st.tuples(inner, more).map(lambda i: n.Index(0, 0, *i)),
        st.tuples(inner, st.one_of(st.none(), inner), st.one_of(st.none(), inner)).map(
            lambda s: n.Slice(0, 0, *s)
        ),
        st.tuples(inner, some).map(lambda c: n.Call(0, 0, *c)),
        st.tuples(inner, some).map(lambda c: n.HookCall(0, 0, n.Call(0, 0, *c))),
        st.tuples(WORDS, some).map(lambda c: n.EventCall(0, 0, n.Name(0, 0, c[0]), c[1])),
        st.tuples(inner, WORDS, some).map(lambda c: n.Schedule(0, 0, c[0], n.Name(0, 0, c[1]), c[2])),
        more.map(lambda items: n.ListExpr(0, 0, items)),
        st.lists(st.tuples(FIELDS, inner), max_size=3).map(
            lambda fields: n.RecordConstructor(0, 0, [n.Argument(0, 0, *f) for f in fields])
        ),
        st.tuples(st.sampled_from(["{", "set", "vector"]), some).map(
            lambda c: n.Constructor(0, 0, c[0], c[1], [])
        ),
        st.lists(pairs, max_size=2).map(
            lambda ps: n.Constructor(0, 0, "table", [n.KeyValue(0, 0, *p) for p in ps], [])
        ),
        pairs.map(lambda p: n.Constructor(0, 0, "set", [], [n.Attr(0, 0, "default", p[0])])),
        st.tuples(inner, TYPES).map(lambda c: n.Cast(0, 0, *c)),
        st.tuples(inner, TYPES).map(lambda c: n.IsType(0, 0, *c)),
        inner.map(lambda e: n.CopyExpr(0, 0, e)),
        st.tuples(signatures, captures, some.map(_block)).map(lambda p: n.Lambda(0, 0, *p)),
    )


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=12)

assert "inside" not in KEYWORDS and "log" in ATTRIBUTES  # names that look like something else
