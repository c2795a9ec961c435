"""Frozen records of what the originals say.

Offsets count code points of the text they belong to, end excluded. Everything here can be made
again from the originals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from archiver.model import Digest, Person, Role, Standing


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a message's MIME tree."""

    path: str  # as IMAP numbers them: "1", "2.1"; a nested message's parts continue its own number
    media_type: str  # by content where the declared type is vague; lower case
    name: str  # file name as sent, made printable; "part-2.1.pdf" where there is none
    content: bytes  # transfer encoding undone
    digest: Digest  # of ``content``
    inline: bool  # Content-Disposition: inline, or shown inside the HTML body


class SpanKind(StrEnum):
    """Whose words a run of a body is."""

    OWN = "own"
    ATTRIBUTION = (
        "attribution"  # "On Tuesday X wrote:", "-----Original Message-----" and its headers
    )
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    BOILERPLATE = "boilerplate"  # disclaimers and notices of confidentiality
    FOOTER = "footer"  # what a program put there: "Sent from my iPhone", a list's footer, a banner


@dataclass(frozen=True, slots=True)
class Source:
    """Whose words a quote says it has, as its attribution or its block of headers states."""

    author: str  # a name as written, or ""
    address: str  # lower case, or ""
    when: str  # date and time as written, or ""
    day: date | None  # that they name; None where it is open ("3/2/26": March or February?)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of a body and whose words it is; the spans of a body cover it without gaps."""

    kind: SpanKind
    start: int
    end: int
    unsure: bool = False  # own words in doubt: they count as own, and are shown as doubtful
    source: Source | None = None  # of what is quoted or forwarded, where it says so


class DateSource(StrEnum):
    """Where a message's date was taken from."""

    HEADER = "header"
    RECEIVED = "received"
    SERVER = "server"  # INTERNALDATE
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Dates:
    """Every date that a message bears, whichever is chosen; all aware."""

    words: str = ""  # of its Date header
    header: datetime | None = None  # with the writer's own offset
    received: tuple[datetime, ...] = ()  # of its Received lines, the newest first
    server: datetime | None = None  # INTERNALDATE
    resent: bool = False  # it has Resent- headers: it was sent on long after it was written


@dataclass(frozen=True, slots=True)
class Message:
    """A message as read: claims made by the message, with what was odd about it in ``defects``."""

    digest: Digest
    message_id: str  # with its angle brackets; "" where there is none
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Person  # From, else Sender, else Person("", "")
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    others: tuple[Person, ...]  # Sender, Reply-To where they differ from From
    subject: str
    date: datetime | None  # aware, with the writer's own offset where it is the header's
    date_source: DateSource
    body: str  # text of the body, line ends as LF; HTML made text
    body_path: str  # MIME path of the part it came from; "" where there is no body
    spans: tuple[Span, ...]  # of ``body``
    attachments: tuple[Part, ...]
    defects: tuple[str, ...]  # plain sentences
    dates: Dates = Dates()

    def own_words(self) -> str:
        """The author's own words, runs joined by a line end."""
        runs = (self.body[s.start : s.end] for s in self.spans if s.kind is SpanKind.OWN)
        return "\n".join(runs)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a quote has other words than its original; in lower case, without punctuation."""

    held: str  # the original's words; "" where the quote has more
    quoted: str  # the quote's; "" where it leaves words out between others


@dataclass(frozen=True, slots=True)
class QuoteLink:
    """A quoted or forwarded span whose original is held."""

    start: int  # of the span in the quoting message's body
    end: int
    original: Digest
    how: str  # how it was found: "reference", "author and day" or "words"
    differences: tuple[Difference, ...]  # none: the words are the original's


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its cells as text; ``rows`` are all of one width, the header row included."""

    rows: tuple[tuple[str, ...], ...]


