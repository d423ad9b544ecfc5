"""How long compiling takes: the default scripts from an empty cache, and a user's script that was changed.

    python benches/compile.py [--runs 3] [--lines 4000]

The first is stated in yardsticks (`yardstick.py`), measured before and after each run; the second in
milliseconds: what a run takes longer when the script has changed since the last one, everything else being in
the cache.  That is so much for a thousand lines, and so much whatever the length; both together are what a
script of a thousand lines takes.  The script is put together from functions, handlers, records and tables
as people write them.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable

from yardstick import seconds, yardstick

#: One piece of a user's script, to be repeated with other names.
PIECE = """
## What is known of a host.
type Host{n}: record {{
    address: addr &log;
    first: time &log;
    requests: count &default=0;
    names: set[string];
    note: string &optional &log;
}};

global hosts{n}: table[addr] of Host{n} &create_expire=10min;
global limit{n} = {n} &redef;

function describe{n}(h: Host{n}): string
    {{
    if ( h?$note )
        return fmt("%s: %s (%d requests)", h$address, h$note, h$requests);
    local text = "";
    for ( name in h$names )
        text += text == "" ? name : ", " + name;
    return fmt("%s: %s", h$address, text);
    }}

function seen{n}(c: connection, name: string): bool
    {{
    local orig = c$id$orig_h;
    if ( orig !in hosts{n} )
        hosts{n}[orig] = Host{n}($address=orig, $first=network_time(), $names=set());
    local h = hosts{n}[orig];
    h$requests += 1;
    add h$names[to_lower(name)];
    if ( h$requests > limit{n} && ! h?$note )
        {{
        h$note = "busy";
        return T;
        }}
    return F;
    }}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version:
string)
    {{
    switch ( method )
        {{
        case "GET", "HEAD":
            break;
        case "POST":
            if ( /\\/(login|admin)/ in original_URI )
                seen{n}(c, "login");
            break;
        default:
            if ( seen{n}(c, method) )
                Reporter::info(describe{n}(hosts{n}[c$id$orig_h]));
            break;
        }}
    }}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count)
    {{
    local parts = split_string(query, /\\./);
    if ( |parts| > 2 && parts[|parts| - 2] in set("example", "invalid") )
        when [c, query] ( local answer = lookup_addr(c$id$orig_h) )
            {{
            if ( answer != "" )
                seen{n}(c, answer);
            }}
        timeout 5secs
            {{
            seen{n}(c, query);
            }}
    }}
"""


def script(lines: int) -> str:
    """A script of about so many lines."""
    pieces = ["module Bench;"]
    number = 0
    while sum(p.count("\n") + 1 for p in pieces) < lines:
        pieces.append(PIECE.format(n=number))
        number += 1
    return "\n".join(pieces) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lines", type=int, default=4000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "BRO_CACHE_DIR": f"{folder}/cache"}
        bro = [sys.executable, "-m", "bro"]
        empty = pathlib.Path(folder) / "empty.bro"
        empty.write_text("")
        seconds([*bro, str(empty)], **surroundings)  # also compiles the compiler
        costs, times = [], []
        for _ in range(arguments.runs):
            shutil.rmtree(f"{folder}/cache")
            before = yardstick()
            taken = seconds([*bro, str(empty)], **surroundings)
            costs.append(2 * taken / (before + yardstick()))
            times.append(taken)
        cold = f"{statistics.median(times):.2f} s, {statistics.median(costs):.2f} yardsticks"
        print(f"default scripts from an empty cache: {cold}")

        for what, change in (
            ("one function", one_function),
            ("every second function", many_functions),
            ("a type and so everything", everything),
        ):
            before = yardstick()
            slope, fixed = changed(arguments, folder, bro, surroundings, change)
            print(f"a script of which {what} changed: {slope * 1e6:.1f} ms for each thousand lines,", end=" ")
            print(f"{fixed * 1000:.0f} ms whatever its length;", end=" ")
            print(f"a thousand lines {slope * 1e6 + fixed * 1000:.0f} ms", end=" ")
            print(f"(yardstick {min(before, yardstick()):.2f} s)")


def one_function(text: str, run: int) -> str:
    """A line more in one function, and so all others further down."""
    return text.replace("    local orig", f"    # change {run}\n    local orig", 1)


def many_functions(text: str, run: int) -> str:
    """Another name for a variable of a function, and for a parameter of a handler, throughout."""
    return (
        text.replace("orig", f"orig{run}")
        .replace(f"orig{run}_", "orig_")
        .replace(f"original{run}", "original")
    )


def everything(text: str, run: int) -> str:
    """Likewise, and another name for a field of all records, so that no code made before is taken again."""
    return many_functions(text, run).replace("note", f"note{run}")


def changed(
    arguments: argparse.Namespace,
    folder: str,
    bro: list[str],
    surroundings: dict[str, str],
    change: Callable[[str, int], str],
) -> tuple[float, float]:
    """Seconds that a run takes longer when the script has changed: for a line, and whatever its length."""
    sizes = (arguments.lines // 4, arguments.lines)
    added: dict[int, list[float]] = {size: [] for size in sizes}
    lengths = {}
    for size in sizes:
        user = pathlib.Path(folder) / f"user{size}.bro"
        user.write_text(script(size))
        seconds([*bro, str(user)], **surroundings)
    for run in range(arguments.runs):
        for size in sizes:
            user = pathlib.Path(folder) / f"user{size}.bro"
            text = change(script(size), run)
            lengths[size] = text.count("\n")
            user.write_text(text)
            taken = seconds([*bro, str(user)], **surroundings)
            unchanged = min(seconds([*bro, str(user)], **surroundings) for _ in range(2))
            added[size].append(taken - unchanged)
    small, large = (min(added[size]) for size in sizes)
    slope = (large - small) / (lengths[sizes[1]] - lengths[sizes[0]])
    return slope, small - slope * lengths[sizes[0]]


if __name__ == "__main__":
    main()
