"""The names that generated code uses besides those of the script and of Python.

Each is a function or class of the runtime; a program's namespace begins with all of them.
"""

from __future__ import annotations

from importlib import import_module
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
    "vector_assign": ("operations", "vector_assign"),
    "vector_assign_slice": ("operations", "vector_assign_slice"),
    "vector_index": ("operations", "vector_index"),
    "vector_op": ("operations", "vector_op"),
    "vector_step": ("operations", "vector_step"),
    "when": ("when", "when"),
    "with_spec": ("tables", "with_spec"),
}


def helpers() -> dict[str, Any]:
    """The helpers by their names in generated code."""
    return {
        name: getattr(import_module(f"bro.runtime.{module}"), attr)
        for name, (module, attr) in HELPERS.items()
    }
