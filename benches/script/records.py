class Flow:
    __slots__ = ("host", "last", "note", "octets", "packets")

    def __init__(self, host, packets=0, octets=0, last=0.0, note=None):
        self.host = host
        self.packets = packets
        self.octets = octets
        self.last = last
        self.note = note


def update(flow, size, now):
    flow.packets += 1
    flow.octets += size
    flow.last = now
    if flow.note is None and flow.packets > 10:
        flow.note = b"busy"


def run(n):
    flows = []
    i = 0
    while i < 50:
        flows.append(Flow(b"192.0.2.1"))
        i += 1
    i = 0
    while i < n:
        update(flows[i % 50], i % 1500, 0.5)
        i += 1
    total = 0
    for flow in flows:
        total += flow.packets + flow.octets
        if flow.note is not None:
            total += len(flow.note)
    return total
