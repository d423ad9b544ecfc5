"""Strategies for whole programs: well-typed ones, and ones with one mistake of types in them."""

from __future__ import annotations

from hypothesis import strategies as st

PROLOGUE = """\
type E: enum { RED, GREEN = 7, BLUE };
redef enum E += { BLACK };
type R: record {
	n: count; s: string &default="x"; o: count &optional; v: vector of count &optional; next_: R &optional;
	tags: set[string] &default=set(); when_: interval &log &default=1 sec;
};
redef record R += { more: double &optional &log; by: table[addr, port] of string &optional; };
type Alias: vector of string;
type Pair: record { a: count; b: string; } &log;
function f(n: count, s: string &default="d"): count { return n + |s|; }
function g(r: R): string { return r$s + fmt("%d", r$n); }
function fact(n: count): count { if ( n < 2 || n > 10 ) return 1; return n * fact(n - 1); }
function any_of(x: any): string { return type_name(x); }
function apply(h: function(k: count): count, n: count): count { return h(n); }
function twice(k: count): count { return k % 1000 * 2; }
function made_of(k: string): vector of count { return vector(|k|); }
hook h(n: count) &priority=5 { if ( n > 3 ) break; }
hook h(n: count) &priority=-5 &group="late" { return; }
global later: event(n: count, s: string);
global later: event(s: string);
event later(n: count, s: string) &group="late" { print n, s; }
event later(s: string) &priority=3 { print s; }
global gn = 3; global gs: set[string] = { "a", "b" } &redef;
global gt: table[count] of string = { [1] = "one" };
global gi: int = -2 &redef; redef gi = -3; redef gs += { "c" };
const limit = 10 &redef; option level: count = 4;
global seen: table[addr] of count &default=0 &create_expire=1 hr;
global ordered: set[count] = { 3, 1, 2 } &ordered &read_expire=5 min;
global made: table[string] of vector of count &default=made_of;
global deep: table[count, string] of table[port] of set[addr] = table();
"""
LOCALS = """\
	local b = T; local n = 7; local i = -3; local d = 2.5; local s = "text"; local t = 3 sec;
	local a = 10.0.0.1; local net = 10.0.0.0/8; local p = 80/tcp; local e = GREEN; local pat = /t.x/;
	local r = R($n=1, $next_=R($n=2)); local vc = vector(1, 2, 3); local sc = set(1, 2);
	local tc: table[string] of count &default=0; local x: any = 5;
	local sss = set([1, "a"]); local vr: vector of R = vector(R($n=4)); local tm = double_to_time(5.0);
	local fn = function [n] (k: count): count { return k + n; };
	local vs: Alias = vector("v", "w"); local sa = set(1.2.3.4, [::1]);
	local ss: set[subnet] = { 10.0.0.0/8 };
	local ta = table([1.2.3.4, 80/tcp] = "web"); local vv = vector(vector(1), vector(2, 3));
	local vb = vector(T, F); local vd = vector(1.5, 2.5); local pr = Pair($a=1, $b="b");
	local ti: table[int] of E = { [-1] = RED }; local te: table[E] of interval = { [RED] = 1 min };
	local vany: vector of any = vector(1, "a", 2.5); local sp: set[pattern] = { /a+/, /b/i };
	local h5 = md5_hash_init(); const fixed = 9; local un: set[count, string] &is_used;
"""

