"""Originals to a reading: read what is new, classify and detect, index. Incremental.

The work is a set difference, never a high-water mark. One bad message never stops the rest: it
becomes a row of ``problems`` and is tried again at the next run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.model import Digest, Original, Role, Standing
from archiver.progress import Progress
from archiver.roles import AddressBook
from archiver.running_log import version_facts
from indexers.database import open_reading
from indexers.decided import Told, lay_over
from indexers.extract.contract import Means
from indexers.model import Event, Family, Message, Part, Reading
from indexers.readers import Readers, Summary, note_problem
from indexers.records import (
    EVENT_COLUMNS,
    MESSAGE_COLUMNS,
    SHOWN,
    addresses_of,
    event_row,
    extracted_from,
    message_from,
    standing_today,
)

log = logging.getLogger(__name__)

READER = "4"  # of mime, own words and headers: another value reads every message anew
_COMMIT_EVERY = 50  # messages
_AT_ONCE = 2  # messages in which events are looked for
_AHEAD = 6  # messages that wait for one before them
# What another version of the readers made, in an order in which it can be deleted.
_READ = (
    "quotes", "prints", "refs", "events", "parts", "said", "usual", "messages", "texts", "boxes",
    "problems",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What the reading depends on besides the originals."""

    timezone: ZoneInfo
    book: AddressBook
    family: Family
    told: Told = field(default_factory=Told)

    def fingerprint(self) -> str:
        """Changes whenever the events of any message could; ``told`` is of single messages."""
        from indexers.events import detector_version  # noqa: PLC0415

        groups = (self.book.school, self.book.provider, self.book.parent, self.book.privileged)
        seen = [
            detector_version(),
            str(self.timezone),
            repr(self.family),
            *(sorted(g) for g in groups),
        ]
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def build(
    originals: Iterable[Original],
    read_original: Callable[[Digest], bytes],
    derived: Path,
    view: View,
    progress: Progress,
    means: Means | None = None,
) -> Summary:
    """Bring the reading and the search index in ``derived`` up to date.

    Args:
        originals: all that the archive holds, in order of receipt.
        read_original: bytes of an original; may raise ArchiveError.
        derived: the archive's folder of derived data.
        view: the configuration's part in it.
        progress: is told of every message.
        means: by which attachments are read.
    """
    means = means or Means()
    db = open_reading(derived / "reading.sqlite")
    summary = Summary()
    try:
        _forget_other_versions(db, means)
        known = {digest for (digest,) in db.execute("SELECT digest FROM messages")}
        new = [(n, o) for n, o in enumerate(originals) if o.digest not in known]
        if new:
            Readers(db, derived, means, summary).read(new, read_original, progress)
        from indexers.linking import link_quotes  # noqa: PLC0415

        link_quotes(db)
        _detect_all(db, view, progress, summary)
        from indexers.search.update import update_search  # noqa: PLC0415

        update_search(derived, db, progress)
        suggested = db.execute(
            f"SELECT kind, count(*) FROM events WHERE status = 'suggested' AND {SHOWN}"  # noqa: S608
            " GROUP BY kind ORDER BY 1"
        )
        summary.events.update(dict(suggested.fetchall()))
        summary.problems = db.execute("SELECT count(*) FROM problems").fetchone()[0]
    finally:
        db.close()
    return summary


def _forget_other_versions(db: sqlite3.Connection, means: Means) -> None:
    """Drop what another version of the readers made; one row of ``meta`` a reader."""
    from indexers.extract.registry import fingerprint  # noqa: PLC0415

    extractors = fingerprint(means)
    meta = dict(db.execute("SELECT name, value FROM meta"))
    if meta.get("reader") == READER and meta.get("extractors") == extractors:
        return
    with db:
        for table in _READ:
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        db.execute("INSERT OR REPLACE INTO meta VALUES ('reader', ?)", (READER,))
        db.execute("INSERT OR REPLACE INTO meta VALUES ('extractors', ?)", (extractors,))


