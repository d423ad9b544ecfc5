"""What is to be scanned: addresses and ports from the words of the command line."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import NamedTuple

from bro.options import UsageError
from bro.wire.headers import IPAddress


class Host(NamedTuple):
    """An address to scan."""

    address: IPAddress
    scope: int = 0  #: the interface that a link-local address of IPv6 is of


def parse_ports(text: str) -> list[int]:
    """Ports out of ``80,443,8000-8010``, sorted, each once.

    Raises:
        UsageError: that is no list of ports.
    """
    found: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.partition("-")
        try:
            first = int(low)
            last = int(high) if dash else first
        except ValueError:
            raise UsageError(f"{part!r} is no port; ports are given like 80,443,8000-8010") from None
        if not 0 < first <= last < 65536:
            raise UsageError(f"{part!r} is no range of ports between 1 and 65535")
        found.update(range(first, last + 1))
    return sorted(found)


def count(texts: list[str]) -> int:
    """How many addresses these targets are, without looking names up: a name counts as one."""
    return sum(len(_size_of(_network(text))) for text in texts)


def hosts(texts: list[str]) -> Iterator[Host]:
    """The addresses of targets: an address, a network, or a name with all addresses it has.

    Raises:
        UsageError: a name that has none.
    """
    seen: set[Host] = set()
    for text in texts:
        network = _network(text)
        if network is not None:
            for number in _size_of(network):
                yield Host(network.network_address + number)
            continue
        try:
            answers = socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UsageError(f"the target {text!r} is no address, no network and no name: {error}") from None
        for family, _, _, _, address in answers:
            if family not in (socket.AF_INET, socket.AF_INET6):
                continue
            scope = int(address[3]) if len(address) > 3 else 0
            host = Host(ipaddress.ip_address(str(address[0]).partition("%")[0]), scope)
            if host not in seen:
                seen.add(host)
                yield host


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if "%" in text:
        return None  # with an interface; only the system can take that apart
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        if "/" in text:
            raise UsageError(f"the target {text!r} is no network; one is given like 192.0.2.0/24") from None
        return None


def _size_of(network: ipaddress.IPv4Network | ipaddress.IPv6Network | None) -> range:
    """The numbers of a network's addresses that hosts may have: not IPv4's first and last."""
    if network is None:
        return range(1)
    # A range of any size takes no room, and its length is asked for only if it fits.
    first, last = 0, network.num_addresses - 1
    if network.version == 4 and network.prefixlen < 31:
        first, last = 1, last - 1
    return range(first, last + 1)
