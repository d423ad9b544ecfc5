"""Events: which ones are handled, switching groups of handlers off and on, and what events carry along."""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import command, enum_value, global_value, record, report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.values import Boxed
from bro.script.types import TIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.runtime.values import EnumValue


def _switch(function: str, kind: str, name: bytes, on: bool) -> bool:
    program = context.current.program
    if program is not None and program.groups.switch(kind, name.decode("utf-8", "replace"), on):
        return True
    what = "no handler is in a group" if kind == "group" else "no handler is in a module"
    report_error(f'{function}: {what} "{name.decode("utf-8", "replace")}"')
    return False


def _has(kind: str, name: bytes) -> bool:
    program = context.current.program
    return program is not None and bool(program.groups.has(kind, name.decode("utf-8", "replace")))


@builtin("function enable_event_group(group: string): bool")
def enable_event_group(group: bytes) -> bool:
    """Run the handlers of a group (attribute ``&group``) again; false, after a report, if there is no such
    group.
    """
    return _switch("enable_event_group", "group", group, True)


@builtin("function disable_event_group(group: string): bool")
def disable_event_group(group: bytes) -> bool:
    """Run the handlers of a group no more, of events and hooks; a handler runs while all its groups are on.

    False, after a report, if there is no such group.
    """
    return _switch("disable_event_group", "group", group, False)


@builtin("function has_event_group(group: string): bool")
def has_event_group(group: bytes) -> bool:
    """Tell whether a handler is in this group."""
    return _has("group", group)


@builtin("function enable_module_events(module_name: string): bool")
def enable_module_events(module_name: bytes) -> bool:
    """Run the handlers that a module defines again; false, after a report, if it has none."""
    return _switch("enable_module_events", "module", module_name, True)


@builtin("function disable_module_events(module_name: string): bool")
def disable_module_events(module_name: bytes) -> bool:
    """Run the handlers that a module defines no more; false, after a report, if it has none."""
    return _switch("disable_module_events", "module", module_name, False)


@builtin("function has_module_events(group: string): bool")
def has_module_events(group: bytes) -> bool:
    """Tell whether a module of this name defines handlers."""
    return _has("module", group)


@builtin("function is_event_handled(event_name: string): bool")
def is_event_handled(event_name: bytes) -> bool:
    """Tell whether an event has a handler; a name that is no event's is reported."""
    name = event_name.decode("utf-8", "replace")
    program = context.current.program
    if program is None:
        return False
    if name not in program.events and name not in ("zeek_init", "zeek_done", "bro_init", "bro_done"):
        report_error(f'is_event_handled: there is no event "{name}"')
        return False
    return bool(program.is_handled(name))


@builtin("function generate_all_events(): bool")
def generate_all_events() -> bool:
    """Have the engine raise all events it can, also those without a handler; always true."""
    command("generate_all_events")
    return True


# ---- metadata ----------------------------------------------------------------------------------------------


def _registered() -> dict[str, Any]:
    return context.current.state.setdefault("event_metadata", {})  # type: ignore[no-any-return]


@builtin("function EventMetadata::register(id: EventMetadata::ID, t: any): bool")
def metadata_register(id_: EnumValue, t: Any) -> bool:
    """Say of which type a kind of metadata is; false, after a report, if that was said before."""
    known = _registered()
    if id_.name in known:
        report_error(f"EventMetadata::register: {id_.name} is registered already")
        return False
    known[id_.name] = t
    return True


@builtin("function EventMetadata::current(id: EventMetadata::ID): any_vec")
def metadata_current(id_: EnumValue) -> list[Any]:
    """Return the values of one kind of metadata of the event being handled.

    There is one kind so far, the network time at which an event was raised, if
    `EventMetadata::add_network_timestamp` is set.
    """
    if id_.name == "EventMetadata::NETWORK_TIMESTAMP" and global_value(
        "EventMetadata::add_network_timestamp", False
    ):
        return [Boxed(context.current.clock.now, TIME)]
    return []


@builtin("function EventMetadata::current_all(): event_metadata_vec")
def metadata_current_all() -> list[Any]:
    """Return all metadata of the event being handled."""
    if not global_value("EventMetadata::add_network_timestamp", False):
        return []
    timestamp = enum_value("EventMetadata::ID", "EventMetadata::NETWORK_TIMESTAMP")
    return [record("EventMetadata::Entry")(id=timestamp, val=value) for value in metadata_current(timestamp)]
