"""Messages of run-time errors."""

from __future__ import annotations

import io

from bro.runtime.context import Context
from bro.runtime.errors import Frame, ScriptError, explain


def report(depth: int) -> list[str]:
    context = Context()
    context.reporter.stream = stream = io.StringIO()
    stack = [Frame(f"f{i}", "x.bro", i + 1, None) for i in range(depth)]
    context.reporter.write("error", "oh", "x.bro, line 1", stack)
    return stream.getvalue().splitlines()


def test_a_deep_stack_is_cut_in_the_middle() -> None:
    lines = report(500)
    assert lines[0].endswith("error in x.bro, line 1: oh")
    assert len(lines) == 22
    assert lines[1] == "    in f499 at x.bro, line 500"
    assert lines[11] == "    ... 480 more ..."
    assert lines[-1] == "    in f0 at x.bro, line 1"


def test_a_stack_that_is_not_deep_is_whole() -> None:
    assert [line.split()[1] for line in report(21)[1:]] == [f"f{i}" for i in range(20, -1, -1)]
    assert len(report(1)) == 1


def test_errors_of_the_system_are_told_in_its_words() -> None:
    assert explain(OSError(28, "No space left on device"), []) == "No space left on device"
    assert explain(ScriptError("mine"), []) == "mine"
    assert explain(KeyError("x"), []) == "no such index"
