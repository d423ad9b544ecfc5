"""What a running program says of itself in files that scripts open: `profiling_file`, `pkt_profile_file`."""

from __future__ import annotations

import time

from bro.runtime import context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.runtime.files import BroFile

_began = time.monotonic()

#: Tables and sets that are told of, the largest first.
MOST_TABLES = 20

_KINDS = ("net", "conn", "matcher", "reassembler", "gap", "file_analysis", "event", "timer")


def write(expensive: bool = False) -> bool:
    """Write the statistics of all subjects to `profiling_file`; return whether there is one.

    :param expensive: also look through all variables for the largest tables
    """
    from bro.runtime.builtins._support import command, global_value

    target: BroFile | None = global_value("profiling_file", None)
    if target is None:
        return False
    now = context.current.clock.now
    real, user, system, memory = _usage()
    lines = [f"{now:.6f} process: real={real:.3f} user={user:.3f} system={system:.3f} memory={memory}\n"]
    for kind in _KINDS:
        numbers: dict[str, Any] = command("statistics", kind, absent=None) or {}
        shown = " ".join([f"{name}={value}" for name, value in numbers.items()])
        lines.append(f"{now:.6f} {kind}: {shown}\n")
    if expensive:
        program = context.current.program
        sizes = [
            (len(value), name)
            for name in program.variables
            if isinstance(value := program.global_value(name), dict) and value
        ]
        sizes.sort(key=lambda size: (-size[0], size[1]))
        shown = " ".join([f"{name}={size}" for size, name in sizes[:MOST_TABLES]])
        lines.append(f"{now:.6f} tables: {shown}\n")
    target.write("".join(lines).encode())
    return True


def start() -> None:
    """Write the statistics every `profiling_interval` from now on, if scripts opened a file for them."""
    program = context.current.program
    interval = float(program.global_value("profiling_interval") or 0.0)
    if program.global_value("profiling_file") is None or interval <= 0.0:
        return
    multiple = int(program.global_value("expensive_profiling_multiple") or 0)
    timers = context.current.timers
    times = 0

    def tick() -> None:
        nonlocal times
        times += 1
        expensive = multiple > 0 and times % multiple == 0
        if write(expensive):
            program.post("profiling_update", program.global_value("profiling_file"), expensive)
        timers.call_after(interval, tick)

    timers.call_after(interval, tick)


def _usage() -> tuple[float, float, float, int]:
    """Seconds of real, user and system time, and the most memory there was, in bytes."""
    import resource
    import sys

    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (
        time.monotonic() - _began,
        usage.ru_utime,
        usage.ru_stime,
        usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    )


def packet_profile() -> Callable[[float, float, int, int], None]:
    """What the engine calls with packet time, length, packets and bytes of each stretch of packets.

    It writes a line a stretch to `pkt_profile_file`: those, then what they took of real, user and system time
    in seconds, and the most memory there was.
    """
    from bro.runtime.builtins._support import report_error

    target: BroFile | None = context.current.program.global_value("pkt_profile_file")
    if target is None:
        report_error("pkt_profile_mode is set, but pkt_profile_file is not: packets are not profiled")
        return lambda *_: None
    target.write(b"#time seconds packets bytes real user system memory\n")
    before = _usage()

    def tell(now: float, seconds: float, packets: int, size: int) -> None:
        nonlocal before
        usage = _usage()
        real, user, system = (usage[i] - before[i] for i in range(3))
        before = usage
        line = f"{now:.6f} {seconds:.6f} {packets} {size} {real:.6f} {user:.6f} {system:.6f} {usage[3]}\n"
        target.write(line.encode())

    return tell
