"""A handler without an end does not keep a live monitor from its traffic."""

from __future__ import annotations

import pathlib
import signal

from tests import processes
from tests.live.test_live import PAGE, fetch, network, pytestmark, watching, web_server

__all__ = ["network", "pytestmark"]

LOOP = """\
redef watchdog_interval = 1 sec;
event http_request(c: connection, method: string, original: string, unescaped: string, version: string)
	{
	while ( T ) { }
	}
"""


def test_logs_go_on(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    (tmp_path / "loop.bro").write_text(LOOP)
    with web_server(tmp_path / "web"), watching(tmp_path, cache_dir, "loop.bro") as monitor:
        for _ in range(2):
            assert fetch() == PAGE
            told = processes.next_line(monitor, monitor.stderr, "that the handler was stopped")
            assert "loop.bro, line 4: this handler has been running for more than 1 seconds" in told
        _, errors = processes.finish(monitor, signal.SIGINT)
    assert "has been running" not in errors
    assert (tmp_path / "http.log").read_text().count("/page.txt") == 2
