"""`papertrail rebuild`."""

from __future__ import annotations

import shutil

import click

from archiver.cli.main import App


@click.command()
@click.pass_obj
def rebuild(app: App) -> None:
    """Make everything derived anew: catalogue, texts, search index, events.

    Originals and journal are only read. The result is the same as before.
    """
    from archiver.archive import NoArchiveError, write_archive  # noqa: PLC0415
    from archiver.cli.reading import read_all, reading_path  # noqa: PLC0415
    from archiver.cli.show import TerminalProgress  # noqa: PLC0415
    from indexers.database import remove_reading  # noqa: PLC0415

    path = app.settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    with write_archive(path) as archive:
        archive.forget_catalogue()
        with archive.writing():
            remove_reading(reading_path(path))
            shutil.rmtree(archive.derived / "search", ignore_errors=True)
            (archive.derived / "directory.sqlite").unlink(missing_ok=True)
        summary = read_all(app.settings, archive, TerminalProgress())
    events = sum(summary.events.values())
    click.echo(f"Read {summary.messages_read} messages anew; {events} suggested events.")
