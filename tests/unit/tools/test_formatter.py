# ruff: noqa: E501
"""The formatter: what it changes, and that it changes nothing else."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script.diagnostics import Source
from bro.script.lexer import tokenize
from bro.tools.formatter import FormatError, format_source
from bro.tools.frontend import read

ROOT = pathlib.Path(__file__).parents[3]
CORPUS = sorted([*(ROOT / "bro/scripts").rglob("*.bro"), *(ROOT / "engine").rglob("events.bro")])

CASES = {
    "blocks": (
        "function f(x:count):count{if(x>1){print x;return x;}else if(x==0)return 1;else{print 2;}\nreturn 0;}",
        """\
function f(x: count): count
	{
	if ( x > 1 )
		{
		print x;
		return x;
		}
	else if ( x == 0 )
		return 1;
	else { print 2; }
	return 0;
	}
""",
    ),
    "switches": (
        'function f(s:string){switch(s){case "a","b":print 1;break;default:print 2;\n# last\nbreak;}}',
        """\
function f(s: string)
	{
	switch ( s )
		{
		case "a", "b":
			print 1;
			break;
		default:
			print 2;
			# last
			break;
		}
	}
""",
    ),
    "operators": (
        "function f(a:count,b:int,v:vector of count){print a+ -b,!(a==1),|v|- 1,|v| |2,a?$x,v[1:|v|],a>1?-b:b ,++ a;}",
        "function f(a: count, b: int, v: vector of count) "
        "{ print a + -b, ! (a == 1), |v| - 1, |v| | 2, a?$x, v[1:|v|], a > 1 ? -b : b, ++a; }\n",
    ),
    "types": (
        "export{type R:record{a:count&default=0&log;##< one\nb : string &optional;};\n\n\nconst s={10.0.0.0/8,[::1]}&redef;}",
        """\
export {
	type R: record {
		a: count &default=0 &log; ##< one
		b: string &optional;
	};

	const s = { 10.0.0.0/8, [::1] } &redef;
}
""",
    ),
    "anonymous functions": (
        "function f(){local g=function[n](x:count):count{return x+n;};g(1);schedule 5sec{e(1)};}",
        """\
function f()
	{
	local g = function [n] (x: count): count { return x + n; };
	g(1);
	schedule 5sec { e(1) };
	}
""",
    ),
    "waiting": (
        "event e(c:connection){when[c](local x=f(c)){print x;}timeout 5sec{print 1;}}",
        """\
event e(c: connection)
	{
	when [c] ( local x = f(c) ) { print x; }
	timeout 5sec { print 1; }
	}
""",
    ),
    "directives and loops": (
        "  @load base/x\n@if(T)\nevent a(){for([i,j] in t)\nfor(k,v in u)next;}\n@endif",
        """\
@load base/x
@if ( T )
event a()
	{
	for ( [i, j] in t )
		for ( k, v in u )
			next;
	}
@endif
""",
    ),
    "two heads": (
        "@if ( F )\nfunction f(a: count)\n@else\n  function f(b: count)\n@endif\n{\nprint 1;\n}\n",
        "@if ( F )\nfunction f(a: count)\n@else\nfunction f(b: count)\n@endif\n\t{\n\tprint 1;\n\t}\n",
    ),
    "brackets first": (
        "event e()\n{\n[a, b] = x;\n}\n",
        "event e()\n\t{\n\t[a, b] = x;\n\t}\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_layout(name: str) -> None:
    before, after = CASES[name]
    made = format_source(before.encode()).decode()
    assert made == after
    assert format_source(after.encode()).decode() == after


def tree(text: bytes, engine: bool = False) -> list[object]:
    """What a text parses to, without places."""
    found, diagnostics = read(Source("x.bro", text, engine))
    assert not diagnostics.errors
    return [plain(decl) for decl in found.found]


def plain(value: object) -> object:
    if isinstance(value, n.Node):
        skipped = ("start", "end", "source", "name_start", "symbol", "function")
        fields = [plain(getattr(value, f)) for f in value._fields if f not in skipped]
        return [type(value).__name__, *fields]
    return [plain(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: str(p.relative_to(ROOT)))
def test_scripts_that_ship_mean_the_same_afterwards(path: pathlib.Path) -> None:
    before = path.read_bytes()
    after = format_source(before, str(path))
    assert format_source(after, str(path)) == after
    engine = path.name == "events.bro"  # events are declared without `global` there
    assert tree(after, engine) == tree(before, engine)


PIECES = [
    "x",
    "1",
    "5min",
    '"s"',
    "/a b/",
    "10.0.0.0/8",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ":",
    "=",
    "$",
    "|",
    "-",
    "!",
    "if",
    "else",
    "for",
    "switch",
    "case",
    "function",
    "event",
    "record",
    "export",
    "when",
    "schedule",
    "return",
    "&default",
    "# c\n",
    "## d\n",
    "\n",
    "\n\n",
    "@if (T)\n",
    "@endif\n",
    "?$",
    "in",
    "++",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_tokens_stay_and_settle(pieces: list[str]) -> None:
    text = " ".join(pieces).encode()
    try:
        made = format_source(text)
    except FormatError:
        return
    first, second = tokenize(Source("", text)), tokenize(Source("", made))
    assert first.kinds == second.kinds


def test_command(tmp_path: pathlib.Path) -> None:
    def fmt(*args: str, text: str = "") -> tuple[int, str]:
        command = [sys.executable, "-m", "bro", "fmt", *args]
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=tmp_path)
        return done.returncode, done.stdout + done.stderr

    script = tmp_path / "a.bro"
    script.write_text("event e(){print 1;print 2;}\n")
    assert fmt("--check", ".")[0] == 1
    status, shown = fmt("--diff", "a.bro")
    assert status == 1 and "+    print 2;" not in shown and "+\tprint 2;" in shown
    assert script.read_text() == "event e(){print 1;print 2;}\n"
    assert fmt("--indent", "4", "a.bro") == (0, "changed a.bro\n1 script, 1 changed\n")
    assert script.read_text() == "event e()\n    {\n    print 1;\n    print 2;\n    }\n"
    assert fmt("--indent", "4", "--check", "a.bro")[0] == 0
    assert fmt("-", text="global  x:count;")[1] == "global x: count;\n"
    script.write_text("event e( {")
    status, shown = fmt("a.bro")
    assert status == 2 and "a.bro:1:" in shown
    assert script.read_text() == "event e( {"
    assert fmt("none.bro")[0] == 2
