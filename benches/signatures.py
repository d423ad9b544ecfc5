"""What 500 signatures cost: a run over a capture with and without them.

    python benches/signatures.py CAPTURE [--count 500] [--runs 3] [--write FILE.sig]

The signatures are made up, but of the kinds that sites load: requests for known weak scripts, commands
of mail and FTP, answers of shells, binary protocols on any port, worms by their bytes anywhere in the
stream, scans by header fields alone, and conditions on the other direction.  None of them matches
ordinary traffic, as is the rule. Processor time of the whole command; the best of several runs counts.
Figure: at most 15 % more.

Without a capture, it compares what a stream costs whose bytes would make a backtracking matcher take
exponential or cubic time with one of ordinary text, under signatures made for that.  Figure: no more.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile

#: parts of the names of scripts
_PARTS = """
admin backup cart catalog cgi config console debug default delete download editor export forum
gallery image include index install login mail manager news order page panel phpinfo poll portal
post print profile query register report search setup shop show site sql stats status submit system
table template test update upload user view webmail wiki xml
"""
WORDS = _PARTS.split()


def _http(rng: random.Random, number: int) -> str:
    first, second = rng.sample(WORDS, 2)
    script = f"{first}[_-]?{second}\\.(php|asp|cgi)"
    return f"  ip-proto == tcp\n  http-request /.*\\/{script}\\?.*(id|file)={number}[0-9]*'/\n"


def _traversal(rng: random.Random, number: int) -> str:
    up = f"(\\.\\.\\/){{{rng.randint(2, 6)}}}"
    return f"  ip-proto == tcp\n  http-request /.*{up}{rng.choice(WORDS)}{number}/\n"


def _header(rng: random.Random, number: int) -> str:
    return (
        f"  ip-proto == tcp\n  http-request-header /[Uu]ser-[Aa]gent: *{rng.choice(WORDS)}bot\\/{number}/\n"
    )


def _command(rng: random.Random, number: int) -> str:
    port, command = rng.choice(((21, "SITE EXEC"), (21, "CWD ~"), (25, "EXPN"), (110, "APOP"), (143, "LSUB")))
    return (
        f"  ip-proto == tcp\n  dst-port == {port}\n  tcp-state established,originator\n"
        f"  payload /.*{command} [^\\n]{{{rng.randint(60, 120)}}}%{number}/\n"
    )


def _binary(rng: random.Random, number: int) -> str:
    magic = "".join(f"\\x{rng.randint(1, 255):02x}" for _ in range(4))
    return f"  ip-proto == tcp\n  tcp-state established\n  payload /^{magic}[\\x00-\\x1f]{{2}}{number:03d}/\n"


def _worm(rng: random.Random, number: int) -> str:
    pieces = ["".join(f"\\x{rng.randint(128, 255):02x}" for _ in range(rng.randint(5, 9))) for _ in range(2)]
    port = rng.choice((135, 139, 445, 1433, 3389))
    return f"  ip-proto == tcp\n  dst-port == {port}\n  payload /.*{pieces[0]}.{{0,64}}{pieces[1]}/\n"


def _anywhere(rng: random.Random, number: int) -> str:
    answer = f"(uid|gid)={number}\\({rng.choice(WORDS)}\\)"
    return f"  ip-proto == tcp\n  tcp-state established,responder\n  payload /.*{answer}/\n"


def _datagram(rng: random.Random, number: int) -> str:
    content = f".{{2}}\\x{rng.randint(1, 255):02x}{rng.choice(WORDS)}{number}"
    return (
        f"  ip-proto == udp\n  dst-port == {rng.choice((53, 69, 161, 1434, 5060))}\n"
        f"  payload-size > {rng.randint(100, 400)}\n  payload /{content}/\n"
    )


def _scan(rng: random.Random, number: int) -> str:
    fields = f"  header ip[8:1] == {1 + number % 4}\n  header ip[4:2] == {rng.randint(1, 65535)}\n"
    return f"{fields}  ip-proto == icmp\n"


def _reply(rng: random.Random, number: int) -> str:
    return (
        f"  ip-proto == tcp\n  src-port == 80\n  tcp-state responder\n"
        f"  http-reply-body /.*<title>{rng.choice(WORDS)} {number} owned by/\n"
    )


def _net(rng: random.Random, number: int) -> str:
    address = f"  src-ip == 198.18.{number % 256}.0/24\n"
    return f"{address}  ip-proto == tcp\n  payload /.*{rng.choice(WORDS)}:{number}/\n"


KINDS = (
    _http,
    _http,
    _http,
    _traversal,
    _header,
    _command,
    _binary,
    _worm,
    _anywhere,
    _datagram,
    _scan,
    _reply,
    _net,
)


def signatures(count: int, seed: int = 1) -> str:
    """The text of so many signatures; the same for the same seed."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        body = kind(rng, number)
        found.append(f'signature made-{number} {{\n{body}  event "{kind.__name__.strip("_")} {number}"\n}}\n')
    return "\n".join(found)


