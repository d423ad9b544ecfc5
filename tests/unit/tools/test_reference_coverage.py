"""The tool that counts how much of the reference exists: how it reads and compares types."""

from __future__ import annotations

import pytest

from bro.script import types as t
from tools.reference_coverage import Table, TypeReader, Unknown, same

NAMES: dict[str, t.Type] = {"string_vec": t.VectorType(t.STRING), "Info": t.RecordType("Info", [])}


def read(text: str) -> t.Type:
    return TypeReader(text, NAMES).read()


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("set[addr,port]", "set[addr, port]"),
        ("table[string,count] of vector of record Info", "table[string, count] of vector of Info"),
        ("string_vec", "vector of string"),
        ("opaque of md5", "opaque of md5"),
        ("file of string", "file of string"),
        (
            "function(a:string &default=f(1, 2), &optional, b:set[port] "
            "&default=(coerce set() to set[port]), &optional)"
            " : function(x:count) : bool",
            "function(a: string, b: set[port]): function(x: count): bool",
        ),
        ("event(c:connection)", "event(c: error)"),
        ("hook(f:Info) : bool", "hook(f: Info)"),
        ("function(va_args:any) : string", "function(...): string"),
    ],
)
def test_types_are_read(text: str, notation: str) -> None:
    assert read(text).notation() == notation


def test_defaults_and_names_of_parameters_count() -> None:
    wanted = read("function(a:string, b:count &default=1, &optional) : bool")
    params = [t.Param("a", t.STRING), t.Param("b", t.COUNT, optional=True)]
    assert same(t.FuncType("function", params, t.BOOL), wanted)
    assert not same(t.FuncType("function", [params[0], t.Param("b", t.COUNT)], t.BOOL), wanted)
    assert not same(t.FuncType("function", [params[0], t.Param("c", t.COUNT, optional=True)], t.BOOL), wanted)
    assert not same(t.FuncType("function", params, t.COUNT), wanted)
    assert not same(t.FuncType("event", params, t.BOOL), wanted)


def test_types_that_nothing_declares_equal_none() -> None:
    assert read("nobody") == Unknown("nobody")
    assert not same(t.STRING, read("nobody"))
    assert not same(t.TableType([t.ADDR], None), read("table[addr] of bool"))


def test_names_belong_to_components() -> None:
    table = Table(by_component=True)
    assert table.component("ssl_established") == "SSL" and table.component("SMB::LOG") == "SMB"
    assert table.component("to_upper") == "" and table.component("Intel::seen") == ""
    table.note("ssl_alert", "events", have=False, equal=False)
    table.note("to_upper", "functions", have=True, equal=True)
    assert table.counts[True, "SSL"]["events"].missing == ["ssl_alert"]
    assert table.counts[False, "GLOBAL"]["functions"].same == 1
