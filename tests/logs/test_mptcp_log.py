"""Rows of mptcp.log for recorded connections, and what analyzers make of data on several paths."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import CAPTURES, REPOSITORY, RunBro

SHARED = pathlib.Path(os.environ.get("BRO_SHARED", REPOSITORY.parent / "shared")) / "mptcp"
SIGNATURE = pathlib.Path(__file__).resolve().parent / "scripts" / "evil-stuff.sig"

#: what two monitors may see differently: times, and ids that derive from the order of connections
OWN = {"ts", "uid", "subflow_uids"}

Rows = list[dict[str, Any]]


def logs(
    bro: RunBro, folder: pathlib.Path, capture: pathlib.Path, *more: str | pathlib.Path
) -> dict[str, Rows]:
    """All logs of a capture, which is skipped if it is not there."""
    if not capture.exists():
        pytest.skip(f"there is no {capture}")
    for old in folder.glob("*.log"):
        old.unlink()
    done = bro("-D", "-C", "-r", capture, *more, "LogAscii::use_json=T")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return {
        log.stem: [json.loads(line) for line in log.read_text().splitlines()] for log in folder.glob("*.log")
    }


def test_linux_with_three_subflows(bro: RunBro, tmp_path: pathlib.Path) -> None:
    found = logs(bro, tmp_path, SHARED / "linux-v1-two-paths.pcap")
    (row,) = found["mptcp"]
    expected = {
        "version": 1,
        "orig_token": "8f726552",
        "resp_token": "6c12e0e7",
        "subflow_bytes": [400574, 0, 0],
        "joined": 2,
        "verified": 2,
        "refused": 0,
        "orig_bytes": 400563,
        "resp_bytes": 11,
        "orig_missed": 0,
        "resp_missed": 0,
        "repeated_bytes": 0,
        "conflicting_bytes": 0,
        "addresses": ["10.77.1.1", "10.77.1.2", "10.77.2.2", "10.77.2.1"],
        "ended": "finished",
    }
    assert {column: row[column] for column in expected} == expected
    assert [row["uid"]] * 3 == [conn["mptcp_uid"] for conn in found["conn"]]
    assert sorted(row["subflow_uids"]) == sorted(conn["uid"] for conn in found["conn"])
    assert row["subflow_uids"][0] == row["uid"]
    assert [post["uri"] for post in found["http"]] == ["/upload"]
    assert [file["seen_bytes"] for file in found["files"]] == [400012]


def test_visit_with_joins_of_version_0(bro: RunBro, tmp_path: pathlib.Path) -> None:
    found = logs(bro, tmp_path, SHARED / "mp_capable.pcapng")
    columns = ("version", "joined", "verified", "orig_bytes", "resp_bytes", "repeated_bytes", "ended")
    rows = [tuple(row[column] for column in columns) for row in found["mptcp"]]
    # The third join of each was never answered; the second connection has an answer on two subflows.
    assert rows == [(0, 2, 2, 295, 402, 0, "open"), (0, 2, 2, 739, 5826, 0, "open")]
    assert sorted(len(row["subflow_uids"]) for row in found["mptcp"]) == [4, 4]
    uids = {row["uid"] for row in found["mptcp"]}
    assert sum(conn.get("mptcp_uid") in uids for conn in found["conn"]) == 8
    assert sum("mptcp_uid" not in conn for conn in found["conn"]) == 3


@pytest.mark.parametrize(
    ("capture", "rows"), [("mp_key_change.pcap", 1), ("wrongAdd_Addr.pcap", 1), ("flood.pcap", 0)]
)
def test_attacks(capture: str, rows: int, bro: RunBro, tmp_path: pathlib.Path) -> None:
    found = logs(bro, tmp_path, SHARED / capture)
    assert len(found.get("mptcp", [])) == rows
    for row in found.get("mptcp", []):
        assert (row["joined"], row["orig_bytes"], row["ended"]) == (0, 0, "open")


def test_a_split_is_put_together(bro: RunBro, tmp_path: pathlib.Path) -> None:
    found = logs(bro, tmp_path, CAPTURES / "mptcp.pcap", "-s", SIGNATURE)
    (row,) = found["mptcp"]
    assert (row["orig_bytes"], row["resp_bytes"], row["subflow_bytes"]) == (10, 14, [5, 19])
    assert {match["uid"] for match in found["signatures"]} == {row["uid"]}


def test_ordinary_connections_have_no_row(bro: RunBro, tmp_path: pathlib.Path) -> None:
    found = logs(bro, tmp_path, CAPTURES / "http-get.pcap")
    assert "mptcp" not in found
    assert all("mptcp_uid" not in conn for conn in found["conn"])


def other_end(server: pathlib.Path) -> pathlib.Path:
    """The client's view of a capture that is the server's."""
    return server.with_name(server.name.replace("-server.pcap", ".pcap"))


#: captures of both ends
BOTH = sorted(path for path in CAPTURES.glob("mptcp-*-server.pcap") if other_end(path).exists())


@pytest.mark.parametrize("server", BOTH, ids=lambda path: path.stem.removesuffix("-server"))
def test_both_ends_agree(server: pathlib.Path, bro: RunBro, tmp_path: pathlib.Path) -> None:
    views = []
    for capture in (other_end(server), server):
        rows = logs(bro, tmp_path, capture)["mptcp"]
        views.append([{column: value for column, value in row.items() if column not in OWN} for row in rows])
    for row in views[0] + views[1]:
        row["subflow_bytes"] = sum(row["subflow_bytes"])
        # What is lost or changed on the way is seen by one end only; what arrives in the end is the same.
        if any(word in server.name for word in ("loss", "reorder", "changed", "dies")):
            del row["repeated_bytes"], row["conflicting_bytes"]
        # A middlebox has taken the client's key away.
        if "fallback" in server.name:
            row.pop("orig_token", None)
    assert views[0] == views[1]


def test_a_page_over_two_paths(bro: RunBro, tmp_path: pathlib.Path) -> None:
    digests = "policy/frameworks/files/hash-all-files"
    found = logs(bro, tmp_path, CAPTURES / "mptcp-http.pcap", digests)
    (row,) = found["mptcp"]
    assert all(row["subflow_bytes"]), "both have carried a part"
    assert (row["resp_missed"], row["ended"]) == (0, "finished")
    assert {http["uid"] for http in found["http"]} == {row["uid"]}
    services = {conn["uid"]: conn.get("service") for conn in found["conn"]}
    assert services[row["uid"]] == "http"
    assert [services[uid] for uid in row["subflow_uids"][1:]] == [None]
    for file in found["files"]:
        assert file["seen_bytes"] == file["total_bytes"] and file["missing_bytes"] == 0 and file["sha1"]


def subset(capture: pathlib.Path, folder: pathlib.Path, keep: Callable[[int, bytes], bool]) -> pathlib.Path:
    """A capture with those packets of another that are to be kept, by number and content."""
    data = capture.read_bytes()
    parts, at, number = [data[:24]], 24, 0
    while at < len(data):
        end = at + 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        if keep(number, data[at + 16 : end]):
            parts.append(data[at:end])
        at, number = end, number + 1
    part = folder / "part.pcap"
    part.write_bytes(b"".join(parts))
    return part


def is_second_path(packet: bytes) -> bool:
    """Whether a packet is between the addresses of the second path, 198.51.100.0/24."""
    return bytes([198, 51, 100]) in packet[:40]


TRANSFER = CAPTURES / "mptcp-transfer.pcap"


def test_a_path_that_is_not_seen(bro: RunBro, tmp_path: pathlib.Path) -> None:
    part = subset(TRANSFER, tmp_path, lambda _, packet: not is_second_path(packet))
    (row,) = logs(bro, tmp_path, part)["mptcp"]
    # It has carried 32,000 bytes to the server and 18,000 back, as the whole capture says.
    assert (row["orig_missed"], row["resp_missed"], row["ended"]) == (32_000, 18_000, "finished")
    assert row["subflow_bytes"] == [40_000]
    assert row["orig_bytes"] < 60_000 and row["resp_bytes"] < 30_000


def test_a_join_whose_handshake_is_not_seen(bro: RunBro, tmp_path: pathlib.Path) -> None:
    seen = 0

    def keep(_: int, packet: bytes) -> bool:
        nonlocal seen
        seen += is_second_path(packet)
        return not (is_second_path(packet) and seen <= 3)

    (row,) = logs(bro, tmp_path, subset(TRANSFER, tmp_path, keep))["mptcp"]
    assert (row["joined"], row["verified"], len(row["subflow_uids"])) == (0, 0, 2)
    columns = ("orig_bytes", "resp_bytes", "orig_missed", "resp_missed", "subflow_bytes", "ended")
    assert [row[column] for column in columns] == [60_000, 30_000, 0, 0, [40_000, 50_000], "finished"]


def test_a_connection_whose_beginning_is_not_seen(bro: RunBro, tmp_path: pathlib.Path) -> None:
    part = subset(TRANSFER, tmp_path, lambda number, _: number >= 40)
    (row,) = logs(bro, tmp_path, part)["mptcp"]
    assert "version" not in row and "orig_token" not in row
    assert (row["joined"], len(row["subflow_uids"]), row["conflicting_bytes"]) == (0, 2, 0)
    assert (row["resp_bytes"], row["ended"]) == (30_000, "finished")
