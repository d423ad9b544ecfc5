"""The checker's part for conversions: where a value of one type stands for another.

A conversion is a `Coerce` node whose mode says how it is done:

* `same`: nothing to do, the Python values are the same;
* `float`: a whole number becomes a double;
* `box`, `unbox`: into and out of an `any`;
* `record`: a record of another type that has fields in common;
* `vector`: every element of a vector is converted (by the conversion of a placeholder element).
"""

from __future__ import annotations

from bro.script import dialect_1998, former
from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import CheckerBase
from bro.script.diagnostics import suggest


class ConversionChecker(CheckerBase):
    """Conversions between types."""

    def value(self, node: n.Expr, want: t.Type, what: str = "") -> n.Expr:
        """Check an expression that has to give a value of type `want`; `what` it is for is told in errors."""
        return self.coerce(self.expr(node, want), want, what)

    def assigned(self, node: n.Expr, want: t.Type, what: str) -> n.Expr:
        """Check what is assigned to a variable, field or element of type `want`.

        There, and only there, a number may lose its fraction or its sign: scripts rely on it.
        """
        checked = self.expr(self.list_as_set(node, want), want)
        have = checked.type
        if want not in t.INTEGRAL or (have is not t.DOUBLE and (have is not t.INT or want is not t.COUNT)):
            return self.coerce(checked, want, what)
        if isinstance(checked, n.Literal) and (checked.value < 0 or checked.value >= 2**63):
            return self.coerce(checked, want, what)
        loss = "its fraction is lost" if have is t.DOUBLE else "a negative one is an error"
        self.deprecation(
            checked,
            f"{what or 'this'} is {_article(want)}, and gets {_article(have)}: {loss}",
            f"write {have.tag}_to_{want.tag}()",
        )
        if isinstance(checked, n.Literal):
            checked.tag, checked.value, checked.type = want.tag, int(checked.value), want
            return checked
        return self.converted(checked, want, "narrow")

    def coerce(self, node: n.Expr, want: t.Type, what: str = "") -> n.Expr:
        """A checked expression as a value of type `want`."""
        have = node.type
        if have is want or want.tag == "error" or have.tag == "error":
            return node
        if isinstance(node, n.Literal):
            converted = self.number_as(node, want)
            if converted is not None:
                return converted
        if have == want:
            return node
        mode = self.conversion(have, want)
        if mode:
            if mode == "same" and isinstance(node, n.Constructor):
                node.type = want
                return node
            return self.converted(node, want, mode)
        self.mismatch(node, want, what)
        return node

    def converted(self, node: n.Expr, want: t.Type, mode: str) -> n.Expr:
        coerced = n.Coerce(node.start, node.end, node, mode)
        coerced.type = want
        return coerced

    def raw_if(self, raw: bool, node: n.Expr) -> n.Expr:
        """The value of a variable, made raw if that is a file and the variable has `&raw_output`."""
        return self.converted(node, node.type, "raw") if raw and node.type.tag == "file" else node

    def mismatch(self, node: n.Expr, want: t.Type, what: str) -> None:
        """Report that a value has the wrong type."""
        have = node.type
        if have.tag == "void":
            self.error(node, "this gives no value" + (f" for {what}" if what else ""))
            return
        if isinstance(have, t.ListType) and want is t.ANY:
            self.error(node, "a list is not a value", "write vector(...) or set(...)")
            return
        subject = f"{what} is" if what else "expected"
        hint = ""
        if have in t.NUMERIC and want.tag == "interval":
            hint = "write a number with its unit, such as 5 sec, or use double_to_interval()"
        elif have in t.NUMERIC and want.tag == "time":
            hint = "use double_to_time()"
        elif have is t.INT and want is t.COUNT:
            hint = "use int_to_count()"
        elif have is t.DOUBLE and want is t.COUNT:
            hint = "use double_to_count()"
        elif have is t.DOUBLE and want is t.INT:
            hint = "use double_to_int()"
        elif want is t.STRING:
            hint = "use cat() or fmt() to make a string of it"
        elif isinstance(have, t.RecordType) and isinstance(want, t.RecordType):
            hint = self.record_difference(have, want)
        elif isinstance(want, t.TableType) and want.is_set and isinstance(have, t.VectorType):
            hint = "write set(...) instead of vector(...)"
        elif isinstance(want, t.VectorType) and isinstance(have, t.TableType):
            hint = "write vector(...) instead"
        self.error(node, f"{subject} {_article(want)}, found {have.notation()}", hint)

    def number_as(self, node: n.Literal, want: t.Type) -> n.Expr | None:
        """A number as a constant of another type, None where that is not possible."""
        tag = node.tag
        if tag not in ("count", "int", "double"):
            return None
        new: n.Literal
        if want is t.DOUBLE:
            new = n.Literal(node.start, node.end, "double", float(node.value))
        elif want is t.INT and tag == "count":
            if node.value >= 2**63:
                self.error(node, "this number is too large for an int")
            new = n.Literal(node.start, node.end, "int", node.value)
        else:
            return None
        new.type = want
        return new

    def conversion(self, have: t.Type, want: t.Type) -> str:
        """How a value of one type becomes one of another: a mode, or "" if it does not."""
        if have == want:
            return "same"
        if want is t.ANY:
            if have.tag in ("void", "list"):
                return ""
            return "box" if have.tag in t.BOXED_TAGS else "same"
        if have is t.ANY:
            return "unbox"
        if have is t.COUNT and want is t.INT:
            return "same"
        if isinstance(have, t.EnumType) and isinstance(want, t.EnumType):
            return "same" if t.ALL_TAGS in (have.name, want.name) and {have.name, want.name} <= t.TAGS else ""
        if have in t.INTEGRAL and want is t.DOUBLE:
            return "float"
        if isinstance(have, t.TableType) and isinstance(want, t.TableType):
            return self.table_conversion(have, want)
        if isinstance(have, t.VectorType) and isinstance(want, t.VectorType):
            if have.element is t.UNKNOWN or want.element is t.UNKNOWN:
                return "same"
            if have.element in t.NUMERIC and want.element in t.NUMERIC:
                return ""  # numbers of another type: the vector would be two kinds of vector at once
            inner = self.conversion(have.element, want.element)
            return inner if inner in ("", "same") else "vector"
        if isinstance(have, t.RecordType) and isinstance(want, t.RecordType):
            return "record" if self.records_fit(have, want) else ""
        if isinstance(have, t.FuncType) and isinstance(want, t.FuncType):
            return "same" if self.functions_fit(have, want) else ""
        return ""

    def table_conversion(self, have: t.TableType, want: t.TableType) -> str:
        if have.is_set != want.is_set:
            return ""
        if have.unspecified or want.unspecified:
            return "same"
        if len(have.index_types) != len(want.index_types):
            return ""
        if not all(self.alike(a, b) for a, b in zip(have.index_types, want.index_types, strict=True)):
            return ""
        if have.yield_type is None or want.yield_type is None:
            return "same"
        return "same" if self.alike(have.yield_type, want.yield_type) else ""

    def alike(self, have: t.Type, want: t.Type) -> bool:
        """Whether values of one type are values of the other as they are, also where both are written: a
        table of ints that is known as one of counts as well could get a negative count.
        """
        return have == want or (have not in t.NUMERIC and self.conversion(have, want) == "same")

    def records_fit(self, have: t.RecordType, want: t.RecordType) -> bool:
        """Whether a record can be converted: fields of one name fit, all that it lacks may be missing."""
        pair = (have.name, want.name)
        if have.name == want.name or pair in self._comparing:
            return True
        self._comparing.add(pair)
        try:
            for field in have.fields:
                target = want.field(field.name)
                # What the other record has no field for is left out.
                if target is not None and not self.conversion(field.type, target.type):
                    return False
        finally:
            self._comparing.discard(pair)
        return all(have.field(f.name) is not None or self.may_be_missing(f) for f in want.fields)

    def may_be_missing(self, field: t.Field) -> bool:
        """Whether a record can be made without giving this field."""
        return field.optional or field.has_default or t.is_aggregate(field.type)

    def record_difference(self, have: t.RecordType, want: t.RecordType) -> str:
        """Why one record does not convert to another."""
        for field in have.fields:
            target = want.field(field.name)
            if target is None:
                continue
            if not self.conversion(field.type, target.type):
                there, here = target.type.notation(), field.type.notation()
                return f'the field "{field.name}" is a {there} there, not a {here}'
        for field in want.fields:
            if have.field(field.name) is None and not self.may_be_missing(field):
                return f'the field "{field.name}" is missing'
        return ""

    def functions_fit(self, have: t.FuncType, want: t.FuncType) -> bool:
        """Whether a function can stand for one of another type: it takes the same, and gives the same."""
        if not want.params and want.result is t.ANY:
            return True  # any function at all
        if have.flavor != want.flavor or len(have.params) != len(want.params):
            return False
        for a, b in zip(have.params, want.params, strict=True):
            if not self.alike(a.type, b.type) and a.type is not t.ANY and b.type is not t.ANY:
                return False
            if (a.type is t.ANY) != (b.type is t.ANY) and (
                a.type.tag in t.BOXED_TAGS or b.type.tag in t.BOXED_TAGS
            ):
                return False
        if have.result == want.result or want.result.tag in ("void", "any"):
            return True
        return self.alike(have.result, want.result)

    def field_hint(self, record: t.RecordType, name: str) -> str:
        """A hint with fields that look like one that does not exist."""
        hint = dialect_1998.field_hint(record.name, name) or former.field_hint(record.name, name)
        hint = hint or suggest(name, [f.name for f in record.fields])
        if not hint and len(record.fields) <= 8:
            fields = ", ".join(f.name for f in record.fields)
            hint = f"its fields are {fields}" if fields else "it has no fields"
        return hint

    def common(self, a: t.Type, b: t.Type) -> t.Type | None:
        """The type that values of two types have in common; None if there is none."""
        if a.tag == "error" or b.tag == "error":
            return t.ERROR
        if a == b:
            return a
        if a in t.NUMERIC and b in t.NUMERIC:
            return t.DOUBLE if t.DOUBLE in (a, b) else t.INT
        if t.ANY in (a, b):
            return t.ANY
        for have, want in ((a, b), (b, a)):
            if isinstance(have, (t.TableType, t.VectorType)) and self.conversion(have, want) == "same":
                unspecified = have.unspecified if isinstance(have, t.TableType) else have.element is t.UNKNOWN
                if unspecified:
                    return want
        for have, want in ((a, b), (b, a)):
            if self.conversion(have, want):
                return want
        return None


def _article(type_: t.Type) -> str:
    name = type_.notation()
    return ("an " if name[0] in "aeiouAEIO" else "a ") + name
