"""`papertrail report`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.leaving import (
    Material,
    leaving,
    leaving_options,
    output_option,
    write_document,
)
from archiver.cli.main import App
from archiver.cli.show import format_option

if TYPE_CHECKING:
    from reports.document import Document
    from reports.lines import Line
    from reports.model import Chronology


@click.group()
def report() -> None:
    """Write reports to open, print or hand on.

    Privileged, mediation and settlement mail and mail among the family stay out of them, unless
    you name a message with --include.
    """


@report.command("chronology")
@output_option(required=True, formats="html, pdf, docx, xlsx, csv, json, ics")
@click.option(
    "--about", default="", help="One issue: a service (speech), a topic (placement) or a word."
)
@click.option("--key-dates", is_flag=True, help="Decisions, meetings and disputes, on one page.")
@click.option(
    "--confirmed-only/--all",
    default=None,
    help="Only what you confirmed. That is so for PDF and Word unless you say --all.",
)
@click.option("--suggestions", is_flag=True, help="Put the unconfirmed ones into an appendix.")
@leaving_options
@click.pass_obj
def chronology_command(
    app: App,
    output: Path,
    about: str,
    key_dates: bool,
    confirmed_only: bool | None,
    suggestions: bool,
    named: tuple[str, ...],
    dry_run: bool,
) -> None:
    """What happened in order of date, with the exact words; the file's ending chooses the format.

    A line keeps its number from its first export on, in every format and view.
    """
    from archiver.cli import reading  # noqa: PLC0415
    from archiver.cli.leaving import show_documents  # noqa: PLC0415
    from reports.formats import PAPER, check_format, render  # noqa: PLC0415
    from reports.lines import without_dismissed  # noqa: PLC0415
    from reports.page import write_page  # noqa: PLC0415
    from reports.view import View, make_report  # noqa: PLC0415

    check_format(output)
    if confirmed_only is None:
        confirmed_only = suggestions or output.suffix.lower() in PAPER
    view = View(about, key_dates, confirmed_only, suggestions)
    settings = app.settings
    with leaving(app, named) as material:
        chronology = without_dismissed(material.chronology)
        if dry_run:
            report = make_report(
                chronology, material.facts(), view, numbers={}, book=settings.address_book()
            )
            shown = {line.id for line in (*report.lines, *report.appendix)}
            show_documents(material.documents(e for e in chronology.entries if e.id in shown))
            return
        # Numbers first: the chain's end, which the report prints, lies behind them.
        numbers = reading.number_lines(settings, chronology)
        report = make_report(
            chronology, material.facts(), view, numbers=numbers, book=settings.address_book()
        )
    page, notes = render(report, output, _originals(settings.archive.path, output))
    write_page(output, page)
    count = len(report.lines) + len(report.appendix)
    click.echo(f"Wrote {count} {'entry' if count == 1 else 'entries'} to {output}")
    for note in (*report.notes, *notes):
        click.echo(note)


def _originals(archive: Path, output: Path) -> str:
    """Where the originals are from a page inside the archive; elsewhere it has no such links."""
    folder = output.absolute().parent
    if not folder.is_relative_to(archive.absolute()):
        return ""
    return Path(os.path.relpath(archive.absolute() / "originals", folder)).as_posix()


@report.command("services")
@output_option(required=True, formats="html, pdf, docx, xlsx, csv, json")
@click.option("--confirmed-only", is_flag=True, help="Only sessions that you confirmed.")
@leaving_options
@click.pass_obj
def services_command(
    app: App, output: Path, confirmed_only: bool, named: tuple[str, ...], dry_run: bool
) -> None:
    """What the IEP promises of each service, and what the record documents of it.

    The promises are the [[service]] blocks of the configuration and the rows of service grids that
    you confirmed (`papertrail promises`); the days of school are those of its [calendar].
    """
    from archiver.cli.calendar import school_days_of  # noqa: PLC0415
    from archiver.cli.promises import counted_services, found_promises  # noqa: PLC0415
    from indexers.build import local_day  # noqa: PLC0415
    from indexers.model import SERVICE_KINDS  # noqa: PLC0415
    from reports.ledger import make_ledger  # noqa: PLC0415
    from reports.ledger_document import ledger_document  # noqa: PLC0415
    from reports.selection import within  # noqa: PLC0415

    def make(material: Material, lines: tuple[Line, ...]) -> Document:
        facts = material.facts()
        through = local_day(facts.as_of, facts.zone)
        promises, idle = counted_services(app.settings)
        school_days = school_days_of(app, promises, lines, through)
        found = [
            each
            for each in found_promises(app.settings, material.db)
            if material.disclosure.names_attachment(each.digest, each.part)
        ]
        ledger = make_ledger(promises, lines, school_days, through)
        return ledger_document(ledger, facts, found, idle)

    write_document(
        app,
        output,
        named,
        make,
        dry_run=dry_run,
        confirmed_only=confirmed_only,
        choose=lambda chronology: within(chronology, kinds=SERVICE_KINDS),
    )


@report.command("open-requests")
@output_option(required=True, formats="html, pdf, docx, xlsx, csv, json")
@leaving_options
@click.pass_obj
def open_requests_command(app: App, output: Path, named: tuple[str, ...], dry_run: bool) -> None:
    """What was asked of the school, and what came back; without an answer first."""
    from indexers.build import local_day  # noqa: PLC0415
    from indexers.contents import links  # noqa: PLC0415
    from indexers.model import EventKind  # noqa: PLC0415
    from reports.answers import answers_to, threads_of  # noqa: PLC0415
    from reports.answers_document import requests_document  # noqa: PLC0415
    from reports.selection import within  # noqa: PLC0415

    def make(material: Material, lines: tuple[Line, ...]) -> Document:
        facts = material.facts()
        through, messages = local_day(facts.as_of, facts.zone), material.messages()
        asked = answers_to(
            lines,
            messages,
            # Only through mail that may leave: a withheld message must not join two threads.
            threads_of(link for link in links(material.db) if link[0] in messages),
            app.settings.address_book(),
            facts.zone,
            through,
        )
        return requests_document(asked, facts)

    def requests(chronology: Chronology) -> Chronology:
        return within(chronology, kinds={EventKind.REQUEST})

    write_document(app, output, named, make, dry_run=dry_run, choose=requests)


@report.command("meetings")
@output_option(required=True, formats="html, pdf, docx, xlsx, csv, json")
@leaving_options
@click.pass_obj
def meetings_command(app: App, output: Path, named: tuple[str, ...], dry_run: bool) -> None:
    """Each meeting: when, who was written to, what was proposed and objected to around it."""
    from reports.answers import meetings  # noqa: PLC0415
    from reports.answers_document import meetings_document  # noqa: PLC0415

    def make(material: Material, lines: tuple[Line, ...]) -> Document:
        return meetings_document(meetings(lines), material.facts())

    write_document(app, output, named, make, dry_run=dry_run)


@report.command("people")
@output_option(required=True, formats="html, pdf, docx, xlsx, csv, json")
@leaving_options
@click.pass_obj
def people_command(app: App, output: Path, named: tuple[str, ...], dry_run: bool) -> None:
    """Who is who: names, addresses, side, first and last message."""
    from reports.answers import cast_of  # noqa: PLC0415
    from reports.answers_document import people_document  # noqa: PLC0415

    def make(material: Material, lines: tuple[Line, ...]) -> Document:
        facts, book = material.facts(), app.settings.address_book()
        return people_document(
            cast_of(material.messages().values(), lines, book, facts.zone), facts
        )

    write_document(app, output, named, make, dry_run=dry_run)


@report.command("withheld")
@format_option
@click.pass_obj
def withheld_command(app: App, form: str) -> None:
    """List what no report carries, and why; without a word of what it says.

    For you and your attorney. It is no part of any other report.
    """
    from archiver.cli.reading import disclosure_of, open_up_to_date  # noqa: PLC0415
    from archiver.cli.show import print_rows  # noqa: PLC0415
    from indexers.logbook import log_summaries  # noqa: PLC0415
    from indexers.query import log, summaries  # noqa: PLC0415
    from reports.withheld import withheld_rows  # noqa: PLC0415

    with open_up_to_date(app.settings) as db:
        rows = list(
            withheld_rows(
                disclosure_of(app.settings, db),
                summaries(db) | log_summaries(log(db)),
                app.settings.timezone,
            )
        )
    print_rows(rows, form, ("date", "from", "to", "why", "sha256"))
    if not rows:
        click.echo("Nothing is held back.", err=True)
