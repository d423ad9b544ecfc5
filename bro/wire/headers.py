"""Headers of IP and TCP: made with their checksums, and taken apart as far as an answer to a probe needs."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from typing import NamedTuple

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

#: protocol number of TCP
TCP = 6

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: what a packet sent by this program has for its time to live, or hop limit
_TTL = 64

#: bytes of a TCP header without options, and of the options at most
_TCP_HEADER, _MAX_OPTIONS = 20, 40


class Segment(NamedTuple):
    """A TCP header, and what follows it."""

    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    window: int  #: as on the wire, not scaled
    options: bytes = b""  #: padded to a multiple of four when it is sent
    payload: bytes = b""


def checksum(data: bytes) -> int:
    """The checksum of the Internet protocols (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(source: IPAddress, destination: IPAddress, segment: Segment) -> bytes:
    """A TCP segment with its checksum.

    Raises:
        ValueError: the options are longer than 40 bytes, which is all that fits.
    """
    options = segment.options + b"\x01" * (-len(segment.options) % 4)
    if len(options) > _MAX_OPTIONS:
        raise ValueError(f"{len(options)} bytes of TCP options; there is room for {_MAX_OPTIONS}")
    start = struct.pack(
        "!HHIIBBH",
        segment.sport,
        segment.dport,
        segment.seq & 0xFFFFFFFF,
        segment.ack & 0xFFFFFFFF,
        (_TCP_HEADER + len(options)) << 2,
        segment.flags,
        segment.window,
    )
    rest = b"\0\0" + options + segment.payload
    length = len(start) + 2 + len(rest)
    pseudo = source.packed + destination.packed + struct.pack("!IHBB", length, 0, 0, TCP)
    return start + struct.pack("!H", checksum(pseudo + start + b"\0\0" + rest)) + rest


def packet(source: IPAddress, destination: IPAddress, segment: Segment) -> bytes:
    """An IP packet, of the version of the addresses, with a TCP segment in it."""
    content = tcp(source, destination, segment)
    ends = source.packed + destination.packed
    if source.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(content), TCP, _TTL) + ends + content
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(content), 0, 0x4000, _TTL, TCP)
    return start + struct.pack("!H", checksum(start + b"\0\0" + ends)) + ends + content


def parse_tcp(data: bytes) -> Segment | None:
    """A TCP segment's header and options; None if it is cut short or its header length makes no sense."""
    if len(data) < _TCP_HEADER:
        return None
    sport, dport, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", data)
    length = (offset >> 4) * 4
    if not _TCP_HEADER <= length <= len(data):
        return None
    return Segment(sport, dport, seq, ack, flags, window, data[_TCP_HEADER:length], data[length:])


def tcp_of_ipv4(data: bytes) -> bytes | None:
    """What lies behind the header of an IPv4 packet with TCP; None for anything else, and for fragments."""
    if len(data) < 20 or data[0] >> 4 != 4 or data[9] != TCP:
        return None
    length = (data[0] & 0x0F) * 4
    fragment = int.from_bytes(data[6:8]) & 0x3FFF  # more fragments, or an offset
    total = int.from_bytes(data[2:4])
    if length < 20 or fragment or total < length:
        return None
    return data[length:total]


def options_of(options: bytes) -> Iterator[tuple[int, bytes]]:
    """The options of a TCP header: kind, and what follows the length.  Ends at one that makes no sense."""
    at = 0
    while at < len(options):
        kind = options[at]
        if kind == 0:
            return
        if kind == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            return
        yield kind, options[at + 2 : at + length]
        at += length
