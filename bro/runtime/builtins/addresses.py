"""Addresses, subnets and ports: tests, conversions, masks.

Where a text or some bytes do not make an address, most of these report it and return the unspecified address,
because what they convert often comes from traffic and a handler should not end over it.
"""

from __future__ import annotations

from typing import Any

from bro.runtime import context
from bro.runtime.builtins._support import enum_value, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Port, Subnet
from bro.runtime.values import Boxed, EnumValue, unboxed

_UNSPECIFIED = b"\0" * 16


def _unspecified() -> Addr:
    return Addr.from_bytes(_UNSPECIFIED)


@builtin("function is_v4_addr(a: addr): bool")
def is_v4_addr(a: Addr) -> bool:
    """Tell whether the address is an IPv4 one (an IPv4-mapped one counts)."""
    return a.is_v4


@builtin("function is_v6_addr(a: addr): bool")
def is_v6_addr(a: Addr) -> bool:
    """Tell whether the address is an IPv6 one."""
    return a.is_v6


@builtin("function is_v4_subnet(s: subnet): bool")
def is_v4_subnet(s: Subnet) -> bool:
    """Tell whether the subnet is an IPv4 one."""
    return s.addr.is_v4


@builtin("function is_v6_subnet(s: subnet): bool")
def is_v6_subnet(s: Subnet) -> bool:
    """Tell whether the subnet is an IPv6 one."""
    return s.addr.is_v6


def _parse_addr(text: bytes) -> Addr | None:
    """Read an address: dotted quad with decimal numbers, or RFC 4291 text; brackets around IPv6 are
    allowed."""
    if text[:1] == b"[" and text[-1:] == b"]":
        text = text[1:-1]
        if b":" not in text:
            return None
    if b":" not in text:
        octets = text.split(b".")
        if len(octets) != 4:
            return None
        # Leading zeros are read as decimal: octal is nobody's intention in a dotted quad.
        if not all(octet.isdigit() and len(octet) <= 3 and int(octet) <= 255 for octet in octets):
            return None
        return Addr.from_bytes(bytes([int(octet) for octet in octets]))
    try:
        return Addr(text.decode("ascii"))
    except ValueError:
        return None


def _parse_subnet(text: bytes) -> Subnet | None:
    prefix, slash, width = text.partition(b"/")
    addr = _parse_addr(prefix)
    if addr is None or not slash or not width.isdigit() or len(width) > 3:
        return None
    if int(width) > (32 if addr.is_v4 and b":" not in prefix else 128):
        return None
    bits = int(width)
    if addr.is_v4 and b":" in prefix:  # an IPv4-mapped prefix: its width counts from the front of 128 bits
        if bits < 96:
            return None
        bits -= 96
    return Subnet.new(addr, bits)


@builtin("function is_valid_ip(ip: string): bool")
def is_valid_ip(ip: bytes) -> bool:
    """Tell whether the text is an IPv4 or IPv6 address."""
    return _parse_addr(ip) is not None


@builtin("function is_valid_subnet(cidr: string): bool")
def is_valid_subnet(cidr: bytes) -> bool:
    """Tell whether the text is an address, a slash and a prefix length."""
    return _parse_subnet(cidr) is not None


@builtin("function to_addr(ip: string): addr")
def to_addr(ip: bytes) -> Addr:
    """Read an address; other text is reported and gives ``::``."""
    addr = _parse_addr(ip)
    if addr is None:
        report_error(f"to_addr: {shown(ip)} is not an IP address")
        return _unspecified()
    return addr


@builtin("function to_subnet(sn: string): subnet")
def to_subnet(sn: bytes) -> Subnet:
    """Read a subnet in CIDR notation; other text is reported and gives ``::/0``."""
    subnet = _parse_subnet(sn)
    if subnet is None:
        report_error(f"to_subnet: {shown(sn)} is not a subnet in CIDR notation")
        return Subnet.new(_unspecified(), 0)
    return subnet


@builtin("function to_port(s: string): port")
def to_port(s: bytes) -> Port:
    """Read a port with its protocol, like ``80/tcp``; other text is reported and gives ``0/unknown``."""
    number, slash, proto = s.partition(b"/")
    name = proto.lower().decode("latin-1")
    numeric = slash and number.isdigit() and len(number) <= 5 and int(number) <= 65535
    if numeric and name in ("tcp", "udp", "icmp", "unknown"):
        return Port(int(number), name)
    report_error(f'to_port: {shown(s)} is not a port like "80/tcp"')
    return Port(0, "unknown")


@builtin("function addr_to_subnet(a: addr): subnet")
def addr_to_subnet(a: Addr) -> Subnet:
    """Return the subnet that holds this one address: /32 for IPv4, /128 for IPv6."""
    return Subnet.new(a, 32 if a.is_v4 else 128)


@builtin("function subnet_to_addr(sn: subnet): addr")
def subnet_to_addr(sn: Subnet) -> Addr:
    """Return the first address of the subnet."""
    return sn.addr


@builtin("function subnet_width(sn: subnet): count")
def subnet_width(sn: Subnet) -> int:
    """Return the prefix length, of 32 bits for IPv4 and 128 for IPv6."""
    return sn.width


