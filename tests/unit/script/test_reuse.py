"""Functions that did not change keep their code; what they do must be as if all had been compiled anew."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from bro.runtime import context as contexts
from bro.script import cache, lazy
from bro.script.codegen_declarations import Codegen
from bro.script.loader import LoadOptions, load

SCRIPT = """\
module Shop;

export { global sell: function(n: count): string; }

type Item: record { name: string; price: count &default=3; note: string &optional; };
global stock: table[string] of count = { ["apple"] = 5 };
global sold = 0;

function price(n: count): count
    {
    local item = Item($name="apple");
    if ( /^app/ in item$name && 10.0.0.1 in 10.0.0.0/8 )
        return item$price * n;
    return 0;
    }

function sell(n: count): string
    {
    sold += n;
    stock["apple"] = stock["apple"] - n;
    return fmt("%d sold for %d, %s left", n, price(n), stock["apple"]);
    }

event zeek_init()
    {
    print sell(2);
    print sell(2);
    }

event zeek_done() &priority=3
    {
    print "sold", sold;
    }
"""


class Shop:
    """Compiles versions of the script with one cache."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "shop.bro"
        self.taken: list[str] = []
        monkeypatch.setenv("BRO_CACHE_DIR", str(folder / "cache"))
        genuine = Codegen.take

        def take(instance: Any, reuse: Any, key: bytes, py: str, *rest: Any) -> bool:
            taken = genuine(instance, reuse, key, py, *rest)
            if taken:
                self.taken.append(py)
            return taken

        monkeypatch.setattr(Codegen, "take", take)

    def run(self, text: str) -> tuple[str, str]:
        """What the script prints, and what errors it makes."""
        self.path.write_text(text)
        self.taken = []
        before = contexts.current
        context = contexts.use(contexts.Context())
        context.stdout, context.reporter.stream = io.BytesIO(), io.StringIO()
        try:
            load([str(self.path)], LoadOptions(base=False, declarations=[]), context).run()
        finally:
            contexts.use(before)
        return context.stdout.getvalue().decode(), context.reporter.stream.getvalue()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    if not lazy.POSSIBLE:
        pytest.skip("functions are not kept on this version of Python")
    return Shop(tmp_path, monkeypatch)


def test_only_what_changed_is_compiled(shop: Shop) -> None:
    first, _ = shop.run(SCRIPT)
    assert first == "2 sold for 6, 3 left\n2 sold for 6, 1 left\nsold, 4\n"
    assert shop.taken == []
    again, _ = shop.run(SCRIPT.replace("print sell(2);\n    print", "print sell(1);\n    print"))
    assert again == "1 sold for 3, 4 left\n2 sold for 6, 2 left\nsold, 3\n"
    assert sorted(name.partition("__h")[0] for name in shop.taken) == [
        "Shop__price",
        "Shop__sell",
        "zeek_done",
    ]


def test_lines_move(shop: Shop) -> None:
    shop.run(SCRIPT)
    moved = SCRIPT.replace("global sold", "# a line more\n# and another\nglobal sold").replace(
        "print sell(2);\n    print", "print sell(6);\n    print"
    )
    _, errors = shop.run(moved)
    assert any(name.startswith("Shop__sell") for name in shop.taken)
    line = moved[: moved.index('stock["apple"] - n')].count("\n") + 1
    assert f"shop.bro, line {line}: count underflow" in errors
    assert f"Shop::sell at {shop.path}, line {line}" in errors


@pytest.mark.parametrize(
    ("old", "new", "output"),
    [
        ("&default=3", "&default=4", "2 sold for 8, 3 left\n2 sold for 8, 1 left\nsold, 4\n"),
        ("of count = {", "of int = {", "2 sold for 6, 3 left\n2 sold for 6, 1 left\nsold, 4\n"),
        ("global sold = 0;", "global sold = 0.5;", "2 sold for 6, 3 left\n2 sold for 6, 1 left\nsold, 4.5\n"),
    ],
)
def test_declarations_count(shop: Shop, old: str, new: str, output: str) -> None:
    shop.run(SCRIPT)
    assert shop.run(SCRIPT.replace(old, new))[0] == output
    assert shop.taken == []


def test_a_handler_before_others(shop: Shop) -> None:
    shop.run(SCRIPT)
    changed = SCRIPT.replace(
        "event zeek_init()", "event zeek_init() &priority=1 { print 1; }\n\nevent zeek_init()"
    )
    assert shop.run(changed)[0] == "1\n2 sold for 6, 3 left\n2 sold for 6, 1 left\nsold, 4\n"
    # The same once more, the names of handlers being others now.
    again = changed.replace("print 1;", "print 2;")
    assert shop.run(again)[0] == "2\n2 sold for 6, 3 left\n2 sold for 6, 1 left\nsold, 4\n"
    assert len(shop.taken) == 4


def test_functions_with_parts_of_their_own(shop: Shop) -> None:
    script = SCRIPT.replace(
        "    print sell(2);\n",
        "    local f = function [] (x: count): count { return x + 1; };\n    local t: set[count] &create_expire=1sec;\n"  # noqa: E501
        "    add t[f(1)];\n    print |t|, f(1);\n",
        1,
    )
    assert shop.run(script)[0].startswith("1, 2\n")
    assert shop.run(script.replace("x + 1", "x + 2"))[0].startswith("1, 3\n")
    assert shop.run(script.replace("1sec", "2sec").replace("f(1)]", "f(5)]"))[0].startswith("1, 2\n")


