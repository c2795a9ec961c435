"""`papertrail pull` and `papertrail run`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from archiver.cli.main import App
from archiver.errors import ExitCode


@click.command()
@click.pass_obj
def pull(app: App) -> ExitCode:
    """Fetch the school's new mail into the archive.

    The mailbox is only looked at: nothing in it is marked, moved or deleted.
    """
    from archiver.archive import write_archive  # noqa: PLC0415
    from archiver.cli import pulling  # noqa: PLC0415
    from archiver.cli.show import TerminalProgress  # noqa: PLC0415

    settings, started = app.settings, datetime.now(UTC)
    with write_archive(settings.archive.path) as archive:
        outcomes = pulling.pull_all(settings, archive, TerminalProgress())
        pulling.check_signatures(settings, archive, TerminalProgress())
    pulling.note_health(settings, "pull", started, outcomes)
    pulling.report_outcomes(outcomes)
    return pulling.exit_code(outcomes)


@click.command()
@click.option("--if-due", is_flag=True, help="Do nothing if the night is done already.")
@click.pass_obj
def run(app: App, if_due: bool) -> ExitCode:
    """The nightly job: pull, read, index, find events, and write the chronology.

    What cannot be fetched or read is listed and tried again the next time.
    """
    if if_due and not _is_due(app):
        return ExitCode.DONE
    from archiver.cli.nightly import run_night  # noqa: PLC0415

    return run_night(app.settings, give_way=if_due)


def _is_due(app: App) -> bool:
    """For schedulers, which start the job every hour; see scheduling/model.py."""
    from archiver.cli.alarms import timetable_of  # noqa: PLC0415
    from archiver.health import read_health, situation  # noqa: PLC0415
    from archiver.timetable import due  # noqa: PLC0415

    now = datetime.now(UTC)
    so_far = situation(read_health(app.settings.archive.path))
    return due(timetable_of(app.settings), so_far, now) <= now
