"""The scores against the logs of Zeek 8.2.2 must not fall.

`ratchet.json` holds, for each selection of captures and logs, the share of rows that matched when it was last written.
The captures lie beside the repository and are no part of it; where they are absent this is skipped.  After an
improvement, `pytest tests/conformance --update` raises the figures; it never lowers them.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

COMPARE = REPOSITORY.parent / "shared" / "conformance" / "compare.py"
RATCHET = pathlib.Path(__file__).with_name("ratchet.json")

#: a score may fall by this much: rows of one capture in thousands
SLACK = 0.0005


@pytest.mark.skipif(not COMPARE.exists(), reason="the conformance captures are not here")
@pytest.mark.parametrize("name", list(json.loads(RATCHET.read_text())))
def test_scores_do_not_fall(name: str, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    ratchet = json.loads(RATCHET.read_text())
    entry = ratchet[name]
    result = tmp_path / "result.json"
    program = f"{sys.executable} -m bro"
    command = [sys.executable, str(COMPARE), "--program", program, "--show", "20", "--json", str(result), *entry["arguments"]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(result.read_text())
    crashes = [line for line in done.stdout.splitlines() if re.match(r"FAILED .*(too slow|exit -|Traceback|panicked)", line)]
    assert not crashes, "\n".join(crashes)
    if request.config.getoption("--update") and figures["rows"] > entry["rows"]:
        entry["rows"] = round(figures["rows"], 4)
        RATCHET.write_text(json.dumps(ratchet, indent=2) + "\n")
    assert figures["rows"] >= entry["rows"] - SLACK, f"{figures['rows']:.4f} < {entry['rows']}\n{done.stdout}"
