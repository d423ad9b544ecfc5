"""Commands that scripts run, and the events about what they write."""

from __future__ import annotations

import pathlib

from tests.conftest import RunBro

SCRIPT = """
event Exec::line(description: Input::EventDescription, tpe: Input::Event, s: string, is_stderr: bool)
    {
    print "line", description$name, description$source, tpe, s, is_stderr;
    }
event Exec::file_line(description: Input::EventDescription, tpe: Input::Event, s: string)
    {
    print "file", description$name, description$source, tpe, s;
    }
event bro_init()
    {
    local command = Exec::Command($cmd="echo one; echo two >&2; echo three > out", $uid="u");
    command$read_files = set("out");
    when [command] ( local r = Exec::run(command) )
        print r$exit_code, r$stdout, r$stderr, r$files["out"];
    }
"""


def test_every_line_raises_an_event(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "policy.bro").write_text(SCRIPT)
    done = bro("policy.bro")
    assert (done.returncode, done.stderr) == (0, "")
    command = "echo one; echo two >&2; echo three > out"
    assert sorted(done.stdout.splitlines()) == [
        "0, [one], [two], [three]",
        "file, u_out, out, Input::EVENT_NEW, three",
        f"line, u, {command}, Input::EVENT_NEW, one, F",
        f"line, u, {command}, Input::EVENT_NEW, two, T",
    ]
