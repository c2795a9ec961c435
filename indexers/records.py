"""Pure: records to rows of the reading, and rows to records."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from archiver.model import Digest, Person, Role, Standing
from archiver.roles import AddressBook
from indexers.model import (
    LIKELY,
    Actor,
    Citation,
    Dates,
    DateSource,
    Event,
    EventKind,
    Extracted,
    LineBox,
    Message,
    Page,
    Part,
    Precision,
    Skipped,
    Source,
    Span,
    SpanKind,
    Status,
    Table,
)

MESSAGE_COLUMNS = (
    "digest, message_id, in_reply_to, refs, people, subject, sent, date_source, body, body_path,"
    " spans, defects, dates"
)
EVENT_COLUMNS = (
    "kind, day, end, precision, actor, service, minutes, reason, topics, part, page, quote, start,"
    " stop, confidence, rule, date_words, status, decision, people"
)
# Events that are shown unasked: what a person decided on, and what is likely.
SHOWN = f"(status != '{Status.SUGGESTED}' OR confidence >= {LIKELY})"
_PEOPLE = ("to", "cc", "bcc", "others")


def message_row(message: Message) -> tuple[object, ...]:
    """The columns of MESSAGE_COLUMNS."""
    people: dict[str, object] = {
        name: [_pair(person) for person in getattr(message, name)] for name in _PEOPLE
    }
    people["from"] = _pair(message.sender)
    return (
        message.digest,
        message.message_id,
        _json(message.in_reply_to),
        _json(message.references),
        _json(people),
        message.subject,
        message.date.isoformat() if message.date else None,
        message.date_source,
        message.body,
        message.body_path,
        spans_row(message.spans),
        _json(message.defects),
        _json(_dates_row(message.dates)),
    )


def message_from(row: Sequence[Any]) -> Message:
    """A message from the columns of MESSAGE_COLUMNS, without its attachments."""
    digest, message_id, reply, refs, people, subject, sent, source, *rest = row
    body, path, spans, odd, dates = rest
    cast = json.loads(people)
    to, cc, bcc, others = (tuple(Person(*pair) for pair in cast[name]) for name in _PEOPLE)
    return Message(
        Digest(digest),
        message_id,
        tuple(json.loads(reply)),
        tuple(json.loads(refs)),
        Person(*cast["from"]),
        to,
        cc,
        bcc,
        others,
        subject,
        datetime.fromisoformat(sent) if sent else None,
        DateSource(source),
        body,
        path,
        tuple(span_from(row) for row in json.loads(spans)),
        (),
        tuple(json.loads(odd)),
        _dates_from(json.loads(dates)),
    )


def _dates_row(dates: Dates) -> dict[str, object]:
    return {
        "words": dates.words,
        "header": dates.header.isoformat() if dates.header else None,
        "received": [at.isoformat() for at in dates.received],
        "server": dates.server.isoformat() if dates.server else None,
        "resent": dates.resent,
    }


def _dates_from(row: dict[str, Any]) -> Dates:
    return Dates(
        row["words"],
        datetime.fromisoformat(row["header"]) if row["header"] else None,
        tuple(datetime.fromisoformat(at) for at in row["received"]),
        datetime.fromisoformat(row["server"]) if row["server"] else None,
        row["resent"],
    )


def everyone(message: Message) -> tuple[Person, ...]:
    """All people of a message, the sender first."""
    return (message.sender, *message.to, *message.cc, *message.bcc, *message.others)


def addresses_of(message: Message) -> set[str]:
    """Addresses of everyone on a message, and of those whom it quotes."""
    quoted = {span.source.address for span in message.spans if span.source}
    return ({person.address for person in everyone(message)} | quoted) - {""}


def text_row(part: Part, result: Extracted | Skipped) -> tuple[object, ...]:
    """A row of ``texts``."""
    if isinstance(result, Skipped):
        return (part.digest, part.media_type, "", result.reason, "[]", "[]")
    pages = [(p.number, p.text, [t.rows for t in p.tables]) for p in result.pages]
    return (part.digest, part.media_type, result.how, "", _json(result.notes), _json(pages))


def box_rows(part: Part, result: Extracted | Skipped) -> list[tuple[object, ...]]:
    """Rows of ``boxes``: where the lines of each page stand."""
    if isinstance(result, Skipped):
        return []
    return [
        (part.digest, part.media_type, page.number, zlib.compress(_packed(page)))
        for page in result.pages
        if page.lines and page.number is not None
    ]


def _packed(page: Page) -> bytes:
    numbers = [number for line in page.lines for number in line]
    return struct.pack(f"<{len(numbers)}I", *numbers)


def lines_from(packed: bytes) -> tuple[LineBox, ...]:
    """The boxes of a page's lines from their row."""
    data = zlib.decompress(packed)
    return tuple(map(LineBox._make, struct.iter_unpack("<5I", data)))


