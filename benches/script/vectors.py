def run(n):
    composite = []
    i = 0
    while i < n:
        composite.append(False)
        i += 1
    primes = []
    i = 2
    while i < n:
        if not composite[i]:
            primes.append(i)
            k = i * i
            while k < n:
                composite[k] = True
                k += i
        i += 1
    total = 0
    for place, p in enumerate(primes):
        total += place * p
    return total + primes[len(primes) - 1]
