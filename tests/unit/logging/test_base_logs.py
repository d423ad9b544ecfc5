"""The logs of the base scripts, from events raised by hand."""

from __future__ import annotations

import csv
import os
import pathlib
from itertools import zip_longest
from typing import Any

import pytest

from bro.logging.columns import columns_of
from tests.conftest import REPOSITORY

from .conftest import Run

JSON = "LogAscii::use_json=T"

#: makes connections; after this, events can be raised for them
MAKE = r"""
global serial = 0;

function end(size: count, state: count): endpoint
    {
    return endpoint($size=size, $state=state, $num_pkts=size > 0 ? 2 : 1, $num_bytes_ip=size + 80,
                    $flow_label=0);
    }

function conn(orig: endpoint, resp: endpoint, history: string): connection
    {
    ++serial;
    local id = conn_id($orig_h=10.0.0.1, $orig_p=count_to_port(1000 + serial, tcp), $resp_h=192.0.43.10,
                       $resp_p=80/tcp, $proto=6);
    return connection($id=id, $orig=orig, $resp=resp, $start_time=double_to_time(100.0), $duration=1.5 secs,
                      $service=set(), $history=history, $uid=fmt("C%d", serial));
    }
"""


def states(run: Run, *cases: tuple[str, str, str]) -> list[str]:
    """What conn.log states for connections that ended with these states of the two sides and this history."""
    code = "".join(
        f'event connection_state_remove(conn(end(0, {orig}), end(10, {resp}), "{history}"));\n'
        for orig, resp, history in cases
    )
    out = run(MAKE + "event zeek_init() {" + code + "}", JSON, bare=False)
    assert not out.reports, out.reports
    return [row["conn_state"] for row in out.rows("conn")]


def test_conn(run: Run) -> None:
    out = run(
        MAKE
        + """
event zeek_init() {
    local c = conn(end(100, TCP_CLOSED), end(2000, TCP_CLOSED), "ShADadfF");
    add c$service["SSL"];
    add c$service["HTTP"];
    c$tunnel = vector(Tunnel::EncapsulatingConn($cid=c$id, $tunnel_type=Tunnel::GRE, $uid="C0"));
    event content_gap(c, F, 10, 30);
    event content_gap(c, T, 10, 12);
    event connection_state_remove(c);
}""",
        JSON,
        bare=False,
    )
    assert list(out.rows("conn")[0].items()) == [
        ("ts", 100.0),
        ("uid", "C1"),
        ("id.orig_h", "10.0.0.1"),
        ("id.orig_p", 1001),
        ("id.resp_h", "192.0.43.10"),
        ("id.resp_p", 80),
        ("proto", "tcp"),
        ("service", "ssl,http"),
        ("duration", 1.5),
        ("orig_bytes", 100),
        ("resp_bytes", 2000),
        ("conn_state", "SF"),
        ("local_orig", True),
        ("local_resp", False),
        ("missed_bytes", 42),
        ("history", "ShADadfF"),
        ("orig_pkts", 2),
        ("orig_ip_bytes", 180),
        ("resp_pkts", 2),
        ("resp_ip_bytes", 2080),
        ("tunnel_parents", ["C0"]),
        ("ip_proto", 6),
    ]


def test_a_connection_of_one_packet_has_neither_duration_nor_bytes(run: Run) -> None:
    out = run(
        MAKE
        + """
event zeek_init() {
    local c = conn(end(0, TCP_SYN_SENT), end(0, TCP_INACTIVE), "S");
    c$duration = 0 secs;
    event connection_state_remove(c);
}""",
        JSON,
        bare=False,
    )
    row = out.rows("conn")[0]
    assert row["conn_state"] == "S0" and row["history"] == "S"
    assert not {"duration", "orig_bytes", "resp_bytes", "service", "tunnel_parents"} & set(row)


