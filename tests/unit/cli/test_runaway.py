"""Handlers without an end, in a whole run: they are told of, and neither the input nor a signal waits."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

from tests.conftest import CAPTURES, REPOSITORY, RunBro

HTTP = CAPTURES / "http-get.pcap"

LOOP = """\
redef watchdog_interval = 1 sec;
global seen = 0;
event new_connection(c: connection)
	{
	if ( ++seen == 1 )
		while ( T )
			{ }
	}
event connection_state_remove(c: connection) { print "removed"; }
event zeek_done() { print "done", seen; }
"""


def test_in_the_middle_of_a_capture(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "loop.bro").write_text(LOOP)
    done = bro("-C", "-r", HTTP, "loop.bro")
    assert "loop.bro, line 6: this handler has been running for more than 1 seconds" in done.stderr
    # The rest of the capture was read, and the logs are whole.
    assert done.stdout.count("removed") >= 2 and "done, " in done.stdout
    assert (tmp_path / "http.log").read_text().splitlines()[-1].startswith("#close")


def test_one_signal_is_enough(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    (tmp_path / "loop.bro").write_text(
        'redef watchdog_interval = 1 day;\nevent zeek_init() { system("touch looping"); while ( T ) { } }\n'
        'event zeek_done() { print "done"; }\n'
    )
    with subprocess.Popen(
        [sys.executable, "-m", "bro", "loop.bro"],
        cwd=tmp_path,
        env={**os.environ, "BRO_CACHE_DIR": str(cache_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            while not (tmp_path / "looping").exists() and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "loop.bro, line 2: this handler was still running when the program was asked to end" in errors
    assert out == "done\n"


def test_how_deep_functions_call_each_other(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "deep.bro").write_text(
        "type N: record { v: count; next_: N &optional; };\n"
        "function sum(n: count): count { return n == 0 ? 0 : n + sum(n - 1); }\n"
        "function compare(a: N, b: N): int { local v = vector(a, b); sort(v, compare); return -1; }\n"
        "event zeek_init() &priority=3 { print sum(5000); }\n"
        "event zeek_init() &priority=2 { print sum(1000000); }\n"
        "event zeek_init() &priority=1 { compare(N($v=1), N($v=2)); }\n"
        'event zeek_init() { print "done"; }\n'
    )
    done = bro("-b", "deep.bro")
    assert done.returncode == 0 or done.returncode == 1, done.stderr
    assert done.stdout == "12502500\ndone\n"
    assert done.stderr.count("functions call each other too deeply") == 2


def test_a_string_that_doubles_for_ever(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    code = 'event zeek_init() { local s = "x"; while ( T ) s += s; } event zeek_done() { print "done"; }'
    # As on a machine with little memory.
    program = (
        "import sys; from bro.runtime import memory; memory._available = lambda: 2 << 30;"
        f"from bro.cli import main; sys.exit(main(['-b', '-e', {code!r}]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "BRO_CACHE_DIR": str(cache_dir)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "done\n", done.stderr
    assert "line 1: out of memory (s += s)" in done.stderr


def test_the_limit_of_memory_is_that_of_the_machine() -> None:
    from bro.runtime import memory

    assert memory._available() == 0 or memory._available() > 100 << 20
