"""Regular expressions of the compiler: compiled when they are first used, or kept compiled in the cache.

To import `re` and to compile the lexer's expressions takes as long as to compile two hundred lines of a
script, and everybody who changes a script would wait for it each time.  So what `re` makes of an expression
is kept with the base scripts; where nothing is, or another Python wants it otherwise, `re` does it again.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any, Final

#: Flags of `re`.
DOTALL: Final = 16
VERBOSE: Final = 64

#: What `_sre.compile` takes: pattern, flags, code, number of groups, groups by name, and names by group.
Compiled = tuple[str, int, list[int], int, dict[str, int], tuple[str | None, ...]]

#: Those that were kept, by pattern and flags.
_kept: dict[tuple[str, int], Compiled] = {}


class _Regex:
    """Stands for an expression; has its methods, once one is asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.key = pattern, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(_made(*self.key), name)
        setattr(self, name, value)
        return value


_all: list[_Regex] = []


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression, not yet compiled."""
    found = _Regex(pattern, flags)
    _all.append(found)
    return found  # type: ignore[return-value]


def _made(pattern: str, flags: int) -> re.Pattern[str]:
    kept = _kept.get((pattern, flags))
    if kept is not None:
        try:
            from _sre import compile  # type: ignore[import-not-found]

            return compile(*kept)  # type: ignore[no-any-return]
        except Exception:  # of another Python, or damaged
            del _kept[pattern, flags]
    import re

    return re.compile(pattern, flags)


def compiled() -> list[tuple[tuple[str, int], Compiled]]:
    """All expressions, for `use`."""
    found = []
    for one in _all:
        parameters = _kept.get(one.key) or _parameters(*one.key)
        if parameters is not None:
            found.append((one.key, parameters))
    return found


def use(kept: list[tuple[tuple[str, int], Compiled]]) -> None:
    """Take what `compiled` gave, in a process of the same Python."""
    _kept.update(kept)


def _parameters(pattern: str, flags: int) -> Compiled | None:
    """What `re` hands to `_sre`; None where it does that in a way that is not known here."""
    try:
        from re import _compiler, _parser  # type: ignore[attr-defined]

        parsed = _parser.parse(pattern, flags)
        code = [int(word) for word in _compiler._code(parsed, flags)]
        state = parsed.state
        groups = {str(name): int(number) for name, number in state.groupdict.items()}
        names: list[str | None] = [None] * state.groups
        for name, number in groups.items():
            names[number] = name
        return pattern, int(flags | state.flags), code, state.groups - 1, groups, tuple(names)
    except Exception:
        return None
