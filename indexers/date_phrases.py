"""Pure: how days are read that are no plain date: in words, as bare numbers, beside a holiday."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from indexers.date_atoms import (
    MONTH_AWAY,
    ONE_DAY,
    YEARS_AHEAD,
    Around,
    Atom,
    Raw,
    Sort,
    best_of,
    day_of,
    month_of,
    nearest,
    of_month,
)
from indexers.date_words import MONTH_BEFORE, MOVING, ORDINALS, SECTION, WEEKDAYS


def _dotted(raw: Raw, around: Around) -> Iterator[Atom]:
    """Day before month, each with its dot: "17.9.", as people write who learned it so."""
    number, month = map(int, raw.match["dotted"].split(".")[:2])
    if not 1 <= month <= 12 or SECTION.match(around.text, raw.stop):
        return
    found = nearest(around.day, month, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _spelled(raw: Raw, around: Around) -> Iterator[Atom]:
    number, month = ORDINALS[raw.match["sp_day"].lower()], month_of(raw.match["sp_month"])
    found = nearest(around.day, month, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _said(raw: Raw, around: Around) -> Iterator[Atom]:
    """A day in words, "on the eleventh"; "the first" alone may be anything."""
    number = ORDINALS[raw.match["sa_day"].lower()]
    found = of_month(around.day, number, around.lean) if number > 3 else None
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop, ambiguous=True)


def _bare(raw: Raw, around: Around) -> Iterator[Atom]:
    """Numbers alone, of a month named before: "all of February (4, 6 and 11)"."""
    at = raw.match.start("bare")
    month = MONTH_BEFORE.search(around.text, max(0, at - MONTH_AWAY), raw.start)
    first = nearest(around.day, month_of(month["month"]), 1, around.lean) if month else None
    numbers = list(re.finditer(r"\d{1,2}", raw.match["bare"]))
    days = [day_of(first.year, first.month, int(n[0])) for n in numbers] if first else []
    if not days or None in days or any(a >= b for a, b in pairwise(filter(None, days))):
        return
    for n, (number, found) in enumerate(zip(numbers, filter(None, days), strict=True)):
        yield Atom(Sort.DATE, found, None, at + number.start(), at + number.end(), joined=n > 0)


def _beside_feast(raw: Raw, around: Around) -> Iterator[Atom]:
    """A weekday before or after a feast: "the Tuesday before Thanksgiving"."""
    match, day = raw.match, around.day
    weekday = WEEKDAYS[match["be_name"].lower()]
    feast = " ".join(match["be_feast"].lower().split())
    near = [_moving(year, feast) for year in (day.year - 1, day.year, day.year + 1)]
    on = best_of(day, near, YEARS_AHEAD[around.lean])
    assert on is not None
    side = match["be_side"].lower()
    if side == "before":
        found = on - ((on.weekday() - weekday) % 7 or 7) * ONE_DAY
    elif side == "after":
        found = on + ((weekday - on.weekday()) % 7 or 7) * ONE_DAY
    else:
        found = on + (weekday - on.weekday()) * ONE_DAY
    if match["be_first"] and side != "of":
        back = (weekday - WEEKDAYS[match["be_first"].lower()]) % 7
        yield Atom(Sort.RELATIVE, found - back * ONE_DAY, None, raw.start, raw.start)
    yield Atom(Sort.RELATIVE, found, None, raw.start, raw.stop, joined=bool(match["be_first"]))


def _moving(year: int, feast: str) -> date:
    month, weekday, which = MOVING[feast]
    return _weekdays_of(date(year, month, 1), weekday)[which - (which > 0)]


def _weekdays_of(first: date, weekday: int) -> list[date]:
    """Every such weekday of the month that begins with ``first``."""
    days = (first + n * ONE_DAY for n in range(31))
    return [day for day in days if day.month == first.month and day.weekday() == weekday]


def _all_those(raw: Raw, around: Around) -> Iterator[Atom]:
    """All of "every Friday in October": those that were, where it is told of the past."""
    weekday = WEEKDAYS[raw.match["at_name"].lower()]
    first = nearest(around.day, month_of(raw.match["at_month"]), 1, around.lean)
    if first is None:
        return
    days = _weekdays_of(first, weekday)
    days = [day for day in days if day <= around.day] or days
    for number, found in enumerate(days):
        stop = raw.stop if number + 1 == len(days) else raw.start
        yield Atom(Sort.DATE, found, None, raw.start, stop, joined=number > 0)


READ_PHRASES: dict[str, Callable[[Raw, Around], Iterator[Atom]]] = {
    "dotted": _dotted, "spelled": _spelled, "said": _said, "bare": _bare, "beside": _beside_feast,
    "allthose": _all_those,
}  # fmt: skip
