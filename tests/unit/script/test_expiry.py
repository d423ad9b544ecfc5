"""Elements of tables that expire, and events that are scheduled, as packet time goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from bro.runtime import context as contexts
from bro.script.loader import LoadOptions, load
from bro.script.program import Program


class Clocked:
    """A running program whose clock the test sets."""

    def __init__(self, script: str, folder: str) -> None:
        self.context = contexts.use(contexts.Context())
        self.output = self.context.stdout = io.BytesIO()
        self.errors = self.context.reporter.stream = io.StringIO()
        options = LoadOptions(
            base=False,
            cache=False,
            code=script,
            declarations=[("prelude", "const table_expire_interval = 1 sec &redef;\n")],
            search_path=[folder],
        )
        self.program: Program = load([], options, self.context)
        self.context.clock.now = 1000.0
        self.program.start()

    def at(self, time: float, event: str = "") -> str:
        """Let the clock be at a time after the start, raise an event, and give what was printed."""
        self.context.clock.now = 1000.0 + time
        if self.context.timers.next_due <= self.context.clock.now:
            self.context.timers.advance(self.context.clock.now)
        self.context.drain()
        if event:
            self.program.post(event)
            self.context.drain()
        text = self.output.getvalue().decode()
        self.output.seek(0)
        self.output.truncate()
        assert self.errors.getvalue() == ""
        return text


Make = Callable[[str], Clocked]


@pytest.fixture
def clocked(tmp_path: Path) -> Make:
    return lambda script: Clocked(script, str(tmp_path))


SHOW = """
global show: event();
global use: event();
event show() { print |t|; }
"""


def test_create_expire_counts_from_the_first_write(clocked: Make) -> None:
    program = clocked(
        "global t: table[count] of count &create_expire=10sec;"
        + SHOW
        + "event use() { t[1] = 2; print t[1]; }"
    )
    assert program.at(0, "use") == "2\n"
    assert program.at(8, "use") == "2\n"
    assert program.at(9, "show") == "1\n"
    assert program.at(12, "show") == "0\n"


def test_write_expire_counts_from_the_last_write(clocked: Make) -> None:
    program = clocked("global t: set[count] &write_expire=10sec;" + SHOW + "event use() { add t[1]; }")
    program.at(0, "use")
    program.at(8, "use")
    assert program.at(12, "show") == "1\n"
    assert program.at(20, "show") == "0\n"


def test_read_expire_counts_from_the_last_use(clocked: Make) -> None:
    script = "global t: table[count] of count &read_expire=10sec; event zeek_init() { t[1] = 1; }"
    program = clocked(script + SHOW + "event use() { print t[1]; }")
    assert program.at(8, "use") == "1\n"
    assert program.at(16, "use") == "1\n"
    assert program.at(25, "show") == "1\n"
    assert program.at(28, "show") == "0\n"


def test_membership_is_a_use(clocked: Make) -> None:
    script = "global t: set[addr] &read_expire=10sec; event zeek_init() { add t[1.2.3.4]; }"
    program = clocked(script + SHOW + "event use() { print 1.2.3.4 in t; }")
    assert program.at(8, "use") == "T\n"
    assert program.at(15, "show") == "1\n"
    assert program.at(20, "show") == "0\n"


def test_subnets_found_by_an_address_are_used(clocked: Make) -> None:
    script = "global t: set[subnet] &read_expire=10sec; event zeek_init() { add t[10.0.0.0/8]; }"
    program = clocked(script + SHOW + "event use() { print 10.1.1.1 in t; }")
    for time in (1, 8, 15):
        assert program.at(time, "use") == "T\n"
    assert program.at(24, "show") == "1\n"
    assert program.at(27, "show") == "0\n"


def test_expire_function_decides(clocked: Make) -> None:
    script = """
    global t: table[string, count] of count &create_expire=10sec &expire_func=gone;
    global again = T;
    function gone(x: table[string, count] of count, s: string, n: count): interval
        {
        print "gone", s, n, x[s, n];
        if ( again ) { again = F; return 5sec; }
        return 0sec;
        }
    event zeek_init() { t["a", 1] = 7; }
    """
    program = clocked(script + SHOW)
    assert program.at(11, "show") == "gone, a, 1, 7\n1\n"
    assert program.at(14, "show") == "1\n"
    assert program.at(17, "show") == "gone, a, 1, 7\n0\n"


def test_tables_of_the_same_content_expire_each_for_itself(clocked: Make) -> None:
    script = """
    type State: record { hosts: set[count] &create_expire=10sec; };
    global t: table[count] of State;
    event zeek_init() { t[1] = State(); t[2] = State(); add t[1]$hosts[5]; add t[2]$hosts[5]; }
    event use() { print |t[1]$hosts|, |t[2]$hosts|; }
    """
    program = clocked(script + SHOW)
    assert program.at(5, "use") == "1, 1\n"
    assert program.at(12, "use") == "0, 0\n"


def test_time_may_be_redefined_at_run_time(clocked: Make) -> None:
    script = "global wait = 10sec; global t: set[count] &create_expire=wait; event zeek_init() { add t[1]; }"
    program = clocked(script + SHOW + "event use() { wait = 60sec; }")
    program.at(5, "use")
    assert program.at(20, "show") == "1\n"
    assert program.at(62, "show") == "0\n"


def test_expiry_tells_on_change(clocked: Make) -> None:
    script = """
    type TableChange: enum { TABLE_ELEMENT_NEW, TABLE_ELEMENT_CHANGED, TABLE_ELEMENT_REMOVED,
        TABLE_ELEMENT_EXPIRED };
    function changed(x: table[count] of string, kind: TableChange, i: count, v: string) { print kind, i, v; }
    global t: table[count] of string &create_expire=10sec &on_change=changed;
    event zeek_init() { t[3] = "x"; }
    """
    program = clocked(script + SHOW)
    assert program.at(1) == "TABLE_ELEMENT_NEW, 3, x\n"
    assert program.at(12) == "TABLE_ELEMENT_EXPIRED, 3, x\n"


def test_scheduled_events_come_in_order(clocked: Make) -> None:
    script = """
    global later: event(n: count);
    event later(n: count) { print n; if ( n == 1 ) schedule 2sec { later(9) }; }
    event zeek_init() { schedule 3sec { later(3) }; schedule 1sec { later(1) }; schedule 1sec { later(2) }; }
    """
    program = clocked(script)
    assert program.at(0.5) == ""
    assert program.at(1) == "1\n2\n"
    assert program.at(10) == "3\n9\n"


def test_when_waits_and_times_out(clocked: Make) -> None:
    script = """
    global ready = F;
    global use: event();
    event use() { ready = T; }
    event zeek_init()
        {
        when ( ready ) { print "ready"; } timeout 10sec { print "too late"; }
        when ( ! ready && F ) { print "never"; } timeout 5sec { print "gave up"; }
        }
    """
    program = clocked(script)
    assert program.at(3) == ""
    assert program.at(6) == "gave up\n"
    program.program.post("use")
    program.context.drain()
    from bro.runtime import when

    when.poll()
    assert program.at(7) == "ready\n"
    assert program.at(30) == ""


def test_what_the_expire_function_reads_or_writes_does_not_keep_the_element(clocked: Make) -> None:
    """Its result alone says how long the element stays."""
    program = clocked(
        """
        global show: event();
        function gone(t: table[string] of count, k: string): interval
            {
            print k, t[k];
            t[k] = 9;
            return 0 sec;
            }
        global read: table[string] of count &read_expire=5 sec &expire_func=gone;
        global written: table[string] of count &write_expire=5 sec &expire_func=gone;
        global kept = F;
        function later(s: set[count], i: count): interval
            {
            local again = i in s;
            if ( kept || ! again ) return 0 sec;
            kept = T;
            return 10 sec;
            }
        global held: set[count] &read_expire=5 sec &expire_func=later;
        event zeek_init() { read["r"] = 1; written["w"] = 2; add held[3]; }
        event show() { print |read|, |written|, |held|; }
        """
    )
    assert program.at(4, "show") == "1, 1, 1\n"
    assert sorted(program.at(7, "show").splitlines()) == ["0, 0, 1", "r, 1", "w, 2"]
    assert program.at(13, "show") == "0, 0, 1\n"
    assert program.at(19, "show") == "0, 0, 0\n"
