"""Raw sockets: sending whole IP packets."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator

from bro.wire.headers import IPAddress

#: socket options that the module `socket` does not name (Linux: in6.h)
_IPV6_HDRINCL = 36

#: the mark of packets sent here, by which live capture of this machine knows them and leaves them out; the
#: engine has it as well (`capture/src/live/linux.rs`)
_MARK = 0x42524F


class NotPermitted(Exception):
    """Raw sockets are not for this process; the text says what is lacking."""


class SendError(Exception):
    """A packet could not be sent; the text says where to and why.

    :param sent: how many were sent before it.
    """

    def __init__(self, message: str, sent: int) -> None:
        super().__init__(message)
        self.sent = sent


def open_raw(family: int, protocol: int) -> socket.socket:
    """A raw socket.

    Raises:
        NotPermitted: the process lacks the capability CAP_NET_RAW.
    """
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise NotPermitted(
            "sending packets of one's own making needs the capability CAP_NET_RAW: run it as root, or give "
            "it to the program (setcap cap_net_raw+ep)"
        ) from None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Nothing else runs on this processor during a block, if that is allowed.

    Where both ends of a connection are on this machine, in containers for instance, the kernel would
    otherwise let the first one act on what it has got before the other has got anything.
    """
    before, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, parameters)


class Sender:
    """Sends IP packets as they are, whatever their source address; the system only finds the route.

    :param interface: name of the interface they leave by; empty: the routing table decides.
    """

    def __init__(self, interface: str = "") -> None:
        self._interface = interface
        self._sockets: dict[int, socket.socket] = {}

    def send(self, packets: list[tuple[IPAddress, bytes]]) -> int:
        """Send packets, each with its own IP header and where it goes; how many were.

        They leave as close to one another as can be: what the first one causes shall not come before the
        last.

        Raises:
            NotPermitted: the process lacks the capability CAP_NET_RAW.
            SendError: there is no route, no such interface, or the system has no room for it.
        """
        sent = 0
        try:
            ready = [
                (self._socket(destination.version).sendto, packet, (str(destination), 0))
                for destination, packet in packets
            ]
            with _undisturbed():
                for send, packet, where in ready:
                    send(packet, where)
                    sent += 1
        except OSError as error:
            if error.errno == errno.EPERM:
                reason = "a packet filter of this machine forbids it"
            else:
                reason = error.strerror or str(error)
            where_to = packets[sent][0]
            raise SendError(f"no packet to {where_to}: {reason}", sent) from None
        return sent

    def _socket(self, version: int) -> socket.socket:
        found = self._sockets.get(version)
        if found is None:
            family = socket.AF_INET if version == 4 else socket.AF_INET6
            found = open_raw(family, socket.IPPROTO_RAW)
            if version == 4:
                found.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
            else:
                found.setsockopt(socket.IPPROTO_IPV6, _IPV6_HDRINCL, 1)
            with contextlib.suppress(PermissionError):  # before Linux 5.17 that was not for CAP_NET_RAW
                found.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, _MARK)
            if self._interface:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._interface.encode())
            found.setblocking(False)  # rather lose a packet than hold up the monitor
            self._sockets[version] = found
        return found

    def close(self) -> None:
        for found in self._sockets.values():
            found.close()
        self._sockets.clear()