def test_states_of_connections(run: Run) -> None:
    assert states(
        run,
        ("TCP_SYN_SENT", "TCP_INACTIVE", "S"),
        ("TCP_ESTABLISHED", "TCP_ESTABLISHED", "ShA"),
        ("TCP_CLOSED", "TCP_CLOSED", "ShAFf"),
        ("TCP_SYN_SENT", "TCP_RESET", "Sr"),
        ("TCP_CLOSED", "TCP_ESTABLISHED", "ShAF"),
        ("TCP_ESTABLISHED", "TCP_CLOSED", "ShAf"),
        ("TCP_RESET", "TCP_ESTABLISHED", "ShAR"),
        ("TCP_ESTABLISHED", "TCP_RESET", "ShAr"),
        ("TCP_RESET", "TCP_INACTIVE", "SR"),
        ("TCP_INACTIVE", "TCP_RESET", "hr"),
        ("TCP_CLOSED", "TCP_INACTIVE", "SF"),
        ("TCP_INACTIVE", "TCP_CLOSED", "hf"),
        ("TCP_PARTIAL", "TCP_PARTIAL", "DdA"),
        ("TCP_RESET", "TCP_INACTIVE", "R"),
        ("TCP_RESET", "TCP_INACTIVE", "SFR"),
    ) == [
        *("S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"),
        *("OTH", "OTH", "OTH"),
    ]


def test_weirds(run: Run) -> None:
    out = run(
        MAKE
        + """
event zeek_init() {
    local c = conn(end(0, TCP_SYN_SENT), end(0, TCP_INACTIVE), "S");
    local d = conn(end(0, TCP_SYN_SENT), end(0, TCP_INACTIVE), "S");
    event conn_weird("odd", c, "more", "HTTP");
    event conn_weird("odd", c, "more", "HTTP");                         # again: once in a while is enough
    event conn_weird("odd", d, "", "");
    event conn_weird("spontaneous_RST", c, "", "TCP");                  # ignored
    event conn_weird("SYN_with_data", c, "", "TCP");
    event conn_weird("SYN_with_data", d, "", "TCP");                    # once an originator
    event flow_weird("between", 1.1.1.1, 2.2.2.2, "", "IP");
    event net_weird("anywhere", "x", "");
    event expired_conn_weird("late", c$id, "C9", "", "TCP");
}""",
        JSON,
        bare=False,
    )
    about = [("id.orig_h", "10.0.0.1"), ("id.orig_p", 1001), ("id.resp_h", "192.0.43.10"), ("id.resp_p", 80)]
    rows = [list(row.items())[1:] for row in out.rows("weird")]
    last = [("notice", False), ("peer", "zeek")]
    assert rows[0] == [("uid", "C1"), *about, ("name", "odd"), ("addl", "more"), *last, ("source", "HTTP")]
    assert [dict(row)["name"] for row in rows[1:]] == ["odd", "SYN_with_data", "between", "anywhere", "late"]
    between = [("id.orig_h", "1.1.1.1"), ("id.orig_p", 0), ("id.resp_h", "2.2.2.2"), ("id.resp_p", 0)]
    assert rows[3] == [*between, ("name", "between"), *last, ("source", "IP")]
    assert rows[4] == [("name", "anywhere"), ("addl", "x"), *last]
    assert dict(rows[5])["uid"] == "C9"


def test_sampling_of_weirds_can_change_while_running(run: Run) -> None:
    out = run(
        """
event zeek_init() {
    Option::set("Weird::sampling_threshold", 7);
    Option::set("Weird::sampling_whitelist", set("odd"));
    print Reporter::get_weird_sampling_threshold(), "odd" in Reporter::get_weird_sampling_whitelist();
}""",
        bare=False,
    )
    assert out.printed == "7, T\n" and not out.reports


def test_a_weird_as_notice(run: Run) -> None:
    out = run(
        MAKE
        + """
event zeek_init() {
    local c = conn(end(0, TCP_SYN_SENT), end(0, TCP_INACTIVE), "S");
    event conn_weird("SYN_after_partial", c, "", "TCP");
}""",
        JSON,
        bare=False,
    )
    assert out.rows("weird")[0]["notice"] is True
    notice = out.rows("notice")[0]
    assert notice["note"] == "Weird::Activity" and notice["msg"] == "SYN_after_partial"
    assert notice["uid"] == "C1" and notice["src"] == "10.0.0.1" and notice["p"] == 80


