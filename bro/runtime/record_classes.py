"""The classes of a program's record types, each made when it is first needed.

The default scripts have hundreds of record types, and a run makes records of few of them; to make all the
classes would take a tenth of the start.
"""

from __future__ import annotations

from types import FunctionType

from bro.runtime.values import record_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from bro.runtime.values import Record
    from bro.script.types import RecordType

    #: Name of the class, names of the fields, code of the constructor, its defaults.
    Declared = tuple[str, tuple[str, ...], Any, tuple[Any, ...]]


class RecordClasses:
    """The classes by the full names of their types; generated code finds them in the namespace as well."""

    def __init__(
        self, declared: dict[str, Declared], namespace: dict[str, Any], find: Callable[[str], RecordType]
    ) -> None:
        """:param find: the record type of a full name"""
        self._declared = declared
        self._namespace = namespace
        self._find = find
        self._made: dict[str, type[Record]] = {}
        for name, (py, _, _, _) in declared.items():
            namespace[py] = _Later(name, self)

    def __getitem__(self, name: str) -> type[Record]:
        """The class of a record type.

        :raises KeyError: when there is no such type
        """
        found = self._made.get(name)
        if found is None:
            py, fields, code, defaults = self._declared[name]
            init = FunctionType(code, self._namespace, py, defaults)
            found = self._made[name] = record_class(name, py, fields, init, self._find)
            self._namespace[py] = found
        return found

    def get(self, name: str) -> type[Record] | None:
        return self[name] if name in self._declared else None

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


class _Later:
    """Stands in the namespace for a class that was not made yet; generated code only calls it."""

    __slots__ = ("_classes", "_name")

    def __init__(self, name: str, classes: RecordClasses) -> None:
        self._name = name
        self._classes = classes

    def __call__(self, *args: Any, **named: Any) -> Record:
        return self._classes[self._name](*args, **named)
