"""Pure: the lines of a chronology as every format shows them, so that all of them say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.model import Person, Role
from archiver.roles import AddressBook
from indexers.model import OwnRecord, Precision, Status
from reports.model import Chronology, Entry, Source
from reports.words import KINDS, REASONS, day, service, topic, when

_ROLES = {
    Role.SCHOOL: "school",
    Role.PARENT: "parent",
    Role.PROVIDER: "private provider",
    Role.PRIVILEGED: "advocate or attorney",
}
_PRECISIONS = {
    Precision.DAY: "day named in the words",
    Precision.RANGE: "several days",
    Precision.MESSAGE: "day of the message; the words name no day",
}
_STATUSES = {status: str(status) for status in Status} | {Status.RECORDED: "own record"}
LATE = timedelta(days=7)
"""From when on it is said how long after the day something was entered in the running log."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One telling of an event, in words."""

    quote: str  # verbatim
    sender: str  # with the role
    recipients: str
    sent: str  # in the school's zone; "" where it has no date
    subject: str
    place: str  # "in the message itself", "in the attachment “IEP.pdf”, page 3"
    attachment: str  # file name; "" for the message itself
    page: int | None
    digest: str
    message_id: str
    status: str = "suggested"
    own: bool = False  # the parent's own record, and no message; ``digest`` is its line's link

    @property
    def said(self) -> str:
        """Who said it to whom, when and where it stands, as one sentence."""
        if self.own:
            return f"{self.sender}: {self.subject}, {self.place}."
        return (
            f"{self.sender} to {self.recipients}, {self.sent or 'no date'}, "
            f"subject “{self.subject}”, {self.place}."
        )


@dataclass(frozen=True, slots=True)
class LinkLine:
    """What else in the archive speaks to a line, in words."""

    how: str  # a code of ``Tie``
    entry: str  # id of the other line; "" where it is none
    number: int | None  # of the other line, where it has one
    words: str  # a neutral sentence; of another line it gives the day
    here: bool  # whether the other line is in the same view

    @property
    def see(self) -> str:
        """Where the other line is found on paper; "" where that has no number."""
        if not self.number:
            return ""
        return f"See No. {self.number}{'' if self.here else ' of the full chronology'}"

    @property
    def said(self) -> str:
        """The sentence, and where the other line is found."""
        return f"{self.words} {self.see}." if self.number else self.words


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chronology, in words; the same in every format."""

    number: int | None  # as first exported; None: not exported yet
    id: str
    on: date
    end: date | None
    when: str
    precision: str
    known: str  # day of the first message that tells of it, ISO; "" where it has no date
    kind: str
    kind_code: str
    actor: str
    service: str
    service_code: str
    minutes: int | None
    reason: str
    reason_code: str
    topics: str
    who: str  # "Dana Ortiz (school) → Mum (parent)"
    happened: str  # a neutral sentence
    status: str
    confirmed: bool
    confidence: float
    sources: tuple[SourceLine, ...]
    links: tuple[LinkLine, ...] = ()


def is_confirmed(entry: Entry) -> bool:
    """Whether a person has looked at an entry and let it stand, as it was or corrected."""
    return entry.status not in {Status.SUGGESTED, Status.DISMISSED}


def without_dismissed(chronology: Chronology) -> Chronology:
    """What a person dismissed is in no report."""
    return Chronology(tuple(e for e in chronology.entries if e.status is not Status.DISMISSED))


def as_confirmed(entry: Entry) -> Entry:
    """A confirmed entry without the tellings of it that nobody has looked at."""
    looked_at = tuple(s for s in entry.sources if s.status is not Status.SUGGESTED)
    return replace(entry, sources=looked_at or entry.sources)


def lines_of(
    chronology: Chronology,
    numbers: Mapping[str, int],
    book: AddressBook,
    zone: ZoneInfo,
    beside: Iterable[Entry] = (),
) -> Iterator[Line]:
    """The lines of a chronology, in its order.

    Args:
        chronology: what is shown.
        numbers: by an entry's id.
        book: who is who.
        zone: of times.
        beside: what the same report shows elsewhere.
    """
    shown = {entry.id for entry in (*chronology.entries, *beside)}
    for entry in chronology.entries:
        sources = tuple(_source(source, entry, book, zone) for source in entry.sources)
        first = entry.sources[0].sent
        yield Line(
            numbers.get(entry.id),
            entry.id,
            entry.on,
            entry.end,
            when(entry.on, entry.end, entry.precision),
            _PRECISIONS[entry.precision],
            first.astimezone(zone).date().isoformat() if first else "",
            KINDS[entry.kind],
            entry.kind,
            entry.actor,
            service(entry.service) if entry.service else "",
            entry.service or "",
            entry.minutes,
            REASONS.get(entry.reason, entry.reason) if entry.reason else "",
            entry.reason or "",
            ", ".join(map(topic, entry.topics)),
            _who(sources[entry.sources.index(entry.foremost)]),
            _happened(entry),
            _STATUSES[entry.status],
            is_confirmed(entry),
            round(entry.confidence, 2),
            sources,
            tuple(
                LinkLine(k.tie, k.entry, numbers.get(k.entry), k.words, k.entry in shown)
                for k in entry.links
            ),
        )


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time of day in the school's zone: Wed, March 4, 2026, 9:05 AM MST."""
    local = at.astimezone(zone)
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local:%M %p %Z}"