@builtin("function count_to_v4_addr(ip: count): addr")
def count_to_v4_addr(ip: int) -> Addr:
    """Take a number in host order as an IPv4 address; one above 32 bits is reported and gives ``::``."""
    if ip > 0xFFFFFFFF:
        report_error(f"count_to_v4_addr: {ip} has more than 32 bits")
        return _unspecified()
    return Addr.from_bytes(ip.to_bytes(4, "big"))


@builtin("function raw_bytes_to_v4_addr(b: string): addr")
def raw_bytes_to_v4_addr(b: bytes) -> Addr:
    """Take the first four bytes, in network order, as an IPv4 address; fewer are reported and give
    0.0.0.0."""
    if len(b) < 4:
        report_error(f"raw_bytes_to_v4_addr: an IPv4 address has 4 bytes, not {len(b)}")
        return Addr.from_bytes(b"\0\0\0\0")
    return Addr.from_bytes(b[:4])


@builtin("function raw_bytes_to_v6_addr(x: string): addr")
def raw_bytes_to_v6_addr(x: bytes) -> Addr:
    """Take the first 16 bytes, in network order, as an IPv6 address; fewer are reported and give ``::``."""
    if len(x) < 16:
        report_error(f"raw_bytes_to_v6_addr: an IPv6 address has 16 bytes, not {len(x)}")
        return _unspecified()
    return Addr.from_bytes(x[:16])


@builtin("function addr_to_counts(a: addr): index_vec")
def addr_to_counts(a: Addr) -> list[int]:
    """Return the address as 32-bit numbers in host order: one for IPv4, four for IPv6."""
    packed = a.packed
    if a.is_v4:
        return [int.from_bytes(packed[-4:], "big")]
    return [int.from_bytes(packed[start : start + 4], "big") for start in (0, 4, 8, 12)]


@builtin("function counts_to_addr(v: index_vec): addr")
def counts_to_addr(v: list[int]) -> Addr:
    """Take one 32-bit number as an IPv4 address, four as an IPv6 one; other lengths are reported and give
    ``::``."""
    if len(v) not in (1, 4):
        report_error(f"counts_to_addr: an address is one number or four, not {len(v)}")
        return _unspecified()
    if any(number is None or number > 0xFFFFFFFF for number in v):
        report_error("counts_to_addr: every number of an address has at most 32 bits")
        return _unspecified()
    return Addr.from_bytes(b"".join([number.to_bytes(4, "big") for number in v]))


@builtin("function addr_to_ptr_name(a: addr): string")
def addr_to_ptr_name(a: Addr) -> bytes:
    """Return the name under in-addr.arpa or ip6.arpa that DNS keeps about the address (RFC 1035, RFC
    3596)."""
    packed = a.packed
    if a.is_v4:
        return ".".join([str(octet) for octet in reversed(packed[-4:])]).encode() + b".in-addr.arpa"
    return ".".join(reversed(packed.hex())).encode() + b".ip6.arpa"


@builtin("function ptr_name_to_addr(s: string): addr")
def ptr_name_to_addr(s: bytes) -> Addr:
    """Turn a name under in-addr.arpa or ip6.arpa back into the address; other names are reported and give
    ``::``."""
    name = s.rstrip(b".").lower()
    if name.endswith(b".in-addr.arpa"):
        addr = _parse_addr(b".".join(reversed(name[:-13].split(b"."))))
        if addr is not None:
            return addr
    elif name.endswith(b".ip6.arpa"):
        nibbles = name[:-9].split(b".")
        if len(nibbles) == 32 and all(
            len(nibble) == 1 and nibble in b"0123456789abcdef" for nibble in nibbles
        ):
            return Addr.from_bytes(bytes.fromhex(b"".join(reversed(nibbles)).decode()))
    report_error(f"ptr_name_to_addr: {shown(s)} is not the reverse name of an address")
    return _unspecified()


@builtin("function routing0_data_to_addrs(s: string): addr_vec")
def routing0_data_to_addrs(s: bytes) -> list[Addr]:
    """Take apart the data of an IPv6 routing header of type 0 (RFC 2460, 4.4): 4 reserved bytes, then
    addresses.

    A length that is not whole addresses is reported and gives an empty vector.
    """
    if len(s) < 4 or (len(s) - 4) % 16:
        report_error(f"routing0_data_to_addrs: {len(s)} bytes are not 4 reserved ones and whole addresses")
        return []
    return [Addr.from_bytes(s[start : start + 16]) for start in range(4, len(s), 16)]


@builtin("function mask_addr(a: addr, top_bits_to_keep: count): subnet")
def mask_addr(a: Addr, top_bits_to_keep: int) -> Subnet:
    """Return the subnet of the address with a prefix of `top_bits_to_keep` bits.

    Raises an error if that is more than the address has (32 for IPv4, 128 for IPv6).
    """
    if top_bits_to_keep > (32 if a.is_v4 else 128):
        raise ScriptError(f"mask_addr: {a} does not have {top_bits_to_keep} bits to keep")
    return a.mask(top_bits_to_keep)


