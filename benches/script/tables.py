def run(n):
    seen = {}
    i = 0
    while i < n:
        key = i * 7919 % 1009
        if key in seen:
            seen[key] += 1
        else:
            seen[key] = 1
        i += 1
    total = 0
    for k, v in seen.items():
        total += k * v
    for k in list(seen):
        if k % 2 == 0:
            del seen[k]
    return total + len(seen)
