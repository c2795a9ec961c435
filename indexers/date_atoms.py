"""Pure: a text to the single days, weekdays and weeks it names, each resolved by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from indexers.date_words import (
    ATOM,
    COMING,
    GONE,
    IS,
    LETTERS,
    MAYBE_COMING,
    MONTH_BEFORE,
    MONTHS,
    MORE,
    NOT_A_DAY,
    NOT_A_FRACTION,
    NUMBERS,
    OPEN,
    RELATIVE,
    REPEATED,
    SAT,
    SCHEDULE,
    UP_TO,
    WEEKDAYS,
    YEAR_AFTER,
)

_ONE = timedelta(days=1)
_MAX_ATOMS = 80  # of one text; a sentence has few
_MAX_CLAUSE = 160  # characters to each side that tell past from coming
_NEAR = 60  # days
_FAR = 120
_BREAK = re.compile(
    r"[;!?()]\s|,\s|\s[-–—]\s|\s(?:but|so|because|bc|which)\s"
    r"|\s(?:and|&)\s(?=(?:i|we|he|she|they|it|there|you|nobody|no one)\b)",
    re.I,
)
_WEEKS_GO_ON = re.compile(r"\s{0,2}(?:(?:,|&|\+|and|through|to|-)\s{0,2})?(?:the\s|of\s)?", re.I)


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
class _Raw:
    """A match with what it stands for, not yet resolved."""

    match: re.Match[str]
    name: str
    start: int
    stop: int


def resolve(text: str, day: date, lean: Lean) -> list[Atom]:
    """Every atom of a text, in order, none overlapping. Raises nothing.

    Args:
        text: a sentence.
        day: the day of writing.
        lean: for days that could be past or coming.
    """
    raws = list(_scan(text))
    weeks = [raw for raw in raws if raw.name in {"week", "allweek"}]
    years = [(raw.start, found) for raw in raws if (found := _with_year(raw)) is not None]
    atoms: list[Atom] = []
    weekly_until: int | None = None  # "weeks of": where the last day that it covers ends
    used: set[int] = set()
    for raw in raws:
        if raw.name == "weekof":
            weekly_until = raw.stop
            continue
        here = lean_at(text, raw.start, raw.stop, lean)
        week = _week_for(raw, weeks, text)
        read = list(_READ[raw.name](raw, _Around(text, day, here, week, years)))
        if week is not None and raw.name in {"weekday", "letters", "letter"} and read:
            used.add(week.start)
        if weekly_until is not None and _goes_on(text, weekly_until, raw.start):
            read = [_whole_week(a) if a.sort in {Sort.DATE, Sort.WEEKDAY} else a for a in read]
            weekly_until = raw.stop
        else:
            weekly_until = None
        atoms += read
    atoms = [a for a in atoms if a.sort is not Sort.WEEK or a.start not in used]
    atoms = _in_order(atoms, day)
    return list(_plausible(atoms, day))


def _in_order(atoms: list[Atom], day: date) -> list[Atom]:
    """Of "Monday and Wednesday" written on a Monday, the first is the Monday before."""
    weekdays = [a for a in atoms if a.sort is Sort.WEEKDAY]
    return [
        replace(a, first=a.first - 7 * _ONE)
        if a in weekdays
        and a.first == day
        and any(day - 7 * _ONE < b.first < day and 0 < b.start - a.start < _NEAR for b in weekdays)
        else a
        for a in atoms
    ]


def _goes_on(text: str, stop: int, start: int) -> bool:
    return start - stop < 10 and _WEEKS_GO_ON.fullmatch(text, stop, start) is not None


@dataclass(frozen=True, slots=True)
class _Around:
    text: str
    day: date
    lean: Lean
    week: _Raw | None  # "last week" beside a weekday
    years: list[tuple[int, date]]  # days of the same text that have their year


def _scan(text: str) -> Iterator[_Raw]:
    at = count = 0
    while count < _MAX_ATOMS and (match := ATOM.search(text, at)):
        name = match.lastgroup or ""
        yield _Raw(match, name, match.start(), match.end())
        at = max(match.end(), at + 1)
        count += 1


def lean_at(text: str, start: int, stop: int, lean: Lean) -> Lean:
    """Whether a day named there is past or coming, by the words of its clause."""
    floor, roof = max(0, start - _MAX_CLAUSE), stop + _MAX_CLAUSE
    ends = [match.end() for match in _BREAK.finditer(text, floor, start)]
    begin = ends[-1] if ends else floor
    after = _BREAK.search(text, stop, roof)
    clause, whole = text[begin : after.start() if after else roof], text[floor:roof]
    if OPEN.search(text, floor, start):
        return Lean.PAST
    coming, gone = COMING.search(clause), GONE.search(clause)
    if lean is Lean.PAST:
        return Lean.COMING if coming and not gone else Lean.PAST
    if lean is Lean.COMING:
        gone = gone or (SAT.search(whole) if not IS.search(clause) else None)
        return Lean.PAST if gone and not coming else Lean.COMING
    ahead = bool(coming) or (not gone and bool(MAYBE_COMING.search(clause) or COMING.search(whole)))
    behind = bool(gone) or (not coming and bool(GONE.search(whole)))
    if ahead is behind:
        return Lean.EITHER
    return Lean.COMING if ahead else Lean.PAST


def _week_for(raw: _Raw, weeks: list[_Raw], text: str) -> _Raw | None:
    near = [w for w in weeks if w is not raw and abs(w.start - raw.start) < 2 * _NEAR]
    if len(near) != 1:
        return None
    low, high = sorted((near[0].start, raw.start))
    return None if re.search(r"[.;!?]\s", text[low:high]) else near[0]


def _with_year(raw: _Raw) -> date | None:
    match = raw.match
    if raw.name == "iso":
        return _date(*map(int, match["iso"].split("-")))
    if raw.name == "slash" and match["slash"].count("/") == 2:
        month, number, year = map(int, match["slash"].split("/"))
        return _date(year + 2000 if year < 100 else year, month, number)
    for prefix in ("nd", "dm"):
        if raw.name in {"named", "daymonth"} and match[f"{prefix}_year"]:
            return _date(
                int(match[f"{prefix}_year"][-4:]),
                _month(match[f"{prefix}_month"]),
                int(match[f"{prefix}_day"]),
            )
    return None


def _iso(raw: _Raw, around: _Around) -> Iterator[Atom]:
    del around
    found = _with_year(raw)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _slash(raw: _Raw, around: _Around) -> Iterator[Atom]:
    if NOT_A_FRACTION.match(around.text, raw.stop):
        return
    found = _with_year(raw)
    if raw.match["slash"].count("/") == 1:
        month, number = map(int, raw.match["slash"].split("/"))
        found = nearest(_anchor(raw, around), month, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop)


def _named(raw: _Raw, around: _Around) -> Iterator[Atom]:
    """A month with a day, and the days that go on its list: "Sept 12, 14 and 20-22, 2024"."""
    match, text = raw.match, around.text
    prefix = "nd" if raw.name == "named" else "dm"
    word, number = match[f"{prefix}_month"], int(match[f"{prefix}_day"])
    if word.lower() in {"may", "mar"} and word[0].islower():
        return  # "they may 3 times"
    month, at = _month(word), raw.stop
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
    anchor = None
    atoms: list[Atom] = []
    for number, start, stop, ranged in numbers:
        if year:
            found = _date(year, month, number)
        elif anchor:
            found = _date(anchor.year, month, number)
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


def _ordinal(raw: _Raw, around: _Around) -> Iterator[Atom]:
    text = around.text
    if NOT_A_DAY.match(text, raw.stop):
        return
    before = text[max(0, raw.start - 14) : raw.start]
    sure = bool(
        re.search(r"(?i)(?:\b(?:the|on|el|of)\s+|\b(?:mon|tue|wed|thu|fri)\w*\.?,?\s+)\Z", before)
    )
    number = int(raw.match["ordinal"])
    month = MONTH_BEFORE.search(
        text, max(0, raw.start - 60), raw.start
    )  # "my May date was the 9th"
    if month:
        found = nearest(around.day, _month(month["month"]), number, around.lean)
    else:
        found = of_month(around.day, number, around.lean)
    if found:
        yield Atom(Sort.DATE, found, None, raw.start, raw.stop, ambiguous=True, sure=sure)


def _relative(raw: _Raw, around: _Around) -> Iterator[Atom]:
    shift = RELATIVE[raw.name]
    yield Atom(Sort.RELATIVE, around.day + shift * _ONE, None, raw.start, raw.stop)


def _ago(raw: _Raw, around: _Around) -> Iterator[Atom]:
    count = _count(raw.match["ago_number"])
    if count is None:
        return
    found = around.day - count * (7 if raw.match["ago_unit"][0] in "wW" else 1) * _ONE
    if raw.match["ago_weekday"]:
        weekday = WEEKDAYS[raw.match["ago_weekday"].lower()]
        back = (around.day.weekday() - weekday) % 7
        found = around.day - (back + 7 * count) * _ONE
    yield Atom(Sort.RELATIVE, found, None, raw.start, raw.stop, ambiguous=count > 6)


def _week(raw: _Raw, around: _Around) -> Iterator[Atom]:
    monday = around.day - around.day.weekday() * _ONE + _shift(raw) * _ONE
    yield Atom(Sort.WEEK, monday, monday + 4 * _ONE, raw.start, raw.stop)


def _shift(raw: _Raw) -> int:
    words = raw.match[0].lower()
    if re.search(r"\blast\b|\bpast\b|pasada|before", words):
        return -14 if "before" in words else -7
    return 7 if re.search(r"\bnext\b|\bcoming\b|pr[oó]xima", words) else 0


def _past_weeks(raw: _Raw, around: _Around) -> Iterator[Atom]:
    """Of "these last two weeks", this one is the second where most of it is over."""
    count = _count(raw.match["past_number"])
    if count is None or count < 2:
        return
    monday = around.day - around.day.weekday() * _ONE
    over = around.day.weekday() >= 3
    first = monday - 7 * (count - 1 if over else count) * _ONE
    last = first + (7 * count - 3) * _ONE
    yield Atom(Sort.SPAN, first, last, raw.start, raw.stop, ambiguous=True)


def _first_weeks(raw: _Raw, around: _Around) -> Iterator[Atom]:
    count = _count(raw.match["weeks"] or "one")
    first = nearest(around.day, _month(raw.match["weeksmonth"]), 1, around.lean)
    if count and first and count < 5:
        first += (7 - first.weekday()) % 7 * _ONE if first.weekday() > 4 else 0 * _ONE
        friday = first - first.weekday() * _ONE + (7 * count - 3) * _ONE
        yield Atom(Sort.SPAN, first, friday, raw.start, raw.stop, ambiguous=True)


def _all_month(raw: _Raw, around: _Around) -> Iterator[Atom]:
    word = raw.match["wholemonth"] or raw.match["headmonth"]
    first = nearest(around.day, _month(word), 1, around.lean)
    if first:
        last = (first.replace(day=28) + 4 * _ONE).replace(day=1) - _ONE
        sort = Sort.WEEK if raw.name == "monthhead" else Sort.SPAN
        yield Atom(sort, first, last, raw.start, raw.stop)


def _weekday(raw: _Raw, around: _Around) -> Iterator[Atom]:
    match = raw.match
    which = " ".join((match["which"] or "").lower().split())
    name, after = match["weekday_name"], " ".join((match["weekday_after"] or "").lower().split())
    if match["plural"] or which in REPEATED:
        return
    if len(name) <= 3 and name in {"sat", "sun", "mar"}:
        return  # in small letters they are words
    which = "" if which == "on" else "last" if after == "pasado" else which
    if after.startswith("before"):
        found = _on_weekday(replace(around, lean=Lean.PAST), WEEKDAYS[name.lower()], "") - 7 * _ONE
    else:
        found = _on_weekday(around, WEEKDAYS[name.lower()], which)
    start = raw.start if which else match.start("weekday_name")  # "on" is no part of the words
    ambiguous = which in {"next", "last", "this"}
    yield Atom(Sort.WEEKDAY, found, None, start, raw.stop, ambiguous=ambiguous)


def _letters(raw: _Raw, around: _Around) -> Iterator[Atom]:
    words = re.findall(r"[A-Za-z]+", raw.match[0])
    if not all(word[0].isupper() for word in words) or SCHEDULE.match(around.text, raw.stop):
        return
    pair = {word.lower() for word in words}
    if len(words) == 2 and not (pair & {"th", "tu", "mo", "fr"} or "w" in pair):
        return  # "T/F", "M-F"
    for number, word in enumerate(words):
        found = _on_weekday(around, LETTERS[word.lower()], "")
        last = raw.stop if number + 1 == len(words) else raw.start
        yield Atom(Sort.WEEKDAY, found, None, raw.start, last, joined=bool(number))


def _letter(raw: _Raw, around: _Around) -> Iterator[Atom]:
    word = raw.match["letter"]
    if word[0].isupper():
        found = _on_weekday(around, LETTERS[word.lower()], "")
        yield Atom(Sort.WEEKDAY, found, None, raw.start, raw.stop, ambiguous=True)


def _on_weekday(around: _Around, weekday: int, which: str) -> date:
    day = around.day
    monday = day - day.weekday() * _ONE
    if around.week is not None and which in {"", "this"}:
        return monday + (weekday + _shift(around.week)) * _ONE
    back, ahead = (day.weekday() - weekday) % 7, (weekday - day.weekday()) % 7
    if which in {"last", "this past", "past"}:
        return day - (back or 7) * _ONE
    if which in {"this coming", "coming", "el próximo", "el proximo"}:
        return day + (ahead or 7) * _ONE
    if which == "next":
        return day + (ahead if ahead > 2 else ahead + 7) * _ONE
    if which == "this":
        return monday + weekday * _ONE
    if around.lean is Lean.COMING:
        return day + (ahead or 7) * _ONE
    return day - back * _ONE


def _whole_week(atom: Atom) -> Atom:
    monday = atom.first - atom.first.weekday() * _ONE
    return replace(atom, sort=Sort.SPAN, first=monday, last=monday + 4 * _ONE)


def _anchor(raw: _Raw, around: _Around) -> date:
    """A day without a year goes with its neighbour's: "between April 8 and May 1, 2025"."""
    near = [(abs(at - raw.start), found) for at, found in around.years]
    return min(near)[1] if near and min(near)[0] < _NEAR else around.day