class LineBox(NamedTuple):
    """Where a line of a page's text stands on the page as it is shown.

    Places are ten-thousandths of the page's width and height, from its top left corner, so that
    they hold for a picture of the page at any resolution.
    """

    start: int  # offset of its first character in the page's text
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page's text; formats without pages have one page, numbered None."""

    number: int | None  # from 1
    text: str  # line ends as LF; table rows appear here too, one a line, cells joined by " | "
    tables: tuple[Table, ...] = ()
    lines: tuple[LineBox, ...] = ()  # by ``start``; only of what has a place on a page


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of an attachment, with the means by which it was read."""

    pages: tuple[Page, ...]
    how: str  # "pypdfium2 5.15", "python-docx 1.2"
    notes: tuple[str, ...] = ()  # pages that could not be read, and why; plain sentences


@dataclass(frozen=True, slots=True)
class Skipped:
    """An attachment that was not read, and why; shown to the parent."""

    reason: str  # a plain sentence: "The PDF is encrypted and needs a password."


class EventKind(StrEnum):
    """The ten kinds of event (docs/events.md)."""

    PROPOSAL = "proposal"
    REFUSAL = "refusal"
    OBJECTION = "objection"
    MISSED_SERVICE = "missed_service"
    DELIVERED_SERVICE = "delivered_service"
    MEETING = "meeting"
    REQUEST = "request"
    CONSENT = "consent"
    EVALUATION = "evaluation"
    ESCALATION = "escalation"


SERVICE_KINDS = frozenset({EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE})
"""Kinds that are of one service on one day."""
TOPICAL_KINDS = frozenset(
    {
        EventKind.PROPOSAL,
        EventKind.REFUSAL,
        EventKind.OBJECTION,
        EventKind.REQUEST,
        EventKind.CONSENT,
    }
)
"""Kinds that are about something: services, placement, records (docs/events.md)."""


class RecordedKind(StrEnum):
    """What only the running log tells of, besides the ten kinds; never found in mail."""

    CALL = "call"
    NOTE = "note"


class Status(StrEnum):
    """Whether a person has looked at what is told."""

    SUGGESTED = "suggested"  # a program found it; nobody has looked
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"  # a person says that it is none
    RECORDED = "recorded"  # the parent's own record


LIKELY = 0.4  # confidence from which a suggestion is shown unasked: docs/events.md


class Precision(StrEnum):
    """How exactly the words name the day."""

    DAY = "day"  # a day is named: "March 4", "yesterday", "last Thursday"
    RANGE = "range"  # "the week of March 3", "since Monday": ``on`` to ``end``
    MESSAGE = "message"  # no day is named: the day of the message


class Actor(StrEnum):
    """Who did it; for a missed service, who was to deliver."""

    SCHOOL = "school"
    PARENT = "parent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words an event rests on, and where they stand."""

    message_id: str
    digest: Digest  # of the original
    part: str  # "body", or the attachment's file name
    page: int | None  # from 1; None where the format has no pages
    quote: str  # verbatim: equal to the part's (page's) text from ``start`` to ``end``
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Event:
    """A dated claim, made by one message."""

    kind: EventKind | RecordedKind
    on: date  # in the family's time zone
    end: date | None  # last day of a range
    precision: Precision
    actor: Actor
    service: str | None  # a service of docs/events.md
    minutes: int | None
    reason: str | None  # of docs/events.md
    topics: tuple[str, ...]
    citation: Citation
    confidence: float  # 0 to 1: the share of such suggestions that are right
    rule: str  # what made it an event: "missed: provider out", for the curious
    date_words: str = ""  # the words the date was computed from; "" for the message's own day
    status: Status = Status.SUGGESTED
    decision: int | None = None  # the journal entry of a person's decision on it
    people: tuple[str, ...] = ()  # that a person named


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """Where an entry of the running log stands, and when it was written."""

    number: int  # of the log's entry
    entered: datetime  # first, UTC
    changed: datetime | None  # last; None where it never was
    line: int  # of the journal, from 1, that has it as it stands
    link: Digest  # of that line


@dataclass(frozen=True, slots=True)
class Reading:
    """All that event detection may look at of one message."""

    message: Message
    texts: Sequence[tuple[Part, Extracted]]  # attachments that were read
    day: date  # the message's day in the family's time zone
    author: Role  # of the sender
    standing: Standing
    roles: dict[str, Role] = field(default_factory=dict)  # of all on it or quoted in it
    links: Sequence[QuoteLink] = ()  # of the message's quotes to originals that are held
    usual: str = ""  # the service that its sender usually writes about; "" where there is none

    def forwarded_unheld(self) -> tuple[Span, ...]:
        """Forwarded spans of which the archive has no other copy; ``source`` says whose they are.

        Only these speak, with their own author and day (docs/events.md, rule 1).
        """
        held = {link.start for link in self.links}
        spans = self.message.spans
        return tuple(s for s in spans if s.kind is SpanKind.FORWARDED and s.start not in held)


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the IEP promises, as configured."""

    service: str
    minutes: int | None
    times: int | None
    per: str
    start: date | None
    end: date | None
    provider: str


@dataclass(frozen=True, slots=True)
class Family:
    """What event detection knows of the family."""

    child_names: tuple[str, ...]
    services: tuple[Service, ...] = ()
