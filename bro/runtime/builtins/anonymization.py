"""Anonymous addresses: the same address always becomes the same other one, and what shares a prefix still
does.

The mapping is that of Xu, Fan, Ammar and Moon (2002): each bit is kept or turned over by a keyed function of
the bits before it, here HMAC-SHA256 under this run's secret key, so a capture gives the same addresses again
under the same seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bro.runtime import context
from bro.runtime.builtins._support import post
from bro.runtime.builtins.random import process_key
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Addr, Subnet

if TYPE_CHECKING:
    from bro.runtime.values import EnumValue

#: How many addresses are remembered; computing one again takes 32 or 128 hashes.
CACHE_LIMIT = 100_000


class _Anonymizer:
    """The mapping of one program."""

    __slots__ = ("cache", "key", "preserved")

    def __init__(self) -> None:
        self.key = process_key("anonymization")
        self.cache: dict[Addr, Addr] = {}
        #: subnets whose prefix stays as it is, by their width
        self.preserved: dict[int, set[Subnet]] = {}

    def preserve(self, subnet: Subnet) -> None:
        """Keep the prefix of a subnet."""
        self.preserved.setdefault(subnet.width, set()).add(subnet)
        self.cache.clear()

    def _kept_bits(self, addr: Addr, bits: int) -> int:
        """How many of an address's first bits stay as they are."""
        widths = sorted((width for width in self.preserved if width <= bits), reverse=True)
        return next((width for width in widths if addr.mask(width) in self.preserved[width]), 0)

    def map(self, addr: Addr) -> Addr:
        """Return what an address becomes."""
        found = self.cache.get(addr)
        if found is None:
            if len(self.cache) >= CACHE_LIMIT:
                self.cache.clear()
            found = self.cache[addr] = self._compute(addr)
            post("anonymization_mapping", addr, found)
        return found

    def _compute(self, addr: Addr) -> Addr:
        from hmac import digest

        packed = addr.packed
        bits = 8 * len(packed)
        number = int.from_bytes(packed, "big")
        flips = 0
        for position in range(self._kept_bits(addr, bits), bits):
            # The bits before this one, behind a leading 1 that tells how many they are.
            prefix = (1 << position) | (number >> (bits - position))
            one = digest(self.key, bits.to_bytes(1, "big") + prefix.to_bytes(17, "big"), "sha256")[0] & 1
            flips |= one << (bits - 1 - position)
        return Addr.from_bytes((number ^ flips).to_bytes(len(packed), "big"))


def _anonymizer() -> _Anonymizer:
    state = context.current.state
    found: _Anonymizer | None = state.get("anonymizer")
    if found is None:
        found = state["anonymizer"] = _Anonymizer()
    return found


@builtin("function anonymize_addr(a: addr, cl: IPAddrAnonymizationClass): addr")
def anonymize_addr(a: Addr, cl: EnumValue) -> Addr:
    """Return an address that stands for this one; addresses with a common prefix stay with a common prefix.

    :param cl: what the address is of; all classes are mapped alike, so that hosts can be told apart across
        them.
    """
    return _anonymizer().map(a)


@builtin("function preserve_prefix(a: addr, width: count): any")
def preserve_prefix(a: Addr, width: int) -> None:
    """Keep the first bits of all addresses that begin like this one.

    Raises an error if an address of this family does not have that many bits.
    """
    if width > (32 if a.is_v4 else 128):
        raise ScriptError(f"preserve_prefix: {a} does not have {width} bits")
    _anonymizer().preserve(a.mask(width))


@builtin("function preserve_subnet(a: subnet): any")
def preserve_subnet(a: Subnet) -> None:
    """Keep the prefix of all addresses in a subnet."""
    _anonymizer().preserve(a)
