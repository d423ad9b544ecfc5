"""No test can wait for ever: what may take long is done by `tests/processes.py`, or says how long."""

from __future__ import annotations

import ast
import pathlib

import pytest

from tests.conftest import REPOSITORY

TESTS = sorted(path for path in (REPOSITORY / "tests").rglob("*.py") if path.name != "processes.py")

#: what waits without a limit as long as it gets none as its only argument, or by name
WITHOUT_ARGUMENT = ("wait", "communicate", "join")

#: functions of `subprocess` that wait for the end of what they start
TO_THE_END = ("run", "call", "check_call", "check_output")


def unbounded(text: str) -> list[str]:
    """What waits without a limit in a file of tests, with its line."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        limited = any(keyword.arg == "timeout" for keyword in node.keywords)
        if (
            (owner == "subprocess" and name in TO_THE_END and not limited)
            or (name == "communicate" and not limited)
            or (name in WITHOUT_ARGUMENT and not node.args and not limited)
            or (name in ("read", "readline", "readlines") and owner.endswith((".stdout", ".stderr")))
        ):
            found.append(f"line {node.lineno}: {owner}.{name}")
    return found


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(REPOSITORY / "tests")))
def test_waits_have_a_limit(path: pathlib.Path) -> None:
    assert unbounded(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("process.stderr.readline()", 1),
        ("process.communicate(b'x'); process.communicate(timeout=3)", 1),
        ("process.wait(); process.wait(3); thread.join(); ', '.join(names)", 2),
        ("subprocess.run(command); subprocess.run(command, timeout=3)", 1),
    ],
)
def test_what_is_seen(text: str, count: int) -> None:
    assert len(unbounded(text)) == count
