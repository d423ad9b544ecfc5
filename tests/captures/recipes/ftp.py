"""FTP between vsftpd and clients of several kinds; hostile control connections byte by byte."""

from __future__ import annotations

import contextlib
import crypt
import pathlib
from collections.abc import Iterator

from ..conversation import ACK, Conversation
from ..namespaces import CLIENT_ADDR, SERVER_ADDR, SERVER_ADDR6, capture, client, run, server
from ..packets import Clock, pcap
from . import made, recipe

VSFTPD = """
listen=NO
listen_ipv6=YES
listen_port={port}
anonymous_enable=YES
anon_root={work}/pub
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
write_enable=YES
local_enable=YES
secure_chroot_dir={work}/empty
seccomp_sandbox=NO
max_login_fails=5
delay_failed_login=0
delay_successful_login=0
banner_file={work}/banner
dirmessage_enable=YES
port_promiscuous=NO
pam_service_name=vsftpd
vsftpd_log_file={work}/log
ssl_enable={tls}
rsa_cert_file={work}/key.pem
allow_anon_ssl=YES
force_anon_data_ssl=NO
force_anon_logins_ssl=NO
force_local_data_ssl=NO
force_local_logins_ssl=NO
require_ssl_reuse=NO
ssl_ciphers=HIGH
"""


@contextlib.contextmanager
def _vsftpd(work: pathlib.Path, port: int = 21, tls: bool = False) -> Iterator[None]:
    """A server with a public area, `incoming` in it to write to, and the user joe with password `secret`."""
    for folder in ("pub/docs", "pub/incoming", "empty", "home"):
        (work / folder).mkdir(parents=True)
    work.chmod(0o755)
    (work / "pub/incoming").chmod(0o777)
    (work / "home").chmod(0o777)
    (work / "pub/hello.txt").write_text("Hello from the server.\n")
    (work / "pub/docs/long file.txt").write_text("".join(f"line {n} of a longer text\n" for n in range(900)))
    (work / "pub/docs/.message").write_text("Nothing here is secret.\nTake what you like.\n")
    (work / "banner").write_text("Welcome.\n230 is not the code of this line.\nHave fun.\n")
    if tls:
        # fmt: off
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
            "-subj", "/CN=ftp.example", "-keyout", str(work / "key.pem"), "-out", str(work / "cert.pem"))
        # fmt: on
        (work / "key.pem").write_text((work / "key.pem").read_text() + (work / "cert.pem").read_text())
    (work / "conf").write_text(VSFTPD.format(work=work, port=port, tls="YES" if tls else "NO"))
    files = {
        "passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/sh\n"
        f"ftp:x:998:998::{work}/pub:/bin/sh\njoe:x:1000:1000::{work}/home:/bin/sh\n",
        "shadow": f"joe:{crypt.crypt('secret')}:19000::::::\n",
        "pam.d/vsftpd": "auth required pam_unix.so nodelay\naccount required pam_permit.so\n"
        "session required pam_permit.so\n",
    }
    mounts = []
    for name, content in files.items():
        copy = work / name.replace("/", "-")
        copy.write_text(content)
        mounts.append(f"mount --bind {copy} /etc/{name}")
    with server("sh", "-c", f"{' && '.join(mounts)} && exec vsftpd {work}/conf"):
        yield


def _tnftp(work: pathlib.Path, host: str, commands: str, *options: str) -> None:
    """The BSD client with a script."""
    (work / "get").mkdir(exist_ok=True)
    script = work / "script"
    script.write_text(commands)
    client("sh", "-c", f"cd {work}/get && exec tnftp -n {' '.join(options)} {host} < {script}", check=False)


@recipe
def ftp_passive(work: pathlib.Path) -> None:
    """A guest lists, changes directories, fetches and stores: `EPSV` over IPv6, `PASV` over IPv4."""
    (work / "note").write_text("A note for the server.\n")
    with _vsftpd(work), capture(work / "out.pcap", wanted="tcp"):
        session = (
            'user anonymous guest@example.org\npwd\ndir\nget hello.txt\ncd docs\nsize "long file.txt"\n'
            f'get "long file.txt"\ncd ../incoming\nput {work}/note note\n'
            "rename note old\ndelete old\ncdup\nbye\n"
        )
        _tnftp(work, SERVER_ADDR6, session)
        _tnftp(work, SERVER_ADDR, f"epsv4\n{session}")


