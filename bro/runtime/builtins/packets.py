"""The packet being processed, the source of packets, filters on them, and the course of processing."""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import command, enum_value, record, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.tables import Set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.runtime.netvalues import Addr, Subnet
    from bro.runtime.values import EnumValue


@builtin("function get_current_packet(): pcap_packet")
def get_current_packet() -> Any:
    """Return the packet being processed: time, lengths, bytes and link type.

    Outside of a packet, as in `bro_init`, all of it is zero and empty.
    """
    packet = command("current_packet", absent=None)
    if packet is None:
        link_type = enum_value("link_encap", "LINK_UNKNOWN")
        return record("pcap_packet")(ts_sec=0, ts_usec=0, caplen=0, len=0, data=b"", link_type=link_type)
    return packet


@builtin("function get_current_packet_header(): raw_pkt_hdr")
def get_current_packet_header() -> Any:
    """Return the headers of the packet being processed, from the link layer up; empty outside of a packet."""
    header = command("current_packet_header", absent=None)
    if header is None:
        l2 = record("l2_hdr")(
            encap=enum_value("link_encap", "LINK_UNKNOWN"),
            len=0,
            cap_len=0,
            proto=enum_value("layer3_proto", "L3_UNKNOWN"),
        )
        return record("raw_pkt_hdr")(l2=l2)
    return header


@builtin("function PacketAnalyzer::PPPoE::session_id(): count")
def pppoe_session_id() -> int:
    """Return the number of the PPPoE session that the packet being processed is part of; 2^64 - 1 if none."""
    found = command("pppoe_session_id", absent=None)
    return 0xFFFF_FFFF_FFFF_FFFF if found is None else int(found)


@builtin("function TCP::raw_options(stop_at_eol: bool &default=T): TCP::RawOptionList")
def raw_options(stop_at_eol: bool = True) -> list[Any]:
    """Return the options of the TCP header in the packet that was processed last, undecoded.

    Where tunnels make it several headers it is the innermost.  With `stop_at_eol` the list ends before the
    first end-of-list option; without it, that option and what follows it are options like others.  The list
    ends before bytes that make no option.
    """
    make = record("TCP::RawOption")
    return [make(kind, data) for kind, data in command("tcp_options", stop_at_eol, absent=None) or ()]


@builtin("function get_current_packet_ts(): time")
def get_current_packet_ts() -> float:
    """Return the time stamp of the packet being processed, 0 outside of a packet."""
    return float(command("current_packet_time", absent=0.0) or 0.0)


@builtin("function dump_current_packet(file_name: string): bool")
def dump_current_packet(file_name: bytes) -> bool:
    """Add the packet being processed to a capture file, which is made if need be; false if that fails."""
    return bool(command("dump_current_packet", file_name))


@builtin("function dump_packet(pkt: pcap_packet, file_name: string): bool")
def dump_packet(pkt: Any, file_name: bytes) -> bool:
    """Add a packet to a capture file, which is made if need be; false if that fails."""
    return bool(
        command(
            "dump_packet",
            pkt.ts_sec,
            pkt.ts_usec,
            pkt.caplen,
            pkt.len,
            pkt.data,
            pkt.link_type.name,
            file_name,
        )
    )


@builtin("function packet_source(): PacketSource")
def packet_source() -> Any:
    """Return where packets come from: whether live, the path or interface, its link type (by libpcap's
    number)."""
    live, path, link_type, netmask = command("packet_source", absent=None) or (False, b"", -1, 0)
    return record("PacketSource")(live=live, path=path, link_type=link_type, netmask=netmask)


@builtin("function reading_live_traffic(): bool")
def reading_live_traffic() -> bool:
    """Tell whether packets come from an interface; still true when that has ended."""
    return bool(command("reading_live"))


@builtin("function reading_traces(): bool")
def reading_traces() -> bool:
    """Tell whether packets come from a capture file."""
    return bool(command("reading_traces"))


@builtin("function get_packet_lag(): interval")
def get_packet_lag() -> float:
    """Return by how much packet time is behind the clock of the machine; 0 for captures."""
    return float(command("packet_lag", absent=0.0) or 0.0)


@builtin("function suspend_processing(): any")
def suspend_processing() -> None:
    """Read no more packets until `continue_processing`; events and timers go on.  Calls nest."""
    command("suspend_processing")


@builtin("function continue_processing(): any")
def continue_processing() -> None:
    """Take one `suspend_processing` back."""
    command("continue_processing")


@builtin("function is_processing_suspended(): bool")
def is_processing_suspended() -> bool:
    """Tell whether packets are not being read because of `suspend_processing`."""
    return bool(command("is_processing_suspended"))


# ---- dropping packets --------------------------------------------------------------------------------------


def _install(function: str, source: bool, what: Addr | Subnet, tcp_flags: int, probability: float) -> bool:
    if not 0.0 <= probability <= 1.0:
        raise ScriptError(f"{function}: a probability lies between 0 and 1, not at {probability:g}")
    command("install_drop_filter", source, what, tcp_flags & 0xFF, probability)
    return True


def _uninstall(source: bool, what: Addr | Subnet) -> bool:
    return bool(command("uninstall_drop_filter", source, what))


