"""`papertrail report`."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.cli.leaving import leaving_options
from archiver.cli.main import App
from archiver.cli.show import format_option


@click.group()
def report() -> None:
    """Write reports to open, print or hand on.

    Privileged, mediation and settlement mail and mail among the family stay out of them, unless
    you name a message with --include.
    """


@report.command("chronology")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The HTML file to write.",
)
@leaving_options
@click.pass_obj
def chronology_command(app: App, output: Path, named: tuple[str, ...], dry_run: bool) -> None:
    """The chronology as one page that opens in any browser and prints."""
    from archiver.cli.leaving import documents, named_messages, show_documents  # noqa: PLC0415
    from archiver.cli.reading import (  # noqa: PLC0415
        chronology_of,
        disclosure_of,
        facts_of,
        open_up_to_date,
    )
    from indexers.query import summaries  # noqa: PLC0415
    from reports.page import write_page  # noqa: PLC0415
    from reports.render_html import render_html  # noqa: PLC0415

    with open_up_to_date(app.settings) as db:
        disclosure = disclosure_of(app.settings, db, named_messages(named, summaries(db)))
        chronology = chronology_of(db, disclosure)
        if dry_run:
            show_documents(documents(chronology.entries, disclosure, app.settings.timezone))
            return
        page = render_html(chronology, facts_of(app.settings, db, disclosure))
    write_page(output, page)
    click.echo(f"Wrote {len(chronology.entries)} entries to {output}")


@report.command("withheld")
@format_option
@click.pass_obj
def withheld_command(app: App, form: str) -> None:
    """List what no report carries, and why; without a word of what it says.

    For you and your attorney. It is no part of any other report.
    """
    from archiver.cli.reading import disclosure_of, open_up_to_date  # noqa: PLC0415
    from archiver.cli.show import print_rows  # noqa: PLC0415
    from indexers.query import summaries  # noqa: PLC0415
    from reports.withheld import withheld_rows  # noqa: PLC0415

    with open_up_to_date(app.settings) as db:
        rows = list(
            withheld_rows(disclosure_of(app.settings, db), summaries(db), app.settings.timezone)
        )
    print_rows(rows, form, ("date", "from", "to", "why", "sha256"))
    if not rows:
        click.echo("Nothing is held back.", err=True)
