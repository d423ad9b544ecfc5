from collections import defaultdict
from typing import NamedTuple


class Port(NamedTuple):
    number: int
    protocol: str


def run(n):
    talks = defaultdict(int)
    services = [Port(22, "tcp"), Port(53, "udp"), Port(80, "tcp"), Port(443, "tcp")]
    names = [b"alpha", b"beta", b"gamma"]
    i = 0
    while i < n:
        talks[i % 17, names[i % 3], services[i % 4]] += 1
        i += 1
    web = Port(80, "tcp")
    total = 0
    for (host, name, port), c in talks.items():
        if port != web:
            total += host * c + len(name)
    if (1, b"beta", Port(53, "udp")) in talks:
        total += 1
    return total
