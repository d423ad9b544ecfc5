"""Names in the DNS: lookups for `when` statements, by the resolver of the system.

Results are kept for a while, so that asking the same again costs nothing.  ``BRO_DNS_RESOLVER`` (or
``ZEEK_DNS_RESOLVER``) in the environment names the server for TXT records; ``BRO_DNS_FAKE`` (or
``ZEEK_DNS_FAKE``) makes all lookups give made-up answers without asking anybody, for tests.
"""

from __future__ import annotations

import os

from bro.runtime import context
from bro.runtime.builtins._support import report_error, shown
from bro.runtime.builtins.background import run_in_background
from bro.runtime.builtins.registry import builtin
from bro.runtime.netvalues import Addr
from bro.runtime.tables import Set
from bro.runtime.when import Async

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: What a lookup without an answer gives.
NO_NAME = b"<???>"
#: Seconds an answer is kept, by the clock of the machine, and how many are kept.
CACHE_SECONDS = 300.0
CACHE_LIMIT = 50_000
#: Seconds to wait for a server, and how often to ask it.
_TIMEOUT = 5.0
_ATTEMPTS = 2


class _Lookups:
    """The lookups of one program: what is known, what is under way, and how it went."""

    __slots__ = ("answers", "failed", "pending", "requests", "successful", "waiting")

    def __init__(self) -> None:
        #: by kind and question: until when it holds, and the answer
        self.answers: dict[tuple[str, Any], tuple[float, Any]] = {}
        self.waiting: dict[tuple[str, Any], list[Async]] = {}
        self.requests = self.successful = self.failed = self.pending = 0

    def ask(self, kind: str, question: Any, job: Callable[[], Any], nothing: Any) -> Async:
        """Answer from what is known, or by `job` in the background; `nothing` is the answer when it finds
        none.
        """
        import time

        answer = Async()
        key = (kind, question)
        known = self.answers.get(key)
        if known is not None and known[0] > time.monotonic():
            answer.resolve(known[1])
            return answer
        waiting = self.waiting.get(key)
        if waiting is not None:
            waiting.append(answer)
            return answer
        self.waiting[key] = [answer]
        self.requests += 1
        self.pending += 1

        def finish(found: Any) -> None:
            self.pending -= 1
            if found is None:
                self.failed += 1
            else:
                self.successful += 1
            value = nothing if found is None else found
            if len(self.answers) >= CACHE_LIMIT:
                self.answers.clear()
            self.answers[key] = (time.monotonic() + CACHE_SECONDS, value)
            for one in self.waiting.pop(key):
                one.resolve(value)

        run_in_background(job, finish, lambda _: finish(None))
        return answer


def _lookups() -> _Lookups:
    state = context.current.state
    found: _Lookups | None = state.get("lookups")
    if found is None:
        found = state["lookups"] = _Lookups()
    return found


def statistics() -> dict[str, int]:
    """The fields of record `DNSStats`."""
    lookups = _lookups()
    kinds = [kind for kind, _ in lookups.answers]
    return {
        "requests": lookups.requests,
        "successful": lookups.successful,
        "failed": lookups.failed,
        "pending": lookups.pending,
        "cached_hosts": kinds.count("host"),
        "cached_addresses": kinds.count("addr"),
        "cached_texts": kinds.count("text"),
        "cached_total": len(kinds),
    }


def _setting(name: str) -> str | None:
    return os.environ.get(f"BRO_{name}") or os.environ.get(f"ZEEK_{name}")


# ---- asking ------------------------------------------------------------------------------------------------


def _name_of(host: Addr) -> bytes | None:
    import socket

    if _setting("DNS_FAKE"):
        return f"fake_addr_lookup_result_{host}".encode()
    try:
        return socket.gethostbyaddr(str(host))[0].encode()
    except OSError:
        return None


def _addresses_of(host: bytes) -> Set | None:
    import socket

    if _setting("DNS_FAKE"):
        from hashlib import sha256

        return Set.of([Addr.from_bytes(b"\x20\x01\x0d\xb8" + sha256(host).digest()[:12])])
    try:
        found = socket.getaddrinfo(host.decode("ascii"), None)
    except (OSError, UnicodeError):
        return None
    return Set.of([Addr(str(entry[4][0]).partition("%")[0]) for entry in found])


