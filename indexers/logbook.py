"""Pure: entries of the running log as text, as events and as what disclosure looks at.

An entry is quoted like a message is: every quote is a run of ``log_text``. It is named by the link
of the journal line that first had it, which no edit changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archiver.model import Digest, Person, Standing
from archiver.running_log import Attendee, LogEntry, LogKind, Point, Record
from indexers.contents import Contents
from indexers.model import (
    SERVICE_KINDS,
    Actor,
    Citation,
    Event,
    EventKind,
    Family,
    OwnRecord,
    Precision,
    RecordedKind,
    Status,
)
from indexers.query import MessageSummary
from indexers.rules.topics import Matter, pick_topics

PART = "log"
"""The part that a citation of the running log names."""

SELF = Person("The parent’s own record", "")
_NAMES = {
    LogKind.MEETING: "Meeting",
    LogKind.SERVICE: "Service",
    LogKind.CALL: "Call",
    LogKind.NOTE: "Note",
}
_OURSELVES = {"i", "me", "we", "us", "myself", "parent", "parents", "family"}
_RELATIVES = {
    "parent", "parents", "mother", "father", "mum", "mom", "dad", "stepmother", "stepfather",
    "guardian", "grandmother", "grandfather", "grandma", "grandpa", "aunt", "uncle", "sister",
    "brother", "student", "child", "son", "daughter",
}  # fmt: skip
_HELP = re.compile(r"\b(?:attorney|lawyer|counsel|advocate|paralegal|law (?:office|firm))\b", re.I)
_THEIRS = re.compile(r"\b(?:school|district|county|isd|lea|board|their)\b", re.I)
_OUTSIDE = re.compile(r"\b(?:private|doctor|physician|pediatric\w*|clinic\w*|mediator)\b", re.I)
_TITLES = {"mr", "ms", "mrs", "miss", "mx", "dr", "prof"}
_SCHOOL = re.compile(r"\b(?:school|district|team|they|staff|lea)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    kind: EventKind | None  # what it tells besides the entry itself
    actor: Actor


def title(entry: LogEntry) -> str:
    """What an entry is called: Meeting, entry 3 of the running log."""
    record = told(entry)
    return f"{_NAMES[record.kind]}, entry {entry.number} of the running log"


def told(entry: LogEntry) -> Record:
    """What an entry says, or said before it was withdrawn."""
    return next(v.record for v in reversed(entry.versions) if v.record is not None)


def log_text(record: Record) -> str:
    """An entry in words, one piece a line; what it is quoted from."""
    return "\n".join(piece.text for piece in _pieces(record))


def log_digest(entry: LogEntry) -> Digest:
    """What names an entry for good: the link of the journal's line that first had it."""
    return entry.first.link


def log_events(log: Iterable[LogEntry]) -> Iterator[Event]:
    """What the log tells; entries that were withdrawn tell nothing.

    A meeting, service, call or note is one event, and everything proposed or objected to in it one
    of its own. A proposal of the parent is a request; an objection of the school is a refusal.
    """
    for entry in log:
        if entry.record is not None:
            yield from _events(entry, entry.record)


def log_summaries(
    log: Iterable[LogEntry], helpers: Iterable[str] = ()
) -> dict[Digest, MessageSummary]:
    """Entries as the chronology's sources, withdrawn ones left out; ``helpers`` as below."""
    helpers = tuple(helpers)
    return {
        log_digest(entry): MessageSummary(
            log_digest(entry),
            "",
            entry.entered_on(),
            SELF,
            (),
            title(entry),
            _standing(entry.record, helpers),
            OwnRecord(
                entry.number,
                entry.entered_on(),
                entry.changed_on(),
                entry.last.entry + 1,
                entry.last.link,
            ),
        )
        for entry in log
        if entry.record is not None
    }


def log_contents(
    log: Iterable[LogEntry], helpers: Iterable[str] = ()
) -> Iterator[tuple[Contents, Standing]]:
    """Entries as disclosure looks at them, withdrawn ones left out.

    Args:
        log: the running log.
        helpers: names that attorneys and advocates go by in the mail.
    """
    helpers = tuple(helpers)
    for entry in log:
        record = entry.record
        if record is None:
            continue
        found = Contents(log_digest(entry), (), title(entry), log_text(record), "", (), ())
        yield found, _standing(record, helpers)


def side_of(who: str, people: Iterable[Attendee]) -> Actor:
    """Whose side somebody is on, by word or by the role of whoever is called so."""
    name = " ".join(who.split()).casefold()
    words = set(_words(name)) - _TITLES
    known = (p for p in people if words and words <= set(_words(p.name)))
    role = next((p.role for p in known), "")
    if _is_family(Attendee(who, role)):
        return Actor.PARENT
    if _HELP.search(f"{name} {role}") and not _THEIRS.search(f"{name} {role}"):
        return Actor.PARENT
    if _OUTSIDE.search(f"{name} {role}"):
        return Actor.OTHER
    return Actor.SCHOOL if role or _SCHOOL.search(name) else Actor.OTHER


def _is_family(person: Attendee) -> bool:
    """Whether somebody is of the family: “I”, “Maya’s mother”, “Russ, father”.

    A child psychologist and a family liaison are not: what somebody is, is the last word of it.
    """
    if " ".join(_words(person.name)) in _OURSELVES:
        return True
    return any(_words(said)[-1:] and _words(said)[-1] in _RELATIVES
               for said in (person.name, person.role))  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _standing(record: Record, helpers: Sequence[str]) -> Standing:
    """In doubt it stays: a person can let it out by name, and nobody can call it back."""
    if record.private:
        return Standing.PRIVATE
    alone = _with_help_alone(record.people, helpers)
    # A note to oneself about one's attorney was shown to nobody; a talk with the school was.
    of_help = record.kind is LogKind.NOTE and any(
        _HELP.search(line) and not _THEIRS.search(line) for line in record.words.splitlines()
    )
    return Standing.PRIVILEGED if alone or of_help else Standing.RECORD


