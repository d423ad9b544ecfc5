"""Readers of input, by the scripts that use them: files that change, commands, databases."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bro.input.manager import manager, register
from bro.input.readers.base import InputError, Reader
from bro.runtime import context as contexts
from bro.runtime import when
from bro.script.loader import LoadOptions, load
from bro.script.program import Program
from tests import processes


class Run:
    """A program without an engine, whose clock the test moves."""

    def __init__(self, folder: Path, script: str) -> None:
        (folder / "main.bro").write_text(script)
        self.context = contexts.use(contexts.Context())
        self.out = self.context.stdout = io.BytesIO()
        self.errors = self.context.reporter.stream = io.StringIO()
        self.program: Program = load([str(folder / "main.bro")], LoadOptions(bare=True), self.context)
        self.context.clock.now = 1000.0
        self.program.start()

    def after(self, seconds: float) -> str:
        """What is printed while so much time passes."""
        self.out.seek(0)
        self.out.truncate()
        self.context.clock.now += seconds
        self.context.timers.advance(self.context.clock.now)
        self.context.drain()
        return self.out.getvalue().decode()

    def until(self, text: str) -> str:
        """What is printed until `text` is; commands run beside the program."""

        def printed() -> str:
            self.context.drain()
            when.poll()
            return self.out.getvalue().decode()

        processes.wait_until(lambda: text in printed(), f"{text!r} is printed")
        return printed()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    manager().close()


TABLE = """
type Idx: record { name: string; };
type Val: record { num: count; };
global nums: table[string] of count = table();
event change(d: Input::TableDescription, tpe: Input::Event, left: Idx, right: count)
    { print tpe, left$name, right; }
event zeek_init()
    {
    Input::add_table([$source="t", $name="n", $idx=Idx, $val=Val, $destination=nums, $want_record=F,
                      $ev=change, $mode=Input::MODE]);
    }
"""


def put(name: str, text: str, age: int) -> None:
    """Write a file; `age` tells files of the same size apart, as their times may be equal."""
    Path(name).write_text(text)
    os.utime(name, (age, age))


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    put("t", "#fields\tname\tnum\na\t1\nb\t2\n", 1)
    run = Run(tmp_path, TABLE.replace("MODE", "REREAD"))
    assert run.out.getvalue() == b"Input::EVENT_NEW, a, 1\nInput::EVENT_NEW, b, 2\n"
    assert run.after(5) == ""
    put("t", "#fields\tname\tnum\na\t3\nc\t4\n", 2)
    assert run.after(5) == "Input::EVENT_CHANGED, a, 1\nInput::EVENT_NEW, c, 4\nInput::EVENT_REMOVED, b, 2\n"
    os.unlink("t")
    run.after(5)
    run.after(5)
    assert run.errors.getvalue().count("cannot be read") == 1
    put("t", "#fields\tname\tnum\na\t3\n", 3)
    assert run.after(5) == "Input::EVENT_REMOVED, c, 4\n"


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    run = Run(tmp_path, TABLE.replace("MODE", "REREAD"))
    assert "it will be looked at again" in run.errors.getvalue()
    put("t", "#fields\tname\tnum\na\t1\n", 1)
    assert run.after(5) == "Input::EVENT_NEW, a, 1\n"


def test_what_is_appended_to_a_stream_is_read_line_by_line(tmp_path: Path) -> None:
    Path("t").write_text("#fields\tname\tnum\na\t1\n")
    run = Run(tmp_path, TABLE.replace("MODE", "STREAM"))
    assert run.out.getvalue() == b"Input::EVENT_NEW, a, 1\n"
    with open("t", "a") as file:
        file.write("b\t2\nc")
    assert run.after(5) == "Input::EVENT_NEW, b, 2\n"
    with open("t", "a") as file:
        file.write("\t3\na\t9\n")
    assert run.after(5) == "Input::EVENT_NEW, c, 3\nInput::EVENT_CHANGED, a, 1\n"
    os.rename("t", "old")
    Path("t").write_text("#fields\tnum\tname\n7\td\n")
    assert run.after(5) == "Input::EVENT_NEW, d, 7\n"


LINES = """
type Line: record { s: string; };
event line(d: Input::EventDescription, tpe: Input::Event, s: string) { print s; }
event InputRaw::process_finished(name: string, source: string, exit_code: count, signal_exit: bool)
    { print "end", exit_code, signal_exit; }
event zeek_init()
    {
    Input::add_event([$source="SOURCE", $reader=Input::READER_RAW, $name="r", $mode=Input::MODE, $fields=Line,
                      $ev=line, $want_record=F, $config=table(CONFIG)]);
    }
"""


def lines(source: str, mode: str = "MANUAL", config: str = "") -> str:
    return LINES.replace("SOURCE", source).replace("MODE", mode).replace("CONFIG", config)


def test_the_output_of_a_command(tmp_path: Path) -> None:
    run = Run(tmp_path, lines("printf 'one\\\\ntwo'; cat; exit 3 |", config='["stdin"] = "given\\n"'))
    assert run.until("end") == "one\ntwogiven\nend, 3, F\n"
    assert "ended with status 3" in run.errors.getvalue()


def test_a_command_that_goes_on_is_read_as_it_writes_and_ended_with_its_stream(tmp_path: Path) -> None:
    run = Run(tmp_path, lines("echo $$; echo first; sleep 100 |", mode="STREAM"))
    pid = int(run.until("first").split()[0])
    os.kill(pid, 0)
    manager().close()

    def ended() -> bool:
        try:
            return os.waitpid(pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True  # its watcher has seen the end

    processes.wait_until(ended, "the end of the command")


def test_both_outputs_of_a_command(tmp_path: Path) -> None:
    script = """
