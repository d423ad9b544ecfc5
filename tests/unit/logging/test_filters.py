"""Streams and filters: what is written, where, and who is asked before."""

from __future__ import annotations

from .conftest import Run

STREAM = r"""
module Foo;

export {
    redef enum Log::ID += { LOG, OTHER_LOG, Third };
    type Info: record {
        n: count &log;
        host: addr &log &default=1.2.3.4;
        id: conn_id &log &optional;
        tag: string &log &default="t";
    };
    global log_foo: event(rec: Info);
    global log_policy: Log::PolicyHook;
}

function write(howmany: count)
    {
    local n = 0;
    while ( n < howmany )
        {
        Log::write(LOG, Info($n=n));
        ++n;
        }
    }

event zeek_init() &priority=5
    {
    Log::create_stream(LOG, [$columns=Info, $path="foo", $ev=log_foo, $policy=log_policy]);
    }
"""

JSON = "LogAscii::use_json=T"


def numbers(rows: list[dict[str, object]]) -> list[object]:
    return [row["n"] for row in rows]


def test_include_and_exclude(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="in", $path="in", $include=set("tag", "n", "id.orig_h")]);
    Log::add_filter(LOG, [$name="ex", $path="ex", $exclude=set("id.orig_h", "id.orig_p", "host")]);
    Log::write(LOG, Info($n=1, $id=conn_id($orig_h=1.1.1.1, $orig_p=1/tcp, $resp_h=2.2.2.2, $resp_p=80/tcp)));
}""",
        JSON,
    )
    assert out.rows("in") == [{"n": 1, "id.orig_h": "1.1.1.1", "tag": "t"}]
    assert out.rows("ex") == [{"n": 1, "id.resp_h": "2.2.2.2", "id.resp_p": 80, "tag": "t"}]
    assert len(out.rows("foo")[0]) == 7


def test_path_function_splits(run: Run) -> None:
    out = run(
        STREAM
        + """
function by_parity(id: Log::ID, path: string, rec: Info): string
    { return rec$n % 2 == 0 ? "even" : "odd"; }
event zeek_init() {
    Log::remove_default_filter(LOG);
    Log::add_filter(LOG, [$name="split", $path_func=by_parity]);
    write(5);
}""",
        JSON,
    )
    assert out.logs == {"even", "odd"}
    assert numbers(out.rows("even")) == [0, 2, 4]
    assert numbers(out.rows("odd")) == [1, 3]


def test_a_path_function_that_fails_costs_its_own_filter_only(run: Run) -> None:
    out = run(
        STREAM
        + """
function broken(id: Log::ID, path: string, rec: Info): string
    { return cat(10 / rec$n); }
event zeek_init() {
    Log::add_filter(LOG, [$name="broken", $path_func=broken]);
    write(3);
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [0, 1, 2]
    assert "division by zero" in out.reports and "filter broken" in out.reports
    assert out.status != 0


def test_predicate(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="some", $path="some", $pred(rec: Info) = { return rec$n > 2; }]);
    write(5);
}""",
        JSON,
    )
    assert numbers(out.rows("some")) == [3, 4]
    assert numbers(out.rows("foo")) == [0, 1, 2, 3, 4]


def test_policy_of_the_stream_and_of_a_filter(run: Run) -> None:
    out = run(
        STREAM
        + """
hook log_policy(rec: Info, id: Log::ID, filter: Log::Filter)
    { if ( rec$n == 1 ) break; }
hook own(rec: Info, id: Log::ID, filter: Log::Filter)
    { if ( rec$n != 1 ) break; print filter$name, id; }
event log_foo(rec: Info)
    { print "event", rec$n; }
