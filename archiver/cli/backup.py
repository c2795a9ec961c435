"""`papertrail backup` and `papertrail restore`."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import TerminalProgress
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.verify import Verification


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def backup(app: App, folder: Path) -> ExitCode:
    """Copy the archive to FOLDER, best on another disk, and check every byte on both sides.

    The copy is a BagIt bag (RFC 8493). Run it again at any time: only what is new is copied, all is
    checked, and a damaged copy is mended. Exit status 1 if an original in the archive is damaged.
    """
    from archiver.backup import back_up  # noqa: PLC0415

    settings = app.settings
    today = datetime.now(settings.timezone).date()
    result = back_up(settings.archive.path, folder, today, TerminalProgress())
    mended = f" {result.mended} damaged or missing copies were made anew." if result.mended else ""
    click.echo(
        f"{result.held} originals are in {folder}, every byte checked; {result.copied} are new."
        + mended
    )
    for fault in result.faults:
        click.echo(f"{fault}.", err=True)
    if result.faults:
        click.echo(
            "Do not delete anything. Bring the damaged originals back from this or an earlier "
            "backup: copy data/originals/… over them, then run `papertrail verify`.",
            err=True,
        )
    return ExitCode.ATTENTION if result.faults else ExitCode.DONE


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--drill", is_flag=True, help="Restore to a scratch folder, verify, and delete it.")
def restore(folder: Path, target: Path | None, drill: bool) -> ExitCode:
    """Bring the backup in FOLDER back into TARGET, an empty folder, and verify it.

    A fire drill, with --drill, shows that the backup would work without keeping what comes out.
    """
    from archiver.backup import restore as bring_back  # noqa: PLC0415

    if drill == (target is not None):
        raise click.UsageError("Name a folder to restore into, or use --drill; one of the two.")
    if target is not None:
        return _report(bring_back(folder, target, TerminalProgress()), str(target))
    with tempfile.TemporaryDirectory(prefix="papertrail-drill-") as scratch:
        return _report(
            bring_back(folder, Path(scratch) / "archive", TerminalProgress()), "the scratch folder"
        )


def _report(result: Verification, where: str) -> ExitCode:
    click.echo(
        f"{result.originals} originals and {result.entries} journal lines came back into {where}; "
        f"the chain ends at {result.head[:16]}…"
    )
    for finding in result.findings:
        click.echo(f"{finding.where}: {finding.what}", err=True)
    click.echo(
        "Something is wrong with what came back."
        if result.findings
        else "Every original matches the bytes received, and no journal line is missing."
    )
    return ExitCode.ATTENTION if result.findings else ExitCode.DONE
