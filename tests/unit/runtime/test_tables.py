"""Tables: looking up addresses among subnets agrees with looking at every subnet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.errors import NoSuchIndex
from bro.runtime.netvalues import Addr, Subnet
from bro.runtime.tables import SubnetIndex, TableSpec, new_set, new_table

# Few different bytes, so that subnets lie in each other and beside each other.
V4 = st.lists(st.sampled_from([0, 1, 10, 127, 128, 255]), min_size=4, max_size=4)
V6 = st.lists(st.sampled_from([0, 0, 0, 1, 255]), min_size=16, max_size=16)
ADDRESSES = (V4 | V6).map(lambda parts: Addr.from_bytes(bytes(parts)))
WIDTHS = st.integers(0, 128)


def subnet(addr: Addr, width: int) -> Subnet:
    return addr.mask(width % 33 if addr.is_v4 else width)


SUBNETS = st.lists(st.builds(subnet, ADDRESSES, WIDTHS), max_size=30)


def narrowest(subnets: list[Subnet], addr: Addr) -> Subnet | None:
    found = [s for s in subnets if s.addr.is_v4 == addr.is_v4 and addr in s]
    return max(found, key=lambda s: s.width, default=None)


@given(SUBNETS, st.lists(ADDRESSES, min_size=1, max_size=40))
def test_index_finds_the_narrowest(subnets: list[Subnet], addrs: list[Addr]) -> None:
    table = new_table(TableSpec(lookup="subnet"), {s: str(s) for s in subnets})
    for _ in range(2):  # the first lookups walk over the widths, later ones use the index
        for addr in addrs:
            expected = narrowest(subnets, addr)
            assert table.holds(addr) == (expected is not None)
            if expected is None:
                with pytest.raises(NoSuchIndex):
                    table.find(addr)
            else:
                assert table.find(addr) == str(expected)
        for addr in addrs * (len(table) // len(addrs) + 1):
            table.holds(addr)


@given(SUBNETS, SUBNETS, ADDRESSES)
def test_index_follows_changes(first: list[Subnet], second: list[Subnet], addr: Addr) -> None:
    held: Any = new_set(TableSpec(lookup="subnet"))
    for net in first:
        held.add(net)
    for _ in range(len(held) + 2):
        held.holds(addr)
    for net in second:
        held.add(net)
    for net in first:
        if net not in second:
            held.pop(net, None)
    assert held.holds(addr) == (narrowest(second, addr) is not None)
    held.clear()
    assert not held.holds(addr)


def test_ranges_of_nested_subnets() -> None:
    nets = [Subnet("10.0.0.0/8"), Subnet("10.1.0.0/16"), Subnet("10.1.2.0/24"), Subnet("255.255.255.0/24")]
    index = SubnetIndex(nets)
    shown = [(str(start), str(owner)) for start, owner in zip(index.starts, index.owners, strict=True)]
    assert shown == [
        ("0.0.0.0", "None"),
        ("10.0.0.0", "10.0.0.0/8"),
        ("10.1.0.0", "10.1.0.0/16"),
        ("10.1.2.0", "10.1.2.0/24"),
        ("10.1.3.0", "10.1.0.0/16"),
        ("10.2.0.0", "10.0.0.0/8"),
        ("11.0.0.0", "None"),
        ("255.255.255.0", "255.255.255.0/24"),
        ("::", "None"),
    ]
