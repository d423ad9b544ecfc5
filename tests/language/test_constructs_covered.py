"""Every construct of the language stands in a literate case: words, attributes, directives, operators, nodes
of the tree.
"""

from __future__ import annotations

import re

import pytest

from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source, TooManyErrors
from bro.script.lexer import ATTRIBUTES, KEYWORDS, tokenize
from bro.script.parser import DIRECTIVES, parse
from bro.script.parser_expressions import PRECEDENCE
from tests.language.test_literate import CASES
from tests.unit.script.trees import Host

#: Nodes that only the checker makes, or that stand for what could not be read; bases of others; and `log`,
#: the statement of the language's first version, which `tests/dialect` has.
NOT_WRITTEN = {
    *("Node", "TypeExpr", "Expr", "Stmt", "Decl"),
    *("Coerce", "KeyProduct", "BadExpr", "LogStmt"),
}


def _sources() -> list[str]:
    return [text for _, case in CASES for text in (case.script, *case.files.values())]


def _kinds(tree: object, found: set[str]) -> None:
    if isinstance(tree, n.Node):
        found.add(type(tree).__name__)
        for field in tree._fields:
            _kinds(getattr(tree, field), found)
    elif isinstance(tree, list):
        for item in tree:
            _kinds(item, found)


@pytest.fixture(scope="module")
def tokens() -> set[str]:
    """The kinds and texts of all tokens; directives without what follows them."""
    found: set[str] = set()
    for text in _sources():
        made = tokenize(Source("case", text.encode()))
        found.update(made.kinds)
        found.update(re.split(r"[ \t]", t, maxsplit=1)[0] for t in made.texts)
        found.update("&" + t for kind, t in zip(made.kinds, made.texts, strict=True) if kind == "ATTR")
    return found


@pytest.fixture(scope="module")
def kinds() -> set[str]:
    """The kinds of nodes in all cases."""
    found: set[str] = set()
    for text in _sources():
        host = Host()
        try:
            parse(Source("case", text.encode()), Diagnostics(), host)
        except TooManyErrors:
            continue
        for decl in host.decls:
            _kinds(decl, found)
    return found


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_word(word: str, tokens: set[str]) -> None:
    assert word in tokens


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_attribute(name: str, tokens: set[str]) -> None:
    assert "&" + name in tokens


@pytest.mark.parametrize("directive", sorted(DIRECTIVES))
def test_directive(directive: str, tokens: set[str]) -> None:
    assert directive in tokens


@pytest.mark.parametrize(
    "operator", [*sorted(PRECEDENCE), "!", "~", "++", "--", "=", "+=", "-=", "?", "?$", "$"]
)
def test_operator(operator: str, tokens: set[str]) -> None:
    assert operator in tokens


@pytest.mark.parametrize(
    "kind", ["COUNT", "DOUBLE", "STRING", "PATTERN", "ADDR", "PORT", "INTERVAL", "HOST", "VALUE"]
)
def test_literal(kind: str, tokens: set[str]) -> None:
    assert kind in tokens


@pytest.mark.parametrize(
    "kind",
    sorted(
        c.__name__
        for c in vars(n).values()
        if isinstance(c, type) and issubclass(c, n.Node) and c.__name__ not in NOT_WRITTEN
    ),
)
def test_node(kind: str, kinds: set[str]) -> None:
    assert kind in kinds
