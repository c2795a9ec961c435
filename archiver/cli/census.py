"""`papertrail census`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows, visible
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.archive import Archive
    from archiver.config import Settings
    from reports.census import Census, Held

_SHOWN = 10


@click.command()
@format_option
@click.option("--all", "every", is_flag=True, help="The whole of each list.")
@click.pass_obj
def census(app: App, form: str, every: bool) -> ExitCode:
    """What the archive does not have, or cannot read: in counts, sentences and lists.

    Exit status 1 if there is anything of that kind.
    """
    found = take(app.settings)
    if form != "table":
        rows = [
            {"gap": gap.name, "sentence": gap.sentence, "item": item.what, "sha256": item.digest}
            for gap in found.gaps
            for item in gap.items
        ]
        rows = [{"gap": "", "sentence": "folder", "item": f.what, "sha256": None}
                for f in found.folders] + rows  # fmt: skip
        print_rows(rows, form, ("gap", "item"))
    else:
        for folder in found.folders:
            click.echo(visible(f"{folder.what}."))
        for gap in found.gaps:
            click.echo(visible(f"\n{gap.sentence}"))
            for item in gap.items if every else gap.items[:_SHOWN]:
                known = f" [{item.digest[:12]}]" if item.digest else ""
                click.echo(visible(f"  - {item.what}{known}"))
            if not every and gap.items[_SHOWN:]:
                click.echo(f"  and {len(gap.items) - _SHOWN} more (--all shows them)")
        if not found.gaps:
            click.echo("Nothing is known to be missing or unreadable.")
    return ExitCode.ATTENTION if found.gaps else ExitCode.DONE


def take(settings: Settings) -> Census:
    """The census of an archive as it was last read."""
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli import reading  # noqa: PLC0415
    from indexers import query  # noqa: PLC0415
    from reports.census import take_census  # noqa: PLC0415

    with reading.open_up_to_date(settings) as db, read_archive(settings.archive.path) as archive:
        return take_census(
            archive.catalogue.looks(),
            archive.catalogue.failures(),
            query.problems(db),
            query.unread(db),
            _held(archive),
        )


def _held(archive: Archive) -> Iterator[Held]:
    from archiver.vault import DigestMismatchError, OriginalMissingError  # noqa: PLC0415
    from indexers.mime import read_message  # noqa: PLC0415
    from reports.census import Held  # noqa: PLC0415

    for original in archive.catalogue.originals():
        try:
            raw = archive.vault.read(original.digest)
        except (OriginalMissingError, DigestMismatchError) as error:
            click.echo(f"{error} {error.hint}", err=True)
            continue
        yield Held(read_message(raw), raw)
