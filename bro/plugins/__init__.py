"""Components of the monitor written in Python: what a plugin's author imports.

A plugin is one Python file, given on the command line (``bro -r x.pcap my_analyzer.py``), or an installed
package with an entry point in the group ``bro.plugins``.  It consists of classes derived from those here::

    from bro.plugins import Analyzer

    class Echo(Analyzer):
        \"\"\"The echo protocol (RFC 862).\"\"\"

        name = "ECHO"
        ports = ["7/tcp"]
        events = \"\"\"
        ## A host sent something to be echoed.
        event echo_request(c: connection, data: string);
        \"\"\"

        def deliver_stream(self, data: bytes, is_orig: bool) -> None:
            if is_orig:
                self.raise_event("echo_request", data)
            else:
                self.confirm()

``docs/analyzers.md`` tells how to write one; ``bro init-plugin NAME`` writes a working one to begin with.
"""

from __future__ import annotations

from bro.plugins.analyzer import Analyzer, FileAnalyzer
from bro.plugins.events import (
    Connection,
    Count,
    Event,
    File,
    Int,
    Interval,
    String,
    Time,
    declare_event,
)
from bro.plugins.packets import ETHERNET, RAW_IP, Packet, PacketSource
from bro.plugins.plugin import Plugin, PluginError
from bro.plugins.readers import Reader
from bro.plugins.writers import Writer, WriterError, WriterInfo
from bro.runtime.builtins.registry import builtin
from bro.runtime.netvalues import Addr, Pattern, Port, Subnet

__all__ = [
    "ETHERNET",
    "RAW_IP",
    "Addr",
    "Analyzer",
    "Connection",
    "Count",
    "Event",
    "File",
    "FileAnalyzer",
    "Int",
    "Interval",
    "Packet",
    "PacketSource",
    "Pattern",
    "Plugin",
    "PluginError",
    "Port",
    "Reader",
    "String",
    "Subnet",
    "Time",
    "Writer",
    "WriterError",
    "WriterInfo",
    "builtin",
    "declare_event",
]
