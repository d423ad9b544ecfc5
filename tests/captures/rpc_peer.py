"""Peers of ONC RPC: a server of mount and NFS version 3 (RFC 1813) with a file system in memory, and clients.

    rpc_peer.py serve                 over UDP and TCP, mount at port 20048, NFS at 2049
    rpc_peer.py nfs HOST              mounts over UDP, then calls every procedure over TCP
    rpc_peer.py portmapper HOST       calls every procedure of a portmapper, over UDP and TCP

The kernel's server does not run in a namespace of its own everywhere; these do.
"""

from __future__ import annotations

import contextlib
import pathlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.captures import rpc
from tests.captures.rpc import MOUNT, NFS, opaque, u32, u64

MOUNT_PORT, NFS_PORT = 20048, 2049
REGULAR, DIRECTORY, LINK = 1, 2, 5
OK, NOENT, EXIST, NOTDIR, ISDIR, INVAL, NOTEMPTY, STALE = 0, 2, 17, 20, 21, 22, 66, 70
#: seconds since 1970 of everything in the file system
NOW = 1_000_000_000


class Reader:
    """Takes values out of XDR."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) < size:
            raise ValueError(f"{size} bytes are wanted at {self.at}, there are {len(part)}")
        self.at += size
        return part

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "big")

    def opaque(self) -> bytes:
        size = self.u32()
        data = self.take(size)
        self.take(-size % 4)
        return data


@dataclass
class Node:
    """A file, directory or symbolic link."""

    number: int
    kind: int
    mode: int
    content: bytes = b""
    names: dict[bytes, int] = field(default_factory=dict)
    links: int = 1

    @property
    def handle(self) -> bytes:
        return b"bro-test" + struct.pack("!Q", self.number)

    def attributes(self) -> bytes:
        size = len(self.content) or 4096 * (self.kind == DIRECTORY)
        owner = u32(self.kind, self.mode, self.links, 1000, 100)
        return (
            owner + u64(size, size) + u32(0, 0) + u64(7, self.number) + u32(NOW, 0, NOW, 500_000_000, NOW, 0)
        )


class Refused(Exception):
    """A procedure fails with this status."""


class FileSystem:
    """What the server serves."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.root = self.make(DIRECTORY, 0o755)
        docs = self.make(DIRECTORY, 0o755)
        hello = self.make(REGULAR, 0o644, b"Hello from a file.\n")
        long = self.make(REGULAR, 0o644, b"".join(b"line %d of a long file\n" % n for n in range(100)))
        self.root.names |= {b"docs": docs.number, b"hello.txt": hello.number}
        docs.names[b"long.txt"] = long.number

    def make(self, kind: int, mode: int, content: bytes = b"") -> Node:
        node = Node(len(self.nodes) + 1, kind, mode, content)
        self.nodes[node.number] = node
        return node

    def find(self, handle: bytes) -> Node:
        node = self.nodes.get(int.from_bytes(handle[8:], "big"))
        if node is None or not node.links:
            raise Refused(STALE)
        return node

    def child(self, directory: Node, name: bytes) -> Node:
        if directory.kind != DIRECTORY:
            raise Refused(NOTDIR)
        if name not in directory.names:
            raise Refused(NOENT)
        return self.nodes[directory.names[name]]


def present(data: bytes) -> bytes:
    """An optional value that is there."""
    return u32(1) + data


def changed(before: Node, after: Node) -> bytes:
    """`wcc_data`: a directory or file before and after."""
    size = len(before.content)
    return present(u64(size) + u32(NOW, 0, NOW, 0)) + present(after.attributes())


