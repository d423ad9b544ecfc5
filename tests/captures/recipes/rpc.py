"""ONC RPC: Debian's portmapper with its clients; a small file server of mount and NFS, and its client."""

from __future__ import annotations

import pathlib
import sys

from ..conversation import Conversation
from ..namespaces import CLIENT_ADDR, SERVER_ADDR, capture, client, server
from ..packets import Clock, Packet, ethernet, ip, pcap, udp
from ..rpc import (
    NFS,
    PORTMAPPER,
    TCP,
    UDP,
    call,
    denied,
    mapping,
    opaque,
    record,
    reply,
    u32,
    unix_credentials,
)
from . import made, recipe

PEER = str(pathlib.Path(__file__).resolve().parents[1] / "rpc_peer.py")


@recipe
def rpc_portmapper(work: pathlib.Path) -> None:
    """rpcbind asked by rpcinfo, and by a client that calls all its procedures, over UDP and TCP."""
    rpcbind = "mount -t tmpfs none /run && exec rpcbind -f -i -r"
    with server("sh", "-c", rpcbind), capture(work / "out.pcap", wanted="tcp or udp"):
        client("rpcinfo", "-p", SERVER_ADDR, check=False)
        client("rpcinfo", "-u", SERVER_ADDR, "100000", "2", check=False)
        client("rpcinfo", "-t", SERVER_ADDR, "100000", "2", check=False)
        client("rpcinfo", "-u", SERVER_ADDR, "100003", "3", check=False)
        client("showmount", "-e", SERVER_ADDR, check=False)
        client(sys.executable, PEER, "portmapper", SERVER_ADDR)


@recipe
def rpc_nfs(work: pathlib.Path) -> None:
    """Mount over UDP, refused and granted, then every procedure of NFS 3 over TCP."""
    with server(sys.executable, PEER, "serve"), capture(work / "out.pcap", wanted="tcp or udp"):
        client(sys.executable, PEER, "nfs", SERVER_ADDR)


