"""The code generator's part for expressions other than operators."""

from __future__ import annotations

import _ast as ast

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import TableAttrs
from bro.script.codegen import IS_NOT, LOAD
from bro.script.codegen_facts import HARMLESS, path_of, when_false, when_true
from bro.script.codegen_inline import inlined
from bro.script.codegen_operators import OperatorCodegen
from bro.script.codegen_text import text_call
from bro.script.scope import Local, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final


class ExpressionCodegen(OperatorCodegen):
    """Expressions."""

    def expr(self, node: n.Expr) -> ast.expr:
        """The value of an expression; it is an error of the script if there is none."""
        # This is most of the way through a function, so `locate` and `load` stand here once more, for a node
        # on the same line as the one before, and for a variable.
        start, end = node.start, node.end
        begin = self._begin
        if begin <= start and end < self._end and self._of is self.source and self.fixed is None:
            line = self._line
            place = line, start - begin, line, end - begin
        else:
            place = self.locate(node)
        cls = node.__class__
        if cls is n.Name and node.symbol.__class__ is Local:  # type: ignore[attr-defined]  # most are
            a, b, c, d = place
            out: ast.expr = ast.Name()  # type: ignore[call-arg]
            name = node.symbol.py  # type: ignore[attr-defined]
            out.__dict__ = {"id": name, "ctx": LOAD, "lineno": a, "col_offset": b, "end_col_offset": d}
            if c != a:
                out.end_lineno = c
            return out
        saved = self.loc
        self.loc = place
        out = _EXPRESSIONS[cls](self, node)
        self.loc = saved
        return out

    def operand(self, node: n.Expr) -> ast.expr:
        """The value of an expression that is used in a way that fails by itself when there is none."""
        if node.__class__ is n.FieldAccess:
            saved = self.loc
            self.loc = self.locate(node)
            out = self.attribute(self.operand(node.base), node.name)
            self.loc = saved
            return out
        if node.__class__ is n.Index and node.mode == "vector":
            saved = self.loc
            self.loc = self.locate(node)
            out = self.element(node)
            self.loc = saved
            return out
        return self.expr(node)

    def elsewhere(self, node: n.Expr) -> ast.expr:
        """An expression that stands in another file, as if it stood at the current place."""
        saved, self.fixed = self.fixed, self.loc
        out = self.expr(node)
        self.fixed = saved
        return out

    # ---- names and constants -------------------------------------------------------------------------------

    def name(self, node: n.Name) -> ast.expr:
        symbol = node.symbol
        if isinstance(symbol, Local):
            return self.load(symbol.py)
        assert symbol is not None
        if symbol.inline is not None and isinstance(symbol.inline, n.Literal):
            return self.literal(symbol.inline)
        if symbol.kind == "type":
            return self.type_constant(symbol.type)
        return self.load(self.use(symbol))

    def literal(self, node: n.Literal) -> ast.expr:
        tag = node.tag
        value = node.value
        if tag in ("addr", "port", "subnet"):
            return self.load(self.constant(tag, value))
        if tag in ("int", "double", "interval") and value < 0:
            return self.at(ast.UnaryOp(ast.USub(), self.const(-value)))  # type: ignore[no-any-return]
        return self.const(value)

    def pattern(self, node: n.PatternLiteral) -> ast.expr:
        text = node.text.encode("latin-1")  # the bytes of the source, as in a string
        return self.load(self.constant("pattern", (text, "i" in node.flags, "s" in node.flags)))

    def host_name(self, node: n.HostLiteral) -> ast.expr:
        self.stands_alone(False)
        self._hosts.setdefault(node.host, self.source)
        return self.call("host_addresses", self.const(node.host))

    def type_value(self, node: n.TypeValue) -> ast.expr:
        assert isinstance(node.type, t.TypeType)
        return self.type_constant(node.type.inner)

    # ---- access --------------------------------------------------------------------------------------------

    def field_access(self, node: n.FieldAccess) -> ast.expr:
        value = self.attribute(self.operand(node.base), node.name)
        record = node.base.type
        field = record.field(node.name) if isinstance(record, t.RecordType) else None
        if field is not None and may_be_unset(field):
            path = path_of(node)
            known = self.state.facts.known
            if path in known:
                return value
            if path is not None:
                known.add(path)
            name = self.temporary()
            test = self.compare(self.walrus(name, value), IS_NOT, self.const(None))
            return self.choose(test, self.load(name), self.call("unset_field", self.const(self.text(node))))
        return value

    def text(self, node: n.Node) -> str:
        """The text of a node in the source, for messages."""
        if self.fixed is not None:
            return node.name if isinstance(node, n.FieldAccess) else ""
        text = " ".join(self.source.text[node.start : node.end].split())
        return text if len(text) <= 100 else text[:97] + "..."

    def has_field(self, node: n.HasField) -> ast.expr:
        value = self.attribute(self.operand(node.base), node.name)
        return self.compare(value, IS_NOT, self.const(None))

    def element(self, node: n.Index) -> ast.expr:
        """An element of a vector, None where the vector has a hole."""
        base = self.operand(node.base)
        index = self.expr(node.index[0])
        if node.index[0].type is t.COUNT:
            return self.item(base, index)
        return self.call("vector_index", base, index)

    def index(self, node: n.Index) -> ast.expr:
        mode = node.mode
        if mode == "vector":
            name = self.temporary()
            test = self.compare(self.walrus(name, self.element(node)), IS_NOT, self.const(None))
            return self.choose(test, self.load(name), self.call("unset_value", self.const(self.text(node))))
        base = self.operand(node.base)
        if mode == "table":
            assert isinstance(node.base.type, t.TableType)
            return self.item(base, self.index_key(node.base.type, node.index, insert=False))
        if mode == "string" and (part := self.one_byte(node.index[0])) is not None:
            return self.item(base, part)
        index = self.expr(node.index[0])
        if mode == "string":
            return self.call("string_index", base, index)
        return self.method(base, "find" if mode == "subnet" else "matching", index)

    def one_byte(self, index: n.Expr) -> ast.expr | None:
        """The slice that has the byte of a string at an index, if there is one; None if it takes a call."""
        if isinstance(index, n.Literal) and index.tag in ("count", "int"):
            low, high = index.value, index.value + 1
            bound = None if high == 0 else self.const_int(high)
            return self.at(ast.Slice(self.const_int(low), bound, None))  # type: ignore[no-any-return]
        if isinstance(index, n.Name) and isinstance(index.symbol, Local) and index.type is t.COUNT:
            behind = self.binop(self.expr(index), ast.Add(), self.const(1))
            return self.at(ast.Slice(self.expr(index), behind, None))  # type: ignore[no-any-return]
        return None

    def index_key(self, type_: t.TableType, index: list[n.Expr], insert: bool) -> ast.expr:
        """The key of a table for an index."""
        parts = [self.key_part(i) for i in index]
        key = parts[0] if len(parts) == 1 else self.tuple_of(parts)
        if insert and any(t.is_aggregate(i) or i is t.ANY for i in type_.index_types):
            return self.call("index_key", key)
        return key

    def key_part(self, node: n.Expr) -> ast.expr:
        value = self.expr(node)
        return self.call("KeyList", value) if isinstance(node.type, t.VectorType) else value

    def slice(self, node: n.Slice) -> ast.expr:
        return self.item(self.operand(node.base), self.bounds(node))

    def bounds(self, node: n.Slice) -> ast.expr:
        low = None if node.low is None else self.expr(node.low)
        high = None if node.high is None else self.expr(node.high)
        return self.at(ast.Slice(low, high, None))  # type: ignore[no-any-return]

    # ---- constructors --------------------------------------------------------------------------------------

    def record_constructor(self, node: n.RecordConstructor) -> ast.expr:
        record = node.type
        assert isinstance(record, t.RecordType)
        declared = record.fields
        values = {argument.name: self.expr(argument.value) for argument in node.fields}
        # By position is faster than by name; in between there may be fields that are not given.
        args: list[ast.expr] = []
        keywords = list(values)
        gaps: list[ast.expr] = []
        for field in declared:
            if not keywords or len(gaps) > _MOST_GAPS:
                break
            if field.name == keywords[0]:
                args += [*gaps, values[field.name]]
                gaps = []
                del keywords[0]
            elif field.name in values:
                break  # the fields are computed in the order they are written
            else:
                gaps.append(self.omitted(field, record))
        placed = {field.name for field in declared[: len(args)]}
        named = [self.at(ast.keyword(name, values[name])) for name in keywords]
        for field in declared:
            if field.name not in values and field.name not in placed and isinstance(field.type, t.RecordType):
                value_ = self.missing_record(field, record)
                if value_ is not None:
                    named.append(self.at(ast.keyword(field.name, value_)))
        call = self.call(self.record_py(record), *args)
        call.keywords = named  # type: ignore[attr-defined]
        return call

    def omitted(self, field: t.Field, owner: t.RecordType) -> ast.expr:
        """What is passed for a field that is not given: the constructor puts a default in for None."""
        if field.default is not None:
            found = plain_constant(field.default)
            return self.const(None if found is None else found[0])
        made = self.missing_record(field, owner) if isinstance(field.type, t.RecordType) else None
        return self.const(None) if made is None else made

    def missing_record(self, field: t.Field, owner: t.RecordType) -> ast.expr | None:
        """The record that a field begins with when its record is made without it."""
        if field.optional or field.has_default:
            return None
        assert isinstance(field.type, t.RecordType)
        if field.type.name in self._making or field.type.name == owner.name:
            return None
        return self.fresh(field.type, None)

    _making: tuple[str, ...] = ()

    def fresh(self, type_: t.Type, spec: TableAttrs | None) -> ast.expr | None:
        """The value of a variable of this type that is given none; None if it has none."""
        if isinstance(type_, (t.TableType, t.VectorType)):
            return self.new_container(type_, spec, None)
        if isinstance(type_, t.RecordType) and type_.name not in self._making:
            saved, self._making = self._making, (*self._making, type_.name)
            empty = n.RecordConstructor(0, 0, [])
            empty.type = type_
            out = self.record_constructor(empty)
            self._making = saved
            return out
        return None

    def new_container(self, type_: t.Type, spec: TableAttrs | None, content: ast.expr | None) -> ast.expr:
        """A vector, table or set with this content: a list, or a dictionary."""
        if isinstance(type_, t.VectorType):
            return self.list_of([]) if content is None else content
        assert isinstance(type_, t.TableType)
        made = self.spec(type_, spec)
        args = [] if content is None else [content]
        if made is not None:
            return self.call("new_set" if type_.is_set else "new_table", made, *args)
        return self.call("Set" if type_.is_set else "Table", *args)

    def constructor(self, node: n.Constructor) -> ast.expr:
        type_ = node.type
        if node.kind == "vector":
            return self.list_of([self.expr(item) for item in node.items])
        assert isinstance(type_, t.TableType)
        if not node.items:
            return self.new_container(type_, node.spec, None)
        if type_.is_set:
            keys = [self.constructor_key(type_, item) for item in node.items]
            if self.spec(type_, node.spec) is None:
                return self.call(
                    self.attribute(self.load("Set"), "fromkeys"), self.tuple_of(keys), self.const(True)
                )
            content = self.call(
                self.attribute(self.load("dict"), "fromkeys"), self.tuple_of(keys), self.const(True)
            )
            return self.new_container(type_, node.spec, content)
        dict_keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for item in node.items:
            if isinstance(item, n.KeyValue) and isinstance(item.key, n.Coerce) and item.key.mode == "spread":
                # Each index that the key stands for gets the value.
                keys_of = self.attribute(self.load("dict"), "fromkeys")
                dict_keys.append(None)
                values.append(self.call(keys_of, self.expr(item.key.value), self.expr(item.value)))
            elif isinstance(item, n.KeyValue):
                dict_keys.append(self.constructor_key(type_, item.key))
                values.append(self.expr(item.value))
            else:
                assert isinstance(item, n.Coerce)
                dict_keys.append(None)
                values.append(self.expr(item.value))
        return self.new_container(type_, node.spec, self.at(ast.Dict(dict_keys, values)))

    def constructor_key(self, type_: t.TableType, item: n.Expr) -> ast.expr:
        if isinstance(item, n.Coerce) and item.mode == "spread":
            return self.at(ast.Starred(self.expr(item.value), LOAD))  # type: ignore[no-any-return]
        if isinstance(item, n.ListExpr):
            return self.index_key(type_, item.items, insert=True)
        return self.index_key(type_, [item], insert=True)

    def key_product(self, node: n.KeyProduct) -> ast.expr:
        """The indices that one of lists and sets stands for."""
        places = []
        for place in node.places:
            parts = [
                self.at(ast.Starred(self.expr(one.value), LOAD))
                if isinstance(one, n.Coerce) and one.mode == "spread"
                else self.key_part(one)
                for one in place.items
            ]
            places.append(self.tuple_of(parts))
        return self.call("key_product", *places)

    # ---- attributes of tables ------------------------------------------------------------------------------

    def spec(self, type_: t.TableType, attrs: TableAttrs | None) -> ast.expr | None:
        """The `TableSpec` of a table with attributes, or with an index that is looked up by containment."""
        lookup = ""
        if len(type_.index_types) == 1:
            lookup = {"subnet": "subnet", "pattern": "pattern"}.get(type_.index_types[0].tag, "")
        if attrs is None and not lookup:
            return None
        key = id(attrs) if attrs is not None else hash(lookup)
        self.stands_alone(False)
        name = self._specs.get(key)
        if name is None:
            name = f"_{self.unit.prefix}spec{len(self._specs)}"
            self._specs[key] = name
            if attrs is not None:
                self._kept.append(attrs)
            saved = self.loc, self.state.temporaries
            value = self.spec_value(type_, attrs, lookup)
            self.spec_code.setdefault(self.source.path, []).append(self.assign(self.store(name), value))
            self.loc, self.state.temporaries = saved
        return self.load(name)

    def spec_value(self, type_: t.TableType, attrs: TableAttrs | None, lookup: str) -> ast.expr:
        keywords: dict[str, ast.expr] = {}
        if lookup:
            keywords["lookup"] = self.const(lookup)
        if len(type_.index_types) > 1:
            keywords["wide"] = self.const(True)
        if attrs is not None:
            if attrs.default is not None:
                value = self.elsewhere(attrs.default)
                if attrs.default_kind == "constant":
                    keywords["constant"] = value
                elif attrs.default_kind == "fresh":
                    if t.is_aggregate(attrs.default.type) and not isinstance(
                        attrs.default, (n.Constructor, n.RecordConstructor)
                    ):
                        value = self.call("copy_value", value)
                    keywords["factory"] = self.thunk(value, "_")
                else:
                    key = self.load("_")
                    if len(type_.index_types) > 1:
                        key = self.at(ast.Starred(key, LOAD))
                    keywords["factory"] = self.thunk(self.call(value, key), "_")
            if attrs.insert:
                keywords["insert"] = self.const(True)
            if attrs.expire_kind and attrs.expire is not None:
                keywords["expire_kind"] = self.const(attrs.expire_kind)
                keywords["timeout"] = self.thunk(self.elsewhere(attrs.expire))
            if attrs.expire_any:
                index = type_.index_types
                whole = t.ListType(index) if len(index) > 1 else index[0]
                keywords["expire_any"] = self.type_constant(whole)
            for name, function in (("expire_func", attrs.expire_func), ("on_change", attrs.on_change)):
                if function is not None:
                    keywords[name] = self.thunk(self.elsewhere(function))
        return self.call("TableSpec", **keywords)

    # ---- calls ---------------------------------------------------------------------------------------------

    def call_expr(self, node: n.Call) -> ast.expr:
        type_ = node.func.type
        assert isinstance(type_, t.FuncType)
        symbol = getattr(node.func, "symbol", None)
        builtin = symbol.builtin if isinstance(symbol, Symbol) else None
        if builtin is not None and builtin.name in ("fmt", "cat"):
            made = text_call(self, builtin.name, node.args)
            if made is not None:
                return made
        if builtin is not None:
            made = inlined(self, builtin.name, node.args)
            if made is not None:
                return made
        if builtin is None:
            func = self.operand(node.func)
        else:
            saved = self.loc
            self.loc = self.locate(node.func)
            assert symbol is not None
            func = self.load(self.use(symbol, is_value=False))
            self.loc = saved
        args = self.call_arguments(type_, node.args)
        if builtin is None or builtin.name not in HARMLESS:
            self.state.facts.called()
        if self.state.in_when and (builtin is None or builtin.asynchronous):
            self.state.calls += 1
            trigger = self.attribute(self.load("_trigger"), "call")
            return self.call(trigger, self.const(self.state.calls), func, self.tuple_of(args))
        if builtin is not None and builtin.asynchronous:
            return self.call("later", func, *args)
        call = self.call(func, *args)
        if builtin is not None and builtin.typed:
            types = self.tuple_of(self.type_constant(_unboxed_type(a)) for a in node.args)
            call.keywords = [self.at(ast.keyword("types", types))]  # type: ignore[attr-defined]
        return call

    def call_arguments(self, type_: t.FuncType, args: list[n.Expr]) -> list[ast.expr]:
        """The arguments of a call, with the defaults of those that are left out."""
        out = [self.expr(a) for a in args]
        for param in type_.params[len(args) :]:
            if isinstance(param.default, n.Expr):
                out.append(self.elsewhere(param.default))
            else:
                out.append(self.const(None))
        return out

    def hook_call(self, node: n.HookCall) -> ast.expr:
        type_ = node.call.func.type
        assert isinstance(type_, t.FuncType)
        call = self.call(self.operand(node.call.func), *self.call_arguments(type_, node.call.args))
        self.state.facts.called()
        return call

    def event_call(self, node: n.EventCall) -> ast.expr:
        dispatcher, args = self.event_and_arguments(node.name, node.args)
        return self.call("post_event", self.tuple_of([dispatcher, args]))

    def event_and_arguments(self, name: n.Name, args: list[n.Expr]) -> tuple[ast.expr, ast.expr]:
        type_ = name.type
        assert isinstance(type_, t.FuncType)
        return self.expr(name), self.tuple_of(self.call_arguments(type_, args))

    def schedule(self, node: n.Schedule) -> ast.expr:
        dispatcher, args = self.event_and_arguments(node.name, node.args)
        absolute = [self.const(True)] if node.delay.type is t.TIME else []
        return self.call("schedule_event", self.expr(node.delay), dispatcher, args, *absolute)

    def lambda_expr(self, node: n.Lambda) -> ast.expr:
        function = node.function
        self.uses_closure(function)
        if not function.scope.captures:
            return self.load(function.py)
        return self.call(function.py, *self.captured(function.scope.captures))

    def captured(self, captures: list[tuple[Local, Local, bool]]) -> list[ast.expr]:
        values = []
        for outer, _, copied in captures:
            if outer.unset:  # it may be without a value yet, and stay so
                values.append(self.method(self.call("locals"), "get", self.const(outer.py), self.const(...)))
                continue
            value = self.load(outer.py)
            shared = t.is_aggregate(outer.type) or outer.type.tag == "func"
            values.append(self.call("copy_value", value) if copied and shared else value)
        return values

    # ---- others --------------------------------------------------------------------------------------------

    def conditional(self, node: n.Conditional) -> ast.expr:
        facts = self.state.facts
        losses = facts.losses
        test = self.expr(node.condition)
        plain = facts.losses == losses
        before = set(facts.known)
        facts.add(when_true(node.condition) if plain else ())
        then = self.expr(node.then)
        after_then, facts.known = facts.known, set(before)
        facts.add(when_false(node.condition) if plain else ())
        otherwise = self.expr(node.otherwise)
        facts.known &= after_then
        return self.choose(test, then, otherwise)

    def cast(self, node: n.Cast) -> ast.expr:
        have, want = node.value.type, node.type
        value = self.expr(node.value)
        if have == want:
            return value
        if have is t.ANY or have.tag in ("record", "opaque"):
            return self.call("unbox", value, self.type_constant(want))
        if isinstance(want, t.VectorType):
            return self.call("list", value)
        assert isinstance(want, t.TableType)
        keys = value
        if self.spec(want, None) is None:
            return self.call(self.attribute(self.load("Set"), "fromkeys"), keys, self.const(True))
        content = self.call(self.attribute(self.load("dict"), "fromkeys"), keys, self.const(True))
        return self.new_container(want, None, content)

    def is_type(self, node: n.IsType) -> ast.expr:
        have = node.value.type
        value = self.expr(node.value)
        if have.tag in t.BOXED_TAGS:
            value = self.call("Boxed", value, self.type_constant(have))
        return self.call("fits", value, self.type_constant(node.target))

    def copy_expr(self, node: n.CopyExpr) -> ast.expr:
        value = self.expr(node.value)
        tag = node.type.tag
        return (
            self.call("copy_value", value)
            if tag in t.AGGREGATE_TAGS or tag in ("any", "opaque", "func")
            else value
        )

    def local_assign(self, node: n.LocalAssign) -> ast.expr:
        assert node.local is not None
        pair = self.tuple_of([self.walrus(node.local.py, self.expr(node.value)), self.const(True)])
        return self.item(pair, self.const(1))

    def coerce(self, node: n.Coerce) -> ast.expr:
        mode = node.mode
        value = self.expr(node.value)
        if mode == "same":
            return value
        if mode == "float":
            return self.call("float", value)
        if mode == "box":
            return self.call("Boxed", value, self.type_constant(node.value.type))
        if mode == "unbox":
            return self.call("unbox", value, self.type_constant(node.type))
        if mode == "narrow":
            return self.call("narrow", value, self.const(node.type.tag))
        if mode == "raw":
            return self.call("raw_file", value)
        if mode == "record":
            return self.call("convert_record", value, self.type_constant(node.type))
        if mode == "vector":
            return self.call(
                "convert_vector", value, self.type_constant(node.value.type), self.type_constant(node.type)
            )
        return value

    def bad(self, node: n.BadExpr) -> ast.expr:
        return self.const(None)


