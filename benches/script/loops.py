def run(n):
    total = 0
    i = 0
    while i < n:
        k = 0
        while k < n:
            if (i * k) % 7 == 3 or i == k:
                total += i + k
            elif k > i:
                k += 1
                continue
            k += 1
        i += 1
    return total
