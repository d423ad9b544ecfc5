"""A run that is ended by a signal still closes its logs."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

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
    process = subprocess.Popen(
        [sys.executable, "-m", "bro", "-r", "-", "-e", SCRIPT],
        cwd=tmp_path,
        env={**os.environ, "BRO_CACHE_DIR": str(cache_dir)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    watchdog = threading.Timer(60, process.kill)  # should "seen" never come
    watchdog.start()
    try:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write((CAPTURES / "http-get.pcap").read_bytes())
        process.stdin.flush()  # and it stays open: more packets might come
        assert process.stdout.readline() == b"seen\n"
        process.send_signal(number)
        status = process.wait()
        errors = process.stderr.read().decode()
    finally:
        watchdog.cancel()
        process.kill()
    assert status == 0 and not errors, errors
    lines = (tmp_path / "conn.log").read_text().splitlines()
    assert any(not line.startswith("#") for line in lines), "there are no rows"
    assert lines[-1].startswith("#close\t")