def _who(source: SourceLine) -> str:
    return source.sender if source.own else f"{source.sender} → {source.recipients}"


def _happened(entry: Entry) -> str:
    named = f" Named: {', '.join(entry.people)}." if entry.people else ""
    own = all(source.record for source in entry.sources)
    return f"{'The parent’s own record: ' if own else ''}{entry.summary}{named}"


def _source(source: Source, entry: Entry, book: AddressBook, zone: ZoneInfo) -> SourceLine:
    cited = source.citation
    if source.record is not None:
        return _own(source, source.record, entry, zone)
    inside = cited.part == "body"
    page = f", page {cited.page}" if cited.page is not None else ""
    place = "in the message itself" if inside else f"in the attachment “{cited.part}”{page}"
    if source.origin is not None:
        written = f" on {day(source.origin.day)}" if source.origin.day else ""
        place = f"in what it forwards, by its own heading of {source.written_by}{written}"
    if source.status is Status.SUGGESTED and is_confirmed(entry):
        place += "; nobody has confirmed this telling"
    return SourceLine(
        cited.quote,
        _person(source.sender, book),
        _people(source.recipients, book),
        moment(source.sent, zone) if source.sent else "",
        source.subject or "(no subject)",
        place,
        "" if inside else cited.part,
        cited.page,
        cited.digest,
        cited.message_id,
        _STATUSES[source.status],
    )


def _own(source: Source, record: OwnRecord, entry: Entry, zone: ZoneInfo) -> SourceLine:
    """An entry of the running log: when it was entered stands beside the day that it tells of."""
    happened = entry.end or entry.on
    entered = f"entered {moment(record.entered, zone)}{_later(record.entered, happened, zone)}"
    if record.changed is not None:
        changed = moment(record.changed, zone)
        entered += f", as changed {changed}{_later(record.changed, happened, zone)}"
    return SourceLine(
        source.citation.quote,
        source.sender.name,
        "",
        moment(record.entered, zone),
        source.subject,
        f"{entered}; line {record.line} of the journal",
        "",
        None,
        record.link,
        "",
        _STATUSES[source.status],
        own=True,
    )


def _later(at: datetime, happened: date, zone: ZoneInfo) -> str:
    """How long after the day it tells of something was written, where that is long."""
    later = at.astimezone(zone).date() - happened
    return f" ({later.days} days after that day)" if later > LATE else ""


def _people(people: Iterable[Person], book: AddressBook) -> str:
    return ", ".join(_person(person, book) for person in people) or "nobody named"


def _person(person: Person, book: AddressBook) -> str:
    role = _ROLES.get(book.role_of(person.address)) if person.address else None
    name = person.name or person.address or "unknown"
    return f"{name} ({role})" if role else name
