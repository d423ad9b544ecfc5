"""Packet sources: what ``-r PREFIX::WHAT`` and ``-i PREFIX::WHAT`` read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

#: link types, by the numbers of capture files (https://www.tcpdump.org/linktypes.html)
ETHERNET: Final = 1
RAW_IP: Final = 101


class Packet(NamedTuple):
    """A packet as a source delivers it.  A plain tuple of these does as well, and is faster."""

    #: when it was captured: seconds since 1970 as a float (microseconds count), or nanoseconds as an int
    time: float | int
    #: its bytes, from the header of the link on
    data: bytes
    #: its length on the wire, if that is more than was captured
    length: int = 0


class PacketSource:
    """Something that packets come from.

    ``bro -r PREFIX::WHAT`` and ``bro -i PREFIX::WHAT`` make an instance with ``WHAT``.  Times should not go
    back; sources given together are merged by time.
    """

    #: what stands before ``::`` on the command line
    prefix: ClassVar[str] = ""
    #: what the packets begin with
    link_type: int = ETHERNET
    #: whether packets come as they happen
    is_live: bool = False

    def __init__(self, what: str) -> None:
        """Open the source.

        :param what: what stands behind ``PREFIX::`` on the command line.
        :raises OSError: it cannot be opened; the text tells why.
        """
        self.what = what

    @abstractmethod
    def packets(self) -> Iterator[Packet | tuple[float | int, bytes] | None]:
        """Give the packets, one after the other.

        None says that there is none yet: the monitor looks after other things and asks again soon.  A source
        must not wait for long by itself.
        """
        raise NotImplementedError