@builtin("function install_src_addr_filter(ip: addr, tcp_flags: count, prob: double): bool")
def install_src_addr_filter(ip: Addr, tcp_flags: int, prob: float) -> bool:
    """Drop packets from an address with a probability, unless one of the TCP flags is set; always true."""
    return _install("install_src_addr_filter", True, ip, tcp_flags, prob)


@builtin("function install_src_net_filter(snet: subnet, tcp_flags: count, prob: double): bool")
def install_src_net_filter(snet: Subnet, tcp_flags: int, prob: float) -> bool:
    """Drop packets from a subnet with a probability, unless one of the TCP flags is set; always true."""
    return _install("install_src_net_filter", True, snet, tcp_flags, prob)


@builtin("function install_dst_addr_filter(ip: addr, tcp_flags: count, prob: double): bool")
def install_dst_addr_filter(ip: Addr, tcp_flags: int, prob: float) -> bool:
    """Drop packets to an address with a probability, unless one of the TCP flags is set; always true."""
    return _install("install_dst_addr_filter", False, ip, tcp_flags, prob)


@builtin("function install_dst_net_filter(snet: subnet, tcp_flags: count, prob: double): bool")
def install_dst_net_filter(snet: Subnet, tcp_flags: int, prob: float) -> bool:
    """Drop packets to a subnet with a probability, unless one of the TCP flags is set; always true."""
    return _install("install_dst_net_filter", False, snet, tcp_flags, prob)


@builtin("function uninstall_src_addr_filter(ip: addr): bool")
def uninstall_src_addr_filter(ip: Addr) -> bool:
    """Take `install_src_addr_filter` back; false if there was no such filter."""
    return _uninstall(True, ip)


@builtin("function uninstall_src_net_filter(snet: subnet): bool")
def uninstall_src_net_filter(snet: Subnet) -> bool:
    """Take `install_src_net_filter` back; false if there was no such filter."""
    return _uninstall(True, snet)


@builtin("function uninstall_dst_addr_filter(ip: addr): bool")
def uninstall_dst_addr_filter(ip: Addr) -> bool:
    """Take `install_dst_addr_filter` back; false if there was no such filter."""
    return _uninstall(False, ip)


@builtin("function uninstall_dst_net_filter(snet: subnet): bool")
def uninstall_dst_net_filter(snet: Subnet) -> bool:
    """Take `install_dst_net_filter` back; false if there was no such filter."""
    return _uninstall(False, snet)


# ---- capture filters ---------------------------------------------------------------------------------------


def _filters() -> dict[int, tuple[bytes, str, str]]:
    """The capture filters that scripts compiled: text, state and complaint, by the number of their id."""
    return context.current.state.setdefault("pcap_filters", {})  # type: ignore[no-any-return]


@builtin("function Pcap::precompile_pcap_filter(id: PcapFilterID, s: string): bool")
def precompile_pcap_filter(id_: EnumValue, s: bytes) -> bool:
    """Compile a capture filter (the language of tcpdump) under a name; false if it is not valid.

    Without an engine the text is only kept.
    """
    complaint = command("compile_filter", s, absent=None)
    _filters()[id_.value] = (s, "fatal" if complaint else "ok", complaint or "")
    if complaint:
        context.current.state["pcap_error"] = f"filter {shown(s)}: {complaint}"
    return not complaint


@builtin("function Pcap::install_pcap_filter(id: PcapFilterID): bool")
def install_pcap_filter(id_: EnumValue) -> bool:
    """Let only packets in that a compiled filter accepts; false if there is no such filter or it does not
    work."""
    known = _filters().get(id_.value)
    if known is None or known[1] == "fatal":
        return False
    complaint = command("install_filter", known[0], absent="no packets are being read")
    if complaint:
        context.current.state["pcap_error"] = f"filter {shown(known[0])}: {complaint}"
    return not complaint


@builtin("function Pcap::get_filter_state(id: PcapFilterID): Pcap::filter_state")
def get_filter_state(id_: EnumValue) -> EnumValue:
    """Return how compiling a filter went, Pcap::ok or Pcap::fatal; one that never was compiled is fatal."""
    known = _filters().get(id_.value)
    return enum_value("Pcap::filter_state", "Pcap::" + ("fatal" if known is None else known[1]))


@builtin("function Pcap::get_filter_state_string(id: PcapFilterID): string")
def get_filter_state_string(id_: EnumValue) -> bytes:
    """Return what was wrong with a filter, empty if nothing was."""
    known = _filters().get(id_.value)
    return b"" if known is None else known[2].encode()


@builtin("function Pcap::error(): string")
def pcap_error() -> bytes:
    """Return the latest complaint about a capture filter, ``no error`` if there was none."""
    text: str = context.current.state.get("pcap_error", "no error")
    return text.encode()


@builtin("function Pcap::findalldevs(): Pcap::Interfaces")
def findalldevs() -> Set:
    """Return the interfaces that packets can be read from, with their addresses; empty where that cannot be
    told."""
    found = command("interfaces", absent=None)
    if found is None:
        report_error("Pcap::findalldevs: the interfaces of this machine cannot be listed")
        return Set()
    interface = record("Pcap::Interface")
    return Set.of(
        [
            interface(
                name=name,
                description=description,
                addrs=Set.of(addrs),
                is_loopback=loopback,
                is_up=up,
                is_running=running,
            )
            for name, description, addrs, loopback, up, running in found
        ]
    )
