"""What scripts say to other nodes of a cluster.  This program is one node, so nobody hears it."""

from __future__ import annotations

from typing import Any

from bro.runtime import context
from bro.runtime.builtins._support import enum_value, global_value, record, report_error
from bro.runtime.builtins.broker_stores import node_id
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import CastError, ScriptError
from bro.runtime.values import Boxed, box, unbox
from bro.script import types as t


@builtin("function Cluster::publish(...): bool")
def publish(*_: Any) -> bool:
    """Send an event (a topic, the event, its arguments) to the nodes that subscribed to a topic; false, as
    there are none."""
    return False


@builtin("function Cluster::publish_hrw(...): bool")
def publish_hrw(*_: Any) -> bool:
    """Send an event (a pool, a key, the event, its arguments) to the node of a pool that the key belongs to;
    false, as there is none."""
    return False


@builtin("function Cluster::publish_rr(...): bool")
def publish_rr(*_: Any) -> bool:
    """Send an event (a pool, a key, the event, its arguments) to one node of a pool after the other; false,
    as there are none."""
    return False


@builtin("function Cluster::subscribe(topic: string): bool")
def subscribe(topic: bytes) -> bool:
    """Receive what is published to topics that begin with `topic`; false, as nobody publishes."""
    return False


@builtin("function Cluster::unsubscribe(topic: string): bool")
def unsubscribe(topic: bytes) -> bool:
    """Receive no longer what is published to `topic`; false, as it was not received."""
    return False


@builtin("function Cluster::make_event(...): Cluster::Event")
def make_event(event: Any = None, *args: Any) -> Any:
    """Return an event with its arguments, to be published.

    Raises an error if the first argument is no event, or it takes another number of arguments.
    """
    program = context.current.program
    name = None if program is None or event is None else program.name_of(event)
    kind = None if name is None else program.variable_type(name)
    if not isinstance(kind, t.FuncType) or kind.flavor != "event":
        raise ScriptError("Cluster::make_event: the first argument must be an event")
    if len(args) != len(kind.params):
        raise ScriptError(f"Cluster::make_event: {name} takes {len(kind.params)} arguments, not {len(args)}")
    return record("Cluster::Event")(ev=event, args=list(args))


# ---- changes of tables -------------------------------------------------------------------------------------


def _table_name(table: Any) -> str:
    """The name of the global variable that holds a table.

    :raises ScriptError: where none does
    """
    program = context.current.program
    for name in () if program is None else program.variables:
        if program.get(name) is table:
            return str(name)
    raise ScriptError("Cluster::publish_table: the table has to be the value of a global variable")


def _parts(index: Any, kind: t.TableType) -> list[Any]:
    """An index as the values it consists of."""
    parts = index if len(kind.index_types) > 1 else (index,)
    return [box(part, type_) for part, type_ in zip(parts, kind.index_types, strict=True)]


@builtin("function Cluster::__publish_table(topic: string, table_val: any, batch_size: count): bool")
def publish_table(topic: bytes, table_val: Any, batch_size: int) -> bool:
    """Publish the elements of a table or set, some at a time, as events `Cluster::table_change_infos`.

    Raises an error if `table_val` is no table of a global variable, or if `batch_size` is zero.
    """
    kind = table_val.type if table_val.__class__ is Boxed else None
    if not isinstance(kind, t.TableType):
        raise ScriptError("Cluster::publish_table: the second argument must be a table or set")
    if batch_size == 0:
        raise ScriptError("Cluster::publish_table: the elements of one event cannot be none")
    table = table_val.value
    now = context.current.clock.now
    header = record("Cluster::TableChangeHeader")(id=_table_name(table).encode(), node_id=node_id(), ts=now)
    new, made = enum_value("TableChange", "TABLE_ELEMENT_NEW"), record("Cluster::TableChangeInfo")
    infos = [
        made(
            change=new,
            ts=now,
            index=_parts(index, kind),
            value=None if kind.yield_type is None else box(value, kind.yield_type),
        )
        for index, value in table.items()
    ]
    event = global_value("Cluster::table_change_infos", None)
    # Nothing has to be told of a table that is empty.
    return all(
        publish(topic, event, header, infos[first : first + batch_size])
        for first in range(0, len(infos), batch_size)
    )


@builtin(
    "function Cluster::apply_table_change_infos(tcheader: Cluster::TableChangeHeader, "
    "table_change_infos: Cluster::TableChangeInfos): bool"
)
def apply_table_change_infos(tcheader: Any, table_change_infos: list[Any]) -> bool:
    """Carry out changes that another node tells of, in the table of that name.

    :param tcheader: names the table.
    :param table_change_infos: the changes; all or, if one does not fit the table, none are carried out.
    :returns: false if the hook `Cluster::apply_table_change_infos_policy` does not want it, or, after a
        report, if there is no such table or a change does not fit it.
    """
    program = context.current.program
    policy = None if program is None else program.hooks.get("Cluster::apply_table_change_infos_policy")
    if policy is not None and policy(tcheader, table_change_infos) is False:
        return False
    name = tcheader.id.decode("utf-8", "replace")
    kind = None if program is None else program.variable_type(name)
    if program is None or not isinstance(kind, t.TableType):
        report_error(f"Cluster::apply_table_change_infos: there is no table {name}")
        return False
    try:
        changes = [_change(info, kind) for info in table_change_infos]
    except (CastError, ValueError) as error:
        report_error(f"Cluster::apply_table_change_infos: a change does not fit {name}: {error}")
        return False
    table = program.get(name)
    for index, gone, value in changes:
        if gone:
            table.pop(index, None)
        else:
            table[index] = value
    return True


def _change(info: Any, kind: t.TableType) -> tuple[Any, bool, Any]:
    """Index of a changed element, whether it is gone, and its value.

    :raises CastError: when one of them is of another type than the table has
    :raises ValueError: when the index has another number of values, or the value is missing
    """
    if len(info.index) != len(kind.index_types):
        raise ValueError(f"the index has {len(info.index)} values instead of {len(kind.index_types)}")
    parts = tuple(unbox(part, type_) for part, type_ in zip(info.index, kind.index_types, strict=True))
    index = parts if len(parts) > 1 else parts[0]
    if info.change.name in ("TABLE_ELEMENT_REMOVED", "TABLE_ELEMENT_EXPIRED"):
        return index, True, None
    if kind.yield_type is None:
        return index, False, True
    if info.value is None:
        raise ValueError("the value is missing")
    return index, False, unbox(info.value, kind.yield_type)


@builtin("function Cluster::set_table_change_infos_forward_topic(topic: string)")
def set_table_change_infos_forward_topic(topic: bytes) -> None:
    """Have other nodes pass on the changes of tables that this one tells of, to a topic; empty for nowhere.

    This program tells no other node of changes, so nothing is passed on.
    """
