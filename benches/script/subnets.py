import ipaddress

SITES = {
    ipaddress.ip_network("10.0.0.0/8"): 1,
    ipaddress.ip_network("10.1.0.0/16"): 2,
    ipaddress.ip_network("10.1.2.0/24"): 3,
    ipaddress.ip_network("192.168.0.0/16"): 4,
    ipaddress.ip_network("172.16.0.0/12"): 5,
}
# Looked up by number, from the longest mask to the shortest: `in` of ipaddress takes several times as long.
LENGTHS = sorted({net.prefixlen for net in SITES}, reverse=True)
MASKS = [(32 - length) for length in LENGTHS]
BY_MASK = [
    (shift, {int(net.network_address) >> shift: v for net, v in SITES.items() if 32 - net.prefixlen == shift})
    for shift in MASKS
]
HOSTS = [
    ipaddress.ip_address(text)
    for text in ("10.9.8.7", "10.1.9.9", "10.1.2.3", "192.168.4.4", "8.8.8.8", "172.20.1.1")
]


def site(host):
    number = int(host)
    for shift, nets in BY_MASK:
        found = nets.get(number >> shift)
        if found is not None:
            return found
    return None


def run(n):
    total = 0
    i = 0
    while i < n:
        host = HOSTS[i % 6]
        if int(host) >> 24 == 10:
            total += 1
        found = site(host)
        if found is not None:
            total += found
        i += 1
    return total
