from collections import defaultdict
from enum import Enum, auto


class Verdict(Enum):
    ALLOW = auto()
    DENY = auto()
    LOG = auto()
    ALARM = auto()

    # The hash of Enum is a function in Python; members are single objects, so identity does.
    __hash__ = object.__hash__


def on_allow(size):
    return 1


def on_deny(size):
    return 2


def on_log(size):
    return size % 2


def on_alarm(size):
    return 3


ALARM = Verdict.ALARM
actions = {Verdict.ALLOW: on_allow, Verdict.DENY: on_deny, Verdict.LOG: on_log, Verdict.ALARM: on_alarm}
order = [Verdict.ALLOW, Verdict.DENY, Verdict.LOG, Verdict.ALARM]


def run(n):
    tally = defaultdict(int)
    total = 0
    i = 0
    while i < n:
        v = order[i % 4]
        if v is ALARM:
            total += 5
        total += actions[v](i)
        tally[v] += 1
        i += 1
    return total + tally[Verdict.DENY]