type Line: record { s: string; e: bool; };
event line(d: Input::EventDescription, tpe: Input::Event, l: Line) { print l$s, l$e; }
event InputRaw::process_finished(name: string, source: string, exit_code: count, signal_exit: bool)
    { print "end"; }
event zeek_init()
    {
    Input::add_event([$source="echo out; echo err >&2 |", $reader=Input::READER_RAW, $name="r", $fields=Line,
                      $ev=line, $config=table(["read_stderr"] = "T")]);
    }
"""
    assert sorted(Run(tmp_path, script).until("end").splitlines()) == ["end", "err, T", "out, F"]


def test_lines_appended_to_a_file(tmp_path: Path) -> None:
    Path("log").write_text("one\ntw")
    run = Run(tmp_path, lines("log", mode="STREAM"))
    assert run.out.getvalue() == b"one\n"
    with open("log", "a") as file:
        file.write("o\nthree\n")
    assert run.after(5) == "two\nthree\n"


def test_the_result_of_a_query(tmp_path: Path) -> None:
    with sqlite3.connect("db.sqlite") as connection:
        connection.execute("create table conn (host text, p int, proto text, d real, tags text, more text)")
        connection.execute("insert into conn values ('1.2.3.4', 80, 'tcp', 1.5, 'a,b', null)")
        connection.execute("insert into conn values ('nonsense', 80, 'tcp', 1.5, '', null)")
    script = """
type Row: record { host: addr; p: port &type_column="proto"; d: interval;
    tags: set[string]; more: string &optional; };
event row(d: Input::EventDescription, tpe: Input::Event, r: Row) { print r; }
event zeek_init()
    {
    Input::add_event([$source="db", $reader=Input::READER_SQLITE, $name="q", $fields=Row, $ev=row,
                      $config=table(["query"] = "select * from conn")]);
    Input::add_event([$source="none", $reader=Input::READER_SQLITE, $name="n", $fields=Row, $ev=row,
                      $config=table(["query"] = "select 1")]);
    Input::add_event([$source="db", $reader=Input::READER_SQLITE, $name="w", $fields=Row, $ev=row,
                      $config=table(["query"] = "delete from conn")]);
    }
"""
    run = Run(tmp_path, script)
    assert run.out.getvalue().decode().split() == (
        [
            "[host=1.2.3.4,",
            "p=80/tcp,",
            "d=1.0",
            "sec",
            "500.0",
            "msecs,",
            "tags={",
            "a,",
            "b",
            "},",
            "more=<uninitialized>]",
        ]
    )
    errors = run.errors.getvalue()
    assert "row 2 of the query: column 'host'" in errors and "there is no database none.sqlite" in errors
    assert "readonly" in errors
    assert sqlite3.connect("db.sqlite").execute("select count(*) from conn").fetchone() == (2,)


def test_a_reader_of_somebody_elses(tmp_path: Path) -> None:
    class Numbers(Reader):
        def force(self) -> None:
            if self.request.source == "broken":
                raise ZeroDivisionError("oh")
            if self.request.source == "gone":
                raise InputError("there is nothing to count")
            self.sink.replace([b"row", n] for n in range(int(self.request.source)))

    register("Mine::READER_NUMBERS", Numbers)
    script = """
module Mine;
export { redef enum Input::Reader += { READER_NUMBERS }; }
type Row: record { s: string; n: count; };
event row(d: Input::EventDescription, tpe: Input::Event, r: Row) { print r$s, r$n; }
event zeek_init()
    {
    for ( i, source in vector("2", "broken", "gone") )
        Input::add_event([$source=source, $reader=READER_NUMBERS, $name=source, $fields=Row, $ev=row]);
    }
"""
    run = Run(tmp_path, script)
    assert run.out.getvalue() == b"row, 0\nrow, 1\n"
    errors = run.errors.getvalue()
    assert "the reader failed: ZeroDivisionError: oh" in errors and "there is nothing to count" in errors
    assert list(manager().streams) == [b"2"]


def test_options_are_read_again(tmp_path: Path) -> None:
    put("conf", "M::n 1\n", 1)
    script = """
@load base/frameworks/config
module M;
export { option n: count = 0; }
redef Config::config_files += { "conf" };
event Config::log_config(rec: Config::Info) { print rec$old_value, rec$new_value; }
"""
    run = Run(tmp_path, script)
    assert run.out.getvalue() == b"0, 1\n"
    put("conf", "M::n 7\n", 2)
    assert run.after(5) == "1, 7\n"
    put("conf", "M::n bad\n", 3)
    assert run.after(5) == ""
    assert run.program.get("M::n") == 7


def test_indicators_expire_unless_they_come_again(tmp_path: Path) -> None:
    script = """
@load policy/frameworks/intel/do_expire
redef Intel::item_expiration = 100 sec;
redef table_expire_interval = 1 sec;
event zeek_init()
    {
    Intel::insert([$indicator="192.0.2.1", $indicator_type=Intel::ADDR, $meta=[$source="a"]]);
    Intel::insert([$indicator="a.b", $indicator_type=Intel::DOMAIN, $meta=[$source="a"]]);
    }
hook Intel::item_expired(indicator: string, indicator_type: Intel::Type, metas: set[Intel::MetaData])
    { print indicator, indicator_type, |metas|; }
"""
    run = Run(tmp_path, script)
    store: Any = run.program.get("Intel::data_store")
    assert run.after(90) == "" and len(store.host_data) == 1
    assert sorted(run.after(20).splitlines()) == ["192.0.2.1, Intel::ADDR, 1", "a.b, Intel::DOMAIN, 1"]
    assert not store.host_data and not store.string_data
