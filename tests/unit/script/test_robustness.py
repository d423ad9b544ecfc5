"""Damaged scripts lead to diagnostics, never to another exception of the compiler."""

from __future__ import annotations

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bro.runtime import context as contexts
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load
from tests.unit.script.amount import examples

LANGUAGE = Path(__file__).parents[2] / "language"
PRELUDE = (LANGUAGE / "prelude.bro").read_text()
SCRIPTS = [
    script
    for path in sorted(LANGUAGE.glob("*.md"))
    for script in re.findall(r"^```bro\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)
    if "@load" not in script
]
TOKEN = re.compile(r'\s+|"(?:\\.|[^"\\\n])*"|[A-Za-z_][\w:]*|\d[\w./]*|[^\w\s]')
POOL = sorted({token for script in SCRIPTS for token in TOKEN.findall(script) if token.strip()})

#: What is done to the tokens at a place: take some away, put one in, or put one in another's place.
CHANGES = st.lists(
    st.tuples(st.integers(0, 10_000), st.sampled_from(["cut", "insert", "replace"]), st.sampled_from(POOL)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.sampled_from(SCRIPTS), changes=CHANGES)
def test_damaged_script(script: str, changes: list[tuple[int, str, str]]) -> None:
    tokens = TOKEN.findall(script)
    for place, change, token in changes:
        at = place % (len(tokens) + 1)
        if change == "cut":
            del tokens[at : at + 1 + place % 7]
        elif change == "insert":
            tokens.insert(at, f" {token} ")
        else:
            tokens[at : at + 1] = [token]
    _compile("".join(tokens).encode())


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _compile(data)


#: Every literal that has digits, and a place that takes a number.
DIGITS = [
    "global x = {};",
    "global x = -{};",
    "global x = 0x{};",
    "global x = {}.5;",
    "global x = 1.{};",
    "global x = 1e{};",
    "global x = {} secs;",
    "global x = {}/tcp;",
    "global x = 1.2.3.{};",
    "global x = 1.{}.3.4/8;",
    "global x = 1.2.3.4/{};",
    "global x = [::1]/{};",
    "global x = [{}::1];",
    "global x = /a{{{}}}/;",
    'global x = "abc"[{}];',
    'global x = fmt("%{}d", 1);',
    "global x = 1 << {};",
    "type E: enum {{ A = {} }};",
    "event zeek_init() &priority={} {{ }}",
    "function f() {{ switch 1 {{ case {}: break; }} }}",
    "@if ( {} > 1 )\n@endif",
]


@pytest.mark.parametrize("literal", DIGITS)
@pytest.mark.parametrize("digits", ["9", "0", "09"])
def test_thousands_of_digits(literal: str, digits: str) -> None:
    """Python's `int` refuses so many."""
    _compile(literal.format(digits * 20_000).encode())


def _compile(data: bytes) -> None:
    context = contexts.use(contexts.Context())
    context.stdout = io.BytesIO()
    context.reporter.stream = io.StringIO()
    with TemporaryDirectory() as folder:
        path = Path(folder, "main.bro")
        path.write_bytes(data)
        options = LoadOptions(
            base=False, cache=False, declarations=[("prelude", PRELUDE)], search_path=[folder]
        )
        try:
            load([str(path)], options, context)
        except CompileError as error:
            assert error.diagnostics and all(d.render() for d in error.diagnostics)
