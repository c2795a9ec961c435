"""Originals to a reading: read what is new, classify and detect, index. Incremental.

The work is a set difference, never a high-water mark. One bad message never stops the rest: it
becomes a row of ``problems`` and is tried again at the next run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archiver.errors import ArchiveError
from archiver.model import Digest, Original, Role, Standing
from archiver.progress import Progress
from archiver.roles import AddressBook
from archiver.running_log import version_facts
from indexers.database import open_reading
from indexers.decided import Told, lay_over
from indexers.model import Event, Family, Message, Part, Reading
from indexers.records import (
    EVENT_COLUMNS,
    MESSAGE_COLUMNS,
    SHOWN,
    event_row,
    everyone,
    extracted_from,
    message_from,
    message_row,
    standing_today,
    text_row,
)

if TYPE_CHECKING:
    from indexers.extract.worker import ExtractionWorker

log = logging.getLogger(__name__)

READER = "1"  # of mime, own words and headers: another value reads every message anew
_COMMIT_EVERY = 50  # messages


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


@dataclass(slots=True)
class Summary:
    """What a build did, and what the reading holds after it."""

    messages_read: int = 0
    attachments_read: int = 0
    attachments_unread: int = 0
    detected_anew: int = 0  # messages whose events were looked for
    events: Counter[str] = field(default_factory=Counter)  # suggested, by kind, of all messages
    problems: int = 0


def build(
    originals: Iterable[Original],
    read_original: Callable[[Digest], bytes],
    derived: Path,
    view: View,
    progress: Progress,
) -> Summary:
    """Bring the reading and the search index in ``derived`` up to date.

    Args:
        originals: all that the archive holds, in order of receipt.
        read_original: bytes of an original; may raise ArchiveError.
        derived: the archive's folder of derived data.
        view: the configuration's part in it.
        progress: is told of every message.
    """
    db = open_reading(derived / "reading.sqlite")
    summary = Summary()
    try:
        _forget_other_versions(db)
        known = {digest for (digest,) in db.execute("SELECT digest FROM messages")}
        new = [(n, o) for n, o in enumerate(originals) if o.digest not in known]
        if new:
            _read_all(db, new, read_original, progress, summary)
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


def _forget_other_versions(db: sqlite3.Connection) -> None:
    """Drop what another version of the readers made; one row of ``meta`` a reader."""
    from indexers.extract.registry import VERSIONS  # noqa: PLC0415

    meta = dict(db.execute("SELECT name, value FROM meta"))
    if meta.get("reader") == READER and meta.get("extractors") == VERSIONS:
        return
    with db:
        for table in ("events", "parts", "messages", "texts", "problems"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        db.execute("INSERT OR REPLACE INTO meta VALUES ('reader', ?)", (READER,))
        db.execute("INSERT OR REPLACE INTO meta VALUES ('extractors', ?)", (VERSIONS,))


def _read_all(
    db: sqlite3.Connection,
    new: Sequence[tuple[int, Original]],
    read_original: Callable[[Digest], bytes],
    progress: Progress,
    summary: Summary,
) -> None:
    from indexers.extract.worker import ExtractionWorker  # noqa: PLC0415

    progress.start("reading messages and attachments", len(new))
    with ExtractionWorker() as worker:
        for count, (entry, original) in enumerate(new, 1):
            try:
                _read_one(db, entry, original, read_original(original.digest), worker, summary)
                db.execute("DELETE FROM problems WHERE digest = ?", (original.digest,))
            except ArchiveError as error:
                _problem(db, original.digest, "read", f"{error} {error.hint}")
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                # mime.py promises not to raise; should it, the other 20,000 still count.
                log.warning("reading %s failed: %s", original.digest[:12], type(error).__name__)
                what = f"Reading it failed inside the program ({type(error).__name__})."
                _problem(db, original.digest, "read", what)
            if count % _COMMIT_EVERY == 0:
                db.commit()
            progress.step()
    db.commit()
    progress.finish()


def _read_one(
    db: sqlite3.Connection,
    entry: int,
    original: Original,
    raw: bytes,
    worker: ExtractionWorker,
    summary: Summary,
) -> None:
    from indexers.mime import read_message  # noqa: PLC0415

    message = read_message(raw, internal_date=original.internal_date)
    for part in message.attachments:
        known = db.execute(
            "SELECT how FROM texts WHERE content_digest = ? AND media_type = ?",
            (part.digest, part.media_type),
        ).fetchone()
        if known is None:
            row = text_row(part, worker.read(part))
            db.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?)", row)
            known = (row[2],)
        if known[0]:
            summary.attachments_read += 1
        else:
            summary.attachments_unread += 1
    fallback = original.internal_date or original.received_at
    db.execute(
        f"INSERT INTO messages ({MESSAGE_COLUMNS}, entry, fallback_date, kept_as)"  # noqa: S608
        f" VALUES ({', '.join('?' * 15)})",
        (*message_row(message), entry, fallback.isoformat(), original.standing),
    )
    db.executemany(
        "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (message.digest, p.path, p.name, p.media_type, len(p.content), p.digest, p.inline)
            for p in message.attachments
        ],
    )
    summary.messages_read += 1


def _detect_all(db: sqlite3.Connection, view: View, progress: Progress, summary: Summary) -> None:
    """Standing, day and events: of new messages, or of all where the configuration changed."""
    fingerprint = view.fingerprint()
    _take_in(db, view.told)
    seen = db.execute("SELECT value FROM meta WHERE name = 'view'").fetchone()
    if seen is None or seen[0] != fingerprint:
        with db:
            db.execute("UPDATE messages SET standing = NULL, day = NULL")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('view', ?)", (fingerprint,))
    waiting = db.execute(
        f"SELECT kept_as, fallback_date, {MESSAGE_COLUMNS} FROM messages"  # noqa: S608
        " WHERE standing IS NULL ORDER BY entry"
    ).fetchall()
    if not waiting:
        return
    progress.start("looking for events", len(waiting))
    for count, (kept_as, fallback, *columns) in enumerate(waiting, 1):
        _detect_one(db, view, Standing(kept_as), datetime.fromisoformat(fallback), columns)
        summary.detected_anew += 1
        if count % _COMMIT_EVERY == 0:
            db.commit()
        progress.step()
    db.commit()
    progress.finish()


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


def _detect_one(
    db: sqlite3.Connection,
    view: View,
    kept_as: Standing,
    fallback: datetime,
    columns: Sequence[object],
) -> None:
    from indexers.events import find_events  # noqa: PLC0415

    message = message_from(columns)
    reading = _reading(db, view, kept_as, fallback, message)
    events: list[Event] = []
    try:
        events = find_events(reading, view.family)
        db.execute("DELETE FROM problems WHERE digest = ? AND step = 'events'", (message.digest,))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # find_events promises not to raise; should it, the message is listed and the rest goes on.
        what = f"Looking for events in it failed inside the program ({type(error).__name__})."
        _problem(db, message.digest, "events", what)
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
        _problem(db, digest, "decision", what)
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
    roles = {p.address: view.book.role_of(p.address) for p in everyone(message) if p.address}
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


def _problem(db: sqlite3.Connection, digest: Digest, step: str, sentence: str) -> None:
    db.execute("INSERT OR REPLACE INTO problems VALUES (?, ?, ?)", (digest, step, sentence))
