"""Pure: on which days there was school, as far as it is known; without a calendar, a range.

Without the district's calendar nobody here knows its breaks. The most days there can have been are
all weekdays but public holidays. The fewest leave out, besides, every week with a public holiday in
it, 20 December to 5 January, and the last week of March for a spring break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

_NO_SCHOOL = re.compile(
    r"\bno (?:school|classes|students)\b|\bholiday|\b(?:winter|fall|spring|autumn|thanksgiving"
    r"|christmas|summer|mid-?winter|february)\b.{0,12}\b(?:break|recess)\b|\brecess\b|\bvacation\b"
    r"|\b(?:schools?|district|offices?) closed\b|\bteacher (?:in-?service|work ?day|institute)\b"
    r"|\bin-?service\b|\bprofessional (?:development|learning) day\b|\bsnow day\b|\bclosure\b",
    re.I,
)
_EARLY = re.compile(r"\b(?:early|half|late|minimum)[ -]?(?:day|release|dismissal|start)\b", re.I)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """The fewest and the most days of school there can have been; equal with a calendar."""

    surely_closed: frozenset[date]  # weekends aside
    perhaps_closed: frozenset[date]
    known: bool  # from the district's calendar
    rule: str  # how it was found, in sentences

    def surely(self, on: date) -> bool:
        """Whether it was a school day even if every doubt is held against it."""
        return self.perhaps(on) and on not in self.perhaps_closed

    def perhaps(self, on: date) -> bool:
        """Whether it can have been a school day."""
        return on.weekday() < 5 and on not in self.surely_closed


def without_calendar(first: date, last: date, state: str) -> SchoolDays:
    """A range, from public holidays alone."""
    holidays = public_holidays(state, first.year, last.year)
    doubtful: set[date] = set()
    for on in days(first - WEEK, last + WEEK):
        monday = on - timedelta(days=on.weekday())
        if (
            any(day in holidays for day in days(monday, monday + timedelta(days=4)))
            or (on.month, on.day) >= (12, 20)
            or (on.month, on.day) <= (1, 5)
            or monday == _last_monday_of_march(on.year)
        ):
            doubtful.add(on)
    return SchoolDays(
        frozenset(holidays),
        frozenset(doubtful),
        known=False,
        rule="No calendar of the district is configured, so the days of school are a range. The "
        "most: all weekdays but public holidays. The fewest: besides, no week with a public "
        "holiday in it, no day from December 20 to January 5, and not the last week of March.",
    )


def with_calendar(
    closed: Iterable[date],
    held: Iterable[date],
    first: date,
    last: date,
    state: str,
    *,
    public: bool,
) -> SchoolDays:
    """The district's own days.

    Args:
        closed: days without school.
        held: days on which there was school although it was a public holiday.
        first: of the days that matter.
        last: of the days that matter.
        state: for public holidays.
        public: whether there was no school on public holidays.
    """
    holidays = set(public_holidays(state, first.year, last.year)) if public else set()
    return SchoolDays(
        frozenset((set(closed) | holidays) - set(held)),
        frozenset(),
        known=True,
        rule="Days of school are those of the district's calendar as configured"
        + (", less public holidays." if public else "."),
    )


def closed_in_calendar(ics: bytes) -> list[tuple[date, str]]:
    """The days without school that a calendar file names, each with its title.

    Raises:
        ValueError: it is no calendar file.
    """
    from icalendar import Calendar  # noqa: PLC0415

    found: list[tuple[date, str]] = []
    for event in Calendar.from_ical(ics).walk("VEVENT"):
        title = str(event.get("summary", ""))
        if not _NO_SCHOOL.search(title) or _EARLY.search(title) or "dtstart" not in event:
            continue
        first = _day(event["dtstart"].dt)
        last = _day(event["dtend"].dt) - timedelta(days=1) if "dtend" in event else first
        last = min(max(last, first), first + timedelta(days=120))
        found += [(on, title) for on in days(first, last)]
    return sorted(set(found))


@lru_cache(maxsize=8)
def public_holidays(state: str, first_year: int, last_year: int) -> frozenset[date]:
    """Federal holidays and the state's; the federal ones alone where the state is not known."""
    from holidays import country_holidays, list_supported_countries  # noqa: PLC0415

    years = range(first_year - 1, last_year + 2)
    known = state.upper() if state.upper() in list_supported_countries()["US"] else None
    return frozenset(country_holidays("US", subdiv=known, years=years).keys())


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _day(at: date) -> date:
    return at.date() if isinstance(at, datetime) else at


def _last_monday_of_march(year: int) -> date:
    last = date(year, 3, 31)
    return last - timedelta(days=last.weekday())