def test_notices(run: Run) -> None:
    out = run(
        MAKE
        + """
redef enum Notice::Type += { Test_Notice, Ignored_Notice };
redef Notice::ignored_types += { Ignored_Notice };
event zeek_init() {
    NOTICE([$note=Test_Notice, $msg="first", $identifier="a"]);
    NOTICE([$note=Ignored_Notice, $msg="ignored"]);
}
event zeek_done() {
    NOTICE([$note=Test_Notice, $msg="suppressed", $identifier="a"]);
    NOTICE([$note=Test_Notice, $msg="other", $identifier="b", $sub="sub", $src=1.2.3.4, $n=3]);
}
hook Notice::policy(n: Notice::Info) { if ( n?$sub ) n$suppress_for = 1 min; }""",
        JSON,
        bare=False,
    )
    rows = out.rows("notice")
    assert [row["msg"] for row in rows] == ["first", "other"]
    assert rows[0] == {
        "ts": 0.0,
        "note": "Test_Notice",
        "msg": "first",
        "actions": ["Notice::ACTION_LOG"],
        "email_dest": [],
        "suppress_for": 3600.0,
    }
    assert list(rows[1])[1:] == ["note", "msg", "sub", "src", "n", "actions", "email_dest", "suppress_for"]
    assert rows[1]["suppress_for"] == 60.0


ANALYZERS = (
    MAKE
    + """
function violate(c: connection, data: string) {
    event analyzer_violation_info(Analyzer::ANALYZER_HTTP,
        AnalyzerViolationInfo($reason="not a request", $c=c, $aid=1, $data=data));
}
event zeek_init() {
    local c = conn(end(20, TCP_ESTABLISHED), end(30, TCP_ESTABLISHED), "ShADd");
    event analyzer_confirmation_info(Analyzer::ANALYZER_SSL, AnalyzerConfirmationInfo($c=c, $aid=2));
    event analyzer_confirmation_info(Analyzer::ANALYZER_HTTP, AnalyzerConfirmationInfo($c=c, $aid=1));
    violate(c, "0123456789012345678901234567890123456789beyond forty");
    event connection_state_remove(c);
    local unconfirmed = conn(end(20, TCP_ESTABLISHED), end(30, TCP_ESTABLISHED), "ShADd");
    violate(unconfirmed, "");
    event connection_state_remove(unconfirmed);
    local long = conn(end(10240, TCP_ESTABLISHED), end(30, TCP_ESTABLISHED), "ShADd");
    event analyzer_confirmation_info(Analyzer::ANALYZER_HTTP, AnalyzerConfirmationInfo($c=long, $aid=3));
    violate(long, "");
    event connection_state_remove(long);
}"""
)


def needs_analyzers() -> None:
    from bro import _engine

    if not any(tag.endswith("ANALYZER_HTTP") for _, _, tag, *_ in _engine.components()):
        pytest.skip("this engine has no HTTP")


def test_failures_of_analyzers(run: Run) -> None:
    needs_analyzers()
    out = run(ANALYZERS, JSON, bare=False)
    assert [list(row.items())[1:] for row in out.rows("analyzer")] == [
        [
            ("analyzer_kind", "protocol"),
            ("analyzer_name", "HTTP"),
            ("uid", "C1"),
            ("id.orig_h", "10.0.0.1"),
            ("id.orig_p", 1001),
            ("id.resp_h", "192.0.43.10"),
            ("id.resp_p", 80),
            ("proto", "tcp"),
            ("failure_reason", "not a request"),
            ("failure_data", "0123456789012345678901234567890123456789"),
        ]
    ]
    services = {row["uid"]: row.get("service") for row in out.rows("conn")}
    assert services == {"C1": "ssl", "C2": None, "C3": "http"}


def test_removed_services_on_request(run: Run) -> None:
    needs_analyzers()
    out = run(ANALYZERS, JSON, "DPD::track_removed_services_in_connection=T", bare=False)
    assert out.rows("conn")[0]["service"] == "ssl,http,-http"