@made("rpc-hostile.pcap")
def rpc_hostile() -> bytes:
    """Replies without calls, calls without replies, endless fragments, lengths that lie, holes, floods."""
    clock = Clock()
    packets: list[Packet] = []

    def datagram(from_client: bool, message: bytes, port: int = 40001, service: int = 111) -> None:
        ends = ((SERVER_ADDR, service), (CLIENT_ADDR, port))
        source, target = ends[from_client], ends[not from_client]
        packet = ip(source[0], target[0], 17, udp(source, target, message))
        packets.append(Packet(clock.tick(), ethernet(packet, to_server=from_client)))

    def portmap(xid: int, procedure: int, arguments: bytes = b"", version: int = 2) -> bytes:
        return call(xid, PORTMAPPER, version, procedure, arguments)

    where = mapping(NFS, 3, UDP, 0)

    # Nobody asked; asked twice in the same words, then in others, under one number.
    datagram(True, portmap(1, 3, where))
    datagram(False, reply(99, u32(2049)))
    datagram(True, portmap(1, 3, where))
    datagram(True, portmap(1, 3, mapping(100_005, 3, UDP, 0)))
    datagram(False, reply(1, u32(2049)))
    datagram(False, reply(1, u32(2049)))

    # Ports that are none, in a call and in a reply.
    datagram(True, portmap(2, 1, mapping(200_000, 1, TCP, 70_000)), port=40002)
    datagram(False, reply(2, u32(1)), port=40002)
    datagram(True, portmap(3, 3, mapping(200_000, 1, TCP, 0)), port=40002)
    datagram(False, reply(3, u32(0x10050)), port=40002)

    # Every way in which a call can fail.
    for n, answer in enumerate(
        (
            reply(10, status=1),
            reply(11, u32(2, 4), status=2),
            reply(12, status=3),
            reply(13, status=4),
            reply(14, status=5),
            reply(15, status=77),
            denied(16, 0, u32(2, 2)),
            denied(17, 1, u32(5)),
            denied(18, 9, b""),
        )
    ):
        procedure = n % 6
        arguments = (b"", where, where, where, b"", u32(NFS, 3, 1) + opaque(b"handle"))[procedure]
        datagram(True, portmap(10 + n, procedure, arguments), port=40003)
        datagram(False, answer, port=40003)

    # Another program, another version, a procedure that there is not.
    datagram(True, call(20, 300_000, 1, 1, b"what"), port=40004)
    datagram(True, portmap(21, 3, where, version=7), port=40004)
    datagram(True, portmap(22, 66), port=40004)
    for xid in (20, 21, 22):
        datagram(False, reply(xid, status=1), port=40004)

    # Messages that break off anywhere; credentials longer than the message, or than any may be.
    whole = portmap(30, 3, where)
    for size in range(0, len(whole), 7):
        datagram(True, whole[:size], port=40005)
    datagram(True, u32(31, 0, 2, PORTMAPPER, 2, 3, 1, 0xFFFFFFF0) + b"x" * 40, port=40005)
    datagram(True, u32(32, 0, 2, PORTMAPPER, 2, 3, 1, 800) + b"x" * 800 + u32(0, 0) + where, port=40005)
    datagram(True, whole + b"and more", port=40005)
    datagram(False, reply(30), port=40005)
    datagram(True, call(33, PORTMAPPER, 2, 0, rpc_version=3), port=40005)
    datagram(True, u32(34, 7, 1, 2, 3), port=40005)

    # A dump that has no end, and one that says it goes on.
    datagram(True, portmap(40, 4), port=40006)
    datagram(False, reply(40, (u32(1) + where) * 60 + u32(1)), port=40006)

    # The directions exchanged.
    datagram(True, reply(50, u32(2049)), port=40007)
    datagram(False, portmap(51, 3, where), port=40007)

    # A service called through the portmapper, with credentials.
    through = u32(NFS, 3, 1) + opaque(b"\0" * 32)
    datagram(True, call(60, PORTMAPPER, 2, 5, through, unix_credentials(0, 0, b"evil")), port=40008)
    datagram(False, reply(60, u32(2049) + opaque(b"\0" * 20)), port=40008)

    # The portmapper elsewhere than where it should be.
    datagram(True, portmap(61, 3, where), port=40011, service=5111)
    datagram(False, reply(61, u32(2049)), port=40011, service=5111)

    # A flood of calls that nobody answers.
    for n in range(50):
        datagram(True, portmap(10_000 + n, 0), port=40009)

    def stream(number: int, service: int = 111) -> Conversation:
        talk = Conversation(clock, number, service)
        talk.packets = packets
        talk.open()
        return talk

    # A byte in each segment, each fragment with a byte; then several messages in one segment.
    split = stream(41001)
    asked = portmap(70, 3, where)
    for byte in record(asked, *range(1, len(asked)))[:120]:
        split.say(True, bytes([byte]))
    split.client(record(asked, *range(1, len(asked)))[120:])
    split.server(record(reply(70, u32(2049)), 0, 0, 3))
    split.client(record(portmap(71, 0)) + record(portmap(72, 4)))
    split.server(record(reply(72, u32(0))) + record(reply(71)))
    split.close()

    elsewhere = stream(41008, 5111)
    elsewhere.client(record(portmap(62, 4)))
    elsewhere.server(record(reply(62, u32(1) + where + u32(0))))
    elsewhere.close()

    # Fragments of nothing for ever, and one of two gigabytes.
    empty = stream(41002)
    empty.client(u32(0) * 300, record(portmap(73, 0)))
    empty.close()
    huge = stream(41003)
    huge.client(u32(0xFFFFFFFF) + portmap(74, 0), record(portmap(75, 0)))
    huge.close()

    # A part that the monitor did not see: within a message, then with the beginning of the next one.
    holes = stream(41004)
    holes.say(True, record(portmap(76, 3, where))[:20])
    holes.say(True, record(portmap(76, 3, where))[20:40], seen=False)
    holes.client(record(portmap(76, 3, where))[40:] + record(portmap(77, 0)))
    holes.server(record(reply(77)))
    holes.say(True, record(portmap(78, 0)), seen=False)
    holes.say(True, record(portmap(79, 0))[:6], seen=False)
    holes.client(record(portmap(79, 0))[6:] + record(portmap(80, 0)))
    holes.close()

    # A message that the end of the connection cuts, and no RPC at all.
    cut = stream(41005)
    cut.client(record(portmap(81, 3, where))[:30])
    cut.close(by_client=True)
    other = stream(41006)
    other.client(b"GET / HTTP/1.0\r\n\r\n")
    other.server(b"HTTP/1.0 400 What\r\n\r\n")
    other.close()

    # NFS: names and handles longer than any; data of which there is less than it says.
    def nfs(xid: int, procedure: int, arguments: bytes) -> bytes:
        return call(xid, NFS, 3, procedure, arguments, unix_credentials(0, 0, b"evil", tuple(range(16))))

    handle = opaque(b"h" * 32)
    files = stream(41007, 2049)
    files.client(record(nfs(90, 3, handle + opaque(b"n" * 5000))))
    files.client(record(nfs(91, 1, opaque(b"h" * 200))))
    files.client(record(nfs(92, 7, handle + u32(0, 0, 4096, 0) + u32(0x7FFFFFFF) + b"short")))
    files.client(record(nfs(93, 16, handle + u32(0, 0, 0, 0, 0xFFFFFFFF))))
    files.server(record(reply(93, u32(0, 0) + u32(0, 0) + u32(1, 0, 1) + u32(0xFFFFFFFF))))
    files.client(record(nfs(94, 6, handle + u32(0, 0, 4096))))
    files.server(record(reply(94, u32(0, 0) + u32(4096, 0, 8) + b"as said!")))
    files.client(record(nfs(95, 99, b"")))
    files.server(record(reply(95, status=3)))
    files.close()

    # Long after, when nobody waits any more: the reply comes, to a call of before.
    clock = Clock(1_000_000_100.0)
    datagram(True, portmap(100, 0), port=40010)
    clock = Clock(1_000_000_130.0)
    datagram(True, portmap(101, 0), port=40010)
    datagram(False, reply(100), port=40010)
    datagram(False, reply(101), port=40010)
    return pcap(packets)
