"""Numbers about the running program, for `stats.log` and for people."""

from __future__ import annotations

import time

from bro.runtime import context
from bro.runtime.builtins._support import command, record
from bro.runtime.builtins.registry import builtin
from bro.runtime.tables import Set, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.runtime.files import BroFile

_started = time.time()


def _engine_record(name: str, kind: str) -> Any:
    """A record of counts out of the engine's statistics of that kind; what it does not count is 0."""
    numbers: dict[str, Any] = command("statistics", kind, absent=None) or {}
    cls = record(name)
    return cls(**{field: numbers.get(field, 0) for field in cls._fields})


@builtin("function get_net_stats(): NetStats")
def get_net_stats() -> Any:
    """Return what the packet source counted: packets received, dropped, seen on the link, bytes, filtered
    out."""
    return _engine_record("NetStats", "net")


@builtin("function get_conn_stats(): ConnStats")
def get_conn_stats() -> Any:
    """Return how many connections, packets and fragments there are, were, and were at most."""
    return _engine_record("ConnStats", "conn")


@builtin("function get_matcher_stats(): MatcherStats")
def get_matcher_stats() -> Any:
    """Return the size and hit rate of the signature matcher."""
    return _engine_record("MatcherStats", "matcher")


@builtin("function get_reassembler_stats(): ReassemblerStats")
def get_reassembler_stats() -> Any:
    """Return how many bytes wait in reassembly, of files, fragments, TCP and others."""
    return _engine_record("ReassemblerStats", "reassembler")


@builtin("function get_gap_stats(): GapStats")
def get_gap_stats() -> Any:
    """Return how much TCP content was acknowledged and how much of it never seen."""
    return _engine_record("GapStats", "gap")


@builtin("function get_file_analysis_stats(): FileAnalysisStats")
def get_file_analysis_stats() -> Any:
    """Return how many files are, were, and were at most under analysis."""
    return _engine_record("FileAnalysisStats", "file_analysis")


@builtin("function get_event_stats(): EventStats")
def get_event_stats() -> Any:
    """Return how many events were queued and handled."""
    return _engine_record("EventStats", "event")


@builtin("function get_timer_stats(): TimerStats")
def get_timer_stats() -> Any:
    """Return how many timers there are, were, and were at most, in the engine."""
    return _engine_record("TimerStats", "timer")


@builtin("function get_broker_stats(): BrokerStats")
def get_broker_stats() -> Any:
    """Return what was exchanged with other nodes."""
    return _engine_record("BrokerStats", "broker")


@builtin("function get_thread_stats(): ThreadStats")
def get_thread_stats() -> Any:
    """Return how many threads the program has, those of log writers and readers included."""
    import threading

    engine_threads = (command("statistics", "thread", absent=None) or {}).get("num_threads", 0)
    return record("ThreadStats")(num_threads=threading.active_count() + engine_threads)


@builtin("function get_dns_stats(): DNSStats")
def get_dns_stats() -> Any:
    """Return how many lookups scripts made, how they went, and what is kept of them."""
    from bro.runtime.builtins.lookups import statistics

    return record("DNSStats")(**statistics())


@builtin("function get_reporter_stats(): ReporterStats")
def get_reporter_stats() -> Any:
    """Return how many weirds there were, in all and by name, before sampling."""
    by_name: dict[bytes, int] = command("statistics", "weirds", absent=None) or {}
    return record("ReporterStats")(weirds=sum(by_name.values()), weirds_by_type=Table(by_name))


@builtin("function get_event_handler_stats(): EventNameStats")
def get_event_handler_stats() -> Set:
    """Return how often each event was raised since the start, for those the engine counts."""
    counts: dict[bytes, int] = command("statistics", "event_handlers", absent=None) or {}
    cls = record("EventNameCounter")
    return Set.of([cls(name=name, times_called=times) for name, times in counts.items()])


@builtin("function get_proc_stats(): ProcStats")
def get_proc_stats() -> Any:
    """Return what the operating system counts about this process; `mem` is the most memory it had, in
    bytes."""
    import resource
    import sys

    usage = resource.getrusage(resource.RUSAGE_SELF)
    return record("ProcStats")(
        debug=False,
        start_time=_started,
        real_time=time.time() - _started,
        user_time=usage.ru_utime,
        system_time=usage.ru_stime,
        mem=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        minor_faults=usage.ru_minflt,
        major_faults=usage.ru_majflt,
        num_swap=usage.ru_nswap,
        blocking_input=usage.ru_inblock,
        blocking_output=usage.ru_oublock,
        num_context=usage.ru_nvcsw + usage.ru_nivcsw,
    )


@builtin("function dump_rule_stats(f: file of string): bool")
def dump_rule_stats(f: BroFile) -> bool:
    """Write the statistics of the signature matcher to a file, a line each; always true."""
    numbers: dict[str, Any] = command("statistics", "matcher", absent=None) or {}
    for name, value in numbers.items():
        f.write(f"{context.current.clock.now:.6f} {name} = {value}\n".encode())
    return True


@builtin("function do_profiling(): any")
def do_profiling() -> None:
    """Write the statistics of all subjects to `profiling_file`, if the script opened one."""
    from bro.runtime.profiling import write

    write()
