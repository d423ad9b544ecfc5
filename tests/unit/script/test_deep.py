"""Scripts that programs write: longer and deeper than Python's compiler takes as it is."""

from __future__ import annotations

import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings

from bro.script import codegen_deep
from bro.script.codegen_declarations import Codegen
from bro.script.diagnostics import Source
from bro.tools.frontend import read
from tests.unit.script.amount import examples
from tests.unit.script.programs import program
from tests.unit.script.test_programs import run


def start(*statements: str) -> str:
    return "event zeek_init() {\n" + "\n".join(statements) + "\n}\n"


def chain(links: int) -> str:
    return "".join(f"{'else ' if i else ''}if ( x == {i} ) return {i + 1};\n" for i in range(links))


@pytest.mark.parametrize("links", [39, 40, 41, 80, 3000])
def test_chains_of_else_if(links: int) -> None:
    asked = [0, 38, 39, 40, 79, links - 1, links]
    script = f"function f(x: count): count {{ {chain(links)} else return 0; }}\n"
    printed, reported = run(script + start(*(f"print f({x});" for x in asked)))
    assert (printed.split(), reported) == ([str(x + 1 if x < links else 0) for x in asked], "")


@pytest.mark.parametrize("ending", ["break;", "fallthrough;", "if ( x < 5 ) break; s += 1000; break;"])
def test_switches_of_many_cases(ending: str) -> None:
    cases = "".join(f"case {i}: s += 1; {ending}\n" for i in range(2000))
    body = f"local s = 0; switch ( x ) {{\n{cases} default: s += 7; }} return s;"
    script = f"function f(x: count): count {{ {body} }}\n"
    printed, reported = run(script + start("print f(3), f(1998), f(5000);"))
    expected = {"b": "1, 1, 7\n", "f": "2004, 9, 7\n", "i": "1, 1001, 7\n"}[ending[0]]
    assert (printed, reported) == (expected, "")


@pytest.mark.parametrize(
    ("type_", "one", "expected"),
    [
        ("count", "1", "3001"),
        ("string", '"x"', "x" * 3001),
        ("int", "+1", "3001"),
        ("double", "0.5", "1500.5"),
    ],
)
def test_long_sums(type_: str, one: str, expected: str) -> None:
    script = f"global g: {type_} = {one};\nglobal sum = g" + " + g" * 3000 + ";\n"
    printed, reported = run(script + start("local v = g;", "print sum;", "print v" + " + v" * 3000 + ";"))
    assert (printed.split(), reported) == ([expected, expected], "")


def test_the_order_of_a_long_sum() -> None:
    script = 'global calls = 0;\nfunction f(): string { return fmt("%d,", ++calls); }\n'
    printed, _ = run(script + start("print f()" + " + f()" * 300 + ";"))
    assert printed == "".join(f"{i}," for i in range(1, 302)) + "\n"


@pytest.mark.parametrize("operator", ["||", "&&"])
def test_long_conditions(operator: str) -> None:
    stop = "T" if operator == "||" else "F"
    script = (
        f"global asked = 0;\nfunction f(x: count): bool {{ ++asked; return x == 1500 ? {stop} : !{stop}; }}\n"
    )
    parts = f" {operator} ".join(f"f({i})" for i in range(3000))
    printed, _ = run(script + start(f"if ( {parts} ) print T; else print F;", "print asked;"))
    assert printed.split() == [stop, "1501"]


LOOPS = 30


def nested(inner: str, before: str = "") -> str:
    heads = "".join(f"for ( i{i} in vector(0, 1) ) {{ {before.replace('#', str(i))}\n" for i in range(LOOPS))
    return f"{heads}{inner}\n{'}' * LOOPS}"


def test_loops_within_each_other() -> None:
    script = "function f(want: count): string {\nlocal seen = 0; local label: string;\n" + nested(
        '++seen; label = cat("seen ", seen);',
        'if ( i# == 1 && want == # ) return fmt("in # %s", label); if ( i# == 1 && # > 8 ) break;',
    )
    printed, reported = run(
        script
        + '\nreturn fmt("%d, %s", seen, label); }\n'
        + start(*(f"print f({want});" for want in (29, 14, 8, 0, 99)))
    )
    expected = ["in 29 seen 1", "in 14 seen 1", "in 8 seen 1", "in 0 seen 256", "512, seen 512"]
    assert (printed.splitlines(), reported) == (expected, "")


def test_next_in_switches_in_loops_within_each_other() -> None:
    script = "global n = 0;\n" + start(
        nested(
            "++n;", "switch ( i# ) { case 0: if ( # < 28 ) break; if ( # == 29 ) next; break; case 1: next; }"
        ),
        "print n;",
        nested("++n; return;"),
        "print n;",
    )
    assert run(script) == ("0\n", "")


def test_an_error_far_inside_has_the_stack_of_the_script() -> None:
    script = start("local t: table[count] of count;", nested("t[1] = t[2];"))
    _, reported = run(script)
    assert reported.count("\n") == 1 and f"main.bro, line {LOOPS + 3}: no such index (t[2])" in reported


def test_deep_expressions_in_a_thread_with_little_room() -> None:
    """Other threads have Python's own limit of calls, and less of the stack."""
    script = start(
        "print " + "(1 + " * 200 + "0" + ")" * 200 + ";", "if ( T ) {" * 100, 'print "in";', "}" * 100
    )
    found: list[tuple[str, str]] = []
    thread = threading.Thread(target=lambda: found.append(run(script)))
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert found == [("200\nin\n", "")]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(program())
def test_flat_code_does_the_same(script: str) -> None:
    """Any program, with every level of it made flat."""

    def outcome() -> object:
        try:
            printed, reported = run(script)
            return printed, re.sub(r"\S*/main\.bro", "main.bro", reported)
        except Exception as error:  # of the compiler, the same in both
            return type(error), str(error).partition("main.bro")[2]

    with pytest.MonkeyPatch.context() as patch:
        expected = outcome()
        patch.setattr(Codegen, "compile", Codegen.compile_flat)
        for name in ("_CHAIN", "_LEVELS", "_LOOPS"):
            patch.setattr(codegen_deep, name, 1)
        assert outcome() == expected


def test_tools_read_as_deep_as_the_compiler() -> None:
    text = start("print " + "fmt(" * 200 + '"x"' + ")" * 200 + ";").encode()
    _, diagnostics = read(Source("deep.bro", text))
    assert not diagnostics.items
