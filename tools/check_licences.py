#!/usr/bin/env python3
"""Checks that every crate in the lock file has a licence we can ship with, where cargo-deny is not installed."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

ENGINE = pathlib.Path(__file__).resolve().parent.parent / "engine"
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT",
    "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip


def acceptable(expression: str) -> bool:
    """Whether an SPDX expression can be met with the allowed licences: all of AND, any of OR."""
    expression = expression.replace("/", " OR ").strip()
    while expression.startswith("(") and expression.endswith(")") and expression.count("(") == 1:
        expression = expression[1:-1]
    alternatives = re.split(r"\s+OR\s+(?![^(]*\))", expression)
    if len(alternatives) > 1:
        return any(acceptable(a) for a in alternatives)
    parts = re.split(r"\s+AND\s+(?![^(]*\))", expression)
    if len(parts) > 1:
        return all(acceptable(p) for p in parts)
    return expression.strip("() ") in ALLOWED


def main() -> int:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, cwd=ENGINE, check=True, capture_output=True).stdout)["packages"]
    wrong = [f"{p['name']} {p['version']}: {p['license']}" for p in packages if not acceptable(p["license"] or "none given")]
    for line in wrong:
        print(f"licence not allowed: {line}", file=sys.stderr)
    print(f"{len(packages)} crates, {len(wrong)} with a licence that is not allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
