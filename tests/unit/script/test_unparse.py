"""Printing a tree and reading it again gives the same tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script import unparse
from tests.unit.script.amount import examples
from tests.unit.script.trees import DECLARATIONS, EXPRESSIONS, STATEMENTS, TYPES, read, shape

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "bro" / "scripts").rglob("*.bro"))
LITERATE = [
    (f"{path.stem}-{number}", script)
    for path in sorted((ROOT / "tests" / "language").glob("*.md"))
    for number, script in enumerate(re.findall(r"^```bro\n(.*?)^```", path.read_text(), re.M | re.S))
    if "# error" not in script and "@if" not in script
]


@settings(max_examples=examples(400), deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS)
def test_expressions(tree: n.Expr) -> None:
    text = unparse.expression(tree)
    decls, diagnostics = read(f"function f() {{ print {text}; }}".encode("latin-1"))
    assert not diagnostics.items, text + "\n" + diagnostics.items[0].render()
    decl = decls[0]
    assert isinstance(decl, n.FuncDecl) and isinstance(decl.body.body[0], n.Print)
    assert shape(decl.body.body[0].args) == shape([tree]), text


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(EXPRESSIONS, max_size=3))
def test_statements(trees: list[n.Expr]) -> None:
    body: list[n.Stmt] = []
    for tree in trees:
        body += [
            n.ExprStmt(0, 0, tree),
            n.If(0, 0, tree, n.Block(0, 0, [n.Return(0, 0, tree)]), n.Block(0, 0, [])),
            n.Print(0, 0, [tree, tree]),
            n.Switch(
                0, 0, tree, [n.Case(0, 0, [tree], [], False, [n.Break(0, 0)]), n.Case(0, 0, [], [], True, [])]
            ),
            n.LocalDecl(0, 0, "v", None, tree, [], False),
            n.Assert(0, 0, tree, None),
        ]
    block = n.Block(0, 0, body)
    decls, diagnostics = read(b"function f()\n" + unparse.statement(block).encode("latin-1"))
    assert not diagnostics.items, unparse.statement(block) + "\n" + diagnostics.items[0].render()
    decl = decls[0]
    assert isinstance(decl, n.FuncDecl)
    assert shape(decl.body) == shape(block)


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STATEMENTS, max_size=3))
def test_all_statements(body: list[n.Stmt]) -> None:
    block = n.Block(0, 0, body)
    text = "function f()\n" + unparse.statement(block)
    decls, diagnostics = read(text.encode("latin-1"))
    assert not diagnostics.items, text + "\n" + diagnostics.items[0].render()
    (decl,) = decls
    assert isinstance(decl, n.FuncDecl)
    assert shape(decl.body) == shape(block), text


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(DECLARATIONS)
def test_declarations(decls: list[n.Decl]) -> None:
    text = unparse.script(decls)
    again, diagnostics = read(text.encode("latin-1"))
    assert not diagnostics.error_count, text + "\n" + diagnostics.errors[0].render()
    assert shape(again) == shape(decls), text


@given(TYPES)
def test_types(tree: n.TypeExpr) -> None:
    decls, diagnostics = read(f"global x: {unparse.type_text(tree)};".encode())
    assert not diagnostics.items
    decl = decls[0]
    assert isinstance(decl, n.GlobalDecl)
    assert shape(decl.type_expr) == shape(tree)


def _round_trip(text: bytes) -> None:
    decls, diagnostics = read(text)
    assert not diagnostics.error_count, diagnostics.errors[0].render()
    printed = unparse.script(decls)
    again, diagnostics = read(printed.encode("latin-1"))
    assert not diagnostics.error_count, diagnostics.errors[0].render()
    assert shape(again) == shape(decls)


@pytest.mark.parametrize("path", SHIPPED, ids=[str(p.relative_to(ROOT / "bro" / "scripts")) for p in SHIPPED])
def test_shipped_scripts(path: Path) -> None:
    _round_trip(path.read_bytes())


@pytest.mark.parametrize("script", [s for _, s in LITERATE], ids=[name for name, _ in LITERATE])
def test_literate_scripts(script: str) -> None:
    _round_trip(script.encode())


def test_long_chains() -> None:
    text = b"global x = " + b" + ".join([b"a"] * 5000) + b";\n"
    decls, diagnostics = read(text)
    assert not diagnostics.items
    assert unparse.script(decls).encode() == text