def may_be_unset(field: t.Field) -> bool:
    """Whether a record may be without a value for a field: it is optional, or nobody gave one when the record
    was made by a declaration such as `local r: R;`.
    """
    return not field.has_default and (field.optional or not t.is_aggregate(field.type))


def plain_constant(node: n.Expr) -> tuple[Any] | None:
    """The value of a default that can be the default of a Python parameter."""
    if (
        isinstance(node, n.Name)
        and isinstance(node.symbol, Symbol)
        and isinstance(node.symbol.inline, n.Literal)
    ):
        node = node.symbol.inline
    if isinstance(node, n.Literal) and node.tag not in ("addr", "port", "subnet"):
        return (node.value,)
    return None


def _unboxed_type(node: n.Expr) -> t.Type:
    """The type an argument had before it became an `any`."""
    return node.value.type if isinstance(node, n.Coerce) and node.mode == "box" else node.type


#: How many fields that are not given are passed over so that further ones can be passed by position.
_MOST_GAPS: Final = 24


_EXPRESSIONS: Final[dict[type[n.Expr], Callable[[Any, Any], ast.expr]]] = {
    n.Name: ExpressionCodegen.name,
    n.Literal: ExpressionCodegen.literal,
    n.PatternLiteral: ExpressionCodegen.pattern,
    n.HostLiteral: ExpressionCodegen.host_name,
    n.KeyProduct: ExpressionCodegen.key_product,
    n.Unary: ExpressionCodegen.unary,
    n.Size: ExpressionCodegen.size,
    n.Step: ExpressionCodegen.step_value,
    n.Binary: ExpressionCodegen.binary,
    n.Conditional: ExpressionCodegen.conditional,
    n.Assign: ExpressionCodegen.assign_value,
    n.LocalAssign: ExpressionCodegen.local_assign,
    n.Call: ExpressionCodegen.call_expr,
    n.HookCall: ExpressionCodegen.hook_call,
    n.EventCall: ExpressionCodegen.event_call,
    n.Schedule: ExpressionCodegen.schedule,
    n.Index: ExpressionCodegen.index,
    n.Slice: ExpressionCodegen.slice,
    n.FieldAccess: ExpressionCodegen.field_access,
    n.HasField: ExpressionCodegen.has_field,
    n.RecordConstructor: ExpressionCodegen.record_constructor,
    n.Constructor: ExpressionCodegen.constructor,
    n.Lambda: ExpressionCodegen.lambda_expr,
    n.Cast: ExpressionCodegen.cast,
    n.IsType: ExpressionCodegen.is_type,
    n.CopyExpr: ExpressionCodegen.copy_expr,
    n.TypeValue: ExpressionCodegen.type_value,
    n.Coerce: ExpressionCodegen.coerce,
    n.BadExpr: ExpressionCodegen.bad,
}
