"""The registry of built-in functions: Bro signature to Python function.

A built-in is a plain Python function with its Bro signature beside it::

    @builtin("function to_upper(str: string): string")
    def to_upper(str: bytes) -> bytes: ...

The decorator does not wrap: the compiled script calls the function itself.  Nothing is parsed at import
either; only the name is cut out of the signature.  The compiler parses the signature when it compiles a
script that needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


class Builtin(NamedTuple):
    """One registered built-in function."""

    name: str  #: full Bro name, with its module if it has one ("Reporter::info", "fmt")
    signature: str  #: declaration in Bro's syntax, without the closing semicolon
    function: Callable[..., Any]  #: what a call runs
    module: str  #: Python module that defines it, for programs that import only what they use
    asynchronous: bool  #: returns a pending result and may only be called in a `when` condition
    typed: bool  #: takes the static types of its arguments as keyword `types` (see `builtin`)


#: All built-ins known so far, by full Bro name.  Filled by importing the subject modules.
BUILTINS: Final[dict[str, Builtin]] = {}


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
        if known is not None and known.function is not function and known.module != function.__module__:
            raise ValueError(f"built-in {name} is defined in both {known.module} and {function.__module__}")
        BUILTINS[name] = Builtin(name, signature, function, function.__module__, asynchronous, typed)
        return function

    return register


def load_all() -> dict[str, Builtin]:
    """Import every subject module of this package and return the filled registry.

    The compiler calls this; a program out of the cache does not, it imports the modules it uses by name.
    """
    from pkgutil import iter_modules  # only for compiling

    package = import_module("bro.runtime.builtins")
    for info in iter_modules(package.__path__):
        if not info.name.startswith("_"):
            import_module(f"bro.runtime.builtins.{info.name}")
    return BUILTINS
