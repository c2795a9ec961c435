"""`papertrail dkim`."""

from __future__ import annotations

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows
from archiver.errors import ExitCode


@click.command()
@format_option
@click.pass_obj
def dkim(app: App, form: str) -> ExitCode:
    """What the DKIM signatures of the messages came to on the night they arrived.

    "pass": the domain named signed the message as it was received. It does not say who wrote it.
    """
    from archiver.archive import read_archive  # noqa: PLC0415

    with read_archive(app.settings.archive.path) as archive:
        rows = archive.catalogue.dkim()
    print_rows(rows, form, ("checked", "verdict", "domains", "sha256"))
    if form == "table":
        counts: dict[str, int] = {}
        for row in rows:
            counts[str(row["verdict"])] = counts.get(str(row["verdict"]), 0) + 1
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        on = app.settings.dkim.check
        click.echo(f"{len(rows)} messages checked{f': {said}' if said else ''}.")
        if not on:
            click.echo("Checking is switched off; `check = true` under [dkim] switches it on.")
    return ExitCode.DONE
