"""The checker's part for expressions: names, literals, access, constructors.

`expr` checks an expression and returns it, or another in its place; `want` is the type that the surroundings
expect, which decides what `table()`, `[$a=1]` or `{...}` make.
"""

from __future__ import annotations

from math import prod

from bro.script import dialect_1998
from bro.script import nodes as n
from bro.script import types as t
from bro.script.check_operators import OperatorChecker
from bro.script.check_types import GONE
from bro.script.regular import regex
from bro.script.scope import FunctionScope, Local, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

MAX_COUNT: Final = 2**64 - 1

#: What a number with a fraction or unit becomes that is beyond the largest.
_INFINITE: Final = float("inf")

#: Where in a pattern a mistake is, as its message says it.
_OFFSET: Final = regex(r" \(at offset (\d+)\)")

#: A type of a module in a signature: behind a colon, a bracket or an `of` that is not that of an opaque type.
_SCOPED_TYPE: Final = regex(r"(?:: |vector of |\[|\] of )([A-Za-z_]\w*::\w+)")

#: The most indices that one list of lists, such as `[[a, b], [c, d]]`, may stand for.
MAX_PRODUCT: Final = 100_000


def _bounded(digits: str, most: int) -> int:
    """The number, or `most` + 1 if it is larger: `int` refuses thousands of digits, also zeros."""
    digits = digits.lstrip("0") or "0"
    return most + 1 if len(digits) > len(str(most)) else min(int(digits), most + 1)


