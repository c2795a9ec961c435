"""Pure: how each form of a day is read: one match of the pattern to one day, weekday or week."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from indexers.date_words import (
    MONTH_BEFORE,
    MONTHS,
    MORE,
    NO_DAY_BEFORE,
    NOT_A_DAY,
    NOT_A_FRACTION,
    NUMBERS,
    RELATIVE,
    UP_TO,
    WEEKDAY_BEFORE,
    WEEKDAY_BEHIND,
    WEEKDAYS,
    YEAR_AFTER,
)

ONE_DAY = timedelta(days=1)
NEAR = 60  # days
MONTH_AWAY = 130  # characters
DASHED_AWAY = 800  # days


class Lean(StrEnum):
    """Which way a day is looked for that could lie on either side."""

    PAST = "past"
    COMING = "coming"
    EITHER = "either"  # as the words around it have it


class Sort(StrEnum):
    """How an atom is written."""

    DATE = "date"  # with its number
    WEEKDAY = "weekday"
    RELATIVE = "relative"  # "yesterday"
    WEEK = "week"  # "last week", "March: …"; gives way to a day of it that is named too
    SPAN = "span"  # "the week of March 3", "all of October", "March 3-5"


@dataclass(frozen=True, slots=True)
class Atom:
    """One day, or one stretch of days, and where the text names it."""

    sort: Sort
    first: date
    last: date | None
    start: int
    stop: int
    ambiguous: bool = False
    joined: bool = False  # goes on the list of the atom before: "the 12th *and 14*"
    sure: bool = True  # may begin a mention by itself; "14th" alone may not


@dataclass(frozen=True, slots=True)
class Raw:
    """A match with what it stands for, not yet resolved."""

    match: re.Match[str]
    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Around:
    """What a match is read with."""

    text: str
    day: date  # of writing
    lean: Lean
    week: Raw | None  # "last week" beside a weekday
    years: list[tuple[int, date]]  # days of the same text that have their year


def with_year(raw: Raw) -> date | None:
    """The day of a match that has its year."""
    match = raw.match
    if raw.name == "iso":
        return day_of(*map(int, match["iso"].split("-")))
    if raw.name == "dashed" or (raw.name == "slash" and match["slash"].count("/") == 2):
        month, number, year = map(int, re.split("[/-]", match[raw.name]))
        return day_of(year + 2000 if year < 100 else year, month, number)
    for prefix in ("nd", "dm"):
        if raw.name in {"named", "daymonth"} and match[f"{prefix}_year"]:
            return day_of(
                int(match[f"{prefix}_year"][-4:]),
                month_of(match[f"{prefix}_month"]),
                int(match[f"{prefix}_day"]),
            )
    return None


def _iso(raw: Raw, around: Around) -> Iterator[Atom]:
    del around
    found = with_year(raw)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _dashed(raw: Raw, around: Around) -> Iterator[Atom]:
    """Month, day and year with dashes; "grades 10-11-12" is no day."""
    found = with_year(raw)
    if found and abs((found - around.day).days) < DASHED_AWAY:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _slash(raw: Raw, around: Around) -> Iterator[Atom]:
    before = around.text[max(0, raw.start - 12) : raw.start]
    if NOT_A_FRACTION.match(around.text, raw.stop) or NO_DAY_BEFORE.search(before):
        return
    found = with_year(raw)
    if raw.match["slash"].count("/") == 1:
        month, number = map(int, raw.match["slash"].split("/"))
        found = nearest(_anchor(raw, around), month, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)
        yield from _more_days(found, raw.stop, around.text)


def _more_days(first: date, at: int, text: str) -> Iterator[Atom]:
    """The days that go on a list: "1/13, 14, 15 and 21"; one number alone may be minutes."""
    found: list[Atom] = []
    last = first
    while len(found) < 25 and (more := MORE.match(text, at)):  # as _MAX_LIST
        day = day_of(first.year, first.month, int(more["number"]))
        if day is None or day <= last:
            break
        found.append(Atom(Sort.DATE, day, None, more.start("number"), more.end(), joined=True))
        last, at = day, more.end()
    if len(found) > 1:
        yield from found


def _named(raw: Raw, around: Around) -> Iterator[Atom]:
    """A month with a day, and the days that go on its list: "Sept 12, 14 and 20-22, 2024"."""
    match, text = raw.match, around.text
    prefix = "nd" if raw.name == "named" else "dm"
    word, number = match[f"{prefix}_month"], int(match[f"{prefix}_day"])
    if word == "may":
        return  # "they may 3 times"
    month, at = month_of(word), raw.stop
    numbers: list[tuple[int, int, int, bool]] = [(number, raw.start, raw.stop, False)]
    year = int(match[f"{prefix}_year"][-4:]) if match[f"{prefix}_year"] else None
    while year is None and prefix == "nd" and len(numbers) < 25:
        more, to = MORE.match(text, at), UP_TO.match(text, at)
        go_on = to or more
        if go_on is None or _names_month(text, go_on.end()):
            break
        numbers.append((int(go_on["number"]), go_on.start("number"), go_on.end(), bool(to)))
        at = go_on.end()
    behind = YEAR_AFTER.match(text, at) if year is None and len(numbers) > 1 else None
    if behind:
        year = int(behind["year"])
    if prefix == "dm" and match["dm_from"]:
        first = (int(match["dm_from"]), raw.start, match.end("dm_from"), False)
        numbers = [first, (number, match.start("dm_day"), raw.stop, True)]
    elif prefix == "dm" and match["dm_list"]:
        at = match.start("dm_list")
        listed = re.finditer(r"\d{1,2}", match["dm_list"])
        numbers = [(int(n[0]), at + n.start(), at + n.end(), False) for n in listed]
        numbers.append((number, match.start("dm_day"), raw.stop, False))
    anchor = None
    atoms: list[Atom] = []
    for number, start, stop, ranged in numbers:
        if year:
            found = day_of(year, month, number)
        elif anchor:
            found = day_of(anchor.year, month, number)
        else:
            found = nearest(_anchor(raw, around), month, number, around.lean)
        if found is None:
            continue
        anchor = anchor or found
        if ranged and atoms and found > atoms[-1].first and atoms[-1].last is None:
            atoms[-1] = replace(atoms[-1], sort=Sort.SPAN, last=found, stop=stop)
        elif not ranged:
            atoms.append(Atom(Sort.DATE, found, None, start, stop, joined=bool(atoms)))
    if behind and atoms:
        atoms[-1] = replace(atoms[-1], stop=behind.end())
    yield from atoms


def _names_month(text: str, at: int) -> bool:
    """Whether a number of a list is another month's: the 4 of "March 3 and 4 April"."""
    after = re.compile(r"\s(?:of\s)?([A-Za-z]{3,10})").match(text, at)
    return after is not None and after[1].lower() in MONTHS and after[1].lower() != "may"


