"""Connections made byte by byte: which events they raise, and when, by the time of their packets."""

from __future__ import annotations

import pathlib
import struct

from tests.conftest import RunBro
from tests.logs.traffic import Capture

End = tuple[str, int]

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16

SERVER = ("10.0.0.2", 80)

#: prints each event with the seconds since the start of the capture and the client's port
SCRIPT = """
redef tcp_content_deliver_all_orig = T;
redef tcp_content_deliver_all_resp = T;
function at(c: connection): string
    { return fmt("%.3f %d", network_time() - double_to_time(1000.0), port_to_count(c$id$orig_p)); }
event new_connection(c: connection) { print at(c), "new"; }
event connection_attempt(c: connection) { print at(c), "attempt"; }
event connection_established(c: connection) { print at(c), "established"; }
event partial_connection(c: connection) { print at(c), "partial"; }
event connection_half_finished(c: connection) { print at(c), "half finished"; }
event connection_finished(c: connection) { print at(c), "finished"; }
event connection_rejected(c: connection) { print at(c), "rejected"; }
event connection_reset(c: connection) { print at(c), "reset"; }
event connection_timeout(c: connection) { print at(c), "timeout"; }
event connection_reused(c: connection) { print at(c), "reused"; }
event connection_pending(c: connection) { print at(c), "pending"; }
event connection_EOF(c: connection, is_orig: bool) { print at(c), "EOF", is_orig; }
event connection_state_remove(c: connection) { print at(c), "remove", c$history, c$conn$conn_state; }
event content_gap(c: connection, is_orig: bool, seq: count, length: count)
    { print at(c), "gap", is_orig, seq, length; }
event rexmit_inconsistency(c: connection, t1: string, t2: string, tcp_flags: string)
    { print at(c), "inconsistent", t1, t2, tcp_flags; }
event tcp_rexmit(c: connection, is_orig: bool, seq: count, len: count, data_in_flight: count, window: count)
    { print at(c), "again", is_orig, seq, len, data_in_flight, window; }
event tcp_contents(c: connection, is_orig: bool, seq: count, contents: string)
    { print at(c), "contents", is_orig, seq, contents; }
"""


def client(port: int) -> End:
    return ("10.0.0.1", port)


def segment(
    capture: Capture, source: End, target: End, flags: int, seq: int, ack: int = 0, data: bytes = b""
) -> None:
    header = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 5 << 4, flags, 65535, 0, 0)
    capture.ip(source[0], target[0], 6, header + data)


def handshake(capture: Capture, port: int) -> End:
    """A connection whose sides' data begin at 101 and 501."""
    end = client(port)
    segment(capture, end, SERVER, _SYN, 100)
    segment(capture, SERVER, end, _SYN | _ACK, 500, 101)
    segment(capture, end, SERVER, _ACK, 101, 501)
    return end


def events(bro: RunBro, folder: pathlib.Path, capture: Capture) -> list[str]:
    (folder / "script.bro").write_text(SCRIPT)
    done = bro("-C", "-r", capture.write(folder / "made.pcap"), "script.bro")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_an_attempt_is_known_by_the_clock(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    segment(capture, client(1), SERVER, _SYN, 100)
    capture.now += 10
    capture.udp(client(9), ("10.0.0.3", 9), b"x")
    assert events(bro, tmp_path, capture)[:4] == [
        "0.000 1, new",
        "10.001 1, attempt",
        "10.001 1, remove, S, S0",
        "10.001 9, new",
    ]


def test_ends_of_connections(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    segment(capture, client(1), SERVER, _SYN, 100)
    segment(capture, SERVER, client(1), _RST | _ACK, 0, 101)
    end = handshake(capture, 2)
    segment(capture, SERVER, end, _RST | _ACK, 501, 101)
    end = handshake(capture, 3)
    segment(capture, end, SERVER, _FIN | _ACK, 101, 501)
    segment(capture, SERVER, end, _FIN | _ACK, 501, 102)
    segment(capture, end, SERVER, _ACK, 102, 502)
    assert events(bro, tmp_path, capture) == [
        "0.000 1, new",
        "0.001 1, rejected",
        "0.001 1, EOF, F",
        "0.002 2, new",
        "0.003 2, established",
        "0.005 2, EOF, F",
        "0.005 2, reset",
        "0.006 3, new",
        "0.007 3, established",
        "0.009 3, EOF, T",
        "0.010 3, EOF, F",
        "0.010 3, finished",
        "0.011 1, remove, Sr, REJ",
        "0.011 2, remove, ShAr, RSTR",
        "0.011 3, remove, ShAFf, SF",
    ]


def test_a_beginning_that_was_missed(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    end = client(1)
    segment(capture, end, SERVER, _ACK | _PSH, 1000, 2000, b"mid")
    segment(capture, SERVER, end, _ACK | _PSH, 2000, 1003, b"stream")
    assert events(bro, tmp_path, capture)[:4] == [
        "0.000 1, new",
        "0.000 1, contents, T, 1, mid",
        "0.001 1, partial",
        "0.001 1, contents, F, 1, stream",
    ]


def test_silence_is_a_timeout(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    handshake(capture, 1)
    capture.now += 1000
    capture.udp(client(9), ("10.0.0.3", 9), b"x")
    assert events(bro, tmp_path, capture)[1:4] == [
        "0.001 1, established",
        "1000.003 1, timeout",
        "1000.003 1, remove, ShA, S1",
    ]


def test_other_bytes_the_second_time(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    end = handshake(capture, 1)
    segment(capture, end, SERVER, _ACK | _PSH, 101, 501, b"USER nice")
    segment(capture, end, SERVER, _ACK | _PSH, 101, 501, b"USER root")
    segment(capture, SERVER, end, _ACK, 501, 110)
    assert events(bro, tmp_path, capture)[2:5] == [
        "0.003 1, contents, T, 1, USER nice",
        "0.004 1, again, T, 1, 9, 9, 65535",
        "0.004 1, inconsistent, USER nice, USER root, AP",
    ]


def test_a_hole_is_one_when_it_was_acknowledged(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = Capture()
    end = handshake(capture, 1)
    segment(capture, end, SERVER, _ACK | _PSH, 111, 501, b"later")
    capture.now += 1
    segment(capture, SERVER, end, _ACK, 501, 116)
    assert events(bro, tmp_path, capture)[2:4] == [
        "1.004 1, gap, T, 1, 10",
        "1.004 1, contents, T, 11, later",
    ]
