"""`papertrail witness`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from archiver.archive import Archive
    from archiver.model import Place
    from archiver.witness import Departure


@click.command()
@format_option
@click.option("--all", "moved_too", is_flag=True, help="Also what only moved to another folder.")
@click.pass_obj
def witness(app: App, form: str, moved_too: bool) -> ExitCode:
    """What vanished from the server after the archive had it; the archive still has it.

    First seen, last seen and first missing are the times of this computer's looks at the mailbox.
    """
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.witness import Change, departures  # noqa: PLC0415

    with read_archive(app.settings.archive.path) as archive:
        found = departures(archive.catalogue.receipts())
        vanished = [d for d in found if d.change is Change.VANISHED]
        shown = found if moved_too else vanished
        rows = [_row(archive, departure) for departure in shown]
    columns = ("change", "date", "from", "subject", "was_in", "last_seen", "first_missing")
    print_rows(rows, form, columns)
    if form == "table":
        moved = len(found) - len(vanished)
        click.echo(
            f"{len(vanished)} messages that the archive holds are no longer on the server; "
            f"{moved} are there in another place than before"
            + (" (--all lists them)." if moved and not moved_too else ".")
        )
    return ExitCode.DONE


def _row(archive: Archive, departure: Departure) -> dict[str, Any]:
    from archiver.headers import read_headers  # noqa: PLC0415
    from archiver.vault import OriginalMissingError  # noqa: PLC0415

    try:
        headers = read_headers(archive.vault.read_head(departure.digest))
        people = headers.people("From")
        sender = people[0].name or people[0].address if people else ""
        date, subject = headers.first("date"), headers.first("subject")
    except OriginalMissingError:
        sender, date, subject = "", "", "(the original is missing: run `papertrail verify`)"
    return {
        "change": str(departure.change),
        "date": date,
        "from": sender,
        "subject": subject,
        "was_in": _folders(departure.places),
        "now_in": _folders(departure.now_at),
        "first_seen": departure.first_seen.isoformat(timespec="seconds"),
        "last_seen": (
            departure.last_seen.isoformat(timespec="seconds") if departure.last_seen else ""
        ),
        "first_missing": departure.first_missing.isoformat(timespec="seconds"),
        "sha256": departure.digest,
    }


def _folders(places: tuple[Place, ...]) -> str:
    return ", ".join(dict.fromkeys(f"{p.folder} ({p.account})" for p in places))
