"""Handlers without an end, in a whole run: they are told of, and neither the input nor a signal waits."""

from __future__ import annotations

import pathlib
import signal
import sys

import pytest

from tests import processes
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
    command = [sys.executable, "-m", "bro", "loop.bro"]
    with processes.started(command, cwd=tmp_path, env=processes.environment(cache_dir)) as process:
        processes.wait_until((tmp_path / "looping").exists, "the loop has begun", process=process)
        out, errors = processes.finish(process, signal.SIGINT)
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
    code = (
        'event zeek_init() { local s = "x"; while ( T ) s += s; }'
        'event zeek_init() &priority=-5 { print "done"; }'
    )
    # As on a machine with little memory.
    program = (
        "import sys; from bro.runtime import memory; memory._available = lambda: 2 << 30;"
        f"from bro.cli import main; sys.exit(main(['-b', '-e', {code!r}]))"
    )
    environment = processes.environment(cache_dir, PYTHONPATH=str(REPOSITORY))
    done = processes.run([sys.executable, "-c", program], cwd=tmp_path, env=environment)
    assert done.stdout == "done\n", done.stderr
    assert "line 1: out of memory (s += s)" in done.stderr


def test_what_scripts_keep_takes_all_memory(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    code = (
        "module M; export { redef enum Log::ID += { LOG }; type I: record { n: count &log; }; }"
        "global kept: vector of vector of string;"
        'event zeek_init() { Log::create_stream(M::LOG, [$columns=I, $path="m"]); Log::write(LOG, [$n=1]); }'
        "event zeek_init() &priority=-1 { while ( T ) { local v: vector of string; local i = 0;"
        ' while ( i < 1000 ) { v[i] = cat("text number ", i); ++i; } kept += v; } }'
    )
    program = (
        "import sys; from bro.runtime import memory; memory._available = lambda: 200 << 20;"
        f"from bro.cli import main; sys.exit(main(['-e', {code!r}]))"
    )
    environment = processes.environment(cache_dir, PYTHONPATH=str(REPOSITORY))
    done = processes.run([sys.executable, "-c", program], cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stderr
    assert "out of memory" in done.stderr
    assert "Traceback" not in done.stderr
    lines = (tmp_path / "m.log").read_text().splitlines()
    assert "1" in lines
    assert lines[-1].startswith("#close")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is a limit on Linux alone")
def test_the_limit_of_memory_is_taken_back() -> None:
    code = (
        "import resource; from bro.runtime import memory; memory._available = lambda: 1 << 30;"
        "before = resource.getrlimit(resource.RLIMIT_DATA);"
        "assert not memory.lift_limit() and not memory.is_used_up();"
        "assert memory.limit_memory() == resource.getrlimit(resource.RLIMIT_DATA)[0];"
        "assert not memory.is_used_up();"
        "assert memory.lift_limit() and resource.getrlimit(resource.RLIMIT_DATA) == before"
    )
    processes.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is a limit on Linux alone")
def test_a_guest_sets_no_limit(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    code = (
        "import resource, bro; before = resource.getrlimit(resource.RLIMIT_DATA);"
        "assert bro.run(bare=True, code='event zeek_init() { }') == 0;"
        "assert resource.getrlimit(resource.RLIMIT_DATA) == before"
    )
    environment = processes.environment(cache_dir, PYTHONPATH=str(REPOSITORY))
    processes.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)


def test_the_limit_of_memory_is_that_of_the_machine() -> None:
    from bro.runtime import memory

    assert memory._available() == 0 or memory._available() > 100 << 20


def test_a_table_that_cannot_grow(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    """To grow it needs more than is left, although much is left: each packet would fail."""
    code = (
        "global kept: set[count]; global n = 0;"
        "event new_connection(c: connection) { while ( T ) { add kept[n]; ++n; } }"
        'event zeek_done() { print "done"; }'
    )
    arguments = ["-b", "-r", str(CAPTURES / "dns-lookups.pcap"), "-e", code]
    program = (
        "import sys; from bro.runtime import memory; memory._available = lambda: 300 << 20;"
        f"from bro.cli import main; sys.exit(main({arguments!r}))"
    )
    environment = processes.environment(cache_dir, PYTHONPATH=str(REPOSITORY))
    done = processes.run([sys.executable, "-c", program], cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert 1 <= done.stderr.count("line 1: out of memory (add kept[n];)") <= 2, done.stderr
    assert "bro: out of memory" in done.stderr or "so the run ends here" in done.stderr
