"""Frozen records of the chronology."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from archiver.model import Digest, Person, Standing
from indexers.model import (
    Actor,
    Citation,
    EventKind,
    OwnRecord,
    Precision,
    RecordedKind,
    Span,
    Status,
)
from indexers.model import Source as Origin


class MessageFacts(Protocol):
    """What a chronology needs to know of a message; the reading's summaries have it."""

    @property
    def digest(self) -> Digest:
        """The original's."""
        ...

    @property
    def message_id(self) -> str:
        """With angle brackets; "" where it has none."""
        ...

    @property
    def sent(self) -> datetime | None:
        """Aware."""
        ...

    @property
    def sender(self) -> Person:
        """Who wrote it."""
        ...

    @property
    def recipients(self) -> tuple[Person, ...]:
        """To, Cc and Bcc."""
        ...

    @property
    def forwarded(self) -> tuple[Span, ...]:
        """Runs of its body that it forwards, and whose they are."""
        ...

    @property
    def subject(self) -> str:
        """Decoded."""
        ...

    @property
    def standing(self) -> Standing:
        """By the configuration of today."""
        ...

    @property
    def record(self) -> OwnRecord | None:
        """Where it is no message but an entry of the running log."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One telling of an event: the citation, with the message it stands in."""

    citation: Citation
    on: date  # the day this telling gives
    sent: datetime | None  # the message's date, aware
    sender: Person
    recipients: tuple[Person, ...]
    subject: str
    standing: Standing
    status: Status = Status.SUGGESTED
    record: OwnRecord | None = None  # where it is the parent's own record
    origin: Origin | None = None  # whose words they are, where the message forwards them

    @property
    def written_by(self) -> str:
        """Name or address of whose words they are."""
        if self.origin is not None:
            return self.origin.author or self.origin.address
        return self.sender.name or self.sender.address


class Tie(StrEnum):
    """How an entry is linked to another, or to a message."""

    AGAINST = "against"  # the same service is reported as given, and as not given
    OVERLAP = "overlap"  # another entry covers some of its days
    OTHER_DAY = "other_day"  # another message of the thread names another day
    FOLLOWS = "follows"  # an objection or consent, and what it follows
    FOLLOWED = "followed"
    REPLY = "reply"  # the school's first later message in a request's thread
    NO_REPLY = "no_reply"


@dataclass(frozen=True, slots=True)
class Link:
    """What else in the archive speaks to an entry."""

    tie: Tie
    entry: str  # id of the other entry; "" where it is none
    words: str  # a neutral sentence
    days: int | None  # between the two, where that says something


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chronology."""

    id: str  # stays the same through every rebuild: from kind, date, service and first citation
    kind: EventKind | RecordedKind
    on: date
    end: date | None
    precision: Precision
    service: str | None
    minutes: int | None
    reason: str | None
    topics: tuple[str, ...]
    actor: Actor
    status: Status
    confidence: float
    summary: str  # a neutral sentence: "Speech session reported as not given (provider absent)."
    sources: tuple[Source, ...]  # at least one, in order of ``sent``
    links: tuple[Link, ...] = ()
    people: tuple[str, ...] = ()  # that a person named

    @property
    def foremost(self) -> Source:
        """The source to quote where there is room for one: the first that a person looked at."""
        looked_at = (s for s in self.sources if s.status is not Status.SUGGESTED)
        return next(looked_at, self.sources[0])


@dataclass(frozen=True, slots=True)
class Chronology:
    """Entries in order of date."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What a report says of the archive it was made from."""

    child: str  # as the family calls the child in the configuration; "" where it names none
    zone: ZoneInfo  # the school's: days and times are shown in it
    as_of: datetime  # when the archive last received or looked at mail, UTC
    originals: int
    first: date | None  # day of the oldest message
    last: date | None  # day of the newest
    unread: tuple[tuple[str, str], ...]  # attachments that were not read: name and reason
    problems: int  # messages that could not be read
    head: Digest  # the end of the journal's chain