def _with_help_alone(people: Sequence[Attendee], helpers: Sequence[str]) -> bool:
    """A talk with nobody but the attorney or advocate is theirs, whatever it is entered as."""
    known = [set(_words(name)) for name in helpers]
    helps = []
    for person in people:
        words = set(_words(person.name)) - _TITLES
        by_name = any(words and words <= name for name in known)
        by_word = _HELP.search(f"{person.name} {person.role}") and not _THEIRS.search(person.role)
        helps.append(by_name or bool(by_word))
    return any(helps) and all(
        help_ or _is_family(person) for help_, person in zip(helps, people, strict=True)
    )


def _events(entry: LogEntry, record: Record) -> Iterator[Event]:
    pieces = list(_pieces(record))
    text = "\n".join(piece.text for piece in pieces)
    serves = record.kind is LogKind.SERVICE
    kinds: dict[LogKind, EventKind | RecordedKind] = {
        LogKind.MEETING: EventKind.MEETING,
        LogKind.SERVICE: (
            EventKind.DELIVERED_SERVICE if record.given else EventKind.MISSED_SERVICE
        ),
        LogKind.CALL: RecordedKind.CALL,
        LogKind.NOTE: RecordedKind.NOTE,
    }
    actor = Actor.SCHOOL if serves else Actor.PARENT
    yield _event(entry, record, kinds[record.kind], actor, text, 0)
    at = 0
    for piece in pieces:
        if piece.kind is not None:
            yield _event(entry, record, piece.kind, piece.actor, piece.text, at)
        at += len(piece.text) + 1


def _event(
    entry: LogEntry,
    record: Record,
    kind: EventKind | RecordedKind,
    actor: Actor,
    quote: str,
    start: int,
) -> Event:
    serves = kind in SERVICE_KINDS
    said = kind in {
        EventKind.PROPOSAL, EventKind.REQUEST, EventKind.OBJECTION, EventKind.REFUSAL,
    }  # fmt: skip
    return Event(
        kind=kind,
        on=record.on,
        end=record.end,
        precision=Precision.RANGE if record.end else Precision.DAY,
        actor=actor,
        service=record.service or "other" if serves else None,
        minutes=record.minutes if serves else None,
        reason=(record.reason or "unknown") if kind is EventKind.MISSED_SERVICE else None,
        topics=_topics(kind, quote) if said and isinstance(kind, EventKind) else (),
        citation=Citation(
            "", log_digest(entry), PART, None, quote, start, start + len(quote)
        ),
        confidence=1.0,
        rule="the parent’s own record",
        status=Status.RECORDED,
        people=() if said else tuple(map(_named, record.people)),
    )  # fmt: skip


def _topics(kind: EventKind, quote: str) -> tuple[str, ...]:
    alone = Matter(kind, quote, before="", after="", subject="", heading="")
    return pick_topics(alone, Family(()))


def _pieces(record: Record) -> Iterator[_Piece]:
    """The lines of an entry."""

    def plain(text: str) -> _Piece:
        return _Piece(text, None, Actor.PARENT)

    if record.kind is LogKind.SERVICE:
        given = "given" if record.given else "not given"
        minutes = f", {record.minutes} minutes" if record.minutes is not None else ""
        reason = f", reason: {record.reason.replace('_', ' ')}" if record.reason else ""
        yield plain(f"{_service(record.service)}: {given}{minutes}{reason}")
    if record.begins:
        until = f" to {_clock(record.ends)}" if record.ends else ""
        yield plain(f"From {_clock(record.begins)}{until}")
    if record.noticed:
        yield plain(f"Told of it on {_day(record.noticed)}, {_ahead(record.on - record.noticed)}")
    if record.people:
        yield plain(f"With: {'; '.join(map(_named, record.people))}")
    if record.agenda:
        yield plain(f"Agenda: {record.agenda}")
    for label, points, default, ours, theirs in (
        ("Proposed", record.proposed, "school", EventKind.REQUEST, EventKind.PROPOSAL),
        ("Objected to", record.objected, "parent", EventKind.OBJECTION, EventKind.REFUSAL),
    ):
        for point in points:
            actor = side_of(point.who or default, record.people)
            # Somebody of neither side: it is told, but is no event of theirs.
            kind = {Actor.PARENT: ours, Actor.SCHOOL: theirs}.get(actor)
            yield _Piece(_point(label, point, default), kind, actor)
    for point in record.promised:
        yield plain(_point("Promised", point, "school"))
    if record.words:
        yield plain(record.words)


def _clock(time: str) -> str:
    hours, minutes = (int(part) for part in time.split(":"))
    return f"{hours % 12 or 12}:{minutes:02} {'PM' if hours >= 12 else 'AM'}"


def _day(on: date) -> str:
    return f"{on:%a, %B} {on.day}, {on.year}"


def _ahead(left: timedelta) -> str:
    """How long before a meeting the parent was told of it; no word on whether that was enough."""
    count = abs(left.days)
    if not count:
        return "the same day"
    return f"{count} day{'' if count == 1 else 's'} {'before' if left.days > 0 else 'after'}"


def _service(code: str) -> str:
    return code.upper() if len(code) <= 3 else code.replace("_", " ").capitalize()


def _point(label: str, point: Point, default: str) -> str:
    who = point.who or default
    who = f"the {who}" if who in {"school", "parent"} else who
    return f"{label} by {who}: {point.what}"


def _named(person: Attendee) -> str:
    return f"{person.name} ({person.role})" if person.role else person.name
