"""Responses: packets that end or slow a connection, rules of a packet filter.

These are for the scripts of `policy/frameworks/response`, which decide, limit and log.  Nothing is done
unless the option `Response::enabled` is set; with `Response::dry_run` it is only told what would be done.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from bro.runtime import context
from bro.runtime.builtins._support import command, global_value, record
from bro.runtime.builtins.registry import builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bro.response.segments import End, Outgoing
    from bro.response.tarpit import Budget, Tarpit
    from bro.runtime.netvalues import Addr, Subnet
    from bro.wire.headers import IPAddress


def _result(ok: bool, packets: int, detail: str) -> Any:
    return record("Response::Result")(ok=ok, packets=packets, detail=detail.encode())


def _address(address: Addr) -> IPAddress:
    import ipaddress

    return ipaddress.ip_address(str(address))


def _ends(cid: Any) -> tuple[End, End] | None:
    """Both ends of a TCP connection; None if the engine knows no such connection (any more)."""
    from bro.response.segments import End

    numbers = command("tcp_ends", cid, absent=None)
    if numbers is None:
        return None
    orig = End(_address(cid.orig_h), cid.orig_p.number, *numbers[0])
    resp = End(_address(cid.resp_h), cid.resp_p.number, *numbers[1])
    return orig, resp


def _budget() -> Budget:
    from bro.response.tarpit import Budget

    found: Budget = context.current.state.setdefault("response_budget", Budget())
    return found


def _rate() -> float:
    return float(global_value("Response::max_packet_rate", 100))


def _interface() -> str:
    return os.fsdecode(global_value("Response::interface", b""))


def _send(
    cid: Any,
    packets_for: Callable[[End, End], list[Outgoing]],
    then: Callable[[End, End], None] | None = None,
    *,
    later: bool = True,
) -> Any:
    """Send what is made for the two ends, originator first.

    While a packet is in the engine, which is so when handlers of files run, the connection cannot be asked
    for its numbers: then it is done behind that packet.

    :param then: what is done when everything was sent.
    :param later: whether it may be put off.
    """
    if not global_value("Response::enabled", False):
        return _result(False, 0, "responses are off; set Response::enabled")
    ends = _ends(cid)
    if ends is None:
        if later and cid.orig_p.proto == "tcp" and command("connection_exists", cid):
            context.current.timers.call_after(0.0, lambda: _send(cid, packets_for, then, later=False))
            return _result(True, 0, "done behind the packet at hand")
        return _result(False, 0, "there is no such TCP connection (any more)")
    result = _transmit(packets_for(*ends))
    if result.ok and then is not None and not global_value("Response::dry_run", False):
        from bro.wire.raw import NotPermitted

        try:
            then(*ends)
        except (NotPermitted, OSError) as error:
            return _result(False, result.packets, f"the connection cannot be watched: {error}")
    return result


def _transmit(packets: list[Outgoing]) -> Any:
    """Send packets, or only tell about them."""
    told = "; ".join(packet.what for packet in packets)
    if global_value("Response::dry_run", False):
        return _result(True, 0, told)
    if not command("reading_live"):
        return _result(False, 0, "the packets come from a capture; there is nobody to answer")
    from bro.wire.raw import NotPermitted, Sender, SendError

    state = context.current.state
    if not _budget().take(len(packets), _rate()):
        return _result(False, 0, f"more than {_rate():g} packets a second (Response::max_packet_rate)")
    sender = state.get("response_sender")
    if sender is None:
        sender = state["response_sender"] = Sender(_interface())
    try:
        sent = sender.send([(packet.destination, packet.packet) for packet in packets])
    except SendError as error:
        return _result(False, error.sent, str(error))
    except NotPermitted as error:
        return _result(False, 0, str(error))
    return _result(True, sent, told)


@builtin("function Response::__reset(cid: conn_id): Response::Result")
def response_reset(cid: Any) -> Any:
    """Send both ends of a TCP connection resets in each other's name."""
    from bro.response.segments import resets

    return _send(cid, lambda orig, resp: resets(resp, orig) + resets(orig, resp))


@builtin("function Response::__fastclose(cid: conn_id, orig_key: count, resp_key: count): Response::Result")
def response_fastclose(cid: Any, orig_key: int, resp_key: int) -> Any:
    """Send both ends of a subflow MP_FASTCLOSE in each other's name, each with its own key."""
    from bro.response.segments import fastcloses

    return _send(cid, lambda orig, resp: fastcloses(orig, resp, orig_key, resp_key))