def test_tunnels(run: Run) -> None:
    out = run(
        MAKE
        + """
event zeek_init() {
    local c = conn(end(20, UDP_ACTIVE), end(0, UDP_INACTIVE), "D");
    local gre = conn_id($orig_h=1.1.1.1, $orig_p=0/unknown, $resp_h=2.2.2.2, $resp_p=0/unknown);
    c$tunnel = vector(Tunnel::EncapsulatingConn($cid=gre, $tunnel_type=Tunnel::GRE, $uid="C77"));
    event tunneled_connection(c, c$tunnel);
    event tunneled_connection(c, c$tunnel);
    event tunnel_changed(c, vector(Tunnel::EncapsulatingConn($cid=gre, $tunnel_type=Tunnel::IP, $uid="C78")));
    event connection_state_remove(c);
}""",
        JSON,
        bare=False,
    )
    assert [list(row.items())[1:] for row in out.rows("tunnel")] == [
        [
            ("uid", "C77"),
            ("id.orig_h", "1.1.1.1"),
            ("id.orig_p", 0),
            ("id.resp_h", "2.2.2.2"),
            ("id.resp_p", 0),
            ("tunnel_type", "Tunnel::GRE"),
            ("action", "Tunnel::DISCOVER"),
        ]
    ]
    assert out.rows("conn")[0]["tunnel_parents"] == ["C77", "C78"]


def test_messages(run: Run) -> None:
    out = run(
        """
event zeek_init() {
    Reporter::info("good to know");
    Reporter::warning("take care");
    local nothing: table[count] of count;
    print nothing[7];
}""",
        JSON,
        bare=False,
    )
    rows = out.rows("reporter")
    assert [row["level"] for row in rows] == ["Reporter::INFO", "Reporter::WARNING", "Reporter::ERROR"]
    assert rows[0]["message"] == "good to know"
    assert all("test.bro, line " in row["location"] for row in rows)
    assert out.reports.count("good to know") == 1, "to standard error as well"


def test_other_logs_of_every_run(run: Run) -> None:
    out = run("@load misc/loaded-scripts\nevent zeek_init() { }", JSON, bare=False)
    assert out.rows("packet_filter") == [{"ts": 0.0, "filter": "ip or not ip", "init": True, "success": True}]
    names = [row["name"] for row in out.rows("loaded_scripts")]
    assert any(name.endswith("base/init-bare.bro") for name in names)
    assert any(name.startswith("  ") for name in names)
    assert out.logs == {"packet_filter", "loaded_scripts"}


#: log: stream's record
RECORDS = {
    "conn": "Conn::Info",
    "weird": "Weird::Info",
    "tunnel": "Tunnel::Info",
    "analyzer": "Analyzer::Logging::Info",
    "reporter": "Reporter::Info",
    "notice": "Notice::Info",
    "packet_filter": "PacketFilter::Info",
    "dns": "DNS::Info",
    "http": "HTTP::Info",
    "files": "Files::Info",
}


@pytest.fixture(scope="module")
def reference() -> dict[str, list[tuple[str, str]]]:
    """Columns of each log that users' tools expect, from the reference data."""
    shared = pathlib.Path(os.environ.get("BRO_SHARED", REPOSITORY.parent / "shared"))
    path = shared / "reference" / "log-columns.tsv"
    if not path.exists():
        pytest.skip("the reference data are not here")
    logs: dict[str, list[tuple[str, str]]] = {}
    with path.open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            logs.setdefault(row["log"], []).append((row["field"], row["type"]))
    return logs


#: columns of ours behind those that tools expect
OWN_COLUMNS = {"conn": [("mptcp_uid", "string")]}


def test_columns(run: Run, reference: dict[str, list[tuple[str, str]]]) -> None:
    wrong: dict[str, Any] = {}

    def look(program: Any) -> None:
        for log, record in RECORDS.items():
            if record in program.record_classes:
                columns = columns_of(program.record_type(record), ".")
                found = [(column.name, column.kind) for column in columns]
                expected = reference[log] + OWN_COLUMNS.get(log, [])
                if found != expected:
                    pairs = zip_longest(found, expected)
                    wrong[log] = [pair for pair in pairs if pair[0] != pair[1]]

    run("", bare=False, before_end=look)
    assert wrong == {}
