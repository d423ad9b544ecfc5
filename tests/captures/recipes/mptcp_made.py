"""Multipath TCP as no kernel at hand speaks it: version 0, attacks, and what looks like one and is none."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct

from ..packets import Clock, Packet, ethernet, ip, pcap, tcp
from . import made

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

CLIENT, SERVER = ("192.0.2.10", 40000), ("192.0.2.80", 80)


class Connection:
    """An MPTCP connection, packet by packet.

    :param version: 0 or 1.
    :param number: what keys, ports and sequence numbers follow from.
    """

    def __init__(
        self, version: int = 1, number: int = 1, client: str = CLIENT[0], server: str = SERVER[0]
    ) -> None:
        self.version = version
        self.keys = [0x1111111111111100 + number, 0x2222222222222200 + number]
        self.first = Subflow((client, CLIENT[1] + number), (server, SERVER[1]), 1000 * number)
        self.packets: list[tuple[bytes, bool]] = []

    def _derived(self, end: int) -> tuple[int, int]:
        hashed = self._hash(struct.pack("!Q", self.keys[end])).digest()
        return int.from_bytes(hashed[:4]), int.from_bytes(hashed[-8:])

    def _hash(self, data: bytes) -> hashlib._Hash:
        return hashlib.sha1(data) if self.version == 0 else hashlib.sha256(data)

    def _hmac(self, sender: int, message: bytes) -> bytes:
        key = struct.pack("!QQ", self.keys[sender], self.keys[1 - sender])
        return hmac.digest(key, message, "sha1" if self.version == 0 else "sha256")

    def send(
        self, subflow: Subflow, to_server: bool, flags: int, option: bytes, payload: bytes = b""
    ) -> None:
        self.packets.append((subflow.segment(to_server, flags, option, payload), to_server))

    def open(self, answered: bool = True, third: tuple[int, int] | None = None) -> Connection:
        """The handshake; without an answer in kind it is that of TCP.

        :param third: other keys for the third packet.
        """
        keys = [struct.pack("!Q", key) for key in self.keys]
        offer = bytes([self.version, 0x01]) + (keys[0] if self.version == 0 else b"")
        self.send(self.first, True, SYN, option(0, offer))
        answer = option(0, bytes([self.version, 0x01]) + keys[1]) if answered else b""
        self.send(self.first, False, SYN | ACK, answer)
        both = struct.pack("!QQ", *(third or self.keys))
        self.send(self.first, True, ACK, option(0, bytes([self.version, 0x01]) + both) if answered else b"")
        return self

    def data(self, subflow: Subflow, to_server: bool, offset: int, payload: bytes) -> Connection:
        """Data with a mapping of its own, and an acknowledgement of it."""
        sender = 0 if to_server else 1
        number = (self._derived(sender)[1] + 1 + offset) & 0xFFFFFFFF
        place = subflow.next[sender] - subflow.start[sender]
        mapping = struct.pack("!BBIIH", 0x20, 0x04, number, place, len(payload))
        self.send(subflow, to_server, PSH | ACK, bytes([30, 2 + len(mapping)]) + mapping, payload)
        ack = struct.pack("!BBBBI", 30, 8, 0x20, 0x01, (number + len(payload)) & 0xFFFFFFFF)
        self.send(subflow, not to_server, ACK, ack)
        return self

    def join(self, ends: tuple[tuple[str, int], tuple[str, int]], spoilt: bool = False) -> Subflow:
        """Another subflow of the client; with a spoilt HMAC the server refuses it."""
        subflow = Subflow(*ends, 77_000)
        nonces = [b"nonc", b"once"]
        token = self._derived(1)[0].to_bytes(4)
        self.send(subflow, True, SYN, option(1, b"\0\x01" + token + nonces[0]))
        proof = self._hmac(1, nonces[1] + nonces[0])[:8]
        self.send(subflow, False, SYN | ACK, option(1, b"\0\x01" + proof + nonces[1]))
        proof = bytes(20) if spoilt else self._hmac(0, nonces[0] + nonces[1])[:20]
        self.send(subflow, True, ACK, option(1, b"\0\0" + proof))
        self.send(subflow, False, RST if spoilt else ACK, b"")
        return subflow

    def announce(self, to_server: bool, addr_id: int, address: str) -> Connection:
        """ADD_ADDR of an address of IPv4, with the right HMAC in version 1."""
        packed = ipaddress.ip_address(address).packed
        if self.version == 0:
            whole = bytes([30, 8, 0x34, addr_id]) + packed
        else:
            proof = self._hmac(0 if to_server else 1, bytes([addr_id]) + packed + b"\0\0")[-8:]
            whole = bytes([30, 16, 0x30, addr_id]) + packed + proof
        self.send(self.first, to_server, ACK, whole)
        return self

    def withdraw(self, to_server: bool, addr_id: int) -> Connection:
        """REMOVE_ADDR of an id."""
        self.send(self.first, to_server, ACK, bytes([30, 4, 0x40, addr_id]))
        return self

    def close(self) -> Connection:
        """The first subflow ends as TCP does."""
        self.send(self.first, True, FIN | ACK, b"")
        self.send(self.first, False, FIN | ACK, b"")
        self.send(self.first, True, ACK, b"")
        return self


class Subflow:
    """A TCP connection: its ends, and the next sequence number of each."""

    def __init__(self, client: tuple[str, int], server: tuple[str, int], number: int) -> None:
        self.ends = (client, server)
        self.start = [number, number + 500_000]
        self.next = list(self.start)

    def segment(self, to_server: bool, flags: int, option: bytes, payload: bytes) -> bytes:
        source, destination = self.ends if to_server else self.ends[::-1]
        sender = 0 if to_server else 1
        seq, ack = self.next[sender], self.next[1 - sender] if flags & ACK else 0
        self.next[sender] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        whole = tcp(source, destination, seq, ack, flags, payload, option + b"\x01" * (-len(option) % 4))
        return ip(source[0], destination[0], 6, whole)


def option(subtype: int, rest: bytes) -> bytes:
    """An option of MPTCP: its first byte's lower half is taken from the rest's first byte."""
    body = bytes([subtype << 4 | rest[0] & 0x0F]) + rest[1:]
    return bytes([30, 2 + len(body)]) + body


def capture(*connections: Connection) -> bytes:
    """A file with the packets of connections one after the other."""
    clock = Clock()
    return pcap(
        Packet(clock.tick(), ethernet(packet, to_server=to_server))
        for connection in connections
        for packet, to_server in connection.packets
    )


SECOND = (("198.51.100.10", 50000), ("198.51.100.80", 80))


@made("mptcp-v0-split.pcap")
def v0_split() -> bytes:
    """Version 0: a word is split between two subflows, and then sent whole on one."""
    connection = Connection(version=0).open()
    connection.data(connection.first, True, 0, b"this is evil ")
    other = connection.join(SECOND)
    connection.data(other, True, 13, b"stuff, and here is more: ")
    connection.data(connection.first, True, 38, b"evil ").data(connection.first, True, 43, b"stuff")
    return capture(connection.close())


@made("mptcp-wrong-hmac.pcap")
def wrong_hmac() -> bytes:
    """A join by somebody who does not know the keys, after one who does."""
    connection = Connection().open()
    connection.data(connection.first, True, 0, b"hello")
    connection.join(SECOND)
    connection.join((("203.0.113.66", 50001), SERVER), spoilt=True)
    return capture(connection.close())


@made("mptcp-addresses.pcap")
def addresses() -> bytes:
    """The same address is announced again, withdrawn, announced once more: nothing is wrong with that."""
    connection = Connection().open()
    for _ in range(3):
        connection.announce(False, 1, "198.51.100.80")
    connection.withdraw(False, 1).announce(False, 1, "198.51.100.81")
    return capture(connection.close())


@made("mptcp-address-reused.pcap")
def address_reused() -> bytes:
    """Version 1: the id of an address is given to another."""
    connection = Connection().open()
    connection.announce(False, 1, "198.51.100.80").announce(False, 1, "198.51.100.81")
    return capture(connection.close())


@made("mptcp-flux.pcap")
def flux() -> bytes:
    """A server announces and withdraws one address after the other."""
    connection = Connection().open()
    for number in range(1, 13):
        connection.announce(False, number, f"198.51.100.{number}").withdraw(False, number)
    return capture(connection.close())


@made("mptcp-stripped.pcap")
def stripped() -> bytes:
    """A server has MPTCP for one client; for the next its answer comes without."""
    return capture(
        Connection(number=1).open().close(),
        Connection(number=2, client="192.0.2.11").open(answered=False).close(),
    )


@made("mptcp-malformed.pcap")
def malformed() -> bytes:
    """Options that are too long, too short, and of a subtype that there is not."""
    connection = Connection().open()
    for whole in (bytes([30, 5, 0x30, 1, 1]), bytes([30, 3, 0xC0]), bytes([30, 13, 0x70]) + bytes(10)):
        connection.send(connection.first, True, ACK, whole)
    return capture(connection.close())


@made("mptcp-join-flood.pcap")
def join_flood() -> bytes:
    """Joins of connections that are not there, each with another token."""
    connection = Connection()
    for number in range(150):
        subflow = Subflow((f"198.51.100.{number}", 50000), SERVER, number)
        token = hashlib.sha256(bytes([number])).digest()[:4]
        connection.send(subflow, True, SYN, option(1, b"\0\x01" + token + b"nonc"))
        connection.send(subflow, False, RST | ACK, b"")
    return capture(connection)


@made("mptcp-keys-changed.pcap")
def keys_changed() -> bytes:
    """The third packet has another key: the client's in version 0, the server's in version 1; one fits."""
    old, new, right = (Connection(version, number) for version, number in ((0, 1), (1, 2), (1, 3)))
    old.open(third=(old.keys[0] + 1, old.keys[1]))
    new.open(third=(new.keys[0], new.keys[1] + 1))
    right.open().send(right.first, True, ACK, option(0, b"\x01\x01" + struct.pack("!QQ", *right.keys)))
    return capture(old.close(), new.close(), right.close())
