import re

COMMA = re.compile(rb", ")
COLON = re.compile(rb": ")
DIGIT = re.compile(rb"[0-9]")


def run(n):
    header = b"Host: www.example.com, Accept: text/html, User-Agent: Browser 1.0"
    total = 0
    i = 0
    while i < n:
        for part in COMMA.split(header):
            sides = COLON.split(part, 1)
            if len(sides) == 2 and sides[0].lower() == b"host":
                total += len(sides[1])
            if b"Browser" in part:
                total += len(DIGIT.sub(b"#", part))
        if header.startswith(b"Host"):
            total += len(header.upper())
        if header.find(b"text") >= 0:
            total += 1
        i += 1
    return total
