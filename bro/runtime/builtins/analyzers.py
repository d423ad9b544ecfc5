"""Analyzers as scripts name them: their tags, switching them on and off, and the ports they are used for.

A tag is a value of one of the enumerations ``Analyzer::Tag``, ``PacketAnalyzer::Tag`` and ``Files::Tag``, or
of ``AllAnalyzers::Tag``, which stands for all of them.
"""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import command, enum_value
from bro.runtime.builtins.registry import builtin
from bro.runtime.callables import mangle
from bro.runtime.errors import ScriptError
from bro.runtime.values import EnumValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: what the analyzers of each enumeration work on
_KINDS = {"Analyzer": b"protocol", "PacketAnalyzer": b"packet", "Files": b"file"}

_PREFIX = "ANALYZER_"

#: names by tag: they are asked for with every confirmation
_names: dict[EnumValue, bytes] = {}


def analyzer_name(tag: EnumValue) -> str:
    """The name of the analyzer with this tag, such as "HTTP" for ``Analyzer::ANALYZER_HTTP``."""
    return tag.name.rpartition("::")[2].removeprefix(_PREFIX)


def _module(tag: EnumValue) -> str:
    return tag.name.rpartition("::")[0]


@builtin("function Analyzer::name(atype: AllAnalyzers::Tag): string")
def name(atype: EnumValue) -> bytes:
    """Return the name of an analyzer, such as ``HTTP`` for ``Analyzer::ANALYZER_HTTP``."""
    found = _names.get(atype)
    if found is None:
        found = _names[atype] = analyzer_name(atype).encode()
    return found


@builtin("function Analyzer::kind(atype: AllAnalyzers::Tag): string")
def kind(atype: EnumValue) -> bytes:
    """Return what an analyzer works on: ``protocol``, ``packet`` or ``file``; ``unknown`` for none."""
    return _KINDS.get(_module(atype), b"unknown")


@builtin("function is_protocol_analyzer(atype: AllAnalyzers::Tag): bool")
def is_protocol_analyzer(atype: EnumValue) -> bool:
    """Tell whether a tag is that of a protocol's analyzer."""
    return _module(atype) == "Analyzer"


@builtin("function is_packet_analyzer(atype: AllAnalyzers::Tag): bool")
def is_packet_analyzer(atype: EnumValue) -> bool:
    """Tell whether a tag is that of a packet's analyzer."""
    return _module(atype) == "PacketAnalyzer"


@builtin("function is_file_analyzer(atype: AllAnalyzers::Tag): bool")
def is_file_analyzer(atype: EnumValue) -> bool:
    """Tell whether a tag is that of a file's analyzer."""
    return _module(atype) == "Files"


def _find(text: bytes) -> EnumValue | None:
    """The tag of the analyzer of that name."""
    wanted = text.decode("utf-8", "replace").upper()
    for module in _KINDS:
        found = context.current.globals.get(mangle(f"{module}::{_PREFIX}{wanted}"))
        if isinstance(found, EnumValue):
            return found
    return None


@builtin("function Analyzer::get_tag(name: string): AllAnalyzers::Tag")
def get_tag(text: bytes) -> EnumValue:
    """Return the tag of the analyzer of a name, such as ``http``; ``AllAnalyzers::ANALYZER_NONE`` if there
    is none.
    """
    return _find(text) or enum_value("AllAnalyzers::Tag", "AllAnalyzers::ANALYZER_NONE")


@builtin("function Analyzer::has_tag(name: string): bool")
def has_tag(text: bytes) -> bool:
    """Tell whether there is an analyzer of that name."""
    return _find(text) is not None


@builtin("function Analyzer::__switch(tag: AllAnalyzers::Tag, enabled: bool): bool")
def switch(tag: EnumValue, enabled: bool) -> bool:
    """Switch an analyzer on or off; false if there is no such analyzer."""
    return bool(command("enable_analyzer", tag.name, enabled))


@builtin("function Analyzer::__disable_all_analyzers(): bool")
def disable_all_analyzers() -> bool:
    """Switch all analyzers of protocols off."""
    return bool(command("disable_all_analyzers"))


