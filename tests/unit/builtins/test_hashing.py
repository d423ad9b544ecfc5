"""bro.runtime.builtins.hashing and random"""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import hashing as h
from bro.runtime.builtins import random as r
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Port
from bro.runtime.values import Boxed, copy
from bro.script import types as t

ALGORITHMS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]


def count(value: int) -> Boxed:
    return Boxed(value, t.COUNT)


@pytest.mark.parametrize("name", ALGORITHMS)
@given(pieces=st.lists(st.binary(), max_size=4))
def test_digests(name: str, pieces: list[bytes]) -> None:
    expected = hashlib.new(name, b"".join(pieces)).hexdigest().encode()
    assert getattr(h, f"{name}_hash")(*pieces) == expected
    handle = getattr(h, f"{name}_hash_init")()
    for piece in pieces:
        assert getattr(h, f"{name}_hash_update")(handle, piece)
    assert getattr(h, f"{name}_hash_finish")(handle) == expected


def test_other_values_are_hashed_as_cat_shows_them() -> None:
    assert h.md5_hash(count(4), Addr("1.2.3.4")) == hashlib.md5(b"41.2.3.4").hexdigest().encode()


def test_finished_computation(reports: Any) -> None:
    handle = h.md5_hash_init()
    digest = h.md5_hash_finish(handle)
    assert not h.md5_hash_update(handle, b"x")
    assert h.md5_hash_finish(handle) == digest
    assert "finished already" in reports()


def test_copies_go_their_own_way() -> None:
    one = h.sha1_hash_init()
    h.sha1_hash_update(one, b"a")
    two = copy(one)
    h.sha1_hash_update(two, b"b")
    assert h.sha1_hash_finish(one) == hashlib.sha1(b"a").hexdigest().encode()
    assert h.sha1_hash_finish(two) == hashlib.sha1(b"ab").hexdigest().encode()


def test_hmac() -> None:
    key = r.process_key("hmac")
    assert h.md5_hmac(b"a", b"b") == hmac.new(key, b"ab", "md5").hexdigest().encode()
    assert h.sha256_hmac(b"ab") == hmac.new(key, b"ab", "sha256").hexdigest().encode()


def test_fnv() -> None:
    # Test vectors of the FNV authors; a count is its eight bytes.
    assert h.fnv1a32(b"") == 0x811C9DC5
    assert h.fnv1a32(b"a") == 0xE40C292C
    assert h.fnv1a32(b"foobar") == 0xBF9CF968
    assert h.fnv1a64(b"foobar") == 0x85944171F73967E8
    assert h.fnv1a32(count(0)) == 2615243109
    with pytest.raises(ScriptError, match="cannot be hashed"):
        h.fnv1a32(lambda: None)


def test_rendezvous_weights_move_few_keys() -> None:
    def site(key: int, sites: range) -> int:
        return max(sites, key=lambda site: h.hrw_weight(h.fnv1a32(count(key)), site))

    before = [site(key, range(1, 9)) for key in range(2000)]
    after = [site(key, range(1, 10)) for key in range(2000)]
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert all(new == 9 for _, new in moved)
    assert 100 < len(moved) < 400
    assert all(100 < before.count(number) < 500 for number in range(1, 9))


def flow(orig_h: str, orig_p: int, resp_h: str, resp_p: int, proto: str, number: int | None = None) -> Any:
    return SimpleNamespace(
        orig_h=Addr(orig_h),
        orig_p=Port(orig_p, proto),
        resp_h=Addr(resp_h),
        resp_p=Port(resp_p, proto),
        proto=number,
    )


@pytest.mark.parametrize(
    ("cid", "expected"),
    [
        # From the specification of Community ID.
        (flow("128.232.110.120", 34855, "66.35.250.204", 80, "tcp"), b"1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        (flow("66.35.250.204", 80, "128.232.110.120", 34855, "tcp"), b"1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        (flow("192.168.1.52", 54585, "8.8.8.8", 53, "udp"), b"1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        (flow("192.168.0.89", 8, "192.168.0.1", 0, "icmp"), b"1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
    ],
)
def test_community_id(cid: Any, expected: bytes) -> None:
    assert h.community_id_v1(cid) == expected


def test_community_id_options() -> None:
    cid = flow("128.232.110.120", 34855, "66.35.250.204", 80, "tcp")
    assert h.community_id_v1(cid, 1) == b"1:3V71V58M3Ksw/yuFALMcW0LAHvc="
    assert h.community_id_v1(cid, 0, False) == b"1:2d053da9994af81e45dca0e67afea6e4f3226eb8"
    with pytest.raises(ScriptError, match="16 bits"):
        h.community_id_v1(cid, 1 << 16)


def test_community_id_of_other_protocols() -> None:
    one = flow("10.0.0.1", 0, "10.0.0.2", 0, "unknown", 132)
    two = flow("10.0.0.2", 0, "10.0.0.1", 0, "unknown", 132)
    assert h.community_id_v1(one) == h.community_id_v1(two)
    with pytest.raises(ScriptError, match="not known"):
        h.community_id_v1(flow("10.0.0.1", 0, "10.0.0.2", 0, "unknown", 65535))


def test_one_way_icmp_is_not_turned_round() -> None:
    # Destination unreachable has no answer, so its direction counts.
    one = h.community_id_v1(flow("10.0.0.1", 3, "10.0.0.2", 1, "icmp"))
    assert one != h.community_id_v1(flow("10.0.0.2", 3, "10.0.0.1", 1, "icmp"))


# ---- random ------------------------------------------------------------------------------------------------


def test_rand_is_deterministic_under_a_seed() -> None:
    r.srand(7)
    one = [r.rand(1000) for _ in range(50)]
    r.srand(7)
    assert [r.rand(1000) for _ in range(50)] == one
    r.srand(8)
    assert [r.rand(1000) for _ in range(50)] != one


def test_seed_of_the_process_decides() -> None:
    one = (r.rand(1 << 40), r.unique_id(b"C"), r.process_key("x"))
    context.current.state.clear()
    context.current.state["seed"] = b"0123456789abcdef"
    assert (r.rand(1 << 40), r.unique_id(b"C"), r.process_key("x")) == one
    context.current.state.clear()
    assert (r.rand(1 << 40), r.unique_id(b"C"), r.process_key("x")) != one


def test_rand_covers_its_range() -> None:
    assert {r.rand(3) for _ in range(200)} == {0, 1, 2}
    with pytest.raises(ScriptError, match="at least 1"):
        r.rand(0)


def test_identifiers_do_not_repeat() -> None:
    found = {r.unique_id(b"C") for _ in range(1000)} | {r.unique_id_from(3, b"C") for _ in range(1000)}
    assert len(found) == 2000
    assert all(one.startswith(b"C") and one.isalnum() and 10 < len(one) < 24 for one in found)