#: Expressions of each type that have no parts.
_LEAVES: dict[str, list[str]] = {
    "bool": ["b", "T", "F", "r?$o", "r?$next_", "vb[0]", "r?$by", "@DEBUG"],
    "count": [
        "n",
        "gn",
        "1",
        "0x10",
        "18446744073709551615",
        "r$n",
        "r$o",
        "vc[0]",
        "(x as count)",
        "limit",
        "level",
        "fixed",
        "pr$a",
        "|vs|",
        "fact(5)",
        "seen[a]",
    ],
    "int": ["i", "(+4)", "(-1)", "gi"],
    "double": ["d", "1.5", "1e3", ".25", "vd[0]", "r$more"],
    "string": [
        "s",
        '"lit"',
        '"\\x41\\n"',
        "r$s",
        "gt[1]",
        "s[0]",
        "s[1:3]",
        "pr$b",
        "@FILENAME",
        '"a" "b"',
        "vs[0]",
        "s[-2:]",
        "s[:2]",
        "to_lower(@DIR)",
    ],
    "interval": ["t", "5 min", "1usec", "2.5 hrs", "r$when_", "(-3msec)"],
    "addr": ["a", "1.2.3.4", "[2001:db8::1]"],
    "subnet": ["net", "192.168.0.0/16", "[2001:db8::]/32"],
    "port": ["p", "53/udp", "0/icmp"],
    "E": ["e", "RED", "BLUE", "BLACK"],
    "pattern": ["pat", "/a+b?/", "/x/i", "/a.c/s", "/[^a-z]{2,3}|\\/$/"],
    "R": ["r", "r$next_", "R($n=5)", "vr[0]"],
    "Pair": ["pr", "Pair($a=2, $b=s)", "copy(pr)"],
    "vector of count": ["vc", "vector(4, 5)", "vc[1:]", "r$v", "vv[0]", "made[s]"],
    "vector of string": ["vs", 'vector("q")', 'split_string("a,b", /,/)'],
    "vector of bool": ["vb", "vector(T)"],
    "vector of double": ["vd", "vector(1.0, 2)"],
    "vector of vector of count": ["vv", "vector(vector(9))"],
    "set[count]": ["sc", "set(8)", "set(1, 2, 3)", "ordered"],
    "set[string]": ["gs", 'set("z")', "r$tags"],
    "set[addr]": ["sa", "set(a)"],
    "set[subnet]": ["ss", "set(net)"],
    "set[count, string]": ["sss", 'set([3, "c"])'],
    "table[string] of count": ["tc", 'table(["k"] = 1)'],
    "table[addr, port] of string": ["ta", 'table([a, p] = "x")'],
    "table[E] of interval": ["te"],
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
        "({int} == {count})",
        "({string} == {string})",
        "({string} != {string})",
        "({string} in {string})",
        "({pattern} in {string})",
        "({pattern} == {string})",
        "({string} != {pattern})",
        "({addr} in {subnet})",
        "({subnet} in {subnet})",
        "({addr} < {addr})",
        "({count} in {set[count]})",
        "({addr} in {set[addr]})",
        "({addr} in {set[subnet]})",
        "({string} in sp)",
        "({string} in {table[string] of count})",
        "([{addr}, {port}] in {table[addr, port] of string})",
        "({E} == {E})",
        "({set[count]} <= {set[count]})",
        "({set[count]} == {set[count]})",
        "({set[string]} < {set[string]})",
        "({bool} ? {bool} : {bool})",
        "([{count}, {string}] in {set[count, string]})",
        "(x is {type})",
        "({port} < {port})",
        "({interval} > {interval})",
        "hook h({count})",
        "({count} !in {vector of count})",
        "({R}$n == {count})",
        "({time} <= {time})",
        "({R}?$v)",
        "({R}?$more)",
        "(b = {bool})",
        "all_set({vector of bool})",
        "(vany[{count}] is count)",
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
        "|({table[addr, port] of string})|",
        "|({int})|",
        "|({addr})|",
        "f({count})",
        "f({count}, {string})",
        "{R}$n",
        "{table[string] of count}[{string}]",
        "{vector of count}[{count}]",
        "{vector of vector of count}[{count}][{count}]",
        "({bool} ? {count} : {count})",
        "fn({count})",
        "apply(fn, {count})",
        "apply(twice, {count})",
        "(function(k: count): count {{ return k / 2; }})({count})",
        "{R}$o",
        "{Pair}$a",
        "({count} >> {count})",
        "(n = {count})",
        "(++n)",
        "int_to_count({int})",
        "(vany[{count}] as count)",
        "seen[{addr}]",
        "port_to_count({port})",
    ],
    "int": [
        "({int} + {int})",
        "({int} - {count})",
        "({int} * {count})",
        "(-{int})",
        "(+{int})",
        "({int} / {int})",
        "({int} % {int})",
        "(-{count})",
        "(+{count})",
        "enum_to_int({E})",
        "({bool} ? {int} : {count})",
        "|({E})|",
    ],
    "double": [
        "({double} + {count})",
        "({double} - {int})",
        "({double} * {double})",
        "({double} / {double})",
        "({count} / {double})",
        "({interval} / {interval})",
        "|({double})|",
        "|({interval})|",
        "(-{double})",
        "{vector of double}[{count}]",
        "interval_to_double({interval})",
        "({bool} ? {double} : {count})",
    ],
    "string": [
        "({string} + {string})",
        "cat({count}, {string}, {addr}, {R})",
        'fmt("%s %d", {string}, {count})',
        'fmt("%5.1f|%-4s|%x", {double}, {E}, {count})',
        "{string}[{count}]",
        "{string}[{int} : {int}]",
        "g({R})",
        "({bool} ? {string} : {string})",
        "cat({vector of count})",
        "cat({set[string]}, {table[string] of count}, {pattern}, {time}, {interval}, {E})",
        "cat({Pair}, {set[subnet]}, {table[addr, port] of string}, {vector of vector of count})",
        "sub({string}, {pattern}, {string})",
        "to_upper({string})",
        "any_of({count})",
        "any_of({set[addr]})",
        "{table[addr, port] of string}[{addr}, {port}]",
        "{vector of string}[{count}]",
        "{Pair}$b",
        'join_string_vec({vector of string}, ",")',
        "(s = {string})",
        "to_json({R})",
    ],
    "interval": [
        "({interval} + {interval})",
        "({interval} - {interval})",
        "({interval} * {count})",
        "({double} * {interval})",
        "({interval} / {count})",
        "(-{interval})",
        "({time} - {time})",
        "{table[E] of interval}[{E}]",
        "{R}$when_",
    ],
    "addr": ["({bool} ? {addr} : {addr})", "subnet_to_addr({subnet})"],
    "subnet": ["({addr} / 24)", "({addr} / {count})", "mask_addr({addr}, 16)"],
    "port": ["({bool} ? {port} : {port})", "count_to_port(80, tcp)"],
    "E": ["({bool} ? {E} : {E})", "ti[{int}]"],
    "pattern": ["({pattern} | {pattern})", "({pattern} & {pattern})"],
    "R": [
        "R($n={count}, $s={string})",
        "copy({R})",
        "R($n={count}, $next_={R})",
        "R($n={count}, $tags={set[string]}, $more={count}, $by={table[addr, port] of string})",
        "({bool} ? {R} : {R})",
    ],
    "Pair": ["Pair($a={count}, $b={string})", "({bool} ? {Pair} : {Pair})"],
    "vector of count": [
        "vector({count}, {count})",
        "({vector of count} + {vector of count})",
        "copy({vector of count})",
        "{vector of count}[{int} : {int}]",
        "(sort(copy({vector of count})) as vector of count)",
    ],
    "vector of string": [
        "vector({string}, {string})",
        "split_string({string}, {pattern})",
        "(sort(copy({vector of string}), strcmp) as vector of string)",
    ],
    "vector of bool": ["({vector of count} < {vector of count})", "vector({bool})"],
    "vector of double": ["vector({double}, {count})", "({vector of double} * {vector of double})"],
    "vector of vector of count": ["vector({vector of count}, {vector of count})"],
    "set[count]": [
        "({set[count]} | {set[count]})",
        "({set[count]} & {set[count]})",
        "({set[count]} - {set[count]})",
        "set({count})",
    ],
    "set[string]": ["set({string}, {string})", "copy({set[string]})"],
    "set[addr]": ["set({addr})", "({set[addr]} | {set[addr]})"],
    "set[subnet]": ["set({subnet})"],
    "set[count, string]": ["set([{count}, {string}])"],
    "table[string] of count": ["table([{string}] = {count})", "copy({table[string] of count})"],
    "table[addr, port] of string": ["table([{addr}, {port}] = {string})"],
    "table[E] of interval": ["table([{E}] = {interval})"],
    "time": ["({time} + {interval})", "({time} - {interval})"],
}


