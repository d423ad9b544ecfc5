"""What a script can find out about the program: globals, types, fields, and how it got to where it is."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from bro.runtime import context
from bro.runtime.builtins._support import record
from bro.runtime.builtins.containers import val_footprint
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import SCRIPT_MARK, STAND_IN, ScriptError
from bro.runtime.tables import Set, Table
from bro.runtime.values import Record, box, type_of
from bro.script.types import EnumType, FuncType, RecordType, TypeType


@builtin("function lookup_ID(id: string): any")
def lookup_id(id_: bytes) -> Any:
    """Return the value of a global.

    ``<unknown id>`` if there is none of that name, ``<no ID value>`` if it has no value.
    """
    program = context.current.program
    name = id_.decode("utf-8", "replace")
    kind = None if program is None else program.variable_type(name)
    if kind is None:
        return b"<no ID value>" if _is_type(name) else b"<unknown id>"
    value = program.get(name)
    return b"<no ID value>" if value is None else box(value, kind)


def _is_type(name: str) -> bool:
    """Whether a record or an enum is declared under a name; other names of types are not kept."""
    program = context.current.program
    return program is not None and (name in program.record_names or name in program.enum_names)


@builtin("function global_ids(): id_table")
def global_ids() -> Table:
    """Return all globals by name, with what is known of them: variables, functions also built-in ones,
    events, hooks, enum values, and types.

    For the types the loaded scripts are read once more, the first time.
    """
    from bro.runtime.builtins.documentation import declared_types
    from bro.runtime.builtins.registry import load_all

    program = context.current.program
    table = Table()
    if program is None:
        return table
    cls = record("script_id")

    def add(name: str, flags: str, enum: bool = False) -> None:
        kind = program.variable_type(name)
        if kind is None:
            return
        value = program.get(name)
        table[name.encode()] = cls(
            type_name=str(kind).encode(),
            exported="e" in flags,
            constant="c" in flags,
            enum_constant=enum,
            option_value="o" in flags,
            redefinable="r" in flags,
            broker_backend=False,
            value=None if value is None else box(value, kind),
        )

    for name, (_, _, flags) in program.variables.items():
        add(name, flags)
    for name in [*program.signatures, *program.events]:
        add(name, "ec")
    for name in program.enums:
        add(name, "ec", enum=True)

    def add_constant(name: str, type_name: str, value: Any) -> None:
        key = name.encode("utf-8", "replace")
        if key not in table:
            table[key] = cls(
                type_name=type_name.encode("utf-8", "replace"),
                exported=True,
                constant=True,
                enum_constant=False,
                option_value=False,
                redefinable=False,
                broker_backend=False,
                value=value,
            )

    for builtin_function in load_all().values():
        add_constant(builtin_function.name, "func", builtin_function.function)
    for name in program.record_names:
        add_constant(name, f"record {name}", None)
    for name in program.enum_names:
        add_constant(name, f"enum {name}", None)
    for name, text in declared_types().items():
        add_constant(name, text, None)
    return table


@builtin("function global_container_footprints(): var_sizes")
def global_container_footprints() -> Table:
    """Return what `val_footprint` says of every global table, set, vector and record, by name."""
    program = context.current.program
    table = Table()
    if program is not None:
        for name in program.variables:
            value = program.get(name)
            if isinstance(value, (dict, list, Record)):
                table[name.encode()] = val_footprint(value)
    return table


def _named_type(value: Any) -> Any:
    """The type that an argument means: a type itself, a type's name, also as type_name() writes it, or the
    type of a value.
    """
    if value.__class__ is bytes:
        program = context.current.program
        name = value.decode("utf-8", "replace").removeprefix("record ").removeprefix("enum ")
        for find in (program.record_type, program.enum_type) if program is not None else ():
            try:
                return find(name)
            except KeyError:
                continue
        return None
    kind = type_of(value)
    return kind.inner if isinstance(kind, TypeType) else kind


@builtin("function record_fields(rec: any): record_field_table")
def record_fields(rec: Any) -> Table:
    """Return the fields of a record in order: type, value, default, and whether they are logged or optional.

    :param rec: a record, a record type, or a type's name.

    Raises an error for anything else.
    """
    kind = _named_type(rec)
    if not isinstance(kind, RecordType):
        raise ScriptError("record_fields: the argument must be a record, a record type, or the name of one")
    cls = record("record_field")
    defaults = _defaults(kind)
    table = Table()
    for field in kind.fields:
        value = getattr(rec, field.name) if isinstance(rec, Record) else None
        default = getattr(defaults, field.name) if field.has_default and defaults is not None else None
        table[field.name.encode()] = cls(
            type_name=str(field.type).encode(),
            log=field.log,
            optional=field.optional,
            value=None if value is None else box(value, field.type),
            default_val=None if default is None else box(default, field.type),
        )
    return table


def _defaults(kind: RecordType) -> Any:
    """A record with nothing but its defaults; None if they cannot be computed now."""
    try:
        return record(kind.name)()
    except Exception:  # whatever a default's expression raises, the record has other fields to tell of
        return None


@builtin("function get_plugin_components(category: string): plugin_component_vec")
def get_plugin_components(category: bytes) -> list[Any]:
    """Return the parts of a category that can be exchanged: ``ANALYZER``, ``FILE_ANALYZER``, ``READER`` or
    ``WRITER``; none for other categories.
    """
    cls = record("PluginComponent")
    wanted = category.decode("latin-1").upper().replace(" ", "_")
    found: list[tuple[str, str]] = []
    if wanted in ("READER", "WRITER"):
        program = context.current.program
        enum = "Input::Reader" if wanted == "READER" else "Log::Writer"
        for name, value in program.enums.items() if program is not None else ():
            if value.type_name == enum:
                found.append((name.rpartition("_")[2], name))
    else:
        from bro import _engine

        for kind, name, tag, *_ in _engine.components():
            if kind.upper().replace(" ", "_") == wanted:
                found.append((name, tag))
    return [
        cls(name=name.encode(), canonical_name=name.upper().encode(), tag=tag.encode(), enabled=True)
        for name, tag in found
    ]


@builtin("function enum_names(et: any): string_set")
def enum_names(et: Any) -> Set:
    """Return the full names of an enumeration's values, in the order of their numbers.

    :param et: an enum type, its name, or one of its values.

    Raises an error for anything else.
    """
    kind = _named_type(et)
    if not isinstance(kind, EnumType):
        raise ScriptError("enum_names: the argument must be an enum type, the name of one, or a value of one")
    return Set.of([name.encode() for name in sorted(kind.values, key=kind.values.__getitem__)])


@builtin("function type_aliases(x: any): string_set")
def type_aliases(x: Any) -> Set:
    """Return the names that scripts give the type of a value, or a type; those that are written the same way
    count.

    For this the loaded scripts are read once more, the first time.
    """
    from bro.runtime.builtins.documentation import type_names

    kind = _named_type(x) if not isinstance(x, bytes) else type_of(x)
    return Set.of([name.encode() for name in type_names(kind)])


# ---- the call stack ----------------------------------------------------------------------------------------


def _arguments(frame: FrameType, kind: FuncType | None) -> list[Any]:
    """The arguments of a call, as far as they still have the values they came with."""
    cls = record("call_argument")
    code = frame.f_code
    found = []
    for position, name in enumerate(code.co_varnames[: code.co_argcount]):
        value = frame.f_locals.get(name)
        param = kind.params[position] if kind is not None and position < len(kind.params) else None
        if param is not None:
            shown, type_name = param.name, str(param.type)
            value = None if value is None else box(value, param.type)
        else:
            shown, type_name = name, "any"
        found.append(cls(name=shown.encode(), type_name=type_name.encode(), value=value))
    return found


@builtin("function backtrace(): Backtrace")
def backtrace() -> list[Any]:
    """Return the calls that led here, the latest first, each with its arguments and the place it has got to.

    The first one is this function itself.
    """
    from bro.runtime.callables import bro_name

    cls = record("BacktraceElement")
    program = context.current.program
    calls = [cls(function_name=b"backtrace", function_args=[])]
    frame: FrameType | None = sys._getframe(1)
    line = 0  # in a part of the function whose frame comes next, see `bro.script.codegen_deep`
    while frame is not None:
        code = frame.f_code
        if SCRIPT_MARK in frame.f_globals and code.co_name.startswith(" "):
            line = line or frame.f_lineno
        elif SCRIPT_MARK in frame.f_globals and code.co_name != STAND_IN:
            name = bro_name(code.co_name)
            kind = None if program is None else program.variable_type(name)
            calls.append(
                cls(
                    function_name=name.encode(),
                    function_args=_arguments(frame, kind if isinstance(kind, FuncType) else None),
                    file_location=code.co_filename.encode("utf-8", "surrogateescape"),
                    line_location=line or frame.f_lineno,
                )
            )
            line = 0
        frame = frame.f_back
    return calls
