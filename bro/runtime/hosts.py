"""Names of hosts that stand in scripts, and their addresses.

All names of a script are asked for at once when it starts, so that no packet has to wait for the DNS.  A
cache file keeps what was found: `bro -P` asks, compares with it and writes it anew; `bro -F` takes addresses
from it alone and asks nobody; otherwise it helps out where no answer comes.

The file has a line for each name: the name, when it was asked for (seconds since 1970), its addresses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from bro.runtime import context
from bro.runtime.tables import Set

#: The cache file, where `BRO_DNS_CACHE` (or `ZEEK_DNS_CACHE`) in the environment names no other.
CACHE_FILE = ".bro-dns-cache"

#: Names that are asked for at the same time at most.
MAX_PARALLEL = 32


class Mapping(NamedTuple):
    """What is known of a name."""

    asked: float
    addresses: tuple[str, ...]


def host_addresses(host: str) -> Set:
    """The addresses of a host name that stands in a script; empty if none is known, which was warned of."""
    return _hosts().addresses(host)


def prefetch_hosts(hosts: Iterable[str]) -> None:
    """Ask for names together, before the first of them is needed."""
    _hosts().ask(hosts)


def use(mode: str) -> None:
    """Choose where addresses come from: "" (as above), "prime" or "cache" (the options -P and -F)."""
    context.current.state["hosts"] = Hosts(mode)


def finish_priming() -> str | None:
    """At the end of `bro -P`: raise the events about changes, and write the cache.

    Returns:
        What went wrong; None if nothing did.
    """
    return _hosts().save()


def _hosts() -> Hosts:
    state = context.current.state
    found: Hosts | None = state.get("hosts")
    if found is None:
        found = state["hosts"] = Hosts("")
    return found


class Hosts:
    """The addresses of names in one run."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._path = os.environ.get("BRO_DNS_CACHE") or os.environ.get("ZEEK_DNS_CACHE") or CACHE_FILE
        self._found: dict[str, Set] = {}
        #: answers of this run; None where there was none
        self._answers: dict[str, Mapping | None] = {}
        self._cached: dict[str, Mapping] | None = None

    def addresses(self, host: str) -> Set:
        found = self._found.get(host)
        if found is None:
            self.ask([host])
            found = self._found[host]
        return found

    def ask(self, hosts: Iterable[str]) -> None:
        wanted = [host for host in dict.fromkeys(hosts) if host not in self._found]
        if self._mode != "cache":
            self._answers.update(_resolve_all(wanted))
        for host in wanted:
            mapping = self._answers.get(host)
            if mapping is None:
                mapping = self._from_cache(host)
            self._found[host] = _set(mapping)

    def _from_cache(self, host: str) -> Mapping | None:
        warn = context.current.reporter.warning
        mapping = self.cached.get(host)
        if mapping is not None:
            if self._mode == "":
                warn(f"no answer for the host {host}: its addresses are those in {self._path}")
        elif self._mode == "cache":
            warn(f"the host {host} is not in {self._path}: it has no address; run bro -P to ask for it")
        else:
            warn(f"the host {host} has no known address")
        return mapping

    # ---- the cache file ------------------------------------------------------------------------------------

    @property
    def cached(self) -> dict[str, Mapping]:
        """What the file has."""
        if self._cached is None:
            self._cached = {}
            try:
                with open(self._path, encoding="ascii") as lines:
                    for number, line in enumerate(lines, 1):
                        self._read_line(line, number)
            except FileNotFoundError:
                pass
            except (OSError, UnicodeError) as error:
                context.current.reporter.warning(f"the DNS cache {self._path} cannot be read: {error}")
        return self._cached

    def _read_line(self, line: str, number: int) -> None:
        assert self._cached is not None
        words = line.split()
        if not words or words[0].startswith("#"):
            return
        try:
            mapping = Mapping(float(words[1]), tuple(words[2:]))
            _set(mapping)
        except (IndexError, ValueError):
            context.current.reporter.warning(f"{self._path}, line {number}: no name, time and addresses")
            return
        self._cached[words[0]] = mapping

    def save(self) -> str | None:
        """Compare what was found with the file, post the events about it, write the file."""
        kept: dict[str, Mapping] = {}
        for host in self._found:
            before, now = self.cached.get(host), self._answers.get(host)
            self._post(host, before, now)
            mapping = now or before
            if mapping is not None:
                kept[host] = mapping
        lines = [f"{host} {m.asked:.0f} {' '.join(m.addresses)}\n" for host, m in sorted(kept.items())]
        beside = f"{self._path}.new"
        try:
            with open(beside, "w", encoding="ascii") as file:
                file.writelines(lines)
            os.replace(beside, self._path)
        except OSError as error:
            return f"the DNS cache {self._path} cannot be written: {error.strerror}"
        return None

    def _post(self, host: str, before: Mapping | None, now: Mapping | None) -> None:
        if now is None:
            if before is not None:
                _post("dns_mapping_unverified", host, before, False)
        elif before is None:
            _post("dns_mapping_new_name", host, now, True)
        elif set(before.addresses) == set(now.addresses):
            _post("dns_mapping_valid", host, now, True)
        elif not now.addresses:
            _post("dns_mapping_lost_name", host, before, True)
        else:
            old, new = _set(before), _set(now)
            gone = Set.of(a for a in old if a not in new)
            come = Set.of(a for a in new if a not in old)
            _post("dns_mapping_altered", host, now, True, gone, come)


def _set(mapping: Mapping | None) -> Set:
    from bro.runtime.netvalues import Addr

    return Set.of(Addr(text) for text in (() if mapping is None else mapping.addresses))


def _post(event: str, host: str, mapping: Mapping, valid: bool, *more: Any) -> None:
    from bro.runtime.netvalues import Addr

    program: Any = context.current.program
    dispatcher = None if program is None else program.dispatchers.get(event)
    if dispatcher is None:
        return
    record = program.record_class("dns_mapping")(
        creation_time=mapping.asked,
        req_host=host.encode(),
        req_addr=Addr("0.0.0.0"),
        valid=valid,
        hostname=host.encode(),
        addrs=_set(mapping),
    )
    context.current.queue.append((dispatcher, (record, *more)))


# ---- asking ------------------------------------------------------------------------------------------------


def _resolve_all(hosts: list[str]) -> dict[str, Mapping | None]:
    if not hosts:
        return {}
    ask = context.current.state.get("resolver") or _resolve
    if len(hosts) == 1:
        return {hosts[0]: _one(ask, hosts[0])}
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(hosts), MAX_PARALLEL)) as pool:
        return dict(zip(hosts, pool.map(lambda host: _one(ask, host), hosts), strict=True))


def _one(ask: Any, host: str) -> Mapping | None:
    import time

    try:
        return Mapping(time.time(), tuple(ask(host)))
    except (OSError, UnicodeError):
        return None


def _resolve(host: str) -> list[str]:
    import socket

    if os.environ.get("BRO_DNS_FAKE") or os.environ.get("ZEEK_DNS_FAKE"):
        from bro.runtime.builtins.lookups import _addresses_of

        return [str(address) for address in _addresses_of(host.encode()) or ()]
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))
