#!/usr/bin/env python3
"""Records or makes the captures in this folder by the recipes in `recipes/`.

    record.py            all
    record.py NAME ...   these; names of files, with or without their ending

What is made byte by byte needs nothing.  What is recorded runs between two network namespaces made for it,
and needs root and the programs that its recipe starts, beside ip, tcpdump and ethtool (Debian: iproute2
tcpdump ethtool curl nginx-light dnsmasq-base bind9-dnsutils netcat-openbsd iputils-ping, and the servers
that recipes name).
"""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.captures import recipes  # noqa: E402
from tests.captures.namespaces import network  # noqa: E402


def main() -> int:
    recipes.find_all()
    known = {**recipes.RECORDED, **recipes.MADE}
    wanted = []
    for name in sys.argv[1:] or sorted(known):
        found = [file for file in known if name in (file, file.rpartition(".")[0])]
        if not found:
            print(f"record.py: no recipe for {name}; there are {', '.join(sorted(known))}", file=sys.stderr)
            return 2
        wanted += found
    if any(file in recipes.RECORDED for file in wanted) and os.geteuid() != 0:
        print("record.py: network namespaces need root", file=sys.stderr)
        return 1
    for file in wanted:
        target = HERE / file
        if file in recipes.MADE:
            target.write_bytes(recipes.MADE[file]())
        else:
            with tempfile.TemporaryDirectory() as folder, network():
                recipes.RECORDED[file](pathlib.Path(folder))
                target.write_bytes((pathlib.Path(folder) / "out.pcap").read_bytes())
                for more in pathlib.Path(folder).glob("*.pcap"):
                    if more.stem != "out":  # seen from elsewhere, such as the server
                        (HERE / f"{target.stem}-{more.name}").write_bytes(more.read_bytes())
        print(f"{file}: {target.stat().st_size} bytes; {known[file].__doc__}")
    describe()
    return 0


def describe() -> None:
    """Rewrites README.md: a line a capture."""
    lines = ["# Captures", "", "Written by `record.py` from the recipes in `recipes/`."]
    for title, shown in (
        ("Recorded from real programs:", recipes.RECORDED),
        ("Made byte by byte, where no program at hand makes them:", recipes.MADE),
    ):
        lines += ["", title, ""]
        lines += [
            f"- `{file}`: {(function.__doc__ or '').strip()}"
            for file, function in sorted(shown.items())
            if (HERE / file).exists()
        ]
    (HERE / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
