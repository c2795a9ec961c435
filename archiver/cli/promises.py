"""`papertrail promises`: what service grids in the archive promise, for a person to confirm."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows
from archiver.config import SERVICES
from archiver.errors import ArchiveError, ExitCode
from archiver.journal import EntryKind

if TYPE_CHECKING:
    from archiver.config import Settings
    from indexers.model import Service
    from reports.promises import FoundPromise

_COLUMNS = ("id", "read_as", "words", "source", "status")
_PERIODS = ("day", "week", "2 weeks", "month", "year")


class NoSuchPromiseError(ArchiveError):
    """An id is of no row, or of several."""

    exit_code = ExitCode.USAGE
    hint = "`papertrail promises` lists the rows with their ids."

    def __init__(self, name: str, found: int) -> None:
        fits = f"{found} rows have ids that begin so" if found else "no row has that id"
        super().__init__(f"{name}: {fits}.")


class AlreadyPromisedError(ArchiveError):
    """The configuration promises the same service for some of the same days."""

    exit_code = ExitCode.USAGE
    hint = (
        "Give --start and --end that do not overlap, or take the [[service]] block out of the "
        "configuration."
    )

    def __init__(self, service: str, what: str) -> None:
        super().__init__(f"{what} already promises {service} for some of these days.")


class PromiseBackwardsError(ArchiveError):
    """A promise that ends before it begins."""

    exit_code = ExitCode.USAGE
    hint = "Write days as 2025-08-04."

    def __init__(self, start: date, end: date) -> None:
        super().__init__(f"The end ({end}) is before the start ({start}).")


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def promises(ctx: click.Context, form: str) -> None:
    """List what the service grids of IEPs in the archive promise, draft or not.

    Nothing counts before you say so: `papertrail promises confirm ID --start DAY --end DAY`.
    """
    if ctx.invoked_subcommand is not None:
        return
    from archiver.cli.reading import open_up_to_date  # noqa: PLC0415

    settings = ctx.obj.settings
    with open_up_to_date(settings) as db:
        found = found_promises(settings, db)
    print_rows([_row(each, settings) for each in found], form, _COLUMNS)
    if not found:
        click.echo("No service grid was found in the attachments of the archive.", err=True)


@promises.command("confirm")
@click.argument("name", metavar="ID")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Its first day.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Its last day.")
@click.option("--service", type=click.Choice(SERVICES), help="Where it was read wrongly.")
@click.option("--minutes", type=click.IntRange(1, 1440), help="For one session.")
@click.option("--times", type=click.IntRange(1, 99), help="Sessions a period.")
@click.option("--per", type=click.Choice(_PERIODS), help="The period.")
@click.option("--provider", help="Who gives it.")
@click.pass_obj
def confirm(
    app: App, /, name: str, start: datetime, end: datetime, **told: str | int | None
) -> None:
    """Say that a row holds, and from when to when. It is kept in the journal."""
    from archiver.archive import write_archive  # noqa: PLC0415
    from archiver.cli.reading import open_up_to_date  # noqa: PLC0415

    first, last = start.date(), end.date()
    if last < first:
        raise PromiseBackwardsError(first, last)
    with open_up_to_date(app.settings) as db:
        found = _named(name, found_promises(app.settings, db))
    facts = _facts(found, first, last, told)
    with write_archive(app.settings.archive.path) as archive:
        _check_free(app.settings, archive.catalogue.promises(), facts)
        archive.record([(EntryKind.PROMISED, facts)])
    click.echo(f"Counted from now on: {facts['service']}, {first} to {last}: {facts['words']}")


@promises.command("withdraw")
@click.argument("name", metavar="ID")
@click.pass_obj
def withdraw(app: App, name: str) -> None:
    """Take back what you confirmed; that you did stays in the journal."""
    from archiver.archive import NoArchiveError, write_archive  # noqa: PLC0415

    path = app.settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    with write_archive(path) as archive:
        held = [str(facts["id"]) for facts in archive.catalogue.promises()]
        fits = [each for each in held if each.startswith(name.lower())]
        if len(fits) != 1:
            raise NoSuchPromiseError(name, len(fits))
        archive.record([(EntryKind.PROMISED, {"id": fits[0], "withdrawn": True})])
    click.echo(f"{fits[0]} is counted no more.")


def found_promises(settings: Settings, db: sqlite3.Connection) -> list[FoundPromise]:
    """Every row of a service grid in mail of the archive, each once, by the day it first came."""
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli.reading import view_of  # noqa: PLC0415
    from indexers.contents import attachments_read  # noqa: PLC0415
    from indexers.query import summaries  # noqa: PLC0415
    from indexers.service_grid import service_grid  # noqa: PLC0415
    from reports.promises import FoundPromise  # noqa: PLC0415

    with read_archive(settings.archive.path) as archive:
        confirmed = {facts["id"] for facts in archive.catalogue.promises()}
    family, messages = view_of(settings).family, summaries(db)
    found: dict[str, FoundPromise] = {}
    for digest, part, content_digest, extracted in attachments_read(db):
        if digest not in messages:
            continue
        for row in service_grid(extracted, content_digest, family):
            sent = messages[digest].sent
            new = FoundPromise(row, digest, part, sent, row.id in confirmed)
            known = found.get(row.id)
            if known is None or (sent and known.sent and sent < known.sent):
                found[row.id] = new
    return sorted(
        found.values(),
        key=lambda each: (
            each.sent.timestamp() if each.sent else 0.0,
            each.part,
            each.row.page or 0,
        ),
    )


def counted_services(settings: Settings) -> tuple[tuple[Service, ...], tuple[Service, ...]]:
    """What the ledger counts as promised, and what was confirmed but is idle."""
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.cli.reading import view_of  # noqa: PLC0415
    from reports.promises import confirmed_service, promises_of  # noqa: PLC0415

    with read_archive(settings.archive.path) as archive:
        confirmed = [confirmed_service(facts) for facts in archive.catalogue.promises()]
    return promises_of(view_of(settings).family.services, confirmed)


def _named(name: str, found: Iterable[FoundPromise]) -> FoundPromise:
    fits = [each for each in found if name and each.row.id.startswith(name.lower())]
    if len(fits) != 1:
        raise NoSuchPromiseError(name, len(fits))
    return fits[0]


def _facts(
    found: FoundPromise, first: date, last: date, told: dict[str, str | int | None]
) -> dict[str, object]:
    row = found.row
    read = {"service": row.service, "minutes": row.minutes, "times": row.times,
            "per": row.per or None, "provider": row.provider or None}  # fmt: skip
    said = {key: value for key, value in told.items() if value is not None}
    return {
        "id": row.id,
        "sha256": found.digest,
        "part": found.part,
        "page": row.page,
        "words": row.words,
        **{key: value for key, value in {**read, **said}.items() if value is not None},
        "start": first.isoformat(),
        "end": last.isoformat(),
    }


def _check_free(
    settings: Settings, held: Iterable[dict[str, object]], facts: dict[str, object]
) -> None:
    from archiver.cli.reading import view_of  # noqa: PLC0415
    from reports.promises import confirmed_service, overlap  # noqa: PLC0415

    new = confirmed_service(facts)
    if any(overlap(new, other) for other in view_of(settings).family.services):
        raise AlreadyPromisedError(new.service, "The configuration")
    for other in held:
        if other["id"] != facts["id"] and overlap(new, confirmed_service(other)):
            raise AlreadyPromisedError(new.service, f"Row {other['id']}, which you confirmed,")


def _row(found: FoundPromise, settings: Settings) -> dict[str, object]:
    from reports.promises import amount  # noqa: PLC0415

    row = found.row
    sent = found.sent.astimezone(settings.timezone).date().isoformat() if found.sent else ""
    document = found.part + (f", page {row.page}" if row.page else "")
    return {
        "id": row.id,
        "date": sent,
        "service": row.service,
        "minutes": row.minutes,
        "times": row.times,
        "per": row.per,
        "provider": row.provider,
        "read_as": f"{row.service}: {amount(row)}",
        "words": row.words,
        "document": document,
        "source": f"{document} ({sent})" if sent else document,
        "sha256": found.digest,
        "status": "confirmed" if found.confirmed else "found",
    }
