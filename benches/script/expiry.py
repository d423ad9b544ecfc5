from collections import OrderedDict


class Recent(OrderedDict):
    """Counts by key, with the time of the last write; the oldest come first."""

    timeout = 60.0

    def see(self, key, now):
        found = self.get(key)
        self[key] = (now, 1 if found is None else found[1] + 1)
        self.move_to_end(key)

    def expire(self, now):
        limit = now - self.timeout
        while self:
            key, (when, _) = next(iter(self.items()))
            if when > limit:
                return
            del self[key]


def run(n):
    recent = Recent()
    now = 0.0
    total = 0
    for moment in range(n):
        now += 2.0
        if moment % 5 == 0:
            recent.expire(now)
        i = 0
        while i < 100:
            recent.see((moment * 17 + i * 31) % 4001, now)
            i += 1
        total += len(recent)
    return total


def compiled(program, n):
    """The same of the compiled script, with packet time moving on around it."""
    clock, timers, step = program.context.clock, program.context.timers, program.get("Expiry::run")
    base = clock.now = clock.now + 1000.0
    timers.advance(base)
    total = 0
    for moment in range(n):
        clock.now += 2.0
        if moment % 5 == 0:
            timers.advance(clock.now)
        total += step(moment * 17)
    return total
