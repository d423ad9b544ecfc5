def adder(amount):
    return lambda x: x + amount


def counter():
    n = 0

    def count():
        nonlocal n
        n += 1
        return n

    return count


def run(n):
    steps = {0: adder(1), 1: adder(10), 2: adder(100)}
    tick = counter()
    total = 0
    i = 0
    while i < n:
        step = steps[i % 3]
        total = step(total)
        if tick() % 7 == 0:
            total += 1
        i += 1
    return total
