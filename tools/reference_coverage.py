"""How much of the reference interface exists with the same type, by module.

Usage: python tools/reference_coverage.py [--reference DIR] [--missing] [--module NAME] [--protocols]
[--no-policy]

The folder holds tables of names: functions, events, types with the fields of records, values of enumerations,
options and other variables with what they are by default; without --reference it is `../shared/reference`
beside this repository.  Names that begin with ``__`` are the inside of another implementation and do not
count.

A name counts as "same" if its type is: aliases are resolved on both sides, parameters have to have the same
names, and a default where the reference has one; a record's field also has to be logged and optional alike.
Of a variable the value is compared as well; those that only differ in it are listed as "other value".

What belongs to an analyzer or subsystem of its own (`reference_components.tsv`) is counted apart; --protocols
counts it by component.  Exit code 2 means there is no reference to compare with.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bro.runtime import context as contexts  # noqa: E402
from bro.runtime.builtins.registry import load_all  # noqa: E402
from bro.script import forthcoming  # noqa: E402
from bro.script import types as t  # noqa: E402
from bro.script.cache import Build  # noqa: E402
from bro.script.loader import LoadOptions, engine_declarations  # noqa: E402
from bro.script.program import LoadedFiles, Program  # noqa: E402
from bro.script.search import default_path  # noqa: E402

SCRIPTS = HERE.parent / "bro" / "scripts"
KINDS = ("functions", "events", "types", "fields", "enums", "values")

# ---- types of the reference --------------------------------------------------------------------------------


class Unknown(t.Type):
    """A type whose name nothing declares here: it equals none."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def encode(self) -> t.Encoded:
        return ("unknown", self.name)


_TOKEN = re.compile(r"\s*([A-Za-z_][\w:]*|[\[\](),:])")


