rejected = 0


def by_size(host, size):
    global rejected
    if size > 800:
        rejected += 1
        return False
    return True


def by_name(host, size):
    return host != b"bad"


def last(host, size):
    global rejected
    rejected = rejected + 0
    return True


bodies = [by_size, by_name, last]


def allow(host, size):
    for body in bodies:  # noqa: SIM110  (all() with a generator takes longer)
        if not body(host, size):
            return False
    return True


def run(n):
    global rejected
    rejected = 0
    passed = 0
    i = 0
    while i < n:
        if allow(b"bad" if i % 10 == 0 else b"good", i % 1000):
            passed += 1
        i += 1
    return passed + rejected
