"""Which type stands for which, everywhere a value of some type is wanted: every type against every other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bro.runtime import context as contexts
from bro.script import diagnostics
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load

PRELUDE = (Path(__file__).parents[2] / "language" / "prelude.bro").read_text()

PROLOGUE = """\
type E: enum { A1, A2 }; type E2: enum { B1 }; type R: record { x: count; };
function fn(a: count): string { return ""; }
"""

#: Types, with a constant of each.
ATOMS = {
    "bool": "T",
    "count": "4",
    "int": "(+4)",
    "double": "2.5",
    "time": "double_to_time(1.0)",
    "interval": "3 sec",
    "string": '"s"',
    "pattern": "/x/",
    "addr": "1.2.3.4",
    "subnet": "10.0.0.0/8",
    "port": "80/tcp",
    "E": "A1",
    "E2": "B1",
}
TYPES = {
    **ATOMS,
    "R": "R($x=1)",
    "set[count]": "set(3)",
    "table[count] of string": 'table([1]="a")',
    "vector of count": "vector(1)",
    "function(a: count): string": "fn",
    "file": "",
    "any": "",
}

#: Numbers that become those of a wider type anywhere, and those that lose something, in assignments only.
WIDER = {("count", "int"), ("count", "double"), ("int", "double")}
NARROWER = {("int", "count"), ("double", "count"), ("double", "int")}

#: Places where a value of type {t} is wanted and {s} stands; {i} makes names differ.
ASSIGNMENTS = {
    "assignment": "local v{i}: {t}; v{i} = {s};",
    "initial value": "local v{i}: {t} = {s};",
    "field": "local r{i} = R{i}(); r{i}$f = {s};",
    "element of a table": 'local r{i}: table[string] of {t}; r{i}["a"] = {s};',
    "element of a vector": "local r{i}: vector of {t}; r{i}[0] = {s};",
}
VALUES = {
    "argument": "f{i}({s});",
    "result": "print (function [src] (): {t} {{ return {s}; }})();",
    "field of a constructor": "local r{i} = R{i}($f={s});",
    "element of a constructor": "local r{i}: vector of {t} = vector({s});",
    "value of a constructor": "local r{i}: table[count] of {t} = table([1] = {s});",
    "default": "local r{i}: table[count] of {t} = table() &default={s};",
    "record of another type": "local a{i} = [$f={s}]; local r{i}: R{i} = a{i};",
}
INDICES = {
    "index": "local r{i}: set[{t}]; add r{i}[{s}];",
    "in": "local r{i}: set[{t}]; print {s} in r{i};",
}


def accepted(
    form: str, source: str, value: str, targets: list[str], monkeypatch: pytest.MonkeyPatch
) -> set[str]:
    """The types that a value of type `source` can stand for at a place."""
    monkeypatch.setattr(diagnostics, "MAX_ERRORS", 10**6)
    head, body = [PROLOGUE], [f"local src: {source};"]
    for i, target in enumerate(targets):
        head.append(f"type R{i}: record {{ f: {target} &optional; }}; function f{i}(a: {target}) {{ }}\n")
        line = form.replace("{{", "\1").replace("}}", "\2")
        for name, text in (("{i}", str(i)), ("{t}", target), ("{s}", value)):
            line = line.replace(name, text)
        body.append(line.replace("\1", "{").replace("\2", "}"))
    script = "".join(head) + "event zeek_init()\n{\n" + "\n".join(body) + "\n}\n"
    first = script[: script.index("event zeek_init")].count("\n") + 4
    context = contexts.use(contexts.Context())
    context.stdout = io.BytesIO()
    try:
        parsed = LoadOptions(
            base=False, cache=False, declarations=[("p", PRELUDE), ("s", script)], search_path=[]
        )
        load([], parsed, context)
    except CompileError as error:
        wrong = {d.line for d in error.diagnostics if d.level == "error"}
    else:
        wrong = set()
    return {target for i, target in enumerate(targets) if first + i not in wrong}


def pairs(
    form: str, types: dict[str, str], monkeypatch: pytest.MonkeyPatch, constants_only: bool = False
) -> set[tuple[str, str]]:
    """What stands for what, as a variable and as a constant alike."""
    found = set()
    for source, constant in types.items():
        targets = accepted(form, source, constant or "src", list(types), monkeypatch)
        if constant and not constants_only:
            assert accepted(form, source, "src", list(types), monkeypatch) == targets, source
        found |= {(source, target) for target in targets}
    return found


#: Every type for itself, for an `any` and out of one.
ALWAYS = {(a, b) for a in TYPES for b in TYPES if a == b or "any" in (a, b)}


@pytest.mark.parametrize("place", ASSIGNMENTS)
def test_assignments(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pairs(ASSIGNMENTS[place], TYPES, monkeypatch) == ALWAYS | WIDER | NARROWER


@pytest.mark.parametrize("place", VALUES)
def test_values(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ALWAYS | WIDER
    if place == "default":  # a function that gives the values
        expected |= {("function(a: count): string", "string")}
    assert pairs(VALUES[place], TYPES, monkeypatch) == expected


@pytest.mark.parametrize("place", INDICES)
def test_indices(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    types = {name: value for name, value in TYPES.items() if name != "file"}
    found = pairs(INDICES[place], types, monkeypatch)
    expected = {pair for pair in ALWAYS if "file" not in pair} | WIDER
    if place == "in":  # sets of subnets and patterns are looked up by what they hold
        expected |= {("addr", "subnet"), ("string", "pattern")}
    assert found == expected


#: Numbers of any two types.
NUMBERS = {(a, b) for a in ("count", "int", "double") for b in ("count", "int", "double")}
SAME = {(a, a) for a in ATOMS}
ORDERED = {(a, a) for a in ("time", "interval", "string", "port", "addr", "subnet")} | NUMBERS
TIMES = {("interval", "time"), ("interval", "interval")}
OPERATORS = {
    "==": SAME
    | NUMBERS
    | {("string", "pattern"), ("pattern", "string"), ("time", "double"), ("double", "time")},
    "!=": SAME
    | NUMBERS
    | {("string", "pattern"), ("pattern", "string"), ("time", "double"), ("double", "time")},
    "<": ORDERED | {("time", "double"), ("double", "time")},
    ">=": ORDERED | {("time", "double"), ("double", "time")},
    "+": NUMBERS
    | {("string", "string"), ("interval", "interval"), ("interval", "time"), ("time", "interval")},
    "-": NUMBERS | {("interval", "interval"), ("interval", "time"), ("time", "time")},
    "*": NUMBERS
    | {(a, "interval") for a in ("count", "int", "double")}
    | {("interval", a) for a in ("count", "int", "double")},
    "/": NUMBERS
    | {("interval", "interval"), ("count", "addr"), ("int", "addr")}
    | {(a, "interval") for a in ("count", "int", "double")},
    "%": {(a, b) for a, b in NUMBERS if "double" not in (a, b)},
    "&": {("count", "count"), ("pattern", "pattern")},
    "|": {("count", "count"), ("pattern", "pattern")},
    "^": {("count", "count")},
    "<<": {(a, b) for a, b in NUMBERS if "double" not in (a, b)},
    "&&": {("bool", "bool")},
    "||": {("bool", "bool")},
    "in": {("addr", "subnet"), ("subnet", "subnet"), ("string", "string"), ("pattern", "string")},
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators(operator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right operand is the source, the left one the target, but for `in`."""
    form = f"local a{{i}}: {{t}}; print a{{i}} {operator} {{s}};"
    if operator == "in":
        form = "local a{i}: {t}; print {s} in a{i};"
    assert pairs(form, ATOMS, monkeypatch) == OPERATORS[operator]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("local a{i}: {t}; print T ? a{i} : {s};", SAME | NUMBERS),
        (
            "local a{i}: {t}; a{i} += {s};",
            WIDER | TIMES | {(a, a) for a in ("count", "int", "double", "string", "pattern")},
        ),
        (
            "local a{i}: {t}; a{i} -= {s};",
            WIDER | TIMES | {(a, a) for a in ("count", "int", "double")},
        ),
    ],
)
def test_statements(form: str, expected: set[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert pairs(form, ATOMS, monkeypatch) == expected


def test_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    form = "local a{i}: {t}; switch a{i} {{ case {s}: break; }}"
    types = {name: value for name, value in ATOMS.items() if name not in ("time", "pattern")}
    expected = {(a, a) for a in types} | WIDER
    assert pairs(form, types, monkeypatch, constants_only=True) == expected


@pytest.mark.parametrize("made", ["vector({s})", "set({s})"])
def test_containers_of_other_numbers(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container is of one type: one of counts is none of ints, for both would change the same elements."""
    kind = "vector of {t}" if made.startswith("vector") else "set[{t}]"
    form = f"local a{{i}} = {made}; local r{{i}}: {kind} = a{{i}};"
    numbers = {name: ATOMS[name] for name in ("count", "int", "double")}
    assert pairs(form, numbers, monkeypatch) == {(a, a) for a in numbers}
