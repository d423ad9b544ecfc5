# ruff: noqa: E501
"""The formatter: what it changes, and that it changes nothing else."""

from __future__ import annotations

import pathlib
import re
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script import unparse
from bro.script.diagnostics import Source
from bro.script.lexer import tokenize
from bro.tools.formatter import FormatError, format_source
from bro.tools.frontend import read
from tests import processes
from tests.unit.script.programs import program
from tests.unit.script.trees import EXPRESSIONS

ROOT = pathlib.Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "bro/scripts").rglob("*.bro"))
CORPUS = [*SHIPPED, *sorted((ROOT / "engine").rglob("events.bro"))]

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
        "event e()\n{\nlocal a: count; # one\n# two\n[a, b] = x;\n}\n",
        "event e()\n\t{\n\tlocal a: count; # one\n\t# two\n\t[a, b] = x;\n\t}\n",
    ),
    "bars beside bars": (
        "event e()\n{\nn=(n| |s|)+| |s|-1|;\n}\n",
        "event e()\n\t{\n\tn = (n | |s|) + | |s| - 1|;\n\t}\n",
    ),
    "signs side by side": (
        "event e() { print - - x, - -- x, + ++x, -(-x), 1 - -x, ~ -x, ! ! T; }",
        "event e() { print - -x, - --x, + ++x, -(-x), 1 - -x, ~-x, ! ! T; }\n",
    ),
    "names like addresses": (
        "event e() { print [ad::be], [ ad::be ], t[ ad::be], [ xy::be ], [::1]; }",
        "event e() { print [ad::be], [ ad::be], t[ ad::be], [xy::be], [::1]; }\n",
    ),
    "bars side by side": (
        "event e() { print | |x| |, n| |y| |m, (n | |(s)|), | |x|+|y| |; }",
        "event e() { print | |x| |, n | |y| | m, (n | |(s)|), | |x| + |y| |; }\n",
    ),
    "ends of lines": (
        "global x=1;\r\n\r\n# é\n  global y=2;\r\n",
        "global x = 1;\r\n\r\n# é\r\nglobal y = 2;\r\n",
    ),
    "no end of line": ("global x = 1;  # last", "global x = 1;  # last\n"),
    "marks of the byte order": ("\ufeffglobal x = 1;\n", "global x = 1;\n"),
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


def check_meaning(before: bytes) -> None:
    for unit in ("\t", "    "):
        after = format_source(before, "x.bro", unit)
        assert tree(after) == tree(before)
        assert format_source(after, "x.bro", unit) == after


@pytest.mark.parametrize("path", sorted((ROOT / "tests/language").glob("*.md")), ids=lambda p: p.stem)
def test_literate_tests_mean_the_same_afterwards(path: pathlib.Path) -> None:
    scripts = re.findall(r"^```bro[^\n]*\n(.*?)^```", path.read_text(), re.M | re.S)
    right = [s.encode() for s in scripts if not read(Source("x.bro", s.encode()))[1].errors]
    assert right or not scripts
    for script in right:
        check_meaning(script)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(program())
def test_programs_mean_the_same_afterwards(text: str) -> None:
    check_meaning(text.encode("latin-1"))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS)
def test_expressions_mean_the_same_afterwards(expr: n.Expr) -> None:
    check_meaning(f"function f() {{ print {unparse.expression(expr)}; }}".encode("latin-1"))


GAPS = ["\n", "\n\n\n", " ", "\t  ", " # c\n", "\n# c é\n", "\n\n  ## d\n\n", "\r\n"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SHIPPED), st.randoms(use_true_random=False), st.sampled_from([0.02, 0.2, 1.0]))
def test_layouts_mean_the_same_afterwards(path: pathlib.Path, random: Random, often: float) -> None:
    """Scripts that ship, with other blanks and comments between their tokens."""
    source = Source(str(path), path.read_bytes())
    tokens = tokenize(source)
    text = ""
    for i, kind in enumerate(tokens.kinds[:-1]):
        end = tokens.ends[i]
        gap = source.text[end : tokens.starts[i + 1]]
        if gap and "DIRECTIVE" not in (kind, tokens.kinds[i + 1]) and random.random() < often:
            gap = random.choice(GAPS) if "#" not in gap else gap + random.choice(GAPS)
        text += source.text[tokens.starts[i] : end] + gap
    changed = text.encode("latin-1")
    if not read(Source("x.bro", changed))[1].errors:  # a few words belong on one line
        check_meaning(changed)


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
        done = processes.run(command, input=text, cwd=tmp_path)
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
    assert fmt("--check", "-", text="global  x: count;") == (1, "")
    assert fmt("--check", "-", text="global x: count;\n") == (0, "")
    assert "+global x: count;" in fmt("--diff", "-", text="global  x: count;")[1]
    assert fmt("-", "a.bro")[0] == 2
    script.write_bytes(b"print 1;\0")
    status, shown = fmt("a.bro")
    assert status == 2 and "a.bro is not a script" in shown
    script.write_text("event e( {")
    status, shown = fmt("a.bro")
    assert status == 2 and "a.bro:1:" in shown
    assert script.read_text() == "event e( {"
    assert fmt("none.bro")[0] == 2
