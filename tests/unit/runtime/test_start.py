"""What a start imports and makes: no more than the program at hand needs."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import callables
from bro.runtime import context as contexts
from bro.runtime.builtins import registry
from bro.runtime.namespace import Deferred
from bro.script.loader import LoadOptions, load
from bro.script.program import Program
from tests import processes


def loaded(code: str) -> Program:
    context = contexts.use(contexts.Context())
    context.stdout = io.BytesIO()
    return load([], LoadOptions(bare=True, code=code, cache=False), context)


def shown(program: Program) -> str:
    program.run()
    stream = program.context.stdout
    assert isinstance(stream, io.BytesIO)
    return stream.getvalue().decode()


def imported(tmp_path: Path, *arguments: str) -> set[str]:
    """The modules that the second start of the command imports."""
    (tmp_path / "empty.bro").write_text("")
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom bro.cli import main\n"
        f"main({[*arguments, str(tmp_path / 'empty.bro')]!r})\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    surroundings = processes.environment(tmp_path / "cache")
    for _ in range(2):
        done = processes.run([sys.executable, "-c", code], check=True, env=surroundings, cwd=tmp_path)
    return set(done.stdout.split())


@pytest.mark.parametrize("arguments", [["-b"], []])
def test_a_start_imports_little(tmp_path: Path, arguments: list[str]) -> None:
    slow = {
        "argparse", "ast", "bro.script.compiler", "collections", "contextlib", "dataclasses", "enum",
        "functools", "hashlib", "inspect", "json", "re", "signal", "socket", "subprocess", "tempfile",
        "threading", "typing",
    }  # fmt: skip
    assert slow & imported(tmp_path, *arguments) == set()


# ---- built-in functions that are bound when they are called ------------------------------------------------


def test_the_first_call_puts_the_function_in_its_place() -> None:
    namespace: dict[str, object] = {}
    later = namespace["cat"] = Deferred(namespace, "cat", "bro.runtime.builtins.conversion", "cat")
    from bro.runtime.builtins.conversion import cat

    assert later(b"a", b"b") == b"ab"
    assert namespace["cat"] is cat


def test_a_function_that_was_replaced_stays_so() -> None:
    namespace: dict[str, object] = {}
    later = Deferred(namespace, "cat", "bro.runtime.builtins.conversion", "cat")
    namespace["cat"] = None
    assert later(b"a") == b"a"
    assert namespace["cat"] is None


def test_functions_as_values_are_themselves() -> None:
    code = """
    global keep: table[string] of any;
    event zeek_init()
        {
        local f = to_upper;
        local g: function(str: string): string = to_upper;
        keep["f"] = f;
        print f == g, f == to_upper, f("x"), to_upper("y"), keep["f"];
        }
    """
    assert shown(loaded(code)) == "T, T, X, Y, to_upper\n"


def test_a_program_gives_the_function() -> None:
    program = loaded('event zeek_init() { print levenshtein_distance("a", "b"); }')
    from bro.runtime.builtins import similarity, strings

    function = program.get("levenshtein_distance")
    assert function in (
        getattr(strings, "levenshtein_distance", None),
        getattr(similarity, "levenshtein_distance", None),
    )


def test_the_catalogue_has_all_built_ins() -> None:
    entries = {entry[0]: entry for entry in registry.catalogue()}
    for name, builtin in registry.load_all().items():
        if builtin.module.startswith("bro.runtime.builtins."):
            assert entries[name][:4] == (name, builtin.signature, builtin.module, builtin.attribute)
            assert registry.Builtin(*entries[name]).function is builtin.function


# ---- classes of records ------------------------------------------------------------------------------------


def test_classes_of_records_are_made_once() -> None:
    program = loaded(
        "type Inner: record { n: count &default=3; };\ntype Outer: record { i: Inner &default=Inner(); };\n"
        "event zeek_init() { print Outer(); print Outer($i=[$n=4])$i$n; }"
    )
    assert "Outer" in program.record_classes
    assert program.record_classes.get("Nosuch") is None
    made = program.record_classes["Outer"]
    assert shown(program) == "[i=[n=3]]\n4\n"
    assert program.record_classes["Outer"] is made
    assert program.namespace["Outer"] is made
    with pytest.raises(KeyError):
        program.record_classes["Nosuch"]


# ---- names -------------------------------------------------------------------------------------------------


@given(st.text("ab_1A", max_size=12))
def test_names_are_read_as_by_regular_expressions(name: str) -> None:
    assert callables._scoped(name) == re.sub(r"(?<=[A-Za-z0-9])__(?=[A-Za-z_])", "::", name)
    if name:
        temporary = re.fullmatch(r"_[a-z]*[0-9]+", name) is not None
        assert callables._is_temporary(name) == temporary
