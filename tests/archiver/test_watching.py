"""Waiting for new mail on a real server, over a line that breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from archiver import imap_source, watching
from archiver.config import AccountTable
from archiver.imap_guard import ALLOWED
from archiver.imap_source import ImapSource
from archiver.watching import Watcher
from tests.cli.conftest import letter
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.proxy import Proxy
from tests.servers.scripted import scripted


class Told:
    def __init__(self) -> None:
        self.times = 0
        self._more = threading.Condition()

    def __call__(self) -> None:
        with self._more:
            self.times += 1
            self._more.notify_all()

    def until(self, times: int, timeout_s: float = 15.0) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.times >= times, timeout_s), self.times


def connect_to(
    host: str, port: int, username: str, password: str = PASSWORD
) -> Callable[[], ImapSource]:
    account = AccountTable.model_construct(
        name="family", host=host, port=port, security="none", username=username, ca_file=""
    )
    return lambda: ImapSource(account, password)


@contextmanager
def watched(connect: Callable[[], ImapSource], told: Told) -> Iterator[Watcher]:
    watcher = Watcher("family", "INBOX", connect, told)
    watcher.start()
    try:
        yield watcher
    finally:
        started = time.monotonic()
        watcher.stop()
        assert time.monotonic() - started < 1.5
        assert not watcher._thread.is_alive()


def test_mail_is_told_of_at_once_and_only_looking_commands_are_sent(
    mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "IDLE_S", 0.4)  # IDLE begins anew again and again
    told = Told()
    mailbox.deliver(letter(1))
    before = mailbox.state()
    with Proxy(dovecot.host, dovecot.port) as proxy:
        with watched(connect_to(proxy.host, proxy.port, mailbox.username), told):
            while proxy.commands().count("IDLE") < 3:
                time.sleep(0.05)
            assert told.times == 0
            mailbox.deliver(letter(2), flags=None)
            told.until(1)
        commands = set(proxy.commands())

    assert commands <= ALLOWED
    assert {"EXAMINE", "IDLE"} <= commands
    assert "SELECT" not in commands
    assert set(before) < set(mailbox.state())
    assert any(path.startswith("new/") for path in mailbox.state())  # still recent, still unseen


def test_a_line_that_breaks_is_made_again_and_mail_of_the_time_between_is_told_of(
    mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_FIRST_PAUSE_S", 0.2)
    told = Told()
    with (
        Proxy(dovecot.host, dovecot.port) as proxy,
        watched(connect_to(proxy.host, proxy.port, mailbox.username), told),
    ):
        while "IDLE" not in proxy.commands():
            time.sleep(0.02)
        proxy.cut()
        mailbox.deliver(letter(1))
        told.until(1)
        assert proxy.connections >= 2


def test_a_suspended_computer_does_not_wait_on_a_line_that_died_long_ago(
    mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(imap_source, "_IDLE_SLICE_S", 0.1)
    told, apart = Told(), [0.0]
    monkeypatch.setattr(imap_source, "_clocks_apart", lambda: apart[0])
    with (
        Proxy(dovecot.host, dovecot.port) as proxy,
        watched(connect_to(proxy.host, proxy.port, mailbox.username), told),
    ):
        while "IDLE" not in proxy.commands():
            time.sleep(0.02)
        apart[0] = 3600.0
        until = time.monotonic() + 10
        while proxy.connections < 2 and time.monotonic() < until:
            time.sleep(0.02)
        assert proxy.connections == 2


def test_a_server_without_idle_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.1)
    told, count = Told(), [1]

    def examine() -> bytes:
        return (
            f"* {count[0]} EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n* OK [UIDNEXT {count[0] + 1}] x\r\n"
            "%t OK [READ-ONLY] done\r\n"
        ).encode()

    script = {"EXAMINE": examine()}
    with scripted(script) as (host, port), watched(connect_to(host, port, "me"), told):
        time.sleep(0.6)
        assert told.times == 0
    count[0] = 2
    with scripted({"EXAMINE": examine()}) as (host, port):
        watcher = Watcher("family", "INBOX", connect_to(host, port, "me"), told)
        watcher._seen = imap_source.Opened(5, 1, 2)
        watcher._watch()
    assert told.times == 1


def test_a_line_that_could_not_be_made_at_first_makes_its_first_look_tell(
    mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_FIRST_PAUSE_S", 0.1)
    told, tries = Told(), []
    connect = connect_to(dovecot.host, dovecot.port, mailbox.username)

    def second_time() -> ImapSource:
        tries.append(1)
        return connect() if len(tries) > 1 else connect_to(dovecot.host, 1, "x")()

    with watched(second_time, told):
        told.until(1)


def test_a_refused_password_is_not_tried_again_and_again(
    mailbox: Mailbox, dovecot: Dovecot
) -> None:
    told, tries = Told(), []
    wrong = connect_to(dovecot.host, dovecot.port, mailbox.username, "wrong")

    def connect() -> ImapSource:
        tries.append(1)
        return wrong()

    with watched(connect, told):
        time.sleep(1.0)

    assert (len(tries), told.times) == (1, 0)
