"""bro.runtime.builtins.similarity, anonymization and geo"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import anonymization, geo
from bro.runtime.builtins import similarity as s
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Subnet
from bro.script import types as t

words = st.text("abc", max_size=12).map(str.encode)


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        (b"kitten", b"sitting", 3),
        (b"", b"", 0),
        (b"", b"abc", 3),
        (b"abc", b"abc", 0),
        (b"abc", b"acb", 2),
        (b"flaw", b"lawn", 2),
        (b"\xff\0", b"\0", 1),
    ],
)
def test_levenshtein(one: bytes, two: bytes, distance: int) -> None:
    assert s.levenshtein_distance(one, two) == s.levenshtein_distance(two, one) == distance


@given(words, words, words)
def test_levenshtein_is_a_metric(one: bytes, two: bytes, three: bytes) -> None:
    direct = s.levenshtein_distance(one, three)
    assert direct <= s.levenshtein_distance(one, two) + s.levenshtein_distance(two, three)
    assert (direct == 0) == (one == three)
    assert abs(len(one) - len(three)) <= direct <= max(len(one), len(three))


def test_strings_that_are_too_long() -> None:
    with pytest.raises(ScriptError, match="too long"):
        s.levenshtein_distance(b"a" * 100_000, b"b" * 100_000)
    with pytest.raises(ScriptError, match="too long"):
        s.str_smith_waterman(b"a" * 10_000, b"b" * 10_000, None)


@pytest.fixture
def alignments(program: Any) -> Any:
    program.add_record("sw_align", str=t.STRING, index=t.COUNT)
    program.add_record("sw_substring", str=t.STRING, aligns=t.ANY, new=t.BOOL)

    def find(one: bytes, two: bytes, minimum: int = 2, variant: int = 0) -> list[Any]:
        params = SimpleNamespace(min_strlen=minimum, sw_variant=variant)
        found = s.str_smith_waterman(one, two, params)
        return [(sub.str, [align.index for align in sub.aligns], sub.new) for sub in found]

    return find


def test_common_substrings(alignments: Any) -> None:
    assert alignments(b"xxabcdxx", b"yabcdy") == [(b"abcd", [2, 1], True)]
    assert alignments(b"abc", b"xyz") == []
    assert alignments(b"", b"abc") == []
    assert alignments(b"abc", b"abc", minimum=4) == []


def test_a_gap_parts_an_alignment(alignments: Any) -> None:
    assert alignments(b"abcdXefgh", b"abcdefgh") == [(b"abcd", [0, 0], True), (b"efgh", [5, 4], False)]


def test_all_alignments(alignments: Any) -> None:
    one, two = b"abcd....efgh", b"efgh####abcd"
    assert len(alignments(one, two, variant=0)) == 1
    assert {text for text, _, _ in alignments(one, two, variant=1)} == {b"abcd", b"efgh"}


@given(words, words, st.integers(1, 4), st.integers(0, 1))
def test_what_is_found_is_there(one: bytes, two: bytes, minimum: int, variant: int) -> None:
    for runs in s._align(one, two, minimum):
        assert runs[0].first and not any(run.first for run in runs[1:])
        for start1, start2, length, _ in runs:
            assert length >= minimum
            assert one[start1 : start1 + length] == two[start2 : start2 + length]


# ---- anonymous addresses --------------------------------------------------------------------------------


def anonymous(text: str) -> Addr:
    return anonymization.anonymize_addr(Addr(text), None)  # type: ignore[arg-type]


def common(one: Addr, two: Addr) -> int:
    """How many bits two addresses share at their front."""
    differ = int.from_bytes(one.packed, "big") ^ int.from_bytes(two.packed, "big")
    return 8 * len(one.packed) - differ.bit_length()


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_common_prefixes_stay(one: Any, two: Any) -> None:
    assert common(anonymous(str(one)), anonymous(str(two))) == common(Addr(str(one)), Addr(str(two)))


def test_anonymous_addresses() -> None:
    assert anonymous("10.1.2.3") == anonymous("10.1.2.3")
    assert common(anonymous("2001:db8::1"), anonymous("2001:db8::2")) == 126
    changed = [text for text in (f"10.0.{n}.1" for n in range(50)) if anonymous(text) != Addr(text)]
    assert len(changed) >= 49
    before = anonymous("10.1.2.3")
    context.current.state.clear()
    context.current.state["seed"] = b"another seed 123"
    assert anonymous("10.1.2.3") != before


def test_preserved_prefixes() -> None:
    anonymization.preserve_subnet(Subnet("192.168.0.0/16"))
    anonymization.preserve_prefix(Addr("10.1.2.3"), 8)
    assert common(anonymous("192.168.3.4"), Addr("192.168.3.4")) >= 16
    assert common(anonymous("10.99.3.4"), Addr("10.99.3.4")) >= 8
    with pytest.raises(ScriptError, match="33 bits"):
        anonymization.preserve_prefix(Addr("10.1.2.3"), 33)


# ---- places ---------------------------------------------------------------------------------------------


class Reader:
    """A database of two addresses."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.closed = False

    def get(self, addr: str) -> Any:
        if ":" in addr:
            raise ValueError("this database has IPv4 addresses only")
        if addr != "192.0.2.1":
            return None
        return {
            "country": {"iso_code": "DE"},
            "subdivisions": [{"iso_code": "BE"}],
            "city": {"names": {"en": "Berlin", "de": "Berlin"}},
            "location": {"latitude": 52.5, "longitude": 13},
            "autonomous_system_number": 64496,
            "autonomous_system_organization": "Example",
        }

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def maxmind(monkeypatch: pytest.MonkeyPatch, program: Any) -> list[Reader]:
    """The package that reads the databases."""
    program.add_record(
        "geo_location",
        country_code=t.STRING,
        region=t.STRING,
        city=t.STRING,
        latitude=t.DOUBLE,
        longitude=t.DOUBLE,
    )
    program.add_record("geo_autonomous_system", number=t.COUNT, organization=t.STRING)
    module = ModuleType("maxminddb")
    opened: list[Reader] = []

    def open_database(path: str) -> Reader:
        if Path(path).read_bytes() == b"broken":
            raise module.InvalidDatabaseError("no metadata")
        opened.append(Reader(path))
        return opened[-1]

    module.open_database = open_database  # type: ignore[attr-defined]
    module.InvalidDatabaseError = type("InvalidDatabaseError", (RuntimeError,), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "maxminddb", module)
    return opened


