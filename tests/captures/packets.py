"""Packets byte by byte: headers, exchanges, capture files.

What fills most made captures is one DNS exchange after the other; the name that is asked for says how it was
carried, so `dns.log` tells what was understood.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: link types by their numbers in capture files
NULL, ETHERNET, PPP, FDDI, PPP_SERIAL, PPP_ETHER = 0, 1, 9, 10, 50, 51
RAW, C_HDLC, IEEE802_11, LOOP, LINUX_SLL, PRISM = 101, 104, 105, 108, 113, 119
RADIOTAP, AVS, PPI, IPV4, IPV6, NFLOG, LINUX_SLL2 = 127, 163, 192, 228, 229, 239, 276

CLIENT_MAC, SERVER_MAC = bytes.fromhex("020000000010"), bytes.fromhex("020000000080")


@dataclass
class Packet:
    """A captured packet: its time in seconds, its bytes, and the link type they start with."""

    at: float
    data: bytes
    link: int = ETHERNET


# Headers, from the inside out.


def checksum(data: bytes) -> int:
    """The checksum of the Internet protocols (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def _transport_checksum(source: str, destination: str, protocol: int, segment: bytes) -> int:
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return checksum(ends + struct.pack("!HH", protocol, len(segment)) + segment) or 0xFFFF


def udp(source: tuple[str, int], destination: tuple[str, int], payload: bytes) -> bytes:
    """A datagram with its checksum."""
    header = struct.pack("!HHH", source[1], destination[1], 8 + len(payload))
    whole = header + b"\0\0" + payload
    return header + struct.pack("!H", _transport_checksum(source[0], destination[0], 17, whole)) + payload


def tcp(
    source: tuple[str, int],
    destination: tuple[str, int],
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    options: bytes = b"",
) -> bytes:
    """A segment with its checksum; options come padded to four bytes."""
    start = struct.pack(
        "!HHIIBBH", source[1], destination[1], seq, ack, (20 + len(options)) << 2, flags, 65535
    )
    rest = b"\0\0" + options + payload
    total = _transport_checksum(source[0], destination[0], 6, start + b"\0\0" + rest)
    return start + struct.pack("!H", total) + rest


def ipv4(
    source: str,
    destination: str,
    protocol: int,
    payload: bytes,
    *,
    ident: int = 0,
    offset: int = 0,
    more: bool = False,
    ttl: int = 64,
) -> bytes:
    """A packet of IPv4 or a fragment of one; `offset` counts bytes."""
    ends = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(destination).packed
    fragment = offset // 8 | (0x2000 if more else 0)
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), ident, fragment, ttl, protocol)
    return start + struct.pack("!H", checksum(start + b"\0\0" + ends)) + ends + payload