class ExpressionChecker(OperatorChecker):
    """Expressions."""

    def expr(self, node: n.Expr, want: t.Type | None = None) -> n.Expr:
        return _EXPRESSIONS[node.__class__](self, node, want)  # type: ignore[no-any-return]

    # ---- names ---------------------------------------------------------------------------------------------

    def name(self, node: n.Name, want: t.Type | None) -> n.Expr:
        name = node.name
        function = self.function
        if function is not None and ("::" not in name or self.of_own_module(name)):
            local = self.local_variable(node, name.rpartition("::")[2], function)
            if local is not None:
                node.symbol = local
                node.type = local.type
                local.used = True
                return node
        symbol = self.find(name) or self.renamed(node, name)
        if symbol is None:
            if name not in self.diagnostics.lost:
                hint = dialect_1998.name_hint(name) or self.names_like(name)
                self.error(node, f'"{name}" is not declared', hint)
            node.type = t.ERROR
            return node
        missing = self.missing_type(symbol)
        if missing:
            self.error(
                node,
                f'"{name}" needs the type {missing}, which nothing that is loaded declares',
                "load the scripts of the framework it belongs to",
            )
            node.type = t.ERROR
            return node
        self.check_visible(node, name, symbol)
        node.symbol = symbol
        type_ = self.symbol_type(symbol)
        node.type = t.TypeType(type_) if symbol.kind == "type" else type_
        return node

    def missing_type(self, symbol: Symbol) -> str:
        """The first type in the signature of a built-in function that is not declared; empty if all are.

        Functions of a framework are known also where its scripts, which declare their types, are not loaded.
        """
        if symbol.kind != "builtin" or symbol.state != 0:
            return ""
        names: list[str] = _SCOPED_TYPE.findall(symbol.builtin.signature.partition("(")[2])
        return next((name for name in names if self.find(name) is None), "")

    def of_own_module(self, name: str) -> bool:
        """Whether `MODULE::name` may be a local variable: scripts name theirs that way, too."""
        return name.rpartition("::")[0] == self.module and self.find(name) is None

    def check_visible(self, node: n.Node, written: str, symbol: Symbol) -> None:
        raise NotImplementedError

    def local_variable(self, node: n.Node, name: str, function: FunctionScope) -> Local | None:
        """The local variable of a name, captured from outer functions where it is one of theirs."""
        local = function.find(name)
        if local is not None:
            return local
        ended = function.ended.get(name)
        if function.parent is not None and function.flavor in ("lambda", "when"):
            outer = self.local_variable(node, name, function.parent)
            if outer is not None:
                if not function.implicit:
                    self.error(
                        node,
                        f'the variable "{name}" belongs to the surrounding function and is not captured',
                        f"add it to the list of captures: [{name}]",
                    )
                else:
                    word = "when" if function.flavor == "when" else "function"
                    self.deprecation(
                        node,
                        f'"{name}" of the surrounding function is used without a list of captures, '
                        "which is deprecated",
                        f"write: {word} [{name}] (...)",
                    )
                outer.used = True
                inner = Local(name, outer.type, function, outer.start)
                function.blocks[0][name] = inner
                function.captures.append((outer, inner, False))
                inner.used = True
                return inner
        if ended is not None:
            self.warning(
                node, f'"{name}" is used behind the block that declares it', "declare it before the block"
            )
        return ended

    # ---- literals ------------------------------------------------------------------------------------------

    def literal(self, node: n.Literal, want: t.Type | None) -> n.Expr:
        if node.tag == "count" and node.value > MAX_COUNT:
            self.error(node, "this number is too large for a count", f"the largest is {MAX_COUNT}")
            node.value = 0
        elif node.tag in ("double", "interval") and node.value == _INFINITE:
            self.error(
                node, f"this number is too large for {'a double' if node.tag == 'double' else 'an interval'}"
            )
            node.value = 0.0
        elif node.tag == "port":
            number, _, protocol = node.value.partition("/")
            value = _bounded(number, 65535)
            if value > 65535:
                self.error(node, "a port is at most 65535")
                value = 0
            node.value = f"{value}/{protocol}"
        elif node.tag == "addr" and node.type is t.ERROR:
            self.address(node)
        node.type = t.SIMPLE[node.tag]
        return node

    def address(self, node: n.Literal) -> None:
        from ipaddress import ip_address

        try:
            ip_address(node.value)
        except ValueError:
            digits = str(node.value).split(".")
            if len(digits) == 4 and all(d.isdigit() for d in digits):
                numbers = [_bounded(d, 255) for d in digits]
                if max(numbers) <= 255:
                    node.value = ".".join(map(str, numbers))
                    return
            shown = node.value if len(node.value) < 80 else node.value[:77] + "..."
            self.error(node, f'"{shown}" is not an address')
            node.value = "0.0.0.0"

    def pattern(self, node: n.PatternLiteral, want: t.Type | None) -> n.Expr:
        if node.type is t.ERROR:
            from bro.runtime.netvalues import Pattern

            node.type = t.PATTERN
            try:
                Pattern(node.text.encode("latin-1"), "i" in node.flags, "s" in node.flags)
            except ValueError as error:
                place = _OFFSET.search(str(error))
                start = min(node.end - 1, node.start + 1 + int(place.group(1))) if place else node.start
                message = _OFFSET.sub("", str(error))
                end = start + 1 if place else node.end
                self.diagnostics.error(f"this pattern is wrong: {message}", self.source, start, end)
        return node

    def host_name(self, node: n.HostLiteral, want: t.Type | None) -> n.Expr:
        node.type = t.TableType([t.ADDR], None)
        return node

    def bad(self, node: n.BadExpr, want: t.Type | None) -> n.Expr:
        return node

    def coerced(self, node: n.Coerce, want: t.Type | None) -> n.Expr:
        return node

    # ---- access --------------------------------------------------------------------------------------------

    def field_access(self, node: n.FieldAccess, want: t.Type | None) -> n.Expr:
        node.base = self.expr(node.base)
        field = self.record_field(node, node.base, node.name)
        node.type = t.ERROR if field is None else field.type
        return node

    def has_field(self, node: n.HasField, want: t.Type | None) -> n.Expr:
        node.base = self.expr(node.base)
        self.record_field(node, node.base, node.name)
        node.type = t.BOOL
        return node

    def record_field(self, node: n.Expr, base: n.Expr, name: str) -> t.Field | None:
        """The field that an access names."""
        type_ = base.type
        if isinstance(type_, t.RecordType):
            field = type_.field(name)
            if field is None:
                self.error_at_end(
                    node, name, f'{type_.notation()} has no field "{name}"', self.field_hint(type_, name)
                )
            elif "deprecated" in field.attrs:
                why = field.attrs["deprecated"]
                self.deprecation(node, f'the field "{name}" is deprecated' + (f": {why}" if why else ""))
            return field
        if type_.tag != "error":
            hint = "say what it is: (x as TYPE)$" + name if type_ is t.ANY else ""
            self.error(node, f'{type_.notation()} is not a record, so it has no field "{name}"', hint)
        return None

    def error_at_end(self, node: n.Node, name: str, message: str, hint: str) -> None:
        self.diagnostics.error(message, self.source, node.end - len(name), node.end, hint)

    def index(self, node: n.Index, want: t.Type | None) -> n.Expr:
        return self.index_target(node, "read")

    def index_target(self, node: n.Index, what: str) -> n.Expr:
        """An index, for reading, assigning, adding or deleting."""
        node.base = self.expr(node.base)
        type_ = node.base.type
        if isinstance(type_, t.TableType):
            self.table_index(node, type_, what)
            if what == "read" and type_.is_set:
                self.error(node, "a set has no values to read", 'use "in" to ask whether it has an element')
            node.type = t.ERROR if type_.yield_type is None else type_.yield_type
            if what == "read" and node.mode == "pattern" and type_.yield_type is not None:
                node.type = t.VectorType(type_.yield_type)
            return node
        if len(node.index) != 1 and type_.tag != "error":
            self.error(node, f"a {type_.notation()} has one index")
        if isinstance(type_, t.VectorType) or type_ is t.STRING:
            node.mode = "vector" if isinstance(type_, t.VectorType) else "string"
            checked = self.expr(node.index[0], t.COUNT)
            if checked.type is t.ANY:
                checked = self.coerce(checked, t.COUNT)
            elif checked.type.tag not in ("count", "int", "error"):
                self.error(checked, f"the index is a count, found {checked.type.notation()}")
            node.index = [checked]
            node.type = type_.element if isinstance(type_, t.VectorType) else t.STRING
            return node
        node.index = [self.expr(i) for i in node.index]
        if type_.tag != "error":
            hint = "say what it is: (x as TYPE)[...]" if type_ is t.ANY else ""
            self.error(node, f"{type_.notation()} has no elements", hint)
        node.type = t.ERROR
        return node

    def table_index(self, node: n.Index, type_: t.TableType, what: str) -> None:
        index = node.index
        wanted = type_.index_types
        if (
            len(index) == 1
            and isinstance(index[0], n.ListExpr)
            and (len(wanted) > 1 or len(index[0].items) == 1)
        ):
            index = index[0].items
        if type_.unspecified:
            node.index = [self.expr(i) for i in index]
            if type_.yield_type is None or what != "assign":
                self.error(node, "this is empty")
            return
        if len(index) != len(wanted):
            node.index = [self.expr(i) for i in index]
            self.error(
                node,
                f"the index has {len(wanted)} part{'s' if len(wanted) > 1 else ''}"
                f" ({', '.join(w.notation() for w in wanted)}), found {len(index)}",
            )
            return
        if len(wanted) == 1:
            checked = self.expr(index[0], wanted[0])
            if wanted[0] is t.SUBNET and checked.type in (t.ADDR, t.SUBNET) and what == "read":
                node.mode = "subnet"
                node.index = [checked]
                return
            if wanted[0] is t.PATTERN and checked.type is t.STRING and what == "read":
                node.mode = "pattern"
                node.index = [checked]
                return
            node.index = [self.coerce(checked, wanted[0], "the index")]
        else:
            node.index = [self.value(i, w, "the index") for i, w in zip(index, wanted, strict=True)]
        node.mode = "table"

    def slice(self, node: n.Slice, want: t.Type | None) -> n.Expr:
        node.base = self.expr(node.base)
        type_ = node.base.type
        for part in ("low", "high"):
            bound = getattr(node, part)
            if bound is not None:
                checked = self.expr(bound)
                if checked.type is t.ANY:
                    checked = self.coerce(checked, t.INT)
                elif checked.type.tag not in ("count", "int", "error"):
                    self.error(bound, f"the bounds of a slice are numbers, found {checked.type.notation()}")
                setattr(node, part, checked)
        if type_ is t.STRING or isinstance(type_, t.VectorType):
            node.type = type_
        else:
            node.type = t.ERROR
            if type_.tag != "error":
                self.error(node, f"a slice is taken of a string or vector, not of {type_.notation()}")
        return node

    # ---- constructors --------------------------------------------------------------------------------------

    def list_expr(self, node: n.ListExpr, want: t.Type | None) -> n.Expr:
        if isinstance(want, t.VectorType):
            return self.expr(n.Constructor(node.start, node.end, "vector", node.items, []), want)
        node.items = [self.expr(item) for item in node.items]
        node.type = t.ListType([item.type for item in node.items])
        return node

    def record_constructor(self, node: n.RecordConstructor, want: t.Type | None) -> n.Expr:
        if isinstance(want, t.RecordType):
            return self.typed_record(node, want)
        if not node.fields and isinstance(want, (t.TableType, t.VectorType)):
            kind = "vector" if isinstance(want, t.VectorType) else "set" if want.is_set else "table"
            return self.expr(n.Constructor(node.start, node.end, kind, [], []), want)
        fields: list[t.Field] = []
        for argument in node.fields:
            argument.value = self.expr(argument.value)
            type_ = argument.value.type
            if type_.tag == "void" or isinstance(type_, t.ListType):
                self.error(argument.value, "this gives no value for a field")
                type_ = t.ERROR
            self.check_field_name(argument, argument.name)
            if any(field.name == argument.name for field in fields):
                self.error(argument, f'the field "{argument.name}" is given twice')
                continue
            fields.append(t.Field(argument.name, type_))
        node.type = self.structural_record(fields)
        return node

    def structural_record(self, fields: list[t.Field]) -> t.RecordType:
        """The record type with these fields and no name."""
        name = "record { " + " ".join(f"{f.name}: {f.type.notation()};" for f in fields) + " }"
        known = self.unit.records.get(name)
        if known is None:
            known = self.unit.records[name] = t.RecordType(name, fields)
        return known

    def typed_record(self, node: n.RecordConstructor, record: t.RecordType) -> n.Expr:
        """A record constructor for a known type."""
        given: set[str] = set()
        for argument in node.fields:
            field = record.field(argument.name)
            if argument.name in given:
                self.error(argument, f'the field "{argument.name}" is given twice')
            given.add(argument.name)
            if field is None:
                self.diagnostics.error(
                    f'{record.notation()} has no field "{argument.name}"',
                    self.source,
                    argument.start,
                    argument.start + len(argument.name) + 1,
                    self.field_hint(record, argument.name),
                )
                argument.value = self.expr(argument.value)
                continue
            if "deprecated" in field.attrs:
                why = field.attrs["deprecated"]
                self.deprecation(
                    argument, f'the field "{argument.name}" is deprecated' + (f": {why}" if why else "")
                )
            argument.value = self.value(argument.value, field.type, f'the field "{argument.name}"')
            if isinstance(argument.value, n.Constructor) and argument.value.spec is None:
                argument.value.spec = field.spec
        missing = [f.name for f in record.fields if f.name not in given and not self.may_be_missing(f)]
        if missing:
            names = ", ".join(f'"{name}"' for name in missing)
            plural = "fields" if len(missing) > 1 else "field"
            self.error(node, f"{record.notation()} needs the {plural} {names}")
        node.type = record
        return node

    def constructor(self, node: n.Constructor, want: t.Type | None) -> n.Expr:
        """`table(...)`, `set(...)`, `vector(...)` or `{...}`"""
        if want is t.ANY:
            want = None
        if node.kind == "{":
            if isinstance(want, t.VectorType):
                node.kind = "vector"
            elif isinstance(want, t.TableType):
                node.kind = "set" if want.is_set else "table"
            elif isinstance(want, t.RecordType) and all(isinstance(i, n.Argument) for i in node.items):
                return self.typed_record(n.RecordConstructor(node.start, node.end, node.items), want)  # type: ignore[arg-type]
            else:
                keyed = bool(node.items) and all(isinstance(i, n.KeyValue) for i in node.items)
                node.kind = "table" if keyed else "set"
        for item in node.items:
            if isinstance(item, n.Argument):
                self.error(item, f"a {node.kind} has no fields")
        if node.kind == "vector":
            self.vector_constructor(node, want)
        elif node.kind == "set":
            self.set_constructor(node, want if isinstance(want, t.TableType) and want.is_set else None)
        else:
            self.table_constructor(node, want if isinstance(want, t.TableType) and not want.is_set else None)
        if node.attrs:
            node.spec = self.table_attrs(node.type, node.attrs, "this")
            for attr in node.attrs:
                if attr.name in GONE:
                    self.deprecation(attr, f"&{attr.name} has no effect: {GONE[attr.name]}")
        return node

    def vector_constructor(self, node: n.Constructor, want: t.Type | None) -> None:
        element: t.Type | None = want.element if isinstance(want, t.VectorType) else None
        if element is t.UNKNOWN:
            element = None
        items: list[n.Expr] = []
        for item in node.items:
            if isinstance(item, n.KeyValue):
                self.error(item, "a vector has no keys")
                continue
            checked = self.expr(item, element)
            if element is not None:
                checked = self.coerce(checked, element, "the element")
            items.append(checked)
        if element is None:
            element = self.unify(items, "vector")
            items = [self.coerce(item, element) for item in items]
        node.items = items
        node.type = t.VectorType(element)

    def unify(self, items: list[n.Expr], what: str) -> t.Type:
        """The type that all elements have in common."""
        found: t.Type | None = None
        for item in items:
            if item.type.tag == "void":
                self.error(item, f"this gives no value for the {what}")
                return t.ERROR
            common = item.type if found is None else self.common(found, item.type)
            if common is None or (common is t.ANY and found is not t.ANY and item.type is not t.ANY):
                assert found is not None
                self.error(item, f"the {what} holds {found.notation()}, found {item.type.notation()}")
                return t.ERROR
            found = common
        return t.UNKNOWN if found is None else found

    def set_constructor(self, node: n.Constructor, want: t.TableType | None) -> None:
        index = None if want is None or want.unspecified else want.index_types
        keys: list[n.Expr] = []
        for item in node.items:
            if isinstance(item, n.KeyValue):
                self.error(item, "a set has no values", "write table([...] = ...)")
                continue
            keys.extend(self.key(item, index))
        if index is None:
            index = self.infer_index(keys, "set")
            keys = [self.retyped_key(key, index) for key in keys]
        node.items = keys
        node.type = t.TableType(index, None)

    def table_constructor(self, node: n.Constructor, want: t.TableType | None) -> None:
        index = None if want is None or want.unspecified else want.index_types
        element = None if want is None or want.unspecified else want.yield_type
        keys: list[n.Expr] = []
        values: list[n.Expr] = []
        spreads: list[n.Expr] = []
        for item in node.items:
            if not isinstance(item, n.KeyValue):
                checked = self.expr(item, want)
                if want is not None and isinstance(checked.type, t.TableType) and checked.type == want:
                    spreads.append(self.converted(checked, want, "spread"))
                else:
                    self.error(item, "a table needs keys with values", "write [key] = value")
                continue
            value = self.expr(item.value, element)
            value = value if element is None else self.coerce(value, element, "the value")
            for key in self.key(item.key, index):
                keys.append(key)
                values.append(value)
        if index is None:
            index = self.infer_index(keys, "table")
            keys = [self.retyped_key(key, index) for key in keys]
        if element is None:
            element = self.unify(values, "table")
            values = [self.coerce(value, element) for value in values]
        node.items = [
            *spreads,
            *(n.KeyValue(k.start, v.end, k, v) for k, v in zip(keys, values, strict=True)),
        ]
        node.type = t.TableType(index, element)

    def key(self, node: n.Expr, index: tuple[t.Type, ...] | None) -> list[n.Expr]:
        """The checked keys that an item of a table or set stands for: several if it has lists in it."""
        if isinstance(node, n.ListExpr) and index is not None and len(index) == 1 and len(node.items) == 1:
            node = node.items[0]
        if isinstance(node, n.ListExpr) and (index is None or len(index) > 1):
            return self.wide_key(node, index)
        if index is None:
            checked = self.expr(node)
            if isinstance(checked, n.HostLiteral):
                return [self.converted(checked, checked.type, "spread")]
            return [checked]
        if len(index) > 1:
            checked = self.expr(node, t.TableType(index, None))
            if checked.type == t.TableType(index, None):
                return [self.converted(checked, checked.type, "spread")]
            if checked.type.tag != "error":
                parts = ", ".join(i.notation() for i in index)
                self.error(node, f"each element has {len(index)} parts", f"write [{parts}]")
            return []
        if isinstance(node, n.ListExpr):
            return [key for item in node.items for key in self.key(item, index)]
        checked = self.expr(node, index[0])
        whole = t.TableType(index, None)
        if checked.type == whole and index[0] != whole:
            return [self.converted(checked, whole, "spread")]
        if index[0] is t.SUBNET and isinstance(checked, n.Literal) and checked.tag == "addr":
            # An address among subnets is the subnet of it alone.
            width = 128 if ":" in checked.value else 32
            single = n.Literal(node.start, node.end, "subnet", f"{checked.value}/{width}")
            single.type = t.SUBNET
            return [single]
        return [self.coerce(checked, index[0], "the index")]

    def wide_key(self, node: n.ListExpr, index: tuple[t.Type, ...] | None) -> list[n.Expr]:
        """The keys of several parts that a list stands for: the product of the lists in it."""
        if index is not None and len(node.items) != len(index):
            parts = ", ".join(i.notation() for i in index)
            self.error(node, f"the index has {len(index)} parts ({parts}), found {len(node.items)}")
            return []
        choices: list[list[n.Expr]] = []
        for place, item in enumerate(node.items):
            want = None if index is None else index[place]
            if isinstance(item, (n.ListExpr, n.Constructor)) and not isinstance(
                want, (t.TableType, t.VectorType)
            ):
                inner = item.items
            else:
                inner = [item]
            choices.append([self.key_part(one, want) for one in inner])
        number = prod(len(choice) for choice in choices)
        if number > MAX_PRODUCT:
            self.error(
                node,
                f"this stands for {number} indices, and at most {MAX_PRODUCT} can be written this way",
                "add them in a loop when the program starts",
            )
            return []
        if any(isinstance(one, n.Coerce) and one.mode == "spread" for choice in choices for one in choice):
            return [self.key_product(node, choices)]
        keys: list[list[n.Expr]] = [[]]
        for choice in choices:
            keys = [[*key, one] for key in keys for one in choice]
        result: list[n.Expr] = []
        for items in keys:
            key = n.ListExpr(node.start, node.end, items)
            key.type = t.ListType([i.type for i in items])
            result.append(key)
        return result

    def key_part(self, node: n.Expr, want: t.Type | None) -> n.Expr:
        """A part of an index; a set stands for its elements where it is none itself, as do names of hosts."""
        value = self.expr(node, want)
        have = value.type
        if (
            isinstance(have, t.TableType)
            and have.is_set
            and len(have.index_types) == 1
            and not have.unspecified
            and (want is None or have.index_types[0] == want)
        ):
            return self.converted(value, have, "spread")
        return value if want is None else self.coerce(value, want, "the index")

    def key_product(self, node: n.ListExpr, choices: list[list[n.Expr]]) -> n.Expr:
        """What an index stands for that has sets in it: their elements are known when the program runs."""
        places: list[n.ListExpr] = []
        index: list[t.Type] = []
        for choice in choices:
            elements: list[n.Expr] = []
            for one in choice:
                element: n.Expr = one
                if isinstance(one, n.Coerce) and one.mode == "spread" and isinstance(one.type, t.TableType):
                    element = n.BadExpr(one.start, one.end)
                    element.type = one.type.index_types[0]
                elements.append(element)
            index.append(self.unify(elements, "list"))
            place = n.ListExpr(node.start, node.end, choice)
            place.type = t.ListType([i.type for i in choice])
            places.append(place)
        product = n.KeyProduct(node.start, node.end, places)
        product.type = t.TableType(tuple(index), None)
        return self.converted(product, product.type, "spread")

    def infer_index(self, keys: list[n.Expr], what: str) -> tuple[t.Type, ...]:
        """The index types that keys have in common."""
        if not keys:
            return (t.UNKNOWN,)
        rows: list[list[n.Expr]] = []
        for key in keys:
            if isinstance(key, n.ListExpr):
                rows.append(key.items)
            elif isinstance(key, n.Coerce) and key.mode == "spread" and isinstance(key.type, t.TableType):
                row: list[n.Expr] = []
                for part in key.type.index_types:
                    placeholder = n.BadExpr(key.start, key.end)
                    placeholder.type = part
                    row.append(placeholder)
                rows.append(row)
            else:
                rows.append([key])
        width = len(rows[0])
        for row, key in zip(rows, keys, strict=True):
            if len(row) != width:
                self.error(
                    key, f"the first index of this {what} has {width} parts, and this one has {len(row)}"
                )
                return (t.ERROR,)
        return tuple(self.unify([row[i] for row in rows], f"index of the {what}") for i in range(width))

    def retyped_key(self, key: n.Expr, index: tuple[t.Type, ...]) -> n.Expr:
        if isinstance(key, n.ListExpr):
            if len(key.items) == len(index):
                key.items = [self.coerce(item, type_) for item, type_ in zip(key.items, index, strict=True)]
            return key
        if isinstance(key, n.Coerce) and key.mode == "spread":
            whole = t.TableType(index, None)
            if key.type != whole and not any(i.tag == "error" for i in index):
                self.error(
                    key, f"this stands for a {key.type.notation()}, and the index is of {whole.notation()}"
                )
            return key
        return self.coerce(key, index[0])

    # ---- others --------------------------------------------------------------------------------------------

    def cast(self, node: n.Cast, want: t.Type | None) -> n.Expr:
        node.value = self.expr(node.value)
        target = self.resolve(node.type_expr)
        have = node.value.type
        node.type = target
        if have.tag == "error" or target.tag == "error" or have == target or have is t.ANY:
            return node
        swapped = (
            isinstance(have, t.TableType)
            and isinstance(target, t.VectorType)
            and have.is_set
            and have.index_types == (target.element,)
        ) or (
            isinstance(have, t.VectorType)
            and isinstance(target, t.TableType)
            and target.is_set
            and target.index_types == (have.element,)
        )
        broker = isinstance(have, t.RecordType) and have.name == "Broker::Data"
        if not swapped and not broker and not (have.tag == target.tag == "opaque"):
            self.error(node, f"a value of type {have.notation()} cannot be cast to {target.notation()}")
        return node

    def is_type(self, node: n.IsType, want: t.Type | None) -> n.Expr:
        node.value = self.expr(node.value)
        node.target = self.resolve(node.type_expr)
        node.type = t.BOOL
        return node

    def copy_expr(self, node: n.CopyExpr, want: t.Type | None) -> n.Expr:
        node.value = self.expr(node.value, want)
        node.type = node.value.type
        if node.type.tag == "void":
            self.error(node.value, "this gives no value to copy")
        return node

    def type_value(self, node: n.TypeValue, want: t.Type | None) -> n.Expr:
        node.type = t.TypeType(self.resolve(node.type_expr))
        return node

    def conditional_expr(self, node: n.Conditional, want: t.Type | None) -> n.Expr:
        node.condition = self.condition(node.condition, '"?"')
        node.then = self.expr(node.then, want)
        node.otherwise = self.expr(node.otherwise, want if want is not None else node.then.type)
        common = self.common(node.then.type, node.otherwise.type)
        if common is None:
            self.error(
                node,
                f"the two values have different types: {node.then.type.notation()} and "
                f"{node.otherwise.type.notation()}",
            )
            node.type = t.ERROR
            return node
        node.then = self.coerce(node.then, common)
        node.otherwise = self.coerce(node.otherwise, common)
        node.type = common
        return node

    def condition(self, node: n.Expr, what: str) -> n.Expr:
        raise NotImplementedError

    def key_value(self, node: n.KeyValue, want: t.Type | None) -> n.Expr:
        node.key = self.expr(node.key)
        node.value = self.expr(node.value)
        self.error(node, "[key] = value is for tables")
        return node

    def argument(self, node: n.Argument, want: t.Type | None) -> n.Expr:
        node.value = self.expr(node.value)
        self.error(node, "$name = value is for records")
        return node

    def call(self, node: n.Call, want: t.Type | None) -> n.Expr:
        raise NotImplementedError

    def hook_call(self, node: n.HookCall, want: t.Type | None) -> n.Expr:
        raise NotImplementedError

    def event_call(self, node: n.EventCall, want: t.Type | None) -> n.Expr:
        raise NotImplementedError

    def schedule(self, node: n.Schedule, want: t.Type | None) -> n.Expr:
        raise NotImplementedError

    def lambda_expr(self, node: n.Lambda, want: t.Type | None) -> n.Expr:
        raise NotImplementedError


