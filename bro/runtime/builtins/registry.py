"""The registry of built-in functions: Bro signature to Python function.

A built-in is a plain Python function with its Bro signature beside it::

    @builtin("function to_upper(str: string): string")
    def to_upper(str: bytes) -> bytes: ...

The decorator does not wrap: the compiled script calls the function itself.  Nothing is parsed at import
either; only the name is cut out of the signature.  The compiler parses the signature when it compiles a
script that needs it.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeVar

    _F = TypeVar("_F", bound=Callable[..., Any])


class Builtin:
    """One registered built-in function."""

    __slots__ = ("_function", "asynchronous", "attribute", "module", "name", "signature", "typed")

    def __init__(
        self,
        name: str,
        signature: str,
        module: str,
        attribute: str,
        asynchronous: bool,
        typed: bool,
        function: Callable[..., Any] | None = None,
    ) -> None:
        self.name = name  #: full Bro name, with its module if it has one ("Reporter::info", "fmt")
        self.signature = signature  #: declaration in Bro's syntax, without the closing semicolon
        self.module = module  #: Python module that defines it, for programs that import only what they use
        self.attribute = attribute  #: its name there
        self.asynchronous = asynchronous  #: returns a pending result; only for conditions of `when`
        self.typed = typed  #: takes the static types of its arguments as keyword `types` (see `builtin`)
        self._function = function

    @property
    def function(self) -> Callable[..., Any]:
        """What a call runs; its module is imported for it."""
        if self._function is None:
            self._function = getattr(import_module(self.module), self.attribute)
        return self._function

    def is_of(self, function: Any) -> bool:
        """Whether a function is this one.  If it were, its module would have been imported."""
        return self._function is not None and self._function is function


#: All built-ins known so far, by full Bro name.  Filled by importing the subject modules, or by `use`.
BUILTINS: Final[dict[str, Builtin]] = {}

_PACKAGE: Final = "bro.runtime.builtins"

#: Name, signature, module, attribute, whether asynchronous, whether typed: what `Builtin` takes.
Entry = tuple[str, str, str, str, bool, bool]

#: whether `BUILTINS` has all that come with the package
_complete = False


def builtin(signature: str, *, asynchronous: bool = False, typed: bool = False) -> Callable[[_F], _F]:
    """Register the decorated function as the built-in declared by `signature`.

    :param signature: ``function NAME(PARAMS): RESULT`` in Bro's syntax, module-qualified where it has a
        module.
    :param asynchronous: the function returns a pending result that a `when` statement waits for.
    :param typed: reserved for built-ins that need static types which no argument carries: the compiler then
        passes ``types=(type of each argument, ...)`` as one more keyword argument, a constant of the call
        site.
    """
    head = signature.index(" ") + 1
    name = signature[head : signature.index("(", head)].strip()

    def register(function: _F) -> _F:
        known = BUILTINS.get(name)
        if known is not None and known.module != function.__module__ and not known.is_of(function):
            raise ValueError(f"built-in {name} is defined in both {known.module} and {function.__module__}")
        module, attribute = function.__module__, function.__name__
        BUILTINS[name] = Builtin(name, signature, module, attribute, asynchronous, typed, function)
        return function

    return register


def load_all() -> dict[str, Builtin]:
    """Import every subject module of this package and return the filled registry.

    A program out of the cache does not call this, it imports the modules it uses by name; nor does the
    compiler where the cache has what `catalogue` gave.
    """
    global _complete
    from pkgutil import iter_modules  # only for compiling

    for info in iter_modules(import_module(_PACKAGE).__path__):
        if not info.name.startswith("_"):
            import_module(f"{_PACKAGE}.{info.name}")
    _complete = True
    return BUILTINS


def catalogue() -> list[Entry]:
    """The built-ins of this package as plain values, for `use`."""
    return [
        (b.name, b.signature, b.module, b.attribute, b.asynchronous, b.typed)
        for b in load_all().values()
        if b.module.startswith(_PACKAGE)
    ]


def use(entries: list[Entry]) -> None:
    """Take what `catalogue` gave, so that `known` imports nothing.

    It has to be of the same version of the package: the key of the cache sees to that.
    """
    global _complete
    for entry in entries:
        if entry[0] not in BUILTINS:
            BUILTINS[entry[0]] = Builtin(*entry)
    _complete = True


def known() -> dict[str, Builtin]:
    """All built-ins, whether their modules are imported or not."""
    return BUILTINS if _complete else load_all()
