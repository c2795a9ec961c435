"""`papertrail import`."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.cli.main import App
from archiver.cli.show import TerminalProgress
from archiver.errors import ExitCode


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would come in; keep nothing.")
@click.pass_obj
def import_files(app: App, paths: tuple[Path, ...], dry_run: bool) -> ExitCode:
    """Bring in mail from files and folders, by the same rules as from the mailbox.

    mbox (Google Takeout too), .eml, Outlook's .msg, Maildir, ZIP files and folders of these. The
    files are only read. What is in the archive already, byte for byte, is not kept twice.
    """
    from archiver.archive import write_archive  # noqa: PLC0415
    from archiver.cli import pulling  # noqa: PLC0415
    from archiver.mail_files import open_mail_files  # noqa: PLC0415

    with open_mail_files(list(paths)) as files:
        skipped = [item for file in files for item in file.skipped]
        found = sum(len(file.messages) for file in files)
        if dry_run:
            belong, others = pulling.preview_files(app.settings, files)
            click.echo(
                f"{found} messages in {len(files)} files: {belong} are the school's "
                f"correspondence and would be kept, {others} are not. Nothing was kept."
            )
        else:
            with write_archive(app.settings.archive.path) as archive:
                outcome = pulling.import_all(app.settings, archive, files, TerminalProgress())
            held = sum(tally.held for tally in outcome.folders)
            click.echo(
                f"{found} messages in {len(files)} files: {held} are the school's correspondence "
                f"and kept; {outcome.received} came in now, {outcome.new_originals} of them new "
                "to the archive. `papertrail run` reads them."
            )
            skipped += [(place.folder, reason) for place, reason in outcome.failed]
    for name, why in skipped:
        click.echo(f"Not imported: {name}: {why}.", err=True)
    return ExitCode.ATTENTION if skipped else ExitCode.DONE
