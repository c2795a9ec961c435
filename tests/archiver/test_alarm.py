"""A person is told once when it begins to matter and once when it is over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.alarm import News, body, failing, headline, news_for, short
from archiver.alarm_ways import AlarmNotSentError, give, raise_alarms
from archiver.config import AlarmTable
from archiver.errors import ArchiveError
from archiver.health import Health, after_run
from archiver.imap_faults import UnknownHostError, WrongPasswordError
from archiver.outcome import Outcome
from archiver.timetable import Timetable
from tests.servers.certificates import Authority
from tests.servers.smtp import MailServer

TABLE = Timetable(time(2), ZoneInfo("America/New_York"))
SECRET = "pass-word-of-the-alarm"
Certificate = Callable[[str], tuple[Path, Path]]


class At:
    name, host, username, effective_port = "family", "imap.mail.example", "mum@mail.example", 993


def night(day: int, hour: int = 7) -> datetime:
    return datetime(2026, 3, day, hour, 5, tzinfo=UTC)


def after(before: Health | None, when: datetime, error: ArchiveError | None) -> Health:
    return after_run(before, "run", when, when, [Outcome("family", error=error)])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def smtp(port: int, **keys: object) -> AlarmTable:
    return AlarmTable.model_validate(
        {
            "desktop": False,
            "mail_to": "mum@mail.example",
            "smtp_host": "localhost",
            "smtp_port": port,
            **keys,
        }
    )


def test_one_mail_after_two_failed_nights_and_one_when_it_works_again(tmp_path: Path) -> None:
    health = after(None, night(1), None)
    wrong = WrongPasswordError(At, "NO open https://evil.example now")  # type: ignore[arg-type]
    with MailServer("none") as server:
        alarm = smtp(server.port, smtp_security="none")

        def goes(day: int, hour: int, error: ArchiveError | None) -> int:
            nonlocal health
            health = after(health, night(day, hour), error)
            assert raise_alarms(alarm, tmp_path, health, TABLE, night(day, hour)) == []
            return len(server.received)

        assert [goes(2, 7, wrong), goes(2, 8, wrong)] == [0, 0]
        assert [goes(3, 7, wrong), goes(4, 7, wrong), goes(5, 7, wrong)] == [1, 1, 1]
        assert [goes(6, 7, None), goes(7, 7, None)] == [2, 2]
        assert [goes(8, 7, wrong), goes(9, 7, wrong)] == [2, 3]  # another time is another time

    first, second, third = server.received
    assert first["Subject"] == "Paper Trail: no mail fetched for 2 nights"
    assert first["To"] == first["From"] == "mum@mail.example"
    assert first["Auto-Submitted"] == "auto-generated"
    text = first.get_content()
    assert "Account family: the mail server does not accept the password" in text
    assert "since Monday, March 02, 2026, 2 nights" in text
    assert "evil.example" not in str(first)  # what a server says could be anybody's words
    assert second["Subject"] == "Paper Trail works again"
    assert first["Message-ID"] != third["Message-ID"]


def test_a_mail_that_does_not_get_out_is_sent_later_or_not_at_all(tmp_path: Path) -> None:
    """Where the network is gone, the alarm cannot leave either."""
    gone = UnknownHostError(At)  # type: ignore[arg-type]
    health = after(None, night(1), None)
    with MailServer("none") as server:
        port = server.port
    for day in (2, 3, 4):
        health = after(health, night(day), gone)
        problems = raise_alarms(
            smtp(port, smtp_security="none"), tmp_path, health, TABLE, night(day)
        )
    assert ["did not take it" in problem for problem in problems] == [True]
    with MailServer("none") as server:
        alarm = smtp(server.port, smtp_security="none")
        raise_alarms(alarm, tmp_path, after(health, night(5), None), TABLE, night(5))
        assert server.received == []  # nobody was told that it failed, so nobody is that it works
        raise_alarms(alarm, tmp_path, after(health, night(5), gone), TABLE, night(5))
        assert [m["Subject"] for m in server.received] == [
            "Paper Trail: no mail fetched for 4 nights"
        ]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_telling_never_repeats_itself(good: list[bool], after_nights: int) -> None:
    told: dict[str, str] = {}
    health: Health | None = None
    given_news = []
    error = UnknownHostError(At)  # type: ignore[arg-type]
    for number, well in enumerate(good):
        now = night(1) + timedelta(days=number)
        health = after(health, now, None if well else error)
        found = failing(health, TABLE, now)
        assert bool(found) is not well
        for way, news in news_for(found, told, ["mail"], after_nights):
            told[way] = "told" if news is News.FAILING else ""
            given_news.append(news)
            assert headline(news, found)
            assert short(news, found)
            assert body(news, found, TABLE, "pc")

    expected = [News.FAILING, News.WORKING] * len(given_news)
    assert given_news == expected[: len(given_news)]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_mail_server_must_prove_who_it_is_before_it_gets_the_password(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, security: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALARM_PASSWORD", SECRET)
    good = authority.issue("good", host="localhost", days=30)
    bad = authority.issue("bad", host="elsewhere.example", days=30)
    keys = {
        "smtp_security": security,
        "smtp_username": "mum",
        "smtp_password_env": "ALARM_PASSWORD",
        "smtp_ca_file": str(authority.ca_file),
    }
    with MailServer(security, good, SECRET) as server:  # type: ignore[arg-type]
        give(smtp(server.port, **keys), "mail", News.TRIAL, [], TABLE)
        assert server.logins == [("mum", SECRET)]
        assert server.received[0]["Subject"] == "Paper Trail: a trial of the alarm"
        monkeypatch.setenv("ALARM_PASSWORD", "wrong")
        with pytest.raises(AlarmNotSentError, match="does not accept the user name") as refused:
            give(smtp(server.port, **keys), "mail", News.TRIAL, [], TABLE)
        assert "wrong" not in str(refused.value)
        stranger = {**keys, "smtp_ca_file": ""}
        with pytest.raises(AlarmNotSentError, match="certificate of 'localhost' was refused"):
            give(smtp(server.port, **stranger), "mail", News.TRIAL, [], TABLE)
    with MailServer(security, bad, SECRET) as server:  # type: ignore[arg-type]
        with pytest.raises(AlarmNotSentError, match="certificate of 'localhost' was refused"):
            give(smtp(server.port, **keys), "mail", News.TRIAL, [], TABLE)
        assert server.logins == []


_DESKTOP = """
import asyncio, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

