"""The tree that the parser makes of a script.

Every node knows where it stands: `start` and `end` are offsets into its source.  Expressions get their `type`
from the checker, which also resolves names (`Name.symbol`) and puts `Coerce` nodes where a value changes its
type.
"""

from __future__ import annotations

from types import FunctionType

from bro.script.types import ERROR, Type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    from bro.script.diagnostics import Source
    from bro.script.scope import Local, Symbol

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_: object) -> object:
        """What only those who check types need."""
        return lambda function: function


# Nodes are like data classes; making those takes five times as long, and everybody who changes a script waits
# for it.


class _Later:
    """The value a field has until the checker gives it another."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def field(*, init: bool = False, default: Any) -> Any:
    """A field that the constructor does not take."""
    return _Later(default)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def _node(cls: type[_T]) -> type[_T]:
    """Makes a class of nodes: slots for what is annotated, and a constructor."""
    # No metaclass: `isinstance` with classes that have one takes longer.
    body = dict(cls.__dict__)
    base = cls.__base__
    own = tuple(f for f in body.get("__annotations__", ()) if f not in ("_fields", "_later"))
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    later = {**getattr(base, "_later", {})}
    later.update((f, body.pop(f).value) for f in own if isinstance(body.get(f), _Later))
    fields = (*getattr(base, "_fields", ()), *own)
    body["__slots__"], body["_fields"], body["_later"] = own, fields, later
    body["__init__"] = _constructor([f for f in fields if f not in later], later)
    return type(cls.__name__, cls.__bases__, body)


#: Constructors of classes with so many fields, whatever they are called.
_templates: dict[int, FunctionType] = {}


def _constructor(given: list[str], later: dict[str, Any]) -> FunctionType:
    """What sets the fields of a new node: those that are given, and those that get their value later.

    To compile one for each class would take longer than all the rest of making it.  So there is one for each
    number of fields, of which each class has a copy with its own names.
    """
    names = (*given, *later)
    made = _templates.get(len(names))
    if made is None:
        values: dict[str, Any] = {}
        fields = [f"f{i}" for i in range(len(names))]
        assignments = "".join(f" self.{f} = {f}\n" for f in fields)
        exec(f"def __init__(self, {', '.join(fields)}):\n{assignments}", values)
        made = _templates[len(names)] = values["__init__"]
    code = made.__code__.replace(co_names=names, co_varnames=("self", *names))
    return FunctionType(code, {}, "__init__", tuple(later.values()))


@_node
class Node:
    #: names of all fields, and those of them that the constructor does not take, with their values
    _fields: ClassVar[tuple[str, ...]]
    _later: ClassVar[dict[str, Any]]

    start: int
    end: int

    def __repr__(self) -> str:
        slots = [
            s
            for cls in type(self).__mro__
            for s in getattr(cls, "__slots__", ())
            if s not in ("start", "end")
        ]
        return f"{type(self).__name__}({', '.join(f'{s}={getattr(self, s, None)!r}' for s in slots)})"


# ---- types -------------------------------------------------------------------------------------------------


@_node
class TypeExpr(Node):
    """A type as written."""


@_node
class SimpleTypeExpr(TypeExpr):
    """`count`, `string` ...; by the tag of the type."""

    tag: str


@_node
class NamedTypeExpr(TypeExpr):
    name: str


@_node
class TableTypeExpr(TypeExpr):
    """A table, or a set when `yield_type` is None."""

    index: list[TypeExpr]
    yield_type: TypeExpr | None


@_node
class VectorTypeExpr(TypeExpr):
    element: TypeExpr


@_node
class OpaqueTypeExpr(TypeExpr):
    name: str


@_node
class Attr(Node):
    """An attribute: `&name` or `&name=value`."""

    name: str
    value: Expr | None


@_node
class FieldDecl(Node):
    """A field of a record type."""

    name: str
    type_expr: TypeExpr
    attrs: list[Attr]


@_node
class RecordTypeExpr(TypeExpr):
    fields: list[FieldDecl]


@_node
class EnumItem(Node):
    name: str
    value: int | None
    attrs: list[Attr]


@_node
class EnumTypeExpr(TypeExpr):
    items: list[EnumItem]


@_node
class ParamDecl(Node):
    name: str
    type_expr: TypeExpr
    attrs: list[Attr]


@_node
class FuncTypeExpr(TypeExpr):
    """A function, event or hook type; also the head of a definition."""

    flavor: str
    params: list[ParamDecl]
    result: TypeExpr | None
    variadic: bool


# ---- expressions -------------------------------------------------------------------------------------------


@_node
class Expr(Node):
    type: Type = field(init=False, default=ERROR)


@_node
class Name(Expr):
    name: str
    #: what the name stands for: Symbol of a global, Local of a function
    symbol: Symbol | Local | None = field(init=False, default=None)


@_node
class Literal(Expr):
    """A constant: `tag` is the tag of its type, `value` its Python value (addresses and ports as text)."""

    tag: str
    value: Any


@_node
class PatternLiteral(Expr):
    text: str
    flags: str


@_node
class HostLiteral(Expr):
    """A host name, which stands for the set of its addresses."""

    host: str


@_node
class Unary(Expr):
    op: str
    operand: Expr


@_node
class Size(Expr):
    """`|x|`"""

    operand: Expr


@_node
class Step(Expr):
    """`++x` or `--x`"""

    op: str
    target: Expr


@_node
class Binary(Expr):
    op: str
    left: Expr
    right: Expr
    #: how the operator works on these types, found by the checker: see `codegen_operators`
    mode: str = field(init=False, default="")


@_node
class Conditional(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


@_node
class Assign(Expr):
    """`target op value`, op one of = += -="""

    op: str
    target: Expr
    value: Expr
    mode: str = field(init=False, default="")


@_node
class LocalAssign(Expr):
    """`local x = value` inside the condition of a `when`; its value is always true."""

    name: str
    value: Expr
    local: Local | None = field(init=False, default=None)


@_node
class Argument(Expr):
    """`$name = value` in a record constructor."""

    name: str
    value: Expr


@_node
class Call(Expr):
    func: Expr
    args: list[Expr]
    mode: str = field(init=False, default="")


@_node
class HookCall(Expr):
    call: Call


@_node
class EventCall(Expr):
    """`event name(args)`"""

    name: Name
    args: list[Expr]


@_node
class Schedule(Expr):
    delay: Expr
    name: Name
    args: list[Expr]


@_node
class Index(Expr):
    base: Expr
    index: list[Expr]
    mode: str = field(init=False, default="")


@_node
class Slice(Expr):
    base: Expr
    low: Expr | None
    high: Expr | None


@_node
class FieldAccess(Expr):
    base: Expr
    name: str
    #: the record type the field is of, from the checker
    record: Type | None = field(init=False, default=None)


@_node
class HasField(Expr):
    base: Expr
    name: str


@_node
class ListExpr(Expr):
    """`[a, b]`: an index of several parts."""

    items: list[Expr]


@_node
class KeyProduct(Expr):
    """Put in by the checker: all indices with one value of each of the lists, for `[host, [ftp, smtp]]`
    among the elements of a set; a `Coerce` of mode "spread" in a list stands for the elements of a set.
    """

    places: list[ListExpr]


@_node
class RecordConstructor(Expr):
    """`[$a=1]` or `record($a=1)`"""

    fields: list[Argument]


@_node
class KeyValue(Expr):
    """`[key] = value` in a table constructor."""

    key: Expr
    value: Expr


@_node
class Constructor(Expr):
    """`table(...)`, `set(...)`, `vector(...)`, or `{...}` with kind "{"."""

    kind: str
    items: list[Expr]
    attrs: list[Attr]
    #: attributes of the variable that the value is for, from the checker
    spec: Any = field(init=False, default=None)


@_node
class Capture(Node):
    name: str
    copy: bool


@_node
class Lambda(Expr):
    signature: FuncTypeExpr
    captures: list[Capture] | None
    body: Block
    function: Any = field(init=False, default=None)

    def __reduce__(self) -> tuple[Any, ...]:
        # For further units, in which the function is known by its name.
        return (_compiled_lambda, (self.start, self.end, self.type, self.function))


def _compiled_lambda(start: int, end: int, type_: Type, function: Any) -> Lambda:
    node = Lambda(start, end, None, None, None)  # type: ignore[arg-type]
    node.type, node.function = type_, function
    return node


@_node
class Cast(Expr):
    """`value as type`"""

    value: Expr
    type_expr: TypeExpr


@_node
class IsType(Expr):
    """`value is type`"""

    value: Expr
    type_expr: TypeExpr
    target: Type = field(init=False, default=ERROR)


@_node
class CopyExpr(Expr):
    value: Expr


@_node
class TypeValue(Expr):
    """A type used as a value, such as `set[string]` as an argument."""

    type_expr: TypeExpr


@_node
class Coerce(Expr):
    """Put in by the checker: `value` as `type`, the way `mode` says (see `codegen_coercions`)."""

    value: Expr
    mode: str


@_node
class BadExpr(Expr):
    """Where an expression was expected and none was found; already reported."""


# ---- statements --------------------------------------------------------------------------------------------


@_node
class Stmt(Node):
    pass


@_node
class Block(Stmt):
    body: list[Stmt]


@_node
class ExprStmt(Stmt):
    expr: Expr


@_node
class Print(Stmt):
    args: list[Expr]


@_node
class LogStmt(Stmt):
    """`log message`, of the language's first version."""

    args: list[Expr]


