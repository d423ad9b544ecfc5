"""A run that is ended by a signal still closes its logs."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys

import pytest

from tests import processes
from tests.conftest import CAPTURES

SCRIPT = """
event connection_established(c: connection)
    {
    print "seen";
    flush_all();
    }
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_logs_are_closed(tmp_path: pathlib.Path, cache_dir: pathlib.Path, number: signal.Signals) -> None:
    _engine = pytest.importorskip("bro._engine")
    if not hasattr(_engine, "Engine"):
        pytest.skip("this build has no engine")
    command = [sys.executable, "-m", "bro", "-r", "-", "-e", SCRIPT]
    environment = processes.environment(cache_dir)
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as process:
        assert process.stdin is not None
        process.stdin.write((CAPTURES / "http-get.pcap").read_bytes())
        process.stdin.flush()  # and it stays open: more packets might come
        assert processes.next_line(process, process.stdout, "a connection is seen") == "seen\n"
        _, errors = processes.finish(process, number)
    assert process.returncode == 0 and not errors, errors
    lines = (tmp_path / "conn.log").read_text().splitlines()
    assert any(not line.startswith("#") for line in lines), "there are no rows"
    assert lines[-1].startswith("#close\t")
