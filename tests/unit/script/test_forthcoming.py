"""The table of names of analyzers that are still to come."""

from __future__ import annotations

import pytest

from bro.runtime import context as contexts
from bro.script import forthcoming
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load


def loaded(code: str) -> list[str]:
    """The warnings of a script on top of the default ones."""
    context = contexts.use(contexts.Context())
    return load([], LoadOptions(code=code, cache=False), context).loaded.warnings


def test_all_declarations_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is written by a tool, and none may break the script that happens to use it."""
    table = forthcoming._table()
    assert len(table) > 1000
    monkeypatch.setattr(forthcoming, "_mentioned", lambda compiler: True)
    monkeypatch.setattr(
        forthcoming, "_used", lambda compiler: [(name, compiler.decls[0]) for name in table if name]
    )
    loaded("event zeek_init() { }")


def test_needs_are_in_the_table() -> None:
    table = forthcoming._table()
    assert all(need in table for _, needs, _ in table.values() for need in needs)


def test_a_script_pays_for_what_it_uses() -> None:
    assert loaded("event zeek_init() { print 1; }") == []


def test_functions_are_told_of() -> None:
    with pytest.raises(CompileError) as caught:
        loaded('event zeek_init() { print x509_parse("a"); }')
    assert any("X509, which is still to come" in d.hint for d in caught.value.diagnostics)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("base/protocols/ssl", True),
        ("protocols/ssh/detect-bruteforcing", True),
        ("policy/protocols/smb/__load__.zeek", True),
        ("base/files/x509", True),
        ("frameworks/intel/seen/ssl", True),
        ("base/protocols/http/nosuch", False),
        ("protocols/mine/ssl", False),
    ],
)
def test_scripts_that_are_left_out(name: str, is_one: bool) -> None:
    assert forthcoming.is_script(name) == is_one
