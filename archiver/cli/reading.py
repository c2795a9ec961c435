"""What commands share that read: the reading brought up to date, and the chronology from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import click

from archiver.archive import Archive, ArchiveInUseError, NoArchiveError, read_archive, write_archive
from archiver.cli.show import TerminalProgress
from archiver.config import Settings
from archiver.model import Digest
from archiver.numbering import number_all, numbers_in
from indexers import query
from indexers.build import View, build, knows_all_told, local_day
from indexers.contents import contents, links
from indexers.database import open_reading
from indexers.decided import Told
from indexers.extract.contract import Means
from indexers.logbook import log_contents, log_events, log_summaries
from indexers.model import Family, Service
from indexers.readers import Summary
from reports.answers import threads_of
from reports.chronology import build_chronology
from reports.disclosure import Disclosure, Ground, Rules, decide
from reports.links import link_entries
from reports.model import Chronology, ReportFacts
from reports.review import former_ids

CHRONOLOGY = "chronology"
"""The series of its numbers in the journal."""


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
            replace(view_of(settings), told=told_in(archive)),
            progress,
            Means(settings.attachments.passwords, settings.attachments.ocr),
        )


def told_in(archive: Archive) -> Told:
    """What a person told: decisions on events, marks on messages, the running log."""
    catalogue = archive.catalogue
    return Told(tuple(catalogue.decisions()), catalogue.marks(), tuple(catalogue.log()))


@contextmanager
def open_up_to_date(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The reading, with everything in it that the archive holds.

    While another run is writing, what it has finished so far is shown, but never without what the
    person told since: a message marked as privileged a minute ago must not be in a report now.

    Raises:
        NoArchiveError: nothing was pulled yet.
        ArchiveInUseError: another run is writing, and something was told since it began.
    """
    path = settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    try:
        with write_archive(path) as archive:
            read_all(settings, archive, TerminalProgress())
    except ArchiveInUseError:
        with read_archive(path) as archive, closing(open_reading(reading_path(path))) as db:
            if not knows_all_told(db, told_in(archive)):
                raise
        click.echo("Paper Trail is at work; this shows what it has finished so far.", err=True)
    with closing(open_reading(reading_path(path))) as db:
        yield db


def reading_path(archive: Path) -> Path:
    """Where the reading is."""
    return archive / "derived" / "reading.sqlite"


def disclosure_of(
    settings: Settings, db: sqlite3.Connection, named: Collection[Digest] = ()
) -> Disclosure:
    """What may leave the archive, by the configuration of today and what a person names."""
    messages = query.summaries(db)
    standings = {digest: found.standing for digest, found in messages.items()}
    rules = Rules(settings.address_book(), frozenset(settings.people.mediators))
    candidates = (
        (found, standings[found.digest]) for found in contents(db) if found.digest in standings
    )
    helpers = {
        person.name
        for found in messages.values()
        for person in (found.sender, *found.recipients)
        if person.name and rules.confidential(person.address) is Ground.PRIVILEGED
    }
    recorded = log_contents(query.log(db), helpers)
    return decide(chain(candidates, recorded), rules, named=named, marks=query.marks(db))


def chronology_of(
    db: sqlite3.Connection, disclosure: Disclosure | None, *, faint: bool = False
) -> Chronology:
    """The chronology of what may leave; of everything, for the parent's own eyes, with None.

    With ``faint``, also of what was found but is not likely.
    """
    log = query.log(db)
    messages = query.summaries(db) | log_summaries(log)
    events = chain(query.events(db, faint=faint), log_events(log))
    if disclosure is None:
        return build_chronology(events, messages)
    return build_chronology((e for e in events if disclosure.lets_out(e)), messages)


def linked(
    settings: Settings,
    db: sqlite3.Connection,
    chronology: Chronology,
    disclosure: Disclosure | None,
) -> Chronology:
    """The same chronology, each entry with what else speaks to it, in mail that may be shown."""
    messages = query.summaries(db)
    if disclosure is not None:
        messages = {d: m for d, m in messages.items() if d in disclosure.leaves}
    # Only through mail that may be shown: a withheld message must not join two threads.
    threads = threads_of(link for link in links(db) if link[0] in messages)
    with read_archive(settings.archive.path) as archive:
        looks = [look.at for look in archive.catalogue.looks().values()]
    through = local_day(max(looks, default=datetime.now(UTC)), settings.timezone)
    book = settings.address_book()
    return link_entries(
        chronology,
        messages,
        threads,
        book,
        settings.timezone,
        through,
        whole=disclosure is None,
    )


def numbers_so_far(settings: Settings) -> dict[str, int]:
    """The numbers that lines of the chronology were given when they were exported."""
    with read_archive(settings.archive.path) as archive:
        return numbers_in(archive.journal.read(), CHRONOLOGY)


def number_lines(settings: Settings, chronology: Chronology) -> dict[str, int]:
    """Give every line that may leave its number for good; all numbers."""
    with write_archive(settings.archive.path) as archive:
        formerly = former_ids(archive.catalogue.decisions())
        ids = (entry.id for entry in chronology.entries)
        return number_all(archive, CHRONOLOGY, ids, formerly)


def facts_of(settings: Settings, db: sqlite3.Connection, disclosure: Disclosure) -> ReportFacts:
    """What a report that leaves says of the archive: nothing of what stays."""
    with read_archive(settings.archive.path) as archive:
        looks = [look.at for look in archive.catalogue.looks().values()]
        if not looks:  # all of it came from files
            looks = [original.received_at for original in archive.catalogue.originals()]
        head = archive.catalogue.head.link
    shown = {d: m for d, m in query.summaries(db).items() if d in disclosure.leaves}
    days = sorted(local_day(m.sent, settings.timezone) for m in shown.values() if m.sent)
    return ReportFacts(
        child=settings.child.names[0] if settings.child.names else "",
        zone=settings.timezone,
        as_of=max(looks, default=datetime.now(UTC).replace(microsecond=0)),
        originals=len(shown),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        unread=tuple(
            (_name(u), u.reason)
            for u in query.unread(db)
            if disclosure.names_attachment(u.digest, u.name)
        ),
        problems=sum(1 for digest, _ in query.problems(db) if digest in shown),
        head=head,
    )


def _name(unread: query.Unread) -> str:
    # An attached message is named after its subject, and nobody has read whose it is.
    return "an attached message" if unread.media_type == "message/rfc822" else unread.name