_EXPRESSIONS: Final[dict[type[n.Expr], Any]] = {
    n.Name: ExpressionChecker.name,
    n.Literal: ExpressionChecker.literal,
    n.PatternLiteral: ExpressionChecker.pattern,
    n.HostLiteral: ExpressionChecker.host_name,
    n.Unary: ExpressionChecker.unary,
    n.Size: ExpressionChecker.size,
    n.Step: ExpressionChecker.step,
    n.Binary: ExpressionChecker.binary,
    n.Conditional: ExpressionChecker.conditional_expr,
    n.Assign: ExpressionChecker.assign,
    n.LocalAssign: ExpressionChecker.local_assign,
    n.Argument: ExpressionChecker.argument,
    # The ones that `CallChecker` has are found through the object.
    n.Call: lambda self, node, want: self.call(node, want),
    n.HookCall: lambda self, node, want: self.hook_call(node, want),
    n.EventCall: lambda self, node, want: self.event_call(node, want),
    n.Schedule: lambda self, node, want: self.schedule(node, want),
    n.Lambda: lambda self, node, want: self.lambda_expr(node, want),
    n.Index: ExpressionChecker.index,
    n.Slice: ExpressionChecker.slice,
    n.FieldAccess: ExpressionChecker.field_access,
    n.HasField: ExpressionChecker.has_field,
    n.ListExpr: ExpressionChecker.list_expr,
    n.RecordConstructor: ExpressionChecker.record_constructor,
    n.KeyValue: ExpressionChecker.key_value,
    n.Constructor: ExpressionChecker.constructor,
    n.Cast: ExpressionChecker.cast,
    n.IsType: ExpressionChecker.is_type,
    n.CopyExpr: ExpressionChecker.copy_expr,
    n.TypeValue: ExpressionChecker.type_value,
    n.Coerce: ExpressionChecker.coerced,
    n.BadExpr: ExpressionChecker.bad,
}
