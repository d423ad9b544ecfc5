"""The packets of responses, their budget, and the rules for nftables."""

from __future__ import annotations

import ipaddress
import shutil

import pytest

from bro.response import nftables
from bro.response.segments import End, Outgoing, fastcloses, open_window, resets, zero_window
from bro.response.tarpit import Budget
from bro.wire.headers import ACK, RST, Segment, parse_tcp, tcp_of_ipv4
from bro.wire.mptcp import FASTCLOSE, find
from tests import processes

ORIG = End(ipaddress.ip_address("192.0.2.10"), 40000, last=5000, acked=4000, window=1000)
RESP = End(ipaddress.ip_address("192.0.2.80"), 80, last=2**32 + 100, acked=2**32 + 100, window=65536)


def parsed(outgoing: Outgoing) -> Segment:
    content = tcp_of_ipv4(outgoing.packet)
    assert content is not None
    segment = parse_tcp(content)
    assert segment is not None
    return segment


def test_resets_have_the_numbers_that_may_be_waited_for() -> None:
    segments = [parsed(outgoing) for outgoing in resets(ORIG, RESP)]
    assert [segment.seq for segment in segments] == [5000, 4000]
    assert all((s.sport, s.dport, s.flags, s.ack) == (40000, 80, RST | ACK, 100) for s in segments)
    assert [parsed(outgoing).seq for outgoing in resets(RESP, ORIG)] == [100]


def test_fastclose_has_the_receivers_key() -> None:
    sent = fastcloses(ORIG, RESP, 1, 2)
    # Both ends get it before either is reset.
    assert [parsed(outgoing).flags for outgoing in sent] == [ACK, ACK, RST | ACK, RST | ACK]
    for outgoing in sent:
        segment = parsed(outgoing)
        option = find(segment.options, FASTCLOSE)
        assert option is not None
        assert int.from_bytes(option[2:]) == (1 if segment.dport == ORIG.port else 2)
        assert str(outgoing.destination) in outgoing.what


def test_windows_lie_ahead() -> None:
    closing, opening = parsed(zero_window(RESP, ORIG)), parsed(open_window(RESP, ORIG))
    assert closing.window == 0 and opening.window > 0
    assert closing.seq == opening.seq == 100 + 500
    assert closing.ack == ORIG.acked


def test_budget() -> None:
    budget = Budget()
    assert budget.take(10, 10)
    assert not budget.take(5, 10)


def test_rules() -> None:
    host = nftables.host(ORIG.address)
    assert nftables.adding(host, 60).splitlines() == [
        "add element inet bro_response hosts4 { 192.0.2.10 }",
        "delete element inet bro_response hosts4 { 192.0.2.10 }",
        "add element inet bro_response hosts4 { 192.0.2.10 timeout 60s }",
    ]
    assert len(nftables.flow(ORIG.address, 1, RESP.address, 2, "tcp")) == 2
    assert nftables.mptcp("::/0", "strip") == [("strip6", "::/0")]
    with pytest.raises(ValueError, match="drop, strip, joins"):
        nftables.mptcp("::/0", "else")


@pytest.mark.skipif(shutil.which("nft") is None, reason="there is no nft")
def test_nft_understands_the_rules() -> None:
    everything = [
        *nftables.host(ORIG.address),
        *nftables.host(ipaddress.ip_address("2001:db8::1")),
        *nftables.flow(ORIG.address, 1, RESP.address, 2, "udp"),
        *(element for mode in nftables.MPTCP_MODES for element in nftables.mptcp("192.0.2.0/24", mode)),
        *nftables.mptcp("2001:db8::/32", "drop"),
    ]
    for commands in (nftables.adding(everything, 5), nftables.removing(everything)):
        whole = nftables.setup() + commands
        done = processes.run(["nft", "-c", "-f", "-"], input=whole)
        if "Operation not permitted" in done.stderr:
            pytest.skip("nft may not be asked")
        assert done.returncode == 0, done.stderr