event zeek_init() {
    Log::add_filter(LOG, [$name="own", $path="own", $policy=own]);
    write(3);
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [0, 2]
    assert numbers(out.rows("own")) == [1]
    # a filter's policy keeps a record out of that filter; the event is about the record, not the filter
    assert out.printed.splitlines() == ["own, Foo::LOG", "event, 0", "event, 1", "event, 2"]


def test_policy_of_all_streams(run: Run) -> None:
    out = run(
        STREAM
        + """
hook Log::log_stream_policy(rec: any, id: Log::ID)
    { if ( id == LOG && (rec as Info)$n < 2 ) break; }
event log_foo(rec: Info)
    { print rec$n; }
event zeek_init() { write(4); }""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [2, 3]
    assert out.printed.split() == ["2", "3"]


def test_a_policy_can_change_what_is_written(run: Run) -> None:
    out = run(
        STREAM
        + """
hook log_policy(rec: Info, id: Log::ID, filter: Log::Filter)
    { rec$tag = fmt("tag %d", rec$n); }
event zeek_init() { write(2); }""",
        JSON,
    )
    assert [row["tag"] for row in out.rows("foo")] == ["tag 0", "tag 1"]


def test_names_and_extension(run: Run) -> None:
    out = run(
        STREAM
        + """
type Extension: record { where: string &log; secret: string &default="s"; };
function extend(path: string): Extension { return Extension($where="at " + path); }
event zeek_init() {
    Log::add_filter(LOG, [$name="x", $path="x", $ext_func=extend, $field_name_map=table(["n"] = "number"),
                          $scope_sep="_", $include=set("_where", "n", "id_orig_h")]);
    Log::write(LOG, Info($n=1, $id=conn_id($orig_h=1.1.1.1, $orig_p=1/tcp, $resp_h=2.2.2.2, $resp_p=80/tcp)));
}""",
        JSON,
    )
    assert out.rows("x") == [{"_where": "at x", "number": 1, "id_orig_h": "1.1.1.1"}]


def test_options_of_one_filter(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="j", $path="j", $config=table(["use_json"] = "T"), $include=set("n")]);
    write(1);
}"""
    )
    assert out.lines("j") == ['{"n":0}']
    assert out.lines("foo")[0].startswith("#separator")


def test_a_path_that_is_taken(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::add_filter(LOG, [$name="same", $path="foo", $include=set("n")]);
    write(1);
}""",
        JSON,
    )
    assert out.rows("foo-2") == [{"n": 0}]
    assert out.counts["warning"] == 1 and "foo-2" in out.reports


def test_default_names(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    for ( _, id in vector(OTHER_LOG, Third) ) {
        Log::create_stream(id, [$columns=Info]);
        Log::write(id, Info($n=1));
    }
}"""
    )
    assert out.logs == {"foo_other", "foo_third"}


