def run(n):
    evens = set()
    threes = set()
    i = 0
    while i < n:
        if i % 2 == 0:
            evens.add(i)
        if i % 3 == 0:
            threes.add(i)
        i += 1
    hits = 0
    i = 0
    while i < n:
        if i in evens and i not in threes:
            hits += 1
        if i in threes:
            evens.discard(i)
        i += 1
    return hits + len(evens & threes) + len(evens | threes)
