"""Functions out of the cache: read when they are called, the same objects all along."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from bro.runtime import context as contexts
from bro.script import lazy
from bro.script.loader import LoadOptions, load
from bro.script.program import Program

SCRIPT = """
function twice(n: count): count { return n * 2; }
function fails(n: count): count { return 1 / n; }
function unused() { print "never"; }
event zeek_init() { local f = twice; print f(2), twice(4), fails(0); }
event zeek_init() &priority=-1 { print twice(twice(1)); }
"""

needed = pytest.mark.skipif(not lazy.POSSIBLE, reason="this Python would call such functions more slowly")


def run(folder: Path) -> tuple[Program, str, str]:
    path = folder / "main.bro"
    path.write_text(SCRIPT)
    context = contexts.use(contexts.Context())
    context.stdout = out = io.BytesIO()
    errors = context.reporter.stream = io.StringIO()
    program = load([str(path)], LoadOptions(base=False), context)
    program.run()
    return program, out.getvalue().decode(), errors.getvalue()


@needed
def test_a_program_out_of_the_cache_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    monkeypatch.setenv("BRO_CACHE_DIR", str(cache))
    compiled, *first = run(tmp_path)
    assert os.listdir(cache)
    cached, *second = run(tmp_path)
    assert first == second
    assert first[0] == "4\n" and "main.bro, line 3: division by zero" in first[1]
    assert lazy.own_code(compiled.get("unused")) is compiled.get("unused").__code__

    # What was called has its code, what was not has it when it is asked for.
    called, left = cached.get("twice"), cached.get("unused")
    assert called.__code__.co_name == "twice" and called(3) == 6
    assert left.__code__.co_name == "_stand_in"
    code = lazy.own_code(left)
    assert code is not None and code.co_name == "unused" and left.__code__ is code
    assert lazy.own_code(len) is None


@needed
def test_code_that_does_more_than_defining_stays_as_it_is() -> None:
    for text in ("x = 1\ndef f(): pass", "def f(a=1): pass", "f = make()", "def f(): pass\nf.x = 1"):
        code = compile(text, "test", "exec")
        assert lazy.pack(code) is code
    packed = lazy.pack(compile("def f(a, b):\n return a - b\ndef g(): return f(3, 1)", "test", "exec"))
    assert isinstance(packed, tuple) and [name for name, _ in packed] == ["f", "g"]
    namespace: dict[str, Any] = {}
    lazy.define(packed, namespace)
    before = namespace["f"]
    assert namespace["g"]() == 2 and namespace["f"] is before
    assert before(b=1, a=5) == 4 and before(1, 1) == 0


@needed
def test_an_error_of_the_first_call_is_that_of_the_function() -> None:
    packed = lazy.pack(compile("def f(a):\n return a.none", "test", "exec"))
    assert isinstance(packed, tuple)
    namespace: dict[str, Any] = {}
    lazy.define(packed, namespace)
    for _ in range(2):
        with pytest.raises(AttributeError):
            namespace["f"](1)
    with pytest.raises(TypeError):
        namespace["f"]()
