"""What commands share that read: the reading brought up to date, and the chronology from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from archiver.archive import Archive, ArchiveInUseError, NoArchiveError, read_archive, write_archive
from archiver.cli.show import TerminalProgress
from archiver.config import Settings
from indexers import query
from indexers.build import Summary, View, build, local_day
from indexers.database import open_reading
from indexers.model import Family, Service
from reports.chronology import build_chronology
from reports.model import Chronology, ReportFacts
from reports.selection import WITHHELD, exportable


def view_of(settings: Settings) -> View:
    """The configuration's part in the reading."""
    services = tuple(
        Service(s.service, s.minutes, s.times, s.per, s.start, s.end, s.provider)
        for s in settings.service
    )
    family = Family(settings.child.names, services)
    return View(settings.timezone, settings.address_book(), family)


def read_all(settings: Settings, archive: Archive, progress: TerminalProgress) -> Summary:
    """Read, index and detect what is new in an archive that is open for writing."""
    with archive.writing():
        return build(
            archive.catalogue.originals(),
            archive.vault.read,
            archive.derived,
            view_of(settings),
            progress,
        )


@contextmanager
def open_up_to_date(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The reading, with everything in it that the archive holds.

    While another run is writing, what it has finished so far is shown.

    Raises:
        NoArchiveError: nothing was pulled yet.
    """
    path = settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    try:
        with write_archive(path) as archive:
            read_all(settings, archive, TerminalProgress())
    except ArchiveInUseError:
        click.echo("Paper Trail is at work; this shows what it has finished so far.", err=True)
    with closing(open_reading(reading_path(path))) as db:
        yield db


def reading_path(archive: Path) -> Path:
    """Where the reading is."""
    return archive / "derived" / "reading.sqlite"


def chronology_of(db: sqlite3.Connection, *, export: bool) -> Chronology:
    """The chronology; for export, without privileged and family mail."""
    messages, events = query.summaries(db), query.events(db)
    chosen = exportable(events, messages) if export else events
    return build_chronology(chosen, messages)


def facts_of(settings: Settings, db: sqlite3.Connection) -> ReportFacts:
    """What a report that leaves says of the archive: nothing of privileged or family mail."""
    with read_archive(settings.archive.path) as archive:
        looks = [look.at for look in archive.catalogue.looks().values()]
        head = archive.catalogue.head.link
    shown = {d: m for d, m in query.summaries(db).items() if m.standing not in WITHHELD}
    days = sorted(local_day(m.sent, settings.timezone) for m in shown.values() if m.sent)
    return ReportFacts(
        child=settings.child.names[0] if settings.child.names else "",
        zone=settings.timezone,
        as_of=max(looks, default=datetime.now(UTC)),
        originals=len(shown),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        unread=tuple((u.name, u.reason) for u in query.unread(db) if u.digest in shown),
        problems=sum(1 for digest, _ in query.problems(db) if digest in shown),
        head=head,
    )
