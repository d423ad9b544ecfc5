"""Policy in Python: handlers beside those of scripts, and programs that ask what is in a capture.

Everything here is also a name of the package: ``import bro`` and ``bro.event``.  Strings of the language are
`bytes`, times and intervals are `float` seconds, and an unset field of a record is None; the other types are
in docs/python.md.
"""

from __future__ import annotations

from bro._engine import Addr, Pattern, Port, Subnet
from bro.api.access import call, enums, globals, notice, now, post, records, schedule
from bro.api.analysis import Event, Row, analyze
from bro.api.errors import BroError
from bro.api.logs import LogStream, log_stream
from bro.api.policy import Policy, declare, event, hook, on
from bro.api.session import Session, load, run

__all__ = [
    "Addr",
    "BroError",
    "Event",
    "LogStream",
    "Pattern",
    "Policy",
    "Port",
    "Row",
    "Session",
    "Subnet",
    "analyze",
    "call",
    "declare",
    "enums",
    "event",
    "globals",
    "hook",
    "load",
    "log_stream",
    "notice",
    "now",
    "on",
    "post",
    "records",
    "run",
    "schedule",
]
