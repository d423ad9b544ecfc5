#!/usr/bin/env python3
"""Checks that every crate comes from the registry, with a licence that `engine/deny.toml` allows.

For where cargo-deny is not installed, which checks the same and more.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ENGINE = pathlib.Path(__file__).resolve().parent.parent / "engine"
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
ALLOWED = frozenset(tomllib.loads((ENGINE / "deny.toml").read_text())["licenses"]["allow"])


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
    packages = json.loads(subprocess.run(command, cwd=ENGINE, check=True, capture_output=True).stdout)[
        "packages"
    ]
    wrong = []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        if not acceptable(package["license"] or "none given"):
            wrong.append(f"{name}: licence not allowed: {package['license']}")
        # Our own crates have no source.
        if package["source"] not in (None, REGISTRY):
            wrong.append(f"{name}: source not allowed: {package['source']}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(packages)} crates, {len(wrong)} with a licence or source that is not allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
