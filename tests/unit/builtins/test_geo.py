"""Lookups in MaxMind databases, with a database of one network that is made here."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bro.runtime import context as contexts
from bro.script.loader import LoadOptions, load

#: Kinds of numbers.
UINT16, UINT64 = 5, 9


class Number(NamedTuple):
    """A number of another kind than 32 bits."""

    kind: int
    value: int


NETWORK = 192 << 24 | 2 << 8  # 192.0.2.0/24


def encoded(value: Any) -> bytes:
    """A value in the database's data format."""

    def control(kind: int, size: int) -> bytes:
        more = b"" if size < 29 else bytes([size - 29])
        size = min(size, 29)
        return (bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])) + more

    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(encoded(v) for v in value)
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, int | Number):
        kind, number = value if isinstance(value, Number) else (6, value)
        body = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return control(kind, len(body)) + body
    data = value.encode()
    return control(2, len(data)) + data


def database(kind: str, content: dict[str, Any]) -> bytes:
    """A database with one network of 24 bits."""
    nodes = 24
    tree = b""
    for bit in range(nodes):
        following = bit + 1 if bit + 1 < nodes else nodes + 16
        pair = [nodes, nodes]
        pair[NETWORK >> (31 - bit) & 1] = following
        tree += b"".join(part.to_bytes(3, "big") for part in pair)
    metadata = {
        "node_count": nodes,
        "record_size": Number(UINT16, 24),
        "ip_version": Number(UINT16, 4),
        "database_type": kind,
        "binary_format_major_version": Number(UINT16, 2),
        "binary_format_minor_version": Number(UINT16, 0),
        "build_epoch": Number(UINT64, 1),
        "languages": ["en"],
        "description": {"en": "made for a test"},
    }
    return tree + bytes(16) + encoded(content) + b"\xab\xcd\xefMaxMind.com" + encoded(metadata)


CITY = {
    "country": {"iso_code": "US"},
    "subdivisions": [{"iso_code": "CA"}],
    "city": {"names": {"en": "Berkeley"}},
    "location": {"latitude": 37.875, "longitude": -122.25},
}


def run(script: str, folder: Path) -> tuple[str, str]:
    """What a script prints and reports."""
    (folder / "main.bro").write_text(script)
    context = contexts.use(contexts.Context())
    context.stdout = out = io.BytesIO()
    errors = context.reporter.stream = io.StringIO()
    load([str(folder / "main.bro")], LoadOptions(bare=True), context).run()
    return out.getvalue().decode(), errors.getvalue()


def test_places_and_owners_of_addresses(tmp_path: Path) -> None:
    pytest.importorskip("maxminddb")
    (tmp_path / "GeoLite2-City.mmdb").write_bytes(database("GeoLite2-City", CITY))
    owner = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"}
    (tmp_path / "GeoLite2-ASN.mmdb").write_bytes(database("GeoLite2-ASN", owner))
    script = f"""
redef mmdb_dir = "{tmp_path}";
event zeek_init()
    {{
    local l = lookup_location(192.0.2.7);
    print l$country_code, l$region, l$city, l$latitude, l$longitude;
    local a = lookup_autonomous_system(192.0.2.7);
    print a$number, a$organization;
    print lookup_location(192.0.3.7)?$country_code, lookup_autonomous_system(192.0.3.7)?$number;
    }}
"""
    out, errors = run(script, tmp_path)
    assert errors == ""
    assert out == "US, CA, Berkeley, 37.875, -122.25\n64500, Example\nF, F\n"


def test_databases_are_opened_by_name(tmp_path: Path) -> None:
    pytest.importorskip("maxminddb")
    (tmp_path / "places").write_bytes(database("GeoLite2-City", CITY))
    (tmp_path / "broken").write_bytes(b"this is no database")
    script = f"""
redef mmdb_dir_fallbacks = vector();
event zeek_init()
    {{
    print mmdb_open_location_db("{tmp_path}/places"), lookup_location(192.0.2.7)$city;
    print mmdb_open_asn_db("{tmp_path}/broken"), mmdb_open_location_db("{tmp_path}/none");
    }}
"""
    out, errors = run(script, tmp_path)
    assert out == "T, Berkeley\nF, F\n"
    assert errors.count("cannot open") == 2


def test_without_databases_records_are_empty_and_the_first_lookup_says_so(tmp_path: Path) -> None:
    script = """
redef mmdb_dir_fallbacks = vector();
event zeek_init()
    {
    print lookup_location(192.0.2.7)?$city, lookup_location(192.0.2.8)?$city;
    print lookup_autonomous_system(192.0.2.7)?$number;
    }
"""
    out, errors = run(script, tmp_path)
    assert out == "F, F\nF\n"
    assert errors.count("no database was found") == 2
