"""`bro lint`: what is suspicious, costly or undocumented in scripts."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from bro.script.diagnostics import CompileError, Diagnostic, Source
from bro.tools.frontend import Analysis, analyze, options_for, scripts_in
from bro.tools.rules import COMPILER, RULES, Finding, compiler_code

CLEAN = 0
FINDINGS = 1
ERRORS = 2

#: The code of what keeps a script from running.
ERROR = "B001"

#: The file with a site's settings, looked for in the current folder and those above it.
SETTINGS = ".bro-lint.toml"


def main(argv: list[str]) -> int:
    """Run `bro lint` and return its exit code."""
    parser = ArgumentParser(
        prog="bro lint",
        description="Tell what is suspicious, costly or undocumented in scripts, besides their errors.",
        epilog=f"exit status: 0 nothing found; 1 findings; 2 errors. A file {SETTINGS} in this folder or one "
        "above it "
        'may say: select = ["B1", ...]; ignore = ["B201"]. A comment "# lint: ignore B301" (or without '
        "a code) "
        "on the line, or on one of its own above it, silences a finding.",
    )
    parser.add_argument("paths", nargs="*", metavar="FILE", help="scripts, or folders of them")
    parser.add_argument(
        "--select", default=None, metavar="CODES", help="only these codes, or what begins with them"
    )
    parser.add_argument("--ignore", default=None, metavar="CODES", help="all but these")
    parser.add_argument("--json", action="store_true", help="print findings as JSON, one list")
    parser.add_argument("-b", "--bare", action="store_true", help="without the default scripts")
    parser.add_argument("--list", action="store_true", help="list the codes")
    arguments = parser.parse_args(argv)
    if arguments.list:
        print("\n".join(f"{code}  {about}" for code, about in sorted(codes().items())))
        return CLEAN
    missing: list[str] = []
    paths = scripts_in(arguments.paths, missing.append)
    if missing or not paths:
        print(
            f"bro lint: {f'there is no file {missing[0]}' if missing else 'name a script'}", file=sys.stderr
        )
        return ERRORS
    try:
        settings = _settings()
    except ValueError as error:
        print(f"bro lint: {error}", file=sys.stderr)
        return ERRORS
    select = _codes(arguments.select) if arguments.select is not None else settings.get("select", [])
    ignore = _codes(arguments.ignore) if arguments.ignore is not None else settings.get("ignore", [])
    for prefix in [*select, *ignore]:
        if not any(code.startswith(prefix) for code in codes()):
            print(f"bro lint: there is no code {prefix}; --list shows all", file=sys.stderr)
            return ERRORS
    findings = lint(paths, select, ignore, bare=arguments.bare)
    if arguments.json:
        print(json.dumps([as_json(f) for f in findings], indent=1))
    else:
        for finding in findings:
            print(render(finding))
        if findings:
            print(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}")
    if any(f.code == ERROR for f in findings):
        return ERRORS
    return FINDINGS if findings else CLEAN


def codes() -> dict[str, str]:
    """All codes with what they are about."""
    return {
        ERROR: "an error of the compiler",
        **{code: about for code, about, _ in COMPILER},
        **{code: about for code, (about, _) in RULES.items()},
    }


def lint(
    paths: list[str], select: Iterable[str] = (), ignore: Iterable[str] = (), bare: bool = False
) -> list[Finding]:
    """The findings in scripts, by place."""
    try:
        found = analyze(paths, options_for(bare))
    except CompileError as error:  # of the base scripts
        return [_told(item) for item in error.diagnostics if item.level == "error"]
    return findings_of(found, {os.path.realpath(p) for p in paths}, select, ignore)


def findings_of(
    found: Analysis, paths: set[str], select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> list[Finding]:
    """The findings of an analysis in some of its scripts."""
    findings = [_told(item) for item in found.diagnostics]
    if not any(f.code == ERROR for f in findings):
        for _, check in RULES.values():
            findings.extend(check(found))
    kept = [f for f in findings if _wanted(f, paths, tuple(select), tuple(ignore))]
    return sorted(kept, key=lambda f: (f.source.path if f.source else "", f.start, f.code))


def _told(item: Diagnostic) -> Finding:
    code = ERROR if item.level == "error" else compiler_code(item.message)
    return Finding(code, item.message, item.source, item.start, item.end, item.hint)


def _wanted(finding: Finding, paths: set[str], select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    if finding.code == ERROR:
        return True
    if finding.source is None or os.path.realpath(finding.source.path) not in paths:
        return False
    if (select and not finding.code.startswith(select)) or (ignore and finding.code.startswith(ignore)):
        return False
    return not _silenced(finding.code, finding.source, finding.source.position(finding.start)[0])


def _silenced(code: str, source: Source, line: int) -> bool:
    """Whether a comment on a line, or one right above it on a line of its own, silences a code."""
    text = source.line_text(line)
    while True:
        _, mark, codes = text.partition("# lint: ignore")
        if mark and (not codes.strip() or code in codes.replace(",", " ").split()):
            return True
        line -= 1
        text = source.line_text(line).strip() if line else ""
        if not text.startswith("#"):
            return False


def render(finding: Finding) -> str:
    """A finding as a person reads it."""
    level = "error" if finding.code == ERROR else f"warning {finding.code}"
    item = Diagnostic(level, finding.message, finding.source, finding.start, finding.end, finding.hint)
    return item.render()


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as a program reads it; lines and columns count from 1."""
    line, column = finding.source.position(finding.start) if finding.source else (0, -1)
    end_line, end_column = finding.source.position(finding.end) if finding.source else (0, -1)
    return {
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
        "file": finding.source.path if finding.source else "",
        "line": line,
        "column": column + 1,
        "end_line": end_line,
        "end_column": end_column + 1,
    }


def _codes(text: str) -> list[str]:
    return [code for code in text.replace(",", " ").split() if code]


def _settings() -> dict[str, list[str]]:
    """The settings of the site.

    :raises ValueError: when the file is wrong
    """
    import tomllib

    folder = os.getcwd()
    while True:
        path = os.path.join(folder, SETTINGS)
        if os.path.exists(path):
            break
        above = os.path.dirname(folder)
        if above == folder:
            return {}
        folder = above
    with open(path, "rb") as file:
        try:
            found = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path}: {error}") from None
    for name, value in found.items():
        if name not in ("select", "ignore"):
            raise ValueError(f'{path}: there is no setting "{name}"; there are select and ignore')
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise ValueError(f"{path}: {name} is a list of codes")
    return found
