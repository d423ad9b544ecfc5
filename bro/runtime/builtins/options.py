"""Options: globals that can be changed while the program runs, with functions that hear of it."""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import command, report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import CastError
from bro.runtime.tables import Set
from bro.runtime.values import Boxed, box, type_of, unbox, unboxed
from bro.script.types import ANY, FuncType, TableType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.script.types import Type


def _option_type(function: str, name: str) -> Type | None:
    """The type of an option; None, after a report, if there is none of that name."""
    program = context.current.program
    known = None if program is None else program.variables.get(name)
    if known is None:
        report_error(f'{function}: there is no option "{name}"')
        return None
    if "o" not in known[2]:
        report_error(
            f'{function}: "{name}" is not an option; declare it with "option" to change it at run time'
        )
        return None
    return program.variable_type(name)  # type: ignore[no-any-return]


def _handlers() -> dict[str, list[tuple[int, Callable[..., Any], bool, bool]]]:
    """Who hears of a change, by option: priority, function, whether it takes the location, and whether it is
    for options of all types; in order.
    """
    return context.current.state.setdefault("option_handlers", {})  # type: ignore[no-any-return]


def _like(old: Any, new: Any) -> Any:
    """The elements of `new` in a container that has the attributes of `old`, such as &default."""
    if isinstance(old, dict) and isinstance(new, dict) and hasattr(old, "empty"):
        made = old.empty()
        made.fill(list(new.items()))
        return made
    return new


def _tell_engine(name: str) -> None:
    """Let the engine take over an option that it reads, now or when it is done with the packet at hand."""
    if not command("option_changed", name, absent=True):
        context.current.timers.call_after(0.0, lambda: _tell_engine(name))


@builtin('function Option::set(ID: string, val: any, location: string &default=""): bool')
def option_set(ID: bytes, val: Any, location: bytes = b"") -> bool:
    """Give an option a new value, after the functions that `Option::set_change_handler` named have seen it.

    Each of them gets what the one before returned, and may return another value.

    :param location: where the value comes from, such as the name of a file.
    :returns: false, after a report, if there is no such option, if the value is of another type, or if one of
        the
        functions fails; then the option stays as it is.
    """
    name = ID.decode("utf-8", "replace")
    kind = _option_type("Option::set", name)
    if kind is None:
        return False
    try:
        value = unbox(val, kind)
    except CastError as error:
        report_error(f"Option::set: {name} cannot be set: {error.message}")
        return False
    for _, handler, wants_location, generic in list(_handlers().get(name, ())):
        try:
            given = box(value, kind) if generic else value
            value = handler(ID, given, location) if wants_location else handler(ID, given)
            if generic:
                value = unbox(value, kind)
        except Exception as error:
            context.current.reporter.exception(error)
            return False
        if value is None:
            report_error(f"Option::set: a change handler of {name} returned no value")
            return False
    program = context.current.program
    program.set(name, _like(program.get(name), value))
    _tell_engine(name)
    return True


@builtin("function Option::set_change_handler(ID: string, on_change: any, priority: int &default=0): bool")
def option_set_change_handler(ID: bytes, on_change: Any, priority: int = 0) -> bool:
    """Have a function called when an option is about to change.

    :param on_change: ``function(ID: string, new_value: T): T``, where T is the option's type or ``any``; a
        third parameter, if it has one, gets the location.  What it returns becomes the value.
    :param priority: functions with a higher one are called first.
    :returns: false, after a report, if there is no such option or the function is of another type.
    """
    name = ID.decode("utf-8", "replace")
    kind = _option_type("Option::set_change_handler", name)
    if kind is None:
        return False
    found = type_of(on_change) if callable(on_change) else None
    if not isinstance(found, FuncType) or found.flavor != "function":
        report_error(f"Option::set_change_handler: the second argument for {name} must be a function")
        return False
    tags = [param.type for param in found.params]
    generic = len(tags) > 1 and tags[1] == ANY and found.result == ANY
    known = len(tags) in (2, 3) and tags[0].tag == "string"
    known = known and (generic or (tags[1] == kind and found.result == kind))
    if not known or (len(tags) == 3 and tags[2].tag != "string"):
        wanted = f"function(ID: string, new_value: {kind.notation()}): {kind.notation()}"
        report_error(f"Option::set_change_handler: a change handler of {name} is a {wanted}")
        return False
    handlers = _handlers().setdefault(name, [])
    handlers.append((priority, on_change, len(tags) == 3, generic))
    handlers.sort(key=lambda handler: -handler[0])
    return True


@builtin("function Option::any_set_to_any_vec(v: any): any_vec")
def any_set_to_any_vec(v: Any) -> list[Any]:
    """Return the elements of a set as a vector; other values are reported and give an empty one."""
    elements = unboxed(v)
    if not getattr(elements, "is_set", False):
        report_error(f"Option::any_set_to_any_vec: a {type_of(v).notation()} is not a set")
        return []
    kinds = v.type.index_types if v.__class__ is Boxed and isinstance(v.type, TableType) else (ANY,)
    if len(kinds) == 1:
        return [box(element, kinds[0]) for element in elements]
    report_error("Option::any_set_to_any_vec: the elements of the set have several parts")
    return []


@builtin("function global_options(): string_set")
def global_options() -> Set:
    """Return the names of all options."""
    program = context.current.program
    if program is None:
        return Set()
    return Set.of([name.encode() for name, (_, _, flags) in program.variables.items() if "o" in flags])