def _key(cid: Any) -> tuple[object, ...]:
    return (cid.orig_h, cid.orig_p, cid.resp_h, cid.resp_p)


def _tarpit() -> Tarpit:
    from bro.response.tarpit import Tarpit

    state = context.current.state
    found: Tarpit | None = state.get("tarpit")
    if found is None:
        found = state["tarpit"] = Tarpit(_interface(), _budget(), _rate())
    return found


@builtin("function Response::__hold(cid: conn_id, orig: bool, resp: bool): Response::Result")
def response_hold(cid: Any, orig: bool, resp: bool) -> Any:
    """Tell the originator, the responder or both of a TCP connection that the other has no room for data.

    That is repeated until `Response::__release`.
    """
    from bro.response.segments import zero_window
    from bro.response.tarpit import Hold

    def packets(at_orig: End, at_resp: End) -> list[Outgoing]:
        wanted = [zero_window(at_resp, at_orig)] if orig else []
        return wanted + ([zero_window(at_orig, at_resp)] if resp else [])

    def hold(at_orig: End, at_resp: End) -> None:
        if orig:
            _tarpit().hold(Hold(_key(cid), stopped=at_orig, other=at_resp))
        if resp:
            _tarpit().hold(Hold(_key(cid), stopped=at_resp, other=at_orig))

    return _send(cid, packets, hold)


@builtin("function Response::__release(cid: conn_id): Response::Result")
def response_release(cid: Any) -> Any:
    """Hold a connection no longer, and tell whoever was held that there is room again."""
    from bro.response.segments import open_window

    held = context.current.state["tarpit"].release(_key(cid)) if "tarpit" in context.current.state else []
    if not held:
        return _result(False, 0, "the connection is not held")
    return _transmit([open_window(hold.other, hold.stopped) for hold in held])


# ---- the packet filter -------------------------------------------------------------------------------------


def _filter(commands: str) -> Any:
    """Hand commands to nftables."""
    if not global_value("Response::enabled", False):
        return _result(False, 0, "responses are off; set Response::enabled")
    told = "; ".join(commands.splitlines())
    if global_value("Response::dry_run", False):
        return _result(True, 0, told)
    if not command("reading_live"):
        return _result(False, 0, "the packets come from a capture; rules are only for live traffic")
    from bro.response.nftables import RuleError, apply

    try:
        apply(commands)
    except RuleError as error:
        return _result(False, 0, str(error))
    return _result(True, 0, told)


def _block(elements: list[tuple[str, str]], seconds: float) -> Any:
    from bro.response import nftables

    return _filter(nftables.adding(elements, seconds) if seconds > 0 else nftables.removing(elements))


@builtin("function Response::__block_host(a: addr, duration: interval): Response::Result")
def response_block_host(a: Addr, duration: float) -> Any:
    """Have nftables drop all packets from and to a host for so long; 0 takes that back."""
    from bro.response import nftables

    return _block(nftables.host(_address(a)), duration)


@builtin("function Response::__block_flow(cid: conn_id, duration: interval): Response::Result")
def response_block_flow(cid: Any, duration: float) -> Any:
    """Have nftables drop a TCP or UDP flow in both directions for so long; 0 takes that back."""
    from bro.response import nftables

    protocol = cid.orig_p.proto
    if protocol not in ("tcp", "udp"):
        return _result(False, 0, f"a flow of {protocol} has no ports to block; block the host")
    elements = nftables.flow(
        _address(cid.orig_h), cid.orig_p.number, _address(cid.resp_h), cid.resp_p.number, protocol
    )
    return _block(elements, duration)


@builtin("function Response::__block_mptcp(net: subnet, mode: string, duration: interval): Response::Result")
def response_block_mptcp(net: Subnet, mode: bytes, duration: float) -> Any:
    """Have nftables block MPTCP from and to a network for so long; 0 takes that back.

    :param mode: ``drop`` packets with TCP option 30, ``strip`` the option, or drop ``joins`` only.
    """
    from bro.response import nftables
    from bro.runtime.errors import ScriptError

    try:
        elements = nftables.mptcp(str(net), mode.decode(errors="replace"))
    except ValueError as error:
        raise ScriptError(f"Response::__block_mptcp: {error}") from None
    return _block(elements, duration)
