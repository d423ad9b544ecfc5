"""bro.runtime.builtins.addresses"""

from __future__ import annotations

import ipaddress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.builtins import addresses as a
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Port, Subnet
from bro.runtime.tables import Set, Table
from bro.runtime.values import Boxed
from bro.script import types as t

UNSPECIFIED = Addr("::")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1.2.3.4", "1.2.3.4"),
        (b"001.002.003.010", "1.2.3.10"),
        (b"::1", "::1"),
        (b"[2001:db8::1]", "2001:db8::1"),
        (b"::ffff:1.2.3.4", "1.2.3.4"),
        (b"::FFFF:1.2.3.4", "1.2.3.4"),
    ],
)
def test_to_addr(text: bytes, expected: str) -> None:
    assert a.is_valid_ip(text)
    assert a.to_addr(text) == Addr(expected)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"1.2.3",
        b"1.2.3.4.5",
        b"1.2.3.256",
        b"1.2.3.4 ",
        b"0x1.2.3.4",
        b"[1.2.3.4]",
        b":::1",
        b"1.2.3.-4",
    ],
)
def test_not_an_address(text: bytes, reports: Any) -> None:
    assert not a.is_valid_ip(text)
    assert a.to_addr(text) == UNSPECIFIED
    assert "not an IP address" in reports()