@st.composite
def expression(draw: st.DrawFn, type_: str, depth: int = 3) -> str:
    """An expression of a type."""
    rules = _RULES.get(type_, [])
    if depth <= 0 or not rules or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(_LEAVES[type_]))
    out = []
    rest = draw(st.sampled_from(rules)).replace("{{", "\x01").replace("}}", "\x02")
    while "{" in rest:
        before, _, rest = rest.partition("{")
        part, _, rest = rest.partition("}")
        out += [before, draw(st.sampled_from(TYPES)) if part == "type" else draw(expression(part, depth - 1))]
    return "".join([*out, rest]).replace("\x01", "{").replace("\x02", "}")


#: Statements with `{type}` for an expression, `{{` and `}}` for braces.
_STATEMENTS = [
    "n = {count};",
    "s += {string};",
    "r$o = {count};",
    "delete r$o;",
    "r$v = {vector of count};",
    "r$next_$s = {string};",
    "add sc[{count}];",
    "delete sc[{count}];",
    "add sss[{count}, {string}];",
    "tc[{string}] = {count};",
    "++tc[{string}];",
    "tc[{string}] += {count};",
    "ta[{addr}, {port}] = {string};",
    "delete ta[{addr}, {port}];",
    "++seen[{addr}];",
    "vc += {count};",
    "vc[{count} % 10] = {count};",
    "vs += {string};",
    "vs += {vector of string};",
    "vv[0] = {vector of count};",
    "vany += {double};",
    "print {count}, {string};",
    "print {R}, {Pair}, {vector of bool};",
    "print {set[count, string]}, {table[E] of interval}, ti;",
    "x = {count};",
    "x = 5;",
    "x = {set[count]};",
    "gs += {set[string]};",
    "gs -= {set[string]};",
    "b = {bool};",
    "d += {double};",
    "d -= {count};",
    "i -= {int};",
    "++i;",
    "--n;",
    "t = {interval};",
    "tm += {interval};",
    "a = {addr};",
    "net = {subnet};",
    "p = {port};",
    "e = {E};",
    "ti[{int}] = {E};",
    "te[{E}] = {interval};",
    "pat += {pattern};",
    "r = {R};",
    "r = [$n={count}];",
    "pr = {Pair};",
    "deep[{count}, {string}] = table([80/tcp] = {set[addr]});",
    "event later({count}, {string});",
    "schedule {interval} {{ later({count}, {string}) }};",
    "assert {bool};",
    "assert {bool}, {string};",
    "hook h({count});",
    "if ( {bool} ) n = {count}; else s = {string};",
    "if ( {bool} ) {{ n = {count}; }} else if ( {bool} ) {{ s = {string}; }} else {{ ; }}",
    "for ( k in {set[count]} ) n = k;",
    "for ( k, v in {table[string] of count} ) s = k;",
    "for ( [ka, kp], kv in {table[addr, port] of string} ) {{ a = ka; p = kp; s = kv; }}",
    "for ( [kn, ks] in {set[count, string]} ) {{ n = kn; s = ks; }}",
    "for ( k, v in {vector of count} ) {{ if ( {bool} ) next; n = v; }}",
    "for ( _, v in {vector of string} ) {{ if ( {bool} ) break; s = v; }}",
    "for ( c in {string} ) s = c;",
    "while ( {bool} ) {{ if ( {bool} ) break; b = {bool}; if ( |s| > 1000 ) break; break; }}",
    "switch ( {count} ) {{ case 1, 2: n = {count}; break; case 3: s = {string}; fallthrough; default: ; }}",
    "switch ( {E} ) {{ case RED: n = {count}; break; case GREEN: break; }}",
    'switch ( {string} ) {{ case "a", "b": n = {count}; break; default: s = {string}; break; }}',
    "switch ( {addr} ) {{ case 1.2.3.4: break; }} switch ( {port} ) {{ case 53/udp: p = {port}; }}",
    "vc[1:2] = {vector of count};",
    "delete vc;",
    "delete tc;",
    "switch ( x ) {{ case type count as xc: n = xc; break; case type string: break; }}",
    "when [n] ( n > 3 ) {{ print n; }}",
    "when [n, s] ( n > 3 && |s| > 0 ) {{ print n; }} timeout {interval} {{ print s; }}",
    "when ( {bool} ) {{ print 1; }} timeout 1 sec {{ print 2; }}",
    "fn = function [n] (k: count): count {{ return k * n; }};",
    "fn = function [copy vc] (k: count): count {{ return k + |vc|; }};",
    "fn = twice;",
    "md5_hash_update(h5, {string});",
    'enable_event_group("late"); disable_event_group("late");',
    "return;",
    "{{ local inner = {count}; print inner; }}",
    "{{ local empty: {type}; }}",
    "@if ( T )\n\tn = {count};\n@else\n\tnonsense }} {{ ;\n@endif\n",
    "@ifdef ( limit )\n\ts = {string};\n@endif\n",
    "n = @if ( limit > 5 ) {count} @else {string} @endif ;",
    "print {count} @ifndef ( limit ) , unknown @endif ;",
    "@pragma push ignore-deprecations\n\tn = {count};\n@pragma pop\n",
]