CLOSURES = """\
global total = 0;

function twice(f: function(x: count): count, n: count): count
    {
    return f(f(n));
    }

function grown(by: count): count
    {
    local outer = function [by] (x: count): count
        {
        local inner = function [by] (y: count): count { return y - by; };
        return inner(x) + 2 * by;
        };
    return twice(outer, 10);
    }

event zeek_init()
    {
    print "first";
    print grown(3), grown(4);
    when ( total > 0 )
        print "waited", total;
    local show = function(n: count) { print n - 1; };
    print show;
    show(0);
    }

event zeek_init() &priority=-1
    {
    total = 2;
    }
"""


def test_closures_go_with_their_function(shop: Shop) -> None:
    first, errors = shop.run(CLOSURES)
    assert first.splitlines()[1] == "16, 18"
    again, _ = shop.run(CLOSURES.replace("total = 2", "total = 3"))
    assert again == first.replace("waited, 2", "waited, 3")
    assert len(shop.taken) == 3
    # Further down, and with a closure more before them; an error tells the line where it stands now.
    moved = CLOSURES.replace(
        "return f(f(n));", "local g = function(x: count): count { return x; };\n    return f(f(g(n)));"
    )
    moved = moved.replace("global total", "# a line\nglobal total")
    output, later = shop.run(moved)
    assert output == first
    assert [name.partition("__")[0] for name in shop.taken] == ["grown", "zeek_init"]
    line = CLOSURES[: CLOSURES.index("print n - 1")].count("\n") + 1
    assert f"shop.bro, line {line}: count underflow" in errors
    assert f"shop.bro, line {line + 2}: count underflow" in later


def test_a_closure_before_others_of_the_same_event(shop: Shop) -> None:
    """The names of those that follow change: their code is made anew, and works."""
    first, _ = shop.run(CLOSURES)
    before = "event zeek_init() &priority=5 { local f = function() { print 0; }; f(); }\n\n"
    assert (
        shop.run(CLOSURES.replace("event zeek_init()\n", before + "event zeek_init()\n"))[0] == "0\n" + first
    )
    assert shop.run(CLOSURES)[0] == first


def test_a_closure_in_a_default_is_of_no_function(shop: Shop) -> None:
    script = """\
type Hook: record { run: function(n: count): count &default=function(n: count): count { return n + 1; }; };

function other(): count { local f = function(): count { return 1; }; return f(); }

event zeek_init()
    {
    local it = Hook();
    print it$run(1), other();
    }
"""
    assert shop.run(script)[0] == "2, 1\n"
    assert shop.run(script.replace("return 1;", "local a = 3; return a;"))[0] == "2, 3\n"
    assert shop.run(script.replace("n + 1", "n + 5"))[0] == "6, 1\n"


def test_parameters_of_a_handler_are_its_own(shop: Shop) -> None:
    script = "global tick: event(n: count);\n" + SCRIPT + "\nevent tick(n: count) { print n; }\n"
    script = script.replace("    print sell(2);\n    print", "    event tick(7);\n    print")
    first, _ = shop.run(script)
    assert first.endswith("\n7\nsold, 2\n")
    renamed = script.replace("tick(n: count) { print n", "tick(m: count) &priority=2 { print m")
    assert shop.run(renamed)[0] == first
    assert len(shop.taken) == 4
    # An event that only its handlers declare is what the first of them says.
    undeclared = script.replace("global tick: event(n: count);\n", "")
    shop.run(undeclared)
    assert shop.run(undeclared.replace("tick(n: count)", "tick(n: int)"))[0] == first
    assert shop.taken == []


def test_directives_inside_of_declarations(shop: Shop) -> None:
    """The same text, and another type behind it."""
    script = SCRIPT.replace(
        "global sold = 0;", "global sold = vector(\n@ifdef ( other )\n0.5\n@else\n0\n@endif\n)[0];"
    )
    assert shop.run("global another = T;\n" + script)[0].endswith("sold, 4\n")
    assert shop.run("global other = T;\n" + script)[0].endswith("sold, 4.5\n")
    assert shop.taken == []


def test_damaged_files_are_left(shop: Shop) -> None:
    shop.run(SCRIPT)
    for file in Path(cache.folder()).glob("*.functions"):
        data = file.read_bytes()
        file.write_bytes(data[:40] + b"\0\1\2" + data[43:])
    assert shop.run(SCRIPT + "# changed\n")[0].endswith("sold, 4\n")
    assert shop.taken == []


def test_every_function_alone(shop: Shop) -> None:
    """Changing any one of them gives what compiling all gives."""
    shop.run(SCRIPT)
    for place in [m.start() for m in re.finditer(r"^    \{$", SCRIPT, re.MULTILINE)]:
        text = f'{SCRIPT[:place]}    {{\n    print "here";{SCRIPT[place + 5 :]}'
        kept, _ = shop.run(text)
        taken = len(shop.taken)
        for file in Path(cache.folder()).iterdir():
            file.unlink()
        assert shop.run(text)[0] == kept
        assert taken == 3
        shop.run(SCRIPT)
