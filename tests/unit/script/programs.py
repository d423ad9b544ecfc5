"""Strategies for whole programs: well-typed ones, and ones with one mistake of types in them."""

from __future__ import annotations

from hypothesis import strategies as st

PROLOGUE = """\
type E: enum { RED, GREEN, BLUE };
type R: record {
	n: count; s: string &default="x"; o: count &optional; v: vector of count &optional; next_: R &optional;
};
function f(n: count, s: string &default="d"): count { return n + |s|; }
function g(r: R): string { return r$s + fmt("%d", r$n); }
hook h(n: count) { if ( n > 3 ) break; }
global later: event(n: count, s: string);
event later(n: count, s: string) { print n, s; }
global gn = 3; global gs: set[string] = { "a", "b" }; global gt: table[count] of string = { [1] = "one" };
"""
LOCALS = """\
	local b = T; local n = 7; local i = -3; local d = 2.5; local s = "text"; local t = 3 sec;
	local a = 10.0.0.1; local net = 10.0.0.0/8; local p = 80/tcp; local e = GREEN; local pat = /t.x/;
	local r = R($n=1, $next_=R($n=2)); local vc = vector(1, 2, 3); local sc = set(1, 2);
	local tc: table[string] of count &default=0; local x: any = 5;
	local sss = set([1, "a"]); local vr: vector of R = vector(R($n=4)); local tm = double_to_time(5.0);
	local fn = function [n] (k: count): count { return k + n; };
"""

#: Expressions of each type that have no parts.
_LEAVES: dict[str, list[str]] = {
    "bool": ["b", "T", "F", "r?$o", "r?$next_"],
    "count": ["n", "gn", "1", "0x10", "18446744073709551615", "r$n", "r$o", "vc[0]", "(x as count)"],
    "int": ["i", "(+4)", "(-1)"],
    "double": ["d", "1.5", "1e3", ".25"],
    "string": ["s", '"lit"', '"\\x41\\n"', "r$s", "gt[1]", "s[0]", "s[1:3]"],
    "interval": ["t", "5 min", "1usec", "2.5 hrs"],
    "addr": ["a", "1.2.3.4", "[2001:db8::1]"],
    "subnet": ["net", "192.168.0.0/16", "[2001:db8::]/32"],
    "port": ["p", "53/udp"],
    "E": ["e", "RED", "BLUE"],
    "pattern": ["pat", "/a+b?/", "/x/i"],
    "R": ["r", "r$next_", "R($n=5)", "vr[0]"],
    "vector of count": ["vc", "vector(4, 5)", "vc[1:]", "r$v"],
    "set[count]": ["sc", "set(8)", "set(1, 2, 3)"],
    "set[string]": ["gs", 'set("z")'],
    "table[string] of count": ["tc", 'table(["k"] = 1)'],
    "time": ["tm", "network_time()"],
}
TYPES = sorted(_LEAVES)

#: Ways to make a value of a type of others: `{name}` stands for an expression of that type.
_RULES: dict[str, list[str]] = {
    "bool": [
        "!{bool}",
        "({bool} && {bool})",
        "({bool} || {bool})",
        "({count} < {count})",
        "({double} >= {count})",
        "({string} == {string})",
        "({string} in {string})",
        "({pattern} in {string})",
        "({pattern} == {string})",
        "({addr} in {subnet})",
        "({count} in {set[count]})",
        "({string} in {table[string] of count})",
        "({E} == {E})",
        "({set[count]} <= {set[count]})",
        "({bool} ? {bool} : {bool})",
        "([{count}, {string}] in sss)",
        "(x is {type})",
        "({port} < {port})",
        "({interval} > {interval})",
        "hook h({count})",
        "({count} !in {vector of count})",
        "({R}$n == {count})",
        "({time} <= {time})",
        "({R}?$v)",
    ],
    "count": [
        "({count} + {count})",
        "({count} - {count})",
        "({count} * {count})",
        "({count} / {count})",
        "({count} % {count})",
        "({count} & {count})",
        "({count} | {count})",
        "({count} ^ {count})",
        "({count} << {count})",
        "(~{count})",
        "|({string})|",
        "|({set[count]})|",
        "|({vector of count})|",
        "f({count})",
        "f({count}, {string})",
        "{R}$n",
        "{table[string] of count}[{string}]",
        "{vector of count}[{count}]",
        "({bool} ? {count} : {count})",
        "fn({count})",
        "{R}$o",
        "({count} >> {count})",
        "(n = {count})",
        "(++n)",
    ],
    "int": [
        "({int} + {int})",
        "({int} * {count})",
        "(-{int})",
        "({int} / {int})",
        "({int} % {int})",
        "(-{count})",
        "enum_to_int({E})",
    ],
    "double": [
        "({double} + {count})",
        "({double} * {double})",
        "({double} / {double})",
        "({interval} / {interval})",
        "|({double})|",
    ],
    "string": [
        "({string} + {string})",
        "cat({count}, {string}, {addr}, {R})",
        'fmt("%s %d", {string}, {count})',
        "{string}[{count}]",
        "{string}[{int} : {int}]",
        "g({R})",
        "({bool} ? {string} : {string})",
        "cat({vector of count})",
        "cat({set[string]}, {table[string] of count}, {pattern}, {time}, {interval}, {E})",
        "sub({string}, {pattern}, {string})",
    ],
    "interval": ["({interval} + {interval})", "({interval} * {count})", "(-{interval})", "({time} - {time})"],
    "subnet": ["{addr} / 24"],
    "pattern": ["({pattern} | {pattern})", "({pattern} & {pattern})"],
    "R": ["R($n={count}, $s={string})", "copy({R})", "R($n={count}, $next_={R})"],
    "vector of count": [
        "vector({count}, {count})",
        "({vector of count} + {vector of count})",
        "copy({vector of count})",
        "{vector of count}[{int} : {int}]",
    ],
    "set[count]": [
        "({set[count]} | {set[count]})",
        "({set[count]} & {set[count]})",
        "({set[count]} - {set[count]})",
        "set({count})",
    ],
    "set[string]": ["set({string}, {string})", "copy({set[string]})"],
    "table[string] of count": ["table([{string}] = {count})", "copy({table[string] of count})"],
    "time": ["({time} + {interval})"],
}


