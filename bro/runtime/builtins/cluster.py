"""What scripts say to other nodes of a cluster.  This program is one node, so nobody hears it."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins.registry import builtin


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
    from bro.runtime import context
    from bro.runtime.builtins._support import record
    from bro.runtime.errors import ScriptError
    from bro.script.types import FuncType

    program = context.current.program
    name = None if program is None or event is None else program.name_of(event)
    kind = None if name is None else program.variable_type(name)
    if not isinstance(kind, FuncType) or kind.flavor != "event":
        raise ScriptError("Cluster::make_event: the first argument must be an event")
    if len(args) != len(kind.params):
        raise ScriptError(f"Cluster::make_event: {name} takes {len(kind.params)} arguments, not {len(args)}")
    return record("Cluster::Event")(ev=event, args=list(args))