@builtin("function Analyzer::__register_for_port(tag: AllAnalyzers::Tag, p: port): bool")
def register_for_port(tag: EnumValue, p: Any) -> bool:
    """Use an analyzer for connections to a port; false if there is no such analyzer."""
    return bool(command("register_port", tag.name, p, absent=True))


@builtin(
    "function Analyzer::__schedule_analyzer(orig: addr, resp: addr, resp_p: port, "
    "analyzer: Analyzer::Tag, tout: interval): bool"
)
def schedule_analyzer(orig: Any, resp: Any, resp_p: Any, analyzer: EnumValue, tout: float) -> bool:
    """Use an analyzer for a connection that is expected within `tout`."""
    return bool(command("schedule_analyzer", orig, resp, resp_p, analyzer.name, tout, absent=True))


def _route(parent: str, number: int, child: str) -> bool:
    return bool(command("route_packets", parent, number, child, absent=True))


@builtin(
    "function PacketAnalyzer::register_packet_analyzer(parent: PacketAnalyzer::Tag, identifier: count, "
    "child: PacketAnalyzer::Tag): bool"
)
def register_packet_analyzer(parent: EnumValue, identifier: int, child: EnumValue) -> bool:
    """Have a packet analyzer take what another carries under a number.

    It comes before what the standards say of that number.

    :param parent: what carries it, such as ``PacketAnalyzer::ANALYZER_ETHERNET``; for the first analyzer of
        packets of a link type ``PacketAnalyzer::ANALYZER_ROOT``.
    :param identifier: the number: an EtherType, an IP protocol, a port of UDP, a link type.
    :param child: what takes it, such as ``PacketAnalyzer::ANALYZER_IP``.
    :returns: false if that cannot be, because the one does not carry the other.
    """
    return _route(analyzer_name(parent), identifier, analyzer_name(child))


@builtin(
    "function PacketAnalyzer::try_register_packet_analyzer_by_name(parent: string, identifier: count, "
    "child: string): bool"
)
def register_packet_analyzer_by_name(parent: bytes, identifier: int, child: bytes) -> bool:
    """The same by the names of analyzers, such as ``ETHERNET``, whether there are such or not.

    :returns: false if one of them does not exist, or the one does not carry the other.
    """
    names = [name.decode("latin-1").upper() for name in (parent, child)]
    return _route(names[0], identifier, names[1])


@builtin(
    "function PacketAnalyzer::register_protocol_detection(parent: PacketAnalyzer::Tag, "
    "child: PacketAnalyzer::Tag): bool"
)
def register_protocol_detection(parent: EnumValue, child: EnumValue) -> bool:
    """Have a packet analyzer look at what another carries under no number that is known.

    Those that can tell their protocol do so from the start: Teredo over UDP; LLC, SNAP and Novell's frames in
    Ethernet and behind tags.  For all others this is not possible.

    :returns: whether the child looks at what the parent carries.
    """
    return analyzer_name(child) in _DETECTED.get(analyzer_name(parent), ())


#: what is recognised by its content: by parent, the children
_FRAMES = ("LLC", "SNAP", "NOVELL_802_3")
_DETECTED = {"UDP": ("TEREDO",), "ETHERNET": _FRAMES, "VLAN": _FRAMES, "VNTAG": _FRAMES}


@builtin(
    "function PacketAnalyzer::register_for_port(parent: PacketAnalyzer::Tag, child: PacketAnalyzer::Tag, "
    "p: port): bool"
)
def register_packet_analyzer_for_port(parent: EnumValue, child: EnumValue, p: Any) -> bool:
    """Take what is sent to a port for packets of a tunnel.

    :param parent: the transport, such as ``PacketAnalyzer::ANALYZER_UDP``.
    :param child: what analyzes the packets, such as ``PacketAnalyzer::ANALYZER_VXLAN``.
    :param p: the port.
    :returns: false if the analyzer cannot be used for ports.
    """
    kind = "udp" if analyzer_name(parent) == "UDP" else "tcp"
    if p.proto != kind:
        raise ScriptError(f"register_for_port: {p} is no port of {analyzer_name(parent)}")
    return _route(analyzer_name(parent), p.number, analyzer_name(child))
