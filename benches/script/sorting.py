from functools import cmp_to_key


def down(a, b):
    return -1 if a > b else (1 if a < b else 0)


def run(n):
    numbers = []
    i = 0
    while i < n:
        numbers.append(i * 7919 % 1009)
        i += 1
    numbers.sort(key=cmp_to_key(down))
    few = []
    i = 0
    while i < 60:
        few.append(numbers[i])
        i += 1
    i = 0
    while i < 60:
        k = 0
        while k + 1 < 60 - i:
            if few[k] > few[k + 1]:
                swap = few[k]
                few[k] = few[k + 1]
                few[k + 1] = swap
            k += 1
        i += 1
    return few[0] + numbers[n - 1]
