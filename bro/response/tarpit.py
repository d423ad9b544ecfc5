"""The tar pit: connections whose senders are kept from sending, as long as it lasts.

A window of zero holds only until the receiver acknowledges something new, so each of its acknowledgements
is answered by another: at once, since the sender uses the time between.  The engine's view is some
milliseconds old, so a thread watches the connections that are held through sockets of its own, which get
nothing else.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
import time
from typing import NamedTuple

from bro.response.segments import End, zero_window
from bro.wire import bpf
from bro.wire.headers import RST, SYN, TCP, parse_tcp, tcp_of_ipv4
from bro.wire.raw import NotPermitted, Sender, SendError

#: types of frames (IEEE 802): IPv4, IPv6
_ETHERTYPES = {4: 0x0800, 6: 0x86DD}

#: seconds after which an acknowledgement that was answered is answered again
_AGAIN = 1.0


class Hold(NamedTuple):
    """A side of a connection that is kept from sending."""

    key: tuple[object, ...]  #: names the connection
    stopped: End  #: who is kept from sending
    other: End  #: in whose name


class Budget:
    """How many packets may still be sent: so many a second, and as many at once.  Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: float | None = None
        self._at = 0.0

    def take(self, wanted: int, rate: float) -> bool:
        """Take that many; false if there are not enough."""
        now = time.monotonic()
        with self._lock:
            known = rate if self._left is None else self._left
            self._left = min(rate, known + (now - self._at) * rate)
            self._at = now
            if wanted > self._left:
                return False
            self._left -= wanted
            return True


class Tarpit:
    """Connections that are held, and the thread that does it.

    :param interface: what answers leave by; empty: the routing table decides.
    :param rate: how many packets may be sent a second.
    """

    def __init__(self, interface: str, budget: Budget, rate: float) -> None:
        self._sender = Sender(interface)
        self._budget = budget
        self._rate = rate
        self._lock = threading.Lock()
        self._holds: dict[int, tuple[socket.socket, Hold]] = {}
        self._wake_read, self._wake_write = os.pipe()
        self._thread: threading.Thread | None = None

    def hold(self, hold: Hold) -> None:
        """Keep a side of a connection from sending until `release`.

        Raises:
            NotPermitted: the process lacks the capability CAP_NET_RAW.
        """
        watch = _watch(hold)
        with self._lock:
            self._holds[watch.fileno()] = (watch, hold)
            if self._thread is None:
                # It holds nothing that has to be put away, so it may be cut off at the end of the program.
                self._thread = threading.Thread(target=self._run, name="tarpit", daemon=True)
                self._thread.start()
        os.write(self._wake_write, b"+")

    def release(self, key: tuple[object, ...]) -> list[Hold]:
        """Hold a connection no longer; the sides that were held, with the numbers of the latest answers."""
        with self._lock:
            found = [(number, *held) for number, held in self._holds.items() if held[1].key == key]
            for number, _, _ in found:
                del self._holds[number]
        os.write(self._wake_write, b"-")
        for _, watch, _ in found:
            watch.close()
        return [hold for _, _, hold in found]

    def _run(self) -> None:
        answered: dict[int, tuple[int, float]] = {}
        while True:
            with self._lock:
                numbers = list(self._holds)
            answered = {number: last for number, last in answered.items() if number in numbers}
            poll = select.poll()
            for number in (self._wake_read, *numbers):
                poll.register(number, select.POLLIN)
            changed = False
            while not changed:
                for number, _ in poll.poll():
                    if number == self._wake_read:
                        os.read(number, 4096)
                        changed = True
                        continue
                    with self._lock:
                        held = self._holds.get(number)
                    if held is None:
                        changed = True
                        continue
                    self._answer(number, *held, answered)

    def _answer(
        self, number: int, watch: socket.socket, hold: Hold, answered: dict[int, tuple[int, float]]
    ) -> None:
        """Answer what is there to be read."""
        while True:
            try:
                data = watch.recv(65535)
            except OSError:
                return  # nothing more, or it was closed meanwhile
            content = tcp_of_ipv4(data) if hold.other.address.version == 4 else data[40:]
            segment = None if content is None else parse_tcp(content)
            # What has no window is what was sent here, or as good.
            if segment is None or segment.window == 0 or segment.flags & (SYN | RST):
                continue
            last, at = answered.get(number, (-1, 0.0))
            now = time.monotonic()
            if segment.ack == last and now - at < _AGAIN:
                continue
            if not self._budget.take(1, self._rate):
                continue
            answered[number] = (segment.ack, now)
            hold = hold._replace(
                stopped=hold.stopped._replace(acked=segment.ack),
                other=hold.other._replace(last=segment.seq + len(segment.payload)),
            )
            with self._lock:
                if number in self._holds:
                    self._holds[number] = (watch, hold)
            packet = zero_window(hold.other, hold.stopped)
            try:
                self._sender.send([(packet.destination, packet.packet)])
            except (SendError, NotPermitted):
                continue  # the log has the first such error; this is lost like any packet


def _watch(hold: Hold) -> socket.socket:
    """A socket that gets what the other end of a held connection sends, on whatever interface."""
    version = hold.other.address.version
    try:
        watch = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETHERTYPES[version]))
    except PermissionError:
        raise NotPermitted(
            "watching a connection that is held needs the capability CAP_NET_RAW: run it as root"
        ) from None
    watch.setblocking(False)
    bpf.attach(watch, bpf.program(_tests(hold)))
    with contextlib.suppress(BlockingIOError):
        while True:
            watch.recv(1)  # what came before there was a filter
    return watch


def _tests(hold: Hold) -> list[bpf.Test]:
    """TCP from the other end to the one that is stopped, by addresses and ports."""
    four = hold.other.address.version == 4
    first, protocol = (12, 9) if four else (8, 6)
    addresses = hold.other.address.packed + hold.stopped.address.packed
    words = struct.unpack(f"!{len(addresses) // 4}I", addresses)
    ports = hold.other.port << 16 | hold.stopped.port
    found = [bpf.Test(bpf.BYTE, protocol, (TCP,))]
    found += [bpf.Test(bpf.WORD, first + 4 * at, (word,)) for at, word in enumerate(words)]
    return [*found, bpf.Test(bpf.WORD_BEHIND, 0, (ports,)) if four else bpf.Test(bpf.WORD, 40, (ports,))]
