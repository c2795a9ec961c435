"""`papertrail schedule`: hand the nightly job to the machine's own scheduler."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.scheduling.install import Deed
    from archiver.scheduling.model import Job

_KINDS = ("systemd", "launchd", "windows", "cron")
_with = click.option(
    "--with", "kind", type=click.Choice(_KINDS), help="Which scheduler. [default: this computer's]"
)
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


@click.group()
def schedule() -> None:
    """Let this computer's own scheduler run the nightly job.

    Either this or `papertrail daemon` is enough.
    """


@schedule.command()
@_with
@_dry_run
@click.pass_obj
def install(app: App, kind: str | None, dry_run: bool) -> ExitCode:
    """Hand the job to this computer's scheduler.

    That is systemd, launchd, the Windows Task Scheduler, or cron. To undo it: papertrail schedule
    remove.
    """
    from archiver.scheduling import install as scheduling  # noqa: PLC0415

    settings, job = app.settings, _job(app)
    kind = kind or scheduling.choose()
    if dry_run:
        click.echo("This would be done:")
    scheduling.install(kind, job, _tell, dry_run=dry_run)
    plan = scheduling.installation(kind, job)
    if dry_run:
        for _, content in plan.files:
            click.echo(f"\n{_readable(content)}")
        for note in plan.notes:
            click.echo(note)
        return ExitCode.DONE
    click.echo(f"{plan.scheduler} runs the nightly job from now on, {_next(settings)}.")
    for note in (*plan.notes, *_warnings(settings)):
        click.echo(note)
    click.echo("To undo it: papertrail schedule remove")
    return ExitCode.DONE


@schedule.command()
@_dry_run
@click.pass_obj
def remove(app: App, dry_run: bool) -> ExitCode:
    """Take the job away again; nothing else is touched."""
    from archiver.scheduling import install as scheduling  # noqa: PLC0415

    if dry_run:
        click.echo("This would be done:")
    found = [scheduling.remove(kind, _job(app), _tell, dry_run=dry_run) for kind in _here(os.name)]
    if not any(found):
        click.echo("Nothing of Paper Trail's is scheduled for this configuration.")
    elif not dry_run:
        click.echo("The nightly job is no longer scheduled. The archive is as it was.")
    return ExitCode.DONE


@schedule.command()
@click.pass_obj
def show(app: App) -> ExitCode:
    """Whether the job is scheduled, with what, and when it is due."""
    from archiver.scheduling import install as scheduling  # noqa: PLC0415

    job = _job(app)
    found = [kind for kind in _here(os.name) if scheduling.is_installed(kind, job)]
    for kind in found:
        plan = scheduling.installation(kind, job)
        click.echo(f"Scheduled with {plan.scheduler}, {_next(app.settings)}.")
        for path, _ in plan.files:
            click.echo(f"  {path}")
        if not scheduling.is_current(kind, job):
            click.echo("The configuration or the program has changed since.")
            click.echo("Run `papertrail schedule install` again.")
            return ExitCode.ATTENTION
    if not found:
        click.echo("Not scheduled. `papertrail schedule install` does that.")
        return ExitCode.ATTENTION
    return ExitCode.DONE


def _job(app: App) -> Job:
    from archiver.scheduling.model import Job  # noqa: PLC0415

    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")  # no black window every hour
    program = windowless if os.name == "nt" and windowless.exists() else python
    command = (str(program), "-m", "archiver.cli", "--config", str(app.path), "run", "--if-due")
    at = time.fromisoformat(app.settings.schedule.at)
    return Job(command, app.path, at, app.settings.archive.timezone)


def _here(system: str) -> tuple[str, ...]:
    if system == "nt":
        return ("windows",)
    return ("launchd", "cron") if sys.platform == "darwin" else ("systemd", "cron")


def _tell(deed: Deed) -> None:
    click.echo(f"  {deed.what}: {deed.about}")


def _next(settings: Settings) -> str:
    from archiver.cli.alarms import timetable_of  # noqa: PLC0415

    table = timetable_of(settings)
    following = table.following(datetime.now(UTC)).astimezone(table.zone)
    return f"the next night on {following:%A, %B %d, at %H:%M} ({table.zone.key})"


def _warnings(settings: Settings) -> list[str]:
    """What works in this terminal and will not at night."""
    return [
        f"Account {account.name!r}: the environment variable {account.password_env} of this "
        "terminal is not there when the scheduler runs the job. Unless the password is in the "
        "system's keyring too, store it there."
        for account in settings.account
        if account.password_env
        and os.environ.get(account.password_env)
        and not account.password_command
        and account.auth == "password"
    ]


def _readable(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    return content.decode(encoding)
