"""The scores against the logs of Zeek 8.2.2 must not fall.

`ratchet.json` holds, for each selection of captures, the share of rows of each log that matched when it was
last written.  The captures lie beside the repository and are no part of it; where they are absent this is
skipped.
After an improvement, `pytest tests/conformance --update` raises the figures; it never lowers them.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys

import pytest

from tests import processes
from tests.conftest import REPOSITORY

COMPARE = REPOSITORY.parent / "shared" / "conformance" / "compare.py"
RATCHET = pathlib.Path(__file__).with_name("ratchet.json")

#: a score may fall by this much: rows of one capture in thousands
SLACK = 0.0005

#: seconds for a selection: as many as for some hundred captures; each has a limit of its own
LIMIT = 1000

#: how a run ends that must never end so, whatever the capture holds
CRASH = re.compile(r"FAILED .*(too slow|exit -|exit 1\b)")


@pytest.mark.xdist_group("conformance")  # each runs several programs at once
@pytest.mark.timeout(LIMIT + 30)
@pytest.mark.skipif(not COMPARE.exists(), reason="the conformance captures are not here")
@pytest.mark.parametrize("name", list(json.loads(RATCHET.read_text())))
def test_scores_do_not_fall(name: str, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    ratchet = json.loads(RATCHET.read_text())
    entry = ratchet[name]
    result = tmp_path / "result.json"
    command = [sys.executable, str(COMPARE), "--program", f"{sys.executable} -m bro", "--jobs", "2"]
    command += ["--show", "1000", "--json", str(result), *entry["arguments"]]
    done = processes.run(command, seconds=LIMIT)
    assert done.returncode == 0, done.stderr
    crashes = [line for line in done.stdout.splitlines() if CRASH.match(line)]
    assert not crashes, "\n".join(crashes)
    logs = json.loads(result.read_text())["logs"]
    scores = {log: n["matched"] / max(n["expected"], n["found"], 1) for log, n in logs.items()}
    print(f"{name}: " + ", ".join(f"{log} {score:.2%}" for log, score in sorted(scores.items())))
    if request.config.getoption("--update"):
        for log, before in entry["scores"].items():
            entry["scores"][log] = max(before, round(scores.get(log, 0.0), 4))
        RATCHET.write_text(json.dumps(ratchet, indent=2) + "\n")
    fallen = {
        log: (before, scores[log]) for log, before in entry["scores"].items() if scores[log] < before - SLACK
    }
    rows = "\n".join(differences(done.stdout, set(fallen)))
    assert not fallen, f"score before and now: {fallen}; rows that differ:\n{rows}"


def differences(text: str, logs: set[str]) -> list[str]:
    """The rows of these logs that differ, as compare.py tells them."""
    found: list[str] = []
    wanted = False
    for line in text.splitlines():
        head = re.match(r"\S+ (\w+)\.log ", line)
        if head or not line.startswith("  "):
            wanted = head is not None and head[1] in logs
        if wanted:
            found.append(line)
    return found
