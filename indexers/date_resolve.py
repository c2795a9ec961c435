"""Pure: a text to the days, weekdays and weeks it names, each by itself, past or coming."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from indexers.date_atoms import NEAR, ONE_DAY, READ, Around, Atom, Lean, Raw, Sort, with_year
from indexers.date_words import (
    ATOM,
    COMING,
    GONE,
    IS,
    MAYBE_COMING,
    OPEN,
    SAT,
)

_MAX_ATOMS = 80  # of one text; a sentence has few
_MAX_CLAUSE = 160  # characters to each side that tell past from coming
_FAR = 120
_LISTED = 8  # characters between days of one list
_SENTENCE_ENDS = re.compile(r"[.!?]\s")
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
        read = list(READ[raw.name](raw, Around(text, day, here, week, years)))
        if week is not None and raw.name in {"weekday", "letters", "letter"} and read:
            used.add(week.start)
        if weekly_until is not None and _goes_on(text, weekly_until, raw.start):
            read = [_whole_week(a) if a.sort in {Sort.DATE, Sort.WEEKDAY} else a for a in read]
            weekly_until = raw.stop
        else:
            weekly_until = None
        atoms += read
    atoms = [a for a in atoms if a.sort is not Sort.WEEK or a.start not in used]
    atoms = _in_order(_going_on(atoms, text, day), day)
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


def _going_on(atoms: list[Atom], text: str, day: date) -> list[Atom]:
    """Days told one after the other in a sentence go on: "mon no, tues yes, thurs is a no"."""
    found: list[Atom] = []
    for atom in atoms:
        before = found[-1] if found else None
        if before is not None and not _SENTENCE_ENDS.search(text, before.stop, atom.start):
            if atom.sort is before.sort is Sort.WEEKDAY:
                atom = _after(before, atom, text, day)  # noqa: PLW2901
            elif atom.sort is before.sort is Sort.DATE and atom.ambiguous and atom.first > day:
                atom = _in_its_month(before, atom, day)  # noqa: PLW2901
        found.append(atom)
    return found


def _after(before: Atom, atom: Atom, text: str, day: date) -> Atom:
    """A weekday that is told of behind one of this week is of this week too, if words allow."""
    monday = day - day.weekday() * ONE_DAY
    listed = atom.start - before.stop <= _LISTED
    on = before.first + ((atom.first - before.first).days % 7) * ONE_DAY
    if not monday <= before.first <= day <= on <= monday + 6 * ONE_DAY or on == before.first:
        return atom
    if listed or atom.ambiguous or atom.first >= before.first:
        return atom
    past = lean_at(text, atom.start, atom.stop, Lean.EITHER) is Lean.PAST
    return atom if past else replace(atom, first=on)


def _in_its_month(before: Atom, atom: Atom, day: date) -> Atom:
    """The 4th that is gone, in "we lost the 11th, and the 4th was on me"."""
    try:
        on = before.first.replace(day=atom.first.day)
    except ValueError:
        return atom
    return replace(atom, first=on) if before.first <= day and on <= day else atom


def _in_order(atoms: list[Atom], day: date) -> list[Atom]:
    """Of "Monday and Wednesday" written on a Monday, the first is the Monday before."""
    weekdays = [a for a in atoms if a.sort is Sort.WEEKDAY]
    return [
        replace(a, first=a.first - 7 * ONE_DAY)
        if a in weekdays
        and a.first == day
        and any(
            day - 7 * ONE_DAY < b.first < day and 0 < b.start - a.start < NEAR for b in weekdays
        )
        else a
        for a in atoms
    ]


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
