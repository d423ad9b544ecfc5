"""The checker's part for operators and assignments.

The mode it gives a `Binary` tells the code generator what the operator does to these types:

* `number`, `count`, `int`: arithmetic on doubles and times, on counts (range checked), on ints (likewise);
* `compare`, `logic`, `string`, `bits`: what Python's operator of the same meaning does;
* `set`, `pattern`, `vector`: algebra on those;
* for `in`: `contains` (Python's), `embedded` (pattern in string), `index` (of a table), `subnet`, `pattern`
  (tables looked up by containment), `vector` (an index of a vector);
* for `==`: `exact` (pattern and string).
"""

from __future__ import annotations

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check_conversions import ConversionChecker
from bro.script.diagnostics import suggest
from bro.script.lexer import ATTRIBUTES
from bro.script.scope import Local, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_ORDERED: Final = frozenset(
    ["count", "int", "double", "time", "interval", "string", "port", "addr", "subnet"]
)
_EQUAL: Final = _ORDERED | {
    "bool",
    "enum",
    "pattern",
    "table",
    "opaque",
    "func",
    "file",
    "record",
    "any",
    "type",
}


class OperatorChecker(ConversionChecker):
    """Operators."""

    # ---- unary ---------------------------------------------------------------------------------------------

    def unary(self, node: n.Unary, want: t.Type | None) -> n.Expr:
        node.operand = operand = self.expr(node.operand)
        type_ = operand.type
        op = node.op
        node.type = type_
        if type_.tag == "error":
            return node
        if op == "!":
            if isinstance(type_, t.VectorType) and type_.element is t.BOOL:
                return node
            if type_ is t.ANY:
                node.operand = self.coerce(operand, t.BOOL)
            elif type_ is not t.BOOL:
                self.error(node, f'"!" is for bools, found {type_.notation()}')
            node.type = t.BOOL
            return node
        if op == "~":
            if type_ is not t.COUNT:
                self.error(node, f'"~" is for counts, found {type_.notation()}')
            return node
        if isinstance(operand, n.Literal) and operand.tag in ("count", "int", "double", "interval"):
            value = -operand.value if op == "-" else operand.value
            tag = "int" if operand.tag == "count" else operand.tag
            if tag == "int" and not -(2**63) <= value < 2**63:
                self.error(node, "this number is too large for an int")
                value = 0
            literal = n.Literal(node.start, node.end, tag, value)
            literal.type = t.SIMPLE[tag]
            return literal
        if type_ is t.COUNT:
            node.type = t.INT
        elif type_.tag not in ("int", "double", "interval"):
            if isinstance(type_, t.VectorType) and type_.element in t.NUMERIC:
                if type_.element is t.COUNT:
                    node.type = t.VectorType(t.INT)
                return node
            self.error(node, f'"{op}" is for numbers and intervals, found {type_.notation()}')
            node.type = t.ERROR
        return node

    #: The subtraction that `|...|` was last put around: |a - b| is how far two counts are apart, which is no
    #: underflow.
    distance: n.Binary | None = None

    def size(self, node: n.Size, want: t.Type | None) -> n.Expr:
        if isinstance(node.operand, n.Binary) and node.operand.op == "-":
            self.distance = node.operand
        node.operand = self.expr(node.operand)
        type_ = node.operand.type
        tag = type_.tag
        if tag in ("string", "table", "vector", "record", "addr", "bool", "count", "int", "any", "error"):
            node.type = t.COUNT
        elif tag == "enum":
            node.type = t.INT
        elif tag in ("double", "interval", "time", "subnet", "file"):
            node.type = t.DOUBLE
        else:
            self.error(node, f"|...| has no meaning for {type_.notation()}")
            node.type = t.COUNT
        return node

    def step(self, node: n.Step, want: t.Type | None) -> n.Expr:
        node.target = self.target(node.target, node is self.alone)
        type_ = node.target.type
        node.type = type_
        if type_.tag in ("count", "int", "error"):
            return node
        if isinstance(type_, t.VectorType) and type_.element in t.INTEGRAL:
            return node
        self.error(node, f'"{node.op}" is for counts and ints, found {type_.notation()}')
        return node

    # ---- binary --------------------------------------------------------------------------------------------

    def binary(self, node: n.Binary, want: t.Type | None) -> n.Expr:
        # A long chain such as a + b + c is a deep tree on the left: it is gone down in a loop.
        chain: list[n.Binary] = []
        current: n.Expr = node
        while isinstance(current, n.Binary) and current.type is t.ERROR and not current.mode:
            chain.append(current)
            current = current.left
        if not chain:  # it was checked before, as part of what a list or a redefinition was made into
            return node
        left = self.operand(current, chain[-1], want)
        for part in reversed(chain):
            op = part.op
            if op in ("in", "!in"):
                left = self.membership(part, left)
                continue
            hint = (
                want if op in ("|", "&", "-", "+") and isinstance(want, (t.TableType, t.VectorType)) else None
            )
            if isinstance(left.type, t.TableType) and not left.type.unspecified:
                hint = left.type
            if op == "&" and isinstance(part.right, n.Name) and self.meant_as_attribute(part.right):
                return part
            right = self.expr(part.right, hint)
            left = self.binary_types(part, op, left, right)
        return left

    def meant_as_attribute(self, node: n.Name) -> bool:
        """Whether `&name` behind a value is no operator, but an attribute that does not exist; then it is an
        error.
        """
        text, start, name = self.source.text, node.start, node.name
        if text[start - 1 : start] != "&" or not text[start - 2 : start - 1].isspace():
            return False
        if self.find(name) is not None or (
            self.function is not None and self.function.find(name) is not None
        ):
            return False
        self.diagnostics.error(
            f'there is no attribute "&{name}"', self.source, start - 1, node.end, suggest(name, ATTRIBUTES)
        )
        return True

    def operand(self, node: n.Expr, parent: n.Binary, want: t.Type | None) -> n.Expr:
        """The leftmost operand of a chain."""
        if parent.op in ("in", "!in") and isinstance(node, (n.ListExpr, n.RecordConstructor)):
            return node  # what it is depends on what it is looked up in
        hint = want if parent.op in ("|", "&", "-") and isinstance(want, t.TableType) else None
        return self.expr(node, hint)

    def binary_types(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        """Types, conversions and mode of an operator with checked operands."""
        node.left, node.right = left, right
        a, b = left.type, right.type
        if a.tag == "error" or b.tag == "error":
            node.type = t.BOOL if op in _COMPARISONS or op in ("&&", "||") else t.ERROR
            node.mode = "error"
            return node
        if t.ANY in (a, b) and op not in ("==", "!="):
            return self.with_any(node, op, left, right)
        vectors = isinstance(a, t.VectorType) or isinstance(b, t.VectorType)
        if vectors and not (op in ("==", "!=") and t.ANY in (a, b)):
            return self.vector_operator(node, op, a, b)
        if op in ("&&", "||"):
            for side in (left, right):
                if side.type is not t.BOOL:
                    self.error(
                        side, f'"{op}" is for bools, found {side.type.notation()}', self.size_hint(side.type)
                    )
            node.type, node.mode = t.BOOL, "logic"
            return node
        if op in _COMPARISONS:
            return self.comparison(node, op, left, right)
        return self.arithmetic(node, op, left, right)

    def size_hint(self, type_: t.Type) -> str:
        if type_ in t.NUMERIC:
            return "compare it with 0"
        return "compare its size |...| with 0" if type_.tag in ("string", "table", "vector") else ""

    def with_any(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        """An operator on an `any`: the other operand says what it has to be."""
        if left.type is t.ANY and right.type is t.ANY:
            self.error(
                node, f'"{op}" needs to know the types of its operands', "say what they are: (x as TYPE)"
            )
            node.type = t.BOOL if op in _COMPARISONS else t.ERROR
            node.mode = "error"
            return node
        if left.type is t.ANY:
            left = self.coerce(left, right.type)
        else:
            right = self.coerce(right, left.type)
        return self.binary_types(node, op, left, right)

    def comparison(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        a, b = left.type, right.type
        node.type, node.mode = t.BOOL, "compare"
        if a in t.NUMERIC and b in t.NUMERIC:
            return node
        if op in ("==", "!="):
            if {a.tag, b.tag} == {"pattern", "string"}:
                node.mode = "exact"
                return node
            if a is t.ANY or b is t.ANY:
                if a is not b:
                    node.left, node.right = self.coerce(left, t.ANY), self.coerce(right, t.ANY)
                return node
        if a.tag == b.tag and a.tag in (_EQUAL if op in ("==", "!=") else _ORDERED):
            if (
                a.tag in ("enum", "record", "func")
                and a != b
                and not (self.conversion(a, b) or self.conversion(b, a))
            ):
                self.error(node, f"values of type {a.notation()} and {b.notation()} are never equal")
            elif a.tag == "table":
                return self.table_comparison(node, a, b)
            if a.tag in ("enum", "func"):
                node.mode = "identity"
            return node
        if a.tag == b.tag == "table":
            return self.table_comparison(node, a, b)
        if {a.tag, b.tag} == {"time", "double"}:
            self.deprecation(node, "a time is compared with a number: write double_to_time(...)")
            return node
        self.error(
            node, f'"{op}" cannot compare {a.notation()} with {b.notation()}', self.comparison_hint(a, b)
        )
        return node

    def comparison_hint(self, a: t.Type, b: t.Type) -> str:
        tags = {a.tag, b.tag}
        if tags & {"interval"} and tags & {"count", "int", "double"}:
            return "write the number with its unit, such as 5 sec"
        if tags == {"addr", "subnet"} or "table" in tags:
            return 'use "in"'
        if tags == {"port", "count"}:
            return "write the port with its protocol, such as 80/tcp, or use port_to_count()"
        if "enum" in tags and tags & {"count", "int"}:
            return "use enum_to_int()"
        return ""

    def table_comparison(self, node: n.Binary, a: t.Type, b: t.Type) -> n.Expr:
        assert isinstance(a, t.TableType) and isinstance(b, t.TableType)
        if not (a.is_set and b.is_set):
            self.error(node, "tables cannot be compared, only sets")
        elif a != b and not a.unspecified and not b.unspecified:
            self.error(node, f"values of type {a.notation()} and {b.notation()} cannot be compared")
        node.mode = "set"
        return node

    def arithmetic(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        a, b = left.type, right.type
        if a in t.NUMERIC and b in t.NUMERIC:
            return self.numeric(node, op, left, right)
        result = _MIXED.get((op, a.tag, b.tag))
        if result is not None:
            if op == "/":
                self.check_divisor(node, right)
            node.type, node.mode = t.SIMPLE[result], "number" if result != "string" else "string"
            return node
        if op == "/" and a is t.ADDR and b in t.INTEGRAL:
            return self.mask(node, left, right)
        if (
            isinstance(a, t.TableType)
            and isinstance(b, t.TableType)
            and a.is_set
            and b.is_set
            and op in ("|", "&", "-")
        ):
            if a != b and not a.unspecified and not b.unspecified:
                self.error(node, f'"{op}" is for sets of one type, found {a.notation()} and {b.notation()}')
            node.type, node.mode = (b if a.unspecified else a), "set"
            return node
        if a is t.PATTERN and b is t.PATTERN and op in ("|", "&"):
            node.type, node.mode = t.PATTERN, "pattern"
            return node
        hint = ""
        if op == "+" and t.STRING in (a, b):
            hint = "use cat() or fmt() to make strings of other values"
        self.error(node, f'"{op}" cannot be used on {a.notation()} and {b.notation()}', hint)
        node.type, node.mode = t.ERROR, "error"
        return node

    def numeric(self, node: n.Binary, op: str, left: n.Expr, right: n.Expr) -> n.Expr:
        a, b = left.type, right.type
        if op in ("&", "|", "^"):
            if a is not t.COUNT or b is not t.COUNT:
                self.error(node, f'"{op}" is for counts, found {a.notation()} and {b.notation()}')
            node.type, node.mode = t.COUNT, "bits"
            return node
        if op in ("<<", ">>"):
            if t.DOUBLE in (a, b):
                self.error(node, f'"{op}" is for whole numbers, found {a.notation()} and {b.notation()}')
            elif isinstance(right, n.Literal) and not 0 <= right.value < 64:
                self.error(node, f"shift by {right.value} bits: a number has 64")
            node.type, node.mode = a, "bits"
            return node
        if t.DOUBLE in (a, b):
            if op == "%":
                self.error(node, '"%" is for whole numbers')
            elif op == "/":
                self.check_divisor(node, right)
            node.left, node.right = self.coerce(left, t.DOUBLE), self.coerce(right, t.DOUBLE)
            node.type, node.mode = t.DOUBLE, "number"
            return node
        node.type = t.INT if t.INT in (a, b) else t.COUNT
        if node is self.distance and node.type is t.COUNT:
            if not (isinstance(left, n.Literal) and isinstance(right, n.Literal)):
                node.type = t.INT
            elif left.value < right.value:
                left, right = node.left, node.right = right, left
        node.mode = node.type.tag
        if isinstance(left, n.Literal) and isinstance(right, n.Literal):
            return self.folded(node, op, left.value, right.value)
        if op in ("/", "%"):
            self.check_divisor(node, right)
        return node

    def check_divisor(self, node: n.Expr, divisor: n.Expr) -> None:
        """Complain of a division whose divisor is the constant 0."""
        if isinstance(divisor, n.Literal) and divisor.value == 0:
            self.error(node, "division by zero")

    def folded(self, node: n.Binary, op: str, a: int, b: int) -> n.Expr:
        """Arithmetic on two constants."""
        if op in ("/", "%"):
            if b == 0:
                self.error(node, "division by zero")
                return node
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            value = quotient if op == "/" else a - b * quotient
        else:
            value = a + b if op == "+" else a - b if op == "-" else a * b
        low, high = (0, 2**64) if node.type is t.COUNT else (-(2**63), 2**63)
        if not low <= value < high:
            hint = "write +5 instead of 5 to make it an int" if value < 0 else ""
            self.error(node, f"the result {value} is outside of the range of a {node.type.notation()}", hint)
            value = 0
        literal = n.Literal(node.start, node.end, node.type.tag, value)
        literal.type = node.type
        return literal

    def mask(self, node: n.Binary, left: n.Expr, right: n.Expr) -> n.Expr:
        """`address / width`"""
        node.type, node.mode = t.SUBNET, "mask"
        if isinstance(left, n.Literal) and isinstance(right, n.Literal):
            widest = 128 if ":" in left.value else 32
            if right.value > widest:
                self.error(right, f"this address has {widest} bits")
            else:
                literal = n.Literal(node.start, node.end, "subnet", f"{left.value}/{right.value}")
                literal.type = t.SUBNET
                return literal
        elif isinstance(right, n.Literal) and not 0 <= right.value <= 128:
            self.error(right, "the width of a subnet is at most 128, for IPv4 at most 32")
        return node

    def vector_operator(self, node: n.Binary, op: str, a: t.Type, b: t.Type) -> n.Expr:
        """An operator on the elements of vectors."""
        left = a.element if isinstance(a, t.VectorType) else a
        right = b.element if isinstance(b, t.VectorType) else b
        if t.ANY in (left, right):
            self.error(node, f'"{op}" needs to know the types of the elements')
            node.type, node.mode = t.ERROR, "error"
            return node
        x, y = n.BadExpr(node.left.start, node.left.end), n.BadExpr(node.right.start, node.right.end)
        x.type, y.type = left, right
        inner = self.binary_types(n.Binary(node.start, node.end, op, x, y), op, x, y)
        if isinstance(inner, n.Binary) and inner.mode in ("mask", "set", "pattern", "vector"):
            self.error(node, f'"{op}" does not go over the elements of {a.notation()} and {b.notation()}')
        if op in ("/", "%"):
            self.check_divisor(node, node.right)
        node.mode = "vector"
        node.type = t.ERROR if inner.type.tag == "error" else t.VectorType(inner.type)
        return node

    # ---- in ------------------------------------------------------------------------------------------------

    def membership(self, node: n.Binary, left: n.Expr) -> n.Expr:
        node.right = right = self.expr(node.right)
        node.type = t.BOOL
        container = right.type
        if isinstance(container, t.TableType):
            return self.table_membership(node, left, container)
        if left.type is t.ERROR or isinstance(left, (n.ListExpr, n.RecordConstructor)):
            left = self.expr(left)
        node.left = left
        item = left.type
        if item.tag == "error" or container.tag == "error":
            node.mode = "error"
        elif container is t.STRING and item is t.STRING:
            node.mode = "contains"
        elif container is t.STRING and item is t.PATTERN:
            node.mode = "embedded"
        elif container is t.SUBNET and item in (t.ADDR, t.SUBNET):
            node.mode = "contains"
        elif isinstance(container, t.VectorType) and item in t.INTEGRAL:
            node.mode = "vector"
        else:
            hint = ""
            if container is t.PATTERN and item is t.STRING:
                hint = "write the pattern on the left: pattern in string"
            elif isinstance(container, t.VectorType):
                hint = 'for a vector, "in" asks for an index'
            elif container is t.ANY:
                hint = "say what it is: (x as TYPE)"
            self.error(node, f'"{node.op}" cannot look for {item.notation()} in {container.notation()}', hint)
            node.mode = "error"
        return node

    def table_membership(self, node: n.Binary, left: n.Expr, container: t.TableType) -> n.Expr:
        index = container.index_types
        node.mode = "index"
        if container.unspecified:
            node.left = self.expr(left)
            return node
        if isinstance(left, n.ListExpr) and len(left.items) == len(index):
            left.items = [self.value(i, w, "the index") for i, w in zip(left.items, index, strict=True)]
            left.type = t.ListType(index)
            node.left = left.items[0] if len(index) == 1 else left
            return node
        if isinstance(left, n.ListExpr):
            self.error(left, f"the index has {len(index)} parts, found {len(left.items)}")
            return node
        left = (
            self.expr(left, index[0])
            if isinstance(left, n.RecordConstructor) or left.type is t.ERROR
            else left
        )
        if len(index) > 1:
            if left.type.tag != "error":
                parts = ", ".join(i.notation() for i in index)
                self.error(node, f"the index has {len(index)} parts", f"write [{parts}] in ...")
        elif index[0] is t.SUBNET and left.type in (t.ADDR, t.SUBNET):
            node.mode = "subnet"
        elif index[0] is t.PATTERN and left.type is t.STRING:
            node.mode = "pattern"
        else:
            left = self.coerce(left, index[0], "the index")
        node.left = left
        return node

    # ---- assignment ----------------------------------------------------------------------------------------

    def target(self, node: n.Expr, alone: bool = False) -> n.Expr:
        """What is assigned to.

        :param alone: nothing goes on with the value that is assigned
        """
        if isinstance(node, n.Name):
            local = self.function.find(node.name) if self.function is not None else None
            before = local is None or local.used
            checked = self.expr(node)
            symbol = node.symbol
            if isinstance(symbol, Local):
                symbol.assigned = True
                if symbol is local and alone:
                    symbol.used = before  # to give it a value is no use of it
                captured: Local | None = symbol
                while captured is not None:  # it is a variable of the functions around as well
                    captured.assigned = True
                    captured = next((o for o, i, _ in captured.owner.captures if i is captured), None)
                if symbol.constant:
                    self.error(node, f'"{node.name}" is a constant')
            elif isinstance(symbol, Symbol):
                self.global_target(node, symbol)
            return checked
        if isinstance(node, n.Index):
            checked = self.index_target(node, "assign")
            base = node.base.type
            if isinstance(base, t.TableType) and base.is_set:
                self.error(node, "a set has no values", 'write "add x[...];"')
            elif base is t.STRING:
                self.error(node, "the parts of a string cannot be assigned")
            return checked
        if isinstance(node, (n.FieldAccess, n.Slice)):
            checked = self.expr(node)
            if isinstance(node, n.Slice) and node.base.type is t.STRING:
                self.error(node, "the parts of a string cannot be assigned")
            return checked
        checked = self.expr(node)
        if checked.type.tag != "error" or not isinstance(node, n.BadExpr):
            self.error(node, "this cannot be assigned to")
        return checked

    def global_target(self, node: n.Name, symbol: Symbol) -> None:
        symbol.attrs["assigned"] = True
        if symbol.kind == "variable":
            if symbol.option:
                self.error(
                    node,
                    f'"{node.name}" is an option',
                    "an option changes by redef or by Config::set_value()",
                )
            elif symbol.constant:
                hint = 'use "redef" outside of functions' if symbol.redef else ""
                self.error(node, f'"{node.name}" is a constant', hint)
        elif symbol.kind != "function":
            self.error(node, f'"{node.name}" cannot be assigned to')

    def index_target(self, node: n.Index, what: str) -> n.Expr:
        raise NotImplementedError

    def assign(self, node: n.Assign, want: t.Type | None) -> n.Expr:
        target = self.target(node.target, node is self.alone)
        node.target = target
        type_ = target.type
        node.type = type_
        if node.op == "=":
            node.value = self.assigned(node.value, type_, self.target_name(target))
            if isinstance(target, n.Name) and isinstance(target.symbol, Symbol):
                node.value = self.raw_if("raw_output" in target.symbol.attrs, node.value)
            node.mode = "assign"
            return node
        return self.compound(node, target, type_)

    def target_name(self, target: n.Expr) -> str:
        if isinstance(target, n.Name):
            return f'"{target.name}"'
        if isinstance(target, n.FieldAccess):
            return f'the field "{target.name}"'
        return "the element" if isinstance(target, n.Index) else ""

    def compound(self, node: n.Assign, target: n.Expr, type_: t.Type, redef: bool = False) -> n.Expr:
        """`+=` and `-=`; the mode says what they do: arithmetic, or changing a container."""
        node.type = type_
        node.target = target
        op = node.op
        if isinstance(type_, t.TableType):
            node.value = self.value(node.value, type_, f'"{op}"')
            node.mode = "update" if op == "+=" else "remove"
            return node
        if isinstance(type_, t.VectorType):
            return self.vector_compound(node, type_)
        if type_ is t.PATTERN and op == "+=":
            node.value = self.value(node.value, t.PATTERN, f'"{op}"')
            node.mode = "pattern"
            return node
        if type_.tag == "error":
            node.value = self.expr(node.value)
            return node
        value = self.expr(node.value, type_)
        if type_ is t.DOUBLE and isinstance(value, n.Literal):
            value = self.coerce(value, type_)
        if type_ is t.ANY:
            self.error(node, f'"{op}" needs to know the type of the variable')
            node.value = value
            return node
        binary = n.Binary(node.start, node.end, op[0], target, value)
        checked = self.binary_types(binary, op[0], target, value)
        if (
            checked.type.tag != "error"
            and checked.type != type_
            and not (checked.type is t.COUNT and type_ is t.INT)
        ):
            self.error(node, f'"{op}" would turn this {type_.notation()} into {checked.type.notation()}')
        node.value = checked
        node.mode = "compute"
        return node

    def vector_compound(self, node: n.Assign, type_: t.VectorType) -> n.Expr:
        if node.op != "+=" or isinstance(node.target, n.Slice):
            node.value = self.expr(node.value)
            what = "slices" if isinstance(node.target, n.Slice) else "vectors"
            self.error(node, f'"{node.op}" is not for {what}')
            return node
        hint: t.Type | None = type_.element
        if isinstance(node.value, n.Constructor):
            # A vector of vectors may get a further element, or several.
            several = node.value.kind == "{" or not isinstance(type_.element, t.VectorType)
            hint = type_ if several else None
        value = self.expr(node.value, hint)
        if (
            isinstance(value.type, t.VectorType)
            and self.conversion(value.type, type_)
            and value.type != type_.element
        ):
            node.value = self.coerce(value, type_)
            node.mode = "extend"
        else:
            node.value = self.coerce(value, type_.element, "the element")
            node.mode = "append"
        return node

    def local_assign(self, node: n.LocalAssign, want: t.Type | None) -> n.Expr:
        node.value = self.expr(node.value)
        node.type = t.BOOL
        if self.function is None or self.function.flavor != "when":
            self.error(node, "a variable is declared inside of an expression only in the condition of a when")
            return node
        type_ = node.value.type
        if type_.tag == "void":
            self.error(node.value, f'"{node.name}" gets its type from its value, and this gives none')
            type_ = t.ERROR
        node.local = self.function.declare(node.name, type_, node.start)
        node.local.assigned = True
        return node


_COMPARISONS: Final = frozenset(["==", "!=", "<", "<=", ">", ">="])

#: Results of arithmetic on times, intervals and strings.
_MIXED: Final = {
    ("+", "time", "interval"): "time",
    ("+", "interval", "time"): "time",
    ("+", "interval", "interval"): "interval",
    ("-", "time", "interval"): "time",
    ("-", "time", "time"): "interval",
    ("-", "interval", "interval"): "interval",
    ("*", "interval", "count"): "interval",
    ("*", "interval", "int"): "interval",
    ("*", "interval", "double"): "interval",
    ("*", "count", "interval"): "interval",
    ("*", "int", "interval"): "interval",
    ("*", "double", "interval"): "interval",
    ("/", "interval", "interval"): "double",
    ("/", "interval", "count"): "interval",
    ("/", "interval", "int"): "interval",
    ("/", "interval", "double"): "interval",
    ("+", "string", "string"): "string",
}