class TypeReader:
    """Reads types as the reference writes them."""

    def __init__(self, text: str, names: dict[str, t.Type]) -> None:
        self.text = text
        self.names = names
        self.at = 0
        self.defaults: list[bool] = []

    def _peek(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found.group(1) if found else ""

    def _next(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group(1)

    def _name(self) -> str:
        return self._next().rstrip(":")

    def read(self) -> t.Type:
        """One type."""
        word = self._next()
        if word in ("set", "table") and self._peek() == "[":
            self._next()
            index = [self.read()]
            while self._next() == ",":
                index.append(self.read())
            if word == "set":
                return t.TableType(index, None)
            self._next()  # of
            return t.TableType(index, self.read())
        if word == "vector":
            self._next()
            return t.VectorType(self.read())
        if word == "opaque":
            if self._peek() != "of":
                return t.OpaqueType("")
            self._next()
            return t.OpaqueType(self._next())
        if word == "func":
            return _AnyFunction()
        if word == "file" and self._peek() == "of":
            self._next()
            self._next()
            return t.FILE
        if word in ("function", "event", "hook"):
            return self._function(word)
        if word in ("record", "enum"):
            return self._named(self._next())
        return t.SIMPLE.get(word) or self._named(word)

    def _named(self, name: str) -> t.Type:
        return self.names.get(name) or Unknown(name)

    def _function(self, flavor: str) -> t.Type:
        params = []
        self._next()  # (
        while self._peek() not in (")", ""):
            # A name is cut off at its colon, which the token takes in.
            head = re.compile(r"\s*(\w+)\s*:").match(self.text, self.at)
            if head is None:
                break
            self.at = head.end()
            kind = self.read()
            params.append(t.Param(head.group(1), kind, self._attributes()))
            if self._peek() == ",":
                self._next()
        self._next()  # )
        result: t.Type = t.VOID
        after = re.compile(r"\s*:\s*").match(self.text, self.at)
        if after is not None:
            self.at = after.end()
            result = self.read()
        variadic = [p.name for p in params] == ["va_args"]
        return t.FuncType(flavor, [] if variadic else params, result, variadic)

    def _attributes(self) -> bool:
        """Skip the attributes of a parameter; whether there is a default."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if depth == 0 and char == ")":
                break
            if depth == 0 and char == "," and not self.text[self.at + 1 :].lstrip().startswith("&"):
                break
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
            self.at += 1
        return "&default" in self.text[start : self.at]


def same(ours: t.Type, wanted: t.Type, top: bool = True) -> bool:
    """Whether two types are the same.  Only a declaration's own parameters need the same names."""
    if isinstance(ours, t.FuncType):
        if wanted.tag == "func" and not isinstance(wanted, t.FuncType):
            return True
        if not isinstance(wanted, t.FuncType) or ours.flavor != wanted.flavor:
            return False
        if wanted.variadic or ours.variadic:
            return same(ours.result, wanted.result, False) or ours.flavor != "function"
        if len(ours.params) != len(wanted.params):
            return False
        for mine, other in zip(ours.params, wanted.params, strict=True):
            if not same(mine.type, other.type, False):
                return False
            if top and (mine.name != other.name or mine.optional != other.optional):
                return False
        return ours.flavor != "function" or same(ours.result, wanted.result, False)
    if isinstance(ours, t.TableType):
        return (
            isinstance(wanted, t.TableType)
            and len(ours.index_types) == len(wanted.index_types)
            and all(same(a, b, False) for a, b in zip(ours.index_types, wanted.index_types, strict=True))
            and (ours.yield_type is None) == (wanted.yield_type is None)
            and (
                ours.yield_type is None
                or wanted.yield_type is None
                or same(ours.yield_type, wanted.yield_type, False)
            )
        )
    if isinstance(ours, t.VectorType):
        return isinstance(wanted, t.VectorType) and same(ours.element, wanted.element, False)
    if isinstance(ours, t.OpaqueType):
        return isinstance(wanted, t.OpaqueType) and wanted.name in ("", ours.name)
    return type(ours) is type(wanted) and ours == wanted


class _AnyFunction(t.Type):
    """`func` alone, where the reference does not say more."""

    __slots__ = ()
    tag = "func"

    def encode(self) -> t.Encoded:
        return "func"


# ---- what there is here ------------------------------------------------------------------------------------


@dataclass
class Ours:
    """The names of this implementation."""

    types: dict[str, t.Type] = field(default_factory=dict)
    #: fields of records by name of both, also those that only scripts that are not loaded by default add, or
    #: change: then it is several
    fields: dict[tuple[str, str], list[t.Field]] = field(default_factory=dict)
    functions: dict[str, t.Type] = field(default_factory=dict)
    events: dict[str, list[t.FuncType]] = field(default_factory=dict)
    variables: dict[str, tuple[t.Type, str, Any]] = field(default_factory=dict)
    enums: dict[str, str] = field(default_factory=dict)


def collect(policy: bool) -> Ours:
    """Load the default scripts, then further ones each by itself, and note what they declare."""
    ours = Ours()
    _collect([], ours)
    if policy:
        for path in sorted((SCRIPTS / "policy").rglob("*.bro")):
            _collect([str(path)], ours)
    return ours


def _collect(files: list[str], ours: Ours) -> None:
    from bro.script.diagnostics import CompileError

    context = contexts.use(contexts.Context())
    options = LoadOptions(declarations=engine_declarations(), search_path=default_path())
    context.options = options
    build = Build(files, options)
    try:
        build.compile()
    except CompileError as error:
        print(f"{', '.join(files)} does not compile: {error.diagnostics[0].render()}", file=sys.stderr)
        return
    program = Program(build.units, LoadedFiles(), context)
    program.init()
    if not files:
        build.save()
    build.compiler.scope.load_all()
    for name, symbol in list(build.compiler.scope.symbols.items()):  # types may still be resolved
        kind = symbol.type
        if symbol.kind == "type":
            ours.types.setdefault(name, kind)
            if isinstance(kind, t.RecordType):
                for member in kind.fields:
                    _note_field(ours.fields.setdefault((name, member.name), []), member)
        elif symbol.kind == "enum" and symbol.enum is not None:
            ours.enums.setdefault(name, symbol.enum[0])
        elif symbol.kind in ("function", "hook", "builtin"):
            if kind is not t.ERROR:  # a built-in function that nothing here calls is not resolved yet
                ours.functions.setdefault(name, kind)
            if symbol.kind == "hook":
                ours.types.setdefault(name, kind)  # the name of a hook stands for its type as well
        elif symbol.kind == "event":
            prototypes = [p for p in symbol.prototypes if isinstance(p, t.FuncType)]
            ours.events.setdefault(name, prototypes or ([kind] if isinstance(kind, t.FuncType) else []))
        elif symbol.kind == "variable" and name not in ours.variables:
            flags = "option" if symbol.option else "const" if symbol.constant else "other"
            ours.variables[name] = (kind, flags, _shown(program.get(name), kind))
            if isinstance(kind, t.FuncType) and kind.flavor == "function":
                ours.functions.setdefault(name, kind)  # it is called like any other
    if not files:
        _collect_builtins(build, ours)


def _note_field(known: list[t.Field], member: t.Field) -> None:
    """Add a field to what is known of it, if it has other attributes than before."""
    if all(
        (f.log, f.optional, f.has_default) != (member.log, member.optional, member.has_default) for f in known
    ):
        known.append(member)


def _collect_builtins(build: Build, ours: Ours) -> None:
    """Built-in functions that no script has called yet: their declarations are compiled on demand.

    Those whose types the default scripts do not declare are for scripts that are not loaded by default.
    """
    from bro.script.diagnostics import CompileError

    missing = [name for name in load_all() if name not in ours.functions]
    while missing:
        text = "".join(
            f"function use_{i}() {{ local f = {name}; f = f; }}\n" for i, name in enumerate(missing)
        )
        options = LoadOptions(declarations=engine_declarations(), search_path=default_path(), code=text)
        probe = Build([], options)
        try:
            probe.compile()
            break
        except CompileError as error:
            # Told either at the declaration of the function or at its use.
            wrong = {d.source.path[len("<built-in ") : -1] for d in error.diagnostics if d.source is not None}
            wrong |= {d.message.split('"')[1] for d in error.diagnostics if '" needs the type ' in d.message}
            if not wrong & set(missing):
                print(error.diagnostics[0].render(), file=sys.stderr)
                return
            missing = [name for name in missing if name not in wrong]
    for name in missing:
        symbol = probe.compiler.scope.get(name)
        if symbol is not None:
            ours.functions[name] = symbol.type


def _shown(value: Any, kind: t.Type) -> Any:
    """A value as JSON data; None where there is none or it cannot be."""
    if value is None or isinstance(kind, t.FuncType):
        return None
    from bro.runtime.builtins.jsontext import to_json
    from bro.runtime.values import box

    try:
        return json.loads(to_json(box(value, kind)))
    except Exception:
        return None


# ---- comparing ---------------------------------------------------------------------------------------------


@dataclass
class Count:
    """What one module has of one kind of name."""

    same: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.same + len(self.different) + len(self.missing)


class Table:
    """The counts by group and kind of name; a group is a module or a component."""

    def __init__(self, by_component: bool) -> None:
        self.by_component = by_component
        self.rules = list(_component_rules())
        self.counts: dict[tuple[bool, str], dict[str, Count]] = {}
        self.other_values: list[str] = []

    def component(self, name: str) -> str:
        """The analyzer or subsystem that a name belongs to; empty for none."""
        for component, beginning in self.rules:
            if name.startswith(beginning):
                return component
        return ""

    def of(self, name: str, kind: str) -> Count:
        """The count that a name goes into."""
        component = self.component(name)
        module = name.rpartition("::")[0] or "GLOBAL"
        group = component if component and self.by_component else module
        kinds = self.counts.setdefault((bool(component), group), {k: Count() for k in KINDS})
        return kinds[kind]

    def note(self, name: str, kind: str, have: bool, equal: bool, detail: str = "") -> None:
        count = self.of(name, kind)
        if not have:
            count.missing.append(name)
        elif equal:
            count.same += 1
        else:
            count.different.append(name + detail)


def _component_rules() -> Iterator[tuple[str, str]]:
    for line in (HERE / "reference_components.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            component, _, beginnings = line.partition("\t")
            for beginning in beginnings.split():
                yield component, beginning


def _rows(path: Path, policy: bool) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            row = line.rstrip("\n").split("\t")
            inner = row[0].rpartition("::")[2].startswith("__") or (len(row) > 1 and row[1].startswith("__"))
            if not inner and (policy or row[-1] != "policy"):
                yield row


def compare(reference: Path, ours: Ours, policy: bool, by_component: bool) -> Table:
    """Compare everything."""
    table = Table(by_component)

    def read(text: str) -> t.Type:
        return _AnyFunction() if text == "func" else TypeReader(text, ours.types).read()

    for name, text, *_ in _rows(reference / "functions.tsv", policy):
        mine = ours.functions.get(name)
        detail = f"\n        wanted {text}\n        is     {mine.notation()}" if mine is not None else ""
        table.note(name, "functions", mine is not None, mine is not None and same(mine, read(text)), detail)
    for name, text, *_ in _rows(reference / "events.tsv", policy):
        prototypes = ours.events.get(name)
        wanted = read(text)
        detail = f"\n        wanted {text}\n        is     {prototypes[0].notation()}" if prototypes else ""
        table.note(
            name,
            "events",
            prototypes is not None,
            prototypes is not None and any(same(p, wanted) for p in prototypes),
            detail,
        )
    for name, kind, *_ in _rows(reference / "types.tsv", policy):
        known = ours.types.get(name)
        # The table tells records by their fields, so one that has none yet is among the others there.
        is_record = isinstance(known, t.RecordType) and bool(known.fields)
        fits = known is not None and (kind == "record") == is_record
        table.note(name, "types", known is not None, fits)
    for name, value, *_ in _rows(reference / "enums.tsv", policy):
        of = ours.enums.get(value)
        enum = ours.types.get(name)
        fits = of is not None and (of == name or (isinstance(enum, t.EnumType) and enum.name == of))
        table.note(value, "enums", of is not None, fits)
    _compare_fields(reference, ours, table, policy, read)
    _compare_values(reference, ours, table, policy, read)
    return table


def _compare_fields(reference: Path, ours: Ours, table: Table, policy: bool, read: Any) -> None:
    for record, name, text, log, presence, *_ in _rows(reference / "record-fields.tsv", policy):
        detail = ""
        equal = False
        variants = ours.fields.get((record, name), [])
        for found in variants:
            optional = found.optional or found.has_default
            # Of aggregates in aggregates the table says only what they are.
            type_fits = same(found.type, read(text)) or (
                text == "func" and isinstance(found.type, t.FuncType)
            )
            equal = type_fits and found.log == (log == "log") and optional == (presence == "optional")
            detail = f": wanted {text} {log} {presence}, is {found!r}"
            if equal:
                break
        table.note(f"{record}${name}", "fields", bool(variants), equal, detail)


def _compare_values(reference: Path, ours: Ours, table: Table, policy: bool, read: Any) -> None:
    for name, text, kind, value, *_ in _rows(reference / "values.tsv", policy):
        mine = ours.variables.get(name)
        if mine is None and name in ours.functions:
            mine = (ours.functions[name], "other", None)  # a hook kept as a variable
        detail = ""
        equal = False
        if mine is not None:
            equal = same(mine[0], read(text)) and (kind == "option") == (mine[1] == "option")
            detail = f": wanted {kind} {text}, is {mine[1]} {mine[0].notation()}"
        table.note(name, "values", mine is not None, equal, detail)
        if mine is not None and equal and kind in ("const", "option", "redef"):
            other = _other_value(value, mine[2], mine[0])
            if other:
                table.other_values.append(f"{name}: wanted {other}, is {json.dumps(mine[2])[:200]}")


def _other_value(text: str, mine: Any, kind: t.Type) -> str:
    """The reference's value, if ours is another."""
    if not text or kind is t.PATTERN or "(a path)" in text:
        return ""
    try:
        wanted = json.loads(text)
    except ValueError:
        return ""
    if _sorted(wanted) == _sorted(mine) or (wanted in ([], {}, "") and mine in ([], {}, None, "")):
        return ""
    return text[:200]


def _sorted(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_sorted(v) for v in value), key=json.dumps)
    if isinstance(value, dict):
        return {k: _sorted(v) for k, v in sorted(value.items())}
    return value


# ---- printing ----------------------------------------------------------------------------------------------


def report(table: Table, missing: bool, only: str) -> Iterator[str]:
    """The table as text."""
    yield f"{'':<28}" + "".join(f"{kind:>14}" for kind in KINDS)
    for component in (False, True):
        groups = sorted(g for c, g in table.counts if c == component and (not only or g == only))
        if component:
            yield ""
            yield "of analyzers and subsystems of their own:"
        totals = {k: [0, 0] for k in KINDS}
        for group in groups:
            counts = table.counts[component, group]
            for kind in KINDS:
                totals[kind][0] += counts[kind].same
                totals[kind][1] += counts[kind].total
            yield f"{group:<28}" + "".join(
                f"{f'{counts[k].same}/{counts[k].total}' if counts[k].total else '-':>14}" for k in KINDS
            )
            if missing:
                for kind in KINDS:
                    yield from (f"    {kind}: other type: {name}" for name in counts[kind].different)
                    yield from (f"    {kind}: missing: {name}" for name in counts[kind].missing)
        yield f"{'all':<28}" + "".join(f"{f'{totals[k][0]}/{totals[k][1]}':>14}" for k in KINDS)
        share = (f"{100 * totals[k][0] / totals[k][1]:.1f}%" if totals[k][1] else "-" for k in KINDS)
        yield f"{'':<28}" + "".join(f"{text:>14}" for text in share)
    if missing and not only:
        yield ""
        yield from (f"other value: {line}" for line in table.other_values)
    yield f"{len(table.other_values)} variables of the same type have another value"


def only_what_is_there() -> None:
    """Leave out names that are only declared for scripts that use them: nothing stands behind those."""
    forthcoming.complete = lambda compiler: None


def main() -> int:
    """Run the tool."""
    only_what_is_there()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reference", type=Path, default=HERE.parent.parent / "shared" / "reference")
    parser.add_argument("--missing", action="store_true", help="list what is missing or differs")
    parser.add_argument("--module", default="", help="this module alone")
    parser.add_argument("--protocols", action="store_true", help="count by component what belongs to one")
    parser.add_argument("--no-policy", action="store_true", help="leave out what is not loaded by default")
    arguments = parser.parse_args()
    if not (arguments.reference / "functions.tsv").exists():
        print(f"{arguments.reference} has no reference to compare with", file=sys.stderr)
        return 2
    policy = not arguments.no_policy
    ours = collect(policy)
    table = compare(arguments.reference, ours, policy, arguments.protocols)
    for line in report(table, arguments.missing, arguments.module):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
