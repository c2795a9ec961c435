"""The ways to a person: a notification on this computer's screen, an e-mail."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from archiver.alarm import Failing, News, body, failing, headline, news_for, short
from archiver.config import AccountTable, AlarmTable
from archiver.disk import write_whole
from archiver.errors import ArchiveError
from archiver.health import Health, state_path
from archiver.passwords import find_password
from archiver.timetable import Timetable

log = logging.getLogger(__name__)

_TIMEOUT_S = 30.0
_SCREEN_TIMEOUT_S = 10.0
_PORTS = {"tls": 465, "starttls": 587, "none": 25}


class AlarmNotSentError(ArchiveError):
    """An alarm did not get through."""

    hint = "Check [alarm] in the configuration; `papertrail status --try-alarm` tries it."
    passing = True

    def __init__(self, way: str, why: str) -> None:
        super().__init__(f"The alarm could not be given ({way}): {why}.")


def raise_alarms(
    alarm: AlarmTable, archive: Path, health: Health | None, table: Timetable, now: datetime
) -> list[str]:
    """Tell a person once that the nights fail, and once that they work again.

    Returns:
        Sentences about alarms that did not get through; they are given again after the next run.
    """
    found, told = failing(health, table, now), _read_told(archive)
    problems: list[str] = []
    for way, news in news_for(found, told, ways(alarm), alarm.after_nights):
        try:
            give(alarm, way, news, found, table)
        except ArchiveError as error:
            problems.append(f"{error} {error.hint}")
            continue
        told[way] = now.isoformat(timespec="seconds") if news is News.FAILING else ""
        _write_told(archive, told)
    return problems


def ways(alarm: AlarmTable) -> list[str]:
    """The ways that are switched on and there."""
    found = ["desktop"] if alarm.desktop and _has_screen() else []
    return [*found, "mail"] if alarm.mail_to else found


def give(alarm: AlarmTable, way: str, news: News, found: list[Failing], table: Timetable) -> None:
    """Give one alarm.

    Raises:
        AlarmNotSentError: it did not get through.
        PasswordMissingError: there is no password for the mail server.
    """
    title = headline(news, found)
    if way == "desktop":
        _show(title, short(news, found))
    else:
        _send(alarm, title, body(news, found, table, socket.gethostname()))


def _send(alarm: AlarmTable, subject: str, text: str) -> None:
    password = find_password(_as_account(alarm)) if alarm.smtp_username else ""
    try:
        message = _message(alarm, subject, text)
        with _connect(alarm) as server:
            if alarm.smtp_username:
                server.login(alarm.smtp_username, password)
            server.send_message(message)
    except ssl.SSLCertVerificationError as error:
        why = f"the certificate of {alarm.smtp_host!r} was refused ({error.verify_message})"
        raise AlarmNotSentError("e-mail", why) from None
    except smtplib.SMTPAuthenticationError:
        # What the server says may repeat what it was told.
        why = f"{alarm.smtp_host!r} does not accept the user name and password"
        raise AlarmNotSentError("e-mail", why) from None
    except smtplib.SMTPRecipientsRefused:
        raise AlarmNotSentError("e-mail", "the server refuses the address in mail_to") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        why = f"{alarm.smtp_host!r} did not take it ({type(error).__name__})"
        raise AlarmNotSentError("e-mail", why) from None


def _message(alarm: AlarmTable, subject: str, text: str) -> EmailMessage:
    sender = alarm.mail_from or alarm.mail_to
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, alarm.mail_to, subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    message.set_content(text)
    return message


def _connect(alarm: AlarmTable) -> smtplib.SMTP:
    port = alarm.smtp_port or _PORTS[alarm.smtp_security]
    if alarm.smtp_security == "none":
        return smtplib.SMTP(alarm.smtp_host, port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context()
    if alarm.smtp_ca_file:
        context.load_verify_locations(cafile=alarm.smtp_ca_file)
    if alarm.smtp_security == "tls":
        return smtplib.SMTP_SSL(alarm.smtp_host, port, timeout=_TIMEOUT_S, context=context)
    server = smtplib.SMTP(alarm.smtp_host, port, timeout=_TIMEOUT_S)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _as_account(alarm: AlarmTable) -> AccountTable:
    """The same ways to a password as for a mailbox."""
    return AccountTable.model_construct(
        name="alarm",
        host=alarm.smtp_host,
        username=alarm.smtp_username,
        auth="password",
        password_env=alarm.smtp_password_env,
        password_command=alarm.smtp_password_command,
    )


def _has_screen() -> bool:
    if sys.platform == "darwin":
        return True
    if sys.platform.startswith("linux") and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    return importlib.util.find_spec("desktop_notifier") is not None


def _show(title: str, text: str) -> None:
    try:
        (_show_on_mac if sys.platform == "darwin" else _show_by_library)(title, text)
    except Exception as error:  # noqa: BLE001 - whatever a desktop does, the job goes on
        raise AlarmNotSentError("notification", type(error).__name__) from None


def _show_by_library(title: str, text: str) -> None:
    from desktop_notifier import DesktopNotifier, Urgency  # noqa: PLC0415 - an extra

    async def send() -> None:
        notifier = DesktopNotifier(app_name="Paper Trail", app_icon=None)
        await asyncio.wait_for(
            notifier.send(title, text, urgency=Urgency.Critical), _SCREEN_TIMEOUT_S
        )

    errors: list[str] = []
    listen, library = _Listening(errors.append), logging.getLogger("desktop_notifier")
    library.addHandler(listen)
    library.propagate = False
    try:
        asyncio.run(send())
    finally:
        library.removeHandler(listen)
    if errors:
        raise RuntimeError(errors[0])


class _Listening(logging.Handler):
    """The library logs what went wrong and returns as if all were well."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(record.getMessage())


def _show_on_mac(title: str, text: str) -> None:
    # The library shows nothing there unless Python is part of a signed application. The words go
    # in as arguments: none of them is ever read as a script.
    script = (
        "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"
    )
    command = ["/usr/bin/osascript", "-e", script, title, text]
    subprocess.run(command, check=True, capture_output=True, timeout=_SCREEN_TIMEOUT_S)


def _told_path(archive: Path) -> Path:
    return state_path(archive, ".alarms.json")


def _read_told(archive: Path) -> dict[str, str]:
    try:
        record = json.loads(_told_path(archive).read_text(encoding="utf-8"))
        return {str(way): str(at) for way, at in record.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write_told(archive: Path, told: dict[str, str]) -> None:
    try:
        write_whole(_told_path(archive), json.dumps(told).encode())
    except OSError as error:
        log.warning("an alarm could not be noted and may be given again: %s", error.strerror)
