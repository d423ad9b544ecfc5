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


def notices(bro: RunBro, folder: pathlib.Path, capture: pathlib.Path, *arguments: str) -> Counter[str]:
    """How often each notice is raised with all that looks for them loaded."""
    if not capture.exists():
        pytest.skip(f"there is no {capture}")
    done = bro("-D", "-C", "-r", capture, "policy/protocols/mptcp", "LogAscii::use_json=T", *arguments)
    assert done.returncode == 0 and not done.stderr, done.stderr
    log = folder / "notice.log"
    rows = log.read_text().splitlines() if log.exists() else []
    return Counter(json.loads(row)["note"].removeprefix("MPTCP::") for row in rows)


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        ("mp_key_change.pcap", {"Keys_Changed": 1}),
        ("wrongAdd_Addr.pcap", {"Address_Id_Reused": 1}),
        # All joins are to one host with one token.
        ("flood.pcap", {"Join_Flood": 1, "Unknown_Join": 1}),
        ("mp_capable.pcapng", {}),
        ("linux-v1-two-paths.pcap", {}),
    ],
)
def test_recorded_attacks(
    capture: str, expected: dict[str, int], bro: RunBro, tmp_path: pathlib.Path
) -> None:
    assert notices(bro, tmp_path, SHARED / capture) == expected


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        ("mptcp-wrong-hmac", {"Wrong_HMAC": 1}),
        # With ever new tokens: one by one until it is a flood.
        ("mptcp-join-flood", {"Unknown_Join": 100, "Join_Flood": 1}),
        ("mptcp-keys-changed", {"Keys_Changed": 2}),
        ("mptcp-address-reused", {"Address_Id_Reused": 1}),
        # One for the connection, one for the host.
        ("mptcp-flux", {"Fast_Flux": 2}),
        ("mptcp-stripped", {"Options_Removed": 1}),
        ("mptcp-malformed", {"Malformed_Option": 3}),
        # Split between paths, and once more whole on one path: that is none.
        ("mptcp-v0-split", {"Split_Payload": 1}),
        # Split between paths of the kernel.
        ("mptcp", {"Split_Payload": 1}),
        # Changed on one of two paths, seen before it is changed and after that.
        ("mptcp-changed", {"Wrong_Checksum": 1}),
        ("mptcp-changed-server", {"Wrong_Checksum": 1, "Inconsistent_Data": 1}),
        ("mptcp-changed-alone", {"Wrong_Checksum": 1}),
        ("mptcp-changed-alone-server", {"Wrong_Checksum": 1}),
        ("mptcp-fallback", {"Options_Removed": 1}),
        ("mptcp-fallback-late", {"Options_Removed": 1}),
        ("mptcp-fallback-late-server", {"Options_Removed": 1}),
    ],
)
def test_attacks(capture: str, expected: dict[str, int], bro: RunBro, tmp_path: pathlib.Path) -> None:
    assert notices(bro, tmp_path, CAPTURES / f"{capture}.pcap") == expected


@pytest.mark.parametrize(
    "capture",
    [
        "mptcp-transfer",
        "mptcp-transfer-server",
        "mptcp-subflow-dies",
        "mptcp-subflow-dies-server",
        "mptcp-loss",
        "mptcp-loss-server",
        "mptcp-reorder",
        "mptcp-reorder-server",
        "mptcp-backup",
        "mptcp-from-server",
        "mptcp-refused",
        "mptcp-fastclose",
        "mptcp-plain-server",
        "mptcp-http",
        "mptcp-addresses",
    ],
)
def test_nothing_is_wrong(capture: str, bro: RunBro, tmp_path: pathlib.Path) -> None:
    """What happens among ordinary hosts, with losses and all, raises no notice."""
    assert notices(bro, tmp_path, CAPTURES / f"{capture}.pcap") == {}


def test_a_repeated_address_is_told_to_those_who_ask(bro: RunBro, tmp_path: pathlib.Path) -> None:
    asked = "Notice::ignored_types=set()"
    assert notices(bro, tmp_path, CAPTURES / "mptcp-addresses.pcap", asked) == {"Address_Repeated": 1}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("MPTCP::unexpected_hosts={192.0.2.80/32}", {"Unexpected_Use": 1}),
        ("MPTCP::unexpected_hosts={192.0.2.0/24}", {"Unexpected_Use": 2}),
        ("MPTCP::unexpected_hosts={198.51.100.0/24}", {}),
        ("MPTCP::expected_hosts={192.0.2.10/32}", {"Unexpected_Use": 1}),
        ("MPTCP::expected_hosts={192.0.2.0/24}", {}),
    ],
)
def test_use_where_it_is_not_expected(
    setting: str, expected: dict[str, int], bro: RunBro, tmp_path: pathlib.Path
) -> None:
    local = "Site::local_nets={192.0.2.0/24}"
    assert notices(bro, tmp_path, CAPTURES / "mptcp-transfer.pcap", setting, local) == expected


@pytest.mark.parametrize(
    ("capture", "printed", "expected"),
    [
        ("mp_key_change.pcap", ["subtype 0: 3", "subtype 2: 1"], ["Key_Change"]),
        (
            "wrongAdd_Addr.pcap",
            ["subtype 0: 3", "subtype 2: 3", "subtype 3: 2", "addresses without a port"],
            ["Bad_Add_Addr"],
        ),
        # Sources are filtered from the fiftieth join on: some of them come again.
        ("flood.pcap", None, ["Join_Flood"]),
        (
            "mp_capable.pcapng",
            ["subtype 0: 6", "subtype 1: 18", "subtype 2: 35", "subtype 3: 8", "addresses without a port"],
            [],
        ),
    ],
)
def test_a_script_of_2015(
    capture: str, printed: list[str] | None, expected: list[str], bro: RunBro, tmp_path: pathlib.Path
) -> None:
    if not (SHARED / capture).exists():
        pytest.skip(f"there is no {SHARED / capture}")
    script = pathlib.Path(__file__).resolve().parent / "scripts" / "mptcp-2015.bro"
    done = bro("-D", "-C", "-r", SHARED / capture, script, "LogAscii::use_json=T")
    # What has no meaning any more is a warning.
    assert done.returncode == 0 and "error" not in done.stderr, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first == "watching MPTCP"
    if printed is None:
        (line,) = lines
        assert 50 < int(line.removeprefix("subtype 1: ")) < 10_000
    else:
        assert lines == printed
    log = tmp_path / "notice.log"
    rows = log.read_text().splitlines() if log.exists() else []
    assert [json.loads(row)["note"] for row in rows] == [f"MPTCPWatch::{note}" for note in expected]
