"""A message of the reading as passages: what the index takes, and what a hit is shown from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.progress import Progress
from indexers.model import Message, SpanKind
from indexers.records import MESSAGE_COLUMNS, everyone, extracted_from, message_from
from indexers.search.contract import BODY, Document, Kind, Passage


@dataclass(frozen=True, slots=True)
class Place:
    """A passage with where it stands."""

    kind: Kind
    part: str  # "body" or the attachment's name
    path: str  # MIME path; tells two attachments of one name apart
    page: int | None
    text: str


def places(db: sqlite3.Connection, message: Message) -> Iterator[Place]:
    """Every passage of a message, the author's own words before quoted ones.

    Own runs are passages of their own, so that no phrase is found across an answer between the
    lines; what is quoted around them is as it stands.
    """
    body = message.body_path
    yield Place(Kind.SUBJECT, BODY, body, None, message.subject)
    for person in everyone(message):
        if person.name:
            yield Place(Kind.PEOPLE, BODY, body, None, person.name)
    rest: list[tuple[int, int]] = []
    for span in message.spans:
        if span.kind is SpanKind.OWN:
            yield Place(Kind.OWN, BODY, body, None, message.body[span.start : span.end])
        elif rest and rest[-1][1] == span.start:
            rest[-1] = (rest[-1][0], span.end)
        else:
            rest.append((span.start, span.end))
    for start, end in rest:
        yield Place(Kind.QUOTED, BODY, body, None, message.body[start:end])
    rows = db.execute(
        "SELECT path, name, how, notes, pages FROM parts"
        " LEFT JOIN texts USING (content_digest, media_type) WHERE digest = ? ORDER BY path",
        (message.digest,),
    )
    for path, name, how, notes, pages in rows.fetchall():
        # An attachment that was not read is still found by its name.
        yield Place(Kind.NAME, name, path, None, name)
        for page in extracted_from(how, notes, pages).pages if how else ():
            yield Place(Kind.PAGE, name, path, page.number, page.text)


def documents(
    db: sqlite3.Connection, numbered: Iterable[tuple[int, str]], progress: Progress
) -> Iterator[Document]:
    """Messages of the reading, by number and digest, as the index takes them."""
    for number, digest in numbered:
        row = db.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE digest = ?",  # noqa: S608
            (digest,),
        ).fetchone()
        found = places(db, message_from(row))
        yield Document(number, [Passage(place.kind, place.text) for place in found])
        progress.step()