@st.composite
def statement(draw: st.DrawFn) -> str:
    rest = draw(st.sampled_from(_STATEMENTS)).replace("{{", "\x01").replace("}}", "\x02")
    out = []
    while "{" in rest:
        before, _, rest = rest.partition("{")
        part, _, rest = rest.partition("}")
        out += [before, draw(st.sampled_from(TYPES)) if part == "type" else draw(expression(part))]
    return "".join([*out, rest]).replace("\x01", "{").replace("\x02", "}")


@st.composite
def program(draw: st.DrawFn) -> str:
    """A program without mistakes of types."""
    body = "\n".join("\t" + line for line in draw(st.lists(statement(), min_size=1, max_size=8)))
    return f"{PROLOGUE}event zeek_init()\n\t{{\n{LOCALS}{body}\n\t}}\n"


#: What stands for a value of another type without a conversion that is written out: `vector(1)` also for a
#: vector of doubles, `set(1.2.3.4)` also for a set of subnets.
_CONVERTS = {
    ("count", "int"),
    ("count", "double"),
    ("int", "double"),
    ("vector of count", "vector of double"),
    ("set[addr]", "set[subnet]"),
}


#: What may be assigned, with a warning that it is converted.
_NARROWS = {("int", "count"), ("double", "int"), ("double", "count")}