class Nfs:
    """The procedures of NFS; each takes its arguments and gives its results, status first."""

    def __init__(self) -> None:
        self.files = FileSystem()
        self.procedures: dict[int, Callable[[Reader], bytes]] = {
            1: self.getattr,
            2: self.setattr,
            3: self.lookup,
            4: self.access,
            5: self.readlink,
            6: self.read,
            7: self.write,
            8: self.create,
            9: self.mkdir,
            10: self.symlink,
            12: self.remove,
            13: self.remove,
            14: self.rename,
            15: self.link,
            16: self.readdir,
            17: self.readdirplus,
            18: self.fsstat,
            19: self.fsinfo,
            20: self.pathconf,
            21: self.commit,
        }
        #: what follows the status of a procedure that failed: attributes that are not there
        self.failed = {1: 0, 2: 2, 8: 2, 9: 2, 10: 2, 12: 2, 13: 2, 14: 4, 15: 3, 7: 2, 21: 2}

    def carry_out(self, procedure: int, arguments: Reader) -> tuple[int, bytes]:
        """The status of RPC, and the results."""
        if procedure == 0:
            return 0, b""
        if procedure not in self.procedures:
            return 3, b""
        try:
            return 0, u32(OK) + self.procedures[procedure](arguments)
        except Refused as refused:
            return 0, u32(refused.args[0]) + u32(0) * self.failed.get(procedure, 1)
        except ValueError:
            return 4, b""

    def getattr(self, r: Reader) -> bytes:
        return self.files.find(r.opaque()).attributes()

    def setattr(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        if r.u32():
            node.mode = r.u32()
        return changed(node, node)

    def lookup(self, r: Reader) -> bytes:
        directory = self.files.find(r.opaque())
        node = self.files.child(directory, r.opaque())
        return opaque(node.handle) + present(node.attributes()) + present(directory.attributes())

    def access(self, r: Reader) -> bytes:
        return present(self.files.find(r.opaque()).attributes()) + u32(r.u32())

    def readlink(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        if node.kind != LINK:
            raise Refused(INVAL)
        return present(node.attributes()) + opaque(node.content)

    def read(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        offset, size = r.u64(), r.u32()
        if node.kind == DIRECTORY:
            raise Refused(ISDIR)
        data = node.content[offset : offset + size]
        end = int(offset + size >= len(node.content))
        return present(node.attributes()) + u32(len(data), end) + opaque(data)

    def write(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        offset, _size, stable, data = r.u64(), r.u32(), r.u32(), r.opaque()
        node.content = node.content[:offset].ljust(offset, b"\0") + data + node.content[offset + len(data) :]
        return changed(node, node) + u32(len(data), stable) + u64(0xB0)

    def place(self, r: Reader) -> tuple[Node, bytes]:
        """A directory and a name that must not be in it yet."""
        directory, name = self.files.find(r.opaque()), r.opaque()
        if name in directory.names:
            raise Refused(EXIST)
        return directory, name

    def new(self, directory: Node, name: bytes, node: Node) -> bytes:
        directory.names[name] = node.number
        return present(opaque(node.handle)) + present(node.attributes()) + changed(directory, directory)

    def create(self, r: Reader) -> bytes:
        return self.new(*self.place(r), self.files.make(REGULAR, 0o644))

    def mkdir(self, r: Reader) -> bytes:
        return self.new(*self.place(r), self.files.make(DIRECTORY, 0o755))

    def symlink(self, r: Reader) -> bytes:
        directory, name = self.place(r)
        no_attributes(r)
        return self.new(directory, name, self.files.make(LINK, 0o777, r.opaque()))

    def remove(self, r: Reader) -> bytes:
        directory, name = self.files.find(r.opaque()), r.opaque()
        node = self.files.child(directory, name)
        if node.names:
            raise Refused(NOTEMPTY)
        del directory.names[name]
        node.links -= 1
        return changed(directory, directory)

    def rename(self, r: Reader) -> bytes:
        source, old = self.files.find(r.opaque()), r.opaque()
        target, new = self.files.find(r.opaque()), r.opaque()
        target.names[new] = self.files.child(source, old).number
        del source.names[old]
        return changed(source, source) + changed(target, target)

    def link(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        directory, name = self.place(r)
        directory.names[name] = node.number
        node.links += 1
        return present(node.attributes()) + changed(directory, directory)

    def entries(self, r: Reader, plus: bool) -> bytes:
        directory = self.files.find(r.opaque())
        if directory.kind != DIRECTORY:
            raise Refused(NOTDIR)
        cookie = r.u64()
        out = present(directory.attributes()) + u64(0xC0)
        for n, (name, number) in enumerate(directory.names.items()):
            if n >= cookie:
                out += u32(1) + u64(number) + opaque(name) + u64(n + 1)
                node = self.files.nodes[number]
                if plus:
                    out += present(node.attributes()) + present(opaque(node.handle))
        return out + u32(0, 1)

    def readdir(self, r: Reader) -> bytes:
        return self.entries(r, plus=False)

    def readdirplus(self, r: Reader) -> bytes:
        return self.entries(r, plus=True)

    def fsstat(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        return present(node.attributes()) + u64(1 << 30, 1 << 29, 1 << 28, 1000, 900, 800) + u32(0)

    def fsinfo(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        sizes = u32(65536, 65536, 4096, 65536, 65536, 4096, 8192) + u64(1 << 40)
        return present(node.attributes()) + sizes + u32(0, 1, 0x1B)

    def pathconf(self, r: Reader) -> bytes:
        return present(self.files.find(r.opaque()).attributes()) + u32(100, 255, 1, 1, 0, 1)

    def commit(self, r: Reader) -> bytes:
        node = self.files.find(r.opaque())
        return changed(node, node) + u64(0xB0)


def no_attributes(r: Reader) -> None:
    """Passes over a `sattr3` in which at most the mode is set."""
    if r.u32():
        r.u32()
    for _ in range(3):
        r.u32()
    for _ in range(2):
        r.u32()


class Server:
    """Takes calls of both programs."""

    def __init__(self) -> None:
        self.nfs = Nfs()

    def answer(self, message: bytes) -> bytes:
        r = Reader(message)
        xid, _kind, _rpc, program, version, procedure = (r.u32() for _ in range(6))
        for _ in range(2):
            r.u32()
            r.opaque()
        if program not in (MOUNT, NFS):
            return rpc.reply(xid, status=1)
        if version != 3:
            return rpc.reply(xid, u32(3, 3), status=2)
        status, results = self.nfs.carry_out(procedure, r) if program == NFS else self.mount(procedure, r)
        return rpc.reply(xid, results, status)

    def mount(self, procedure: int, r: Reader) -> tuple[int, bytes]:
        if procedure == 0:
            return 0, b""
        if procedure == 1:
            if r.opaque() != b"/export":
                return 0, u32(13)
            return 0, u32(OK) + opaque(self.nfs.files.root.handle) + u32(2, 1, 0)
        if procedure in (3, 4):
            return 0, b""
        if procedure == 5:
            return 0, u32(1) + opaque(b"/export") + u32(0, 0)
        return 3, b""


def read_record(stream: socket.socket) -> bytes:
    """A message from a stream; empty at its end."""
    message = b""
    while True:
        head = stream.recv(4, socket.MSG_WAITALL)
        if len(head) < 4:
            return b""
        size = int.from_bytes(head, "big")
        message += stream.recv(size & 0x7FFFFFFF, socket.MSG_WAITALL)
        if size & 0x80000000:
            return message


def serve() -> None:
    server = Server()

    def datagrams(port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind(("", port))
            while True:
                message, peer = own.recvfrom(65536)
                own.sendto(server.answer(message), peer)

    def streams(port: int) -> None:
        with socket.create_server(("", port)) as own:
            while True:
                stream, _ = own.accept()
                with stream:
                    while message := read_record(stream):
                        answer = server.answer(message)
                        # In two fragments, as servers do with long ones.
                        stream.sendall(rpc.record(answer, *([1000] if len(answer) > 1000 else [])))

    threads = [
        threading.Thread(target=loop, args=(port,))
        for port in (MOUNT_PORT, NFS_PORT)
        for loop in (datagrams, streams)
    ]
    for thread in threads:
        thread.start()


class Client:
    """Makes calls with the credentials of a user."""

    def __init__(self, host: str) -> None:
        self.host, self.xid = host, 0x1000
        self.stream = socket.create_connection((host, NFS_PORT))

    def message(self, program: int, procedure: int, arguments: bytes, version: int = 3) -> bytes:
        self.xid += 1
        credentials = rpc.unix_credentials(1000, 100, groups=(100, 27))
        return rpc.call(self.xid, program, version, procedure, arguments, credentials)

    def datagram(
        self, port: int, program: int, procedure: int, arguments: bytes = b"", version: int = 3
    ) -> Reader:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(self.message(program, procedure, arguments, version), (self.host, port))
            own.settimeout(2)
            return Reader(own.recv(65536)[24:])

    def nfs(self, procedure: int, arguments: bytes = b"") -> Reader:
        self.stream.sendall(rpc.record(self.message(NFS, procedure, arguments)))
        return Reader(read_record(self.stream)[24:])


def talk(host: str) -> None:
    client = Client(host)
    client.datagram(MOUNT_PORT, MOUNT, 0)
    client.datagram(MOUNT_PORT, MOUNT, 1, opaque(b"/secret"))
    mounted = client.datagram(MOUNT_PORT, MOUNT, 1, opaque(b"/export"))
    mounted.u32()
    root = mounted.opaque()
    client.datagram(MOUNT_PORT, MOUNT, 5)
    client.datagram(NFS_PORT, NFS, 0)
    client.datagram(NFS_PORT, NFS, 1, opaque(root))
    client.datagram(NFS_PORT, NFS, 1, opaque(root), version=2)

    def handle(reply: Reader, optional: bool = False) -> bytes:
        reply.u32()
        if optional:
            reply.u32()
        return reply.opaque()

    def at(directory: bytes, name: bytes) -> bytes:
        return opaque(directory) + opaque(name)

    nothing = u32(0, 0, 0, 0, 0, 0)
    client.nfs(0)
    client.nfs(19, opaque(root))
    client.nfs(18, opaque(root))
    client.nfs(20, opaque(root))
    client.nfs(4, opaque(root) + u32(0x1F))
    client.nfs(1, opaque(root))
    hello = handle(client.nfs(3, at(root, b"hello.txt")))
    client.nfs(3, at(root, b"missing"))
    client.nfs(6, opaque(hello) + u64(0) + u32(4096))
    docs = handle(client.nfs(3, at(root, b"docs")))
    long = handle(client.nfs(3, at(docs, b"long.txt")))
    for offset in (0, 2048):
        client.nfs(6, opaque(long) + u64(offset) + u32(2048))
    client.nfs(6, opaque(docs) + u64(0) + u32(10))
    note = handle(
        client.nfs(8, at(root, b"note") + u32(1) + present(u32(0o600)) + u32(0, 0, 0, 0, 0)), optional=True
    )
    client.nfs(8, at(root, b"note") + u32(1) + nothing)
    client.nfs(7, opaque(note) + u64(0) + u32(6, 0) + opaque(b"A note"))
    client.nfs(7, opaque(note) + u64(6) + u32(1, 2) + opaque(b"\n"))
    client.nfs(21, opaque(note) + u64(0) + u32(7))
    client.nfs(2, opaque(note) + present(u32(0o640)) + u32(0, 0, 0, 1, 1) + u32(0))
    sub = handle(client.nfs(9, at(root, b"sub") + present(u32(0o700)) + u32(0, 0, 0, 0, 0)), optional=True)
    pointer = handle(client.nfs(10, at(sub, b"pointer") + nothing + opaque(b"../note")), optional=True)
    client.nfs(5, opaque(pointer))
    client.nfs(5, opaque(note))
    client.nfs(15, opaque(note) + at(sub, b"second"))
    client.nfs(14, at(root, b"note") + at(sub, b"moved"))
    client.nfs(16, opaque(sub) + u64(0, 0) + u32(4096))
    client.nfs(17, opaque(sub) + u64(0, 0) + u32(512, 4096))
    client.nfs(13, at(root, b"sub"))
    for name in (b"moved", b"second", b"pointer"):
        client.nfs(12, at(sub, name))
    client.nfs(13, at(root, b"sub"))
    client.nfs(11, at(root, b"device"))
    client.nfs(1, opaque(sub))
    client.stream.close()
    client.datagram(MOUNT_PORT, MOUNT, 3, opaque(b"/export"))
    client.datagram(MOUNT_PORT, MOUNT, 4)


def ask_portmapper(host: str) -> None:
    """RFC 1833, section 3: null, set, unset, get port, dump, call."""
    service = rpc.mapping(200_000, 1, rpc.UDP, 7000)
    calls = [
        (0, b""),
        (1, service),
        (3, service),
        (3, rpc.mapping(200_001, 1, rpc.TCP, 0)),
        (4, b""),
        (5, u32(rpc.PORTMAPPER, 2, 0) + opaque(b"")),
        (2, service),
        (2, service),
        (9, b""),
    ]
    xid = 0x2000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.settimeout(1)
        for procedure, arguments in calls:
            xid += 1
            own.sendto(rpc.call(xid, rpc.PORTMAPPER, 2, procedure, arguments), (host, 111))
            with contextlib.suppress(TimeoutError):
                own.recv(65536)
    with socket.create_connection((host, 111)) as stream:
        for procedure, arguments in calls:
            if procedure == 5:
                continue  # over UDP alone
            xid += 1
            stream.sendall(rpc.record(rpc.call(xid, rpc.PORTMAPPER, 2, procedure, arguments)))
            read_record(stream)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["nfs", host]:
            talk(host)
        case ["portmapper", host]:
            ask_portmapper(host)