def test_managing_filters(run: Run) -> None:
    out = run(
        STREAM
        + """
event zeek_init() {
    write(1);
    print Log::get_filter_names(LOG);
    local f = Log::get_filter(LOG, "default");
    f$path = "renamed";
    print Log::add_filter(LOG, f);
    write(2);
    print Log::remove_filter(LOG, "default"), Log::remove_filter(LOG, "default");
    write(3);
    print Log::get_filter(LOG, "default")$name, Log::get_filter_names(OTHER_LOG);
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [0]
    assert numbers(out.rows("renamed")) == [0, 1]
    assert out.printed.split("\n") == ["{", "\tdefault", "}", "T", "T, F", "<not found>, {", "", "}", ""]


def test_enabling_streams(run: Run) -> None:
    out = run(
        STREAM
        + """
event log_foo(rec: Info) { print rec$n; }
event zeek_init() {
    print Log::write(LOG, Info($n=1));
    print Log::disable_stream(LOG), LOG in Log::active_streams;
    Log::write(LOG, Info($n=2));
    print Log::enable_stream(LOG), LOG in Log::active_streams;
    Log::write(LOG, Info($n=3));
    print Log::remove_stream(LOG), Log::remove_stream(LOG);
    print Log::write(LOG, Info($n=4));
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == [1, 3]
    assert out.printed.split("\n") == ["T", "T, F", "T, T", "T, F", "F", "1", "3", ""]


def test_records_of_other_types(run: Run) -> None:
    out = run(
        STREAM
        + """
type More: record { n: count; tag: string; else_: count; };
event zeek_init() {
    Log::write(LOG, [$n=1, $tag="literal"]);
    Log::write(LOG, More($n=2, $tag="more", $else_=1));
}""",
        JSON,
    )
    assert out.rows("foo") == [
        {"n": 1, "host": "1.2.3.4", "tag": "literal"},
        {"n": 2, "host": "1.2.3.4", "tag": "more"},
    ]


def test_records_that_do_not_fit(run: Run) -> None:
    out = run(
        STREAM
        + """
type Other: record { x: count; };
type Wrong: record { n: string; };
event zeek_init() {
    print Log::write(LOG, Other($x=1));
    print Log::write(LOG, Wrong($n="one"));
    print Log::write(LOG, Info($n=1));
    print Log::write(LOG, Other($x=1));
}
hook Log::log_stream_policy(rec: any, id: Log::ID) { }""",
        JSON,
    )
    assert out.printed.split() == ["F", "F", "T", "F"]
    assert numbers(out.rows("foo")) == [1]
    assert "Foo::LOG: a record of type Foo::Other cannot be logged as Foo::Info: it has no n" in out.reports
    assert "its n is a string, not a count" in out.reports
    assert "test.bro, line" in out.reports


def test_records_that_do_not_fit_on_the_short_way(run: Run) -> None:
    out = run(
        STREAM
        + """
type Other: record { x: count; };
event zeek_init() {
    print Log::write(LOG, Info($n=1));
    print Log::write(LOG, Other($x=1));
    print Log::write(LOG, Info($n=2));
}""",
        JSON,
    )
    assert out.printed.split() == ["T", "F", "T"]
    assert numbers(out.rows("foo")) == [1, 2]
    assert "it has no n" in out.reports


def test_nested_records_are_converted_for_events(run: Run) -> None:
    out = run(
        STREAM
        + """
event log_foo(rec: Info) { print rec$id$resp_p, rec$host; }
event zeek_init() {
    Log::write(LOG, [$n=1, $id=[$orig_h=1.1.1.1, $orig_p=1/tcp, $resp_h=2.2.2.2, $resp_p=80/tcp]]);
}""",
        JSON,
    )
    assert out.printed == "80/tcp, 1.2.3.4\n" and not out.reports


PRINT = """
event zeek_init() {
    print "one", 2, 3.4.5.6;
    print open("elsewhere"), "other";
}"""


def test_print_into_a_log(run: Run) -> None:
    out = run(PRINT, JSON, "Log::print_to_log=Log::REDIRECT_STDOUT")
    assert out.rows("print") == [{"ts": 0.0, "vals": ["one", "2", "3.4.5.6"]}]
    assert out.printed == "" and (out.folder / "elsewhere").read_text() == "other\n"


def test_print_to_all_files_into_a_log(run: Run) -> None:
    out = run(PRINT, JSON, "Log::print_to_log=Log::REDIRECT_ALL", "Log::print_log_path=said")
    assert [row["vals"] for row in out.rows("said")] == [["one", "2", "3.4.5.6"], ["other"]]
    assert run('event zeek_init() { print "x"; }').printed == "x\n", "the next program prints as ever"


def test_two_streams_into_one_program(run: Run) -> None:
    """The first row of a stream finds the way for the rows after it; other streams keep theirs."""
    out = run(
        STREAM
        + """
event zeek_init() {
    Log::create_stream(OTHER_LOG, [$columns=Info, $path="other"]);
    local n = 0;
    while ( n < 1000 ) { Log::write(n % 3 == 0 ? LOG : OTHER_LOG, Info($n=n)); ++n; }
}""",
        JSON,
    )
    assert numbers(out.rows("foo")) == list(range(0, 1000, 3))
    assert numbers(out.rows("other")) == [n for n in range(1000) if n % 3]


def test_limits(run: Run) -> None:
    out = run(
        """
module Big;
export {
    redef enum Log::ID += { LOG };
    type Info: record { s: string &log; v: vector of count &log; };
}
event net_weird(name: string, addl: string, source: string) { print name, addl; }
event zeek_init() {
    Log::create_stream(LOG, [$columns=Info, $path="big", $max_field_string_bytes=10,
                             $max_field_container_elements=3]);
    Log::write(LOG, Info($s="0123456789", $v=vector(1, 2, 3)));
    Log::write(LOG, Info($s="0123456789a", $v=vector(1, 2, 3, 4)));
}""",
        JSON,
    )
    assert out.rows("big") == [{"s": "0123456789", "v": [1, 2, 3]}] * 2
    assert out.printed.splitlines() == [
        "log_string_field_truncated, Big::LOG",
        "log_container_field_truncated, Big::LOG",
    ]


def test_what_cannot_be_logged(run: Run) -> None:
    out = run(
        """
module Bad;
export {
    redef enum Log::ID += { LOG };
    type Info: record { n: count &log; t: table[count] of count &log; };
}
event zeek_init() {
    Log::create_stream(LOG, [$columns=Info, $path="bad"]);
    Log::write(LOG, Info($n=1));
}"""
    )
    assert "Bad::LOG" in out.reports and "field t has type table[count] of count" in out.reports
    assert "bad" not in out.logs and out.status != 0


def test_delayed_rows(run: Run) -> None:
    out = run(
        STREAM
        + """
global kept: table[count] of Info;
global tokens: table[count] of Log::DelayToken;
hook Log::log_stream_policy(rec: Info, id: Log::ID) {
    if ( rec$n == 0 )
        return;
    kept[rec$n] = rec;
    tokens[rec$n] = Log::delay(id, rec, function(rec: Info, id: Log::ID): bool { return rec$n != 3; });
}
event zeek_init() {
    write(5);
    print Log::get_delay_queue_size(LOG);
    kept[2]$tag = "late";
    print Log::delay_finish(LOG, kept[2], tokens[2]), Log::delay_finish(LOG, kept[2], tokens[2]);
    Log::delay_finish(LOG, kept[3], tokens[3]);
}""",
        JSON,
    )
    assert out.printed.splitlines() == ["4", "T, F"]
    assert [(row["n"], row["tag"]) for row in out.rows("foo")] == [(0, "t"), (2, "late"), (1, "t"), (4, "t")]
