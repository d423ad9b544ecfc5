"""The command `bro mptcp-scan`: finds hosts that speak Multipath TCP."""

from __future__ import annotations

import argparse
import json
import sys
import time

from bro.mptcp import targets
from bro.mptcp.probes import Verdict
from bro.mptcp.scan import Progress, Settings, Wire, scan
from bro.options import UsageError
from bro.wire.raw import NotPermitted

#: exit codes, those of `bro`
_OK, _USAGE, _INPUT = 0, 2, 3

#: seconds between two lines of progress
_PROGRESS_INTERVAL = 0.2

_DESCRIPTION = """\
Finds hosts that speak Multipath TCP.  Each port is asked for MP_CAPABLE of version 1 and of version 0,
and for a join of a connection that is not there, which only MPTCP refuses.  Scan nothing but networks
you are responsible for."""

_STATES = """\
states:
  mptcp        MP_CAPABLE was answered in kind, and the join refused
  capable      MP_CAPABLE was answered, the join not refused
  join-only    the join was refused, MP_CAPABLE not answered: it may be removed on the way
  echo         options come back as they were sent, which is a middlebox and no MPTCP
  tcp          open, without MPTCP
  closed       nothing listens there
  filtered     no answer
  unreachable  there is no way there

exit status: 0 the scan was done, 2 wrong usage, 3 no right to send packets"""


def _parser() -> argparse.ArgumentParser:
    settings = Settings()
    parser = argparse.ArgumentParser(
        prog="bro mptcp-scan",
        description=_DESCRIPTION,
        epilog=_STATES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "target", metavar="TARGET[/NET]", help="an address, a network or a name; several with commas between"
    )
    parser.add_argument(
        "ports",
        metavar="PORTS",
        nargs="?",
        default="22,80,443",
        help="like 80,443,8000-8010 (default: 22,80,443)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--all", action="store_true", help="list closed and silent ports as well")
    parser.add_argument(
        "--rate",
        type=float,
        default=settings.rate,
        metavar="N",
        help="probes a second (default: %(default)g)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=settings.timeout,
        metavar="SECONDS",
        help="wait so long for an answer (default: %(default)g)",
    )
    parser.add_argument(
        "--retries",
        type=int,
        default=settings.retries,
        metavar="N",
        help="ask again so often without one (default: %(default)d)",
    )
    parser.add_argument(
        "--max-targets",
        type=int,
        default=4096,
        metavar="N",
        help="refuse to scan more addresses than that (default: %(default)d)",
    )
    return parser


def main(argv: list[str]) -> int:
    """Run the command with these arguments, without its name, and return its exit code."""
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as leave:  # argparse has said what is wrong
        return int(leave.code or 0)
    try:
        _check(arguments)
        words = arguments.target.split(",")
        ports = targets.parse_ports(arguments.ports)
        # The number of targets is known before any is made: a network of IPv6 has more than memory holds.
        known = _count(words, arguments.max_targets)
        hosts = targets.hosts(words)
        settings = Settings(rate=arguments.rate, timeout=arguments.timeout, retries=arguments.retries)
        wire = Wire()
    except UsageError as error:
        print(f"bro mptcp-scan: {error}\nTry 'bro mptcp-scan --help'.", file=sys.stderr)
        return _USAGE
    except NotPermitted as error:
        print(f"bro mptcp-scan: {error}", file=sys.stderr)
        return _INPUT
    begun = time.time()
    line = _ProgressLine()
    found: list[Verdict] = []
    try:
        for verdict in scan(hosts, ports, known, settings, wire, line.show):
            found.append(verdict)
    except UsageError as error:  # a name among the targets that there is not
        line.clear()
        print(f"bro mptcp-scan: {error}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        line.clear()
        print("bro mptcp-scan: interrupted; what is known so far follows", file=sys.stderr)
    finally:
        wire.close()
    line.clear()
    found.sort(key=lambda verdict: (verdict.address.version, int(verdict.address), verdict.port))
    shown = (
        found if arguments.all else [v for v in found if v.state not in ("closed", "filtered", "unreachable")]
    )
    if arguments.json:
        document = {
            "targets": words,
            "ports": ports,
            "started": begun,
            "duration": round(time.time() - begun, 3),
            "probes_sent": line.sent,
            "ports_scanned": len(found),
            "results": [verdict.as_json() for verdict in shown],
        }
        print(json.dumps(document, indent=2))
    else:
        print(_table(shown, len(found)))
    return _OK


def _check(arguments: argparse.Namespace) -> None:
    if not 0 < arguments.rate <= 1_000_000:
        raise UsageError("--rate must be above 0, and at most 1000000 probes a second")
    if not 0 < arguments.timeout <= 3600:
        raise UsageError("--timeout must be above 0, and at most 3600 seconds")
    if not 0 <= arguments.retries <= 100:
        raise UsageError("--retries must be between 0 and 100")


def _count(words: list[str], most: int) -> int:
    try:
        known = targets.count(words)
    except OverflowError:  # more than a machine counts
        known = sys.maxsize
    if known > most:
        raise UsageError(
            f"that is {'2^63 and more' if known == sys.maxsize else known} addresses, and {most} are "
            "allowed; raise --max-targets if they are all meant"
        )
    return known


def _table(verdicts: list[Verdict], scanned: int) -> str:
    """The verdicts for people."""
    rows = [("ADDRESS", "PORT", "STATE", "VERSIONS", "JOIN REFUSED")]
    for verdict in verdicts:
        versions = ", ".join(map(str, verdict.versions)) or "-"
        refused = "yes" if verdict.join_reset else "no"
        rows.append((str(verdict.address), str(verdict.port), verdict.state, versions, refused))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows
    ]
    speaking = sum(bool(verdict.versions) for verdict in verdicts)
    lines.append(f"{scanned} ports scanned, {speaking} with MPTCP")
    return "\n".join(line.rstrip() for line in lines)


class _ProgressLine:
    """A line on a terminal that tells how far the scan is; nothing where standard error is none."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._last = 0.0
        self.sent = 0

    def show(self, progress: Progress) -> None:
        """Tell it, if that is due."""
        self.sent = progress.sent
        now = time.monotonic()
        if not self._wanted or now - self._last < _PROGRESS_INTERVAL:
            return
        self._last = now
        share = 100 * progress.done / progress.total if progress.total else 100
        print(
            f"\r{progress.done} of {progress.total} probes done ({share:.0f}%), {progress.sent} sent, "
            f"{progress.found} ports with MPTCP\x1b[K",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def clear(self) -> None:
        """Take the line away."""
        if self._wanted and self._last:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
