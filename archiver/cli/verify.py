"""`papertrail verify`."""

from __future__ import annotations

from dataclasses import asdict

import click

from archiver.cli.main import App
from archiver.cli.show import TerminalProgress, format_option, print_rows
from archiver.errors import ExitCode


@click.command()
@format_option
@click.pass_obj
def verify(app: App, form: str) -> ExitCode:
    """Re-hash every original and check the journal's chain; change nothing.

    Exit status 1 if anything is missing, altered or unexpected.
    """
    from archiver.verify import verify as verify_archive  # noqa: PLC0415

    result = verify_archive(app.settings.archive.path, TerminalProgress())
    if form != "table":
        rows = [{k: str(v) for k, v in asdict(finding).items()} for finding in result.findings]
        print_rows(rows, form, ("kind", "where", "what"))
    else:
        for finding in result.findings:
            click.echo(f"{finding.where} ({finding.kind})\n    {finding.what}")
        click.echo(
            f"{result.originals} originals re-hashed, {result.entries} journal lines checked; "
            f"the chain ends at {result.head[:16]}…"
        )
        if result.seals:
            click.echo(f"{result.seals} time stamps by witnesses outside hold.")
        if result.findings:
            click.echo(
                f"{len(result.findings)} things are not as they should be. Do not delete anything: "
                "restore the files named above from a backup."
            )
        else:
            click.echo("Every original matches the bytes received, and no journal line is missing.")
    return ExitCode.ATTENTION if result.findings else ExitCode.DONE
