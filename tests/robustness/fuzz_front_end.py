"""Feeds damaged scripts to the lexer, the parser and the compiler for a given time.

    python tests/robustness/fuzz_front_end.py --seconds 3600

Every input has to end in a program or in located diagnostics, within a limit of processor time.  The seeds
are the scripts that ship and those of the literate tests; mutations cut, copy, splice and repeat bytes,
tokens and lines.  What goes wrong is written to a folder, one file an input, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bro.runtime import context as contexts  # noqa: E402
from bro.script.diagnostics import CompileError, Diagnostics, Source, TooManyErrors  # noqa: E402
from bro.script.loader import LoadOptions, load  # noqa: E402
from bro.script.parser import parse  # noqa: E402

PRELUDE = (ROOT / "tests" / "language" / "prelude.bro").read_text()

#: Seconds of processor time one input may take.
LIMIT = 10.0
#: The longest input that is made; mutations can only double what they are given.
LONGEST = 200_000
#: One input in so many is compiled, the others are parsed only.
COMPILED = 6

_TOKEN = re.compile(rb'\s+|"(?:\\.|[^"\\\n])*"|[A-Za-z_@&][\w:-]*|\d[\w./]*|[^\w\s]')
_INTERESTING = [
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"|",
    b"||",
    b"/",
    b'"',
    b"\\",
    b"#",
    b"$",
    b"?$",
    b"@if ( T )\n",
    b"@else\n",
    b"@endif\n",
    b"@load x\n",
    b"&default=",
    b"&redef",
    b"18446744073709551616",
    b"1e999",
    b"0x",
    b"[::1]",
    b"::",
    b"\xff",
    b"\x00",
    b"\r\n",
    b"\xc3\xbc",
    b"a.b.c",
    b"1.2.3.4.5",
    b"5 min",
    b"...",
    b"copy",
    b"when [x] (",
    b"schedule 1sec {",
    b"function [",
    b"hook ",
    b"event ",
    b"type ",
    b"record {",
    b"redef record x += {",
    b"as ",
    b"is ",
    b"switch x {",
    b"case ",
]


class Host:
    """What a parser asks of its surroundings."""

    def nothing(self, *_: Any) -> None:
        """Directives have no effect."""

    load = load_signatures = load_plugin = unload = set_prefixes = declare = nothing

    def condition(self, expr: Any, parser: Any) -> bool:
        return bool(expr.start % 2)

    def defined(self, name: str, module: str) -> bool:
        return bool(len(name) % 2)


class TooSlow(BaseException):
    """An input took longer than `LIMIT`."""


def seeds() -> list[bytes]:
    """The scripts that are mutated."""
    found = [path.read_bytes() for path in sorted((ROOT / "bro" / "scripts").rglob("*.bro"))]
    for path in sorted((ROOT / "tests" / "language").glob("*.md")):
        found += [s.encode() for s in re.findall(r"^```bro.*?\n(.*?)^```", path.read_text(), re.M | re.S)]
    return [s for s in found if s]


def mutate(data: bytes, pool: list[bytes], rand: random.Random) -> bytes:
    """A damaged copy."""
    for _ in range(rand.choice([1, 1, 2, 3, 8])):
        data = rand.choice(_MUTATIONS)(data, pool, rand)[:LONGEST]
    return data


def _span(size: int, rand: random.Random) -> tuple[int, int]:
    start = rand.randrange(size + 1)
    return start, min(size, start + int(rand.expovariate(1 / 12)))


def _bytes(data: bytes, _: list[bytes], rand: random.Random) -> bytes:
    start, end = _span(len(data), rand)
    return data[:start] + rand.randbytes(rand.randrange(4)) + data[end:]


def _insert(data: bytes, _: list[bytes], rand: random.Random) -> bytes:
    at = rand.randrange(len(data) + 1)
    return data[:at] + rand.choice(_INTERESTING) * rand.choice([1, 1, 1, 2, 50, 2000]) + data[at:]


def _tokens(data: bytes, pool: list[bytes], rand: random.Random) -> bytes:
    tokens = _TOKEN.findall(data) or [b""]
    start, end = _span(len(tokens), rand)
    other = _TOKEN.findall(rand.choice(pool)) or [b""]
    first, last = _span(len(other), rand)
    tokens[start:end] = rand.choice(
        [[], tokens[start:end] * 2, other[first:last], [rand.choice(_INTERESTING)]]
    )
    return b"".join(tokens)


def _lines(data: bytes, pool: list[bytes], rand: random.Random) -> bytes:
    lines = data.split(b"\n")
    start, end = _span(len(lines), rand)
    other = rand.choice(pool).split(b"\n")
    first, last = _span(len(other), rand)
    lines[start:end] = rand.choice([[], lines[start:end] * 2, other[first:last], other])
    return b"\n".join(lines)


def _cut(data: bytes, _: list[bytes], rand: random.Random) -> bytes:
    return data[: rand.randrange(len(data) + 1)]


_MUTATIONS: list[Callable[[bytes, list[bytes], random.Random], bytes]] = [
    _bytes,
    _insert,
    _tokens,
    _tokens,
    _lines,
    _cut,
]


def parse_only(data: bytes) -> None:
    """Lexer and parser; every diagnostic has to be showable."""
    diagnostics = Diagnostics()
    with contextlib.suppress(TooManyErrors):
        parse(Source("fuzz", data), diagnostics, Host())
    for item in diagnostics.items:
        item.render()


def compile_all(data: bytes) -> None:
    """The whole compiler, without the base scripts."""
    context = contexts.use(contexts.Context())
    context.stdout, context.reporter.stream = io.BytesIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "main.bro")
        path.write_bytes(data)
        options = LoadOptions(
            base=False, cache=False, declarations=[("prelude", PRELUDE)], search_path=[folder]
        )
        try:
            load([str(path)], options, context)
        except CompileError as error:
            assert error.diagnostics, "no diagnostic"
            for item in error.diagnostics:
                item.render()


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the front end of the compiler.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="of the random numbers, to repeat a run")
    parser.add_argument(
        "--failures", type=Path, default=Path("fuzz-failures"), help="folder for what went wrong"
    )
    parser.add_argument("files", nargs="*", type=Path, help="inputs to try once instead")
    arguments = parser.parse_args()

    def too_slow(*_: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, too_slow)
    pool = seeds()
    seed = arguments.seed if arguments.seed is not None else time.time_ns()
    rand = random.Random(seed)
    print(f"{len(pool)} seeds, --seed {seed}", flush=True)
    failed: set[str] = set()
    inputs = 0
    end = time.monotonic() + arguments.seconds
    given = [path.read_bytes() for path in arguments.files]
    while given or (not arguments.files and time.monotonic() < end):
        data = given.pop() if given else mutate(rand.choice(pool), pool, rand)
        inputs += 1
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
            parse_only(data)
            if arguments.files or inputs % COMPILED == 0:
                compile_all(data)
        except KeyboardInterrupt:
            break
        except (Exception, TooSlow) as error:
            frames = traceback.extract_tb(error.__traceback__)
            last = next((f for f in reversed(frames) if "/bro/" in f.filename), frames[-1])
            slow = isinstance(error, TooSlow)
            key = f"{type(error).__name__} {Path(last.filename).name}" + ("" if slow else f":{last.lineno}")
            if key not in failed:
                failed.add(key)
                arguments.failures.mkdir(parents=True, exist_ok=True)
                path = arguments.failures / hashlib.sha1(data).hexdigest()[:12]
                path.write_bytes(data)
                print(f"{key}: {error} ({path})", flush=True)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(f"{inputs} inputs, {len(failed)} kinds of failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
