"""What scripts can do with analyzers, seen on one written in Python."""

from __future__ import annotations

import pathlib

import pytest

from tests.conftest import CAPTURES, RunBro

HTTP = CAPTURES / "http-get.pcap"
ODD = CAPTURES / "http-odd-port.pcap"

PROBE = """
from bro.plugins import Analyzer

class Probe(Analyzer):
    name = "PROBE"
    events = "event probe(c: connection, what: string);"

    def init(self):
        self.raise_event("probe", "init")

    def deliver_stream(self, data, is_orig):
        self.raise_event("probe", "data")
        self.violation("never right", data[:4])

    def done(self):
        self.raise_event("probe", "done")
"""

PRINT = "event probe(c: connection, what: string) { print what, c$id$resp_p; }"


@pytest.fixture
def plugin(tmp_path: pathlib.Path) -> str:
    (tmp_path / "probe.py").write_text(PROBE)
    return "probe.py"


def test_ports_are_registered_by_scripts(bro: RunBro, plugin: str) -> None:
    code = """
event zeek_init()
	{
	print Analyzer::register_for_ports(Analyzer::ANALYZER_PROBE, set(8123/tcp), set(9000/tcp));
	print |Analyzer::registered_ports(Analyzer::ANALYZER_PROBE)|;
	print Analyzer::all_registered_ports()[Analyzer::ANALYZER_PROBE] == set(8123/tcp, 9000/tcp);
	print Analyzer::analyzer_to_bpf(Analyzer::ANALYZER_PROBE);
	}
"""
    done = bro("-r", ODD, plugin, "-e", PRINT + code)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:3] == ["T", "2", "T"] and "port 8123" in lines[3]
    assert "init, 8123/tcp" in lines and "done, 8123/tcp" in lines


def test_without_a_port_it_is_not_used_and_one_that_is_off_neither(bro: RunBro, plugin: str) -> None:
    assert bro("-r", HTTP, plugin, "-e", PRINT).stdout == ""
    register = "event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_PROBE, 80/tcp); %s }"
    assert "init, 80/tcp" in bro("-r", HTTP, plugin, "-e", PRINT + register % "").stdout
    off = "print Analyzer::disable_analyzer(Analyzer::ANALYZER_PROBE);"
    assert bro("-r", HTTP, plugin, "-e", PRINT + register % off).stdout == "T\n"
    all_off = bro("-r", HTTP, plugin, "-e", PRINT + register % "", "Analyzer::disable_all=T")
    assert all_off.stdout == ""
    one_on = "redef Analyzer::requested_analyzers += { Analyzer::ANALYZER_PROBE };"
    on = bro("-r", HTTP, plugin, "-e", PRINT + register % "" + one_on, "Analyzer::disable_all=T")
    assert "init, 80/tcp" in on.stdout


def test_it_can_be_switched_on_while_the_program_runs(bro: RunBro, plugin: str) -> None:
    code = """
event zeek_init()
	{
	Analyzer::register_for_port(Analyzer::ANALYZER_PROBE, 80/tcp);
	Analyzer::disable_analyzer(Analyzer::ANALYZER_PROBE);
	}
event connection_finished(c: connection)
	{
	if ( c$id$resp_p == 80/tcp )
		Analyzer::enable_analyzer(Analyzer::ANALYZER_PROBE);
	}
"""
    captures = ("-r", HTTP, "-r", CAPTURES / "http-compressed.pcap")
    later = bro(*captures, plugin, "-e", PRINT + code).stdout.count("init")
    always = bro(*captures, plugin, "-e", PRINT + code.replace("Analyzer::disable", "print Analyzer::enable"))
    assert 0 < later < always.stdout.count("init")


def test_violations_take_it_away_and_a_hook_keeps_it(bro: RunBro, plugin: str) -> None:
    register = "event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_PROBE, 80/tcp); }"
    away = bro("-r", HTTP, plugin, "-e", PRINT + register).stdout.splitlines()
    assert away == ["init, 80/tcp", "data, 80/tcp", "done, 80/tcp"] * 2
    kept = "hook Analyzer::disabling_analyzer(c: connection, atype: AllAnalyzers::Tag, aid: count) { break; }"
    lines = bro("-r", HTTP, plugin, "-e", PRINT + register + kept).stdout.splitlines()
    assert lines.count("data, 80/tcp") > 4 and lines.count("done, 80/tcp") == 2


def test_after_too_many_violations_it_is_removed_whatever_policy_says(bro: RunBro, plugin: str) -> None:
    code = (
        "event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_PROBE, 80/tcp); }"
        "redef DPD::ignore_violations += { Analyzer::ANALYZER_PROBE };"
        "event conn_weird(name: string, c: connection, addl: string) { print name; }"
    )
    done = bro("-r", HTTP, plugin, "-e", PRINT + code, "max_analyzer_violations=3")
    lines = done.stdout.splitlines()
    first = lines[: lines.index("done, 80/tcp") + 1]
    assert first.count("data, 80/tcp") == 3 and "too_many_analyzer_violations" in lines


def test_one_that_is_expected_is_used_for_any_originator(bro: RunBro, plugin: str) -> None:
    code = """
event network_time_init()
	{
	Analyzer::schedule_analyzer(0.0.0.0, 192.0.2.80, 8123/tcp, Analyzer::ANALYZER_PROBE, 1hr);
	}
event scheduled_analyzer_applied(c: connection, a: Analyzer::Tag) { print a, c$id$orig_h; }
"""
    done = bro("-r", ODD, plugin, "-e", PRINT + code)
    assert "Analyzer::ANALYZER_PROBE, 192.0.2.10" in done.stdout and "init, 8123/tcp" in done.stdout


def test_it_is_found_by_name_and_instance(bro: RunBro, plugin: str) -> None:
    code = """
event zeek_init() { Analyzer::register_for_port(Analyzer::ANALYZER_PROBE, 80/tcp); }
redef DPD::ignore_violations += { Analyzer::ANALYZER_PROBE };
global told = F;
event probe(c: connection, what: string)
	{
	if ( what != "data" || told )
		return;
	told = T;
	local aid = lookup_connection_analyzer_id(c$id, Analyzer::ANALYZER_PROBE);
	print aid == current_analyzer(), Analyzer::name(Analyzer::ANALYZER_PROBE), Analyzer::get_tag("probe");
	print Analyzer::kind(Analyzer::ANALYZER_PROBE), disable_analyzer(c$id, aid, F, T);
	}
"""
    done = bro("-r", HTTP, plugin, "-e", code)
    assert done.stdout == "T, PROBE, AllAnalyzers::ANALYZER_ANALYZER_PROBE\nprotocol, T\n"


def test_a_file_analyzer_can_be_switched_off(bro: RunBro) -> None:
    code = """
event zeek_init() { print Analyzer::disable_analyzer(Files::ANALYZER_MD5); }
event file_sniff(f: fa_file, meta: fa_metadata)
	{
	print Files::add_analyzer(f, Files::ANALYZER_MD5), Files::add_analyzer(f, Files::ANALYZER_SHA1);
	}
event file_hash(f: fa_file, kind: string, hash: string) { print kind; }
"""
    done = bro("-r", HTTP, "-e", code)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "T" and "F, T" in lines and "sha1" in lines and "md5" not in lines
