"""Captures made byte by byte: raw IPv4 with TCP and UDP, checksums left zero, for `bro -C`."""

from __future__ import annotations

import ipaddress
import pathlib
import struct
from dataclasses import dataclass, field

_RAW_IP = 101
_FIN, _SYN, _PUSH, _ACK = 0x01, 0x02, 0x08, 0x10


@dataclass
class Capture:
    """Packets in the order they are added, a millisecond apart."""

    packets: list[tuple[float, bytes]] = field(default_factory=list)
    now: float = 1000.0

    def ip(self, source: str, destination: str, protocol: int, payload: bytes) -> None:
        """A packet of IPv4."""
        header = struct.pack(
            "!BBHHHBBH4s4s",
            0x45,
            0,
            20 + len(payload),
            0,
            0,
            64,
            protocol,
            0,
            ipaddress.IPv4Address(source).packed,
            ipaddress.IPv4Address(destination).packed,
        )
        self.packets.append((self.now, header + payload))
        self.now += 0.001

    def udp(self, source: tuple[str, int], destination: tuple[str, int], payload: bytes) -> None:
        """A datagram."""
        header = struct.pack("!HHHH", source[1], destination[1], 8 + len(payload), 0)
        self.ip(source[0], destination[0], 17, header + payload)

    def tcp(self, client: tuple[str, int], server: tuple[str, int]) -> Connection:
        """A connection, opened."""
        return Connection(self, client, server)

    def write(self, path: pathlib.Path) -> pathlib.Path:
        """The capture as a file."""
        data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW_IP)
        for at, packet in self.packets:
            seconds, micros = divmod(round(at * 1e6), 1_000_000)
            data += struct.pack("<IIII", seconds, micros, len(packet), len(packet)) + packet
        path.write_bytes(data)
        return path


class Connection:
    """A TCP connection, opened when it is made."""

    def __init__(self, capture: Capture, client: tuple[str, int], server: tuple[str, int]) -> None:
        self._capture = capture
        self._ends = {True: client, False: server}
        self._next = {True: 100, False: 500}
        self._segment(True, _SYN)
        self._segment(False, _SYN | _ACK)
        self._segment(True, _ACK)

    def _segment(self, from_client: bool, flags: int, data: bytes = b"") -> None:
        source, destination = self._ends[from_client], self._ends[not from_client]
        header = struct.pack(
            "!HHIIBBHHH",
            source[1],
            destination[1],
            self._next[from_client],
            self._next[not from_client] if flags & _ACK else 0,
            5 << 4,
            flags,
            65535,
            0,
            0,
        )
        self._next[from_client] += len(data) + bool(flags & (_SYN | _FIN))
        self._capture.ip(source[0], destination[0], 6, header + data)

    def client(self, *pieces: bytes) -> None:
        """The client sends these, and the server acknowledges them."""
        for piece in pieces:
            self._segment(True, _PUSH | _ACK, piece)
            self._segment(False, _ACK)

    def server(self, *pieces: bytes) -> None:
        """The server sends these, and the client acknowledges them."""
        for piece in pieces:
            self._segment(False, _PUSH | _ACK, piece)
            self._segment(True, _ACK)

    def close(self) -> None:
        """Both sides end."""
        self._segment(True, _FIN | _ACK)
        self._segment(False, _FIN | _ACK)
        self._segment(True, _ACK)
