"""MPTCP connections of the kernel come out byte for byte as programs sent them, whatever happened on the way.

The captures are recorded by `tests/captures/recipes/mptcp.py`, whose programs send what `content` says.
"""

from __future__ import annotations

import hashlib
import json
import pathlib

import pytest

from tests.captures.multipath import content
from tests.conftest import CAPTURES, RunBro

SCRIPT = pathlib.Path(__file__).resolve().parent / "scripts" / "mptcp-digests.bro"


def with_byte(data: bytes, place: int, value: int) -> bytes:
    return data[:place] + bytes([value]) + data[place + 1 :]


#: capture: what the client has sent, what the server has
SENT = {
    "mptcp": (b"evil stuff", b"got evil stuff"),
    "mptcp-transfer": (content("transfer", 60_000), content("answer", 30_000)),
    "mptcp-transfer-server": (content("transfer", 60_000), content("answer", 30_000)),
    "mptcp-subflow-dies": (content("dies", 50_000), content("answer", 3_000)),
    "mptcp-subflow-dies-server": (content("dies", 50_000), content("answer", 3_000)),
    "mptcp-loss": (content("loss", 60_000), content("answer", 3_000)),
    "mptcp-loss-server": (content("loss", 60_000), content("answer", 3_000)),
    "mptcp-reorder": (content("reorder", 60_000), content("answer", 3_000)),
    "mptcp-reorder-server": (content("reorder", 60_000), content("answer", 3_000)),
    "mptcp-changed": (content("changed", 60_000), content("answer", 3_000)),
    "mptcp-changed-server": (content("changed", 60_000), content("answer", 3_000)),
    "mptcp-changed-alone": (content("alone", 30_000), content("answer", 3_000)),
    # Behind the relay it is another byte, which the server's program got: byte 70 of the fifth segment.
    "mptcp-changed-alone-server": (
        with_byte(content("alone", 30_000), 3_170, 0x58),
        content("answer", 3_000),
    ),
    "mptcp-backup": (content("backup", 40_000), content("answer", 3_000)),
    "mptcp-from-server": (content("from server", 40_000), content("answer", 20_000)),
    "mptcp-refused": (content("refused", 5_000), content("answer", 3_000)),
    "mptcp-fastclose": (content("fastclose", 30_000), b""),
    "mptcp-fallback": (content("fallback", 10_000), content("answer", 3_000)),
    "mptcp-fallback-server": (content("fallback", 10_000), content("answer", 3_000)),
}


def carried(bro: RunBro, capture: str) -> list[str]:
    """What the script prints of the only connection in a capture."""
    done = bro("-D", "-r", CAPTURES / f"{capture}.pcap", SCRIPT)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("capture", SENT)
def test_every_byte_comes_out(capture: str, bro: RunBro) -> None:
    lines = carried(bro, capture)
    expected = [
        f"{arrow} {len(sent)} 0 {hashlib.sha256(sent).hexdigest()}"
        for arrow, sent in zip(("->", "<-"), SENT[capture], strict=True)
    ]
    assert lines[:2] == expected, lines


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        ("mptcp-transfer", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-subflow-dies", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-loss", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-reorder", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-changed", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-changed-server", "finished, 2 subflows, 1 joined, 0 refused, 1 conflicting"),
        ("mptcp-backup", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-from-server", "finished, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-refused", "finished, 2 subflows, 0 joined, 1 refused, 0 conflicting"),
        ("mptcp-fastclose", "fastclose, 2 subflows, 1 joined, 0 refused, 0 conflicting"),
        ("mptcp-fallback", "fallback, 1 subflows, 0 joined, 0 refused, 0 conflicting"),
        ("mptcp-changed-alone", "fallback, 1 subflows, 0 joined, 0 refused, 0 conflicting"),
        ("mptcp-changed-alone-server", "fallback, 1 subflows, 0 joined, 0 refused, 0 conflicting"),
    ],
)
def test_how_it_went(capture: str, expected: str, bro: RunBro) -> None:
    assert carried(bro, capture)[2:] == [expected]


@pytest.mark.parametrize("capture", ["transfer", "subflow-dies", "loss", "reorder", "changed", "fallback"])
def test_both_ends_see_the_same(capture: str, bro: RunBro) -> None:
    assert carried(bro, f"mptcp-{capture}")[:2] == carried(bro, f"mptcp-{capture}-server")[:2]


def test_a_page_over_two_paths(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro(
        "-D",
        "-r",
        CAPTURES / "mptcp-http.pcap",
        "policy/frameworks/files/hash-all-files",
        "LogAscii::use_json=T",
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    requests = [json.loads(row) for row in (tmp_path / "http.log").read_text().splitlines()]
    assert [(row["uri"], row["response_body_len"]) for row in requests] == [
        ("/small.txt", 10),
        ("/page.txt", 60_000),
    ]
    files = [json.loads(row) for row in (tmp_path / "files.log").read_text().splitlines()]
    assert [row["md5"] for row in files] == [
        hashlib.md5(b"It works.\n").hexdigest(),
        hashlib.md5(content("page", 60_000)).hexdigest(),
    ]
    assert all(row["missing_bytes"] == 0 for row in files)