@_node
class If(Stmt):
    condition: Expr
    then: Stmt
    otherwise: Stmt | None


@_node
class While(Stmt):
    condition: Expr
    body: Stmt


@_node
class LoopVariable(Node):
    """A variable of a `for`; the name "_" is none."""

    name: str
    local: Local | None = field(init=False, default=None)


@_node
class For(Stmt):
    keys: list[LoopVariable]
    #: the keys are written in brackets
    bracketed: bool
    value: LoopVariable | None
    iterable: Expr
    body: Stmt


@_node
class TypeCase(Node):
    type_expr: TypeExpr
    name: str | None
    local: Local | None = field(init=False, default=None)
    type: Type = field(init=False, default=ERROR)


@_node
class Case(Node):
    """One `case` (or `default`, with neither values nor types) of a switch."""

    values: list[Expr]
    types: list[TypeCase]
    default: bool
    body: list[Stmt]


@_node
class Switch(Stmt):
    value: Expr
    cases: list[Case]


@_node
class Break(Stmt):
    pass


@_node
class Next(Stmt):
    pass


@_node
class Fallthrough(Stmt):
    pass


@_node
class Return(Stmt):
    value: Expr | None


@_node
class When(Stmt):
    captures: list[Capture] | None
    condition: Expr
    body: Stmt
    timeout: Expr | None
    timeout_body: Stmt | None
    returns: bool  #: `return when`
    function: Any = field(init=False, default=None)


