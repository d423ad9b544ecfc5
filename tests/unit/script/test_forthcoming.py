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
    assert all(need in table for name in table for need in forthcoming._entry(name)[1])


def test_a_script_pays_for_what_it_uses() -> None:
    assert loaded("event zeek_init() { print 1; }") == []


def test_functions_are_told_of() -> None:
    warnings = "\n".join(loaded("function f(x: opaque of x509): X509::Certificate { return x509_parse(x); }"))
    assert "to call them is a run-time error: x509_parse" in warnings
    with pytest.raises(CompileError) as caught:
        loaded(
            "@ifdef ( x509_parse )\nevent zeek_init() { }\n@else\nevent zeek_init() { nothing(); }\n@endif"
        )
    assert any('"nothing" is not declared' in d.message for d in caught.value.diagnostics)


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