def extracted_from(how: str, notes: str, pages: str) -> Extracted:
    """An attachment's text from its row."""
    return Extracted(
        tuple(
            Page(number, text, tuple(Table(tuple(map(tuple, rows))) for rows in tables))
            for number, text, tables in json.loads(pages)
        ),
        how,
        tuple(json.loads(notes)),
    )


def event_row(event: Event) -> tuple[object, ...]:
    """The columns of EVENT_COLUMNS."""
    citation = event.citation
    return (
        event.kind,
        event.on.isoformat(),
        event.end.isoformat() if event.end else None,
        event.precision,
        event.actor,
        event.service,
        event.minutes,
        event.reason,
        _json(event.topics),
        citation.part,
        citation.page,
        citation.quote,
        citation.start,
        citation.end,
        event.confidence,
        event.rule,
        event.date_words,
        event.status,
        event.decision,
        _json(event.people),
    )


def event_from(digest: str, message_id: str, row: Sequence[Any]) -> Event:
    """An event from the columns of EVENT_COLUMNS."""
    kind, day, end, precision, actor, service, minutes, reason, topics = row[:9]
    part, page, quote, start, stop, confidence, rule, words, status, decision, people = row[9:]
    return Event(
        EventKind(kind),
        date.fromisoformat(day),
        date.fromisoformat(end) if end else None,
        Precision(precision),
        Actor(actor),
        service,
        minutes,
        reason,
        tuple(json.loads(topics)),
        Citation(message_id, Digest(digest), part, page, quote, start, stop),
        confidence,
        rule,
        words,
        Status(status),
        decision,
        tuple(json.loads(people)),
    )


def standing_today(
    message: Message, kept_as: Standing, book: AddressBook, mark: bool | None = None
) -> Standing:
    """How a message stands by the configuration of today and by what a person told of it.

    An attorney who is named in it only now makes mail privileged that was kept before.

    Args:
        message: as read.
        kept_as: why it was kept, that night.
        book: whose address is whose.
        mark: whether a person told that it is privileged; None where nobody did.
    """
    roles = {book.role_of(person.address) for person in everyone(message) if person.address}
    if mark or (mark is None and Role.PRIVILEGED in roles):
        return Standing.PRIVILEGED
    if roles & {Role.SCHOOL, Role.PROVIDER}:
        return Standing.SCHOOL
    if roles and roles <= {Role.PARENT}:
        return Standing.FAMILY
    # Nobody on it is known today: it stays what it was kept as, unless that was by an address.
    by_address = {Standing.SCHOOL} if mark is None else {Standing.SCHOOL, Standing.PRIVILEGED}
    return Standing.THREAD if kept_as in by_address else kept_as


def spans_row(spans: Sequence[Span]) -> str:
    """Spans as the reading has them."""
    return _json([_span_row(span) for span in spans])


def _span_row(span: Span) -> list[object]:
    """Kind, start and end; doubt and source only where there is any."""
    row: list[object] = [span.kind, span.start, span.end]
    if span.unsure or span.source:
        row.append(span.unsure)
    if span.source:
        source = span.source
        day = source.day.isoformat() if source.day else None
        row.append([source.author, source.address, source.when, day])
    return row


def span_from(row: Sequence[Any]) -> Span:
    """A span from the list that the reading has of it."""
    kind, start, end, *more = row
    source = None
    if len(more) > 1:
        author, address, when, day = more[1]
        source = Source(author, address, when, date.fromisoformat(day) if day else None)
    return Span(SpanKind(kind), start, end, bool(more and more[0]), source)


def _pair(person: Person) -> tuple[str, str]:
    return (person.name, person.address)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
