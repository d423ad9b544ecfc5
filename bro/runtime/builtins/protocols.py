"""Texts of protocols that scripts take apart themselves: FTP's ports, URIs, NetBIOS names."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import record
from bro.runtime.builtins.addresses import mapped
from bro.runtime.builtins.registry import builtin
from bro.runtime.netvalues import Addr, Port


def _ftp_port(addr: Addr | None, port: int | None) -> Any:
    """Record `ftp_port`; without an address or port it is invalid."""
    cls = record("ftp_port")
    if addr is None or port is None or not 0 <= port <= 65535:
        return cls(h=Addr("0.0.0.0"), p=Port(0, "tcp"), valid=False)
    return cls(h=addr, p=Port(port, "tcp"), valid=True)


def _six_numbers(text: bytes) -> Any:
    """Read ``h1,h2,h3,h4,p1,p2`` (RFC 959, 4.1.2), each a byte in decimal; white space around is allowed."""
    parts = [part.strip() for part in text.split(b",")]
    if len(parts) != 6 or not all(part.isdigit() and len(part) <= 3 and int(part) <= 255 for part in parts):
        return _ftp_port(None, None)
    numbers = bytes([int(part) for part in parts])
    return _ftp_port(Addr.from_bytes(numbers[:4]), numbers[4] << 8 | numbers[5])


@builtin("function parse_ftp_port(s: string): ftp_port")
def parse_ftp_port(s: bytes) -> Any:
    """Read the argument of the FTP command PORT (RFC 959)."""
    return _six_numbers(s)


@builtin("function parse_eftp_port(s: string): ftp_port")
def parse_eftp_port(s: bytes) -> Any:
    """Read the argument of the FTP command EPRT (RFC 2428): ``|1|192.0.2.1|6275|``, with any printable
    delimiter."""
    s = s.strip()
    parts = s.split(s[:1]) if s else []
    if len(parts) == 5 and not parts[0] and not parts[4] and parts[3].isdigit() and len(parts[3]) <= 5:
        try:
            addr = Addr(parts[2].decode("ascii"))
        except ValueError:
            return _ftp_port(None, None)
        if parts[1] == (b"1" if addr.is_v4 else b"2"):
            return _ftp_port(addr, int(parts[3]))
    return _ftp_port(None, None)


@builtin("function parse_ftp_pasv(str: string): ftp_port")
def parse_ftp_pasv(text: bytes) -> Any:
    """Read the reply to the FTP command PASV: the six numbers stand in parentheses, or begin at the first
    digit."""
    start = text.find(b"(") + 1
    if start:
        end = text.find(b")", start)
        return _six_numbers(text[start:end] if end >= 0 else text[start:])
    # RFC 1123, 4.1.2.6: without parentheses, look for the first digit after the reply code, which is cut off
    # already.
    digits = next((position for position, byte in enumerate(text) if 0x30 <= byte <= 0x39), None)
    if digits is None:
        return _ftp_port(None, None)
    end = digits
    while end < len(text) and text[end] in b"0123456789, ":
        end += 1
    return _six_numbers(text[digits:end].strip(b", "))


@builtin("function parse_ftp_epsv(str: string): ftp_port")
def parse_ftp_epsv(text: bytes) -> Any:
    """Read the reply to the FTP command EPSV (RFC 2428): ``(|||6446|)``.

    The address of the result is ``::`` when the reply leaves it out, which means that of the control
    connection.
    """
    start = text.find(b"(") + 1
    end = text.find(b")", start)
    if not start or end < 0:
        return _ftp_port(None, None)
    inner = text[start:end]
    parts = inner.split(inner[:1]) if inner else []
    if len(parts) != 5 or parts[0] or parts[4] or not parts[3].isdigit() or len(parts[3]) > 5:
        return _ftp_port(None, None)
    try:
        addr = Addr(parts[2].decode("ascii")) if parts[2] else Addr("::")
    except ValueError:
        return _ftp_port(None, None)
    return _ftp_port(addr, int(parts[3]))


@builtin("function fmt_ftp_port(a: addr, p: port): string")
def fmt_ftp_port(a: Addr, p: Port) -> bytes:
    """Write an IPv4 address and a port as the argument of the FTP command PORT; empty for IPv6."""
    if not a.is_v4:
        return b""
    numbers = [*mapped(a)[-4:], p.number >> 8, p.number & 0xFF]
    return b",".join([b"%d" % number for number in numbers])


@builtin("function unescape_URI(URI: string): string")
def unescape_uri(uri: bytes) -> bytes:
    """Replace each ``%HH`` by the byte it stands for (RFC 3986, 2.1); a percent sign without two digits
    stays."""
    parts = uri.split(b"%")
    out = [parts[0]]
    for part in parts[1:]:
        digits = part[:2]
        if len(digits) == 2 and all(byte in b"0123456789abcdefABCDEF" for byte in digits):
            out.append(bytes([int(digits, 16)]) + part[2:])
        else:
            out.append(b"%" + part)
    return b"".join(out)


def _netbios_bytes(name: bytes) -> bytes | None:
    """Undo the first-level encoding of NetBIOS names (RFC 1001, 14.1): two letters A-P for each of 16
    bytes."""
    if len(name) < 32:
        return None
    letters = name[:32].upper()
    if not all(0x41 <= letter <= 0x50 for letter in letters):
        return None
    return bytes([(letters[at] - 0x41) << 4 | (letters[at + 1] - 0x41) for at in range(0, 32, 2)])


@builtin("function decode_netbios_name(name: string): string")
def decode_netbios_name(name: bytes) -> bytes:
    """Decode a NetBIOS name as DNS messages carry it: its 15 bytes without padding; other names stay as they
    are.

    Bytes that are not printable end the name.
    """
    decoded = _netbios_bytes(name)
    if decoded is None:
        return name
    out = bytearray()
    for byte in decoded[:15]:
        if not 0x20 <= byte <= 0x7E:
            break
        out.append(byte)
    return bytes(out).rstrip(b" ")


@builtin("function decode_netbios_name_type(name: string): count")
def decode_netbios_name_type(name: bytes) -> int:
    """Return what kind of service an encoded NetBIOS name is of: its 16th byte; 255 if it is no such name."""
    decoded = _netbios_bytes(name)
    return 255 if decoded is None else decoded[15]