@_node
class LocalDecl(Stmt):
    """`local` or `const` in a function."""

    name: str
    type_expr: TypeExpr | None
    init: Expr | None
    attrs: list[Attr]
    constant: bool
    local: Local | None = field(init=False, default=None)
    spec: Any = field(init=False, default=None)


@_node
class Add(Stmt):
    targets: list[Expr]


@_node
class Delete(Stmt):
    targets: list[Expr]


@_node
class Assert(Stmt):
    condition: Expr
    message: Expr | None


# ---- declarations ------------------------------------------------------------------------------------------


@_node
class Decl(Node):
    source: Source
    module: str
    exported: bool


@_node
class GlobalDecl(Decl):
    """`global`, `const` or `option`, by `kind`."""

    kind: str
    name: str
    name_start: int
    type_expr: TypeExpr | None
    init: Expr | None
    attrs: list[Attr]
    symbol: Symbol | None = field(init=False, default=None)


@_node
class TypeDecl(Decl):
    name: str
    name_start: int
    type_expr: TypeExpr
    attrs: list[Attr]


@_node
class RedefDecl(Decl):
    """`redef name op value`; op is "" where only attributes are added."""

    name: Name
    op: str
    value: Expr | None
    attrs: list[Attr]
    symbol: Symbol | None = field(init=False, default=None)


@_node
class RedefEnum(Decl):
    name: Name
    items: list[EnumItem]


@_node
class RedefRecord(Decl):
    name: Name
    fields: list[FieldDecl]
    attrs: list[Attr]


@_node
class RedefField(Decl):
    """`redef record Name$field += { &log }` or ``-=``."""

    name: Name
    field_name: str
    op: str
    attrs: list[Attr]


@_node
class FuncDecl(Decl):
    """The definition of a function, an event handler or a hook handler."""

    name: str
    name_start: int
    signature: FuncTypeExpr
    attrs: list[Attr]
    body: Block
    replaces: bool  #: `redef event`
    symbol: Symbol | None = field(init=False, default=None)
    function: Any = field(init=False, default=None)


@_node
class StmtDecl(Decl):
    """A statement outside of functions, run when the program starts."""

    stmt: Stmt
    function: Any = field(init=False, default=None)
