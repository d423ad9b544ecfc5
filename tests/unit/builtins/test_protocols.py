"""bro.runtime.builtins.protocols"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.builtins import protocols as p
from bro.runtime.netvalues import Addr, Port
from bro.script import types as t


@pytest.fixture(autouse=True)
def ftp_port(program: Any) -> None:
    program.add_record("ftp_port", h=t.ADDR, p=t.PORT, valid=t.BOOL)


@pytest.mark.parametrize(
    ("function", "text", "addr", "port"),
    [
        (p.parse_ftp_port, b"192,168,0,2,1,1", "192.168.0.2", 257),
        (p.parse_ftp_port, b" 192, 168, 0, 2, 1, 1 ", "192.168.0.2", 257),
        (p.parse_eftp_port, b"|1|192.168.0.2|257|", "192.168.0.2", 257),
        (p.parse_eftp_port, b"|2|1080::8:800:200C:417A|5282|", "1080::8:800:200c:417a", 5282),
        (p.parse_eftp_port, b"!1!192.168.0.2!257!", "192.168.0.2", 257),
        (p.parse_ftp_pasv, b"227 Entering Passive Mode (192,168,0,2,1,1)", "192.168.0.2", 257),
        (p.parse_ftp_pasv, b"Entering Passive Mode 192,168,0,2,1,1.", "192.168.0.2", 257),
        (p.parse_ftp_pasv, b"(192,168,0,2,1,1", "192.168.0.2", 257),
        (p.parse_ftp_epsv, b"229 Entering Extended Passive Mode (|||6446|)", "::", 6446),
        (p.parse_ftp_epsv, b"(|1|10.0.0.1|6446|)", "10.0.0.1", 6446),
    ],
)
def test_ftp_ports(function: Any, text: bytes, addr: str, port: int) -> None:
    found = function(text)
    assert found.valid and found.h == Addr(addr) and found.p == Port(port, "tcp")


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (p.parse_ftp_port, b""),
        (p.parse_ftp_port, b"1,2,3,4,5"),
        (p.parse_ftp_port, b"1,2,3,256,5,6"),
        (p.parse_ftp_port, b"1,2,3,-4,5,6"),
        (p.parse_eftp_port, b""),
        (p.parse_eftp_port, b"|2|192.168.0.2|257|"),
        (p.parse_eftp_port, b"|1|192.168.0.2|99999|"),
        (p.parse_eftp_port, b"|1|x|257|"),
        (p.parse_ftp_pasv, b"nothing"),
        (p.parse_ftp_pasv, b""),
        (p.parse_ftp_epsv, b"|||6446|"),
        (p.parse_ftp_epsv, b"(|||x|)"),
        (p.parse_ftp_epsv, b"()"),
    ],
)
def test_bad_ftp_ports(function: Any, text: bytes) -> None:
    assert not function(text).valid


@given(st.binary(max_size=40))
def test_any_bytes_can_be_asked(text: bytes) -> None:
    for function in (p.parse_ftp_port, p.parse_eftp_port, p.parse_ftp_pasv, p.parse_ftp_epsv):
        assert function(text).valid in (True, False)
    p.decode_netbios_name(text)
    p.decode_netbios_name_type(text)


@given(st.ip_addresses(v=4), st.integers(0, 65535))
def test_ftp_round_trip(addr: Any, port: int) -> None:
    text = p.fmt_ftp_port(Addr(str(addr)), Port(port, "tcp"))
    found = p.parse_ftp_port(text)
    assert found.h == Addr(str(addr)) and found.p == Port(port, "tcp")
    assert p.parse_ftp_pasv(b"(" + text + b")").p == Port(port, "tcp")


def test_ftp_port_is_for_ipv4() -> None:
    assert p.fmt_ftp_port(Addr("::1"), Port(21, "tcp")) == b""


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (b"/a%20b", b"/a b"),
        (b"%41%2f%2F", b"A//"),
        (b"100%", b"100%"),
        (b"%zz%4", b"%zz%4"),
        (b"%%41", b"%A"),
        (b"", b""),
        (b"%00", b"\0"),
    ],
)
def test_unescape(uri: bytes, expected: bytes) -> None:
    assert p.unescape_uri(uri) == expected


@given(st.binary())
def test_unescape_undoes_escaping(data: bytes) -> None:
    assert p.unescape_uri(b"".join([b"%%%02x" % byte for byte in data])) == data


def encoded(name: bytes, kind: int) -> bytes:
    return b"".join(
        [bytes([0x41 + (byte >> 4), 0x41 + (byte & 15)]) for byte in name.ljust(15) + bytes([kind])]
    )


def test_netbios_names() -> None:
    # The name of the example in RFC 1001, 14.1.
    assert p.decode_netbios_name(b"FEGIGFCAEOGFHEECEJEPFDCAGOGBGNGF") == b"The NetBIOS nam"
    assert p.decode_netbios_name(encoded(b"FRED", 0x20)) == b"FRED"
    assert p.decode_netbios_name_type(encoded(b"FRED", 0x1C)) == 0x1C
    assert p.decode_netbios_name(encoded(b"FR\x01ED", 0)) == b"FR"
    assert p.decode_netbios_name(b"www.example.com") == b"www.example.com"
    assert p.decode_netbios_name_type(b"www.example.com") == 255