@given(st.binary(max_size=30))
def test_any_bytes_can_be_asked(text: bytes) -> None:
    if a.is_valid_ip(text):
        assert isinstance(a.to_addr(text), Addr)
    a.is_valid_subnet(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"10.0.0.0/8", "10.0.0.0/8"),
        (b"10.1.2.3/8", "10.0.0.0/8"),
        (b"2001:db8::/32", "2001:db8::/32"),
        (b"[2001:db8::]/32", "2001:db8::/32"),
        (b"::ffff:10.0.0.0/104", "10.0.0.0/8"),
        (b"0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_to_subnet(text: bytes, expected: str) -> None:
    assert a.is_valid_subnet(text)
    assert a.to_subnet(text) == Subnet(expected)


@pytest.mark.parametrize(
    "text", [b"", b"10.0.0.0", b"10.0.0.0/33", b"::/129", b"10.0.0.0/-1", b"x/8", b"::ffff:1.2.3.4/8"]
)
def test_not_a_subnet(text: bytes, reports: Any) -> None:
    assert not a.is_valid_subnet(text)
    assert str(a.to_subnet(text)) == "::/0"
    assert "not a subnet" in reports()


@pytest.mark.parametrize(
    ("text", "number", "proto"),
    [(b"80/tcp", 80, "tcp"), (b"53/UDP", 53, "udp"), (b"8/icmp", 8, "icmp"), (b"0/unknown", 0, "unknown")],
)
def test_to_port(text: bytes, number: int, proto: str) -> None:
    assert a.to_port(text) == Port(number, proto)


@pytest.mark.parametrize("text", [b"", b"80", b"65536/tcp", b"80/sctp", b"x/tcp", b"80/"])
def test_not_a_port(text: bytes, reports: Any) -> None:
    assert a.to_port(text) == Port(0, "unknown")
    assert "not a port" in reports()


def test_kinds() -> None:
    v4, v6 = Addr("1.2.3.4"), Addr("2001:db8::1")
    assert a.is_v4_addr(v4) and not a.is_v6_addr(v4)
    assert a.is_v6_addr(v6) and not a.is_v4_addr(v6)
    assert a.is_v4_subnet(Subnet("10.0.0.0/8")) and not a.is_v6_subnet(Subnet("10.0.0.0/8"))
    assert a.is_v6_subnet(Subnet("::/0")) and not a.is_v4_subnet(Subnet("::/0"))


def test_subnets_and_their_parts() -> None:
    assert a.addr_to_subnet(Addr("1.2.3.4")) == Subnet("1.2.3.4/32")
    assert a.addr_to_subnet(Addr("::1")) == Subnet("::1/128")
    assert a.subnet_to_addr(Subnet("10.0.0.0/8")) == Addr("10.0.0.0")
    assert a.subnet_width(Subnet("10.0.0.0/8")) == 8
    assert a.mask_addr(Addr("192.168.3.2"), 16) == Subnet("192.168.0.0/16")
    with pytest.raises(ScriptError, match="33 bits"):
        a.mask_addr(Addr("192.168.3.2"), 33)


@pytest.mark.parametrize(
    ("one", "two", "bits", "expected"),
    [
        ("10.0.0.1", "192.168.2.3", 96 + 8, "10.168.2.3"),
        ("10.0.0.1", "192.168.2.3", 128, "10.0.0.1"),
        ("10.0.0.1", "192.168.2.3", 96, "192.168.2.3"),
        ("2001:db8::", "::1:2:3:4", 64, "2001:db8::1:2:3:4"),
    ],
)
def test_remask(one: str, two: str, bits: int, expected: str) -> None:
    assert a.remask_addr(Addr(one), Addr(two), bits) == Addr(expected)


def test_numbers_and_bytes(reports: Any) -> None:
    assert a.count_to_v4_addr(0x01020304) == Addr("1.2.3.4")
    assert a.raw_bytes_to_v4_addr(b"\1\2\3\4\5") == Addr("1.2.3.4")
    assert a.raw_bytes_to_v6_addr(bytes(15) + b"\1") == Addr("::1")
    assert a.addr_to_counts(Addr("1.2.3.4")) == [0x01020304]
    assert a.addr_to_counts(Addr("2001:db8::1")) == [0x20010DB8, 0, 0, 1]
    assert reports() == ""
    assert a.count_to_v4_addr(1 << 32) == UNSPECIFIED
    assert a.raw_bytes_to_v4_addr(b"\1") == Addr("0.0.0.0")
    assert a.raw_bytes_to_v6_addr(b"\1") == UNSPECIFIED
    assert a.counts_to_addr([1, 2]) == UNSPECIFIED
    assert a.counts_to_addr([1 << 33]) == UNSPECIFIED
    assert reports().count("error") == 5


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(lambda found: Addr(str(found)))


@given(addresses)
def test_round_trips(addr: Addr) -> None:
    assert a.counts_to_addr(a.addr_to_counts(addr)) == addr
    assert a.ptr_name_to_addr(a.addr_to_ptr_name(addr)) == addr
    assert a.to_addr(str(addr).encode()) == addr


@given(st.ip_addresses())
def test_reverse_names(found: Any) -> None:
    if found.version == 4 or found.ipv4_mapped is None:
        assert a.addr_to_ptr_name(Addr(str(found))).decode() == ipaddress.ip_address(found).reverse_pointer


@pytest.mark.parametrize(
    "name", [b"", b"1.2.3.in-addr.arpa", b"www.example.com", b"1.ip6.arpa", b"300.0.0.1.in-addr.arpa"]
)
def test_not_a_reverse_name(name: bytes, reports: Any) -> None:
    assert a.ptr_name_to_addr(name) == UNSPECIFIED
    assert "reverse name" in reports()


def test_routing0(reports: Any) -> None:
    one, two = Addr("2001:db8::1"), Addr("2001:db8::2")
    assert a.routing0_data_to_addrs(b"\0\0\0\0" + one.packed + two.packed) == [one, two]
    assert a.routing0_data_to_addrs(b"\0\0\0\0") == []
    assert reports() == ""
    assert a.routing0_data_to_addrs(b"\0\0\0\0x") == []
    assert "whole addresses" in reports()


def test_ports(reports: Any) -> None:
    from bro.runtime import context

    tcp = context.current.globals["tcp"]
    assert a.port_to_count(Port(80, "tcp")) == 80
    assert a.count_to_port(80, tcp) == Port(80, "tcp")
    assert a.get_port_transport_proto(Port(80, "tcp")) is tcp
    assert a.get_port_transport_proto(Port(0, "unknown")) is context.current.globals["unknown_transport"]
    assert (
        a.get_conn_transport_proto(SimpleNamespace(resp_p=Port(53, "udp"))) is context.current.globals["udp"]
    )
    assert [a.is_tcp_port(Port(1, p)) for p in ("tcp", "udp", "icmp")] == [True, False, False]
    assert [a.is_udp_port(Port(1, p)) for p in ("tcp", "udp", "icmp")] == [False, True, False]
    assert [a.is_icmp_port(Port(1, p)) for p in ("tcp", "udp", "icmp")] == [False, False, True]
    assert a.count_to_port(65536, tcp) == Port(0, "unknown")
    assert "65536" in reports()


def test_local_interface() -> None:
    assert a.is_local_interface(Addr("127.0.0.1"))
    assert not a.is_local_interface(Addr("192.0.2.77"))


NETS = [Subnet("10.0.0.0/8"), Subnet("10.1.0.0/16"), Subnet("192.168.0.0/16"), Subnet("2001:db8::/32")]
SET = Boxed(Set.of(NETS), t.TableType([t.SUBNET], None))


def test_subnet_sets() -> None:
    inner = Subnet("10.1.2.0/24")
    assert a.check_subnet(Subnet("10.1.0.0/16"), SET)
    assert not a.check_subnet(inner, SET)
    assert a.matching_subnets(inner, SET) == [Subnet("10.1.0.0/16"), Subnet("10.0.0.0/8")]
    assert a.matching_subnets(Subnet("11.0.0.0/8"), SET) == []
    found = a.filter_subnet_table(inner, SET)
    assert found.type == SET.type and set(found.value) == {Subnet("10.1.0.0/16"), Subnet("10.0.0.0/8")}


def test_subnet_tables() -> None:
    table = Boxed(Table({NETS[0]: b"a", NETS[1]: b"b"}), t.TableType([t.SUBNET], t.STRING))
    assert dict(a.filter_subnet_table(Subnet("10.9.0.0/16"), table).value) == {NETS[0]: b"a"}


def test_other_tables_are_errors() -> None:
    with pytest.raises(ScriptError, match="indexed by subnet"):
        a.check_subnet(NETS[0], Boxed(Set.of([b"a"]), t.TableType([t.STRING], None)))
    with pytest.raises(ScriptError, match="indexed by subnet"):
        a.matching_subnets(NETS[0], b"text")
