"""Debuggers, profilers and coverage of Python show scripts with their own lines."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

SCRIPT = """\
module Steps;

global total = 0;

function gather(n: count): count
    {
    local i = 0;
    while ( i < n )
        {
        total += i;
        ++i;
        }
    if ( total > 1000 )
        total = 0;
    return total;
    }

event zeek_init()
    {
    print gather(4);
    }
"""


def line_of(text: str) -> int:
    """The number of the first line with this text."""
    return SCRIPT[: SCRIPT.index(text)].count("\n") + 1


@pytest.fixture
def script(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "steps.bro"
    path.write_text(SCRIPT)
    return path


def run(folder: pathlib.Path, *command: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, input=stdin, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pdb_stops_at_lines_of_scripts(script: pathlib.Path) -> None:
    place = line_of("total += i")
    session = [
        f"break {script}:{place}",
        "continue",
        "where",
        "p i",
        "next",
        "p total",
        "clear 1",
        "continue",
        "quit",
    ]
    shown = run(script.parent, "pdb", "-m", "bro", "-b", str(script), stdin="\n".join(session) + "\n")
    assert f"{script}({place})Steps__gather()" in shown
    assert "-> total += i;" in shown
    assert f"{script}({line_of('print gather')})" in shown  # in the list of calls
    assert "-> ++i;" in shown
    assert "(Pdb) 6\n" in shown  # what the script prints in the end


def test_coverage_counts_lines_of_scripts(script: pathlib.Path) -> None:
    pytest.importorskip("coverage")
    (script.parent / ".coveragerc").write_text(
        f"[run]\nplugins = bro.tools.coverage_plugin\ninclude = {script}\n"
    )
    assert run(script.parent, "coverage", "run", "-m", "bro", "-b", str(script)) == "6\n"
    report = run(script.parent, "coverage", "report", "-m")
    row = next(line for line in report.splitlines() if "steps.bro" in line).split()
    assert row[-4:] == ["8", "1", "88%", str(line_of("total = 0;\n    return"))]


def test_cprofile_names_functions_of_scripts(script: pathlib.Path) -> None:
    shown = run(script.parent, "cProfile", "-s", "tottime", "-m", "bro", "-b", str(script))
    assert f"{script.name}:{line_of('function gather')}(Steps__gather)" in shown
