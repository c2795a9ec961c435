"""Hits as a person reads them: one a message, with date, people, subject and the matching words."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from archiver.model import Digest, Person, Standing
from indexers.model import SpanKind
from indexers.query import MessageSummary, message, page_text, summaries
from indexers.search.contract import BODY, Hit, SearchIndex
from indexers.search.whoosh_index import fold

_AROUND = 70  # characters of a snippet on either side of the first word found
_MOST_HITS = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """A message that matches."""

    digest: Digest
    message_id: str
    sent: datetime | None
    sender: Person
    subject: str
    standing: Standing
    part: str  # where the best match is: "body" or an attachment's name
    page: int | None
    snippet: str  # one line; own words before quoted ones
    marks: tuple[tuple[int, int], ...]  # where in the snippet the words are, end excluded
    places: int  # how many parts and pages of the message match


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a search is narrowed to."""

    after: date | None = None  # from this day on, in the writer's own zone
    before: date | None = None  # before this day
    sender: str = ""  # part of a name or address


def find(
    db: sqlite3.Connection, index: SearchIndex, query: str, limit: int, bounds: Bounds
) -> list[Found]:
    """Messages in which all words of a query occur, best first.

    Raises:
        QueryError: the query cannot be understood.
    """
    known = summaries(db)
    by_message: dict[Digest, list[Hit]] = {}
    for hit in index.search(query, _MOST_HITS):
        if hit.digest in known and _within(known[hit.digest], bounds):
            by_message.setdefault(hit.digest, []).append(hit)
    terms = index.terms(query)
    return [
        _found(db, known[digest], hits, terms) for digest, hits in list(by_message.items())[:limit]
    ]


def _within(summary: MessageSummary, bounds: Bounds) -> bool:
    day = summary.sent.date() if summary.sent else None
    if bounds.after and (day is None or day < bounds.after):
        return False
    if bounds.before and (day is None or day >= bounds.before):
        return False
    who = f"{summary.sender.name} {summary.sender.address}"
    return fold(bounds.sender).casefold() in fold(who).casefold()


def _found(
    db: sqlite3.Connection, summary: MessageSummary, hits: list[Hit], terms: frozenset[str]
) -> Found:
    best = hits[0]
    snippet, marks = snip(_texts(db, best), terms)
    return Found(
        summary.digest,
        summary.message_id,
        summary.sent,
        summary.sender,
        summary.subject,
        summary.standing,
        best.part,
        best.page,
        snippet,
        marks,
        len(hits),
    )


def _texts(db: sqlite3.Connection, hit: Hit) -> list[str]:
    """Where to look for a snippet, the author's own words first."""
    if hit.part != BODY:
        return [page_text(db, hit.digest, hit.part, hit.page)]
    found = message(db, hit.digest)
    if found is None:
        return []
    rest = (found.body[s.start : s.end] for s in found.spans if s.kind is not SpanKind.OWN)
    return [found.own_words(), "\n".join(rest)]


def snip(texts: list[str], terms: frozenset[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The words around the first match, as one line, and where in it the matches are."""
    stems = sorted({re.escape(_stem(term)) for term in terms}, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(stems)})\w*", re.IGNORECASE) if stems else None
    for text in texts:
        line = " ".join(text.split())
        folded = _folded(line)
        match = pattern.search(folded) if pattern else None
        if match is None:
            continue
        start, end = max(0, match.start() - _AROUND), min(len(line), match.end() + _AROUND)
        start = line.rfind(" ", 0, start) + 1 if start else 0
        end = line.find(" ", end) if line.find(" ", end) > 0 else len(line)
        lead, tail = "…" * (start > 0), "…" * (end < len(line))
        assert pattern is not None
        marks = tuple(
            (m.start() - start + len(lead), m.end() - start + len(lead))
            for m in pattern.finditer(folded, start, end)
        )
        return lead + line[start:end] + tail, marks
    line = " ".join(texts[0].split()) if texts else ""
    return line[: 2 * _AROUND] + "…" * (len(line) > 2 * _AROUND), ()


def _folded(line: str) -> str:
    """The line without accents, every character in its place."""
    return "".join(fold(character)[:1] or character for character in line)


def _stem(term: str) -> str:
    """Cut off what English words change at their end, so that "refused" marks "refusal" too."""
    return re.sub(r"(?:ing|ed|es|s|al|ation)\Z", "", term) if len(term) > 5 else term
