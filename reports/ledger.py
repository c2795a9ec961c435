"""Pure: what the IEP promises of each service, and what the record documents of it.

The ledger counts sessions. It sums nothing that is not a row, says nothing of what is owed, and
keeps what nobody documents apart from what is documented as missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from indexers.model import SERVICE_KINDS, EventKind, Service
from reports.lines import Line
from reports.school_days import SchoolDays, days

_MAKE_UP = re.compile(r"\bmak(?:e|ing)[- ]?ups?\b|\bmade[- ]up\b", re.I)
REASON_ORDER = (
    "provider_absent", "vacancy", "not_scheduled", "school_event", "closure", "student_absent",
    "unknown",
)  # fmt: skip

COUNTING_RULE = (
    "Counted are sessions, a day and service at a time, however many messages tell of it.",
    "A week (fortnight, month) counts in full as soon as it has one day of school within the dates "
    "of the promise. “Per day” counts every day of school. A promise per year counts whole.",
    "A week belongs to the month of its first day within the promise.",
    "A day that is told both as given and as missed counts as “told both ways”, and as neither.",
    "Several days told together (“the week of March 3”) count once, in the week of the first; they "
    "do not count where single days among them are told too.",
    "A session that the words call a make-up is counted apart and in no week's promise.",
    "“Unaccounted” means that no document that this report draws on says anything of it.",
    "Nothing after the day of this report is counted, neither promised nor told.",
)


class Told(StrEnum):
    """What the record says of a session."""

    GIVEN = "given"
    MADE_UP = "made up"
    MISSED = "missed"
    BOTH = "told both ways"


@dataclass(frozen=True, slots=True)
class Row:
    """One telling that a figure rests on."""

    told: Told
    reason: str  # of docs/events.md for what was missed; "" for the rest
    counted: bool  # false: a stretch of days of which single days are told
    school_day: bool  # whether it can have been a day of school
    line: Line


@dataclass(frozen=True, slots=True)
class Figures:
    """Sessions of one stretch of time; sums of these are sums of each part."""

    promised: tuple[int, int] | None  # fewest and most; None: the promise names no number
    given: int = 0
    made_up: int = 0
    missed: tuple[int, ...] = (0,) * len(REASON_ORDER)  # in REASON_ORDER
    both: int = 0
    minutes: int = 0  # that the words state for what was given
    unaccounted: tuple[int, int] | None = None
    beyond: int = 0  # told beyond the most that was promised for the stretch

    @property
    def missed_in_all(self) -> int:
        """Documented as missed, for any reason."""
        return sum(self.missed)

    @property
    def told(self) -> int:
        """Documented one way or another, make-ups aside."""
        return self.given + self.missed_in_all + self.both

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            _pair(self.promised, other.promised),
            self.given + other.given,
            self.made_up + other.made_up,
            tuple(a + b for a, b in zip(self.missed, other.missed, strict=True)),
            self.both + other.both,
            self.minutes + other.minutes,
            _pair(self.unaccounted, other.unaccounted),
            self.beyond + other.beyond,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """A week, fortnight, month or the whole: the stretch that a promise is made for."""

    first: date
    last: date
    figures: Figures
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One service in one period of the IEP."""

    promise: Service
    first: date
    last: date  # of the promise, or the day of the report
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]

    @property
    def total(self) -> Figures:
        """Of the whole period."""
        return add_up(cell.figures for cell in self.cells)

    def months(self) -> list[tuple[tuple[int, int], Figures]]:
        """Year and month with the figures of the stretches that begin in it."""
        found: dict[tuple[int, int], Figures] = {}
        for cell in self.cells:
            key = (cell.first.year, cell.first.month)
            found[key] = found[key] + cell.figures if key in found else cell.figures
        return list(found.items())


@dataclass(frozen=True, slots=True)
class Ledger:
    """All accounts, and what belongs to none."""

    accounts: tuple[Account, ...]
    elsewhere: tuple[Line, ...]  # told, but of no promise that is configured for that day
    school_days: SchoolDays
    through: date


def make_ledger(
    promises: Sequence[Service], lines: Iterable[Line], school_days: SchoolDays, through: date
) -> Ledger:
    """Account for every promise up to a day.

    Args:
        promises: as configured; of two for the same service and day, the first takes what is told.
        lines: of the chronology; only given and missed services are looked at.
        school_days: when there was school.
        through: the day of the report.
    """
    told = [line for line in lines if line.kind_code in SERVICE_KINDS]
    left = list(told)
    accounts = []
    for promise in promises:
        first = promise.start or min((line.on for line in told), default=through)
        last = min(promise.end or through, through)
        if first > last:
            continue
        mine = [line for line in left if _falls(line, promise.service, first, last)]
        left = [line for line in left if line not in mine]
        accounts.append(_account(promise, first, last, mine, school_days))
    return Ledger(tuple(accounts), tuple(left), school_days, through)


