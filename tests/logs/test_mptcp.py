"""Notices about MPTCP: of attacks, and none of ordinary connections."""

from __future__ import annotations

import json
import os
import pathlib
from collections import Counter

import pytest

from tests.conftest import CAPTURES, REPOSITORY, RunBro

# Captures that are not part of the repository.
SHARED = pathlib.Path(os.environ.get("BRO_SHARED", REPOSITORY.parent / "shared")) / "mptcp"


def notices(bro: RunBro, folder: pathlib.Path, capture: pathlib.Path) -> Counter[str]:
    """How often each notice is raised."""
    if not capture.exists():
        pytest.skip(f"there is no {capture}")
    script = "policy/protocols/mptcp/detect-attacks"
    done = bro("-D", "-C", "-r", capture, script, "LogAscii::use_json=T")
    assert done.returncode == 0 and not done.stderr, done.stderr
    log = folder / "notice.log"
    rows = log.read_text().splitlines() if log.exists() else []
    return Counter(json.loads(row)["note"] for row in rows)


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        ("mp_key_change.pcap", {"MPTCP::Keys_Changed": 1}),
        ("wrongAdd_Addr.pcap", {"MPTCP::Address_Id_Reused": 1}),
        # All joins are to one host with one token.
        ("flood.pcap", {"MPTCP::Join_Flood": 1, "MPTCP::Unknown_Join": 1}),
        ("mp_capable.pcapng", {}),
        ("linux-v1-two-paths.pcap", {}),
    ],
)
def test_recorded_attacks(
    capture: str, expected: dict[str, int], bro: RunBro, tmp_path: pathlib.Path
) -> None:
    assert notices(bro, tmp_path, SHARED / capture) == expected


def test_ordinary_connection(bro: RunBro, tmp_path: pathlib.Path) -> None:
    assert notices(bro, tmp_path, CAPTURES / "mptcp.pcap") == {}
