def gcd(a, b):
    while a != b:
        if a > b:
            a = a - b
        else:
            b = b - a
    return a


def run(n):
    total = 0
    balance = 0
    i = 1
    while i <= n:
        total += gcd(i, 60)
        balance += 3 if i % 2 == 0 else -5
        i += 1
    return total + (1 if balance < 0 else 0)
