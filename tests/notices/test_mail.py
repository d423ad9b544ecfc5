"""Notices by mail, through a program that keeps what it is given."""

from __future__ import annotations

import email
import email.message
import pathlib
from collections.abc import Callable

import pytest

from tests import processes
from tests.conftest import CAPTURES, RunBro

PROGRAM = """#!/bin/sh
echo "$@" > "{folder}/arguments"
cat > "{folder}/$$.part"
mv "{folder}/$$.part" "{folder}/$$.mail"
"""

Mails = Callable[[int], list[email.message.Message]]


@pytest.fixture
def mails(tmp_path: pathlib.Path) -> Mails:
    """Waits for so many mails and returns them by recipient."""
    folder = tmp_path / "mails"
    folder.mkdir()
    program = tmp_path / "sendmail"
    program.write_text(PROGRAM.format(folder=folder))
    program.chmod(0o755)

    def sent(count: int) -> list[email.message.Message]:
        processes.wait_until(lambda: len(list(folder.glob("*.mail"))) >= count, f"{count} mails")
        found = [email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.mail")]
        assert len(found) == count
        return sorted(found, key=lambda mail: str(mail["To"]))

    return sent


HEAD = """
redef Notice::sendmail = "./sendmail";
redef Notice::mail_dest = "ops@example.net";
redef enum Notice::Type += { Found, Silent };
function about(msg: string): Notice::Info
    {
    return Notice::Info($note=Found, $msg=msg, $sub="more of it", $src=192.0.2.10, $dst=192.0.2.80, $p=79/tcp,
                        $suppress_for=1hr);
    }
"""


def run(bro: RunBro, folder: pathlib.Path, text: str, *more: str) -> str:
    (folder / "policy.bro").write_text(HEAD + text)
    done = bro("policy.bro", *more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def body(mail: email.message.Message) -> str:
    return str(mail.get_payload())


def test_a_mail_has_header_and_body(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    run(
        bro,
        tmp_path,
        """
        redef Notice::mail_from = "Monitor <bro@example.net>";
        redef Notice::reply_to = "desk@example.net";
        redef Notice::mail_subject_prefix = "[gate]";
        redef Notice::emailed_types += { Found };
        event bro_init() { NOTICE(about("a host asks")); NOTICE([$note=Silent]); }
        """,
    )
    (mail,) = mails(1)
    assert mail["From"] == "Monitor <bro@example.net>"
    assert mail["Reply-To"] == "desk@example.net"
    assert (mail["To"], mail["Subject"]) == ("ops@example.net", "[gate] Found")
    for part in ("Message: a host asks", "Sub-message: more of it", "Address: 192.0.2.10", "Time: "):
        assert part in body(mail)
    assert (tmp_path / "mails" / "arguments").read_text() == "-t -oi\n"


def test_a_message_adds_no_header(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    """What came off the wire cannot write into the header or run a command."""
    run(
        bro,
        tmp_path,
        r"""
        redef Notice::emailed_types += { Found };
        event bro_init() { NOTICE(about("x\nBcc: all@example.net\n\n`touch ran` $(touch ran) 'touch ran'")); }
        """,
    )
    (mail,) = mails(1)
    assert mail["Bcc"] is None and "Bcc: all" in body(mail)
    assert not (tmp_path / "ran").exists()


def test_actions_that_mail(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    """Page, administrators of both ends, and whom a policy chooses."""
    run(
        bro,
        tmp_path,
        """
        redef Notice::mail_page_dest = "pager@example.net";
        redef Site::local_nets += { 192.0.2.0/24 };
        redef Site::local_admins += {
            [192.0.2.0/28] = set("low@example.net"), [192.0.2.80/32] = set("web@example.net"),
        };
        hook Notice::policy(n: Notice::Info)
            {
            if ( n$msg == "page" )
                add n$actions[Notice::ACTION_PAGE];
            if ( n$msg == "admin" )
                add n$actions[Notice::ACTION_EMAIL_ADMIN];
            if ( n$msg == "chosen" )
                {
                add n$actions[Notice::ACTION_EMAIL];
                add n$email_dest["chosen@example.net"];
                }
            }
        event bro_init()
            { NOTICE(about("page")); NOTICE(about("admin")); NOTICE(about("chosen")); NOTICE(about("none")); }
        """,
    )
    found = {str(mail["To"]): body(mail) for mail in mails(3)}
    admins = next(to for to in found if "web@" in to)
    assert "low@example.net" in admins
    assert "Message: page" in found["pager@example.net"]
    assert "Message: chosen" in found["chosen@example.net"]


def test_a_mail_waits_for_tokens(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    out = run(
        bro,
        tmp_path,
        """
        redef Notice::emailed_types += { Found };
        redef exit_only_after_terminate = T;
        event known(n: Notice::Info)
            {
            print "known";
            n$email_body_sections += "It is a printer.";
            delete n$email_delay_tokens["what is it"];
            schedule 200msec { stop() };
            }
        event stop() { terminate(); }
        hook Notice::notice(n: Notice::Info) &priority=10
            {
            n$email_body_sections = vector();
            n$email_delay_tokens = set("what is it");
            schedule 100msec { known(n) };
            }
        event bro_init() { NOTICE(about("wait")); }
        """,
    )
    assert out == "known\n"
    (mail,) = mails(1)
    assert "It is a printer." in body(mail)


def test_a_mail_does_not_wait_for_ever(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    run(
        bro,
        tmp_path,
        """
        redef Notice::emailed_types += { Found };
        redef Notice::max_email_delay = 200msec;
        redef exit_only_after_terminate = T;
        event stop() { terminate(); }
        hook Notice::notice(n: Notice::Info) &priority=10
            {
            n$email_delay_tokens = set("never");
            schedule 1sec { stop() };
            }
        event bro_init() { NOTICE(about("wait")); }
        """,
    )
    assert "Message: wait" in body(mails(1)[0])


def test_a_mail_can_be_put_off(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    """A script schedules the event itself."""
    run(
        bro,
        tmp_path,
        """
        event bro_init()
            {
            local n = about("put off");
            n$ts = network_time();
            n$email_body_sections = vector("with an addition");
            event delay_sending_email(n, "later@example.net", T);
            }
        """,
    )
    (mail,) = mails(1)
    assert mail["To"] == "later@example.net" and "with an addition" in body(mail)


def test_hostnames_in_mails(
    bro: RunBro, tmp_path: pathlib.Path, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRO_DNS_FAKE", "1")
    run(
        bro,
        tmp_path,
        """
        @load policy/frameworks/notice/extend-email/hostnames
        redef Notice::emailed_types += { Found };
        redef exit_only_after_terminate = T;
        event stop() { terminate(); }
        event bro_init() { NOTICE(about("names")); schedule 2sec { stop() }; }
        """,
    )
    text = body(mails(1)[0])
    assert "The source, 192.0.2.10, is fake_addr_lookup_result_192.0.2.10" in text
    assert "The destination, 192.0.2.80, is fake_addr_lookup_result_192.0.2.80" in text


def test_alarms_are_mailed_together(
    bro: RunBro, tmp_path: pathlib.Path, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRO_DNS_FAKE", "1")
    run(
        bro,
        tmp_path,
        """
        redef Notice::alarmed_types += { Found };
        redef Notice::flag_nets += { 192.0.2.80/32 };
        redef exit_only_after_terminate = T;
        event stop() { terminate(); }
        event bro_init()
            {
            NOTICE(about("one"));
            NOTICE([$note=Found, $msg="two", $src=198.51.100.1]);
            NOTICE([$note=Found, $msg="three"]);
            NOTICE([$note=Silent, $msg="not an alarm"]);
            schedule 2sec { stop() };
            }
        """,
    )
    (mail,) = mails(1)
    assert mail["To"] == "ops@example.net" and "Alarms from" in mail["Subject"]
    text = body(mail)
    assert "Found 192.0.2.10 -> 192.0.2.80:79/tcp" in text
    assert "192.0.2.80 is fake_addr_lookup_result_192.0.2.80" in text
    marked = [line for line in text.splitlines() if line.startswith(">")]
    assert len(marked) == 1 and "192.0.2.80" in marked[0]
    for message in ("one", "two", "three"):
        assert f"      {message}\n" in text
    assert "not an alarm" not in text
    assert not (tmp_path / "alarm-mail.txt").exists()
    rows = [line for line in (tmp_path / "notice_alarm.log").read_text().splitlines() if line[0] != "#"]
    assert len(rows) == 3


def test_alarms_as_rows(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    run(
        bro,
        tmp_path,
        """
        redef Notice::alarmed_types += { Found };
        redef Notice::pretty_print_alarms = F;
        event bro_init() { NOTICE(about("one")); }
        """,
    )
    (mail,) = mails(1)
    assert "Contents of" in mail["Subject"] and "#fields" in body(mail) and "\tone\t" in body(mail)
    assert not list(tmp_path.glob("alarm-mail*"))


def test_captures_mail_nobody(bro: RunBro, tmp_path: pathlib.Path, mails: Mails) -> None:
    run(
        bro,
        tmp_path,
        """
        redef Notice::emailed_types += { Found };
        redef Notice::alarmed_types += { Found };
        redef Notice::force_email_summaries = T;
        event bro_init() { NOTICE(about("one")); }
        """,
        "-r",
        str(CAPTURES / "ping.pcap"),
    )
    assert mails(0) == []
    assert "      one\n" in (tmp_path / "alarm-mail.txt").read_text()


def test_a_program_that_is_not_there(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "policy.bro").write_text(
        HEAD
        + """
        redef Notice::emailed_types += { Found };
        event bro_init() { NOTICE(about("one")); NOTICE(about("two")); }
        """
    )
    done = bro("policy.bro")
    assert done.returncode == 1  # an error at the start
    assert done.stderr.count("Notice::sendmail") == 1