def test_location(maxmind: list[Reader], tmp_path: Path, reports: Any) -> None:
    (tmp_path / "GeoLite2-City.mmdb").write_bytes(b"x")
    context.current.globals["mmdb_dir"] = str(tmp_path).encode()
    found = geo.lookup_location(Addr("192.0.2.1"))
    assert (found.country_code, found.region, found.city) == (b"DE", b"BE", b"Berlin")
    assert (found.latitude, found.longitude) == (52.5, 13.0)
    assert geo.lookup_location(Addr("192.0.2.2")).country_code is None
    assert geo.lookup_location(Addr("2001:db8::1")).country_code is None
    assert len(maxmind) == 1 and reports() == ""


def test_autonomous_system(maxmind: list[Reader], tmp_path: Path) -> None:
    path = tmp_path / "asn"
    path.write_bytes(b"x")
    assert geo.mmdb_open_asn_db(str(path).encode())
    found = geo.lookup_autonomous_system(Addr("192.0.2.1"))
    assert (found.number, found.organization) == (64496, b"Example")


def test_replaced_databases_are_opened_again(maxmind: list[Reader], tmp_path: Path) -> None:
    path = tmp_path / "city"
    path.write_bytes(b"x")
    assert geo.mmdb_open_location_db(str(path).encode())
    context.current.clock.now = 1000.0
    geo.lookup_location(Addr("192.0.2.1"))
    assert len(maxmind) == 1
    path.unlink()
    path.write_bytes(b"longer")
    context.current.clock.now = 1001.0
    geo.lookup_location(Addr("192.0.2.1"))
    assert len(maxmind) == 1
    context.current.clock.now = 2000.0
    geo.lookup_location(Addr("192.0.2.1"))
    assert len(maxmind) == 2 and maxmind[0].closed


def test_missing_databases_are_told_once(maxmind: list[Reader], tmp_path: Path, reports: Any) -> None:
    context.current.globals["mmdb_dir_fallbacks"] = [str(tmp_path).encode()]
    for _ in range(3):
        assert geo.lookup_location(Addr("192.0.2.1")).city is None
    assert reports().count("no database was found") == 1
    (tmp_path / "broken").write_bytes(b"broken")
    assert not geo.mmdb_open_asn_db(str(tmp_path / "broken").encode())
    assert "no metadata" in reports()
    assert not geo.mmdb_open_asn_db(str(tmp_path / "missing").encode())


def test_without_the_package(maxmind: list[Reader], monkeypatch: pytest.MonkeyPatch, reports: Any) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    assert not geo.mmdb_open_location_db(b"x")
    assert "not installed" in reports()
