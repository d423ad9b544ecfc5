"""Files as they are written: the text format that zeek-cut reads, and JSON."""

from __future__ import annotations

import re

from .conftest import Run

#: a stream with every type that a column can have
EVERYTHING = r"""
module Every;

export {
    redef enum Log::ID += { LOG };
    type Inner: record { x: count &log; hidden: count &default=1; y: string &log &optional; };
    type Info: record {
        ts: time &log;
        b: bool &log &default=T;
        i: int &log &default=-3;
        c: count &log &default=18446744073709551615;
        d: double &log &default=0.1;
        v: interval &log &default=1.5 sec;
        s: string &log &default="text";
        a: addr &log &default=[2001:db8::1];
        n: subnet &log &default=10.0.0.0/8;
        p: port &log &default=53/udp;
        e: transport_proto &log &default=tcp;
        ss: set[string] &log &default=set("one");
        vs: vector of string &log &default=vector("one", "two");
        va: vector of addr &log &default=vector(1.2.3.4, [::1]);
        vd: vector of double &log &default=vector(1.0, 2.5);
        se: set[string] &log &default=set();
        unset: string &log &optional;
        inner: Inner &log &default=Inner($x=7);
        not_logged: string &default="x";
    };
}

event zeek_init()
    {
    Log::create_stream(LOG, [$columns=Info, $path="every"]);
    Log::write(LOG, Info($ts=double_to_time(1300475167.096535)));
    }
"""


def test_text(run: Run) -> None:
    out = run(EVERYTHING)
    lines = out.lines("every")
    opened = re.fullmatch(r"#open\t\d{4}(-\d\d){5}", lines[5])
    closed = re.fullmatch(r"#close\t\d{4}(-\d\d){5}", lines[9])
    assert opened and closed
    assert [line for i, line in enumerate(lines) if i not in (5, 9)] == [
        r"#separator \x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tevery",
        "#fields\tts\tb\ti\tc\td\tv\ts\ta\tn\tp\te\tss\tvs\tva\tvd\tse\tunset\tinner.x\tinner.y",
        "#types\ttime\tbool\tint\tcount\tdouble\tinterval\tstring\taddr\tsubnet\tport\tenum\tset[string]"
        "\tvector[string]\tvector[addr]\tvector[double]\tset[string]\tstring\tcount\tstring",
        "1300475167.096535\tT\t-3\t18446744073709551615\t0.1\t1.500000\ttext\t2001:db8::1\t10.0.0.0/8\t53"
        "\ttcp\tone\tone,two\t1.2.3.4,::1\t1.0,2.5\t(empty)\t-\t7\t-",
    ]
    assert out.status == 0 and not out.reports


def test_json(run: Run) -> None:
    out = run(EVERYTHING, "LogAscii::use_json=T")
    assert out.lines("every") == [
        '{"ts":1300475167.096535,"b":true,"i":-3,"c":18446744073709551615,"d":0.1,"v":1.5,"s":"text",'
        '"a":"2001:db8::1","n":"10.0.0.0/8","p":53,"e":"tcp","ss":["one"],"vs":["one","two"],'
        '"va":["1.2.3.4","::1"],"vd":[1.0,2.5],"se":[],"inner.x":7}'
    ]


def test_json_options(run: Run) -> None:
    out = run(
        EVERYTHING,
        "LogAscii::use_json=T",
        "LogAscii::json_include_unset_fields=T",
        "LogAscii::json_timestamps=JSON::TS_ISO8601",
    )
    row = out.rows("every")[0]
    assert row["ts"] == "2011-03-18T19:06:07.096535Z"
    assert row["unset"] is None and row["inner.y"] is None


def test_other_separators(run: Run) -> None:
    out = run(
        EVERYTHING,
        'LogAscii::separator="|"',
        'LogAscii::set_separator=";"',
        'LogAscii::empty_field="EMPTY"',
        'LogAscii::unset_field="NONE"',
    )
    lines = out.lines("every")
    assert lines[0] == r"#separator \x7c"
    assert lines[1:3] == ["#set_separator|;", "#empty_field|EMPTY"]
    assert lines[8].endswith("|one|one;two|1.2.3.4;::1|1.0;2.5|EMPTY|NONE|7|NONE")


def test_without_header(run: Run) -> None:
    lines = run(EVERYTHING, "LogAscii::include_meta=F").lines("every")
    assert len(lines) == 1 and lines[0].startswith("1300475167.096535\tT")


NASTY = r"""
module Nasty;
export {
    redef enum Log::ID += { LOG };
    type Info: record { s: string &log; v: vector of string &log; };
}
event zeek_init()
    {
    Log::create_stream(LOG, [$columns=Info, $path="nasty"]);
    for ( _, s in vector("a\tb\nc", "-", "(empty)", "", "#fields", "back\\slash", "\xc3\xa9", "\xc3\xa9\xff",
                          "a,b") )
        Log::write(LOG, Info($s=s, $v=vector(s, "x")));
    }
"""


def test_strings_that_look_like_the_format(run: Run) -> None:
    rows = run(NASTY).table("nasty")
    assert [row["s"] for row in rows] == [
        r"a\x09b\x0ac",
        r"\x2d",
        r"\x28empty)",
        "(empty)",
        r"\x23fields",
        r"back\\slash",
        "é",
        r"\xc3\xa9\xff",
        "a,b",
    ]
    assert [row["v"] for row in rows][-1] == r"a\x2cb,x"


def test_strings_in_json(run: Run) -> None:
    rows = run(NASTY, "LogAscii::use_json=T").rows("nasty")
    assert [row["s"] for row in rows] == [
        "a\tb\nc",
        "-",
        "(empty)",
        "",
        "#fields",
        "back\\slash",
        "é",
        r"\xc3\xa9\xff",
        "a,b",
    ]


def test_compressed(run: Run) -> None:
    import gzip

    out = run(EVERYTHING, "LogAscii::gzip_level=6")
    with gzip.open(out.folder / "every.log.gz", "rt") as file:
        assert "1300475167.096535" in file.read()
