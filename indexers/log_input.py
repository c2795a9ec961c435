"""Pure: what a person types, or a row of a spreadsheet, to an entry of the running log.

The same readers serve options, questions and spreadsheets. Each raises ``ValueError`` with the rest
of a sentence; ``read_record`` collects all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from archiver.config import SERVICES
from archiver.running_log import Attendee, LogKind, Point, Record
from indexers.model import Family
from indexers.rules.services import find_reason, find_services
from indexers.search.days import read_days

REASONS = (
    "provider_absent", "vacancy", "school_event", "closure", "student_absent", "not_scheduled",
    "unknown",
)  # fmt: skip
LISTS = ("people", "proposed", "objected", "promised")
"""Fields that may be told several times."""
_YES = {"yes", "y", "true", "1", "given", "delivered", "held", "x"}
_NO = {"no", "n", "false", "0", "not given", "missed", "none", "cancelled", "canceled"}
_WITH_YEAR = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d\d\b")
_TIME = re.compile(r"(\d{1,2})(?::(\d\d))?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
_WHO = re.compile(r"([A-Za-zÀ-ÿ][\w .,'’()/-]{0,60}?)\s*:\s+(.+)", re.DOTALL)
_LONGEST = timedelta(days=366)


def read_day(text: str, today: date, *, with_year: bool = False) -> date:
    """A day that is not to come.

    Args:
        text: as people type it: 2026-03-04, March 4, 3/4/26, yesterday.
        today: in the school's zone.
        with_year: refuse a day without its year: in a spreadsheet nobody sees what is guessed.
    """
    span = read_days(text.strip(), today)
    if span is None or span[0] != span[1]:
        raise ValueError(f"{text!r} is no day; write it like 2026-03-04")
    if with_year and not _WITH_YEAR.search(text):
        raise ValueError(f"{text!r} has no year; write it like 2026-03-04")
    if span[0] > today:
        raise ValueError(f"{text!r} is still to come; the log is for what has happened")
    if span[0].year < 1990:
        raise ValueError(f"{text!r} is too long ago")
    return span[0]


def read_time(text: str) -> str:
    """A time of day: 15:00, 3:00 pm, 3pm; comes back as 15:00."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time of day; write it like 3:10 pm or 15:10")
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hours <= 12:
        raise ValueError(f"{text!r} is no time of day")
    if not half and found[2] is None:
        raise ValueError(f"{text!r}: say am or pm, or write it like 15:00")
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"{text!r} is no time of day")
    return f"{hours:02}:{minutes:02}"


def read_person(text: str) -> Attendee:
    """“Dana Ortiz, speech therapist” or “Dana Ortiz (speech therapist)”."""
    text = _line(text)
    bracketed = re.fullmatch(r"(.+?)\s*\((.+)\)", text)
    name, role = bracketed.groups() if bracketed else (text, "")
    if not bracketed:
        name, _, role = (piece.strip() for piece in text.partition(","))
    if not name:
        raise ValueError(f"{text!r} names nobody; write it like: Dana Ortiz, speech therapist")
    return Attendee(name, role)


def read_point(text: str) -> Point:
    """“school: reduce speech to 30 minutes”; without a name, whoever usually does such a thing."""
    text = _line(text)
    found = _WHO.fullmatch(text)
    who, what = (found[1].strip(), found[2].strip()) if found else ("", text)
    if not what:
        raise ValueError(f"{text!r} says nothing; write it like: school: reduce speech")
    plain = who.casefold().removeprefix("the ")
    if plain in {"i", "me", "we", "us", "parent", "parents"}:
        who = "parent"
    elif plain in {"school", "district", "team", "they"}:
        who = "school"
    return Point(who, what)


def read_service(text: str) -> str:
    """A service's code, or words that name one."""
    plain = _line(text).casefold().replace(" ", "_").replace("-", "_")
    if plain in SERVICES:
        return plain
    found = find_services(text, Family(()))
    if not found:
        raise ValueError(f"{text!r} is no service; choose from {', '.join(SERVICES)}")
    return found[0]


def read_minutes(text: str) -> int:
    """Minutes: 30, 30 min."""
    found = re.fullmatch(r"(\d{1,4})(?:\.0)?\s*(?:min(?:ute)?s?\.?)?", text.strip(), re.IGNORECASE)
    if found is None or int(found[1]) > 1440:
        raise ValueError(f"{text!r} is no number of minutes")
    return int(found[1])


def read_given(text: str) -> bool:
    """Whether a service was given: yes or no."""
    plain = _line(text).casefold()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise ValueError(f"{text!r} is neither yes nor no: was the service given?")


