import re

REQUESTS = [
    b"GET /index.html HTTP/1.1",
    b"POST /cgi-bin/phf?q=1 HTTP/1.0",
    b"GET /images/logo.png HTTP/1.1",
    b"HEAD / HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
]
PLAIN = re.compile(rb"(GET|HEAD) [^ ]+ HTTP/1\.[01]")
SUSPICIOUS = re.compile(rb"cgi-bin|\.\./")
IMAGE = re.compile(rb"\.(png|gif|jpe?g)")


def run(n):
    score = 0
    i = 0
    while i < n:
        r = REQUESTS[i % 5]
        if PLAIN.fullmatch(r):
            score += 1
        if SUSPICIOUS.search(r):
            score += 10
        if IMAGE.search(r):
            score += 100
        i += 1
    return score
