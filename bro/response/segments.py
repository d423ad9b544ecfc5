"""The segments that end a TCP or MPTCP connection, or stop one of its sides from sending.

Each is sent to one end in the name of the other, and has numbers that the receiver believes: those that
the engine knows of both ends.
"""

from __future__ import annotations

from typing import NamedTuple

from bro.wire import mptcp
from bro.wire.headers import ACK, RST, IPAddress, Segment, packet

_MASK = 0xFFFFFFFF


class End(NamedTuple):
    """One end of a TCP connection as the engine knows it; numbers are those on the wire."""

    address: IPAddress
    port: int
    last: int  #: the number after the highest it sent
    acked: int  #: the highest of its numbers that the other end acknowledged
    window: int  #: how many bytes beyond what it has acknowledged it takes


class Outgoing(NamedTuple):
    """A packet, where it goes, and a description of it for the log."""

    destination: IPAddress
    packet: bytes
    what: str


def resets(sender: End, receiver: End) -> list[Outgoing]:
    """Resets for the receiver.

    A reset counts only if it has exactly the next number that the receiver waits for (RFC 9293, section
    3.10.7.4).  That is what the sender sends next, or, if some of it is still on its way, what the receiver
    has acknowledged.
    """
    numbers = dict.fromkeys((sender.last & _MASK, sender.acked & _MASK))
    return [
        _outgoing(sender, receiver, RST | ACK, f"RST seq {seq}", seq=seq, ack=receiver.last)
        for seq in numbers
    ]


def fastcloses(orig: End, resp: End, orig_key: int, resp_key: int) -> list[Outgoing]:
    """MP_FASTCLOSE for both ends of a subflow, each with its own key.

    Who gets it compares the key with its own and then resets all subflows (RFC 8684, section 3.5).  It
    comes on an ACK, which need only lie in the receiver's window, so it gets through while data is on its
    way; both ends get that before anything else, since the first that acts on it resets the subflow.
    Resets with the option follow, for those that wait for nothing else.
    """
    ways = ((resp, orig, mptcp.fastclose(orig_key)), (orig, resp, mptcp.fastclose(resp_key)))
    found = []
    for sender, receiver, option in ways:
        seq = _ahead(sender, receiver)
        what = f"ACK MP_FASTCLOSE seq {seq}"
        found.append(_outgoing(sender, receiver, ACK, what, seq=seq, ack=receiver.acked, options=option))
    for sender, receiver, option in ways:
        seq = sender.last & _MASK
        what = f"RST MP_FASTCLOSE seq {seq}"
        found.append(_outgoing(sender, receiver, RST | ACK, what, seq=seq, ack=receiver.last, options=option))
    return found


def zero_window(sender: End, receiver: End) -> Outgoing:
    """An ACK by which the receiver may send nothing more.

    It acknowledges nothing new and lies ahead in the receiver's window.  Windows of segments with lower
    numbers than the one that set it last do not count unless they acknowledge something new (RFC 9293,
    section 3.10.7.4), so the window that the sender really has does not open it again until it has sent as
    much.
    """
    return _window(sender, receiver, 0)


def open_window(sender: End, receiver: End) -> Outgoing:
    """Takes `zero_window` back: with what the receiver then sends, the sender's own windows count again."""
    # Scaled or not, it is no more than the sender has room for: the scale is 14 at most (RFC 7323).
    return _window(sender, receiver, max(1, sender.window >> 14))


def _window(sender: End, receiver: End, window: int) -> Outgoing:
    seq = _ahead(sender, receiver)
    what = f"ACK window {window} seq {seq}"
    return _outgoing(sender, receiver, ACK, what, seq=seq, ack=receiver.acked, window=window)


def _ahead(sender: End, receiver: End) -> int:
    """A number in the receiver's window beyond what the sender may have sent meanwhile."""
    return (sender.last + receiver.window // 2) & _MASK


def _outgoing(
    sender: End,
    receiver: End,
    flags: int,
    what: str,
    *,
    ack: int,
    seq: int | None = None,
    window: int = 65535,
    options: bytes = b"",
) -> Outgoing:
    seq = sender.last if seq is None else seq
    segment = Segment(sender.port, receiver.port, seq, ack, flags, window, options)
    where = f"{what} to {receiver.address} port {receiver.port}"
    return Outgoing(receiver.address, packet(sender.address, receiver.address, segment), where)
