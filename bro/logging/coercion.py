"""Records of other types than a stream's: those written out where they are logged, and look-alikes."""

from __future__ import annotations

from bro.runtime.describe import formatter
from bro.script.types import RecordType, TableType, VectorType, is_aggregate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.script.types import Type

    #: makes a value of one type into one of another; None where it is the same
    Conversion = Callable[[Any], Any] | None


class Incompatible(Exception):
    """A record cannot become one of the stream's type."""


def converter(source: RecordType, target: RecordType, class_of: Callable[[str], Any]) -> Callable[[Any], Any]:
    """What makes records of one type into records of another.  Fields that the other type does not have are
    left out, those it has in addition get their defaults.

    :param class_of: the class of a record type, by its name
    :raises Incompatible: a field that has to be there is not, or has another type
    """
    wanted = [f for f in target.fields if not (f.optional or f.has_default or is_aggregate(f.type))]
    missing = [f.name for f in wanted if source.field(f.name) is None]
    if missing:
        raise Incompatible(
            f"a record of type {source.notation()} cannot be logged as {target.notation()}: "
            f"it has no {', '.join(missing)}"
        )
    steps: list[tuple[str, Conversion]] = []
    for field in source.fields:
        to = target.field(field.name)
        if to is None:
            continue
        try:
            steps.append((field.name, _conversion(field.type, to.type, class_of)))
        except Incompatible:
            raise Incompatible(
                f"a record of type {source.notation()} cannot be logged as {target.notation()}: "
                f"its {field.name} is a {field.type.notation()}, not a {to.type.notation()}"
            ) from None
    cls = class_of(target.name)

    def convert(record: Any) -> Any:
        values: dict[str, Any] = {}
        for name, conversion in steps:
            value = getattr(record, name)
            if value is not None:
                values[name] = value if conversion is None else conversion(value)
        return cls(**values)

    return convert


def _conversion(source: Type, target: Type, class_of: Callable[[str], Any]) -> Conversion:
    if source == target or target.tag == "any":
        return None
    if isinstance(source, RecordType) and isinstance(target, RecordType):
        return converter(source, target, class_of)
    if target.tag == "double" and source.tag in ("count", "int"):
        return float
    if target.tag == "int" and source.tag == "count":
        return None
    if source.tag == target.tag and (_is_empty(source) or source.tag in ("func", "enum")):
        return None
    if isinstance(source, VectorType) and isinstance(target, VectorType):
        return _elementwise(source.element, target.element, class_of)
    raise Incompatible


def _elementwise(source: Type, target: Type, class_of: Callable[[str], Any]) -> Conversion:
    """The conversion of a vector; one of strings may be given anything, of which it has the text."""
    one = formatter(source) if target.tag == "string" else _conversion(source, target, class_of)
    return None if one is None else lambda values: [None if v is None else one(v) for v in values]


def _is_empty(type_: Type) -> bool:
    """Whether it is the type of ``set()`` or ``vector()``, which fits all of them."""
    if isinstance(type_, TableType):
        return type_.unspecified
    return isinstance(type_, VectorType) and type_.element.tag == "unspecified"