def _ordinal(raw: Raw, around: Around) -> Iterator[Atom]:
    text = around.text
    if NOT_A_DAY.match(text, raw.stop):
        return
    before = text[max(0, raw.start - 14) : raw.start]
    sure = bool(
        re.search(r"(?i)(?:\b(?:the|on|el|of)\s+|\b(?:mon|tue|wed|thu|fri)\w*\.?,?\s+)\Z", before)
    )
    number = int(raw.match["ordinal"])
    # "19th he was with the nurse": a clause may begin with its day; "2nd," begins a list.
    sure = sure or (number > 3 and re.search(r"(?:\A|[,;:(]\s{0,2}|\n)\Z", before) is not None)
    month = MONTH_BEFORE.search(
        text, max(0, raw.start - MONTH_AWAY), raw.start
    )  # "my May date was the 9th"
    if month:
        found = nearest(around.day, month_of(month["month"]), number, around.lean)
    else:
        found = _on_its_weekday(raw, around, number) or of_month(around.day, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop, ambiguous=True, sure=sure)


def _on_its_weekday(raw: Raw, around: Around, number: int) -> date | None:
    """Of "Friday the 13th" one that is a Friday; None where no weekday is said of it."""
    named = WEEKDAY_BEFORE.search(around.text, max(0, raw.start - 24), raw.start)
    named = named or WEEKDAY_BEHIND.match(around.text, raw.stop)
    if named is None:
        return None
    name = named["name"] or named["names"]
    return _on(around, number, WEEKDAYS[name.lower()])


def _on(around: Around, number: int, weekday: int) -> date | None:
    """The day of that number, in a month near, that is that weekday."""
    near = [d for d in of_months(around.day, number) if d and d.weekday() == weekday]
    return best_of(around.day, near, AHEAD[around.lean])


def _relative(raw: Raw, around: Around) -> Iterator[Atom]:
    shift = RELATIVE[raw.name]
    yield Atom(Sort.RELATIVE, around.day + shift * ONE_DAY, None, raw.start, raw.stop)


def _ago(raw: Raw, around: Around) -> Iterator[Atom]:
    count = count_of(raw.match["ago_number"])
    if count is None:
        return
    found = around.day - count * (7 if raw.match["ago_unit"][0] in "wW" else 1) * ONE_DAY
    if raw.match["ago_weekday"]:
        weekday = WEEKDAYS[raw.match["ago_weekday"].lower()]
        back = (around.day.weekday() - weekday) % 7
        found = around.day - (back + 7 * count) * ONE_DAY
    yield Atom(Sort.RELATIVE, found, None, raw.start, raw.stop, ambiguous=count > 6)


