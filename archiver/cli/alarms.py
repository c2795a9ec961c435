"""From settings to alarms: sounded at the end of a run, or for trial."""

from __future__ import annotations

from datetime import UTC, datetime, time

import click

from archiver.alarm import News
from archiver.config import Settings
from archiver.errors import ArchiveError, ExitCode
from archiver.health import read_health
from archiver.timetable import Timetable


def timetable_of(settings: Settings) -> Timetable:
    """When the nights of a configuration are."""
    return Timetable(time.fromisoformat(settings.schedule.at), settings.timezone)


def sound(settings: Settings) -> None:
    """Tell a person what the last run's note gives reason to; never raises for an alarm's sake."""
    from archiver.alarm_ways import raise_alarms  # noqa: PLC0415 - smtplib and asyncio

    health, now = read_health(settings.archive.path), datetime.now(UTC)
    table = timetable_of(settings)
    try:
        problems = raise_alarms(settings.alarm, settings.archive.path, health, table, now)
    except Exception as error:  # noqa: BLE001 - the night is done; an alarm must not undo that
        problems = [f"The alarm broke off ({type(error).__name__})."]
    for problem in problems:
        click.echo(problem, err=True)


def try_out(settings: Settings) -> ExitCode:
    """Give an alarm of each kind for trial, and say how that went."""
    from archiver.alarm_ways import give, ways  # noqa: PLC0415

    code, alarm = ExitCode.DONE, settings.alarm
    switched_on = ways(alarm)
    if "desktop" not in switched_on:
        why = "switched off"
        if alarm.desktop:
            extra = "pip install 'paper-trail-archiver[desktop]'"
            why = f"not possible here: it needs a desktop and `{extra}`"
        click.echo(f"Notification: {why}.")
    if "mail" not in switched_on:
        click.echo("E-mail: switched off; set mail_to and smtp_host under [alarm].")
    for way in switched_on:
        name = "Notification" if way == "desktop" else f"E-mail to {alarm.mail_to}"
        try:
            give(alarm, way, News.TRIAL, [], timetable_of(settings))
        except ArchiveError as error:
            click.echo(f"{name}: {error}\n{error.hint}", err=True)
            code = max(code, error.exit_code)
        else:
            click.echo(f"{name}: given. Has it reached you?")
    return code
