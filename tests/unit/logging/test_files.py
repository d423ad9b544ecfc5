"""Logs as files: rotation, buffering, and what happens when they cannot be written."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from tests import processes

from .conftest import Run
from .test_filters import JSON, STREAM, numbers

WRITE = STREAM + "event zeek_init() { write(3); }"


def test_no_rows_no_file(run: Run) -> None:
    assert run(STREAM).logs == set()


def test_a_directory_of_its_own(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "there").mkdir()
    out = run(WRITE, JSON, "Log::default_logdir=there")
    assert (out.folder / "there" / "foo.log").exists() and not out.logs


def test_a_directory_that_is_not_there(run: Run) -> None:
    out = run(WRITE, JSON, "Log::default_logdir=/no/such/place")
    assert out.status != 0
    assert "cannot create log file /no/such/place/foo.log: No such file" in out.reports
    assert "check that its directory exists" in out.reports and "3 rows lost" in out.reports


def test_a_directory_that_is_a_file(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    out = run(WRITE, JSON, f"Log::default_logdir={tmp_path}/file")
    assert out.status != 0 and "Not a directory" in out.reports


def test_one_bad_log_does_not_stop_the_others(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="bad", $path="no/such/place"]);
    write(10000);
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == list(range(10000))
    assert out.status != 0 and "no/such/place.log" in out.reports


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no file that is always full")
def test_a_full_disk(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="full", $path="full"]);
    write(3000);
    Log::flush(LOG);
    write(3000);
}""",
        JSON,
        before_end=lambda program: None,
    )
    assert out.status == 0, "the disk is not full in the first place"
    (out.folder / "full.log").unlink()
    (out.folder / "full.log").symlink_to("/dev/full")
    out = run((out.folder / "test.bro").read_text(), JSON)
    assert out.status != 0
    assert "cannot write to log file full.log: No space left" in out.reports
    assert "check the space left on its disk" in out.reports
    assert out.reports.count("full.log") == 2, "once when it happens, once at the end with the rows it cost"
    assert "rows lost)" in out.reports
    assert len(out.rows("foo")) == 6000


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_disk_that_fills_up(run: Run, tmp_path: pathlib.Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = processes.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk])
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        out = run(STREAM + "event zeek_init() { write(50000); }", JSON, "Log::default_logdir=disk")
        assert out.status != 0 and "No space left" in out.reports
        assert 0 < (disk / "foo.log").stat().st_size <= 64 << 10, "what fits is there"
    finally:
        processes.run(["umount", disk], check=True)


def test_an_option_with_a_bad_value(run: Run) -> None:
    out = run(WRITE, "LogAscii::separator=")
    assert "log Foo::LOG, filter default: log option separator cannot be ''" in out.reports
    assert out.status != 0 and not out.logs


def test_flushing_and_buffering(run: Run) -> None:
    seen: list[int] = []

    def look(program: Any) -> None:
        path = pathlib.Path("foo.log")
        seen.append(path.read_text().count("\n") if path.exists() else 0)

    run(STREAM + "event zeek_init() { write(3); Log::flush(LOG); }", JSON, before_end=look)
    run(
        STREAM + "event zeek_init() { Log::set_buf(LOG, F); write(2); Log::flush(LOG); }",
        JSON,
        before_end=look,
    )
    assert seen == [3, 2]


def test_rotation(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")

    def hours_later(program: Any) -> None:
        current = program.context
        for hour in (1, 2, 3):
            current.clock.now = 1_300_000_000.0 + 3600 * hour
            current.timers.advance(current.clock.now)
            current.drain()
            program.namespace["Foo__write"](hour)

    out = run(
        STREAM
        + """
function rotated(info: Log::RotationInfo): bool
    {
    print fmt("%s %s %.0f %.0f %s", info$fname, info$path, info$open, info$close, info$terminating);
    return T;
    }
redef Log::default_rotation_postprocessors += { [Log::WRITER_ASCII] = rotated };
event zeek_init() { write(1); }""",
        JSON,
        "Log::default_rotation_interval=1hr",
        before_end=hours_later,
    )
    assert "foo" not in out.logs, "the last one is rotated at the end"
    sizes = sorted(len(path.read_text().splitlines()) for path in out.folder.glob("foo.*.log"))
    assert sizes == [1, 1, 2, 3]
    lines = out.printed.splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["F", "F", "F", "T"]
    assert all((out.folder / line.split(" ")[0]).exists() for line in lines)


def test_none_writer(run: Run) -> None:
    out = run(WRITE, "Log::default_writer=Log::WRITER_NONE")
    assert out.logs == set() and out.status == 0


def test_sqlite(run: Run) -> None:
    import sqlite3

    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="db", $path="foo", $writer=Log::WRITER_SQLITE,
                          $config=table(["dbpath"] = "base", ["tablename"] = "rows")]);
    write(3);
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [0, 1, 2]
    with sqlite3.connect(out.folder / "base.sqlite") as database:
        assert database.execute("select n, host from rows").fetchall() == [
            (0, "1.2.3.4"),
            (1, "1.2.3.4"),
            (2, "1.2.3.4"),
        ]
