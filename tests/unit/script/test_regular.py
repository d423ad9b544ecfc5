"""Regular expressions that are kept compiled do the same as those that `re` compiles."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterator

import pytest

from bro.script import codegen_inline, lexer, regular
from bro.script.diagnostics import Source

TEXT = r"""
type R: record { a: count &log; };  # what is known
global x = /a\/b/i; event zeek_init() { print [::1], 5 min, 80/tcp, "a\"b", R($a=0x10)$a / 2;
    print www.example.com; }
"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No expression is kept, before and after a test."""
    monkeypatch.setattr(regular, "_kept", {})
    forget()
    yield
    forget()


def forget() -> None:
    """Let every expression be made again when it is used next."""
    for one in regular._all:
        for name in [n for n in vars(one) if n != "key"]:
            delattr(one, name)


def kept() -> list[tuple[tuple[str, int], regular.Compiled]]:
    """All expressions as the cache gives them back."""
    found: list[tuple[tuple[str, int], regular.Compiled]] = marshal.loads(marshal.dumps(regular.compiled()))
    return found


def test_all_expressions_can_be_kept() -> None:
    assert {key for key, _ in kept()} == {one.key for one in regular._all}
    assert codegen_inline._PLAIN in regular._all


def test_tokens_are_the_same_with_kept_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("x", TEXT.encode())
    expected = lexer.tokenize(source)
    compiled = kept()
    forget()
    regular.use(compiled)
    monkeypatch.setitem(sys.modules, "re", None)  # importing it fails
    tokens = lexer.tokenize(source)
    assert (tokens.kinds, tokens.texts) == (expected.kinds, expected.texts)
    assert (tokens.starts, tokens.ends) == (expected.starts, expected.ends)


def test_a_damaged_one_is_compiled_again() -> None:
    one = regular.regex(r"(\d+)x")
    try:
        regular.use([(one.key, ("", -1, [1, 2, 3], -1, {}, ()))])  # type: ignore[attr-defined]
        found = one.fullmatch("12x")
        assert found is not None and found[1] == "12"
    finally:
        regular._all.remove(one)  # type: ignore[arg-type]
