"""Every attachment of the reading: what it is, and how far it was read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from archiver.model import Digest
from indexers.records import extracted_from
from indexers.tongue import language_of

_LOGO = 20_000  # bytes; a smaller picture inside a letter's text is decoration


class State(StrEnum):
    """How far an attachment was read."""

    READ = "read"
    PARTLY = "partly read"
    EMPTY = "no text in it"
    UNREAD = "not read"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment of one message."""

    message: Digest
    sent: str  # as the message bears it, RFC 3339; "" without a date
    subject: str  # of its message
    path: str  # MIME path
    name: str
    media_type: str
    size: int  # bytes
    digest: Digest  # of its content
    state: State
    pages: int | None  # None where the format has no pages
    words: int
    language: str  # of tongue.language_of
    why: str  # why it, or part of it, was not read
    how: str  # by what it was read

    @property
    def is_decoration(self) -> bool:
        """Whether it is a small picture, such as a logo in a signature, that holds no text."""
        small = self.size < _LOGO and self.media_type.startswith("image/")
        return small and not self.words


def attachments(db: sqlite3.Connection, digest: str | None = None) -> Iterator[Attachment]:
    """All attachments in order of their messages' receipt; of one message, where it is named."""
    rows = db.execute(
        "SELECT m.digest, coalesce(m.sent, ''), m.subject, p.path, p.name, p.media_type, p.size,"
        " p.content_digest, t.how, t.reason, t.notes, t.pages FROM parts p JOIN messages m"
        " USING (digest) LEFT JOIN texts t ON t.content_digest = p.content_digest"
        " AND t.media_type = p.media_type WHERE ? IN ('', m.digest) ORDER BY m.entry, p.path",
        (digest or "",),
    )
    for message, sent, subject, path, name, kind, size, content, how, reason, notes, pages in rows:
        read = extracted_from(how, notes, pages).pages if how else ()
        text = "\n".join(page.text for page in read)
        numbered = [page.number for page in read if page.number is not None]
        words = len(text.split())
        said = " ".join(json.loads(notes)) if notes else ""
        state = State.UNREAD
        if how:
            state = State.PARTLY if said else State.READ if words else State.EMPTY
        yield Attachment(
            Digest(message),
            sent,
            subject,
            path,
            name,
            kind,
            size,
            Digest(content),
            state,
            len(numbered) or None,
            words,
            language_of(text),
            reason or said or ("" if how else "It has not been read."),
            how or "",
        )


def page_texts(db: sqlite3.Connection, digest: str, path: str) -> list[tuple[int | None, str]]:
    """The text of an attachment, page by page; empty where it was not read."""
    row = db.execute(
        "SELECT how, notes, pages FROM parts JOIN texts USING (content_digest, media_type)"
        " WHERE digest = ? AND path = ? AND how != ''",
        (digest, path),
    ).fetchone()
    return [(page.number, page.text) for page in extracted_from(*row).pages] if row else []


def messages_named(db: sqlite3.Connection, name: str) -> list[Digest]:
    """Originals by the first digits (four or more) of their hash, or by Message-ID."""
    asked = name.strip()
    if asked.startswith("<") or "@" in asked:
        inner = asked.strip("<>")
        rows = db.execute(
            "SELECT digest FROM messages WHERE message_id IN (?, ?) ORDER BY entry",
            (inner, f"<{inner}>"),
        )
    elif asked.startswith("#"):
        rows = db.execute(
            "SELECT digest FROM messages ORDER BY entry LIMIT 1 OFFSET ?",
            (max(0, int(asked[1:]) - 1) if asked[1:].isdecimal() else -1,),
        )
        if not asked[1:].isdecimal() or asked[1:] == "0":
            return []
    else:
        lower = asked.lower()
        if len(lower) < 4 or set(lower) - set("0123456789abcdef"):
            return []
        rows = db.execute(
            "SELECT digest FROM messages WHERE digest >= ? AND digest < ? ORDER BY entry",
            (lower, f"{lower}g"),
        )
    return [Digest(digest) for (digest,) in rows]
