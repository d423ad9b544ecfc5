"""Matching many globs at once; see `bro.runtime.opaques.paraglob`."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.opaques.paraglob import Paraglob
from bro.runtime.values import type_of, unboxed


@builtin("function paraglob_init(v: any): opaque of paraglob")
def paraglob_init(v: Any) -> Paraglob:
    """Compile a vector of globs.  Raises an error for other values, and for globs that cannot be compiled."""
    globs = unboxed(v)
    if not isinstance(globs, list) or any(glob.__class__ is not bytes for glob in globs):
        raise ScriptError(f"paraglob_init: a vector of strings is needed, not a {type_of(v).notation()}")
    try:
        return Paraglob(globs)
    except ValueError as error:
        raise ScriptError(f"paraglob_init: {error}") from None


@builtin("function paraglob_match(handle: opaque of paraglob, match: string): string_vec")
def paraglob_match(handle: Paraglob, match: bytes) -> list[bytes]:
    """Return the globs that match the whole string."""
    return handle.match(match)


@builtin("function paraglob_equals(p_one: opaque of paraglob, p_two: opaque of paraglob): bool")
def paraglob_equals(p_one: Paraglob, p_two: Paraglob) -> bool:
    """Tell whether both have the same globs."""
    return set(p_one.globs) == set(p_two.globs)