def _week(raw: Raw, around: Around) -> Iterator[Atom]:
    monday = around.day - around.day.weekday() * ONE_DAY + shift_of(raw) * ONE_DAY
    yield Atom(Sort.WEEK, monday, monday + 4 * ONE_DAY, raw.start, raw.stop)


def shift_of(raw: Raw) -> int:
    """How many days "last week" or "next week" lies from this one."""
    words = raw.match[0].lower()
    if re.search(r"\blast\b|\bpast\b|pasada|before", words):
        return -14 if "before" in words else -7
    return 7 if re.search(r"\bnext\b|\bcoming\b|pr[oó]xima", words) else 0


def _past_weeks(raw: Raw, around: Around) -> Iterator[Atom]:
    """Of "these last two weeks", this one is the second where most of it is over."""
    count = count_of(raw.match["past_number"])
    if count is None or count < 2:
        return
    monday = around.day - around.day.weekday() * ONE_DAY
    over = around.day.weekday() >= 3
    first = monday - 7 * (count - 1 if over else count) * ONE_DAY
    last = first + (7 * count - 3) * ONE_DAY
    yield Atom(Sort.SPAN, first, last, raw.start, raw.stop, ambiguous=True)


def _first_weeks(raw: Raw, around: Around) -> Iterator[Atom]:
    count = count_of(raw.match["weeks"] or "one")
    first = nearest(around.day, month_of(raw.match["weeksmonth"]), 1, around.lean)
    if count and first and count < 5:
        first += (7 - first.weekday()) % 7 * ONE_DAY if first.weekday() > 4 else 0 * ONE_DAY
        friday = first - first.weekday() * ONE_DAY + (7 * count - 3) * ONE_DAY
        yield Atom(Sort.SPAN, first, friday, raw.start, raw.stop, ambiguous=True)


def _all_month(raw: Raw, around: Around) -> Iterator[Atom]:
    word = raw.match["wholemonth"] or raw.match["headmonth"]
    first = nearest(around.day, month_of(word), 1, around.lean)
    if first:
        last = (first.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY
        sort = Sort.WEEK if raw.name == "monthhead" else Sort.SPAN
        yield Atom(sort, first, last, raw.start, raw.stop)


def _anchor(raw: Raw, around: Around) -> date:
    """A day without a year goes with its neighbour's: "between April 8 and May 1, 2025"."""
    near = [(abs(at - raw.start), found) for at, found in around.years]
    return min(near)[1] if near and min(near)[0] < NEAR else around.day


def nearest(day: date, month: int, number: int, lean: Lean = Lean.EITHER) -> date | None:
    """The date without a year that lies nearest: a school year wraps in January."""
    near = [day_of(year, month, number) for year in (day.year - 1, day.year, day.year + 1)]
    return best_of(day, near, YEARS_AHEAD[lean])


# How many times as far days to come count: of a day without its year, of one without its month.
YEARS_AHEAD = {Lean.PAST: 2.5, Lean.EITHER: 1.5, Lean.COMING: 0.8}
AHEAD = {Lean.PAST: 4.0, Lean.EITHER: 1.3, Lean.COMING: 0.1}


def of_month(day: date, number: int, lean: Lean = Lean.EITHER) -> date | None:
    """A day of this month, or of the one before or after: "the 12th"."""
    return best_of(day, of_months(day, number), AHEAD[lean])


def of_months(day: date, number: int) -> list[date | None]:
    """That day of the month before, of this month and of the next."""
    firsts = (day.replace(day=1) - ONE_DAY, day, (day.replace(day=28) + 7 * ONE_DAY))
    return [day_of(first.year, first.month, number) for first in firsts]


def best_of(day: date, days: Iterable[date | None], ahead: float) -> date | None:
    """The nearest, where days to come count ``ahead`` times as far."""

    def cost(found: date) -> float:
        away = (found - day).days
        return -away if away < 0 else away * ahead

    return min((found for found in days if found), key=cost, default=None)


def month_of(word: str) -> int:
    """A month's number by its name, or KeyError."""
    return MONTHS[word.lower().rstrip(".")]


def count_of(word: str) -> int | None:
    """A number in digits or as a word; None where it is none, or nought."""
    number = int(word) if word.isdecimal() and len(word) <= 2 else NUMBERS.get(word.lower())
    return number or None


def day_of(year: int, month: int, number: int) -> date | None:
    """The day; None where the calendar has none."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


READ: dict[str, Callable[[Raw, Around], Iterator[Atom]]] = {
    "iso": _iso, "dashed": _dashed, "slash": _slash, "named": _named, "daymonth": _named,
    "ordinal": _ordinal,
    "firstweeks": _first_weeks, "allmonth": _all_month, "monthhead": _all_month, "ago": _ago,
    "pastweeks": _past_weeks, "week": _week, "allweek": _week, "weekbefore": _week,
    "before": _relative, "after": _relative, "yesterday": _relative, "today": _relative,
    "tomorrow": _relative,
}  # fmt: skip
