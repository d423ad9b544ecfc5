"""Fragments, checksums, extension headers."""

from __future__ import annotations

import ipaddress
import struct

from ..packets import Clock, Packet, dns_query, ethernet, ipv4, ipv6, lookup, pcap, tcp, udp
from . import made


def fragments(source: str, destination: str, ident: int, payload: bytes, size: int) -> list[bytes]:
    """The fragments of a UDP packet of IPv4, each with so many bytes (a multiple of 8)."""
    return [
        ipv4(
            source,
            destination,
            17,
            payload[at : at + size],
            ident=ident,
            offset=at,
            more=at + size < len(payload),
        )
        for at in range(0, len(payload), size)
    ]


@made("fragments.pcap")
def fragmented() -> bytes:
    """Lookups in fragments: in order, in reverse, over IPv6, overlapping, and without an end."""
    clock = Clock()
    packets: list[Packet] = []

    def add(*parts: bytes) -> None:
        packets.extend(Packet(clock.tick(), ethernet(part)) for part in parts)

    def question(name: str, n: int) -> tuple[str, str, bytes]:
        ends = (f"10.1.{n}.1", f"10.1.{n}.53")
        return (*ends, udp((ends[0], 41000 + n), (ends[1], 53), dns_query(name, n)))

    source, destination, whole = question("in-order.example", 1)
    add(*fragments(source, destination, 1, whole, 16))
    source, destination, whole = question("in-reverse.example", 2)
    add(*reversed(fragments(source, destination, 2, whole, 16)))
    # The second one says other things about bytes that came already: the first ones count.
    source, destination, whole = question("overlapping.example", 3)
    first, *others = fragments(source, destination, 3, whole, 24)
    forged = ipv4(source, destination, 17, b"XXXXXXXX" + whole[24:40], ident=3, offset=16, more=True)
    add(first, forged, *others)
    source, destination, whole = question("no-end.example", 4)
    add(*fragments(source, destination, 4, whole, 16)[:-1])
    ends = ("2001:db8:5::1", "2001:db8:5::53")
    whole = udp((ends[0], 41005), (ends[1], 53), dns_query("ipv6.example", 5))
    for at in range(0, len(whole), 16):
        header = struct.pack("!BBHI", 17, 0, at | (1 if at + 16 < len(whole) else 0), 5)
        add(ipv6(*ends, 44, header + whole[at : at + 16]))
    return pcap(packets)


@made("bad-checksums.pcap")
def bad_checksums() -> bytes:
    """Lookups with a bad IP checksum, a bad UDP checksum, none; a SYN with a bad TCP checksum."""
    clock = Clock()
    packets: list[Packet] = []

    def add(packet: bytes | bytearray) -> None:
        packets.append(Packet(clock.tick(), ethernet(bytes(packet))))

    def question(name: str, n: int) -> bytearray:
        return bytearray(lookup(name, n)[0][0])

    add(question("good.example", 1))
    bad = question("bad-ip.example", 2)
    bad[10] ^= 0xFF
    add(bytes(bad))
    bad = question("bad-udp.example", 3)
    bad[26] ^= 0xFF
    add(bytes(bad))
    none = question("none.example", 4)
    none[26:28] = b"\0\0"
    add(bytes(none))
    client, server = ("10.0.5.1", 40005), ("10.0.5.80", 80)
    segment = bytearray(tcp(client, server, 100, 0, 2))
    segment[16] ^= 0xFF
    add(ipv4(client[0], server[0], 6, bytes(segment)))
    return pcap(packets)


@made("extension-headers.pcap")
def extension_headers() -> bytes:
    """A lookup behind four extension headers of IPv6, and a TCP SYN with options."""
    clock = Clock()
    ends = ("2001:db8::1", "2001:db8::53")
    whole = udp((ends[0], 40001), (ends[1], 53), dns_query("extensions.example", 1))
    padding = b"\x01\x04\0\0\0\0"
    headers = bytes([60, 0]) + padding + bytes([43, 0]) + padding
    headers += bytes([44, 2, 0, 0]) + b"\0" * 4 + ipaddress.IPv6Address(ends[1]).packed
    headers += struct.pack("!BBHI", 17, 0, 0, 9)
    options = bytes.fromhex("020405b4 0402 080a0000000100000000 01 030307")
    syn = tcp(("192.0.2.10", 50001), ("192.0.2.80", 9999), 1000, 0, 2, options=options)
    return pcap(
        [
            Packet(clock.tick(), ethernet(ipv6(*ends, 0, headers + whole))),
            Packet(clock.tick(), ethernet(ipv4("192.0.2.10", "192.0.2.80", 6, syn))),
        ]
    )
