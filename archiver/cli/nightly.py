"""The nightly job from end to end."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from archiver.archive import ArchiveInUseError, write_archive
from archiver.cli import alarms, pulling, reading, sealing
from archiver.cli.show import TerminalProgress
from archiver.config import Settings
from archiver.errors import ArchiveError, ExitCode
from archiver.outcome import Outcome
from indexers import query
from reports.page import write_page
from reports.render_html import render_html
from reports.view import View, make_report
from reports.words import KINDS


class NightFailedError(ArchiveError):
    """A bug or a fault of the computer ended the job; what a person is told of it."""

    hint = "What was received so far is kept. `papertrail run` tells more."

    def __init__(self, fault: str) -> None:
        super().__init__(f"The nightly job broke off ({fault}).")


def run_night(settings: Settings, *, give_way: bool = False) -> ExitCode:
    """Pull, read, index, detect, report. What one step cannot do does not keep the next from it.

    However it ends, it is noted for `papertrail status`, unless a person stopped it.

    Args:
        settings: whose night it is.
        give_way: where another run is at work, leave it to that one.
    """
    started = datetime.now(UTC)
    outcomes: list[Outcome] = []
    try:
        code = _night(settings, outcomes)
    except ArchiveInUseError as error:
        if give_way:
            return ExitCode.DONE
        pulling.note_health(settings, "run", started, outcomes, (type(error).__name__, error))
        raise
    except Exception as error:
        name = type(error).__name__
        told = error if isinstance(error, ArchiveError) else NightFailedError(name)
        pulling.note_health(settings, "run", started, outcomes, (name, told))
        alarms.sound(settings)
        raise
    pulling.note_health(settings, "run", started, outcomes)
    alarms.sound(settings)
    return code


def _night(settings: Settings, outcomes: list[Outcome]) -> ExitCode:
    progress = TerminalProgress()
    with write_archive(settings.archive.path) as archive:
        outcomes += pulling.pull_all(settings, archive, progress)
        pulling.check_signatures(settings, archive, progress)
        summary = reading.read_all(settings, archive, progress)
        sealed = sealing.seal_nightly(settings, archive)
    pulling.report_outcomes(outcomes)
    with reading.open_up_to_date(settings) as db:
        counts = query.counts(db)
        disclosure = reading.disclosure_of(settings, db)
        chronology = reading.chronology_of(db, disclosure)
        facts = reading.facts_of(settings, db, disclosure)
    report = make_report(
        chronology,
        facts,
        View(),
        numbers=reading.numbers_so_far(settings),
        book=settings.address_book(),
    )
    click.echo(
        f"Read: {counts['messages']} messages and {counts['attachments']} attachments"
        f"{_unread(counts['unread'])}; {summary.messages_read} messages are new."
    )
    kinds = ", ".join(
        f"{name.lower()} {summary.events[kind]}" for kind, name in KINDS.items()
        if summary.events[kind]
    )  # fmt: skip
    click.echo(f"Found: {counts['events']} suggested events{f' ({kinds})' if kinds else ''}.")
    path = settings.archive.path / "exports" / "chronology.html"
    write_page(path, render_html(report, "../originals"))
    click.echo(f"The chronology: {path}")
    code = max(pulling.exit_code(outcomes), sealing.report_nightly(sealed))
    if code is ExitCode.DONE and summary.problems:
        click.echo(f"{summary.problems} messages could not be read; see `papertrail status`.")
        return ExitCode.ATTENTION
    return code


def _unread(count: int) -> str:
    return f" ({count} of them not or not wholly readable yet)" if count else ""
