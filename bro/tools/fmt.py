"""`bro fmt`: put scripts into the common layout."""

from __future__ import annotations

import difflib
import os
import sys
from argparse import ArgumentParser

from bro.script.diagnostics import Source
from bro.tools.formatter import FormatError, format_source
from bro.tools.frontend import read, scripts_in

UNCHANGED = 0
WOULD_CHANGE = 1
FAILED = 2


def main(argv: list[str]) -> int:
    """Run `bro fmt` and return its exit code."""
    parser = ArgumentParser(
        prog="bro fmt",
        description="Put scripts into the common layout. What they say stays the same, comments included.",
        epilog="exit status: 0 done, or nothing to do; 1 with --check or --diff: a script would change; "
        "2 failed",
    )
    parser.add_argument(
        "paths", nargs="+", metavar="FILE", help="scripts, or folders of them; - is standard input"
    )
    parser.add_argument("--check", action="store_true", help="change nothing; say which scripts would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")
    parser.add_argument(
        "--indent",
        default="tab",
        metavar="N",
        help="a step of indentation: a number of blanks, or tab (default)",
    )
    arguments = parser.parse_args(argv)
    if arguments.indent != "tab" and not (arguments.indent.isdigit() and 0 < int(arguments.indent) <= 16):
        parser.error(f"--indent takes a number from 1 to 16, or tab, not {arguments.indent!r}")
    unit = "\t" if arguments.indent == "tab" else " " * int(arguments.indent)
    if "-" in arguments.paths:
        if len(arguments.paths) > 1:
            parser.error("standard input (-) cannot be named together with files")
        return _standard_input(unit, arguments.check, arguments.diff)
    status = UNCHANGED
    missing: list[str] = []
    changed = count = 0
    for path in scripts_in(arguments.paths, missing.append):
        count += 1
        try:
            with open(path, "rb") as file:
                before = file.read()
            after = formatted(before, path, unit)
        except (OSError, FormatError) as error:
            print(_reason(error, path), file=sys.stderr)
            status = FAILED
            continue
        if after == before:
            continue
        changed += 1
        if arguments.diff:
            _show(before, after, path)
        if arguments.check or arguments.diff:
            if not arguments.diff:
                print(f"would change {path}")
            status = status or WOULD_CHANGE
        else:
            try:
                _replace(path, after)
            except OSError as error:
                print(_reason(error, path), file=sys.stderr)
                status = FAILED
                continue
            print(f"changed {path}")
    for path in missing:
        print(f"bro fmt: there is no file {path}", file=sys.stderr)
        status = FAILED
    if not arguments.diff:
        would = "would change" if arguments.check else "changed"
        print(f"{count} script{'s' if count != 1 else ''}, {changed} {would}")
    return status


def _reason(error: OSError | FormatError, path: str) -> str:
    return f"bro fmt: {path}: {error.strerror}" if isinstance(error, OSError) else str(error)


def formatted(text: bytes, path: str, unit: str) -> bytes:
    """The formatted text of a script that has no errors of syntax.

    :raises FormatError: when it has
    """
    if b"\0" in text:
        raise FormatError(f"bro fmt: {path} is not a script: it is no text")
    _, diagnostics = read(Source(path, text))
    if diagnostics.errors:
        raise FormatError(diagnostics.errors[0].render())
    return format_source(text, path, unit)


def _standard_input(unit: str, check: bool, diff: bool) -> int:
    before = sys.stdin.buffer.read()
    try:
        made = formatted(before, "<standard input>", unit)
    except FormatError as error:
        print(error, file=sys.stderr)
        return FAILED
    if diff:
        _show(before, made, "<standard input>")
    elif not check:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    return WOULD_CHANGE if (check or diff) and made != before else UNCHANGED


def _replace(path: str, content: bytes) -> None:
    """Write a file so that it is never half written, with the permissions it had."""
    temporary = f"{path}.new-{os.getpid()}"
    mode = os.stat(path).st_mode & 0o7777
    with open(temporary, "wb") as file:
        file.write(content)
    os.chmod(temporary, mode)
    os.replace(temporary, os.path.realpath(path))


def _show(before: bytes, after: bytes, path: str) -> None:
    one, other = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (before, after))
    sys.stdout.writelines(difflib.unified_diff(one, other, path, path + " (formatted)"))
