"""`bro mptcp-scan` against listeners of the kernel, with MPTCP and without, and one that speaks version 0."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.live import paths
from tests.live.paths import (
    CLIENT,
    SERVER,
    SERVER_ADDR,
    SERVER_ADDR6,
    needs_mptcp,
    needs_namespaces,
    one_at_a_time,
)
from tests.processes import next_line, run

pytestmark = [one_at_a_time, needs_namespaces, needs_mptcp]

#: ports of listeners
WITH, WITHOUT, OLD, CLOSED = 8001, 8002, 8003, 8004


@pytest.fixture(scope="module")
def listeners() -> Iterator[None]:
    code = f"""
import socket, time
held = []
for family, address in ((socket.AF_INET, {SERVER_ADDR!r}), (socket.AF_INET6, {SERVER_ADDR6!r})):
    for protocol, port in ((262, {WITH}), (0, {WITHOUT})):
        s = socket.socket(family, socket.SOCK_STREAM, protocol)
        s.bind((address, port)); s.listen(100)
        held.append(s)
print('listening'); time.sleep(600)
"""
    with (
        paths.two_paths(),
        paths.python(SERVER, code) as modern,
        paths.python(SERVER, _VERSION_0) as old,
    ):
        for process in (modern, old):
            assert next_line(process, process.stdout, "that it listens") == "listening\n"
        yield


#: The kernel has no version 0; this answers as a host with it would: with MP_CAPABLE of version 0, and
#: joins with a reset.  The kernel's own resets from that port are kept back by their missing mark.
_VERSION_0 = f"""
import ipaddress, socket, subprocess, sys
sys.path[:0] = {sys.path!r}
from bro.wire.headers import ACK, RST, SYN, Segment, packet, parse_tcp, tcp_of_ipv4
from bro.wire.mptcp import CAPABLE, JOIN, find
rules = ('table ip old {{ chain out {{ type filter hook output priority 0; '
         'tcp sport {OLD} meta mark != 7 drop; }}; }}')
subprocess.run(['nft', '-f', '-'], input=rules, text=True, check=True)
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
out.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 7)
print('listening')
while True:
    data, (peer, _) = s.recvfrom(65535)
    got = parse_tcp(tcp_of_ipv4(data))
    if got.dport != {OLD} or not got.flags & SYN: continue
    capable, join = find(got.options, CAPABLE), find(got.options, JOIN)
    options, flags = b'', SYN | ACK
    if join: flags = RST | ACK
    elif capable and capable[0] & 15 == 0: options = bytes([30, 12, 0, 1]) + bytes(range(8))
    answer = Segment({OLD}, got.sport, 1000, got.seq + 1, flags, 65535, options)
    ends = ipaddress.ip_address({SERVER_ADDR!r}), ipaddress.ip_address(peer)
    out.sendto(packet(*ends, answer), (peer, 0))
"""


def scan(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = paths.inside(CLIENT, sys.executable, "-m", "bro", "mptcp-scan", *arguments)
    return run(command)


@pytest.mark.parametrize("address", [SERVER_ADDR, SERVER_ADDR6])
def test_with_and_without(listeners: None, address: str) -> None:
    done = scan(address, f"{WITH},{WITHOUT},{CLOSED}", "--json", "--all")
    assert done.returncode == 0 and not done.stderr, done.stderr
    results = {result["port"]: result for result in json.loads(done.stdout)["results"]}
    assert {port: result["state"] for port, result in results.items()} == {
        WITH: "mptcp",
        WITHOUT: "tcp",
        CLOSED: "closed",
    }
    assert results[WITH]["versions"] == [1] and results[WITH]["join_reset"]
    assert results[WITHOUT]["versions"] == [] and not results[WITHOUT]["join_reset"]


def test_version_0(listeners: None) -> None:
    done = scan(SERVER_ADDR, str(OLD), "--json")
    (result,) = json.loads(done.stdout)["results"]
    assert (result["state"], result["versions"], result["join_reset"]) == ("mptcp", [0], True)


def test_a_network(listeners: None) -> None:
    done = scan("203.0.113.64/27,2001:db8:2::80", f"{WITH}-{WITHOUT}", "--timeout", "3", "--rate", "1000")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    found = [(line[0], int(line[1]), line[2]) for line in lines[1:-1]]
    assert found == [
        (SERVER_ADDR, WITH, "mptcp"),
        (SERVER_ADDR, WITHOUT, "tcp"),
        (SERVER_ADDR6, WITH, "mptcp"),
        (SERVER_ADDR6, WITHOUT, "tcp"),
    ]
    assert lines[-1][0] == "62"


def test_what_is_on_the_way(listeners: None) -> None:
    """A packet filter in the middle strips the option."""
    rules = "table ip strip { chain f { type filter hook forward priority 0; reset tcp option mptcp; }; }"
    nft = paths.inside(paths.MIDDLE, "nft", "-f", "-")
    run(nft, input=rules, check=True)
    try:
        done = scan(SERVER_ADDR, str(WITH), "--json")
    finally:
        run(nft, input="delete table ip strip", check=True)
    (result,) = json.loads(done.stdout)["results"]
    assert result["state"] == "tcp"


def test_nothing_stays_open(listeners: None) -> None:
    """What probes have opened was reset."""
    scan(SERVER_ADDR, str(WITHOUT))
    command = paths.inside(SERVER, "ss", "-Htn", "state", "syn-recv", "sport", "=", f":{WITHOUT}")
    assert run(command).stdout == ""


def test_no_right_to_send() -> None:
    command = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all", sys.executable]
    command += ["-m", "bro", "mptcp-scan", "127.0.0.1"]
    done = run(command)
    assert done.returncode == 3
    assert "CAP_NET_RAW" in done.stderr and "Traceback" not in done.stderr
