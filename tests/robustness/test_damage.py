"""Whatever the input holds: a clear message or weirds, no traceback, panic or hang; logs are closed."""

from __future__ import annotations

import gzip
import pathlib
import random
import signal
import struct
import subprocess
import sys

import pytest

from tests import processes
from tests.conftest import CAPTURES, RunBro

ALL = sorted(CAPTURES.glob("*.pcap"))


def assert_calm(
    done: subprocess.CompletedProcess[str], tmp_path: pathlib.Path, allowed: tuple[int, ...]
) -> None:
    assert done.returncode in allowed, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    for log in tmp_path.glob("*.log"):
        assert log.read_text(errors="replace").splitlines()[-1].startswith("#close"), log


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_no_capture(seed: int, bro: RunBro, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "random"
    path.write_bytes(random.Random(seed).randbytes(5000))
    done = bro("-r", path)
    assert_calm(done, tmp_path, (3,))
    assert "not a packet capture" in done.stderr and str(path) in done.stderr


@pytest.mark.parametrize("capture", ALL, ids=lambda p: p.stem)
def test_truncated_captures(capture: pathlib.Path, bro: RunBro, tmp_path: pathlib.Path) -> None:
    whole = capture.read_bytes()
    path = tmp_path / "cut.pcap"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    done = bro("-r", path)
    assert_calm(done, tmp_path, (0, 3))
    if done.returncode == 3:
        assert "cut off at byte" in done.stderr
    assert (tmp_path / "packet_filter.log").exists()


def bodies(data: bytes | bytearray) -> list[tuple[int, int]]:
    """Where the packets of a pcap file begin and end, without their headers."""
    order = ">" if data[:2] == b"\xa1\xb2" else "<"
    found, at = [], 24
    while at + 16 <= len(data):
        (length,) = struct.unpack_from(order + "I", data, at + 8)
        found.append((at + 16, at + 16 + length))
        at += 16 + length
    return found


def flip(data: bytearray, places: list[int], dice: random.Random) -> None:
    for _ in range(max(4, len(places) // 100)):
        data[dice.choice(places)] ^= 1 << dice.randrange(8)


@pytest.mark.parametrize("capture", ALL, ids=lambda p: p.stem)
@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits(capture: pathlib.Path, seed: int, bro: RunBro, tmp_path: pathlib.Path) -> None:
    data = bytearray(capture.read_bytes())
    flip(data, list(range(24, len(data))), random.Random(seed))
    path = tmp_path / "flipped.pcap"
    path.write_bytes(data)
    assert_calm(bro("-C", "-r", path), tmp_path, (0, 3))


@pytest.mark.parametrize("capture", ALL, ids=lambda p: p.stem)
def test_flipped_bits_of_packets(capture: pathlib.Path, bro: RunBro, tmp_path: pathlib.Path) -> None:
    data = bytearray(capture.read_bytes())
    packets = bodies(data)
    # Behind the Ethernet and IP headers, so that protocols get most of it.
    places = [place for begin, end in packets for place in range(min(begin + 34, end), end)]
    flip(data, places, random.Random(7))
    path = tmp_path / "flipped.pcap"
    path.write_bytes(data)
    assert_calm(bro("-C", "-r", path), tmp_path, (0,))
    assert (tmp_path / "packet_filter.log").exists()


def test_a_missing_capture_is_named(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro("-r", "nowhere.pcap")
    assert_calm(done, tmp_path, (3,))
    assert "nowhere.pcap" in done.stderr


def test_gzip_and_standard_input(bro: RunBro, tmp_path: pathlib.Path) -> None:
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress((CAPTURES / "http-get.pcap").read_bytes()))
    assert bro("-D", "-r", packed).returncode == 0
    first = (tmp_path / "http.log").read_text().splitlines()
    with packed.open("rb") as file:
        assert bro("-D", "-r", "-", stdin=file).returncode == 0
    second = (tmp_path / "http.log").read_text().splitlines()
    assert [r for r in first if r[0] != "#"] == [r for r in second if r[0] != "#"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_input(
    number: signal.Signals, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    # A request is seen, and the pipe stays open.
    head = "event http_message_done(c: connection, is_orig: bool, stat: http_message_stat)"
    seen = f'{head} {{ system("touch seen"); }}'
    command = [sys.executable, "-m", "bro", "-r", "-", "-e", seen]
    environment = processes.environment(cache_dir)
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as process:
        assert process.stdin is not None
        process.stdin.write((CAPTURES / "http-get.pcap").read_bytes())
        process.stdin.flush()
        processes.wait_until((tmp_path / "seen").exists, "a request is seen", process=process)
        _, errors = processes.finish(process, number)
    assert process.returncode == 0, errors
    assert (tmp_path / "conn.log").read_text().splitlines()[-1].startswith("#close")


def test_a_full_disk_is_reported(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "conn.log").symlink_to("/dev/full")
    done = bro("-r", CAPTURES / "http-get.pcap")
    assert done.returncode == 4, done.stderr
    assert "conn" in done.stderr and "No space left" in done.stderr
    assert (tmp_path / "http.log").read_text().splitlines()[-1].startswith("#close")