def _text_of(host: bytes) -> bytes | None:
    if _setting("DNS_FAKE"):
        return b"fake_text_lookup_result_" + host
    server = _setting("DNS_RESOLVER") or _first_server()
    return None if server is None else ask_text(host, server)


def _first_server() -> str | None:
    """The first name server that the system is set up with."""
    try:
        with open("/etc/resolv.conf", encoding="ascii", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if len(words) > 1 and words[0] == "nameserver":
                    return words[1].partition("%")[0]
    except OSError:
        pass
    return None


def ask_text(host: bytes, server: str, port: int = 53) -> bytes | None:
    """Ask a server for the first TXT record of a name (RFC 1035); None if there is none or no answer."""
    import socket

    labels = host.rstrip(b".").split(b".")
    if not all(0 < len(label) < 64 for label in labels) or len(host) > 253:
        return None
    name = b"".join([bytes([len(label)]) + label for label in labels]) + b"\0"
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    for _ in range(_ATTEMPTS):
        number = os.urandom(2)
        question = number + b"\x01\x00\x00\x01\0\0\0\0\0\0" + name + b"\x00\x10\x00\x01"
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(_TIMEOUT)
            try:
                asking.connect((server, port))
                asking.send(question)
                reply = asking.recv(65535)
            except OSError:
                continue
        if reply[:2] == number:
            return first_text(reply)
    return None


def first_text(reply: bytes) -> bytes | None:
    """Return the first TXT record among the answers of a DNS message; None if there is none."""
    if len(reply) < 12 or not reply[2] & 0x80 or reply[3] & 0x0F:
        return None
    questions, answers = int.from_bytes(reply[4:6], "big"), int.from_bytes(reply[6:8], "big")
    position = 12
    for _ in range(questions):
        position = _skip_name(reply, position) + 4
    for _ in range(answers):
        position = _skip_name(reply, position)
        kind, length = (
            reply[position : position + 2],
            int.from_bytes(reply[position + 8 : position + 10], "big"),
        )
        data = reply[position + 10 : position + 10 + length]
        if position + 10 + length > len(reply):
            return None
        if kind == b"\x00\x10":
            return _joined(data)
        position += 10 + length
    return None


def _skip_name(message: bytes, position: int) -> int:
    """Where a name ends; past the end of a message that is cut off."""
    while position < len(message):
        length = message[position]
        if length >= 0xC0:
            return position + 2
        position += 1 + length
        if length == 0:
            break
    return position


def _joined(data: bytes) -> bytes:
    """The character strings of a TXT record, one after the other."""
    pieces = []
    position = 0
    while position < len(data):
        length = data[position]
        pieces.append(data[position + 1 : position + 1 + length])
        position += 1 + length
    return b"".join(pieces)


# ---- functions ---------------------------------------------------------------------------------------------


@builtin("function lookup_addr(host: addr): string", asynchronous=True)
def lookup_addr(host: Addr) -> Async:
    """Look up the name of an address; ``<???>`` if it has none."""
    return _lookups().ask("addr", host, lambda: _name_of(host), NO_NAME)


@builtin("function lookup_hostname(host: string): addr_set", asynchronous=True)
def lookup_hostname(host: bytes) -> Async:
    """Look up the addresses of a name; ``0.0.0.0`` alone if it has none."""
    return _lookups().ask("host", host, lambda: _addresses_of(host), Set.of([Addr("0.0.0.0")]))


@builtin("function lookup_hostname_txt(host: string): string", asynchronous=True)
def lookup_hostname_txt(host: bytes) -> Async:
    """Look up the TXT record of a name, the first if there are several; ``<???>`` if it has none."""
    return _lookups().ask("text", host, lambda: _text_of(host), NO_NAME)


@builtin("function blocking_lookup_hostname(host: string): addr_set")
def blocking_lookup_hostname(host: bytes) -> Set:
    """Look up the addresses of a name and wait for the answer; nothing else happens meanwhile.

    A name without addresses is reported and gives ``0.0.0.0`` alone.
    """
    found = _addresses_of(host)
    if found is None:
        report_error(f"blocking_lookup_hostname: {shown(host)} has no addresses")
        return Set.of([Addr("0.0.0.0")])
    return found