@builtin("function remask_addr(a1: addr, a2: addr, top_bits_from_a1: count): addr")
def remask_addr(a1: Addr, a2: Addr, top_bits_from_a1: int) -> Addr:
    """Join the top bits of one address and the other bits of a second.

    The number of bits is always one of 128, so for IPv4 addresses, which are looked at in their IPv4-mapped
    form, the first bit is number 96.  Raises an error above 128.
    """
    if top_bits_from_a1 > 128:
        raise ScriptError(f"remask_addr: an address has 128 bits, not {top_bits_from_a1}")
    low = (1 << (128 - top_bits_from_a1)) - 1
    top, rest = (int.from_bytes(mapped(a), "big") for a in (a1, a2))
    return Addr.from_bytes(((top & ~low) | (rest & low)).to_bytes(16, "big"))


def mapped(a: Addr) -> bytes:
    """Return the 16 bytes of the address, an IPv4 one in its IPv4-mapped form."""
    packed: bytes = a.packed
    return packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed


@builtin("function port_to_count(p: port): count")
def port_to_count(p: Port) -> int:
    """Return the port's number without its protocol."""
    return p.number


@builtin("function count_to_port(num: count, proto: transport_proto): port")
def count_to_port(num: int, proto: EnumValue) -> Port:
    """Make a port of a number and a protocol; a number above 65535 is reported and gives ``0/unknown``."""
    if num > 65535:
        report_error(f"count_to_port: {num} is not a port number")
        return Port(0, "unknown")
    name = proto.name
    return Port(num, name if name in ("tcp", "udp", "icmp") else "unknown")


@builtin("function is_tcp_port(p: port): bool")
def is_tcp_port(p: Port) -> bool:
    """Tell whether the port is one of TCP."""
    return p.proto == "tcp"


@builtin("function is_udp_port(p: port): bool")
def is_udp_port(p: Port) -> bool:
    """Tell whether the port is one of UDP."""
    return p.proto == "udp"


@builtin("function is_icmp_port(p: port): bool")
def is_icmp_port(p: Port) -> bool:
    """Tell whether the port stands for an ICMP type or code."""
    return p.proto == "icmp"


@builtin("function get_port_transport_proto(p: port): transport_proto")
def get_port_transport_proto(p: Port) -> EnumValue:
    """Return the port's protocol."""
    found = context.current.globals.get(p.proto)  # this runs for every connection: the short way first
    if found.__class__ is EnumValue and found.type_name == "transport_proto":
        return found
    return enum_value("transport_proto", _proto_name(p))


def _proto_name(p: Port) -> str:
    return "unknown_transport" if p.proto == "unknown" else p.proto


@builtin("function get_conn_transport_proto(cid: conn_id): transport_proto")
def get_conn_transport_proto(cid: Any) -> EnumValue:
    """Return the transport protocol of a connection."""
    return enum_value("transport_proto", _proto_name(cid.resp_p))


@builtin("function is_local_interface(ip: addr): bool")
def is_local_interface(ip: Addr) -> bool:
    """Tell whether the address belongs to this machine, by the addresses its own host name and loopback
    have."""
    import socket

    text = str(ip)
    if text in ("127.0.0.1", "::1"):
        return True
    try:
        found = socket.getaddrinfo(socket.gethostname(), None)
    except OSError:
        return False
    return any(entry[4][0] == text for entry in found)


@builtin("function check_subnet(search: subnet, t: any): bool")
def check_subnet(search: Subnet, t: Any) -> bool:
    """Tell whether exactly this subnet is an index of a set or table of subnets (``in`` takes any that covers
    it)."""
    return dict.__contains__(_subnet_table("check_subnet", t), search)


@builtin("function matching_subnets(search: subnet, t: any): subnet_vec")
def matching_subnets(search: Subnet, t: Any) -> list[Subnet]:
    """Return the indices of a set or table of subnets that cover `search`, the longest prefix first."""
    table = _subnet_table("matching_subnets", t)
    return _covering(search, table)


@builtin("function filter_subnet_table(search: subnet, t: any): any")
def filter_subnet_table(search: Subnet, t: Any) -> Any:
    """Return a new set or table with the elements of a set or table of subnets whose index covers
    `search`."""
    table = _subnet_table("filter_subnet_table", t)
    filtered = table.empty()
    filtered.fill((subnet, dict.__getitem__(table, subnet)) for subnet in _covering(search, table))
    return Boxed(filtered, t.type) if type(t) is Boxed else filtered


def _subnet_table(function: str, t: Any) -> Any:
    table = unboxed(t)
    if isinstance(table, dict) and (not table or isinstance(next(iter(table)), Subnet)):
        return table
    raise ScriptError(f"{function}: the second argument must be a set or table indexed by subnet")


def _covering(search: Subnet, table: Any) -> list[Subnet]:
    """The indices that cover `search`: at most one a prefix length, so look up each rather than walk the
    table."""
    address = search.addr
    found = []
    for width in range(search.width, -1, -1):
        candidate = address.mask(width)
        if dict.__contains__(table, candidate):
            found.append(candidate)
    return found
