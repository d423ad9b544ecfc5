"""Functions whose code is read when they are first called.

The default scripts have hundreds of functions, and a run calls few of them: most are about protocols that
do not occur, or frameworks nobody uses.  The cache keeps the code of each as bytes.  When a program is put
together, a function is made that has these bytes and a stand-in's code; called, it gets its own code and is
called again.  It stays the same object, so whoever holds it (a dispatcher, a table of the script) need not
know.
"""

from __future__ import annotations

import marshal
import sys
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Final

#: From Python 3.13 on, functions whose code was exchanged are called more slowly for ever.
POSSIBLE: Final = sys.version_info < (3, 13)

#: A file's functions: name and code of each.
Packed = tuple[tuple[str, bytes], ...]


def pack(code: CodeType) -> CodeType | Packed:
    """The functions that a piece of code defines; the code itself if it does anything else."""
    if not POSSIBLE:
        return code
    defined: dict[str, Any] = {}
    try:
        exec(code, {"__builtins__": {}}, defined)
    except NameError:  # it makes values for the functions as well
        return code
    packed = []
    for name, function in defined.items():
        if not isinstance(function, FunctionType) or function.__defaults__ or function.__kwdefaults__:
            return code
        if function.__closure__ or function.__dict__ or function.__annotations__:
            return code
        packed.append((name, marshal.dumps(function.__code__)))
    return tuple(packed)


def _stand_in(*args: Any, _own: Any, **named: Any) -> Any:
    return _own(args, named)


_CODE: Final = _stand_in.__code__


class _Own:
    """The code of a function, and the function."""

    __slots__ = ("code", "function")

    def __init__(self, code: bytes, function: FunctionType) -> None:
        self.code = code
        self.function = function

    def __call__(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        function = self.function
        if function.__code__ is _CODE:
            function.__kwdefaults__ = None
            function.__code__ = marshal.loads(self.code)
        return function(*args, **named)


def define(packed: Packed, namespace: dict[str, Any]) -> None:
    """Put functions into a namespace."""
    for name, code in packed:
        function = FunctionType(_CODE, namespace, name)
        function.__kwdefaults__ = {"_own": _Own(code, function)}
        namespace[name] = function


def own_code(function: Any) -> CodeType | None:
    """The code of a function of a script, read now if it has not been called; None for what has none."""
    code: CodeType | None = getattr(function, "__code__", None)
    if code is _CODE:
        own = function.__kwdefaults__["_own"]
        function.__kwdefaults__ = None
        function.__code__ = code = marshal.loads(own.code)
    return code
