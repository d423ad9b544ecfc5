def run(n):
    line = b""
    size = 0
    i = 0
    while i < n:
        line += b"%d:%b;" % (i, b"abc")
        if len(line) > 1000:
            size += len(line)
            line = b""
        greeting = b"host " + b"%d" % i + b" says hello"
        size += len(greeting)
        i += 1
    return size + len(line)
