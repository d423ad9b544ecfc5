"""Built-in functions that ask the engine: connections, packets, reporter, statistics, file magic."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from bro.runtime import context
from bro.runtime.builtins import connections as c
from bro.runtime.builtins import filemagic, packets, reporter, statistics
from bro.runtime.errors import ScriptError, ScriptExit
from bro.runtime.netvalues import Addr, Port, Subnet
from bro.runtime.tables import Set
from bro.script import types as t

CID = SimpleNamespace(
    orig_h=Addr("10.0.0.1"),
    orig_p=Port(1024, "tcp"),
    resp_h=Addr("10.0.0.2"),
    resp_p=Port(80, "tcp"),
    proto=6,
)


class File:
    """What these functions use of a file value."""

    def __init__(self, name: str = "out.txt") -> None:
        self.name = name
        self.flushed = 0
        self.written = b""

    def flush(self) -> None:
        self.flushed += 1

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        (lambda: c.connection_exists(CID), ("connection_exists", CID), True),
        (lambda: c.lookup_connection(CID), ("lookup_connection", CID), "the record"),
        (lambda: c.skip_further_processing(CID), ("skip_further_processing", CID), True),
        (lambda: c.set_record_packets(CID, False), ("set_record_packets", CID, False), True),
        (lambda: c.set_inactivity_timeout(CID, 5.0), ("set_inactivity_timeout", CID, 5.0), 300.0),
        (lambda: c.get_orig_seq(CID), ("get_seq", CID, True), 12345),
        (lambda: c.get_resp_seq(CID), ("get_seq", CID, False), 12345),
        (lambda: c.current_analyzer(), ("current_analyzer",), 7),
        (
            lambda: c.set_current_conn_bytes_threshold(CID, 9, True),
            ("set_threshold", CID, "bytes", True, 9),
            True,
        ),
        (
            lambda: c.set_current_conn_packets_threshold(CID, 9, False),
            ("set_threshold", CID, "packets", False, 9),
            True,
        ),
        (
            lambda: c.set_current_conn_duration_threshold(CID, 9.0),
            ("set_threshold", CID, "duration", False, 9.0),
            True,
        ),
        (lambda: c.get_current_conn_bytes_threshold(CID, True), ("get_threshold", CID, "bytes", True), 9),
        (
            lambda: c.get_current_conn_packets_threshold(CID, False),
            ("get_threshold", CID, "packets", False),
            9,
        ),
        (lambda: c.get_current_conn_duration_threshold(CID), ("get_threshold", CID, "duration", False), 9.0),
        (lambda: c.disable_analyzer(CID, 3), ("disable_analyzer", CID, 3, False), True),
        (
            lambda: c.match_signatures(SimpleNamespace(id=CID), 1, b"x", True, False, True, False),
            ("match_signatures", CID, 1, b"x", True, False, True, False),
            True,
        ),
        (lambda: packets.dump_current_packet(b"f.pcap"), ("dump_current_packet", b"f.pcap"), True),
        (lambda: packets.get_current_packet(), ("current_packet",), "the packet"),
        (lambda: packets.get_current_packet_header(), ("current_packet_header",), "the header"),
        (lambda: packets.get_current_packet_ts(), ("current_packet_time",), 5.0),
        (lambda: packets.get_packet_lag(), ("packet_lag",), 0.5),
        (lambda: packets.reading_traces(), ("reading_traces",), True),
        (lambda: packets.reading_live_traffic(), ("reading_live",), True),
        (lambda: packets.is_processing_suspended(), ("is_processing_suspended",), True),
        (
            lambda: packets.install_src_addr_filter(CID.orig_h, 2, 0.5),
            ("install_drop_filter", True, CID.orig_h, 2, 0.5),
            True,
        ),
        (
            lambda: packets.install_dst_net_filter(Subnet("10.0.0.0/8"), 0, 1.0),
            ("install_drop_filter", False, Subnet("10.0.0.0/8"), 0, 1.0),
            True,
        ),
        (
            lambda: packets.uninstall_dst_addr_filter(CID.resp_h),
            ("uninstall_drop_filter", False, CID.resp_h),
            True,
        ),
    ],
)
def test_commands(call: Any, asked: tuple[Any, ...], answer: Any, engine: Any) -> None:
    made = engine(**{asked[0]: answer})
    assert call() == answer
    assert made.asked == [asked]


def test_analyzer_of_a_kind(engine: Any) -> None:
    made = engine(lookup_connection_analyzer_id=4)
    assert c.lookup_connection_analyzer_id(CID, SimpleNamespace(name="Analyzer::ANALYZER_HTTP")) == 4
    assert made.asked == [("lookup_connection_analyzer_id", CID, "Analyzer::ANALYZER_HTTP")]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: c.connection_exists(CID), False),
        (lambda: c.skip_further_processing(CID), False),
        (lambda: c.set_inactivity_timeout(CID, 5.0), 0.0),
        (lambda: c.current_analyzer(), 0),
        (lambda: c.disable_analyzer(CID, 3, False), False),
        (lambda: packets.reading_traces(), False),
        (lambda: packets.get_current_packet_ts(), 0.0),
    ],
)
def test_without_engine(call: Any, answer: Any, reports: Any) -> None:
    assert call() == answer
    assert reports() == ""


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: c.get_orig_seq(CID), 0),
        (lambda: c.set_current_conn_bytes_threshold(CID, 9, True), False),
        (lambda: c.get_current_conn_bytes_threshold(CID, True), 0),
        (lambda: c.disable_analyzer(CID, 3), False),
        (lambda: c.set_contents_file(CID, 1, File()), False),  # type: ignore[arg-type]
    ],
)
def test_unknown_connections_are_reported(call: Any, answer: Any, reports: Any) -> None:
    assert call() == answer
    assert "10.0.0.1:1024/tcp > 10.0.0.2:80/tcp" in reports()


def test_lookup_of_an_unknown_connection() -> None:
    with pytest.raises(ScriptError, match="no connection"):
        c.lookup_connection(CID)


def test_veto_of_disabling(engine: Any, program: Any) -> None:
    program.add_enum("AllAnalyzers::Tag", "AllAnalyzers::ANALYZER_ANALYZER_SSL")
    made = engine(
        analyzer_tag="AllAnalyzers::ANALYZER_ANALYZER_SSL", lookup_connection="record", disable_analyzer=True
    )
    seen = []

    def hook(*args: Any) -> bool:
        seen.append(args)
        return False

    context.current.globals["Analyzer__disabling_analyzer"] = hook
    assert not c.disable_analyzer(CID, 3)
    assert seen[0][0] == "record" and seen[0][1].name.endswith("SSL") and seen[0][2] == 3
    assert not any(asked[0] == "disable_analyzer" for asked in made.asked)
    context.current.globals["Analyzer__disabling_analyzer"] = lambda *args: True
    assert c.disable_analyzer(CID, 3, True, True)
    assert made.asked[-1] == ("disable_analyzer", CID, 3, True)


def test_contents_files(engine: Any) -> None:
    made = engine(set_contents_file=True)
    one, both = File("one"), File("both")
    assert c.set_contents_file(CID, 3, both)  # type: ignore[arg-type]
    assert c.set_contents_file(CID, 1, one)  # type: ignore[arg-type]
    assert made.asked == [("set_contents_file", CID, 3, b"both"), ("set_contents_file", CID, 1, b"one")]
    assert one.flushed == both.flushed == 1
    assert c.get_contents_file(CID, 1) is one  # type: ignore[comparison-overlap]
    assert c.get_contents_file(CID, 2) is both  # type: ignore[comparison-overlap]
    assert c.set_contents_file(CID, 0, one)  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="no contents file"):
        c.get_contents_file(CID, 1)
    with pytest.raises(ScriptError, match="CONTENTS_ORIG or"):
        c.get_contents_file(CID, 3)
    with pytest.raises(ScriptError, match="no direction"):
        c.set_contents_file(CID, 4, one)  # type: ignore[arg-type]


def test_contents_files_of_ended_connections_are_forgotten(engine: Any) -> None:
    engine(set_contents_file=True, connection_exists=False)
    for number in range(1200):
        cid = SimpleNamespace(**{**CID.__dict__, "orig_p": Port(number, "tcp")})
        c.set_contents_file(cid, 1, File())  # type: ignore[arg-type]
    assert len(context.current.state["contents_files"]) < 1100


# ---- packets -----------------------------------------------------------------------------------------------


def test_packet_outside_of_a_packet(program: Any) -> None:
    program.add_record(
        "pcap_packet", **dict.fromkeys(("ts_sec", "ts_usec", "caplen", "len", "data", "link_type"), t.COUNT)
    )
    program.add_record("raw_pkt_hdr", l2=t.ANY)
    program.add_record("l2_hdr", **dict.fromkeys(("encap", "len", "cap_len", "proto"), t.COUNT))
    program.add_enum("link_encap", "LINK_UNKNOWN")
    program.add_enum("layer3_proto", "L3_UNKNOWN")
    assert packets.get_current_packet().data == b""
    assert packets.get_current_packet_header().l2.encap.name == "LINK_UNKNOWN"


def test_dump_packet(engine: Any) -> None:
    made = engine(dump_packet=True)
    packet = SimpleNamespace(
        ts_sec=1, ts_usec=2, caplen=3, len=4, data=b"abc", link_type=SimpleNamespace(name="LINK_ETHERNET")
    )
    assert packets.dump_packet(packet, b"f")
    assert made.asked == [("dump_packet", 1, 2, 3, 4, b"abc", "LINK_ETHERNET", b"f")]


def test_packet_source(engine: Any, program: Any) -> None:
    program.add_record("PacketSource", live=t.BOOL, path=t.STRING, link_type=t.INT, netmask=t.COUNT)
    assert packets.packet_source().path == b""
    engine(packet_source=(True, b"eth0", 1, 0))
    found = packets.packet_source()
    assert (found.live, found.path, found.link_type) == (True, b"eth0", 1)


def test_bad_probability() -> None:
    with pytest.raises(ScriptError, match="between 0 and 1"):
        packets.install_src_net_filter(Subnet("10.0.0.0/8"), 0, 1.5)


def test_capture_filters(engine: Any, program: Any) -> None:
    program.add_enum("Pcap::filter_state", "Pcap::ok", "Pcap::fatal", "Pcap::warning")
    name = SimpleNamespace(value=5)
    assert packets.get_filter_state(name).name == "Pcap::fatal"  # type: ignore[arg-type]
    assert packets.pcap_error() == b"no error"
    made = engine(compile_filter="syntax error")
    assert not packets.precompile_pcap_filter(name, b"tpc")  # type: ignore[arg-type]
    assert packets.get_filter_state(name).name == "Pcap::fatal"  # type: ignore[arg-type]
    assert packets.get_filter_state_string(name) == b"syntax error"  # type: ignore[arg-type]
    assert b"syntax error" in packets.pcap_error()
    assert not packets.install_pcap_filter(name)  # type: ignore[arg-type]
    made.answers["compile_filter"] = None
    assert packets.precompile_pcap_filter(name, b"tcp")  # type: ignore[arg-type]
    assert packets.install_pcap_filter(name)  # type: ignore[arg-type]
    assert made.asked[-1] == ("install_filter", b"tcp")


def test_interfaces(engine: Any, program: Any, reports: Any) -> None:
    fields = dict.fromkeys(("name", "description", "addrs", "is_loopback", "is_up", "is_running"), t.STRING)
    program.add_record("Pcap::Interface", **fields)
    assert not packets.findalldevs()
    assert "cannot be listed" in reports()
    engine(interfaces=[(b"lo", None, [Addr("127.0.0.1")], True, True, True)])
    (found,) = packets.findalldevs()
    assert found.name == b"lo" and found.is_loopback and list(found.addrs) == [Addr("127.0.0.1")]


# ---- reporter ----------------------------------------------------------------------------------------------


def test_levels(reports: Any) -> None:
    assert reporter.reporter_info(b"one")
    assert reporter.reporter_warning(b"two")
    assert reporter.reporter_error(b"three \xff")
    text = reports()
    assert "info" in text and "one" in text and "warning" in text and "two" in text and "three \\xff" in text
    assert context.current.reporter.counts == {"info": 1, "warning": 1, "error": 1}


def test_fatal(reports: Any) -> None:
    with pytest.raises(ScriptExit) as caught:
        reporter.reporter_fatal(b"no way on")
    assert caught.value.status == 1
    assert "no way on" in reports()


def test_weirds_without_engine_become_events(program: Any) -> None:
    seen: list[Any] = []
    program.dispatchers["net_weird"] = lambda *args: seen.append(args)
    assert reporter.net_weird(b"odd", b"more", b"me")
    assert reporter.conn_weird(b"nobody handles it", None)
    context.current.drain()
    assert seen == [(b"odd", b"more", b"me")]


def test_weirds_go_through_the_engine(engine: Any) -> None:
    made = engine()
    connection, file = object(), object()
    reporter.net_weird(b"a")
    reporter.conn_weird(b"b", connection, b"x")
    reporter.flow_weird(b"c", CID.orig_h, CID.resp_h)
    reporter.file_weird(b"d", file)
    assert made.asked == [
        ("weird", "net_weird", b"a", b"", b""),
        ("weird", "conn_weird", b"b", connection, b"x", b""),
        ("weird", "flow_weird", b"c", CID.orig_h, CID.resp_h, b"", b""),
        ("weird", "file_weird", b"d", file, b"", b""),
    ]


def test_sampling(engine: Any) -> None:
    made = engine()
    assert reporter.get_weird_sampling_threshold() == 25
    assert reporter.get_weird_sampling_rate() == 1000
    assert reporter.get_weird_sampling_duration() == 600.0
    assert reporter.set_weird_sampling_threshold(5) and reporter.get_weird_sampling_threshold() == 5
    assert reporter.set_weird_sampling_rate(7) and reporter.get_weird_sampling_rate() == 7
    assert reporter.set_weird_sampling_duration(9.0) and reporter.get_weird_sampling_duration() == 9.0
    names = Set.of([b"x"])
    assert reporter.set_weird_sampling_whitelist(names) and reporter.get_weird_sampling_whitelist() is names
    assert (
        reporter.set_weird_sampling_global_list(names) and reporter.get_weird_sampling_global_list() is names
    )
    assert made.asked[0] == ("set_weird_sampling", "threshold", 5)
    assert made.asked[-1] == ("set_weird_sampling", "global_list", [b"x"])


def test_sampling_begins_as_the_options_say(engine: Any, program: Any) -> None:
    program.options = {"Weird::sampling_threshold": 3, "Weird::sampling_whitelist": Set.of([b"x"])}
    assert reporter.get_weird_sampling_threshold() == 3
    assert reporter.get_weird_sampling_whitelist() == Set.of([b"x"])
    assert reporter.get_weird_sampling_rate() == 1000


# ---- statistics and file magic -----------------------------------------------------------------------------


def test_statistics(engine: Any, program: Any) -> None:
    program.add_record("GapStats", ack_events=t.COUNT, gap_events=t.COUNT)
    assert statistics.get_gap_stats().ack_events == 0
    engine(statistics=lambda kind: {"ack_events": 5, "other": 1} if kind == "gap" else None)
    found = statistics.get_gap_stats()
    assert (found.ack_events, found.gap_events) == (5, 0)


def test_statistics_of_the_process(program: Any) -> None:
    counts = (
        "debug",
        "mem",
        "minor_faults",
        "major_faults",
        "num_swap",
        "blocking_input",
        "blocking_output",
        "num_context",
    )
    times = ("start_time", "real_time", "user_time", "system_time")
    program.add_record("ProcStats", **dict.fromkeys(counts + times, t.COUNT))
    found = statistics.get_proc_stats()
    assert found.mem > 1_000_000 and found.real_time >= 0
    program.add_record("ThreadStats", num_threads=t.COUNT)
    assert statistics.get_thread_stats().num_threads >= 1


def test_weirds_by_name(engine: Any, program: Any) -> None:
    program.add_record("ReporterStats", weirds=t.COUNT, weirds_by_type=t.ANY)
    program.add_record("EventNameCounter", name=t.STRING, times_called=t.COUNT)
    engine(
        statistics=lambda kind: {"weirds": {b"a": 2, b"b": 3}, "event_handlers": {b"new_connection": 4}}.get(
            kind
        )
    )
    found = statistics.get_reporter_stats()
    assert found.weirds == 5 and found.weirds_by_type[b"b"] == 3
    (counter,) = statistics.get_event_handler_stats()
    assert (counter.name, counter.times_called) == (b"new_connection", 4)


def test_rule_stats_and_profile(engine: Any) -> None:
    engine(statistics=lambda kind: {"matchers": 3})
    file = File()
    assert statistics.dump_rule_stats(file)  # type: ignore[arg-type]
    assert file.written == b"1000.000000 matchers = 3\n"
    statistics.do_profiling()
    context.current.globals["profiling_file"] = file
    statistics.do_profiling()
    assert b"matcher: matchers=3" in file.written


def test_file_magic(engine: Any, program: Any, reports: Any) -> None:
    program.add_record("mime_match", strength=t.INT, mime=t.STRING)
    assert filemagic.file_magic(b"x") == []
    assert filemagic.identify_data(b"x") == b"<unknown>"
    engine(file_magic=[(100, b"image/png"), (5, b"text/plain")])
    assert [match.mime for match in filemagic.file_magic(b"x")] == [b"image/png", b"text/plain"]
    assert filemagic.identify_data(b"x", False) == b"image/png"
    assert "warning" in reports()


def test_reports_of_errors_name_their_place() -> None:
    from bro.runtime.errors import SCRIPT_MARK

    context.current.reporter.stream = io.StringIO()
    code = compile("\n\nf(b'odd')", "policy.bro", "exec")
    exec(code, {SCRIPT_MARK: True, "f": reporter.reporter_error})
    assert "policy.bro, line 3" in context.current.reporter.stream.getvalue()
