"""Captures that are written and begun anew from time to time."""

from __future__ import annotations

import pathlib
import struct

from tests.conftest import CAPTURES, RunBro

GAP = 3600


def spread(source: pathlib.Path, target: pathlib.Path) -> int:
    """Write a capture again, with an hour between two packets; how many there are."""
    data = source.read_bytes()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    out, at, number = data[:24], 24, 0
    while at < len(data):
        _, fraction, size, length = struct.unpack_from(order + "IIII", data, at)
        out += struct.pack(order + "IIII", 1_000_000_000 + number * GAP, fraction, size, length)
        out += data[at + 16 : at + 16 + size]
        at += 16 + size
        number += 1
    target.write_bytes(out)
    return number


def packets(path: pathlib.Path) -> int:
    """How many packets a capture has."""
    data = path.read_bytes()
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    at, number = 24, 0
    while at < len(data):
        at += 16 + int(struct.unpack_from(order + "I", data, at + 8)[0])
        number += 1
    return number


def test_only_the_last_packets_stay(bro: RunBro, tmp_path: pathlib.Path) -> None:
    total = spread(CAPTURES / "ping.pcap", tmp_path / "in.pcap")
    assert total > 4
    script = "@load policy/misc/trim-trace-file\nredef TrimTraceFile::trim_interval = 2.5 hrs;\n"
    script += "event bro_done() { print trace_output_file; }\n"
    (tmp_path / "policy.bro").write_text(script)
    done = bro("-r", "in.pcap", "-w", "out.pcap", "policy.bro")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "out.pcap\n")
    assert 0 < packets(tmp_path / "out.pcap") <= 3
    assert sorted(path.name for path in tmp_path.glob("*.pcap*")) == ["in.pcap", "out.pcap"]


def test_without_it_all_stay(bro: RunBro, tmp_path: pathlib.Path) -> None:
    total = spread(CAPTURES / "ping.pcap", tmp_path / "in.pcap")
    bro("-r", "in.pcap", "-w", "out.pcap")
    assert packets(tmp_path / "out.pcap") == total
