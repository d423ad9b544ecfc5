def weight(method):
    if method in (b"GET", b"HEAD"):
        return 1
    if method == b"POST":
        return 2
    if method in (b"PUT", b"DELETE"):
        return 3
    return 4


def run(n):
    methods = [b"GET", b"POST", b"DELETE", b"TRACE"]
    state = 0
    total = 0
    i = 0
    while i < n:
        if state == 0:
            total += 1
            state = 1
        elif state == 1:
            total += 2
            state = 2 if i % 2 == 0 else 3
        elif state == 2:
            total += 3
            state = 0
        else:
            state = 0
        total += weight(methods[i % 4])
        i += 1
    return total
