"""Pure: a text to the days, weekdays and weeks it names, each by itself, past or coming."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from indexers.date_atoms import NEAR, ONE_DAY, READ, Around, Atom, Lean, Raw, Sort, with_year
from indexers.date_phrases import READ_PHRASES
from indexers.date_weekdays import READ_WEEKDAYS
from indexers.date_words import (
    ATOM,
    COMING,
    GONE,
    IS,
    MAYBE_COMING,
    OPEN,
    SAT,
)

_READERS = {**READ, **READ_PHRASES, **READ_WEEKDAYS}
_MAX_ATOMS = 80  # of one text; a sentence has few
_MAX_CLAUSE = 160  # characters to each side that tell past from coming
_FAR = 120
_BREAK = re.compile(
    r"[;!?()]\s|,\s|\s[-–—]\s|\s(?:but|so|because|bc|which)\s"
    r"|\s(?:and|&)\s(?=(?:i|we|he|she|they|it|there|you|nobody|no one)\b)",
    re.I,
)
_WEEKS_GO_ON = re.compile(r"\s{0,2}(?:(?:,|&|\+|and|through|to|-)\s{0,2})?(?:the\s|of\s)?", re.I)


def resolve(text: str, day: date, lean: Lean) -> list[Atom]:
    """Every atom of a text, in order, none overlapping. Raises nothing.

    Args:
        text: a sentence.
        day: the day of writing.
        lean: for days that could be past or coming.
    """
    raws = list(_scan(text))
    weeks = [raw for raw in raws if raw.name in {"week", "allweek"}]
    years = [(raw.start, found) for raw in raws if (found := with_year(raw)) is not None]
    atoms: list[Atom] = []
    weekly_until: int | None = None  # "weeks of": where the last day that it covers ends
    used: set[int] = set()
    for raw in raws:
        if raw.name == "weekof":
            weekly_until = raw.stop
            continue
        here = lean_at(text, raw.start, raw.stop, lean)
        week = _week_for(raw, weeks, text)
        read = list(_READERS[raw.name](raw, Around(text, day, here, week, years)))
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


def _scan(text: str) -> Iterator[Raw]:
    at = count = 0
    while count < _MAX_ATOMS and (match := ATOM.search(text, at)):
        name = match.lastgroup or ""
        yield Raw(match, name, match.start(), match.end())
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


def _week_for(raw: Raw, weeks: list[Raw], text: str) -> Raw | None:
    near = [w for w in weeks if w is not raw and abs(w.start - raw.start) < 2 * NEAR]
    if len(near) != 1:
        return None
    low, high = sorted((near[0].start, raw.start))
    return None if re.search(r"[.;!?]\s", text[low:high]) else near[0]


def _whole_week(atom: Atom) -> Atom:
    monday = atom.first - atom.first.weekday() * ONE_DAY
    return replace(atom, sort=Sort.SPAN, first=monday, last=monday + 4 * ONE_DAY)


def _in_order(atoms: list[Atom], day: date) -> list[Atom]:
    """Weekdays in the order of their week.

    Of "Monday and Wednesday" written on a Monday, the first is the Monday before; of "Mon no, Tue
    yes, Thu no" written on a Tuesday, the last is the Thursday to come.
    """
    weekdays = [a for a in atoms if a.sort is Sort.WEEKDAY]
    week = day - 7 * ONE_DAY
    found: list[Atom] = []
    for atom in atoms:
        near = [b for b in weekdays if week < b.first < day and abs(b.start - atom.start) < NEAR]
        after = [b for b in near if b.start > atom.start]
        before = [b for b in near if b.start < atom.start and b.first.weekday() < day.weekday()]
        if atom in weekdays and atom.first == day and after and not before:
            found.append(replace(atom, first=atom.first - 7 * ONE_DAY))
        elif atom in near and _to_come(atom, weekdays, day):
            found.append(replace(atom, first=atom.first + 7 * ONE_DAY))
        else:
            found.append(atom)
    return found


def _to_come(atom: Atom, weekdays: list[Atom], day: date) -> bool:
    """Whether a weekday is listed behind days of this week and today."""
    monday = day - day.weekday() * ONE_DAY
    before = [b for b in weekdays if 0 < atom.start - b.start < 2 * NEAR]
    if atom.first >= monday or not any(b.first == day for b in before):
        return False
    return any(monday <= b.first < day for b in before)


def _goes_on(text: str, stop: int, start: int) -> bool:
    return start - stop < 10 and _WEEKS_GO_ON.fullmatch(text, stop, start) is not None


def _plausible(atoms: list[Atom], day: date) -> Iterator[Atom]:
    """Without "6/10" of a score far from every other day, and a week whose days are named."""
    dates = [a for a in atoms if a.sort is not Sort.WEEK]
    near = [a for a in dates if abs((a.first - day).days) < NEAR]
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
