"""`papertrail seal`."""

from __future__ import annotations

import click

from archiver.cli.main import App
from archiver.errors import ExitCode


@click.command()
@click.pass_obj
def seal(app: App) -> ExitCode:
    """Show the archive's state to witnesses outside, so that it cannot be changed unnoticed.

    The end of the journal's chain is printed, to be written down or mailed to somebody, and
    time-stamped by every [[seal.authority]] of the configuration. They learn a hash, nothing else.
    """
    from archiver.archive import read_archive, write_archive  # noqa: PLC0415
    from archiver.cli.sealing import report_stamps  # noqa: PLC0415
    from archiver.seal import ask_by_http, is_sealed, statement_of, take_seal  # noqa: PLC0415

    settings = app.settings
    with read_archive(settings.archive.path):
        pass  # an archive that is not there yet is not made by sealing it
    with write_archive(settings.archive.path) as archive:
        if is_sealed(archive):
            click.echo("Nothing was added to the archive since it was last sealed.")
            return ExitCode.DONE
        taken = take_seal(archive, settings.seal.authority, ask_by_http)
    click.echo(statement_of(taken.head).decode(), nl=False)
    click.echo(f"Stored in {taken.statement}. Keep a copy of these lines somewhere else, too.")
    if not settings.seal.authority:
        click.echo(
            "No [[seal.authority]] is configured, so nobody outside has seen it: mail the lines "
            "above to your attorney or to yourself."
        )
    return report_stamps(taken)
