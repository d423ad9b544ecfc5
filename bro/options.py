"""The command line of `bro`: one table from which parsing and help derive.

It is not argparse because the command starts for every capture, and argparse alone takes longer to import
than the whole bare system takes to load.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class UsageError(Exception):
    """The command line makes no sense; the text says why."""


class Flag:
    """An option: its names, what it is stored as, and its line of help."""

    __slots__ = ("count", "help", "long", "many", "short", "store", "value")

    def __init__(
        self,
        short: str,
        long: str,
        store: str,
        help: str,
        value: str = "",
        many: bool = False,
        count: bool = False,
    ) -> None:
        self.short = short
        self.long = long
        self.store = store  #: the attribute of `Arguments`
        self.help = help
        self.value = value  #: what its value is called in the help; empty for options without one
        self.many = many  #: it may be repeated, each time with a value
        self.count = count  #: how often it was given is what counts


FLAGS = (
    Flag("r", "readfile", "read", "read a capture file ('-': standard input); may be repeated", "FILE", True),
    Flag("i", "iface", "interfaces", "read packets from a network interface; may be repeated", "IFACE", True),
    Flag("f", "filter", "filter", "only packets that this tcpdump filter matches", "FILTER"),
    Flag("w", "writefile", "write", "write the packets that were processed to a capture file", "FILE"),
    Flag("C", "no-checksums", "ignore_checksums", "ignore checksums"),
    Flag("b", "bare-mode", "bare", "do not load the default scripts under base/"),
    Flag("e", "exec", "code", "run this piece of script as well; may be repeated", "CODE", True),
    Flag("s", "rulefile", "signatures", "load signatures from a file; may be repeated", "FILE", True),
    Flag("p", "prefix", "prefixes", "add a script prefix; may be repeated", "PREFIX", True),
    Flag("a", "parse-only", "parse_only", "stop after the scripts were checked"),
    Flag("D", "deterministic", "deterministic", "take fixed seeds, so that ids are the same in every run"),
    Flag("", "seed", "seed", "take the seeds from this number, so that ids can be had again", "N"),
    Flag("G", "load-seeds", "load_seeds", "take the seeds from a file", "FILE"),
    Flag("H", "save-seeds", "save_seeds", "write the seeds to a file", "FILE"),
    Flag("P", "prime-dns", "prime_dns", "look up the host names in the scripts, write the DNS cache, end"),
    Flag("F", "force-dns", "force_dns", "take addresses of host names in scripts from the DNS cache alone"),
    Flag("N", "print-plugins", "list_components", "list components; twice (-NN): in full", count=True),
    Flag("h", "help", "help", "show this help"),
    Flag("v", "version", "version", "show the version"),
)


class Arguments:
    """A parsed command line."""

    # No dataclass: importing that module takes as long as a fifth of the bare start.
    def __init__(self, program: str = "bro", given: list[str] | None = None) -> None:
        self.read: list[str] = []
        self.interfaces: list[str] = []
        self.filter: str | None = None
        self.write: str | None = None
        self.ignore_checksums = False
        self.bare = False
        self.code: list[str] = []
        self.signatures: list[str] = []
        self.prefixes: list[str] = []
        self.parse_only = False
        self.prime_dns = False
        self.force_dns = False
        self.deterministic = False
        self.seed: str | None = None
        self.load_seeds: str | None = None
        self.save_seeds: str | None = None
        self.list_components = 0
        self.help = False
        self.version = False
        #: scripts, by path or by name
        self.scripts: list[str] = []
        #: (name, value) of each `Module::option=value`
        self.redefs: list[tuple[str, str]] = []
        #: everything behind `--`
        self.rest: list[str] = []
        #: the name the program was called by, and all its arguments, for `zeek_args()`
        self.program = program
        self.given = given or []


_SHORT = {flag.short: flag for flag in FLAGS if flag.short}
_LONG = {flag.long: flag for flag in FLAGS}


def parse(argv: list[str]) -> Arguments:
    """The meaning of a command line, without the program's name.

    Raises:
        UsageError: an unknown option, or one whose value is missing.
    """
    found = Arguments(given=list(argv))
    words = list(reversed(argv))
    while words:
        word = words.pop()
        if word == "--":
            found.rest = words[::-1]
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            flag = _LONG.get(name)
            if flag is None:
                raise UsageError(f"unknown option --{name}{_near(name)}")
            if equals and not flag.value:
                raise UsageError(f"option --{name} takes no value")
            _store(found, flag, f"--{name}", value if equals else None, words)
        elif word.startswith("-") and word != "-":
            _parse_short(found, word, words)
        elif _is_redef(word):
            name, _, value = word.partition("=")
            found.redefs.append((name, value))
        else:
            found.scripts.append(word)
    return found


def _parse_short(found: Arguments, word: str, words: list[str]) -> None:
    at = 1
    while at < len(word):
        flag = _SHORT.get(word[at])
        if flag is None:
            raise UsageError(f"unknown option -{word[at]}")
        at += 1
        if flag.value:
            attached = word[at:]
            _store(found, flag, f"-{flag.short}", attached or None, words)
            return
        _store(found, flag, f"-{flag.short}", None, words)


def _store(found: Arguments, flag: Flag, shown: str, value: str | None, words: list[str]) -> None:
    if not flag.value:
        setattr(found, flag.store, getattr(found, flag.store) + 1 if flag.count else True)
        return
    if value is None:
        if not words:
            raise UsageError(f"option {shown} needs a value: {shown} {flag.value}")
        value = words.pop()
    if flag.many:
        getattr(found, flag.store).append(value)
        return
    before: Any = getattr(found, flag.store)
    if before is not None:
        raise UsageError(f"option {shown} was given twice")
    setattr(found, flag.store, value)


def _is_redef(word: str) -> bool:
    """Whether a word is `name=value` or `Module::name+=value` rather than a script's path."""
    name, equals, _ = word.partition("=")
    if name.endswith(("+", "-")):
        name = name[:-1]
    return bool(equals) and all(part.isidentifier() for part in name.split("::"))


