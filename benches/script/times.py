def run(n):
    begin = 1000000.0
    now = begin
    last = begin
    gaps = 0
    longest = 0.0
    i = 0
    while i < n:
        now = now + (i % 10) * 0.25
        gap = now - last
        if gap > 1.0:
            gaps += 1
        if gap > longest:
            longest = gap
        last = now
        i += 1
    return gaps + round((now - begin) / 1.0) + round(longest)