class Notifications(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.Notifications")
    @method()
    def GetCapabilities(self) -> "as":
        return ["body"]
    @method()
    def GetServerInformation(self) -> "ssss":
        return ["test", "test", "1", "1.2"]
    @method()
    def Notify(self, app: "s", replaces: "u", icon: "s", title: "s", text: "s",
               actions: "as", hints: "a{sv}", timeout: "i") -> "u":
        print(app, "|", title, "|", text, flush=True)
        return 1
    @method()
    def CloseNotification(self, number: "u"):
        pass

async def main():
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications())
    await bus.request_name("org.freedesktop.Notifications")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", sys.argv[1])
    sys.exit(await process.wait())

asyncio.run(main())
"""
_GIVE = """
from datetime import time
from zoneinfo import ZoneInfo
from archiver.alarm import News
from archiver.alarm_ways import give, ways
from archiver.config import AlarmTable
from archiver.timetable import Timetable
alarm = AlarmTable()
assert ways(alarm) == ["desktop"], ways(alarm)
give(alarm, "desktop", News.WORKING, [], Timetable(time(2), ZoneInfo("UTC")))
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no D-Bus here")
def test_a_notification_reaches_a_desktop_and_no_desktop_is_no_harm() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", _DESKTOP, _GIVE],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    said = "Paper Trail | Paper Trail works again | Nothing needs to be done.\n"
    assert (done.stdout, done.returncode) == (said, 0), done.stderr

    # A bus on which nobody shows notifications.
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", _GIVE],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "AlarmNotSentError" in done.stderr
    assert done.stderr.count("Traceback") == 1  # ours, of the script above; not the library's


def test_the_configuration_says_what_is_missing_for_an_alarm() -> None:
    with pytest.raises(ValueError, match="mail_to needs smtp_host"):
        AlarmTable(mail_to="mum@mail.example")
    with pytest.raises(ValueError, match="in the clear"):
        AlarmTable(smtp_host="smtp.mail.example", smtp_security="none")


def test_an_address_with_a_line_break_becomes_no_header_and_no_crash(tmp_path: Path) -> None:
    health = after(None, night(2), UnknownHostError(At))  # type: ignore[arg-type]
    with MailServer("none") as server:
        alarm = smtp(server.port, smtp_security="none", after_nights=1)
        evil = alarm.model_copy(update={"mail_to": "mum@mail.example\nBcc: all@mail.example"})
        problems = raise_alarms(evil, tmp_path, health, TABLE, night(2))

    assert ["did not take it" in problem for problem in problems] == [True]
    assert server.received == []
