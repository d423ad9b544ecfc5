"""A loaded program: the units of compiled scripts put together, ready to run.

Nothing here needs the compiler: a program out of the cache is linked by running over the tables of its units
once.
"""

from __future__ import annotations

import builtins
import os
import sys
from importlib import import_module

from bro.runtime import callables, describe, dispatch
from bro.runtime.errors import HANDLER_ERRORS, SCRIPT_MARK, ScriptExit, explain, script_stack
from bro.runtime.namespace import Deferred, add_helpers
from bro.runtime.record_classes import RecordClasses
from bro.runtime.values import EnumValue
from bro.script import lazy
from bro.script import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from bro.runtime.context import Context
    from bro.runtime.values import Record

    #: The tables of a unit, by the names of `codegen.UnitCode`.
    UnitTables = Mapping[str, Any]

#: Names of one event each.
_ALIASES = {"zeek_init": "bro_init", "zeek_done": "bro_done", "zeek_script_loaded": "bro_script_loaded"}


class InitError(Exception):
    """The scripts cannot start: computing the value of a global failed."""


class Program:
    """Compiled scripts with their namespace.

    `init` has to be called once before anything else runs.
    """

    def __init__(self, units: Sequence[UnitTables], loaded: LoadedFiles, context: Context) -> None:
        self.context = context
        self.loaded = loaded
        self.units = units
        #: what scripts call globals, by mangled name: functions, variables, enum values, dispatchers, helpers
        self.namespace: dict[str, Any] = {}
        #: class of each record type, by its full name
        self.record_classes: RecordClasses
        #: enum values by their full name
        self.enums: dict[str, EnumValue] = {}
        #: variables, constants and options: (mangled name, type, flags)
        self.variables: dict[str, tuple[str, Any, str]] = {}
        #: script functions: (mangled name, type)
        self.signatures: dict[str, tuple[str, Any]] = {}
        #: events and hooks: (mangled name, "event" or "hook", type)
        self.events: dict[str, tuple[str, str, Any]] = {}
        #: dispatchers of the events that have a handler
        self.dispatchers: dict[str, Callable[..., Any]] = {}
        #: dispatchers of the hooks that have a handler
        self.hooks: dict[str, Callable[..., Any]] = {}
        self.groups: dispatch.Groups
        self._record_tables: dict[str, Any] = {}
        self._record_types: dict[str, t.RecordType] = {}
        self._enum_values: dict[str, dict[str, int]] = {}
        self._enum_types: dict[str, t.EnumType] = {}
        self._by_identity: dict[int, tuple[str, Any]] | None = None
        #: types of names that were asked for before; those of options are at every start
        self._name_types: dict[str, t.Type] = {}
        self._statements: list[str] = []
        context.program = self
        self._link()

    # ---- linking -------------------------------------------------------------------------------------------

    def _link(self) -> None:
        describe.reset()
        ns = self.namespace
        add_helpers(ns)
        context = self.context
        ns["__name__"] = "bro.scripts"
        ns["__builtins__"] = builtins
        ns[SCRIPT_MARK] = True
        ns["post_event"] = context.queue.append
        ns["schedule_event"] = self._schedule
        context.globals = ns
        names: dict[str, str] = {}
        records: dict[str, Any] = {}
        for unit in self.units:
            names.update(unit["names"])
            records.update(unit["records"])
            self._record_tables.update(unit["record_types"])
            self.variables.update(unit["globals"])
            self.signatures.update(unit["signatures"])
            self.events.update(unit["events"])
            self._statements.extend(unit["statements"])
            self._link_names(unit)
        callables.exceptions = names
        self.record_classes = RecordClasses(records, ns, self.record_type)
        for unit in self.units:
            for py, encoded in unit["types"]:
                ns[py] = self.decoded(encoded)
            for py, encoded in unit["formatters"]:
                ns[py] = describe.print_formatter(self.decoded(encoded))
            for py, encoded in unit["texts"]:
                ns[py] = describe.formatter(self.decoded(encoded))
        for unit in self.units:
            for code in unit["functions"]:
                if code.__class__ is tuple:  # out of the cache
                    lazy.define(code, ns)
                else:
                    exec(code, ns)
        self._link_events()

    def _link_names(self, unit: UnitTables) -> None:
        """Built-in functions, enum values and constants of a unit."""
        ns = self.namespace
        modules = sys.modules
        for py, module, attr, is_value in unit["builtins"]:
            found = modules.get(module)
            if found is None and not is_value:
                if py not in ns:
                    ns[py] = Deferred(ns, py, module, attr)
                continue
            ns[py] = getattr(found or import_module(module), attr)
        enums, values = self.enums, self._enum_values
        tags: dict[str, EnumValue] = {}
        for py, type_name, name, number in unit["enums"]:
            if type_name in t.TAGS:  # a tag and its name among those of all kinds are one value
                ns[py] = enums[name] = tags.get(name) or EnumValue(type_name, name, number)
                tags[t.tag_among_all(name)] = enums[name]
            else:
                ns[py] = enums[name] = EnumValue(type_name, name, number)
            known = values.get(type_name)
            if known is None:
                values[type_name] = {name: number}
            else:
                known[name] = number
        if unit["constants"]:
            from bro.runtime import netvalues as net

            for py, kind, value in unit["constants"]:
                if kind == "port":
                    number, _, proto = value.partition("/")
                    ns[py] = net.Port(int(number), proto)
                elif kind == "addr":
                    ns[py] = net.Addr(value)
                elif kind == "subnet":
                    ns[py] = net.Subnet(value)
                else:
                    ns[py] = net.Pattern(*value)

    def _link_events(self) -> None:
        """Put the handlers of each event and hook into its dispatcher."""
        ns = self.namespace
        by_event: dict[str, list[dispatch.Entry]] = {}
        for unit in self.units:
            replaced = unit["replaced"]
            for place, (event, py, priority, groups, module) in enumerate(unit["handlers"]):
                for name, before in replaced:
                    if before == place and name == event:
                        by_event.pop(event, None)
                by_event.setdefault(event, []).append(dispatch.Entry(event, ns[py], priority, groups, module))
        observed = "new_event" in by_event
        report = self.context.reporter.exception
        entries: list[tuple[dispatch.Entry, Any]] = []
        for name, (py, flavor, type_) in self.events.items():
            found = by_event.get(name)
            if found is None:
                # One object for each, so that the value of an event or hook tells its name.
                ns[py] = _Unhandled(name, flavor)
                continue
            if len(found) > 1:
                found.sort(key=lambda e: -e.priority)
            functions = [e.function for e in found]
            if observed and flavor == "event" and name != "new_event":
                functions.insert(0, self._observer(name))
            dispatcher = dispatch.make(flavor, len(type_[2]), functions, report)
            ns[py] = dispatcher
            (self.dispatchers if flavor == "event" else self.hooks)[name] = dispatcher
            for entry in found:
                entries.append((entry, dispatcher))
        for name, alias in _ALIASES.items():
            if name in self.dispatchers:
                self.dispatchers[alias] = self.dispatchers[name]
        self._entries = entries

    def event(self, name: str) -> tuple[str, str, Any] | None:
        """An event or hook; those at start and end are there whether a script mentions them or not."""
        known = self.events.get(name)
        if known is None and name in ("zeek_init", "zeek_done"):
            type_ = t.FuncType("event", (), t.VOID).encode()
            known = self.events[name] = (callables.mangle(name), "event", type_)
        return known

    def _observer(self, name: str) -> Callable[..., None]:
        """A handler that comes before all others of an event and tells `new_event` of it."""
        from bro.runtime.observing import observer

        return observer(self, name)

    def is_handled_outside(self, event: str, module: str) -> bool:
        """Whether an event has a handler that is not of that module."""
        return any(entry.event == event and entry.module != module for entry, _ in self._entries)

    def attach(self, handlers: Sequence[tuple[str, dispatch.Entry]]) -> None:
        """Add handlers written in Python, as (flavor, entry), to a program that was not started yet.

        Of handlers with the same priority those of scripts come first.
        """
        added: dict[str, list[dispatch.Entry]] = {}
        for _, entry in handlers:
            added.setdefault(entry.event, []).append(entry)
        report = self.context.reporter.exception
        observed = "new_event" in added or "new_event" in self.dispatchers
        if "new_event" in added and "new_event" not in self.dispatchers:
            for name in self.dispatchers:  # these have to tell of themselves as well
                if name not in _ALIASES.values():
                    added.setdefault(name, [])
        for name, new in added.items():
            py, flavor, type_ = self.event(name)  # type: ignore[misc]
            found = [entry for entry, _ in self._entries if entry.event == name]
            found = sorted([*found, *new], key=lambda e: -e.priority)
            functions = [e.function for e in found]
            if observed and flavor == "event" and name != "new_event":
                functions.insert(0, self._observer(name))
            dispatcher = dispatch.make(flavor, len(type_[2]), functions, report)
            self.namespace[py] = dispatcher
            (self.dispatchers if flavor == "event" else self.hooks)[name] = dispatcher
            self._entries = [pair for pair in self._entries if pair[0].event != name]
            self._entries += [(entry, dispatcher) for entry in found]
            alias = _ALIASES.get(name)
            if alias is not None:
                self.dispatchers[alias] = dispatcher
        self._by_identity = None

    def __getattr__(self, name: str) -> Any:
        if name == "groups":  # made when it is first asked for
            self.groups = dispatch.Groups(self._entries)
            return self.groups
        raise AttributeError(name)

    def _schedule(
        self, delay: float, dispatcher: Callable[..., Any], args: tuple[Any, ...], absolute: bool = False
    ) -> None:
        if absolute:
            queue = self.context.queue
            self.context.timers.call_at(delay, lambda: queue.append((dispatcher, args)))
        else:
            self.context.timers.schedule(delay, dispatcher, args)

    # ---- running -------------------------------------------------------------------------------------------

    def init(self) -> None:
        """Give all globals their values, then run the statements outside of functions.

        :raises InitError: when a value cannot be computed
        """
        ns = self.namespace
        for unit in self.units:
            for code in unit["inits"]:
                try:
                    exec(code, ns)
                except HANDLER_ERRORS as error:
                    frames = script_stack(error.__traceback__)
                    where = f"{frames[-1].filename}, line {frames[-1].line}" if frames else code.co_filename
                    raise InitError(f"error in {where}: {explain(error, frames)}") from error
        interval = ns.get("table_expire_interval")
        if isinstance(interval, float) and interval > 0:
            self.context.timers.expire_interval = interval
        for name in self._statements:
            try:
                ns[name]()
            except HANDLER_ERRORS as error:
                self.context.reporter.exception(error)

    def start(self) -> None:
        """Give globals their values and run the events at start.

        :raises InitError: when a value cannot be computed
        """
        self.init()
        self.post("zeek_init")
        self.context.drain()
        if self.is_handled("zeek_script_loaded"):
            for path, depth in self.loaded.scripts:
                self.post("zeek_script_loaded", os.fsencode(path), depth)
            self.context.drain()

    def done(self) -> None:
        """Run the events at the end, with those that are scheduled for later."""
        self.post("zeek_done")
        self.context.timers.expire_all()
        self.context.drain()

    def run(self) -> int:
        """Run without an engine: start, what the queue holds, and the end.  Return the status."""
        reporter = self.context.reporter
        status = 0
        try:
            self.start()
            self.done()
        except ScriptExit as leave:
            status = leave.status
        finally:
            failures = self.close_logs()
        for failure in failures:
            reporter.write("error", failure, "", None)
        return status or reporter.exit_code or (1 if failures else 0)

    def close_logs(self) -> list[str]:
        """Close all logs; what could not be written, for a person to read."""
        logging = self.context.logging
        return [] if logging is None else list(logging.finish())

    def post(self, event: str, *args: Any) -> None:
        """Queue an event, if it has a handler."""
        dispatcher = self.dispatchers.get(event)
        if dispatcher is not None:
            self.context.queue.append((dispatcher, args))

    # ---- types ---------------------------------------------------------------------------------------------

    def decoded(self, encoded: t.Encoded) -> t.Type:
        """The type object of an encoded type."""
        return t.decode(encoded, self.record_type, self.enum_type)

    def record_type(self, name: str) -> t.RecordType:
        """The record type of a full name.

        :raises KeyError: when there is none
        """
        found = self._record_types.get(name)
        if found is None:
            table = self._record_tables[name]

            def fields() -> list[t.Field]:
                return [t.Field(field, self.decoded(type_), attrs) for field, type_, attrs in table]

            found = self._record_types[name] = t.RecordType(name, None, fields)
        return found

    def enum_type(self, name: str) -> t.EnumType:
        """The enum type of a full name.

        :raises KeyError: when there is none
        """
        found = self._enum_types.get(name)
        if found is None:
            found = self._enum_types[name] = t.EnumType(name, self._enum_values[name])
        return found

    @property
    def record_names(self) -> list[str]:
        """The full names of all record types."""
        return list(self._record_tables)

    @property
    def enum_names(self) -> list[str]:
        """The full names of all enum types."""
        return list(self._enum_values)

    # ---- names ---------------------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a global variable, function, enum value, event or hook by its full name."""
        known = self.variables.get(name) or self.signatures.get(name) or self.events.get(name)
        if known is not None:
            return self.namespace.get(known[0], default)
        enum = self.enums.get(name)
        if enum is not None:
            return enum
        found = self.namespace.get(callables.mangle(name), default)
        return found.function() if found.__class__ is Deferred else found

    def set(self, name: str, value: Any) -> None:
        """Give a global variable a value.

        :raises KeyError: when there is no such variable
        """
        self.namespace[self.variables[name][0]] = value

    def variable_type(self, name: str) -> t.Type | None:
        """The type of a variable, function, event, hook or enum value; None if there is no such name."""
        found = self._name_types.get(name)
        if found is not None:
            return found
        known = self.variables.get(name) or self.signatures.get(name)
        event = self.events.get(name)
        enum = self.enums.get(name)
        if known is not None:
            found = self.decoded(known[1])
        elif event is not None:
            found = self.decoded(event[2])
        elif enum is not None:
            found = self.enum_type(enum.type_name)
        else:
            return None
        self._name_types[name] = found
        return found

    def _identities(self) -> dict[int, tuple[str, Any]]:
        """Name and type of functions, events and hooks by the identity of their values."""
        found = self._by_identity
        if found is None:
            ns = self.namespace
            found = {}
            for name, (py, type_) in self.signatures.items():
                if py in ns:
                    found[id(ns[py])] = (name, type_)
            for name, (py, _, type_) in self.events.items():
                found[id(ns[py])] = (name, type_)
            self._by_identity = found
        return found

    def name_of(self, function: Any) -> str | None:
        """The name of a function, event or hook value."""
        known = self._identities().get(id(function))
        if known is not None:
            return callables.exceptions.get(known[0], known[0])
        registered = _builtin_of(function)
        return registered.name if registered is not None else None

    def function_type(self, function: Any) -> t.Type | None:
        """The type of a function, event or hook value."""
        known = self._identities().get(id(function))
        if known is None:
            code = getattr(function, "__name__", "")
            known = None
            if code == "_anonymous":
                factory = function.__qualname__.partition(".")[0]
                anonymous = self.signatures.get(factory)
                return None if anonymous is None else self.decoded(anonymous[1])
            return None
        found = self._name_types.get(known[0])
        if found is None:
            found = self._name_types[known[0]] = self.decoded(known[1])
        return found

    # ---- what the engine asks for --------------------------------------------------------------------------

    def record_class(self, name: str) -> type[Record] | None:
        """The class of a record type."""
        return self.record_classes.get(name)

    def enum_value(self, name: str) -> EnumValue | None:
        """An enum value by its full name."""
        return self.enums.get(name)

    def global_value(self, name: str) -> Any:
        """The value of a global variable, constant or option; None if it has none."""
        known = self.variables.get(name)
        return None if known is None else self.namespace.get(known[0])

    def event_params(self, name: str) -> list[str] | None:
        """The names of an event's parameters; None if there is no such event."""
        known = self.events.get(name)
        return None if known is None else [param[0] for param in known[2][2]]

    def is_handled(self, event: str) -> bool:
        """Whether an event has a handler."""
        return event in self.dispatchers


class _Unhandled:
    """The value of an event or hook without handlers."""

    __slots__ = ("bro_name", "flavor")

    def __init__(self, name: str, flavor: str) -> None:
        self.bro_name = name
        self.flavor = flavor

    def __call__(self, *_: Any) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{self.flavor} {self.bro_name} without handlers>"


def _builtin_of(function: Any) -> Any:
    from bro.runtime.builtins.registry import BUILTINS

    for entry in BUILTINS.values():
        if entry.is_of(function):
            return entry
    return None


class LoadedFiles:
    """What was loaded: scripts with the depth at which they were, signature files, warnings."""

    __slots__ = ("plugins", "scripts", "signatures", "warnings")

    def __init__(
        self,
        scripts: list[tuple[str, int]] | None = None,
        signatures: list[str] | None = None,
        plugins: list[str] | None = None,
        warnings: list[str] | None = None,
    ) -> None:
        #: (absolute path, depth), in the order they were begun
        self.scripts = scripts if scripts is not None else []
        #: absolute paths of `@load-sigs`
        self.signatures = signatures if signatures is not None else []
        #: names of `@load-plugin`
        self.plugins = plugins if plugins is not None else []
        #: warnings of the compiler, as text
        self.warnings = warnings if warnings is not None else []
