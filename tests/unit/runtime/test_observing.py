"""`new_event` tells of every event, whoever handles it."""

from __future__ import annotations

import pathlib

from tests.conftest import CAPTURES, RunBro

POLICY = """
import bro

@bro.event
def new_event(name, params):
    if name == b"new_connection":
        print("seen", len(params))

@bro.event
def new_connection(c):
    print("handled")
"""


def test_policy_in_python_sees_events_before_they_are_handled(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "policy.py").write_text(POLICY)
    done = bro("-b", "-r", CAPTURES / "ping.pcap", "policy.py")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines and lines == ["seen 1", "handled"] * (len(lines) // 2)


def test_policy_in_python_sees_what_scripts_handle(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "policy.py").write_text(POLICY.partition("@bro.event\ndef new_connection")[0])
    code = 'event new_connection(c: connection) { print "script"; }'
    done = bro("-b", "-r", CAPTURES / "ping.pcap", "policy.py", "-e", code)
    lines = done.stdout.splitlines()
    assert lines and lines == ["seen 1", "script"] * (len(lines) // 2), done.stderr


def test_vlans_in_keys_need_their_fields(bro: RunBro) -> None:
    done = bro("-b", "-r", CAPTURES / "ping.pcap", "ConnKey::factory=ConnKey::CONNKEY_VLAN_FIVETUPLE")
    assert done.returncode == 1
    assert "policy/frameworks/conn_key/vlan_fivetuple" in done.stderr
