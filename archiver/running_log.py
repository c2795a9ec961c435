"""Pure: the running log, what never was in an e-mail, as the journal has it.

An entry is never overwritten: an edit is a new version, a withdrawal is noted, and all of it stays
in the journal. *Happened on* is what the parent says; *entered on* is the journal's own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from archiver.model import Digest


class LogKind(StrEnum):
    """What an entry of the log is about."""

    MEETING = "meeting"
    SERVICE = "service"
    CALL = "call"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was there, and as what."""

    name: str
    role: str  # as the parent calls it: "speech therapist"; "" where it is not told


@dataclass(frozen=True, slots=True)
class Point:
    """What somebody proposed, objected to or promised."""

    who: str  # "school", "parent", or a name
    what: str


@dataclass(frozen=True, slots=True)
class Record:
    """What an entry of the log says."""

    kind: LogKind
    on: date  # happened on, in the school's zone
    end: date | None = None  # last day of a range
    begins: str = ""  # "15:00"; "" where it is not told
    ends: str = ""
    people: tuple[Attendee, ...] = ()
    proposed: tuple[Point, ...] = ()
    objected: tuple[Point, ...] = ()
    promised: tuple[Point, ...] = ()
    service: str = ""  # a code of docs/events.md, as the next two
    minutes: int | None = None
    given: bool | None = None  # of a service
    reason: str = ""
    words: str = ""  # in the parent's own words
    private: bool = False  # in no report
    agenda: str = ""  # of a meeting: what it was called for
    noticed: date | None = None  # of a meeting: the day the parent was told of it


@dataclass(frozen=True, slots=True)
class Version:
    """An entry as it was written once."""

    entry: int  # of the journal
    at: datetime  # entered, UTC; the computer's clock
    link: Digest  # of the journal's line
    record: Record | None  # None: withdrawn here
    why: str  # of a withdrawal


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the log with its history."""

    number: int  # from 1, in order of entry; never given anew
    versions: tuple[Version, ...]  # at least one, the first first

    @property
    def record(self) -> Record | None:
        """What it says today; None where it was withdrawn."""
        return self.versions[-1].record

    @property
    def first(self) -> Version:
        """As it was first entered."""
        return self.versions[0]

    @property
    def last(self) -> Version:
        """As it stands."""
        return self.versions[-1]

    def entered_on(self) -> datetime:
        """When it was first entered, UTC."""
        return self.first.at

    def changed_on(self) -> datetime | None:
        """When it was last changed, UTC; None where it never was."""
        return self.last.at if len(self.versions) > 1 else None


def record_facts(number: int, record: Record) -> dict[str, object]:
    """A version of an entry as the journal writes it: what is not told is left out."""
    facts: dict[str, object] = {
        "log": number,
        "type": str(record.kind),
        "date": record.on.isoformat(),
        "private": record.private,
    }
    told: dict[str, object] = {
        "end": record.end.isoformat() if record.end else None,
        "begins": record.begins,
        "ends": record.ends,
        "people": [[person.name, person.role] for person in record.people],
        "proposed": [[point.who, point.what] for point in record.proposed],
        "objected": [[point.who, point.what] for point in record.objected],
        "promised": [[point.who, point.what] for point in record.promised],
        "service": record.service,
        "minutes": record.minutes,
        "given": record.given,
        "reason": record.reason,
        "words": record.words,
        "agenda": record.agenda,
        "noticed": record.noticed.isoformat() if record.noticed else None,
    }
    return facts | {name: value for name, value in told.items() if value not in (None, "", [])}


def record_from(facts: Mapping[str, Any]) -> Record:
    """The reverse of ``record_facts``."""
    return Record(
        LogKind(facts["type"]),
        date.fromisoformat(facts["date"]),
        date.fromisoformat(facts["end"]) if facts.get("end") else None,
        facts.get("begins", ""),
        facts.get("ends", ""),
        tuple(Attendee(name, role) for name, role in facts.get("people", ())),
        _points(facts, "proposed"),
        _points(facts, "objected"),
        _points(facts, "promised"),
        facts.get("service", ""),
        facts.get("minutes"),
        facts.get("given"),
        facts.get("reason", ""),
        facts.get("words", ""),
        facts["private"],
        facts.get("agenda", ""),
        date.fromisoformat(facts["noticed"]) if facts.get("noticed") else None,
    )


def _points(facts: Mapping[str, Any], name: str) -> tuple[Point, ...]:
    return tuple(Point(who, what) for who, what in facts.get(name, ()))


def version_facts(number: int, version: Version) -> dict[str, object]:
    """A version as the journal has it."""
    if version.record is None:
        return {"log": number, "why": version.why}
    return record_facts(number, version.record)


def log_from(
    rows: Iterable[tuple[int, datetime, Digest, int, Mapping[str, Any]]],
) -> list[LogEntry]:
    """The log from its journal entries.

    Args:
        rows: journal number, time, link, number in the log, facts; in order. Facts without a
            ``type`` are a withdrawal.
    """
    versions: dict[int, list[Version]] = {}
    for entry, at, link, number, facts in rows:
        record = record_from(facts) if "type" in facts else None
        why = str(facts.get("why", ""))
        versions.setdefault(number, []).append(Version(entry, at, link, record, why))
    return [LogEntry(number, tuple(found)) for number, found in sorted(versions.items())]


def next_number(log: Iterable[LogEntry]) -> int:
    """The number of the next new entry."""
    return max((entry.number for entry in log), default=0) + 1
