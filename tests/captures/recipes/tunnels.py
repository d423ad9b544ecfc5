"""Tunnels, in each other too."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable

from ..packets import Clock, Packet, ethernet, ip, lookup, pcap, udp
from . import made

OUTER, OUTER6 = ("192.0.2.10", "192.0.2.80"), ("2001:db8::10", "2001:db8::80")


def _in_udp(
    port: int, header: bytes, packet: bytes, ends: tuple[str, str] = OUTER, source: int = 50000
) -> bytes:
    return ip(ends[0], ends[1], 17, udp((ends[0], source), (ends[1], port), header + packet))


def _gre(kind: int, packet: bytes) -> bytes:
    return ip(*OUTER, 47, struct.pack("!HH", 0, kind) + packet)


def _erspan_2(packet: bytes) -> bytes:
    # A sequence number, which GRE's flags announce, then ERSPAN's own eight bytes.
    return ip(
        *OUTER, 47, struct.pack("!HHI", 0x1000, 0x88BE, 7) + struct.pack("!HHI", 0x1000 | 10, 5, 0) + packet
    )


def _gtp(packet: bytes) -> bytes:
    return struct.pack("!BBHI", 0x30, 0xFF, len(packet), 0x1234) + packet


def _ayiya(packet: bytes) -> bytes:
    # Identity of 16 bytes, signature of 20, as the tunnel brokers used them; operation: forward.
    head = struct.pack("!BBBBI", 0x41, 0x52, 0x11, 41, 1_000_000_000)
    return head + ipaddress.IPv6Address(OUTER6[0]).packed + b"\0" * 20 + packet


#: name, version of the IP packet inside, and what a packet is put into
TUNNELS: list[tuple[str, int, Callable[[bytes], bytes]]] = [
    ("ip-in-ip", 4, lambda p: ip(*OUTER, 4, p)),
    ("sixto4", 6, lambda p: ip(*OUTER, 41, p)),
    ("ip-in-ipv6", 4, lambda p: ip(*OUTER6, 4, p)),
    ("ipv6-in-ipv6", 6, lambda p: ip(*OUTER6, 41, p)),
    ("gre", 4, lambda p: _gre(0x0800, p)),
    ("gre-bridge", 4, lambda p: _gre(0x6558, ethernet(p))),
    ("erspan-1", 4, lambda p: _gre(0x88BE, ethernet(p))),
    ("erspan-2", 4, lambda p: _erspan_2(ethernet(p))),
    ("vxlan", 4, lambda p: _in_udp(4789, struct.pack("!II", 0x08000000, 42 << 8), ethernet(p))),
    ("geneve", 4, lambda p: _in_udp(6081, struct.pack("!HHI", 0, 0x6558, 42 << 8), ethernet(p))),
    ("gtp-u", 4, lambda p: _in_udp(2152, b"", _gtp(p), source=2152)),
    ("teredo", 6, lambda p: _in_udp(3544, b"", p)),
    ("ayiya", 6, lambda p: _in_udp(5072, b"", _ayiya(p))),
    (
        "gre-in-vxlan",
        4,
        lambda p: _in_udp(4789, struct.pack("!II", 0x08000000, 43 << 8), ethernet(_gre(0x0800, p))),
    ),
]


@made("tunnels.pcap")
def tunnels() -> bytes:
    """A lookup in each kind of tunnel, and one in a tunnel in a tunnel."""
    clock = Clock()
    packets = []
    for n, (name, version, wrap) in enumerate(TUNNELS, 1):
        for packet, to_server in lookup(f"{name}.example", 100 + n, version):
            packets.append(Packet(clock.tick(), ethernet(wrap(packet), to_server=to_server)))
    return pcap(packets)
