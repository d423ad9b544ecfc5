"""Messages of ONC RPC (RFC 5531), their XDR (RFC 4506), and how they are put on a stream, byte by byte."""

from __future__ import annotations

import itertools
import struct

PORTMAPPER, NFS, MOUNT = 100_000, 100_003, 100_005
UDP, TCP = 17, 6


def u32(*numbers: int) -> bytes:
    """Unsigned integers."""
    return struct.pack(f"!{len(numbers)}I", *numbers)


def u64(*numbers: int) -> bytes:
    """Unsigned hyper integers."""
    return struct.pack(f"!{len(numbers)}Q", *numbers)


def opaque(data: bytes) -> bytes:
    """Bytes of variable length, or a string."""
    return u32(len(data)) + data + b"\0" * (-len(data) % 4)


def unix_credentials(uid: int, gid: int, machine: bytes = b"client", groups: tuple[int, ...] = ()) -> bytes:
    """`AUTH_SYS` (RFC 5531, appendix A)."""
    body = u32(0x5EED) + opaque(machine) + u32(uid, gid, len(groups), *groups)
    return u32(1) + opaque(body)


NO_CREDENTIALS = u32(0, 0)


def call(
    xid: int,
    program: int,
    version: int,
    procedure: int,
    arguments: bytes = b"",
    credentials: bytes = NO_CREDENTIALS,
    rpc_version: int = 2,
) -> bytes:
    """A call."""
    return u32(xid, 0, rpc_version, program, version, procedure) + credentials + u32(0, 0) + arguments


def reply(xid: int, results: bytes = b"", status: int = 0) -> bytes:
    """A reply to a call that was accepted; `status` other than 0 says why it was not carried out."""
    return u32(xid, 1, 0) + u32(0, 0) + u32(status) + results


def denied(xid: int, why: int, detail: bytes) -> bytes:
    """A reply to a call that was denied: 0 for the version of RPC, 1 for the credentials."""
    return u32(xid, 1, 1, why) + detail


def record(message: bytes, *cuts: int) -> bytes:
    """A message as on a stream (RFC 5531, section 11), in fragments that end at the places given."""
    edges = [0, *cuts, len(message)]
    parts = [message[start:end] for start, end in itertools.pairwise(edges)]
    last = len(parts) - 1
    return b"".join(u32(len(part) | (0x80000000 if n == last else 0)) + part for n, part in enumerate(parts))


def mapping(program: int, version: int, protocol: int, port: int) -> bytes:
    """A program at a port, as the portmapper keeps it (RFC 1833, section 3.1)."""
    return u32(program, version, protocol, port)