def _near(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, _LONG, 1)
    return f"; did you mean --{near[0]}?" if near else ""


def usage() -> str:
    """The text of `bro --help`."""
    lines = [
        "usage: bro [options] [script ...] [Module::option=value ...]",
        "       bro fmt FILE ... | bro lint FILE ... | bro lsp   for writing scripts (--help tells more)",
        "       bro mptcp-scan TARGET[/NET] [PORTS]   find hosts with Multipath TCP (--help tells more)",
        "",
        "Reads packets from captures or interfaces, runs policy scripts over what happens in them, and",
        "writes logs to the current folder.  Scripts are named by path, or by name along BROPATH (or",
        "ZEEKPATH); '-' is standard input, which is read as well if nothing is named and it is a pipe or a",
        "file.  A script may also be a Python file with components (analyzers, log writers, ...), which may",
        "also bring packet sources: -r PREFIX::WHAT.  `bro init-plugin NAME` writes a plugin to begin with.",
        "",
    ]
    for flag in FLAGS:
        names = (f"-{flag.short}, " if flag.short else "    ") + f"--{flag.long}"
        if flag.value:
            names += f" {flag.value}"
        lines.append(f"  {names:<28} {flag.help}")
    lines += [
        "",
        "environment: BROPATH, ZEEKPATH (folders to look for scripts in), BRO_CACHE_DIR (where compiled",
        "             scripts are kept); and, or with ZEEK_ in front: BRO_SEED_FILE (as -G), BRO_DNS_CACHE",
        "             (the file of -P and -F), BRO_DNS_RESOLVER (the server for TXT records), BRO_DNS_FAKE",
        "             (not empty: made-up addresses and names, for tests), BRO_LOG_SUFFIX (of log files,",
        "             instead of log), BRO_ALLOW_INIT_ERRORS (not empty: go on after errors in zeek_init)",
        "",
        "exit status: 0 all input was processed, or processing was ended by SIGINT, SIGTERM or SIGHUP;",
        "               mistakes of scripts while packets are processed are reported and do not change that",
        "             1 scripts have errors, reported one in zeek_init (nothing is processed then), or",
        "               ended it as a failure; memory ran out; packets made the engine fail",
        "             2 wrong usage",
        "             3 input could not be opened or is damaged (logs hold what came before)",
        "             4 a log or another output could not be written",
        "             129, 130, 143: ended by a second SIGHUP, SIGINT, SIGTERM (logs are closed as they are)",
        "             any other: what a script gave to exit()",
    ]
    return "\n".join(lines)