#: Where a value of a type is wanted, and whether that is an assignment.
_PLACES = [
    ("\tlocal wrong: {t} = {v};", True),
    ("\tlocal wrong: {t}; wrong = {v};", True),
    ("\tlocal wrong: table[count] of {t}; wrong[1] = {v};", True),
    ("\tlocal wrong: record {{ field: {t} &optional; }}; wrong$field = {v};", True),
    ("\tlocal wrong: vector of {t} = vector({v});", False),
    ("\tlocal wrong = function(q: {t}) {{ }}; wrong({v});", False),
    ("\tlocal wrong: record {{ field: {t} &optional; }} = [$field={v}];", False),
    ("\tlocal wrong = function(): {t} {{ return {v}; }};", False),
    ("\tlocal wrong: table[count] of {t} = table([1] = {v});", False),
    ("\tlocal wrong: table[count] of {t} = table() &default={v};", False),
]


@st.composite
def wrong_program(draw: st.DrawFn) -> str:
    """A program with a value of one type where another is wanted."""
    place, assignment = draw(st.sampled_from(_PLACES))
    converts = _CONVERTS | _NARROWS if assignment else _CONVERTS
    want, have = draw(
        st.tuples(st.sampled_from(TYPES), st.sampled_from(TYPES)).filter(
            lambda pair: pair[0] != pair[1] and (pair[1], pair[0]) not in converts
        )
    )
    value = draw(expression(have, 2))
    line = place.replace("{t}", want).replace("{v}", value).replace("{{", "{").replace("}}", "}")
    return f"{PROLOGUE}event zeek_init()\n\t{{\n{LOCALS}{line}\n\t}}\n"