def ipv6(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    """A packet of IPv6; extension headers are part of the payload."""
    ends = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + ends + payload


def ip(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    """A packet of the version that the addresses are of."""
    return (ipv6 if ":" in source else ipv4)(source, destination, protocol, payload)


def ethernet(payload: bytes, kind: int | None = None, to_server: bool = True) -> bytes:
    """A frame; its type is by default that of the IP packet inside."""
    kind = ethertype(payload) if kind is None else kind
    ends = SERVER_MAC + CLIENT_MAC if to_server else CLIENT_MAC + SERVER_MAC
    return ends + struct.pack("!H", kind) + payload


def ethertype(packet: bytes) -> int:
    """0x0800 or 0x86dd."""
    return 0x86DD if packet[0] >> 4 == 6 else 0x0800


def _ppp_protocol(packet: bytes) -> int:
    return 0x0057 if packet[0] >> 4 == 6 else 0x0021


def snap(packet: bytes) -> bytes:
    """LLC and SNAP headers before an IP packet."""
    return bytes.fromhex("aaaa03 000000") + struct.pack("!H", ethertype(packet)) + packet


def pppoe(packet: bytes) -> bytes:
    """A PPPoE session header, then PPP."""
    return struct.pack("!BBHHH", 0x11, 0, 0x2A, len(packet) + 2, _ppp_protocol(packet)) + packet


def wlan(packet: bytes, to_server: bool, quality: bool = False) -> bytes:
    """A data frame of 802.11, to the access point or from it, with or without a QoS field."""
    control = bytes([0x88 if quality else 0x08, 0x01 if to_server else 0x02])
    access_point = bytes.fromhex("020000000001")
    station = CLIENT_MAC
    addresses = access_point + station + SERVER_MAC if to_server else station + access_point + SERVER_MAC
    return control + b"\0\0" + addresses + b"\0\0" + (b"\0\0" if quality else b"") + snap(packet)


def _mpls(packet: bytes) -> bytes:
    return struct.pack("!II", 100 << 12 | 64, 200 << 12 | 0x100 | 64) + packet


def _nflog(packet: bytes) -> bytes:
    family = 10 if packet[0] >> 4 == 6 else 2
    prefix = struct.pack("<HH", 4 + 5, 10) + b"drop\0" + b"\0\0\0"
    return bytes([family, 0]) + b"\0\x2a" + prefix + struct.pack("<HH", 4 + len(packet), 9) + packet


def _null(packet: bytes, order: str) -> bytes:
    return struct.pack(order + "I", 30 if packet[0] >> 4 == 6 else 2) + packet


#: how an IP packet is framed: name, link type, and the frame of a packet and its direction
FRAMINGS: list[tuple[str, int, Callable[[bytes, bool], bytes]]] = [
    ("ethernet", ETHERNET, lambda p, to: ethernet(p, to_server=to)),
    ("vlan", ETHERNET, lambda p, to: ethernet(struct.pack("!HH", 10, ethertype(p)) + p, 0x8100, to)),
    (
        "qinq",
        ETHERNET,
        lambda p, to: ethernet(struct.pack("!HHHH", 10, 0x8100, 20, ethertype(p)) + p, 0x88A8, to),
    ),
    ("mpls", ETHERNET, lambda p, to: ethernet(_mpls(p), 0x8847, to)),
    ("llc-snap", ETHERNET, lambda p, to: ethernet(snap(p), len(snap(p)), to)),
    ("pppoe", ETHERNET, lambda p, to: ethernet(pppoe(p), 0x8864, to)),
    ("null-little", NULL, lambda p, to: _null(p, "<")),
    ("null-big", NULL, lambda p, to: _null(p, ">")),
    ("loop", LOOP, lambda p, to: _null(p, ">")),
    ("raw", RAW, lambda p, to: p),
    ("ipv4", IPV4, lambda p, to: p),
    ("ppp", PPP, lambda p, to: struct.pack("!H", _ppp_protocol(p)) + p),
    ("ppp-hdlc", PPP, lambda p, to: b"\xff\x03" + struct.pack("!H", _ppp_protocol(p)) + p),
    ("ppp-serial", PPP_SERIAL, lambda p, to: b"\xff\x03" + struct.pack("!H", _ppp_protocol(p)) + p),
    ("cisco-hdlc", C_HDLC, lambda p, to: b"\x0f\0" + struct.pack("!H", ethertype(p)) + p),
    ("ppp-ether", PPP_ETHER, lambda p, to: pppoe(p)),
    (
        "cooked",
        LINUX_SLL,
        lambda p, to: struct.pack("!HHH", 4 if to else 0, 1, 6) + CLIENT_MAC + b"\0\0" + _kind(p) + p,
    ),
    (
        "cooked-2",
        LINUX_SLL2,
        lambda p, to: _kind(p) + struct.pack("!HIHBB", 0, 2, 1, 4 if to else 0, 6) + CLIENT_MAC + b"\0\0" + p,
    ),
    ("wlan", IEEE802_11, lambda p, to: wlan(p, to)),
    ("wlan-qos", IEEE802_11, lambda p, to: wlan(p, to, quality=True)),
    ("radiotap", RADIOTAP, lambda p, to: struct.pack("<BBHI", 0, 0, 9, 2) + b"\0" + wlan(p, to)),
    ("prism", PRISM, lambda p, to: struct.pack("<II16s", 0x44, 144, b"wlan0") + b"\0" * 120 + wlan(p, to)),
    ("avs", AVS, lambda p, to: struct.pack("!II", 0x80211001, 64) + b"\0" * 56 + wlan(p, to)),
    ("ppi", PPI, lambda p, to: struct.pack("<BBHI", 0, 0, 8, IEEE802_11) + wlan(p, to)),
    ("fddi", FDDI, lambda p, to: b"\x50" + SERVER_MAC + CLIENT_MAC + snap(p)),
    ("nflog", NFLOG, lambda p, to: _nflog(p)),
]


def _kind(packet: bytes) -> bytes:
    return struct.pack("!H", ethertype(packet))


# Exchanges.


def dns_query(name: str, ident: int) -> bytes:
    """A question for the address of a name."""
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + _dns_name(name) + struct.pack("!HH", 1, 1)


def dns_reply(name: str, ident: int, address: str = "192.0.2.80") -> bytes:
    """Its answer."""
    header = struct.pack("!HHHHHH", ident, 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + ipaddress.IPv4Address(address).packed
    return header + _dns_name(name) + struct.pack("!HH", 1, 1) + record


def _dns_name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def lookup(name: str, n: int, version: int = 4) -> list[tuple[bytes, bool]]:
    """The two IP packets of a lookup between hosts number `n`, each with whether it goes to the server."""
    ends = (f"10.0.{n}.1", f"10.0.{n}.53") if version == 4 else (f"2001:db8:{n:x}::1", f"2001:db8:{n:x}::53")
    client, server = (ends[0], 40000 + n), (ends[1], 53)
    ask = ip(ends[0], ends[1], 17, udp(client, server, dns_query(name, n)))
    tell = ip(ends[1], ends[0], 17, udp(server, client, dns_reply(name, n)))
    return [(ask, True), (tell, False)]


# Files.


def pcap(packets: Iterable[Packet], order: str = "<", nanos: bool = False) -> bytes:
    """A classic capture file; the link type is that of the first packet."""
    packets = list(packets)
    magic = 0xA1B23C4D if nanos else 0xA1B2C3D4
    link = packets[0].link if packets else ETHERNET
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    for packet in packets:
        seconds, fraction = divmod(round(packet.at * 1_000_000), 1_000_000)
        fraction *= 1000 if nanos else 1
        out += (
            struct.pack(order + "IIII", seconds, fraction, len(packet.data), len(packet.data)) + packet.data
        )
    return out


def pcapng(packets: Iterable[Packet], order: str = "<", resolution: int = 6) -> bytes:
    """A section of a pcapng file, with an interface for each link type; times are in 10**-resolution s.

    Sections one after the other are a file, whatever their byte orders.
    """

    def block(kind: int, body: bytes) -> bytes:
        body += b"\0" * (-len(body) % 4)
        length = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + length + body + length

    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    interfaces: dict[int, int] = {}
    for packet in packets:
        if packet.link not in interfaces:
            interfaces[packet.link] = len(interfaces)
            options = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
            out += block(1, struct.pack(order + "HHI", packet.link, 0, 262144) + options)
        ticks = round(packet.at * 1_000_000) * 10 ** (resolution - 6)
        head = struct.pack(
            order + "IIIII",
            interfaces[packet.link],
            ticks >> 32,
            ticks & 0xFFFFFFFF,
            len(packet.data),
            len(packet.data),
        )
        out += block(6, head + packet.data)
    return out


class Clock:
    """Times of packets, a millisecond apart."""

    def __init__(self, start: float = 1_000_000_000.0) -> None:
        self._start = start
        self._ticks = 0

    def tick(self) -> float:
        self._ticks += 1
        return round(self._start + self._ticks / 1000, 6)
