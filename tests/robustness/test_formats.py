"""Captures in all formats, packed, over pipes, several at once, written again: always the same packets."""

from __future__ import annotations

import gzip
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests import processes
from tests.captures.packets import IPV4, Clock, Packet, ethernet, lookup, pcap, pcapng
from tests.conftest import CAPTURES, RunBro


def lookups(first: int, count: int, start: float = 1_000_000_000.0) -> list[Packet]:
    """Lookups between different hosts, a millisecond between packets."""
    clock = Clock(start)
    return [
        Packet(clock.tick(), ethernet(packet, to_server=to_server))
        for n in range(first, first + count)
        for packet, to_server in lookup(f"n{n}.example", n)
    ]


def rows(log: pathlib.Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if not line.startswith("#")]


def queries(folder: pathlib.Path) -> list[str]:
    """What was asked for, in the order of dns.log."""
    lines = (folder / "dns.log").read_text().splitlines()
    fields = next(line.split("\t")[1:] for line in lines if line.startswith("#fields"))
    return [line.split("\t")[fields.index("query")] for line in lines if not line.startswith("#")]


PACKETS = lookups(1, 5)
FORMATS: dict[str, Callable[[], bytes]] = {
    "microseconds": lambda: pcap(PACKETS),
    "microseconds, big-endian": lambda: pcap(PACKETS, ">"),
    "nanoseconds": lambda: pcap(PACKETS, nanos=True),
    "nanoseconds, big-endian": lambda: pcap(PACKETS, ">", nanos=True),
    "pcapng": lambda: pcapng(PACKETS),
    "pcapng, big-endian, nanoseconds": lambda: pcapng(PACKETS, ">", 9),
    "pcapng, two sections": lambda: pcapng(PACKETS[:4]) + pcapng(PACKETS[4:], ">", 7),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str, packed: bool, bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "plain.pcap").write_bytes(pcap(PACKETS))
    assert bro("-D", "-r", "plain.pcap").returncode == 0
    expected = rows(tmp_path / "conn.log"), rows(tmp_path / "dns.log")
    assert len(expected[0]) == len(expected[1]) == 5
    data = FORMATS[name]()
    (tmp_path / "input").write_bytes(gzip.compress(data) if packed else data)
    done = bro("-D", "-r", "input")
    assert (done.returncode, done.stderr) == (0, "")
    assert (rows(tmp_path / "conn.log"), rows(tmp_path / "dns.log")) == expected
    with (tmp_path / "input").open("rb") as file:
        assert bro("-D", "-r", "-", stdin=file).returncode == 0
    assert (rows(tmp_path / "conn.log"), rows(tmp_path / "dns.log")) == expected


def test_several_captures_in_the_order_of_time_though_one_is_damaged(
    bro: RunBro, tmp_path: pathlib.Path
) -> None:
    whole = pcap(lookups(11, 4, start=1_000_000_000.0005))
    (tmp_path / "whole.pcap").write_bytes(whole)
    (tmp_path / "cut.pcapng").write_bytes(pcapng(lookups(1, 4))[:-100])
    done = bro("-r", "whole.pcap", "-r", "cut.pcapng")
    assert done.returncode == 3
    assert "cut.pcapng: cut off at byte" in done.stderr and "whole.pcap" not in done.stderr
    assert queries(tmp_path) == [f"n{n}.example" for n in (1, 11, 2, 12, 3, 13, 14, 4)]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "the file is empty"),
        (pcap(PACKETS)[:10], "it has only 10 bytes"),
        (pcap(PACKETS)[:24] + b"\xff" * 40, "damaged at byte 24"),
        (pcapng(PACKETS)[:-8], "cut off at byte"),
        (gzip.compress(pcap(PACKETS))[:-20], "the gzip data has no end"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 40, "zstd -dc FILE | bro -r -"),
    ],
)
def test_what_is_wrong_with_a_capture_is_said(
    data: bytes, complaint: str, bro: RunBro, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "input").write_bytes(data)
    done = bro("-r", "input")
    assert done.returncode == 3
    assert done.stderr.startswith("bro: input: ") and complaint in done.stderr, done.stderr
    for log in tmp_path.glob("*.log"):
        assert log.read_text().splitlines()[-1].startswith("#close"), log


def test_a_slow_pipe_that_is_cut_off(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    command = [sys.executable, "-m", "bro", "-r", "-"]
    environment = processes.environment(cache_dir)
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as process:
        assert process.stdin is not None
        data = pcap(PACKETS)[:-10]
        for at in range(0, len(data), 150):
            process.stdin.write(data[at : at + 150])
            process.stdin.flush()
            time.sleep(0.02)
        _, errors = processes.finish(process)
    assert process.returncode == 3 and b"<stdin>: cut off at byte" in errors, errors
    assert len(queries(tmp_path)) == 5


def test_the_packets_written_are_those_processed(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "in.pcap").write_bytes(pcap(PACKETS, nanos=True))
    assert bro("-b", "-r", "in.pcap", "-w", "out.pcap").returncode == 0
    assert (tmp_path / "out.pcap").read_bytes() == (tmp_path / "in.pcap").read_bytes()
    done = bro("-b", "-r", "in.pcap", "-f", "src port 53", "-w", "out.pcap")
    if "libpcap" in done.stderr:
        pytest.skip("libpcap is not installed")
    assert (tmp_path / "out.pcap").read_bytes() == pcap(PACKETS[1::2], nanos=True)


def test_a_pcap_file_has_one_link_type(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro("-b", "-r", CAPTURES / "link-types.pcapng", "-w", "out.pcap")
    assert done.returncode == 4 and "one link type" in done.stderr


def test_a_filter_matches_nothing_of_some_link_types(bro: RunBro, tmp_path: pathlib.Path) -> None:
    clock = Clock()
    ethernet4, ethernet6 = lookup("v4.example", 1), lookup("v6.example", 2, version=6)
    packets = [Packet(clock.tick(), ethernet(p, to_server=to)) for p, to in [*ethernet4, *ethernet6]]
    packets += [Packet(clock.tick(), p, IPV4) for p, _ in lookup("raw.example", 3)]
    (tmp_path / "in.pcapng").write_bytes(pcapng(packets))
    done = bro("-r", "in.pcapng", "-f", "ip6")
    if "libpcap" in done.stderr:
        pytest.skip("libpcap is not installed")
    assert (done.returncode, done.stderr) == (0, "")
    assert queries(tmp_path) == ["v6.example"]
    done = bro("-r", "in.pcapng", "-f", "tcp prot 80")
    assert done.returncode == 3 and "syntax error" in done.stderr
