"""Compiled Bro beside the same program written by hand in Python: twenty small programs.

    python benches/script/run.py [--rounds 25] [--check] [--only NAME,NAME]

Each NAME.bro is a module with a function `run`, each NAME.py the same for Python, without the checks that the
language makes (range of counts, fields that are not set).  Both run in one process in turns, and the best
time of each counts; the table gives their ratio, and the geometric mean of all.  `--check` ends with status 1
where a program costs more than 1.6 times its counterpart, or the mean is above 1.3.

A NAME.py may define `compiled(program, n)`, which runs the script where calling `run` is not enough.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import math
import pathlib
import sys
import time
from collections.abc import Callable
from typing import Any

from bro.runtime import context as contexts
from bro.script.loader import LoadOptions, load

HERE = pathlib.Path(__file__).resolve().parent

#: what each is run with: about five milliseconds
SIZES = {
    "recursion": 17, "tables": 20000, "sets": 20000, "records": 15000, "strings": 10000, "patterns": 6000,
    "vectors": 15000, "closures": 20000, "events": 8000, "expiry": 250, "switch": 15000, "times": 30000,
    "subnets": 10000,
    "compound": 12000, "sorting": 5000, "text_functions": 1500, "loops": 200, "counts": 4000,
    "hooks": 15000, "enums": 20000,
}  # fmt: skip

WORST = 1.6
MEAN = 1.3


def python_module(path: pathlib.Path) -> Any:
    """The program written by hand."""
    spec = importlib.util.spec_from_file_location(f"by_hand_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(run: Callable[[], Any]) -> float:
    begin = time.thread_time()  # of the processor: others on the machine do not count
    run()
    return time.thread_time() - begin


def best_of(rounds: int, *runs: Callable[[], Any]) -> list[float]:
    """The best time of each, measured in turns."""
    best = [math.inf] * len(runs)
    for _ in range(rounds):
        for i, run in enumerate(runs):
            best[i] = min(best[i], timed(run))
    return best


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(SIZES)
    context = contexts.use(contexts.Context())
    options = LoadOptions(bare=True, cache=False)
    program = load([str(HERE / f"{name}.bro") for name in names], options, context)
    program.start()
    runs = {full.partition("::")[0].lower(): full for full in program.signatures if full.endswith("::run")}
    gc.disable()
    ratios = []
    print(f"{'program':<16}{'Python ms':>10}{'Bro ms':>10}{'ratio':>8}")
    for name in names:
        module = python_module(HERE / f"{name}.py")
        size = SIZES[name]
        driver = getattr(module, "compiled", None)
        if driver is None:
            function = program.get(runs[_module(name)])
            compiled = lambda function=function, size=size: function(size)  # noqa: E731
        else:
            compiled = lambda driver=driver, size=size: driver(program, size)  # noqa: E731
        by_hand = lambda module=module, size=size: module.run(size)  # noqa: E731
        one, other = by_hand(), compiled()
        if one != other:
            sys.exit(f"{name}: Python gives {one!r}, Bro {other!r}")
        python, bro = best_of(arguments.rounds, by_hand, compiled)
        gc.collect()
        ratio = bro / python
        ratios.append(ratio)
        mark = "  <-- above the limit" if ratio > WORST else ""
        print(f"{name:<16}{python * 1000:>10.2f}{bro * 1000:>10.2f}{ratio:>7.2f}x{mark}", flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"{'geometric mean':<36}{mean:>7.2f}x")
    return int(arguments.check and (max(ratios) > WORST or mean > MEAN))


def _module(name: str) -> str:
    """The script's module, in small letters: some could not be called as their file."""
    return {"switch": "switches"}.get(name, name.replace("_", ""))


if __name__ == "__main__":
    sys.exit(main())
