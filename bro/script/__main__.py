"""Running scripts without an engine: ``python -m bro.script run FILE``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bro.script.program import Program


def _declarations(folder: str) -> list[tuple[str, str]]:
    paths = sorted(Path(folder).rglob("*.bro"))
    return [(str(p.relative_to(folder)), p.read_text("latin-1")) for p in paths]


def main(argv: list[str] | None = None) -> int:
    """The command; returns its status."""
    parser = argparse.ArgumentParser(
        prog="python -m bro.script", description="compile and run scripts without an engine"
    )
    parser.add_argument("command", choices=["run", "check"], help="run the scripts, or only compile them")
    parser.add_argument("files", nargs="*", help="scripts, and redefinitions as NAME=VALUE")
    parser.add_argument("-b", "--bare", action="store_true", help="without the default scripts")
    parser.add_argument("-n", "--no-base", action="store_true", help="without any base scripts")
    parser.add_argument("-e", "--exec", default="", metavar="CODE", help="script text to run as well")
    parser.add_argument(
        "--declarations", metavar="FOLDER", help="take the engine's declarations from the files below"
    )
    parser.add_argument("--no-cache", action="store_true", help="compile even if nothing has changed")
    options = parser.parse_intermixed_args(argv)

    from bro.script.diagnostics import CompileError
    from bro.script.loader import LoadOptions, load
    from bro.script.program import InitError

    files = [f for f in options.files if "=" not in f]
    try:
        program = load(
            files,
            LoadOptions(
                bare=options.bare,
                base=not options.no_base,
                redefs=[f for f in options.files if "=" in f],
                code=options.exec,
                cache=not options.no_cache,
                declarations=_declarations(options.declarations) if options.declarations else None,
            ),
        )
        for warning in program.loaded.warnings:
            print(warning, file=sys.stderr)
        status = _run(program) if options.command == "run" else 0
    except CompileError as error:
        for item in error.diagnostics:
            print(item.render(), file=sys.stderr)
        return 1
    except InitError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.flush()
    return status


def _run(program: Program) -> int:
    """Run a program without an engine, under the watchdog."""
    from bro.runtime.stack import deepen
    from bro.runtime.watchdog import Watchdog

    deepen()
    watchdog = Watchdog(program.context)
    watchdog.start()
    try:
        return program.run()
    finally:
        watchdog.stop()


if __name__ == "__main__":
    sys.exit(main())
