"""The scanner's loop: probes go out at a steady rate, and what was not answered is asked again."""

from __future__ import annotations

import contextlib
import heapq
import ipaddress
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from bro.mptcp.probes import Answer, Kind, Secrets, Verdict, probe, understand
from bro.mptcp.targets import Host
from bro.wire import bpf
from bro.wire.headers import TCP, IPAddress, parse_tcp, tcp, tcp_of_ipv4
from bro.wire.raw import open_raw

#: answers read before the next probe goes out
_READ_AT_ONCE = 256


@dataclass
class Settings:
    """How a scan behaves."""

    rate: float = 200.0  #: probes a second, repeated ones included
    timeout: float = 1.0  #: seconds to wait for an answer
    retries: int = 2  #: how often a probe without an answer is sent again
    outstanding: int = (
        4096  #: probes without an answer at most: a bound of memory and of half-open connections
    )


@dataclass
class Progress:
    """How far a scan is."""

    total: int  #: probes there are in all, not counting repeated ones
    sent: int = 0  #: probes that were sent, repeated ones included
    done: int = 0  #: probes that were answered or given up
    found: int = 0  #: ports with MPTCP so far


Key = tuple[IPAddress, int, Kind]


@dataclass
class _Port:
    """A port that is being asked."""

    host: Host
    verdict: Verdict
    waiting: set[Kind] = field(default_factory=lambda: set(Kind))


class Wire:
    """Sockets to send probes and to receive answers, and the ports they come from.

    Every kind of probe has a source port, which a socket that never listens holds, so that no connection
    of this machine gets it.  The system answers what comes to them with resets of its own, which ends what
    probes have opened.

    Raises:
        NotPermitted: the process lacks the capability CAP_NET_RAW.
    """

    def __init__(self) -> None:
        self._holders = [_hold_port() for _ in Kind]
        self.ports = {kind: holder.getsockname()[1] for kind, holder in zip(Kind, self._holders, strict=True)}
        self._kinds = {port: kind for kind, port in self.ports.items()}
        self._raw = {4: open_raw(socket.AF_INET, TCP)}
        with contextlib.suppress(OSError):  # a machine without IPv6
            self._raw[6] = open_raw(socket.AF_INET6, TCP)
        for version, raw in self._raw.items():
            raw.setblocking(False)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            _only_ports(raw, version, list(self._kinds))
        self._poll = select.poll()
        for raw in self._raw.values():
            self._poll.register(raw, select.POLLIN)
        self._sources: dict[Host, IPAddress] = {}

    def send(self, kind: Kind, host: Host, port: int, secrets: Secrets) -> bool:
        """Send a probe; false if there is no way there."""
        raw = self._raw.get(host.address.version)
        source = self._source(host)
        if raw is None or source is None:
            return False
        segment = tcp(source, host.address, probe(kind, host.address, port, self.ports[kind], secrets))
        where = (str(host.address), 0) if host.address.version == 4 else (str(host.address), 0, 0, host.scope)
        try:
            raw.sendto(segment, where)
        except BlockingIOError:
            pass  # no room to send: it counts as lost, and is repeated
        except OSError:
            return False
        return True

    def _source(self, host: Host) -> IPAddress | None:
        """The address of this machine that packets to there come from."""
        if host in self._sources:
            return self._sources[host]
        family = socket.AF_INET if host.address.version == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            try:
                # Nothing is sent: connecting a datagram socket only looks the route up.
                if family == socket.AF_INET:
                    asked.connect((str(host.address), 9))
                else:
                    asked.connect((str(host.address), 9, 0, host.scope))
            except OSError:
                return None
            found = ipaddress.ip_address(asked.getsockname()[0].partition("%")[0])
        if len(self._sources) > 1024:
            self._sources.clear()
        self._sources[host] = found
        return found

    def wait(self, seconds: float) -> None:
        """Wait for answers, at most that long."""
        self._poll.poll(max(0.0, seconds) * 1000)

    def answers(self, secrets: Secrets) -> Iterator[tuple[Key, Answer]]:
        """The answers that are there."""
        for version, raw in self._raw.items():
            for _ in range(_READ_AT_ONCE):
                try:
                    data, where = raw.recvfrom(65535)
                except BlockingIOError:
                    break
                except OSError:
                    continue  # an error reported for an earlier packet
                content = tcp_of_ipv4(data) if version == 4 else data
                segment = None if content is None else parse_tcp(content)
                kind = None if segment is None else self._kinds.get(segment.dport)
                if segment is None or kind is None:
                    continue
                address = ipaddress.ip_address(where[0].partition("%")[0])
                answer = understand(kind, address, segment, secrets)
                if answer is not None:
                    yield (address, segment.sport, kind), answer

    def close(self) -> None:
        for held in (*self._holders, *self._raw.values()):
            held.close()


