"""Debuggers, profilers and coverage of Python show scripts with their own lines."""

from __future__ import annotations

import pathlib
import sys

import pytest

from tests import processes

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
    done = processes.run([sys.executable, "-m", *command], cwd=folder, input=stdin)
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


BRANCHES = """\
function f(n: count): count
	{
	if ( n > 1 &&
		n > 0 )
		print "a";
	else if ( n == 77 )
		print "b";
	while ( n > 2 )
		{
		if ( n == 4 )
			break;
		--n;
		}
	for ( i in vector(1, 2) )
		{
		if ( i == 1 )
			next;
		print i;
		}
	switch ( n )
		{
		case 1: print "one"; break;
		case 2:
			print "two"; fallthrough;
		case 3, 4:
			print "three";
			break;
		case 5:
			break;
		default:
			print "other";
		}
	if ( T )
		print "always";
	if ( n == 78 ) print "here";
	local g = function(m: count): count
		{
		if ( m == 2 )
			return 2;
		return 3;
		};
	return g(n);
	}
event zeek_init()
	{
	print f(5), f(1);
	if ( f(3) == 9 )
		print "never";
	if ( f(4) > 0 )
		print "sure";
	}
"""


def test_coverage_tells_which_ways_were_not_taken(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("coverage")
    script = tmp_path / "ways.bro"
    script.write_text(BRANCHES)
    (tmp_path / ".coveragerc").write_text(
        f"[run]\nbranch = True\nplugins = bro.tools.coverage_plugin\ninclude = {script}\n"
    )
    run(tmp_path, "coverage", "run", "-m", "bro", "-b", str(script))
    report = run(tmp_path, "coverage", "report", "-m")
    row = next(line for line in report.splitlines() if "ways.bro" in line)
    missing = [place.strip() for place in row.partition("%")[2].split(",")]

    def line(text: str) -> int:
        return BRANCHES[: BRANCHES.index(text)].count("\n") + 1

    # Lines that never ran stand alone; a way that was never taken between two that ran, with an arrow.
    assert missing == [
        str(line('print "b"')),
        str(line('print "other"')),
        str(line('print "never"')),
        f"{line('if ( f(4)')}->exit",
    ]
