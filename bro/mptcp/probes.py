"""The probes of the scanner, and what their answers say.

Each port is asked three things: a SYN with MP_CAPABLE of version 1, one of version 0, and a SYN with
MP_JOIN for a connection that is not there.  A host with MPTCP answers the first or the second with
MP_CAPABLE of its own and refuses the third with a reset, since it does not know the token.  A host without
ignores all options and answers all three with a plain SYN-ACK.  Some middleboxes send back whatever
options they get: an answer that is an echo is no MPTCP.
"""

from __future__ import annotations

import enum
import hmac
from dataclasses import dataclass, field

from bro.wire import mptcp
from bro.wire.headers import ACK, RST, SYN, IPAddress, Segment

#: a maximum segment size as of Ethernet: middleboxes drop SYNs that have none at all
_MSS = bytes([2, 4, 0x05, 0xB4])


class Kind(enum.IntEnum):
    """What a probe asks."""

    CAPABLE_V1 = 0
    CAPABLE_V0 = 1
    JOIN = 2


class Answer(enum.Enum):
    """What came back."""

    NONE = "no answer"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    PLAIN = "SYN-ACK"
    CAPABLE = "SYN-ACK with MP_CAPABLE"
    ECHO = "SYN-ACK with the probe's own options"
    JOIN = "SYN-ACK with MP_JOIN"


@dataclass
class Verdict:
    """What is known of one port."""

    address: IPAddress
    port: int
    answers: dict[Kind, Answer] = field(default_factory=dict)

    @property
    def versions(self) -> list[int]:
        """The versions of MPTCP that were agreed to."""
        asked = ((0, Kind.CAPABLE_V0), (1, Kind.CAPABLE_V1))
        return [version for version, kind in asked if self.answers.get(kind) is Answer.CAPABLE]

    @property
    def join_reset(self) -> bool:
        """The join was refused where a connection would have been accepted."""
        return self.answers.get(Kind.JOIN) is Answer.RESET and self.is_open

    @property
    def is_open(self) -> bool:
        """Something listens there."""
        return any(
            self.answers.get(kind) in (Answer.PLAIN, Answer.CAPABLE, Answer.ECHO, Answer.JOIN)
            for kind in Kind
        )

    @property
    def state(self) -> str:
        """The verdict in a word.

        ``mptcp``: both tests say so.  ``capable``: MP_CAPABLE was answered, but the join not refused.
        ``join-only``: the join was refused, but MP_CAPABLE not answered: something on the way takes it
        out, or it is off for the moment. ``echo``: options are sent back as they came.  ``tcp``: open,
        without MPTCP.  ``closed``, ``unreachable`` and ``filtered`` (no answer): nothing can be told.
        """
        values = set(self.answers.values())
        if self.versions:
            return "mptcp" if self.join_reset else "capable"
        if Answer.ECHO in values:
            return "echo"
        if self.join_reset:
            return "join-only"
        if self.is_open:
            return "tcp"
        if Answer.RESET in values:
            return "closed"
        return "unreachable" if Answer.UNREACHABLE in values else "filtered"

    def as_json(self) -> dict[str, object]:
        """The verdict with what it rests on."""
        return {
            "address": str(self.address),
            "port": self.port,
            "state": self.state,
            "versions": self.versions,
            "join_reset": self.join_reset,
            "answers": {kind.name.lower(): answer.value for kind, answer in sorted(self.answers.items())},
        }


class Secrets:
    """Numbers of a scan that nobody else can guess, so that answers need no list of what was asked.

    :param seed: the secret they follow from.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    def _numbers(self, address: IPAddress, port: int, kind: Kind) -> bytes:
        return hmac.digest(self._seed, address.packed + port.to_bytes(2) + bytes([kind]), "sha256")

    def seq(self, address: IPAddress, port: int, kind: Kind) -> int:
        """The sequence number of a probe's SYN."""
        return int.from_bytes(self._numbers(address, port, kind)[:4])

    def key(self, address: IPAddress, port: int, kind: Kind) -> int:
        """The key in a probe, or token and nonce."""
        return int.from_bytes(self._numbers(address, port, kind)[4:12])


def probe(kind: Kind, address: IPAddress, port: int, sport: int, secrets: Secrets) -> Segment:
    """The SYN that asks `kind`."""
    key = secrets.key(address, port, kind)
    if kind is Kind.JOIN:
        option = mptcp.join_syn(key >> 32, key & 0xFFFFFFFF)
    else:
        option = mptcp.capable_syn(1 if kind is Kind.CAPABLE_V1 else 0, key)
    return Segment(sport, port, secrets.seq(address, port, kind), 0, SYN, 65535, _MSS + option)


def understand(kind: Kind, address: IPAddress, segment: Segment, secrets: Secrets) -> Answer | None:
    """What a segment says that came back; None if it is no answer to that probe."""
    seq = secrets.seq(address, segment.sport, kind)
    if not segment.flags & ACK or segment.ack != (seq + 1) & 0xFFFFFFFF:
        return None
    if segment.flags & RST:
        return Answer.RESET
    if not segment.flags & SYN:
        return None
    if kind is Kind.JOIN:
        join = mptcp.find(segment.options, mptcp.JOIN)
        if join is None:
            return Answer.PLAIN
        return Answer.ECHO if len(join) == 10 else Answer.JOIN  # a SYN-ACK's is four bytes longer
    capable = mptcp.find(segment.options, mptcp.CAPABLE)
    if capable is None:
        return Answer.PLAIN
    if len(capable) != 10:
        return Answer.ECHO  # only a SYN of version 1 has no key
    version = capable[0] & 0x0F
    key = int.from_bytes(capable[2:10])
    if kind is Kind.CAPABLE_V0 and key == secrets.key(address, segment.sport, kind):
        return Answer.ECHO
    # Whoever does not know version 1 may answer with version 0; that host is asked for it by itself.
    return Answer.CAPABLE if version == (1 if kind is Kind.CAPABLE_V1 else 0) else Answer.PLAIN
