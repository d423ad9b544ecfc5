"""Link types, and ARP."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Iterable

from ..packets import CLIENT_MAC, FRAMINGS, IPV4, SERVER_MAC, Clock, Packet, ethernet, lookup, pcap, pcapng
from . import made


def framed(framings: Iterable[tuple[str, int, Callable[[bytes, bool], bytes]]], clock: Clock) -> list[Packet]:
    """A lookup over IPv4 and one over IPv6 in each framing."""
    packets = []
    numbers = {name: n for n, (name, *_) in enumerate(FRAMINGS, 1)}
    for name, link, frame in framings:
        n = numbers[name]
        for version in (4, 6):
            if (link, version) == (IPV4, 6):
                continue
            for packet, to_server in lookup(f"{name}-v{version}.example", n, version):
                packets.append(Packet(clock.tick(), frame(packet, to_server), link))
    return packets


@made("link-types.pcapng")
def link_types() -> bytes:
    """A lookup over IPv4 and IPv6 in each link type; two sections of different byte order."""
    clock = Clock()
    half = len(FRAMINGS) // 2
    first, second = framed(FRAMINGS[:half], clock), framed(FRAMINGS[half:], clock)
    return pcapng(first) + pcapng(second, ">", 9)


@made("arp.pcap")
def arp() -> bytes:
    """An ARP request and its reply."""
    clock = Clock()

    def message(operation: int, *ends: bytes) -> bytes:
        return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + b"".join(ends)

    client, server = ipaddress.IPv4Address("192.0.2.10").packed, ipaddress.IPv4Address("192.0.2.80").packed
    ask = message(1, CLIENT_MAC, client, b"\0" * 6, server)
    tell = message(2, SERVER_MAC, server, CLIENT_MAC, client)
    return pcap(
        [
            Packet(clock.tick(), ethernet(ask, 0x0806)),
            Packet(clock.tick(), ethernet(tell, 0x0806, to_server=False)),
        ]
    )
