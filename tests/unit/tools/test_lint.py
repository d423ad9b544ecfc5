"""The linter: each of its rules, its settings, its output."""

from __future__ import annotations

import json
import pathlib
import sys

import pytest

from bro.tools.frontend import scripts_in
from bro.tools.lint import codes, lint
from tests import processes

ROOT = pathlib.Path(__file__).parents[3]

#: code: (a script that has it, the same without)
CASES = {
    "B101": ("event zeek_init() { local x = 3; }", "event zeek_init() { local x = 3; print x; }"),
    "B102": (
        "function f(): count { return 1; print 2; } event zeek_init() { print f(); }",
        "function f(): count { print 2; return 1; } event zeek_init() { print f(); }",
    ),
    "B103": (
        "global level = 3; event zeek_init() { local level = 4; print level; }",
        "global level = 3; event zeek_init() { local other = 4; print level, other; }",
    ),
    "B104": (
        "event zeek_init() { local x: string; print x; }",
        'event zeek_init() { local x: string; x = "a"; print x; }',
    ),
    "B105": (
        'global old: function() &deprecated="use f"; function old() { } event zeek_init() { old(); }',
        "global f: function(); function f() { } event zeek_init() { f(); }",
    ),
    "B106": ("event zeek_init() { 1 + 2; }", "event zeek_init() { print 1 + 2; }"),
    "B107": ("event no_such_event() { }", "event zeek_init() { }"),
    "B108": (
        "function f(x: count): count { if ( x > 1 ) return 1; } event zeek_init() { print f(1); }",
        "function f(x: count): count { if ( x > 1 ) return 1; return 2; } event zeek_init() { print f(1); }",
    ),
    "B201": (
        "module M; export { option x = 3; }",
        "module M; export {\n## What it is.\noption x = 3; }",
    ),
    "B301": (
        "global seen: set[addr]; event new_connection(c: connection) { add seen[c$id$orig_h]; }",
        "global seen: set[addr] &create_expire=1hr; event new_connection(c: connection) { add seen[c$id$orig_h]; }",  # noqa: E501
    ),
    "B302": ("event new_packet(c: connection, p: pkt_hdr) { }", "event new_connection(c: connection) { }"),
    "B303": (
        "global n = 0; event zeek_init() { when ( n > 3 ) { print n; } }",
        "global n = 0; event zeek_init() { when ( n > 3 ) { print n; } timeout 1sec { } "
        "when ( local a = lookup_addr(127.0.0.1) ) { print a; } }",
    ),
    "B304": (
        'event zeek_init() { for ( i in set(1, 2) ) print i, string_to_pattern("a", F) in "b"; }',
        'event zeek_init() { local p = string_to_pattern("a", F); for ( i in set(1, 2) ) print i, p in "b"; }',  # noqa: E501
    ),
    "B401": (
        "event zeek_init() { local a = 1; print a == a; }",
        "event zeek_init() { local a = 1; print a == 1; }",
    ),
    "B402": (
        "global g = 1; event zeek_init() { g = g; }",
        "global g = 1; event zeek_init() { g = 2; print g; }",
    ),
    "B403": (
        "global g = 1; event zeek_init() { local a: count; if ( g > 1 ) a = 1; print a; }",
        "global g = 1; event zeek_init() { local a: count; if ( g > 1 ) a = 1; else a = 2; print a; }",
    ),
    "B404": (
        "function f(a: count, b: count): count { return a; } event zeek_init() { print f(1, 2); }",
        "function f(a: count, b: count): count { return a; } event zeek_init() { local g = f; print g(1, 2); }",  # noqa: E501
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_rules(code: str, tmp_path: pathlib.Path) -> None:
    wrong, right = tmp_path / "wrong.bro", tmp_path / "right.bro"
    wrong.write_text(CASES[code][0] + "\n")
    right.write_text(CASES[code][1] + "\n")
    assert code in [f.code for f in lint([str(wrong)], bare=True)]
    assert code not in [f.code for f in lint([str(right)], bare=True)]


def test_elements_that_are_deleted_do_not_pile_up(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "x.bro"
    script.write_text(
        "global seen: table[string] of count;\n"
        "event new_connection(c: connection) { seen[c$uid] = 1; }\n"
        "event connection_state_remove(c: connection) { delete seen[c$uid]; }\n"
    )
    assert lint([str(script)], bare=True) == []


def test_what_is_registered_at_the_start_does_not_pile_up(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "x.bro"
    text = """
        global names: table[string] of count;
        function register(name: string) { names[name] = |names|; }
        event zeek_init() { register("a"); register("b"); }
    """
    script.write_text(text)
    assert lint([str(script)], bare=True) == []
    script.write_text(text + "event new_connection(c: connection) { register(c$uid); }\n")
    assert [f.code for f in lint([str(script)], bare=True)] == ["B301"]


def test_scripts_that_ship_have_no_findings() -> None:
    missing: list[str] = []
    assert [str(f) for f in lint(scripts_in([str(ROOT / "bro/scripts")], missing.append))] == []


def test_every_code_is_explained() -> None:
    assert all(about and not about.endswith(".") for about in codes().values())
    assert set(CASES) == set(codes()) - {"B001", "B100"}


def test_command(tmp_path: pathlib.Path) -> None:
    def run(*args: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "bro", "lint", "-b", *args]
        done = processes.run(command, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    script = tmp_path / "x.bro"
    script.write_text("event zeek_init()\n\t{\n\tlocal é = 3;\n\t}\n".replace("é", "e"))
    status, shown = run("x.bro")
    assert status == 1 and "x.bro:3:8: warning B101" in shown and "3 | " in shown
    status, shown = run("--json", "x.bro")
    (finding,) = json.loads(shown)
    assert (finding["code"], finding["line"], finding["column"]) == ("B101", 3, 8)
    assert run("--ignore", "B1", "x.bro") == (0, "")
    assert run("--select", "B2,B3", "x.bro") == (0, "")
    (tmp_path / ".bro-lint.toml").write_text('ignore = ["B101"]\n')
    assert run("x.bro") == (0, "")
    (tmp_path / ".bro-lint.toml").write_text("ignored = 3\n")
    assert run("x.bro")[0] == 2
    (tmp_path / ".bro-lint.toml").unlink()
    script.write_text("event zeek_init() { local x = 3; } # lint: ignore B101\n")
    assert run("x.bro") == (0, "")
    script.write_text(
        "event zeek_init() {\n# because; lint: ignore B101\n# lint: ignore B101\nlocal x = 3; }\n"
    )
    assert run("x.bro") == (0, "")
    script.write_text("event zeek_init() {\n# lint: ignore B101\n\nlocal x = 3; }\n")
    assert run("x.bro")[0] == 1
    assert run("--ignore", "B7", "x.bro") == (2, "bro lint: there is no code B7; --list shows all\n")
    script.write_text("event zeek_init() { print y; }\n")
    status, shown = run("x.bro")
    assert status == 2 and "error:" in shown
    assert run("none.bro")[0] == 2
    assert run("--list")[0] == 0
