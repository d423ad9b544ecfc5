"""Rules for nftables, and handing them over.

All rules are in one table of their own, which is made when it is needed.  They look things up in sets
whose elements have timeouts, so blocking is adding an element, and the kernel ends it even if the monitor
is gone.  ``nft delete table inet bro_response`` takes everything back.
"""

from __future__ import annotations

import subprocess

from bro.wire.headers import IPAddress

TABLE = "bro_response"

#: seconds that `nft` may take before it is given up
_PATIENCE = 5.0

#: what can be blocked of MPTCP, and its rule: ``{test}`` is the comparison with a set of networks
_MPTCP_RULES = {
    # Packets with option 30: new connections fall back to TCP, those that use MPTCP stall.
    "drop": "tcp option mptcp exists {test} counter drop",
    # The option is overwritten: new connections become TCP at once.
    "strip": "tcp option mptcp exists {test} counter reset tcp option mptcp",
    # MP_JOIN (subtype 1): connections stay on the path they began on.
    "joins": "tcp option mptcp subtype 1 {test} counter drop",
}

#: the ways of blocking MPTCP
MPTCP_MODES = tuple(_MPTCP_RULES)


class RuleError(Exception):
    """`nft` did not take a rule; the text says why."""


def setup() -> str:
    """The commands that make the table: sets of hosts, flows and networks, and rules with these."""
    lines = [f"table inet {TABLE} {{"]
    rules = []
    for version, name in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        ip = "ip" if version == 4 else "ip6"
        lines.append(f"  set hosts{version} {{ type {name}; flags timeout; }}")
        key = f"{name} . {name} . inet_proto . inet_service . inet_service"
        lines.append(f"  set flows{version} {{ type {key}; flags timeout; }}")
        for side in ("saddr", "daddr"):
            rules.append(f"{ip} {side} @hosts{version} counter drop")
        ends = f"{ip} saddr . {ip} daddr . meta l4proto . th sport . th dport"
        rules.append(f"{ends} @flows{version} counter drop")
        for mode, rule in _MPTCP_RULES.items():
            lines.append(f"  set {mode}{version} {{ type {name}; flags interval, timeout; }}")
            rules += [rule.format(test=f"{ip} {side} @{mode}{version}") for side in ("saddr", "daddr")]
    lines += ["  chain judge {", *(f"    {rule}" for rule in rules), "  }"]
    lines += [
        f"  chain {hook} {{ type filter hook {hook} priority -10; policy accept; jump judge; }}"
        for hook in ("forward", "input", "output")
    ]
    return "\n".join([*lines, "}"]) + "\n"


def host(address: IPAddress) -> list[tuple[str, str]]:
    """The set and the element that block a host."""
    return [(f"hosts{address.version}", str(address))]


def flow(
    orig: IPAddress, orig_port: int, resp: IPAddress, resp_port: int, protocol: str
) -> list[tuple[str, str]]:
    """The sets and elements that block both directions of a flow; the protocol is ``tcp`` or ``udp``."""
    name = f"flows{orig.version}"
    return [
        (name, f"{orig} . {resp} . {protocol} . {orig_port} . {resp_port}"),
        (name, f"{resp} . {orig} . {protocol} . {resp_port} . {orig_port}"),
    ]


def mptcp(network: str, mode: str) -> list[tuple[str, str]]:
    """The set and the element that block MPTCP from and to a network.

    Raises:
        ValueError: there is no such way of blocking it.
    """
    if mode not in _MPTCP_RULES:
        raise ValueError(f"MPTCP can be blocked by {', '.join(MPTCP_MODES)}, not by {mode!r}")
    return [(f"{mode}{6 if ':' in network else 4}", network)]


def adding(elements: list[tuple[str, str]], seconds: float) -> str:
    """The commands that block for so long; if it is blocked already, from now on."""
    after = f" timeout {max(1, round(seconds))}s"
    lines = []
    for name, element in elements:
        # An element that is there keeps its timeout; taking out what may not be there needs it to be put
        # in before.
        lines.append(f"add element inet {TABLE} {name} {{ {element} }}")
        lines.append(f"delete element inet {TABLE} {name} {{ {element} }}")
        lines.append(f"add element inet {TABLE} {name} {{ {element}{after} }}")
    return "\n".join(lines) + "\n"


def removing(elements: list[tuple[str, str]]) -> str:
    """The commands that take it back; nothing happens if it is not blocked."""
    lines = []
    for name, element in elements:
        lines.append(f"add element inet {TABLE} {name} {{ {element} }}")
        lines.append(f"delete element inet {TABLE} {name} {{ {element} }}")
    return "\n".join(lines) + "\n"


def apply(commands: str) -> None:
    """Let `nft` carry commands out, all of them or none; makes the table first if there is none.

    Raises:
        RuleError: there is no program `nft`, it is not allowed to, or does not understand.
    """
    if _run(["list", "table", "inet", TABLE]):
        commands = setup() + commands
    error = _run(["-f", "-"], commands)
    if error:
        raise RuleError(error)


def _run(arguments: list[str], text: str = "") -> str:
    """Run `nft`; what went wrong, empty if nothing did."""
    try:
        done = subprocess.run(
            ["nft", *arguments], input=text, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except FileNotFoundError:
        return "there is no program nft; install nftables"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"nft: {error}"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return f"nft: {lines[0]}" if lines else f"nft: exit status {done.returncode}"
