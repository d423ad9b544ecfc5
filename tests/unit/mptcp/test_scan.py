"""The scanner without a network: what it asks, what it makes of answers, how it repeats and when it ends."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.mptcp import command, targets
from bro.mptcp.probes import Answer, Kind, Secrets, Verdict, probe, understand
from bro.mptcp.scan import Key, Progress, Settings, Wire, scan
from bro.mptcp.targets import Host
from bro.options import UsageError
from bro.wire import mptcp
from bro.wire.headers import ACK, RST, SYN, Segment, options_of, packet, parse_tcp, tcp, tcp_of_ipv4

HOST = ipaddress.ip_address("192.0.2.80")
SECRETS = Secrets(b"secret")


class Network(Wire):
    """Hosts that answer as told, and a clock that moves when it is waited."""

    def __init__(self, answers: dict[Kind, Answer], lost: int = 0) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, Key]] = []
        self._answers = answers
        self._lost = lost
        self._coming: list[tuple[Key, Answer]] = []

    def send(self, kind: Kind, host: Host, port: int, secrets: Secrets) -> bool:
        key = (host.address, port, kind)
        self.sent.append((self.now, key))
        answer = self._answers.get(kind, Answer.NONE)
        if answer is Answer.UNREACHABLE:
            return False
        before = sum(sent == key for _, sent in self.sent) - 1
        if answer is not Answer.NONE and before >= self._lost:
            self._coming.append((key, answer))
        return True

    def wait(self, seconds: float) -> None:
        self.now += max(seconds, 0.001)

    def answers(self, secrets: Secrets) -> Iterator[tuple[Key, Answer]]:
        yield from self._coming
        self._coming.clear()


def run(network: Network, hosts: int = 1, settings: Settings | None = None) -> list[Verdict]:
    found = [Host(HOST + number) for number in range(hosts)]
    told: list[Progress] = []
    settings = settings or Settings()
    verdicts = list(scan(found, [80], hosts, settings, network, told.append, lambda: network.now))
    assert told[-1].done == told[-1].total == 3 * hosts
    return verdicts


MPTCP_HOST = {Kind.CAPABLE_V1: Answer.CAPABLE, Kind.CAPABLE_V0: Answer.PLAIN, Kind.JOIN: Answer.RESET}


@pytest.mark.parametrize(
    ("answers", "state", "versions"),
    [
        ((Answer.CAPABLE, Answer.PLAIN, Answer.RESET), "mptcp", [1]),
        ((Answer.PLAIN, Answer.CAPABLE, Answer.RESET), "mptcp", [0]),
        ((Answer.CAPABLE, Answer.CAPABLE, Answer.RESET), "mptcp", [0, 1]),
        ((Answer.CAPABLE, Answer.PLAIN, Answer.PLAIN), "capable", [1]),
        ((Answer.PLAIN, Answer.PLAIN, Answer.RESET), "join-only", []),
        ((Answer.ECHO, Answer.ECHO, Answer.ECHO), "echo", []),
        ((Answer.PLAIN, Answer.PLAIN, Answer.PLAIN), "tcp", []),
        ((Answer.RESET, Answer.RESET, Answer.RESET), "closed", []),
        ((Answer.NONE, Answer.NONE, Answer.NONE), "filtered", []),
        ((Answer.UNREACHABLE,) * 3, "unreachable", []),
    ],
)
def test_verdicts(answers: tuple[Answer, ...], state: str, versions: list[int]) -> None:
    (verdict,) = run(Network(dict(zip(Kind, answers, strict=True))))
    assert (verdict.state, verdict.versions) == (state, versions)


def test_what_was_lost_is_asked_again() -> None:
    network = Network(MPTCP_HOST, lost=2)
    (verdict,) = run(network)
    assert verdict.state == "mptcp" and len(network.sent) == 9
    (verdict,) = run(Network(MPTCP_HOST, lost=3))
    assert verdict.state == "filtered"


def test_the_rate_holds() -> None:
    network = Network(MPTCP_HOST, lost=1)
    run(network, hosts=100, settings=Settings(rate=50))
    times = [at for at, _ in network.sent]
    for begin in times:
        # A tenth of a second may be caught up with.
        assert sum(begin <= at < begin + 1 for at in times) <= 50 + 6


def test_few_are_outstanding() -> None:
    network = Network({})
    run(network, hosts=20, settings=Settings(rate=1e6, retries=0, outstanding=6))
    times = [at for at, _ in network.sent]
    assert max(sum(begin <= at < begin + 1 for at in times) for begin in times) <= 6 + 3


def test_probes_and_answers() -> None:
    for kind in Kind:
        asked = probe(kind, HOST, 80, 4000, SECRETS)
        again = parse_tcp(tcp(HOST, HOST, asked))
        assert again is not None and (again.seq, again.flags) == (asked.seq, SYN)
        back = Segment(80, 4000, 7, asked.seq + 1, SYN | ACK, 1000)
        assert understand(kind, HOST, back, SECRETS) is Answer.PLAIN
        assert understand(kind, HOST, back._replace(options=asked.options), SECRETS) is Answer.ECHO
        assert understand(kind, HOST, back._replace(flags=RST | ACK), SECRETS) is Answer.RESET
        assert understand(kind, HOST, back._replace(ack=asked.seq), SECRETS) is None
        assert understand(kind, HOST, back._replace(flags=ACK), SECRETS) is None
    for kind, version in ((Kind.CAPABLE_V1, 1), (Kind.CAPABLE_V0, 0)):
        asked = probe(kind, HOST, 80, 4000, SECRETS)
        option = bytes([30, 12, version, 0x81]) + b"otherkey"
        back = Segment(80, 4000, 7, asked.seq + 1, SYN | ACK, 1000, option)
        assert understand(kind, HOST, back, SECRETS) is Answer.CAPABLE


@given(st.binary(max_size=120))
def test_anything_may_come_back(data: bytes) -> None:
    segment = parse_tcp(data)
    if segment is not None:
        list(options_of(segment.options))
        for kind in Kind:
            understand(kind, HOST, segment, SECRETS)
    tcp_of_ipv4(data)


@given(st.binary(max_size=40), st.binary(max_size=30))
def test_what_is_made_is_understood(options: bytes, payload: bytes) -> None:
    sent = Segment(1, 2, 3, 4, ACK, 5, options, payload)
    for ends in (
        (HOST, HOST + 1),
        (ipaddress.ip_address("2001:db8::1"), ipaddress.ip_address("2001:db8::2")),
    ):
        whole = packet(*ends, sent)
        content = tcp_of_ipv4(whole) if ends[0].version == 4 else whole[40:]
        assert content is not None
        got = parse_tcp(content)
        assert got is not None and got.payload == payload and got.options.startswith(options)


def test_options_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="44 bytes"):
        tcp(HOST, HOST, Segment(1, 2, 3, 4, ACK, 5, bytes(41)))


def test_options_of_mptcp() -> None:
    assert mptcp.capable_syn(1, 5).hex() == "1e040101"
    assert mptcp.capable_syn(0, 5).hex() == "1e0c0001" + "05".zfill(16)
    assert mptcp.join_syn(0x01020304, 5, 6).hex() == "1e0c1006" + "0102030400000005"
    assert mptcp.fastclose(7).hex() == "1e0c7000" + "07".zfill(16)


def test_ports() -> None:
    assert targets.parse_ports("443,80,8000-8002,80") == [80, 443, 8000, 8001, 8002]
    for wrong in ("", "x", "0", "65536", "5-4", "1-", "80,,443"):
        with pytest.raises(UsageError):
            targets.parse_ports(wrong)


def test_hosts() -> None:
    def addresses(text: str) -> list[str]:
        return [str(host.address) for host in targets.hosts([text])]

    assert addresses("192.0.2.1") == ["192.0.2.1"]
    assert addresses("192.0.2.9/30") == ["192.0.2.9", "192.0.2.10"]
    assert addresses("192.0.2.0/31") == ["192.0.2.0", "192.0.2.1"]
    assert addresses("2001:db8::/127") == ["2001:db8::", "2001:db8::1"]
    assert targets.count(["192.0.2.0/24", "name.example", "::1"]) == 256
    with pytest.raises(UsageError):
        targets.count(["192.0.2.0/33"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2001:db8::/32"], "--max-targets"),
        (["10.0.0.0/8"], "16777214 addresses, and 4096 are allowed"),
        (["127.0.0.1", "http"], "'http' is no port"),
        (["127.0.0.1", "--rate", "0"], "--rate"),
        (["127.0.0.1/x"], "no network"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    assert said in capsys.readouterr().err
