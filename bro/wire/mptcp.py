"""Options of MPTCP that this program sends, and those it understands in answers (RFC 6824, RFC 8684)."""

from __future__ import annotations

import struct

from bro.wire.headers import options_of

#: the kind of a TCP option that is MPTCP's
KIND = 30

#: subtypes
CAPABLE, JOIN, FASTCLOSE, TCPRST = 0, 1, 7, 8

#: MP_CAPABLE: the handshake authenticates with HMAC (SHA-1 in version 0, SHA-256 in version 1)
_HMAC = 0x01


def capable_syn(version: int, key: int) -> bytes:
    """MP_CAPABLE of a SYN; version 1 does not send the key yet."""
    if version == 0:
        return struct.pack("!BBBBQ", KIND, 12, CAPABLE << 4, _HMAC, key)
    return struct.pack("!BBBB", KIND, 4, CAPABLE << 4 | version, _HMAC)


def join_syn(token: int, nonce: int, address_id: int = 1) -> bytes:
    """MP_JOIN of a SYN, the same in both versions."""
    return struct.pack("!BBBBII", KIND, 12, JOIN << 4, address_id, token, nonce)


def fastclose(receiver_key: int) -> bytes:
    """MP_FASTCLOSE, which ends the connection of whoever has that key."""
    return struct.pack("!BBBBQ", KIND, 12, FASTCLOSE << 4, 0, receiver_key)


def find(options: bytes, subtype: int) -> bytes | None:
    """The first MPTCP option of that subtype, from the byte with the subtype on; None if there is none."""
    for kind, data in options_of(options):
        if kind == KIND and data and data[0] >> 4 == subtype:
            return data
    return None