def add_up(figures: Iterable[Figures]) -> Figures:
    """The sum; nothing promised where there is nothing."""
    total: Figures | None = None
    for each in figures:
        total = each if total is None else total + each
    return total or Figures((0, 0), unaccounted=(0, 0))


def _falls(line: Line, service: str, first: date, last: date) -> bool:
    return line.service_code == service and line.on <= last and (line.end or line.on) >= first


def _account(
    promise: Service, first: date, last: date, lines: Sequence[Line], school: SchoolDays
) -> Account:
    rows = _rows(lines, school)
    cells = []
    for start, end in _stretches(promise.per, first, last):
        mine = tuple(row for row in rows if start <= max(row.line.on, first) <= end)
        due = _due(promise, start, end, school)
        cells.append(Cell(start, end, _figures(due, mine), mine))
    notes = []
    if promise.times is None:
        notes.append("The configuration names no number of sessions: nothing is unaccounted.")
    if promise.minutes is None:
        notes.append("The configuration names no minutes for a session.")
    off = sum(not row.school_day for row in rows)
    if off:
        notes.append(f"{off} of the rows fall on weekends, public holidays or days without school.")
    return Account(promise, first, last, tuple(cells), tuple(notes))


def _rows(lines: Sequence[Line], school: SchoolDays) -> list[Row]:
    single = [line for line in lines if not line.end or line.end == line.on]
    given = {line.on for line in single if _kind(line) is Told.GIVEN}
    missed = {line.on for line in single if _kind(line) is Told.MISSED}
    rows: list[Row] = []
    for line in lines:
        kind = _kind(line)
        end = line.end or line.on
        stretch = end != line.on
        beside = stretch and any(
            _kind(other) is kind and line.on <= other.on <= end for other in single
        )
        if not stretch and kind is not Told.MADE_UP and line.on in given & missed:
            # Two lines, one day: the day is counted with the first of them.
            kind = Told.BOTH
            beside = any(row.told is Told.BOTH and row.line.on == line.on for row in rows)
        rows.append(
            Row(
                kind,
                (line.reason_code or "unknown") if kind is Told.MISSED else "",
                not beside,
                any(school.perhaps(on) for on in days(line.on, end)),
                line,
            )
        )
    return rows


def _kind(line: Line) -> Told:
    if line.kind_code == EventKind.MISSED_SERVICE:
        return Told.MISSED
    made_up = any(_MAKE_UP.search(source.quote) for source in line.sources)
    return Told.MADE_UP if made_up else Told.GIVEN


def _figures(due: tuple[int, int] | None, rows: Sequence[Row]) -> Figures:
    counted = [row for row in rows if row.counted]

    def count(told: Told) -> int:
        return sum(row.told is told for row in counted)

    missed = tuple(sum(row.reason == reason for row in counted) for reason in REASON_ORDER)
    told = count(Told.GIVEN) + sum(missed) + count(Told.BOTH)
    return Figures(
        due,
        count(Told.GIVEN),
        count(Told.MADE_UP),
        missed,
        count(Told.BOTH),
        sum(row.line.minutes or 0 for row in counted if row.told is Told.GIVEN),
        (max(0, due[0] - told), max(0, due[1] - told)) if due else None,
        max(0, told - due[1]) if due else 0,
    )


def _due(promise: Service, start: date, end: date, school: SchoolDays) -> tuple[int, int] | None:
    if promise.times is None:
        return None
    fewest = sum(school.surely(on) for on in days(start, end))
    most = sum(school.perhaps(on) for on in days(start, end))
    if promise.per != "day":
        fewest, most = min(fewest, 1), min(most, 1)
    return promise.times * fewest, promise.times * most


def _stretches(per: str, first: date, last: date) -> list[tuple[date, date]]:
    """The dates divided as the promise is made; weeks and fortnights from Monday."""
    after: dict[str, Callable[[date], date]] = {
        "day": lambda on: on + timedelta(days=7 - on.weekday()),
        "week": lambda on: on + timedelta(days=7 - on.weekday()),
        "2 weeks": lambda on: on + timedelta(days=14 - on.weekday()),
        "month": lambda on: date(on.year + on.month // 12, on.month % 12 + 1, 1),
        "year": lambda on: max(last, on) + timedelta(days=1),
    }
    found, start = [], first
    while start <= last:
        following = after[per](start)
        found.append((start, min(last, following - timedelta(days=1))))
        start = following
    return found


def _pair(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    return (a[0] + b[0], a[1] + b[1]) if a is not None and b is not None else None