def _detect_all(db: sqlite3.Connection, view: View, progress: Progress, summary: Summary) -> None:
    """Standing, day and events: of new messages, or of all where the configuration changed."""
    from indexers.senders import update_usual  # noqa: PLC0415

    fingerprint = view.fingerprint()
    _take_in(db, view.told)
    seen = db.execute("SELECT value FROM meta WHERE name = 'view'").fetchone()
    if seen is None or seen[0] != fingerprint:
        with db:
            db.execute("UPDATE messages SET standing = NULL, day = NULL")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('view', ?)", (fingerprint,))
    update_usual(db, view.book, view.family, view.told.marks)
    waiting = db.execute(
        f"SELECT kept_as, fallback_date, {MESSAGE_COLUMNS} FROM messages"  # noqa: S608
        " WHERE standing IS NULL ORDER BY entry"
    ).fetchall()
    if not waiting:
        return
    progress.start("looking for events", len(waiting))
    readings = (
        _reading(db, view, Standing(kept), datetime.fromisoformat(fallback), message_from(columns))
        for kept, fallback, *columns in waiting
    )
    for count, (reading, found) in enumerate(_side_by_side(readings, view.family), 1):
        _write_events(db, view, reading, found)
        summary.detected_anew += 1
        if count % _COMMIT_EVERY == 0:
            db.commit()
        progress.step()
    db.commit()
    progress.finish()


def _side_by_side(
    readings: Iterable[Reading], family: Family
) -> Iterator[tuple[Reading, Future[list[Event]]]]:
    """Events of messages, in order, looked for in as many at once as there are threads.

    Threads, not processes: most of the time is the encoder's, which runs outside of Python's lock
    and need not be in memory twice.
    """
    from indexers.events import find_events, load_learned  # noqa: PLC0415

    load_learned()
    ahead: deque[tuple[Reading, Future[list[Event]]]] = deque()
    pool = ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1), thread_name_prefix="events")
    try:
        for reading in readings:
            ahead.append((reading, pool.submit(find_events, reading, family)))
            if len(ahead) > _AHEAD:
                yield ahead.popleft()
        yield from ahead
    finally:
        pool.shutdown(cancel_futures=True)


def knows_all_told(db: sqlite3.Connection, told: Told) -> bool:
    """Whether a reading shows all that a person told; if not, it must not be shown as it is."""
    log, marks = _told_rows(told)
    return (
        _told_before(db) == told.fingerprints()
        and log == db.execute("SELECT * FROM log ORDER BY entry").fetchall()
        and marks == db.execute("SELECT * FROM marks ORDER BY digest").fetchall()
    )


def _take_in(db: sqlite3.Connection, told: Told) -> None:
    """Copy what a person told, and have the messages looked at anew that it is news about."""
    if knows_all_told(db, told):
        return
    before, now = _told_before(db), told.fingerprints()
    changed = [d for d in {*before, *now} if before.get(d) != now.get(d)]
    log, marks = _told_rows(told)
    with db:
        db.executemany(
            "UPDATE messages SET standing = NULL, day = NULL WHERE digest = ?",
            [(digest,) for digest in changed],
        )
        value = json.dumps(now, sort_keys=True)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('told', ?)", (value,))
        db.execute("DELETE FROM log")
        db.execute("DELETE FROM marks")
        db.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?)", log)
        db.executemany("INSERT INTO marks VALUES (?, ?)", marks)


def _told_before(db: sqlite3.Connection) -> dict[str, str]:
    row = db.execute("SELECT value FROM meta WHERE name = 'told'").fetchone()
    return dict(json.loads(row[0])) if row else {}