def nearest(day: date, month: int, number: int, lean: Lean = Lean.EITHER) -> date | None:
    """The date without a year that lies nearest: a school year wraps in January."""
    near = [_date(year, month, number) for year in (day.year - 1, day.year, day.year + 1)]
    return _best(day, near, {Lean.PAST: 2.5, Lean.EITHER: 1.5, Lean.COMING: 0.8}[lean])


def of_month(day: date, number: int, lean: Lean = Lean.EITHER) -> date | None:
    """A day of this month, or of the one before or after: "the 12th"."""
    firsts = (day.replace(day=1) - _ONE, day, (day.replace(day=28) + 7 * _ONE))
    near = [_date(first.year, first.month, number) for first in firsts]
    return _best(day, near, {Lean.PAST: 4.0, Lean.EITHER: 1.3, Lean.COMING: 0.1}[lean])


def _best(day: date, days: Iterable[date | None], ahead: float) -> date | None:
    """The nearest, where days to come count ``ahead`` times as far."""

    def cost(found: date) -> float:
        away = (found - day).days
        return -away if away < 0 else away * ahead

    return min((found for found in days if found), key=cost, default=None)


def _plausible(atoms: list[Atom], day: date) -> Iterator[Atom]:
    """Without "6/10" of a score far from every other day, and a week whose days are named."""
    dates = [a for a in atoms if a.sort is not Sort.WEEK]
    near = [a for a in dates if abs((a.first - day).days) < _NEAR]
    for atom in atoms:
        if atom.sort is Sort.WEEK:
            assert atom.last is not None
            named = (a for a in dates if (a.last or a.first) >= atom.first)
            if any(a.first <= atom.last for a in named):
                continue
        far = atom.sort is Sort.DATE and atom.stop - atom.start < 6
        if far and near and atom not in near and abs((atom.first - day).days) > _FAR:
            continue
        yield atom


def _month(word: str) -> int:
    return MONTHS[word.lower().rstrip(".")]


def _count(word: str) -> int | None:
    number = int(word) if word.isdecimal() and len(word) <= 2 else NUMBERS.get(word.lower())
    return number or None


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


_READ: dict[str, Callable[[_Raw, _Around], Iterator[Atom]]] = {
    "iso": _iso, "slash": _slash, "named": _named, "daymonth": _named, "ordinal": _ordinal,
    "firstweeks": _first_weeks, "allmonth": _all_month, "monthhead": _all_month, "ago": _ago,
    "pastweeks": _past_weeks, "week": _week, "allweek": _week, "weekbefore": _week,
    "before": _relative, "after": _relative, "yesterday": _relative, "today": _relative,
    "tomorrow": _relative, "weekday": _weekday, "letters": _letters, "letter": _letter,
}  # fmt: skip
