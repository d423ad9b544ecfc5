"""What the program writes of itself: the profile of packets, and of its parts."""

from __future__ import annotations

import pathlib

import pytest

from tests.conftest import CAPTURES, RunBro

PACKETS = 20  #: what a stretch is where it is counted in packets


def stretches(text: str) -> list[list[float]]:
    head, *lines = text.splitlines()
    assert head == "#time seconds packets bytes real user system memory"
    return [[float(word) for word in line.split()] for line in lines]


@pytest.mark.parametrize(
    ("mode", "length"), [("PKTS", str(PACKETS)), ("BYTES", "5000.0"), ("SECS", "0.5"), ("PKTS", "1e9")]
)
def test_packets_are_profiled_by_stretches(
    bro: RunBro, tmp_path: pathlib.Path, mode: str, length: str
) -> None:
    (tmp_path / "p.bro").write_text(
        f"""
        redef pkt_profile_file = open("packets.txt");
        redef pkt_profile_mode = PKT_PROFILE_MODE_{mode};
        redef pkt_profile_freq = {length};
        event zeek_done() {{ local s = get_net_stats(); print s$pkts_recvd, s$bytes_recvd; }}
        """
    )
    done = bro("-b", "-r", CAPTURES / "ftp-passive.pcap", "p.bro")
    assert done.returncode == 0, done.stderr
    packets, size = (int(word) for word in done.stdout.split(","))
    found = stretches((tmp_path / "packets.txt").read_text())
    assert (sum(line[2] for line in found), sum(line[3] for line in found)) == (packets, size)
    *whole, _ = found
    if mode == "PKTS":
        assert {line[2] for line in whole} <= {PACKETS}
    elif mode == "BYTES":
        assert all(line[3] >= 5000 for line in whole)
    else:
        assert all(line[1] >= 0.5 for line in whole)


def test_a_profile_without_a_file_is_an_error(bro: RunBro) -> None:
    redefs = ("pkt_profile_mode=PKT_PROFILE_MODE_PKTS", "pkt_profile_freq=10.0")
    done = bro("-b", "-r", CAPTURES / "ping.pcap", *redefs)
    assert "pkt_profile_file" in done.stderr


def test_statistics_are_written_at_intervals(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.bro").write_text(
        """
        @load policy/misc/profiling
        redef profiling_interval = 1 sec;
        redef expensive_profiling_multiple = 2;
        global seen: table[addr] of count = { [10.0.0.1] = 1, [10.0.0.2] = 2 };
        event profiling_update(f: file, expensive: bool) { print expensive; }
        """
    )
    done = bro("-r", CAPTURES / "tcp-endings.pcap", "p.bro")
    assert done.returncode == 0, done.stderr
    updates = done.stdout.split()
    assert updates == [["F", "T"][n % 2] for n in range(len(updates))]
    assert len(updates) >= 2
    text = (tmp_path / "prof.log").read_text()
    assert text.count(" conn: ") == len(updates)
    assert text.count(" tables: ") == len(updates) // 2
