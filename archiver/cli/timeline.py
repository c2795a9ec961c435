"""`papertrail timeline`."""

from __future__ import annotations

from datetime import datetime

import click

from archiver.cli.main import App
from archiver.cli.show import as_csv, format_option, print_table


@click.command()
@format_option
@click.option("--after", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Before this day.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--all", "faint", is_flag=True, help="Also faint guesses; most are wrong.")
@click.pass_obj
def timeline(
    app: App,
    form: str,
    after: datetime | None,
    before: datetime | None,
    kinds: tuple[str, ...],
    faint: bool,
) -> None:
    """Print what the mail says happened, in order of date, with the words it rests on.

    What is shown is likely. With --all, faint guesses are shown too: most of them are wrong, but
    few events are missing then.

    This is for you: it also shows what privileged and family mail says, marked as such. Reports
    leave that out.
    """
    from archiver.cli.reading import chronology_of, linked, open_up_to_date  # noqa: PLC0415
    from indexers.model import EventKind, RecordedKind  # noqa: PLC0415
    from reports.render_rows import (  # noqa: PLC0415
        TABLE_COLUMNS,
        csv_rows,
        render_jsonl,
        table_rows,
    )
    from reports.selection import within  # noqa: PLC0415

    known = {str(kind): kind for kind in (*EventKind, *RecordedKind)}
    if not known.keys() >= set(kinds):
        raise click.BadParameter(f"choose from {', '.join(known)}", param_hint="--kind")
    wanted = [known[kind] for kind in kinds]
    with open_up_to_date(app.settings) as db:
        chronology = within(
            linked(app.settings, db, chronology_of(db, None, faint=faint), None),
            after=after.date() if after else None,
            before=before.date() if before else None,
            kinds=wanted,
        )
    if form == "jsonl":
        click.echo(render_jsonl(chronology), nl=False)
    elif form == "csv":
        click.echo(as_csv(csv_rows(chronology, app.settings.timezone)), nl=False)
    elif chronology.entries:
        print_table(TABLE_COLUMNS, table_rows(chronology))
    else:
        click.echo("No entry was found.")
