from collections import deque

queue = deque()
total = 0
larges = 0


def count_host(host, size):
    global total
    total += len(host)


def count_size(host, size):
    global total
    total += size
    if size > 900:
        post("large", host)


def count_large(host):
    global larges
    larges += 1


handlers = {"seen": [count_host, count_size], "large": [count_large]}


def post(event, *args):
    queue.append((event, args))


def drain():
    while queue:
        event, args = queue.popleft()
        for handler in handlers[event]:
            try:
                handler(*args)
            except Exception as error:
                print(f"{event}: {error}")


def run(n):
    global total, larges
    total = larges = 0
    i = 0
    while i < n:
        post("seen", b"host", i % 1000)
        i += 1
    drain()
    return total + larges


def compiled(program, n):
    """The same of the compiled script: its events run when the queue is drained."""
    program.get("Events::run")(n)
    program.context.drain()
    return program.get("Events::result")()
