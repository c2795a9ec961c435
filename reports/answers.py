"""Pure: requests and what came back, meetings and what was said around them, and who is who.

An answer is only ever the first later message of the school in the same thread: whether it answers
is for a person to judge. That none was found is said of the mail the report draws on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.model import Digest, Person, Role
from archiver.roles import AddressBook
from indexers.model import EventKind
from reports.lines import Line
from reports.model import MessageFacts

AROUND = timedelta(days=30)
_AROUND_KINDS = (
    EventKind.PROPOSAL,
    EventKind.REFUSAL,
    EventKind.OBJECTION,
    EventKind.CONSENT,
    EventKind.REQUEST,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The first later message of the school in a request's thread."""

    on: date
    days: int  # between the two, by the calendar
    sender: Person
    subject: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what came back."""

    line: Line
    reply: Reply | None
    waiting: int  # days from the request to the day of the report


def answers_to(
    requests: Iterable[Line],
    messages: Mapping[Digest, MessageFacts],
    threads: Mapping[Digest, str],
    book: AddressBook,
    zone: ZoneInfo,
    through: date,
) -> list[Asked]:
    """What came back on each request.

    Args:
        requests: lines of the chronology.
        messages: those that may leave, and no others.
        threads: by message, its thread.
        book: whose mail is the school's.
        zone: of the days.
        through: the day of the report.
    """
    found = []
    for line in requests:
        message = first_reply(Digest(line.sources[0].digest), messages, threads, book)
        reply = None
        if message is not None and message.sent is not None:
            reply = _reply(message.sent, message, line, zone)
        found.append(Asked(line, reply, max(0, (through - line.on).days)))
    return found


def first_reply(
    asked: Digest,
    messages: Mapping[Digest, MessageFacts],
    threads: Mapping[Digest, str],
    book: AddressBook,
) -> MessageFacts | None:
    """The first later message of the school in the thread of a message; None where none is."""
    first = messages.get(asked)
    if first is None or first.sent is None:
        return None
    thread = threads.get(asked, asked)
    later = [
        message
        for digest, message in messages.items()
        if threads.get(digest, digest) == thread
        and message.sent is not None
        and message.sent > first.sent
        and book.role_of(message.sender.address) is Role.SCHOOL
    ]
    return min(later, key=lambda m: (m.sent or first.sent, m.digest), default=None)


def _reply(sent: datetime, message: MessageFacts, line: Line, zone: ZoneInfo) -> Reply:
    on = sent.astimezone(zone).date()
    return Reply(on, (on - line.on).days, message.sender, message.subject, message.digest)


def threads_of(links: Iterable[tuple[Digest, str, Sequence[str]]]) -> dict[Digest, str]:
    """Messages by thread: those that name one another, through any number of steps.

    Args:
        links: each message with its Message-ID and the ids it answers or refers to.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    heads: list[tuple[Digest, str]] = []
    for digest, message_id, named in links:
        own = message_id or digest
        heads.append((digest, own))
        for other in named:
            parent[root(other)] = root(own)
    return {digest: root(own) for digest, own in heads}


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting, and what was proposed, asked or objected to around it."""

    line: Line
    around: tuple[Line, ...]


def meetings(lines: Sequence[Line]) -> list[Met]:
    """Each meeting with what lies within 30 days and nearer to it than to any other."""
    held = [line for line in lines if line.kind_code == EventKind.MEETING]
    around: dict[str, list[Line]] = {line.id: [] for line in held}
    for line in lines:
        if line.kind_code not in _AROUND_KINDS or not held:
            continue
        nearest = min(held, key=lambda met: (abs(met.on - line.on), met.on, met.id))
        if abs(nearest.on - line.on) <= AROUND:
            around[nearest.id].append(line)
    return [Met(line, tuple(around[line.id])) for line in held]


@dataclass(slots=True)
class Figure:
    """Somebody in the correspondence."""

    address: str
    names: dict[str, int] = field(default_factory=dict)
    role: Role = Role.OTHER
    first: date | None = None
    last: date | None = None
    wrote: int = 0
    received: int = 0
    lines: int = 0  # of the chronology that rest on what they wrote


def cast_of(
    messages: Iterable[MessageFacts], lines: Iterable[Line], book: AddressBook, zone: ZoneInfo
) -> list[Figure]:
    """Everybody on the messages that may leave, who wrote most first."""
    found: dict[str, Figure] = {}
    writers: dict[Digest, str] = {}
    for message in messages:
        writers[message.digest] = _key(message.sender)
        people = {_key(p): p for p in (*message.recipients, message.sender)}
        for key, person in people.items():
            if not key:
                continue
            figure = found.setdefault(key, Figure(person.address))
            figure.role = book.role_of(person.address) if person.address else Role.OTHER
            if person.name:
                figure.names[person.name] = figure.names.get(person.name, 0) + 1
            if key == _key(message.sender):
                figure.wrote += 1
            else:
                figure.received += 1
            if message.sent is not None:
                on = message.sent.astimezone(zone).date()
                figure.first = min(figure.first or on, on)
                figure.last = max(figure.last or on, on)
    for line in lines:
        for key in _writers(line, writers):
            if key in found:
                found[key].lines += 1
    return sorted(found.values(), key=lambda f: (-f.wrote, -f.received, f.address))


def _writers(line: Line, writers: Mapping[Digest, str]) -> Collection[str]:
    return {writers.get(Digest(source.digest), "") for source in line.sources}


def _key(person: Person) -> str:
    return person.address or person.name
