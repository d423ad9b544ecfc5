"""TCP connections byte by byte: a handshake, data in whatever order and shape, an end.

talk = Conversation(clock, 40001, 79)
talk.open()
talk.client(b"root\\r\\n")
talk.server(b"Login: root\\r\\n")
talk.close()
pcap(talk.packets)
"""

from __future__ import annotations

from .namespaces import CLIENT_ADDR, SERVER_ADDR
from .packets import Clock, Packet, ethernet, ip, tcp

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Conversation:
    """A connection; its `packets` grow with each call."""

    def __init__(
        self,
        clock: Clock,
        client_port: int,
        server_port: int,
        client: str = CLIENT_ADDR,
        server: str = SERVER_ADDR,
        client_isn: int = 1000,
        server_isn: int = 500_000,
    ) -> None:
        self.packets: list[Packet] = []
        self._clock = clock
        self._ends = ((server, server_port), (client, client_port))  # by whether it is the client
        self._next = [server_isn, client_isn]

    def segment(self, from_client: bool, flags: int, payload: bytes = b"", *, seq: int, ack: int) -> None:
        """A segment as it is given; nothing is counted."""
        source, destination = self._ends[from_client], self._ends[not from_client]
        packet = ip(source[0], destination[0], 6, tcp(source, destination, seq, ack, flags, payload))
        self.packets.append(Packet(self._clock.tick(), ethernet(packet, to_server=from_client)))

    def say(self, from_client: bool, payload: bytes = b"", flags: int = PSH | ACK, seen: bool = True) -> None:
        """The next bytes of a side; with `seen=False` they are counted, but not in the capture."""
        if seen:
            seq, ack = self._next[from_client], self._next[not from_client]
            self.segment(from_client, flags, payload, seq=seq, ack=ack)
        self._next[from_client] += len(payload) + bool(flags & (SYN | FIN))

    def again(self, from_client: bool, back: int, payload: bytes) -> None:
        """Bytes that begin `back` before where the side is: sent again, the same or other content."""
        seq, ack = self._next[from_client] - back, self._next[not from_client]
        self.segment(from_client, PSH | ACK, payload, seq=seq, ack=ack)

    def open(self) -> None:
        """The handshake."""
        self._syn(True, SYN)
        self._syn(False, SYN | ACK)
        self.say(True, flags=ACK)

    def _syn(self, from_client: bool, flags: int) -> None:
        ack = self._next[not from_client] if flags & ACK else 0
        self.segment(from_client, flags, seq=self._next[from_client], ack=ack)
        self._next[from_client] += 1

    def client(self, *payloads: bytes) -> None:
        """The client says something, a segment each; the server acknowledges."""
        for payload in payloads:
            self.say(True, payload)
        self.say(False, flags=ACK)

    def server(self, *payloads: bytes) -> None:
        """The server says something, a segment each; the client acknowledges."""
        for payload in payloads:
            self.say(False, payload)
        self.say(True, flags=ACK)

    def close(self, by_client: bool = False) -> None:
        """Both sides end."""
        self.say(by_client, flags=FIN | ACK)
        self.say(not by_client, flags=FIN | ACK)
        self.say(by_client, flags=ACK)
