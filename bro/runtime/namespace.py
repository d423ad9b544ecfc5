"""The names that generated code uses besides those of the script and of Python.

Each is a function or class of the runtime; a program's namespace begins with all of them.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: Where each helper comes from: module below `bro.runtime`, and its name there.
HELPERS: Final[dict[str, tuple[str, str]]] = {
    "Boxed": ("values", "Boxed"),
    "KeyList": ("values", "KeyList"),
    "Set": ("tables", "Set"),
    "Table": ("tables", "Table"),
    "TableSpec": ("tables", "TableSpec"),
    "assertion_failed": ("errors", "assertion_failed"),
    "assertion_passed": ("errors", "assertion_passed"),
    "copy_value": ("values", "copy"),
    "changed": ("operations", "changed"),
    "convert_record": ("operations", "convert_record"),
    "convert_vector": ("operations", "convert_vector"),
    "raw_file": ("files", "raw_file"),
    "shift_right": ("operations", "shift_right"),
    "size_of": ("operations", "size_of"),
    "vector_has": ("operations", "vector_has"),
    "fits": ("values", "fits"),
    "host_addresses": ("hosts", "host_addresses"),
    "index_key": ("values", "index_key"),
    "int_div": ("operations", "int_div"),
    "int_mod": ("operations", "int_mod"),
    "int_range": ("operations", "int_range"),
    "key_product": ("operations", "key_product"),
    "log_message": ("notifications", "log_message"),
    "narrow": ("operations", "narrow"),
    "new_set": ("tables", "new_set"),
    "new_table": ("tables", "new_table"),
    "prefetch_hosts": ("hosts", "prefetch_hosts"),
    "print_line": ("files", "print_line"),
    "print_to": ("files", "print_to"),
    "set_field": ("operations", "set_field"),
    "set_item": ("operations", "set_item"),
    "shift_left": ("operations", "shift_left"),
    "step_field": ("operations", "step_field"),
    "step_item": ("operations", "step_item"),
    "string_index": ("operations", "string_index"),
    "string_iter": ("operations", "string_iter"),
    "unbox": ("values", "unbox"),
    "unpacked": ("values", "unpacked"),
    "underflow": ("errors", "underflow"),
    "unset_field": ("errors", "unset_field"),
    "unset_value": ("errors", "unset_value"),
    "vector_assign": ("operations", "vector_assign"),
    "vector_assign_slice": ("operations", "vector_assign_slice"),
    "vector_index": ("operations", "vector_index"),
    "vector_op": ("operations", "vector_op"),
    "vector_step": ("operations", "vector_step"),
    "later": ("when", "later"),
    "when": ("when", "when"),
    "when_returned": ("when", "when_returned"),
    "with_spec": ("tables", "with_spec"),
}


#: Modules that many programs never need; what comes from them is only called, never used as a value.
_RARE: Final = frozenset(["files", "hosts", "notifications", "operations", "when"])


class Deferred:
    """Stands in a namespace for a function whose module is imported when it is called first.

    Generated code looks names up at each call, so the second call finds the function itself.
    """

    __slots__ = ("attribute", "module", "name", "namespace")

    def __init__(self, namespace: dict[str, Any], name: str, module: str, attribute: str) -> None:
        self.namespace = namespace
        self.name = name  #: in the namespace
        self.module = module
        self.attribute = attribute  #: its name in the module

    def function(self) -> Any:
        """The function, which takes its place in the namespace."""
        found = getattr(import_module(self.module), self.attribute)
        if self.namespace.get(self.name) is self:
            self.namespace[self.name] = found
        return found

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.function()(*args, **named)


def add_helpers(namespace: dict[str, Any]) -> None:
    """Put the helpers into a namespace by their names in generated code."""
    modules: dict[str, Any] = {}
    for name, (module, attribute) in HELPERS.items():
        found = modules.get(module)
        if found is None:
            path = f"bro.runtime.{module}"
            loaded = sys.modules.get(path)
            if loaded is None and module in _RARE:
                namespace[name] = Deferred(namespace, name, path, attribute)
                continue
            found = modules[module] = loaded or import_module(path)
        namespace[name] = getattr(found, attribute)
