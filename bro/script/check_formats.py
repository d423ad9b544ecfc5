"""The checker's part for `fmt`: whether the values suit the format, where that is a constant.

A call that does not suit stops its handler when it runs, so it is warned of here; it is no error, for such a
call may be one that never runs.
"""

from __future__ import annotations

from bro.script import nodes as n

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

#: Types of what each conversion takes, other than `%s`, and how that is said.
_TAKES: Final = {
    "d": (
        frozenset(["count", "int", "bool", "enum", "port", "addr"]),
        "a count, int, bool, enum, port or addr",
    ),
    "f": (
        frozenset(["double", "time", "interval", "count", "int"]),
        "a double, time, interval, count or int",
    ),
    "T": (frozenset(["time"]), "a time"),
}
_LIKE: Final = {"x": "d", "e": "f", "g": "f", "D": "T"}


def mistakes(call: n.Expr, args: list[n.Expr]) -> Iterator[tuple[n.Expr, str]]:
    """What is wrong with a call of `fmt` that was checked, and where."""
    bare = [a.value if isinstance(a, n.Coerce) and a.type.tag == "any" else a for a in args]
    if not bare:
        return
    template = bare[0]
    if template.type.tag not in ("string", "any", "error"):
        yield template, f"the first argument of fmt() is a string, found {template.type.notation()}"
    if not isinstance(template, n.Literal) or template.tag != "string":
        return
    from bro.runtime.builtins.formatting import plan
    from bro.runtime.errors import ScriptError

    try:
        _, conversions, _ = plan(template.value)
    except ScriptError as error:
        yield template, str(error)
        return
    values = bare[1:]
    if len(values) != len(conversions):
        plural = "" if len(conversions) == 1 else "s"
        yield call, f"this format takes {len(conversions)} value{plural}, found {len(values)}"
        return
    for conversion, value in zip(conversions, values, strict=True):
        takes = _TAKES.get(_LIKE.get(conversion.kind, conversion.kind))
        tag = value.type.tag
        if takes is not None and tag not in takes[0] and tag not in ("any", "error"):
            yield value, f"%{conversion.kind} takes {takes[1]}, found {value.type.notation()}"
