"""Ways of packets that a site tells of: the same addresses in several VLANs, numbers of its own."""

from __future__ import annotations

import struct
from collections.abc import Callable

from ..packets import (
    ETHERNET,
    Clock,
    Packet,
    dns_query,
    dns_reply,
    ethernet,
    ipv4,
    lookup,
    pcap,
    pcapng,
    pppoe,
    udp,
)
from . import made

Frame = Callable[[bytes, bool], bytes]

#: a link type that everybody may use for something else (DLT_USER0)
_USER0 = 147


def _tagged(*tags: int) -> Frame:
    """A frame with VLAN tags, the outermost first."""

    def frame(packet: bytes, to_server: bool) -> bytes:
        rest = struct.pack("!H", 0x0800) + packet
        for tag in reversed(tags):
            rest = struct.pack("!HH", 0x8100, tag) + rest
        return ethernet(rest[2:], int.from_bytes(rest[:2], "big"), to_server)

    return frame


def _exchange(
    clock: Clock, name: str, frame: Frame, link: int = ETHERNET, protocol: int = 17
) -> list[Packet]:
    """A lookup between two hosts that are always the same."""
    client, server = ("10.1.0.1", 40001), ("10.1.0.53", 53)
    ask = ipv4(client[0], server[0], protocol, udp(client, server, dns_query(name, 7)))
    tell = ipv4(server[0], client[0], protocol, udp(server, client, dns_reply(name, 7)))
    return [Packet(clock.tick(), frame(data, to), link) for data, to in ((ask, True), (tell, False))]


@made("vlan-overlap.pcap")
def vlan_overlap() -> bytes:
    """Lookups between the same ends without a tag, in two VLANs, and in a VLAN inside of one."""
    clock = Clock()
    ways = [
        ("none", _tagged()),
        ("vlan10", _tagged(10)),
        ("vlan20", _tagged(20)),
        ("vlan10-30", _tagged(10, 30)),
    ]
    return pcap([packet for name, frame in ways for packet in _exchange(clock, f"{name}.example", frame)])


@made("packet-ways.pcapng")
def packet_ways() -> bytes:
    """Lookups behind an EtherType, skipped bytes, a SNAP type, an IP protocol, a link type of a site."""
    clock = Clock()

    def snap(packet: bytes) -> bytes:
        return bytes.fromhex("aaaa03 000000 88b7") + packet

    ways: list[tuple[str, Frame, int, int]] = [
        ("ethertype", lambda p, to: ethernet(p, 0x88B5, to), ETHERNET, 17),
        ("skipped", lambda p, to: ethernet(b"head" + p, 0x88B6, to), ETHERNET, 17),
        ("snap", lambda p, to: ethernet(snap(p), len(snap(p)), to), ETHERNET, 17),
        ("protocol", lambda p, to: ethernet(p, to_server=to), ETHERNET, 253),
        ("etherip", lambda p, to: ethernet(_in_ip(ethernet(p, to_server=to)), to_server=to), ETHERNET, 17),
        (
            "mpls",
            lambda p, to: ethernet(b"\0\x06\x41\x40" + ethernet(p, to_server=to), 0x8847, to),
            ETHERNET,
            17,
        ),
        ("link-type", lambda p, to: ethernet(p, to_server=to), _USER0, 17),
    ]
    packets = []
    for name, frame, link, protocol in ways:
        packets += _exchange(clock, f"{name}.example", frame, link, protocol)
    return pcapng(packets)


def _in_ip(frame: bytes) -> bytes:
    """A frame in an IP packet whose protocol's number is for experiments (RFC 3692)."""
    return ipv4("10.2.0.1", "10.2.0.2", 254, frame)


@made("pppoe-sessions.pcap")
def pppoe_sessions() -> bytes:
    """A lookup in a PPPoE session, and one outside of any."""
    clock = Clock()
    inside = [Packet(clock.tick(), ethernet(pppoe(p), 0x8864, to)) for p, to in lookup("session.example", 1)]
    outside = [Packet(clock.tick(), ethernet(p, to_server=to)) for p, to in lookup("none.example", 2)]
    return pcap(inside + outside)