@recipe
def ftp_active(work: pathlib.Path) -> None:
    """The server connects: `PORT` over IPv4, `EPRT` over IPv6; then a login that fails, and a user's."""
    with _vsftpd(work), capture(work / "out.pcap", wanted="tcp"):
        session = "user ftp nobody@\ndir\nget hello.txt\nbye\n"
        _tnftp(work, SERVER_ADDR, f"epsv4\n{session}", "-A")
        _tnftp(work, SERVER_ADDR6, session, "-A")
        (work / "note").write_text("Mine.\n")
        _tnftp(
            work, SERVER_ADDR, f"user joe guess\nuser joe secret\nput {work}/note .forward\nmkdir sub\nbye\n"
        )


@recipe
def ftp_odd_port(work: pathlib.Path) -> None:
    """On a port that nobody registered: lftp mirrors a folder, curl fetches a file and a missing one."""
    with _vsftpd(work, port=2121), capture(work / "out.pcap", wanted="tcp"):
        script = f"set ftp:sync-mode off; set net:timeout 3; mirror docs {work}/docs; bye"
        client("lftp", "-p", "2121", "-e", script, SERVER_ADDR, check=False)
        client("curl", "-s", f"ftp://{SERVER_ADDR}:2121/hello.txt")
        client("curl", "-s", f"ftp://{SERVER_ADDR}:2121/docs/missing.txt", check=False)


@recipe
def ftp_tls(work: pathlib.Path) -> None:
    """`AUTH TLS`: behind the server's consent nothing is FTP to see; a server that does not know TLS."""
    with _vsftpd(work, tls=True), capture(work / "out.pcap", wanted="tcp"):
        client("curl", "-s", "-k", "--ssl-reqd", f"ftp://{SERVER_ADDR}/hello.txt", check=False)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_vsftpd(work / "plain", port=2122))
        stack.enter_context(capture(work / "second.pcap", wanted="tcp"))
        client("curl", "-s", "-k", "--ssl", f"ftp://{SERVER_ADDR}:2122/hello.txt", check=False)
    # Two captures of one link type: the second one without its header.
    with (work / "out.pcap").open("ab") as out:
        out.write((work / "second.pcap").read_bytes()[24:])


THIRD = "203.0.113.66"


