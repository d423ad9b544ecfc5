"""Events on their way from the engine to handlers, and the records they carry."""

from __future__ import annotations

import pathlib

from tests.conftest import CAPTURES, RunBro

HTTP = CAPTURES / "http-get.pcap"
PING = CAPTURES / "ping.pcap"
ENDINGS = CAPTURES / "tcp-endings.pcap"
VXLAN = CAPTURES / "vxlan.pcap"


def run(bro: RunBro, tmp_path: pathlib.Path, script: str, *arguments: str | pathlib.Path) -> list[str]:
    """The lines that a script prints."""
    (tmp_path / "test.bro").write_text(script)
    done = bro("-b", "-C", "test.bro", *arguments)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return list(done.stdout.splitlines())


def test_a_connection_has_one_record_for_its_life(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    redef record connection += { mark: string &optional; };
    global kept: table[string] of connection;
    event new_connection(c: connection)
        {
        c$mark = c$uid;
        kept[c$uid] = c;
        }
    event connection_state_remove(c: connection)
        { print c$mark == c$uid, kept[c$uid]$history == c$history, c$orig$num_pkts > 1; }
    """
    assert set(run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp")) == {"T, T, T"}


def test_counts_grow_from_event_to_event(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event tcp_packet(c: connection, is_orig: bool, flags: string, seq: count, ack: count, len: count,
                     payload: string)
        {
        print fmt("%s %d %d %s %.6f", is_orig ? "orig" : "resp", c$orig$num_pkts, c$resp$num_pkts,
                  c$history, interval_to_double(c$duration));
        }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip")
    packets = {"orig": 0, "resp": 0}
    before = -1.0
    for line in lines:
        side, orig, resp, history, duration = line.split()
        packets[side] += 1
        assert (int(orig), int(resp)) == (packets["orig"], packets["resp"])
        assert float(duration) >= before
        before = float(duration)
    assert history == "ShADadFf"


def test_a_field_that_scripts_change_is_not_changed_back(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event new_connection(c: connection) { add c$service["mine"]; c$history = "X"; c$vlan = 7; }
    event connection_state_remove(c: connection) { print |c$service|, "mine" in c$service, c$vlan; }
    """
    assert set(run(bro, tmp_path, script, "-r", PING)) == {"1, T, 7"}


def test_records_sets_and_enums_of_events(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event icmp_echo_request(c: connection, info: icmp_info, id: count, seq: count, payload: string)
        {
        print c$id$orig_h, info$v6, info$itype, |payload| == info$len,
              get_port_transport_proto(c$id$orig_p);
        }
    event raw_packet(p: raw_pkt_hdr)
        { if ( p?$icmp ) print p$l2$encap, p$l2$proto, p?$ip; }
    event tunnel_changed(c: connection, e: EncapsulatingConnVector) { print "never"; }
    """
    lines = run(bro, tmp_path, script, "-r", PING, "-f", "icmp or (icmp6 and ip6[40] == 128)")
    assert "192.0.2.10, F, 8, T, icmp" in lines and "2001:db8::10, T, 128, T, icmp" in lines
    assert "LINK_ETHERNET, L3_IPV4, T" in lines


def test_tunnels_of_a_connection(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event new_connection(c: connection)
        { if ( c?$tunnel ) print |c$tunnel|, c$tunnel[0]$tunnel_type, c$tunnel[0]$uid[0]; }
    event tunneled_connection(c: connection, e: EncapsulatingConnVector)
        { if ( |e| != |c$tunnel| ) print "differs"; }
    """
    assert set(run(bro, tmp_path, script, "-r", VXLAN)) == {"1, Tunnel::VXLAN, C"}


def test_handlers_run_by_priority_and_an_error_stops_only_its_own(
    bro: RunBro, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "test.bro").write_text(
        """
    global none: table[count] of count;
    event new_connection(c: connection) { print "middle", none[5]; }
    event new_connection(c: connection) &priority=5 { print "first"; }
    event new_connection(c: connection) &priority=-5 { print "last"; }
    """
    )
    done = bro("-b", "-C", "test.bro", "-r", HTTP, "-f", "tcp and ip")
    assert done.stdout == "first\nlast\n"
    assert "test.bro, line 3" in done.stderr and "no such index" in done.stderr


def test_posted_events_follow_in_order_before_the_next_packet(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    global mine: event(n: count);
    event new_connection(c: connection) { print "new"; event mine(1); event mine(2); }
    event mine(n: count) { print n, network_time() > double_to_time(0.0); if ( n == 1 ) event mine(3); }
    event connection_established(c: connection) { print "established"; }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp and ip")
    assert lines == ["new", "1, T", "2, T", "3, T", "established"]


def test_scheduled_events_come_at_their_time_or_at_the_end(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    global later: event(wanted: interval, at: time);
    event new_connection(c: connection)
        {
        schedule 0.1 sec { later(0.1 sec, network_time()) };
        schedule 1 day { later(1 day, network_time()) };
        }
    event later(wanted: interval, at: time)
        { print network_time() - at >= wanted ? "due" : "end"; }
    """
    lines = run(bro, tmp_path, script, "-r", PING, "-f", "icmp or (icmp6 and ip6[40] == 128)")
    assert lines.count("due") >= 1 and lines.count("end") >= 2


def test_a_waiting_condition_is_looked_at_after_events(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    global seen = 0;
    event zeek_init() { when ( seen >= 2 ) { print "two"; } }
    event new_connection(c: connection) { ++seen; print fmt("new %d", seen); }
    """
    lines = run(bro, tmp_path, script, "-r", ENDINGS, "-f", "tcp")
    assert lines[:3] == ["new 1", "new 2", "two"]


def test_time_is_that_of_the_packets(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event zeek_init() { print network_time(); }
    event new_connection(c: connection) { print c$start_time == network_time(); }
    """
    lines = run(bro, tmp_path, script, "-r", HTTP, "-f", "tcp")
    assert lines[0] == "0.0" and set(lines[1:]) == {"T"}


def test_a_record_that_scripts_ruined_is_an_error_of_theirs(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "test.bro").write_text(
        "event connection_state_remove(c: connection) { delete c$id; print c$uid[0]; }\n"
        "event new_connection(c: connection) { print c$uid[0]; }\n"
    )
    done = bro("-b", "-C", "test.bro", "-r", HTTP, "-f", "tcp and ip")
    assert "Traceback" not in done.stderr


def test_the_input_ends_when_a_script_says_so(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = """
    event new_connection(c: connection) { print "new", terminate(), terminate(); }
    event connection_state_remove(c: connection) { print "gone", zeek_is_terminating(); }
    event zeek_done() { print "done"; }
    """
    assert run(bro, tmp_path, script, "-r", ENDINGS) == ["new, T, F", "gone, T", "done"]
