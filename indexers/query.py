"""The reading's rows as records, for search, reports and status."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.model import Digest, Person, Standing
from archiver.running_log import LogEntry, log_from
from indexers.model import Event, LineBox, Message, OwnRecord, Span, SpanKind
from indexers.records import (
    EVENT_COLUMNS,
    MESSAGE_COLUMNS,
    SHOWN,
    event_from,
    extracted_from,
    lines_from,
    message_from,
    span_from,
)


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A message without its body."""

    digest: Digest
    message_id: str
    sent: datetime | None
    sender: Person
    recipients: tuple[Person, ...]
    subject: str
    standing: Standing
    record: OwnRecord | None = None  # where it is no message but an entry of the running log
    forwarded: tuple[Span, ...] = ()  # runs of its body that others wrote, and who


@dataclass(frozen=True, slots=True)
class Unread:
    """An attachment, or pages of one, that was not read, and why."""

    digest: Digest  # of the message
    name: str
    media_type: str
    reason: str


def events(db: sqlite3.Connection, *, faint: bool = False) -> Iterator[Event]:
    """The events that are likely, in order of day, message and number; ``faint``: the rest too."""
    rows = db.execute(
        f"SELECT e.digest, m.message_id, {_of('e', EVENT_COLUMNS)} FROM events e"  # noqa: S608
        f" JOIN messages m USING (digest) WHERE {'1' if faint else SHOWN}"
        " ORDER BY e.day, m.entry, e.number"
    )
    for digest, message_id, *columns in rows:
        yield event_from(digest, message_id, columns)


def log(db: sqlite3.Connection) -> list[LogEntry]:
    """The running log, in order of number."""
    rows = db.execute("SELECT entry, at, link, number, facts FROM log ORDER BY entry")
    return log_from(
        (entry, datetime.fromisoformat(at), Digest(link), number, json.loads(facts))
        for entry, at, link, number, facts in rows
    )


def marks(db: sqlite3.Connection) -> dict[Digest, bool]:
    """Messages that a person told to be privileged, or not to be."""
    rows = db.execute("SELECT digest, privileged FROM marks ORDER BY digest")
    return {Digest(digest): bool(mark) for digest, mark in rows}


def summaries(db: sqlite3.Connection) -> dict[Digest, MessageSummary]:
    """Every message by digest, in order of receipt."""
    rows = db.execute(
        "SELECT digest, message_id, sent, people, subject, standing, spans FROM messages"
        " WHERE standing IS NOT NULL ORDER BY entry"
    )
    found: dict[Digest, MessageSummary] = {}
    for digest, message_id, sent, people, subject, standing, spans in rows:
        cast = json.loads(people)
        recipients = [*cast["to"], *cast["cc"], *cast["bcc"]]
        found[digest] = MessageSummary(
            digest,
            message_id,
            datetime.fromisoformat(sent) if sent else None,
            Person(*cast["from"]),
            tuple(Person(*pair) for pair in recipients),
            subject,
            Standing(standing),
            forwarded=_forwarded(spans),
        )
    return found


def _forwarded(spans: str) -> tuple[Span, ...]:
    if f'"{SpanKind.FORWARDED}"' not in spans:  # most messages: not worth taking apart
        return ()
    every = map(span_from, json.loads(spans))
    return tuple(span for span in every if span.kind is SpanKind.FORWARDED)


def message(db: sqlite3.Connection, digest: str) -> Message | None:
    """A message with its body and spans, without attachments."""
    row = db.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE digest = ?",  # noqa: S608
        (digest,),
    ).fetchone()
    return message_from(row) if row else None


def standing_of(db: sqlite3.Connection, digest: str) -> str:
    """How a message stands by the configuration of today; "" where it was not looked at."""
    row = db.execute("SELECT standing FROM messages WHERE digest = ?", (digest,)).fetchone()
    return str(row[0] or "") if row else ""


def page_text(db: sqlite3.Connection, digest: str, part: str, page: int | None) -> str:
    """The text a citation's offsets count in: the body's, or that of an attachment's page."""
    if part == "body":
        found = message(db, digest)
        return found.body if found else ""
    rows = db.execute(
        "SELECT how, notes, pages FROM parts JOIN texts USING (content_digest, media_type)"
        " WHERE digest = ? AND name = ? ORDER BY path",
        (digest, part),
    )
    for how, notes, pages in rows:
        for candidate in extracted_from(how, notes, pages).pages:
            if candidate.number == page:
                return candidate.text
    return ""


def line_boxes(
    db: sqlite3.Connection, digest: str, part: str, page: int | None
) -> tuple[LineBox, ...]:
    """Where the lines of ``page_text`` stand on the page; () where that is not known."""
    row = db.execute(
        "SELECT lines FROM parts JOIN boxes USING (content_digest, media_type)"
        " WHERE digest = ? AND name = ? AND page = ? ORDER BY path",
        (digest, part, page),
    ).fetchone()
    return lines_from(row[0]) if row else ()


def unread(db: sqlite3.Connection) -> list[Unread]:
    """Attachments that were not read, or not wholly, in order of receipt; logos are left out."""
    rows = db.execute(
        "SELECT m.digest, p.name, p.media_type, t.reason, t.notes FROM parts p"
        " JOIN texts t USING (content_digest, media_type) JOIN messages m USING (digest)"
        " WHERE (t.reason != '' OR t.notes != '[]')"
        " AND NOT (p.inline AND p.media_type LIKE 'image/%' AND p.size < 20000)"
        " ORDER BY m.entry, p.path"
    )
    return [
        Unread(Digest(digest), name, kind, reason or " ".join(json.loads(notes)))
        for digest, name, kind, reason, notes in rows
    ]


def problems(db: sqlite3.Connection) -> list[tuple[Digest, str]]:
    """Messages that could not be read, and why."""
    rows = db.execute("SELECT digest, sentence FROM problems ORDER BY digest, step")
    return [(Digest(digest), sentence) for digest, sentence in rows]


def message_faults(db: sqlite3.Connection) -> list[tuple[Digest, str, str]]:
    """Messages, or parts of them, that were not read: digest, subject and why, by receipt."""
    rows = db.execute("SELECT digest, subject, defects FROM messages WHERE defects != '[]'"
                      " ORDER BY entry")  # fmt: skip
    found = [
        (Digest(digest), subject, sentence)
        for digest, subject, defects in rows
        for sentence in json.loads(defects)
        if "not been read" in sentence or "could not be read" in sentence or "nested" in sentence
    ]
    told = problems(db)
    subjects = dict(db.execute("SELECT digest, subject FROM messages"))
    return [*((digest, subjects.get(digest, ""), why) for digest, why in told), *found]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many messages, attachments, attachments unread, suggested events and problems."""
    counted = ("messages", "parts", "events", "problems")
    where = {"events": f" WHERE status = 'suggested' AND {SHOWN}"}
    columns = (f"(SELECT count(*) FROM {of}{where.get(of, '')})" for of in counted)  # noqa: S608
    row = db.execute(f"SELECT {', '.join(columns)}").fetchone()
    names = ("messages", "attachments", "events", "problems")
    return {**dict(zip(names, row, strict=True)), "unread": len(unread(db))}


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))
