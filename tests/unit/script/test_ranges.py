"""Counts behave like counts whatever the compiler knows of their ranges: programs against a reference."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bro.runtime import context as contexts
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load

LIMIT = 2**64
NAMES = ("a", "b", "c")
NUMBERS = (0, 1, 2, 3, 7, 8, 9, 2**30 - 1, 2**30, 2**32, 2**63, LIMIT - 2, LIMIT - 1)


class Underflow(Exception):
    pass


numbers = st.sampled_from(NUMBERS)
names = st.sampled_from(NAMES)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(numbers, names),
    # constants alone are computed, and refused, by the compiler
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*%"), names, inner),
        st.tuples(st.sampled_from("+-*%"), inner, names),
    ),
    max_leaves=5,
)
conditions = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), names, st.one_of(names, numbers))
tests: st.SearchStrategy[Any] = st.one_of(
    conditions,
    st.tuples(st.just("!"), conditions),
    st.tuples(st.sampled_from(["&&", "||"]), conditions, conditions),
)
simple: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("="), names, values),
    st.tuples(st.sampled_from(["+=", "-="]), names, values),
    st.tuples(st.sampled_from(["++", "--"]), names),
    st.tuples(st.just("call"), names),
    st.tuples(st.just("return"), names),
)
statements: st.SearchStrategy[Any] = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.tuples(st.just("if"), tests, st.lists(inner, max_size=3), st.lists(inner, max_size=2)),
        st.tuples(st.just("while"), tests, st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)
programs = st.lists(statements, min_size=1, max_size=6)


def text(value: Any) -> str:
    """An expression or condition as it is written."""
    if not isinstance(value, tuple):
        return str(value)
    if value[0] == "!":
        return f"! ({text(value[1])})"
    return f"({text(value[1])} {value[0]} {text(value[2])})"


def written(body: list[Any]) -> str:
    """Statements as they are written; loops count their rounds, so that they end."""
    lines = []
    for part in body:
        kind = part[0]
        if kind == "if":
            lines.append(f"if ( {text(part[1])} ) {{ {written(part[2])} }} else {{ {written(part[3])} }}")
        elif kind == "while":
            lines.append(f"while ( rounds < 20 && {text(part[1])} ) {{ ++rounds; {written(part[2])} }}")
        elif kind in ("++", "--"):
            lines.append(f"{kind}{part[1]};")
        elif kind == "call":
            lines.append(f"{part[1]} = other({part[1]});")
        elif kind == "return":
            lines.append(f'if ( {part[1]} == 8 ) return fmt("%d %d %d", a, b, c);')
        else:
            lines.append(f"{part[1]} {kind} {text(part[2])};")
    return " ".join(lines)


class Leave(Exception):
    pass


class Reference:
    """Runs a program with checks everywhere."""

    def __init__(self, start: tuple[int, int, int]) -> None:
        self.held = dict(zip(NAMES, start, strict=True))
        self.rounds = 0

    def value(self, value: Any) -> int:
        if isinstance(value, int):
            return value
        if isinstance(value, str):
            return self.held[value]
        op, left, right = value[0], self.value(value[1]), self.value(value[2])
        return self.operate(op, left, right)

    def operate(self, op: str, left: int, right: int) -> int:
        if op == "+":
            return (left + right) % LIMIT
        if op == "*":
            return (left * right) % LIMIT
        if op == "%":
            if right == 0:
                raise Underflow
            return left % right
        if left < right:
            raise Underflow
        return left - right

    def test(self, test: Any) -> bool:
        op = test[0]
        if op == "!":
            return not self.test(test[1])
        if op == "&&":
            return self.test(test[1]) and self.test(test[2])
        if op == "||":
            return self.test(test[1]) or self.test(test[2])
        left, right = self.value(test[1]), self.value(test[2])
        return {
            "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
            "==": left == right, "!=": left != right,
        }[op]  # fmt: skip

    def run(self, body: list[Any]) -> None:
        for part in body:
            kind = part[0]
            if kind == "if":
                self.run(part[2] if self.test(part[1]) else part[3])
            elif kind == "while":
                while self.rounds < 20 and self.test(part[1]):
                    self.rounds += 1
                    self.run(part[2])
            elif kind in ("++", "--"):
                self.held[part[1]] = self.operate(kind[0], self.held[part[1]], 1)
            elif kind == "call":
                self.held[part[1]] = (self.held[part[1]] + 1) % LIMIT
            elif kind == "return":
                if self.held[part[1]] == 8:
                    raise Leave
            elif kind == "=":
                self.held[part[1]] = self.value(part[2])
            else:
                left = self.held[part[1]]
                self.held[part[1]] = self.operate(kind[0], left, self.value(part[2]))


def expected(body: list[Any], start: tuple[int, int, int]) -> str:
    reference = Reference(start)
    try:
        reference.run(body)
    except Leave:
        pass
    except Underflow:
        return "error"
    return " ".join(str(reference.held[name]) for name in NAMES)


@settings(max_examples=250, deadline=None)
@given(programs, st.tuples(numbers, numbers, numbers))
def test_programs_of_counts(body: list[Any], start: tuple[int, int, int]) -> None:
    script = (
        "function other(x: count): count { return x + 1; }\n"
        "function run(a: count, b: count, c: count): string\n"
        f' {{ local rounds = 0; {written(body)} return fmt("%d %d %d", a, b, c); }}\n'
    )
    before = contexts.current
    try:
        context = contexts.use(contexts.Context())
        context.reporter.stream = io.StringIO()
        options = LoadOptions(base=False, cache=False, code=script, declarations=[])
        try:
            program = load([], options, context)
        except CompileError as error:  # what can be told from the constants in it
            assert "zero" in str(error) or "range" in str(error)
            assume(False)
        program.init()
        try:
            found = program.get("run")(*start).decode()
        except Exception:
            found = "error"
    finally:
        contexts.use(before)
    assert found == expected(body, start), script