@st.composite
def expression(draw: st.DrawFn, type_: str, depth: int = 3) -> str:
    """An expression of a type."""
    rules = _RULES.get(type_, [])
    if depth <= 0 or not rules or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(_LEAVES[type_]))
    out = []
    rest = draw(st.sampled_from(rules))
    while "{" in rest:
        before, _, rest = rest.partition("{")
        part, _, rest = rest.partition("}")
        out += [before, draw(st.sampled_from(TYPES)) if part == "type" else draw(expression(part, depth - 1))]
    return "".join([*out, rest])


#: Statements with `{type}` for an expression, `{{` and `}}` for braces.
_STATEMENTS = [
    "n = {count};",
    "s += {string};",
    "r$o = {count};",
    "delete r$o;",
    "r$v = {vector of count};",
    "add sc[{count}];",
    "delete sc[{count}];",
    "tc[{string}] = {count};",
    "++tc[{string}];",
    "vc += {count};",
    "vc[{count} % 10] = {count};",
    "print {count}, {string};",
    "x = {count};",
    "x = 5;",
    "gs += {set[string]};",
    "b = {bool};",
    "d += {double};",
    "i -= {int};",
    "t = {interval};",
    "a = {addr};",
    "net = {subnet};",
    "p = {port};",
    "e = {E};",
    "pat += {pattern};",
    "r = {R};",
    "r = [$n={count}];",
    "event later({count}, {string});",
    "schedule {interval} {{ later({count}, {string}) }};",
    "assert {bool};",
    "if ( {bool} ) n = {count}; else s = {string};",
    "for ( k in {set[count]} ) n = k;",
    "for ( k, v in {table[string] of count} ) s = k;",
    "for ( k, v in {vector of count} ) {{ if ( {bool} ) next; n = v; }}",
    "for ( c in {string} ) s = c;",
    "while ( {bool} ) {{ if ( {bool} ) break; b = {bool}; if ( |s| > 1000 ) break; break; }}",
    "switch ( {count} ) {{ case 1, 2: n = {count}; break; case 3: s = {string}; fallthrough; default: ; }}",
    "switch ( {E} ) {{ case RED: n = {count}; break; case GREEN: break; }}",
    "vc[1:2] = {vector of count};",
    "delete vc;",
    "switch ( x ) {{ case type count as xc: n = xc; break; case type string: break; }}",
    "when [n] ( n > 3 ) {{ print n; }}",
    "when ( {bool} ) {{ print 1; }} timeout 1 sec {{ print 2; }}",
    "fn = function [n] (k: count): count {{ return k * n; }};",
    "return;",
    "{{ local inner = {count}; print inner; }}",
]


@st.composite
def statement(draw: st.DrawFn) -> str:
    rest = draw(st.sampled_from(_STATEMENTS)).replace("{{", "\x01").replace("}}", "\x02")
    out = []
    while "{" in rest:
        before, _, rest = rest.partition("{")
        part, _, rest = rest.partition("}")
        out += [before, draw(expression(part))]
    return "".join([*out, rest]).replace("\x01", "{").replace("\x02", "}")


@st.composite
def program(draw: st.DrawFn) -> str:
    """A program without mistakes of types."""
    body = "\n".join("\t" + line for line in draw(st.lists(statement(), min_size=1, max_size=8)))
    return f"{PROLOGUE}event zeek_init()\n\t{{\n{LOCALS}{body}\n\t}}\n"


#: What stands for a value of another type without a conversion that is written out; `+4` also for a count.
_CONVERTS = {("count", "int"), ("count", "double"), ("int", "double"), ("int", "count")}


@st.composite
def wrong_program(draw: st.DrawFn) -> str:
    """A program with a value of one type where another is wanted."""
    want, have = draw(
        st.tuples(st.sampled_from(TYPES), st.sampled_from(TYPES)).filter(
            lambda pair: pair[0] != pair[1] and (pair[1], pair[0]) not in _CONVERTS
        )
    )
    value = draw(expression(have, 2))
    place = draw(
        st.sampled_from(
            [
                "\tlocal wrong: {t} = {v};",
                "\tlocal wrong: vector of {t} = vector({v});",
                "\tlocal wrong: {t}; wrong = {v};",
                "\tlocal wrong: table[count] of {t}; wrong[1] = {v};",
                "\tlocal wrong = function(q: {t}) {{ }}; wrong({v});",
            ]
        )
    )
    line = place.replace("{t}", want).replace("{v}", value).replace("{{", "{").replace("}}", "}")
    return f"{PROLOGUE}event zeek_init()\n\t{{\n{LOCALS}{line}\n\t}}\n"
