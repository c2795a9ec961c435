"""`papertrail report`."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.cli.main import App


@click.group()
def report() -> None:
    """Write reports to open, print or hand on.

    Privileged mail and mail among the family stay out of them.
    """


@report.command("chronology")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The HTML file to write.",
)
@click.pass_obj
def chronology_command(app: App, output: Path) -> None:
    """The chronology as one page that opens in any browser and prints."""
    from archiver.cli.reading import chronology_of, facts_of, open_up_to_date  # noqa: PLC0415
    from reports.page import write_page  # noqa: PLC0415
    from reports.render_html import render_html  # noqa: PLC0415

    with open_up_to_date(app.settings) as db:
        chronology = chronology_of(db, export=True)
        page = render_html(chronology, facts_of(app.settings, db))
    write_page(output, page)
    click.echo(f"Wrote {len(chronology.entries)} entries to {output}")
