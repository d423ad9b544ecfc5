"""How long scripts take for what they do most: events and rows of logs.

These measure and assert nothing about time: ``pytest tests/benchmarks``; compare with
``--benchmark-compare``.
Figures are for the number of events or rows stated in each name.
"""

from __future__ import annotations

import io
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bro.runtime import context
from bro.script.loader import LoadOptions, load

pytest.importorskip("bro._engine", reason="the logs are written by the engine")
pytest.importorskip("pytest_benchmark")

SCRIPT = r"""
module Bench;

function conn(n: count): connection
    {
    local id = conn_id($orig_h=count_to_v4_addr(167772160 + n), $orig_p=count_to_port(n % 65536, tcp),
                       $resp_h=192.0.43.10, $resp_p=80/tcp, $proto=6);
    local orig = endpoint($size=0, $state=TCP_SYN_SENT, $num_pkts=1, $num_bytes_ip=60, $flow_label=0);
    local resp = endpoint($size=0, $state=TCP_INACTIVE, $num_pkts=0, $num_bytes_ip=0, $flow_label=0);
    return connection($id=id, $orig=orig, $resp=resp, $start_time=double_to_time(100.0), $duration=0 secs,
                      $service=set(), $history="S", $uid="CHhAvVGS1DHFjwGM9");
    }

function row(): Conn::Info
    {
    local c = conn(1);
    return Conn::Info($ts=double_to_time(1300475167.096535), $uid=c$uid, $id=c$id, $proto=tcp,
                      $service="http",
                      $duration=1.5 secs, $orig_bytes=100, $resp_bytes=20000, $conn_state="SF", $local_orig=T,
                      $local_resp=F, $history="ShADadFf", $orig_pkts=10, $orig_ip_bytes=620, $resp_pkts=20,
                      $resp_ip_bytes=21040, $ip_proto=6);
    }

function write(rec: Conn::Info, howmany: count)
    {
    local n = 0;
    while ( n < howmany )
        {
        Log::write(Conn::LOG, rec);
        ++n;
        }
    }

global seen = 0;
global tick: event(n: count);

event tick(n: count)
    {
    seen += n;
    }

function ticks(howmany: count)
    {
    local n = 0;
    while ( n < howmany )
        {
        event tick(n);
        ++n;
        }
    }
"""


@pytest.fixture
def program(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, cache_dir: pathlib.Path
) -> Iterator[Any]:
    """The base scripts and those of the benchmarks, started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRO_CACHE_DIR", str(cache_dir))
    before = context.current
    current = context.use(context.Context())
    current.reporter.stream = io.StringIO()
    loaded = load([], LoadOptions(code=SCRIPT), current)
    loaded.start()
    yield loaded
    loaded.done()
    loaded.close_logs()
    context.use(before)


def test_log_write_10000_rows(program: Any, benchmark: Callable[..., Any]) -> None:
    benchmark(program.get("Bench::write"), program.get("Bench::row")(), 10_000)


def test_post_and_dispatch_10000_events(program: Any, benchmark: Callable[..., Any]) -> None:
    ticks, drain = program.get("Bench::ticks"), program.context.drain

    def run() -> None:
        ticks(10_000)
        drain()

    benchmark(run)
    assert program.get("Bench::seen") > 0


def test_end_of_1000_connections(program: Any, benchmark: Any) -> None:
    make, end = program.get("Bench::conn"), program.dispatchers["connection_state_remove"]

    def run(connections: list[Any]) -> None:
        for connection in connections:
            end(connection)

    benchmark.pedantic(run, setup=lambda: (([make(n) for n in range(1000)],), {}), rounds=50)