def _hold_port() -> socket.socket:
    """A socket that has a port and does not listen, for IPv4 and IPv6 where there is both."""
    try:
        held = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        held.bind(("::", 0))
    except OSError:
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        held.bind(("", 0))
    return held


def _only_ports(raw: socket.socket, version: int, ports: list[int]) -> None:
    """Let the system drop everything but segments to these ports.

    Without that a busy machine's own traffic would fill the buffer.
    """
    # Raw sockets of IPv4 get the IP header as well.
    load = bpf.HALF_BEHIND if version == 4 else bpf.HALF
    bpf.attach(raw, bpf.program([bpf.Test(load, 2, tuple(ports))]))


def scan(
    hosts: Iterable[Host],
    ports: list[int],
    total_hosts: int,
    settings: Settings,
    wire: Wire,
    told: Callable[[Progress], None],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Verdict]:
    """Scan and yield each port's verdict as soon as it is known.

    :param total_hosts: how many hosts there are, for the progress.
    :param told: called now and then with the progress.
    """
    secrets = Secrets(os.urandom(16))
    progress = Progress(total_hosts * len(ports) * len(Kind))
    fresh = ((host, port) for host in hosts for port in ports)
    open_ports: dict[tuple[IPAddress, int], _Port] = {}
    waiting: dict[Key, int] = {}  # how often each was sent
    deadlines: list[tuple[float, int, Key]] = []
    serial = count()
    to_send: deque[Key] = deque()
    exhausted = False
    next_send = clock()
    gap = 1.0 / settings.rate

    def settle(key: Key, answer: Answer) -> Verdict | None:
        """Take an answer down; the verdict, if it was the last."""
        address, number, kind = key
        port = open_ports.get((address, number))
        if port is None or kind not in port.waiting:
            return None
        port.waiting.discard(kind)
        waiting.pop(key, None)
        port.verdict.answers[kind] = answer
        progress.done += 1
        if port.waiting:
            return None
        del open_ports[address, number]
        progress.found += bool(port.verdict.versions)
        return port.verdict

    while True:
        # New ports, as long as there is room.
        while not exhausted and not to_send and len(waiting) < settings.outstanding:
            following = next(fresh, None)
            if following is None:
                exhausted = True
                break
            host, number = following
            if (host.address, number) in open_ports:
                continue
            open_ports[host.address, number] = _Port(host, Verdict(host.address, number))
            to_send.extend((host.address, number, kind) for kind in Kind)
        now = clock()
        # Probes, as the rate allows; what was missed is not caught up with in a burst of more than a tenth
        # of a second.
        next_send = max(next_send, now - 0.1)
        while to_send and next_send <= now:
            key = to_send.popleft()
            address, number, kind = key
            port = open_ports.get((address, number))
            if port is None or kind not in port.waiting:
                continue
            next_send += gap
            progress.sent += 1
            if not wire.send(kind, port.host, number, secrets):
                verdict = settle(key, Answer.UNREACHABLE)
                if verdict is not None:
                    yield verdict
                continue
            waiting[key] = waiting.get(key, 0) + 1
            heapq.heappush(deadlines, (now + settings.timeout, next(serial), key))
        for key, answer in wire.answers(secrets):
            verdict = settle(key, answer)
            if verdict is not None:
                yield verdict
        now = clock()
        while deadlines and deadlines[0][0] <= now:
            _, _, key = heapq.heappop(deadlines)
            if key not in waiting:
                continue
            if waiting[key] <= settings.retries:
                to_send.append(key)
                continue
            verdict = settle(key, Answer.NONE)
            if verdict is not None:
                yield verdict
        told(progress)
        if exhausted and not open_ports:
            return
        if to_send:
            until = next_send
        elif not exhausted and len(waiting) < settings.outstanding:
            until = now
        else:
            until = deadlines[0][0] if deadlines else now
        wire.wait(until - now)