def read_reason(text: str) -> str:
    """A reason's code, or words that name one; words that name none are ``unknown``."""
    plain = _line(text).casefold().replace(" ", "_").replace("-", "_")
    return plain if plain in REASONS else find_reason(text)


def read_record(
    kind: LogKind,
    fields: Mapping[str, str | Sequence[str]],
    today: date,
    *,
    before: Record | None = None,
    with_year: bool = False,
) -> tuple[Record | None, list[str]]:
    """An entry from what was typed, or everything that is wrong with it.

    Args:
        kind: what it is about.
        fields: by name of a field of ``Record``, and ``date``; lists for LISTS. A field that is not
            there is as ``before``; an empty one is cleared.
        today: in the school's zone.
        before: the entry that is edited.
        with_year: as ``read_day`` takes it.

    Returns:
        The entry and no problem, or None and whole sentences.
    """
    problems: list[str] = []

    def day(text: str) -> date:
        return read_day(text, today, with_year=with_year)

    readers: dict[str, tuple[Callable[[str], object], object]] = {
        "date": (day, None),
        "end": (day, None),
        "begins": (read_time, ""),
        "ends": (read_time, ""),
        "service": (read_service, ""),
        "minutes": (read_minutes, None),
        "given": (read_given, None),
        "reason": (read_reason, ""),
        "words": (_words, ""),
        "agenda": (_words, ""),
        "noticed": (day, None),
        "private": (read_given, False),
        "people": (read_person, ()),
        "proposed": (read_point, ()),
        "objected": (read_point, ()),
        "promised": (read_point, ()),
    }
    told: dict[str, Any] = {}
    for name, value in fields.items():
        reader, empty = readers[name]
        try:
            if isinstance(value, str):
                told[name] = reader(value) if value.strip() else empty
            else:
                told[name] = tuple(reader(each) for each in value if each.strip())
        except ValueError as error:
            problems.append(_sentence(str(error)))
    if "date" in told:
        told["on"] = told.pop("date")
    if before is None and not told.get("on") and not problems:
        problems.append("On which day was it? That is missing.")
    if problems:
        return None, problems
    record = replace(before or Record(kind, told["on"]), **told)
    record = _kept_words(record, fields)
    problems = list(_wrong(record))
    return (None, problems) if problems else (record, [])


def _kept_words(record: Record, fields: Mapping[str, str | Sequence[str]]) -> Record:
    """A reason in words of its own is kept as it was told, beside its code."""
    said = fields.get("reason", "")
    if not isinstance(said, str) or not said.strip() or said.strip().replace(" ", "_") in REASONS:
        return record
    told = f"Reason: {_line(said)}"
    if told in record.words:
        return record
    return replace(record, words=f"{told}\n{record.words}".strip())


def _wrong(record: Record) -> list[str]:
    found: list[str] = []
    if record.end and record.end < record.on:
        found.append(f"The last day ({record.end}) is before the first ({record.on}).")
    if record.end and record.end - record.on > _LONGEST:
        found.append("That is more than a year: enter the days by themselves.")
    if record.ends and not record.begins:
        found.append("It has an end but no beginning: say when it began, too.")
    if record.begins and record.ends and record.ends < record.begins:
        found.append(f"It ends ({record.ends}) before it begins ({record.begins}).")
    if record.kind is not LogKind.MEETING and (record.agenda or record.noticed):
        found.append("An agenda and the day you were told of it belong to a meeting.")
    if record.noticed and record.on - record.noticed > _LONGEST:
        found.append(f"You were told ({record.noticed}) more than a year before the meeting?")
    if record.kind is LogKind.SERVICE:
        if not record.service:
            found.append("Which service was it? That is missing.")
        if record.given is None:
            found.append("Was the service given or not? That is missing.")
        if record.given and record.reason:
            found.append("A service that was given needs no reason why it was not.")
        if record.proposed or record.objected or record.promised:
            found.append("What was proposed, objected to or promised belongs to a meeting or call.")
    else:
        for name in ("service", "minutes", "given", "reason"):
            if getattr(record, name) not in {None, ""}:
                found.append(f"“{name}” belongs to an entry about a service.")
        points = (*record.people, *record.proposed, *record.objected, *record.promised)
        if not points and not record.words and not record.agenda:
            found.append("It says nothing yet: who was there, or what was said?")
    return found


def _line(text: str) -> str:
    """On one line, without what no keyboard types."""
    return " ".join(_clean(text).split())


def _words(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in _clean(text).strip().splitlines())


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t\xa0" else " " for c in text)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
