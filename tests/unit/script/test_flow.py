"""What the checker says of variables without a value, against what happens when the program runs."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bro.script.check import Unit, check
from bro.script.compiler import Compiler
from bro.script.search import SearchPath
from tests.unit.script.amount import examples
from tests.unit.script.test_programs import run

HEAD = """\
global toss: vector of bool = {};
global tosses = 0;
function coin(): bool {{ ++tosses; return tosses <= |toss| && toss[tosses - 1]; }}
function pick(): count {{ return coin() ? 0 : coin() ? 1 : 2; }}
"""
NAMES = st.sampled_from(["x", "y"])


@st.composite
def statements(draw: st.DrawFn, depth: int, loop: bool) -> list[str]:
    """Lines of statements; a use tells that it is reached."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4 if depth else 2))):
        simple = ["set", "use", "use", "both", "choice"] + (["break", "next"] if loop else ["return"])
        kind = draw(st.sampled_from(simple + (["if", "ifelse", "while", "for", "switch"] if depth else [])))
        name = draw(NAMES)

        def inner(in_loop: bool = loop) -> list[str]:
            return ["{", *draw(statements(depth - 1, in_loop)), "}"]

        if kind == "set":
            lines.append(f"{name} = 1;")
        elif kind == "use":
            lines.append(f'print "at %LINE%"; print {name};')
        elif kind == "both":
            lines.append(f"if ( coin() && ({name} = 1) > 0 ) ;")
        elif kind == "choice":
            lines.append(f"print coin() ? ({name} = 2) : 3;")
        elif kind == "break":
            lines.append("if ( coin() ) break;")
        elif kind == "next":
            lines.append("if ( coin() ) next;")
        elif kind == "return":
            lines.append("if ( coin() ) return;")
        elif kind == "if":
            lines += ["if ( coin() )", *inner()]
        elif kind == "ifelse":
            lines += ["if ( coin() )", *inner(), "else", *inner()]
        elif kind == "while":
            lines += ["while ( coin() )", *inner(True)]
        elif kind == "for":
            lines += [f"for ( {name} in vector(5, 6) )", *inner(True)]
        else:
            lines += ["switch ( pick() ) {", "case 0:", *inner(False), "break;", "case 1:", *inner(False)]
            lines += [draw(st.sampled_from(["fallthrough;", "break;"])), "default:", *inner(False), "}"]
    return lines


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.booleans(), max_size=12), statements(3, False))
def test_warnings_come_true(toss: list[bool], lines: list[str]) -> None:
    values = ", ".join("T" if t else "F" for t in toss)
    head = HEAD.format("{ " + values + " }" if toss else "vector()").replace("{{", "{").replace("}}", "}")
    text = head + "event zeek_init()\n{\nlocal x: count;\nlocal y: count;\n" + "\n".join(lines) + "\n}\n"
    script = "\n".join(line.replace("%LINE%", str(i)) for i, line in enumerate(text.split("\n"), 1))

    compiler = Compiler(SearchPath([]))
    compiler.read_text("script", script.encode())
    unit = Unit("u")
    check(compiler.decls, compiler.scope, compiler.diagnostics, unit)
    assert not compiler.diagnostics.error_count, compiler.diagnostics.errors[0].render()
    told: dict[str, set[int]] = {"x": set(), "y": set()}
    for item in compiler.diagnostics.warnings:
        found = re.search(r'"([xy])" is used before', item.message)
        if found is not None:
            told[found[1]].add(item.line)
    never = {
        name for name in "xy" if f'"{name}" is never' in "".join(map(repr, compiler.diagnostics.warnings))
    }
    perhaps = {name for name, *_ in unit.maybe_unset}

    shown, reported = run(script)
    failed = re.search(r"line (\d+): value used but not set \((\w)\)", reported)
    assert failed is not None or not reported, reported
    if failed is not None:
        assert failed[2] in perhaps | never or told[failed[2]], script
    reached = {int(line) for line in re.findall(r"^at (\d+)$", shown, re.M)}
    for name in "xy":
        for line in told[name] & reached:
            # Whoever gets there stops there.
            assert failed is not None and int(failed[1]) == line and failed[2] == name, script
