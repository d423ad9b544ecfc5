"""MPTCP of this machine's kernel over bad paths, recorded now: every byte comes out as it was sent.

What happens follows from a number, as far as a kernel is predictable: losses, delays, other orders, changed
bytes, a wire that is cut, pieces of the data.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import shutil

import pytest

from tests.captures.multipath import captures, content, setting, transfer, two_paths
from tests.captures.namespaces import network
from tests.conftest import REPOSITORY, RunBro
from tests.live.paths import needs_mptcp, needs_namespaces, one_at_a_time

pytestmark = [
    one_at_a_time,
    needs_namespaces,
    needs_mptcp,
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in ("tcpdump", "ethtool")),
        reason="recording needs tcpdump and ethtool",
    ),
]

SCRIPT = REPOSITORY / "tests" / "logs" / "scripts" / "mptcp-digests.bro"

#: how many different connections; more of them with BRO_MPTCP_TRANSFERS=200
NUMBERS = range(int(os.environ.get("BRO_MPTCP_TRANSFERS", "3")))


def bad_path(chance: random.Random, frames: int, may_change: bool) -> dict[str, object]:
    """What a relay does."""

    def some(share: float) -> list[int]:
        # The first frames join the subflow; later ones may be lost, but not all tries of one.
        return sorted(number for number in range(3, frames) if chance.random() < share)

    rules: dict[str, object] = {"delay": chance.choice([0.001, 0.005, 0.01, 0.02])}
    if chance.random() < 0.6:
        rules["lose"] = some(0.08)
    if chance.random() < 0.6:
        rules["hold"] = [number for number in some(0.1) if number not in rules.get("lose", ())]  # type: ignore[operator]
    if may_change and chance.random() < 0.5:
        rules["change"] = [[chance.randrange(3, 12), chance.randrange(0, 60), 0x58]]
    return rules


@pytest.mark.parametrize("number", NUMBERS)
def test_every_byte_comes_out(number: int, bro: RunBro, tmp_path: pathlib.Path) -> None:
    chance = random.Random(number)
    sent = content(f"sent {number}", chance.choice([1_000, 20_000, 100_000, 400_000]))
    answer = content(f"answer {number}", chance.choice([0, 500, 20_000, 100_000]))
    checksums = chance.random() < 0.4
    cut = [["ip", "link", "set", "veth-c2", "down"]] if chance.random() < 0.25 else None
    with network():
        setting("net.mptcp.checksum_enabled", int(checksums))
        first = bad_path(chance, 200, may_change=False)
        second = bad_path(chance, 200, may_change=checksums)
        with two_paths(first, second), captures(tmp_path, both=True):
            transfer(
                tmp_path,
                sent,
                answer,
                step=chance.choice([500, 2_000, 5_000, 65_536]),
                pause=chance.choice([0, 0.002, 0.005]),
                middle=cut,
            )
    for file in ("out.pcap", "server.pcap"):
        done = bro("-D", "-r", tmp_path / file, SCRIPT)
        assert done.returncode == 0 and not done.stderr, done.stderr
        lines = done.stdout.splitlines()
        expected = [
            f"{arrow} {len(data)} 0 {hashlib.sha256(data).hexdigest()}"
            for arrow, data in (("->", sent), ("<-", answer))
        ]
        assert lines[:2] == expected, (file, lines)