def _told_rows(told: Told) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of ``log`` and of ``marks``, in their order."""
    log: list[tuple[int, tuple[object, ...]]] = []
    for entry in told.log:
        for version in entry.versions:
            facts = json.dumps(version_facts(entry.number, version), sort_keys=True)
            at = version.at.isoformat()
            log.append((version.entry, (version.entry, at, version.link, entry.number, facts)))
    marks: list[tuple[object, ...]] = [(d, int(mark)) for d, mark in sorted(told.marks.items())]
    return [row for _, row in sorted(log)], marks


def _write_events(
    db: sqlite3.Connection, view: View, reading: Reading, found: Future[list[Event]]
) -> None:
    message = reading.message
    events: list[Event] = []
    try:
        events = found.result()
        db.execute("DELETE FROM problems WHERE digest = ? AND step = 'events'", (message.digest,))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # find_events promises not to raise; should it, the message is listed and the rest goes on.
        what = f"Looking for events in it failed inside the program ({type(error).__name__})."
        note_problem(db, message.digest, "events", what)
    events = _lay_over(db, view, reading, events)
    db.execute("DELETE FROM events WHERE digest = ?", (message.digest,))
    db.executemany(
        f"INSERT INTO events (digest, number, {EVENT_COLUMNS})"  # noqa: S608 - names of ours
        f" VALUES (?, ?, {', '.join('?' * len(EVENT_COLUMNS.split(',')))})",
        [(message.digest, number, *event_row(event)) for number, event in enumerate(events)],
    )
    db.execute(
        "UPDATE messages SET standing = ?, day = ? WHERE digest = ?",
        (reading.standing, reading.day.isoformat(), message.digest),
    )


def _lay_over(
    db: sqlite3.Connection, view: View, reading: Reading, found: list[Event]
) -> list[Event]:
    """What was found, with what a person decided laid over it."""
    digest = reading.message.digest
    db.execute("DELETE FROM problems WHERE digest = ? AND step = 'decision'", (digest,))
    decided = view.told.of(digest)
    if not decided:
        return found
    laid = lay_over(found, decided, reading)
    if laid.lost:
        quotes = "; ".join(f"“{' '.join(lost.quote.split())[:60]}”" for lost in laid.lost)
        what = f"Words that you decided on are no longer found in it as they were: {quotes}."
        note_problem(db, digest, "decision", what)
    return list(laid.events)


def reading_of(db: sqlite3.Connection, view: View, digest: Digest) -> Reading | None:
    """All that event detection may look at of one message; None where it was not read."""
    row = db.execute(
        f"SELECT kept_as, fallback_date, {MESSAGE_COLUMNS} FROM messages"  # noqa: S608
        " WHERE digest = ?",
        (digest,),
    ).fetchone()
    if row is None:
        return None
    kept_as, fallback, *columns = row
    return _reading(
        db, view, Standing(kept_as), datetime.fromisoformat(fallback), message_from(columns)
    )


def _reading(
    db: sqlite3.Connection, view: View, kept_as: Standing, fallback: datetime, message: Message
) -> Reading:
    from indexers.linking import links_of  # noqa: PLC0415
    from indexers.senders import usual_of  # noqa: PLC0415

    roles = {address: view.book.role_of(address) for address in addresses_of(message)}
    mark = view.told.marks.get(message.digest)
    return Reading(
        message,
        [
            (part, extracted_from(how, notes, pages))
            for part, how, notes, pages in _texts(db, message.digest)
        ],
        local_day(message.date or fallback, view.timezone),
        roles.get(message.sender.address, Role.OTHER),
        standing_today(message, kept_as, view.book, mark),
        roles,
        links_of(db, message.digest),
        usual_of(db, message.sender.address),
    )


def _texts(db: sqlite3.Connection, digest: Digest) -> list[tuple[Part, str, str, str]]:
    rows = db.execute(
        "SELECT path, media_type, name, content_digest, inline, how, notes, pages"
        " FROM parts JOIN texts USING (content_digest, media_type)"
        " WHERE digest = ? AND how != '' ORDER BY path",
        (digest,),
    )
    return [
        (Part(path, kind, name, b"", Digest(content), bool(inline)), how, notes, pages)
        for path, kind, name, content, inline, how, notes, pages in rows
    ]


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day of a moment in the family's zone."""
    return at.astimezone(zone).date()
