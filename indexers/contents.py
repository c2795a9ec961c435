"""The words of a message by whose they are, for deciding what may leave the archive."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.model import Digest, Person
from indexers.model import Extracted, Span, SpanKind
from indexers.records import MESSAGE_COLUMNS, everyone, extracted_from, message_from

_ITS_OWN = {SpanKind.OWN, SpanKind.SIGNATURE}


@dataclass(frozen=True, slots=True)
class Contents:
    """All the text of one message."""

    digest: Digest
    people: tuple[Person, ...]
    subject: str
    own: str  # the author's own words; boilerplate is in neither this nor ``below``
    below: str  # what is quoted or forwarded, with the lines that introduce it
    spans: tuple[Span, ...]  # of the body
    attachments: tuple[tuple[str, str], ...]  # file name and text ("" where it was not read)


def contents(db: sqlite3.Connection) -> Iterator[Contents]:
    """Every message that has been read, in order of receipt."""
    attachments: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for digest, name, pages in db.execute(
        "SELECT digest, name, pages FROM parts JOIN texts USING (content_digest, media_type)"
        " ORDER BY digest, path"
    ):
        text = "\n".join(page for _, page, _ in json.loads(pages))
        attachments[digest].append((name, text))
    rows = db.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages"  # noqa: S608 - names of ours
        " WHERE standing IS NOT NULL ORDER BY entry"
    )
    for row in rows:
        message = message_from(row)
        own, below = [], []
        for span in message.spans:
            run = message.body[span.start : span.end]
            if span.kind in _ITS_OWN:
                own.append(run)
            elif span.kind is not SpanKind.BOILERPLATE:
                below.append(run)
        yield Contents(
            message.digest,
            everyone(message),
            message.subject,
            "\n".join(own),
            "\n".join(below),
            message.spans,
            tuple(attachments.get(message.digest, ())),
        )


def attachments_read(
    db: sqlite3.Connection,
) -> Iterator[tuple[Digest, str, str, Extracted]]:
    """Each attachment that was read: its message, file name, SHA-256 of its bytes, and its text."""
    rows = db.execute(
        "SELECT p.digest, p.name, p.content_digest, t.how, t.notes, t.pages FROM parts p"
        " JOIN texts t USING (content_digest, media_type) JOIN messages m USING (digest)"
        " WHERE t.reason = '' ORDER BY m.entry, p.path"
    )
    for digest, name, content_digest, how, notes, pages in rows:
        yield Digest(digest), name, content_digest, extracted_from(how, notes, pages)


def links(db: sqlite3.Connection) -> Iterator[tuple[Digest, str, tuple[str, ...]]]:
    """Each message with its Message-ID and the ids that it answers or refers to."""
    rows = db.execute("SELECT digest, message_id, in_reply_to, refs FROM messages ORDER BY entry")
    for digest, message_id, reply, refs in rows:
        yield Digest(digest), message_id, (*json.loads(reply), *json.loads(refs))