@made("ftp-hostile.pcap")
def ftp_hostile() -> bytes:
    """Options and NULs in words, bounces, stolen data, holes, floods: what is to pass unseen or do harm."""
    clock = Clock()
    talks: list[Conversation] = []

    def talk(client_host: str = CLIENT_ADDR, port: int = 21) -> Conversation:
        talks.append(Conversation(clock, 40001 + len(talks), port, client=client_host))
        talks[-1].open()
        return talks[-1]

    def login(session: Conversation, user: bytes = b"anonymous") -> None:
        session.server(b"220 ready\r\n")
        session.client(b"USER " + user + b"\r\n")
        session.server(b"331 password\r\n")
        session.client(b"PASS me@example.org\r\n")
        session.server(b"230 in\r\n")

    # What the server takes out, and what its C library does not see behind.
    hidden = talk()
    login(hidden, b"ro\xff\xfb\x18ot")
    hidden.client(b"RE\xff\xfa\x18\0x\xff\xf0TR /etc/pa\xff\xf1sswd\r\n")
    hidden.server(b"550 no\r\n")
    hidden.client(b"re\0tr /etc/sha\0dow\r\n")
    hidden.server(b"550 no\r\n")
    hidden.client(b"QUIT\r\n")
    hidden.server(b"221 bye\r\n")
    hidden.close()

    # A word in as many segments as it has letters, two commands in one, a line that CR alone ends.
    split = talk()
    login(split)
    for byte in b"RETR .rhosts\r\n":
        split.client(bytes([byte]))
    split.server(b"550 no\r\n")
    split.client(b"CWD /a\r\nRETR b\r\nDELE c\rSTOR d\r\n")
    split.server(b"250 ok\r\n550 no\r\n250 deleted c\r\n", b"553 no\r\n")
    split.close()

    # The server sees one name, the monitor may see two.
    changed = talk()
    login(changed)
    changed.say(True, b"RETR nice.txt")
    changed.again(True, 8, b"evil.txt")
    changed.client(b"\r\n")
    changed.server(b"550 no\r\n")
    changed.close()

    # Far too long: a name, and a command that never ends.
    long = talk()
    login(long)
    long.client(b"MKD " + b"A" * 1200 + b"\r\n")
    long.server(b"550 no\r\n")
    for _ in range(70):
        long.client(b"B" * 1000)
    long.client(b"\r\nNOOP\r\n")
    long.server(b"500 what\r\n", b"200 ok\r\n")
    long.close()

    # Replies that nobody asked for, and a reply that never ends.
    odd = talk()
    odd.server(b"226 done\r\n227 Entering Passive Mode (192,0,2,80,200,1)\r\n", b"211-many\r\n")
    odd.client(b"STAT\r\n")
    for n in range(20):
        odd.server(b" line %d\r\n" % n)
    odd.close()

    # The server is to connect to somebody else, at a port of a service; it sends its client to somebody else.
    bounce = talk()
    login(bounce)
    bounce.client(b"PORT 203,0,113,66,0,25\r\n")
    bounce.server(b"200 fine\r\n")
    bounce.client(b"RETR mail.txt\r\n")
    bounce.server(b"150 Opening (20 bytes)\r\n")
    relay = Conversation(clock, 20, 25, client=SERVER_ADDR, server=THIRD)
    talks.append(relay)
    relay.open()
    relay.client(b"HELO you\r\nMAIL FROM:\r\n")
    relay.close(by_client=True)
    bounce.server(b"226 done\r\n")
    bounce.client(b"EPRT |1|203.0.113.67|6000|\r\n")
    bounce.server(b"200 fine\r\n")
    bounce.client(b"PORT 300,1,2,3,4,5\r\n", b"EPRT |7|x|y|\r\n")
    bounce.server(b"501 what\r\n", b"522 what\r\n")
    bounce.client(b"PASV\r\n")
    bounce.server(b"227 Entering Passive Mode (203,0,113,68,10,10)\r\n")
    bounce.close()

    # A third host uses the port that was meant for the client.
    stolen = talk()
    login(stolen)
    stolen.client(b"PASV\r\n")
    stolen.server(b"227 Entering Passive Mode (192,0,2,80,156,64)\r\n")
    stolen.client(b"RETR secret.txt\r\n")
    thief = Conversation(clock, 50001, 156 << 8 | 64, client=THIRD, server=SERVER_ADDR)
    talks.append(thief)
    thief.open()
    thief.server(b"A secret for somebody else.\n")
    thief.close()
    stolen.server(b"150 Opening\r\n", b"226 done\r\n")
    stolen.close()

    # Parts that the monitor did not see, on both sides; and an unfinished command.
    missed = talk()
    login(missed)
    missed.say(True, b"RETR /etc/pass", seen=False)
    missed.client(b"wd\r\nCWD /x\r\n")
    missed.say(False, b"550-no\r\n such", seen=False)
    missed.server(b" file\r\n550 at all\r\n250 ok\r\n")
    missed.client(b"DELE y")
    missed.close(by_client=True)

    # Nothing of it is FTP.
    other = talk()
    other.client(b"\x16\x03\x01\0\x05hello\r\n")
    other.server(b"SSH-2.0-other\r\n")
    other.close()

    # A program run on the server; passwords tried one after the other; a commands flood without replies.
    shell = talk()
    login(shell, b"joe")
    shell.client(b"SITE exec /bin/id\r\n")
    shell.server(b"200-uid=0\r\n200 (end of output)\r\n")
    shell.close()
    guess = talk("192.0.2.11")
    guess.server(b"220 ready\r\n")
    for n in range(25):
        guess.client(b"USER joe\r\nPASS p%d\r\n" % n)
        guess.server(b"331 password\r\n530 no\r\n")
    guess.close()
    flood = talk()
    flood.say(True, b"DELE x\r\n" * 50)
    flood.say(False, flags=ACK)
    flood.close()

    # Who they say they are; a new login on the same connection; a directory with a quote in its name.
    named = talk()
    named.server(b"220-FileZilla Server 1.9.1\r\n220 hello\r\n")
    named.client(b"CLNT NcFTPGet/3.2.6\r\n")
    named.server(b"200 nice\r\n")
    named.client(b"USER joe\r\nPASS secret\r\nPWD\r\n")
    named.server(b'331 password\r\n230 in\r\n257 "/home/the ""best"" joe" is it\r\n')
    named.client(b"APPE diary\r\n")
    named.server(b"550 no\r\n")
    named.client(b"REIN\r\n")
    named.server(b"220 again\r\n")
    named.client(b"USER anonymous\r\n")
    named.server(b"230 in\r\n")
    named.client(b"RETR hello\r\n")
    named.server(b"550 no\r\n")
    named.close()

    packets = [packet for conversation in talks for packet in conversation.packets]
    return pcap(sorted(packets, key=lambda packet: packet.at))
