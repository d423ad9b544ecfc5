"""What is told of captures that lack something, and packets that scripts leave out."""

from __future__ import annotations

import pathlib
import struct

import pytest

from tests.conftest import CAPTURES, RunBro

#: SYN, FIN and RST
CONTROL = 0x07


def only_control_packets(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copy the IPv4 of a capture of Ethernet without the packets of TCP that neither open nor close."""
    data = source.read_bytes()
    out, at = data[:24], 24
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        packet = data[at + 16 : at + 16 + size]
        ip4 = packet[12:14] == b"\x08\x00"
        if ip4 and (packet[23] != 6 or packet[14 + (packet[14] & 15) * 4 + 13] & CONTROL):
            out += data[at : at + 16 + size]
        at += 16 + size
    target.write_bytes(out)


@pytest.mark.parametrize(
    ("filtered", "enabled", "told"), [(True, "T", True), (True, "F", False), (False, "T", False)]
)
def test_captures_without_content(
    bro: RunBro, tmp_path: pathlib.Path, filtered: bool, enabled: str, told: bool
) -> None:
    capture = CAPTURES / "http-get.pcap"
    if filtered:
        only_control_packets(capture, tmp_path / "in.pcap")
        capture = tmp_path / "in.pcap"
    done = bro("-r", capture, f"FilteredTraceDetection::enable={enabled}")
    assert done.returncode == 0
    assert ("has only the packets that open and close" in done.stderr) is told


@pytest.mark.parametrize(("option", "told"), [((), 1), (("-C",), 0)])
def test_bad_checksums_are_told_once(
    bro: RunBro, tmp_path: pathlib.Path, option: tuple[str, ...], told: int
) -> None:
    done = bro(*option, "-r", CAPTURES / "bad-checksums.pcap")
    assert done.stderr.count("have bad checksums (IP, TCP, UDP)") == told


def test_bad_checksums_are_looked_for_when_asked(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """The event can be raised by a script, and be put off beyond the end."""
    (tmp_path / "policy.bro").write_text(
        "redef ChecksumOffloading::check_interval = 1 day;\n"
        "event net_weird(name: string, addl: string, source: string) { event ChecksumOffloading::check(); }\n"
    )
    done = bro("-r", CAPTURES / "bad-checksums.pcap", "policy.bro")
    assert done.stderr.count("have bad checksums (") == 1


SHUNT = """
@load policy/frameworks/packet-filter/shunt
event connection_established(c: connection) { print "shunted", PacketFilter::%s(c$id); }
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
                   version: string)
    {
    print "request";
    }
event connection_state_remove(c: connection) &priority=-10
    {
    print "left", |PacketFilter::current_shunted_conns()|;
    }
"""


@pytest.mark.parametrize("function", ["shunt_conn", "shunt_host_pair"])
def test_connections_that_are_left_out(bro: RunBro, tmp_path: pathlib.Path, function: str) -> None:
    (tmp_path / "policy.bro").write_text(SHUNT % function)
    done = bro("-r", CAPTURES / "http-get.pcap", "policy.bro")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "shunted, T" in lines and "request" not in lines
    assert [line for line in lines if line.startswith("left")][-1] == "left, 0"
