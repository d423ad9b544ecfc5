"""Trees of the parser for tests: comparing them, reading them, and strategies that make them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source
from bro.script.lexer import ATTRIBUTES, KEYWORDS
from bro.script.parser import parse
from bro.script.parser_expressions import PRECEDENCE
from bro.script.parser_types import NO_VALUE


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

# ---- statements and declarations ---------------------------------------------------------------------------

_SMALL = st.recursive(LEAVES, _larger, max_leaves=4)
_NAMES = st.sampled_from(["a", "b", "x1", "conn"])
ATTRS = st.lists(
    st.one_of(
        st.sampled_from(sorted(NO_VALUE - {"redef"})).map(lambda name: n.Attr(0, 0, name, None)),
        st.builds(
            n.Attr,
            st.just(0),
            st.just(0),
            st.sampled_from(sorted(ATTRIBUTES - NO_VALUE)),
            st.one_of(st.none(), _SMALL),
        ),
    ),
    max_size=3,
)
_CAPTURES = st.one_of(
    st.none(),
    st.lists(st.builds(n.Capture, st.just(0), st.just(0), _NAMES, st.booleans()), max_size=2),
)
_VARIABLES = st.one_of(_NAMES, st.just("_")).map(lambda name: n.LoopVariable(0, 0, name))
_AT = st.just(0)


def _node(kind: Any, *parts: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, _AT, _AT, *parts)


def _cases(inner: st.SearchStrategy[list[n.Stmt]]) -> st.SearchStrategy[list[n.Case]]:
    ends: list[list[n.Stmt]] = [[], [n.Break(0, 0)], [n.Fallthrough(0, 0)]]
    body = st.tuples(inner, st.sampled_from(ends)).map(lambda parts: [*parts[0], *parts[1]])
    values = _node(n.Case, st.lists(_SMALL, min_size=1, max_size=2), st.just([]), st.just(False), body)
    named = _node(n.TypeCase, TYPES, st.one_of(st.none(), _NAMES))
    types = _node(n.Case, st.just([]), st.lists(named, min_size=1, max_size=2), st.just(False), body)
    default = _node(n.Case, st.just([]), st.just([]), st.just(True), body)
    return st.lists(st.one_of(values, types, default), max_size=3)


def _statements(inner: st.SearchStrategy[n.Stmt]) -> st.SearchStrategy[n.Stmt]:
    body = st.lists(inner, max_size=3)
    block = _node(n.Block, body)
    exprs = st.lists(_SMALL, min_size=1, max_size=2)
    values = st.one_of(st.none(), _SMALL)
    plain = st.one_of(
        _node(n.ExprStmt, _SMALL),
        _node(n.Print, st.lists(_SMALL, max_size=2)),
        _node(n.LogStmt, _node(n.Name, _NAMES).map(lambda name: [name])),
        _node(n.Add, exprs),
        _node(n.Delete, exprs),
        _node(n.Assert, _SMALL, values),
        _node(n.Return, values),
        st.sampled_from([n.Break(0, 0), n.Next(0, 0)]),
        _node(n.LocalDecl, _NAMES, st.one_of(st.none(), TYPES), values, ATTRS, st.booleans()),
    )
    waiting = st.one_of(st.tuples(st.none(), st.none()), st.tuples(_SMALL, block))
    loops = st.one_of(
        _node(n.While, _SMALL, block),
        st.builds(
            lambda keys, value, over, body: n.For(0, 0, keys, len(keys) > 1, value, over, body),
            st.lists(_VARIABLES, min_size=1, max_size=2),
            st.one_of(st.none(), _VARIABLES),
            _SMALL,
            block,
        ),
    )
    return st.one_of(
        plain,
        plain,
        block,
        loops,
        _node(n.If, _SMALL, block, st.one_of(st.none(), block, _node(n.If, _SMALL, block, st.none()))),
        _node(n.Switch, _SMALL, _cases(body)),
        st.builds(
            lambda captures, condition, body, late, returns: n.When(
                0, 0, captures, condition, body, late[0], late[1], returns
            ),
            _CAPTURES,
            _SMALL,
            block,
            waiting,
            st.booleans(),
        ),
    )


STATEMENTS = st.recursive(st.just(n.Block(0, 0, [])), _statements, max_leaves=6)

_SOURCE = Source("test", b"")
_FIELDS = st.lists(_node(n.FieldDecl, FIELDS, TYPES, ATTRS), max_size=3)
_ITEMS = st.lists(
    _node(n.EnumItem, _NAMES, st.one_of(st.none(), st.integers(-(2**63) + 1, 2**63 - 1)), ATTRS), max_size=3
)
_PARAMS = st.lists(_node(n.ParamDecl, FIELDS, TYPES, ATTRS), max_size=3)


def _signature(flavor: str) -> st.SearchStrategy[n.FuncTypeExpr]:
    return _node(n.FuncTypeExpr, st.just(flavor), _PARAMS, st.one_of(st.none(), TYPES), st.just(False))


_LARGE_TYPES = st.one_of(
    TYPES,
    _node(n.RecordTypeExpr, _FIELDS),
    _node(n.EnumTypeExpr, _ITEMS),
    _node(n.OpaqueTypeExpr, st.sampled_from(["md5", "set", "topk"])),
    st.sampled_from(["function", "event", "hook"]).flatmap(_signature),
)


def _declaration(module: str) -> st.SearchStrategy[n.Decl]:
    """A declaration in a module."""
    name = _NAMES.map(lambda short: short if module == "GLOBAL" else f"{module}::{short}")
    place = (st.just(_SOURCE), st.just(module))
    exported = st.booleans() if module != "GLOBAL" else st.just(True)
    inner = st.booleans() if module != "GLOBAL" else st.just(False)
    target = _node(n.Name, WORDS)
    # Attributes right behind a constructor are the variable's own.
    given = _SMALL.filter(lambda e: not (isinstance(e, n.Constructor) and e.attrs))
    value = st.one_of(st.none(), given)
    body = _node(n.Block, st.lists(STATEMENTS, max_size=2))
    return st.one_of(
        _node(
            n.GlobalDecl, *place, exported, st.sampled_from(["global", "const", "option"]), name, _AT,
            st.one_of(st.none(), _LARGE_TYPES), value, ATTRS,
        ),
        _node(n.TypeDecl, *place, exported, name, _AT, _LARGE_TYPES, ATTRS),
        _node(n.RedefDecl, *place, inner, target, st.sampled_from(["=", "+=", "-="]), given, ATTRS),
        _node(n.RedefEnum, *place, inner, target, _ITEMS),
        _node(n.RedefRecord, *place, inner, target, _FIELDS, ATTRS),
        _node(n.RedefField, *place, inner, target, FIELDS, st.sampled_from(["+=", "-="]), ATTRS),
        st.sampled_from(["function", "event", "hook"]).flatmap(
            lambda flavor: _node(
                n.FuncDecl, *place, inner, WORDS, _AT, _signature(flavor), ATTRS, body, st.just(False)
            )
        ),
    )  # fmt: skip


DECLARATIONS = st.lists(st.sampled_from(["GLOBAL", "M"]).flatmap(_declaration), max_size=4)
