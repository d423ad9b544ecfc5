"""Random numbers and identifiers, reproducible under a seed.

All of it derives from one secret of the process: random when the program starts, or fixed by whoever starts
it (`context.current.state["seed"]`, 16 bytes or more).  `srand` affects `rand` alone.
"""

from __future__ import annotations

from typing import Any

from bro.runtime import context
from bro.runtime.builtins._support import global_value
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def process_key(purpose: str) -> bytes:
    """Return 32 secret bytes for a purpose; the same whenever the program is started with the same seed."""
    from hashlib import blake2b

    state = context.current.state
    seed = state.get("seed")
    if seed is None:
        import os

        seed = state["seed"] = os.urandom(32)
    return blake2b(purpose.encode(), key=seed[:64], digest_size=32).digest()


def _generator() -> Any:
    state = context.current.state
    generator = state.get("random")
    if generator is None:
        from random import Random

        generator = state["random"] = Random(int.from_bytes(process_key("rand"), "big"))
    return generator


@builtin("function rand(max: count): count")
def rand(maximum: int) -> int:
    """Return a random number below `max`.  Not for secrets: who sees enough of them can tell the next.

    Raises an error if `max` is 0.
    """
    if maximum < 1:
        raise ScriptError("rand: there is no number below 0 to return; the maximum must be at least 1")
    return _generator().randrange(maximum)  # type: ignore[no-any-return]


@builtin("function srand(seed: count): any")
def srand(seed: int) -> None:
    """Begin a new sequence of `rand`; the same seed gives the same sequence, on every machine."""
    from random import Random

    context.current.state["random"] = Random(seed)


def _identifier(prefix: bytes, pool: str) -> bytes:
    """A fresh identifier: a counter of the pool under the process's key, so it neither repeats nor can be
    guessed."""
    from hashlib import blake2b

    counters: dict[str, int] = context.current.state.setdefault("unique_ids", {})
    number = counters.get(pool, 0)
    counters[pool] = number + 1
    bits = min(max(global_value("bits_per_uid", 96), 64), 128)
    digest = blake2b(f"{pool}:{number}".encode(), key=process_key("unique_id"), digest_size=16).digest()
    rest = int.from_bytes(digest, "big") >> (128 - bits)
    out = bytearray()
    while rest:
        rest, digit = divmod(rest, 62)
        out.append(_BASE62[digit])
    return prefix + bytes(out)


@builtin("function unique_id(prefix: string): string")
def unique_id(prefix: bytes) -> bytes:
    """Return the prefix and letters and digits that have not been returned before, of `bits_per_uid` random
    bits."""
    return _identifier(prefix, "")


@builtin("function unique_id_from(pool: int, prefix: string): string")
def unique_id_from(pool: int, prefix: bytes) -> bytes:
    """Like `unique_id`, out of a numbered pool: under a fixed seed each pool has its own fixed sequence."""
    return _identifier(prefix, str(pool))