#: expressions that a backtracking matcher never gets to the end of on many equal letters
BLOW_UP = ("(a|aa)+$", "(a*)*b", "(a|a?)+c", ".*a.*a.*a.*a.*[^a]x", "(.*a){12}z", "((a+)+)+d")


def write_stream(path: str, payload: bytes) -> None:
    """A connection whose originator sends these bytes in segments of 1000."""

    def frame(from_client: bool, seq: int, ack: int, flags: int, data: bytes = b"") -> bytes:
        ends = (40000, 4000) if from_client else (4000, 40000)
        hosts = (0x0A000001, 0x0A000002) if from_client else (0x0A000002, 0x0A000001)
        header = struct.pack(">HHIIBBHHH", *ends, seq, ack, 0x50, flags, 65535, 0, 0)
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, *hosts)
        return b"\0" * 12 + b"\x08\0" + ip + header + data

    frames = [frame(True, 0, 0, 2), frame(False, 0, 1, 18), frame(True, 1, 1, 16)]
    for at in range(0, len(payload), 1000):
        frames.append(frame(True, 1 + at, 1, 24, payload[at : at + 1000]))
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack("<IIII", 1_700_000_000, number, len(data), len(data)) + data)


def hostile(folder: str, runs: int) -> None:
    """Compare ordinary bytes with those made to blow up a matcher."""
    size = 64 << 20
    text = b"GET /index.html HTTP/1.1 Host: www.example.com Accept: text/html; "
    signatures = os.path.join(folder, "hostile.sig")
    with open(signatures, "w", encoding="utf-8") as file:
        for number, expression in enumerate(BLOW_UP):
            file.write(f'signature h{number} {{ payload /{expression}/ event "h" }}\n')
            file.write(f'signature s{number} {{ payload /.*q{expression}/ event "h" }}\n')
    best: dict[str, float] = {}
    contents = {"ordinary": text * (size // len(text)), "blowing up": b"a" * size}
    for what, content in contents.items():
        write_stream(os.path.join(folder, f"{what}.pcap"), content)
    options = ["dpd_match_only_beginning=F", "dpd_buffer_size=1"]
    for _ in range(runs):
        for what in contents:
            capture = os.path.join(folder, f"{what}.pcap")
            command = [sys.executable, "-m", "bro", "-C", "-b", "-r", capture, "-s", signatures, *options]
            best[what] = min(best.get(what, 1e9), seconds(command, folder))
    for what, time in best.items():
        print(f"{what:<12} {time:7.3f} s for {size >> 20} MiB")


def seconds(command: list[str], folder: str) -> float:
    """Processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("capture", nargs="?")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", help="keep the signatures in this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.capture is None:
            hostile(folder, given.runs)
            return
        path = given.write or os.path.join(folder, "made.sig")
        with open(path, "w", encoding="utf-8") as file:
            file.write(signatures(given.count))
        plain = [sys.executable, "-m", "bro", "-C", "-r", os.path.abspath(given.capture)]
        best: dict[str, float] = {}
        for _ in range(given.runs):
            # In turns, so that whatever else the machine does meets both.
            for what, command in (("without", plain), ("with", [*plain, "-s", os.path.abspath(path)])):
                best[what] = min(best.get(what, 1e9), seconds(command, folder))
        start = [
            min(seconds([*c[:3], "-a", *c[6:]], folder) for _ in range(2))
            for c in (plain, [*plain, "-s", path])
        ]
        log = os.path.join(folder, "signatures.log")
        matched = 0
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as file:
                matched = sum(not line.startswith("#") for line in file)
        print(f"without signatures       {best['without']:7.3f} s")
        notes = f"({matched} matches, start {start[1] - start[0]:+.3f} s)"
        print(f"with {given.count:4} signatures     {best['with']:7.3f} s  {notes}")
        print(f"slower by {100 * (best['with'] / best['without'] - 1):.1f} %")


if __name__ == "__main__":
    main()
