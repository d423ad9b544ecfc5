"""What scripts ask of the engine."""

from __future__ import annotations

import pathlib

import pytest

from bro import _engine
from tests.conftest import CAPTURES, RunBro
from tests.unit.engine.test_events import HTTP, PING, run


def test_connections_are_found_by_their_endpoints(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event connection_established(c: connection)
        {
        local other = copy(c$id);
        other$orig_p = 1/tcp;
        print connection_exists(c$id), connection_exists(other);
        print lookup_connection(c$id)$uid == c$uid;
        print get_orig_seq(c$id) > 0, get_resp_seq(c$id) > 0;
        }
    event connection_state_remove(c: connection) { print "gone", connection_exists(c$id); }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip")
    assert lines == ["T, F", "T", "T, T", "gone, F"]


def test_a_connection_that_no_handler_saw_can_be_looked_up(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    global first: conn_id;
    event raw_packet(p: raw_pkt_hdr)
        {
        if ( p?$tcp && p?$ip )
            {
            local id = conn_id($orig_h=p$ip$src, $orig_p=p$tcp$sport, $resp_h=p$ip$dst, $resp_p=p$tcp$dport,
                               $proto=6);
            if ( connection_exists(id) )
                { print lookup_connection(id)$history; terminate(); }
            }
        }
    """
    assert run(bro, tmp_path, script, "-r", HTTP)[0].startswith("S")


def test_time_outs_and_thresholds(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event connection_established(c: connection)
        {
        print set_inactivity_timeout(c$id, 10 secs) == tcp_inactivity_timeout;
        print set_inactivity_timeout(c$id, 20 secs);
        set_current_conn_packets_threshold(c$id, 3, T);
        print get_current_conn_packets_threshold(c$id, T), get_current_conn_packets_threshold(c$id, F);
        }
    event conn_packets_threshold_crossed(c: connection, threshold: count, is_orig: bool)
        { print "crossed", threshold, is_orig, c$orig$num_pkts; }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip")
    assert lines[0] == "T" and lines[1].startswith("10.0 sec")
    assert lines[2:] == ["3, 0", "crossed, 3, T, 3"]


def test_content_of_a_skipped_connection_is_not_looked_at(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_HTTP, 80/tcp); }
    event http_reply(c: connection, version: string, code: count, reason: string) { print code; }
    """
    load = "@load base/frameworks/analyzer\n"
    assert run(bro, tmp_path, load + script, "-r", HTTP) != []
    skip = "event new_connection(c: connection) { skip_further_processing(c$id); }"
    assert run(bro, tmp_path, load + script + skip, "-r", HTTP) == []


def test_the_packet_at_hand(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { print get_current_packet()$caplen; }
    event new_connection(c: connection)
        {
        local packet = get_current_packet();
        print |packet$data| == packet$caplen, packet$link_type, get_current_packet_ts() == network_time();
        print get_current_packet_header()$l2$encap;
        print dump_current_packet("some.pcap"), dump_packet(packet, "more.pcap");
        }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp")
    assert lines == ["0", *["T, LINK_ETHERNET, T", "LINK_ETHERNET", "T, T"] * 2]
    new = "event new_connection(c: connection) { print c$id; }"
    of_source = run(bro, tmp_path, new, "-r", HTTP, "-f", "tcp")
    assert run(bro, tmp_path, new, "-r", "some.pcap") == of_source
    assert run(bro, tmp_path, new, "-r", "more.pcap") == of_source


def test_the_source_is_known(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = "event zeek_init() { print packet_source(), reading_traces(), reading_live_traffic(); }"
    (line,) = run(bro, tmp_path, script, "-r", HTTP)
    assert f"path={HTTP}" in line and "link_type=1" in line and line.endswith("T, F")
    assert run(bro, tmp_path, script)[0].endswith("F, F")


def test_the_interfaces_of_this_machine(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init()
        {
        for ( i in Pcap::findalldevs() )
            if ( i$is_loopback && 127.0.0.1 in i$addrs )
                print i$name, i$is_up;
        }
    """
    assert "lo, T" in run(bro, tmp_path, script)


def test_filters_of_scripts(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    redef enum PcapFilterID += { Mine, Wrong };
    event zeek_init()
        {
        print Pcap::precompile_pcap_filter(Wrong, "tcp prot 5"), Pcap::precompile_pcap_filter(Mine, "icmp6");
        print Pcap::install_pcap_filter(Mine);
        }
    event raw_packet(p: raw_pkt_hdr) { print p?$ip6; }
    """
    lines = run(bro, tmp_path, script, "-r", PING)
    assert lines[:2] == ["F, T", "T"] and set(lines[2:]) == {"T"}


def test_packets_from_an_address_can_be_dropped(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { install_src_addr_filter(192.0.2.10, 0, 1.0); }
    event raw_packet(p: raw_pkt_hdr)
        {
        print p$ip$src;
        if ( uninstall_src_addr_filter(192.0.2.10) ) print "back";
        }
    """
    lines = run(bro, tmp_path, script, "-r", PING, "-f", "icmp")
    assert lines[:2] == ["192.0.2.80", "back"] and "192.0.2.10" in lines


def test_weirds_of_scripts_are_sampled_with_the_engines(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init()
        {
        Reporter::set_weird_sampling_threshold(2);
        Reporter::set_weird_sampling_rate(0);
        }
    event raw_packet(p: raw_pkt_hdr) { Reporter::net_weird("strange", "more"); }
    event net_weird(name: string, addl: string, source: string) { print name, addl; }
    event zeek_done() { print get_reporter_stats()$weirds_by_type["strange"] > 2; }
    """
    assert run(bro, tmp_path, script, "-r", PING) == ["strange, more", "strange, more", "T"]


def test_a_weird_about_a_connection_that_ends(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event connection_state_remove(c: connection) { Reporter::conn_weird("late", c, "", "me"); }
    event conn_weird(name: string, c: connection, addl: string, source: string)
        { print name, c$uid[0], source; }
    """
    assert set(run(bro, tmp_path, script, "-r", PING)) == {"late, C, me"}


def test_statistics(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_done()
        {
        local conns = get_conn_stats();
        print conns$cumulative_tcp_conns, conns$current_conns;
        print get_net_stats()$pkts_recvd == conns$num_packets;
        print get_event_stats()$dispatched >= 2, get_timer_stats()$max > 0;
        for ( counter in get_event_handler_stats() )
            if ( counter$name == "new_connection" )
                print counter$times_called;
        }
    event new_connection(c: connection) {}
    """
    assert run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp") == ["2, 0", "T", "T, T", "2"]


def test_options_that_scripts_change_reach_the_engine(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { if ( look ) Option::set("udp_content_ports", set(53/udp)); }
    event udp_contents(u: connection, is_orig: bool, contents: string) { print u$id$resp_p; }
    """
    dns = CAPTURES / "dns-lookups.pcap"
    assert run(bro, tmp_path, "const look = F;" + script, "-r", dns) == []
    assert set(run(bro, tmp_path, "const look = T;" + script, "-r", dns)) == {"53/udp"}


def test_data_of_scripts_is_matched_against_signatures(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "my.sig").write_text('signature mine { http-request /evil/ event "seen" }\n')
    script = """
    event connection_established(c: connection)
        {
        print match_signatures(c, 1, "nothing", T, T, T, T);
        print match_signatures(c, 1, "evil", T, T, T, T);
        }
    event signature_match(state: signature_state, msg: string, data: string)
        { print state$sig_id, msg, data; }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip", "-s", "my.sig")
    assert lines == ["T", "T", "mine, seen, evil"]


def test_captured_contents(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event new_connection(c: connection)
        { set_contents_file(c$id, CONTENTS_ORIG, open(fmt("%s.orig", c$id$orig_h))); }
    """
    run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip")
    assert (tmp_path / "192.0.2.10.orig").read_bytes().startswith(b"GET /")


def test_the_analyzer_of_an_event_can_be_disabled(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_HTTP, 80/tcp); }
    event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
                       version: string)
        {
        local instance = current_analyzer();
        print method, instance == lookup_connection_analyzer_id(c$id, Analyzer::ANALYZER_HTTP), instance > 0;
        print disable_analyzer(c$id, instance, F, F);
        }
    event connection_state_remove(c: connection) { print current_analyzer(); }
    """
    load = "@load base/frameworks/analyzer\n@load base/protocols/conn\n"
    lines = run(bro, tmp_path, load + script, "-r", HTTP, "-f", "tcp and ip")
    assert lines == ["GET, T, T", "T", "0"]


def test_content_of_files_as_events_of_scripts(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "test.bro").write_text(
        """
    global size: table[string] of count &default=0;
    global piece: event(f: fa_file, data: string);
    event piece(f: fa_file, data: string) { size[f$id] += |data|; }
    event file_new(f: fa_file) { Files::add_analyzer(f, Files::ANALYZER_DATA_EVENT, [$stream_event=piece]); }
    event file_state_remove(f: fa_file) { print size[f$id] == f$seen_bytes && f$seen_bytes > 0, |f$conns|; }
    """
    )
    done = bro("-C", "-r", HTTP, "test.bro")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert set(done.stdout.splitlines()) == {"T, 1"}


def test_processing_can_be_suspended(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    global go: event();
    event go() { print is_processing_suspended(); continue_processing(); print is_processing_suspended(); }
    event zeek_init() { suspend_processing(); event go(); }
    event new_connection(c: connection) { print "new"; terminate(); }
    """
    assert run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp") == ["T", "F", "new"]


def test_the_engine_says_what_it_cannot_do(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OSError, match=r"missing\.pcap"):
        _engine.Engine(read=[str(tmp_path / "missing.pcap")])
    with pytest.raises(ValueError, match="tcp prot 5"):
        _engine.Engine(read=[str(HTTP)], filter="tcp prot 5")
    engine = _engine.Engine(read=[str(HTTP)])
    with pytest.raises(ValueError, match='no command "nonsense"'):
        engine.command("nonsense")
    with pytest.raises(RuntimeError, match="bind a program"):
        engine.run()
    assert engine.command("connection_exists", _Flow()) is False
    assert engine.command("packet_source") == (False, str(HTTP).encode(), 1, 0)


class _Flow:
    """The fields of a `conn_id`."""

    orig_h = resp_h = _engine.Addr("10.0.0.1")
    orig_p = resp_p = _engine.Port(80, "tcp")


def test_components_signatures_and_declarations() -> None:
    kinds = {kind for kind, *_ in _engine.components()}
    assert kinds == {"Analyzer", "File Analyzer"}
    assert "dpd/http" in dict(_engine.signatures())
    names = [name for name, _ in _engine.declarations()]
    assert len(names) == len(set(names))
    assert any("event http_request(" in text for _, text in _engine.declarations())


def test_unique_ids_follow_the_seed() -> None:
    one, same, other = (_engine.Engine(seed=bytes([n]) * 16) for n in (1, 1, 2))
    assert one.unique_id("C", 5) == same.unique_id("C", 5) != other.unique_id("C", 5)
