"""Pure: the days that a text names, resolved from the day it was written.

Our own grammar: no library reads "the 12th and 14th" or "the week of March 3" (measured), and
several read "2:40" or "504" as dates. A text is cut into atoms, each resolved by itself
(date_atoms.py); neighbours are joined to lists, ranges and appositions by what stands between
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from indexers.date_atoms import Atom, Lean, Sort, of_months
from indexers.date_resolve import resolve
from indexers.date_words import (
    AS_OF,
    BESIDE_GAP,
    BETWEEN,
    BOUND,
    FROM,
    LIST_GAP,
    MOVED,
    ONWARD,
    OPEN,
    POSSESSIVE,
    RANGE_GAP,
)
from indexers.model import Precision

_MAX_LIST = 25  # days of one list that are given one by one
_MAX_GAP = 26  # characters between two atoms that belong together
_BEFORE = 64  # characters before a mention that may say what it is


@dataclass(frozen=True, slots=True)
class DateMention:
    """A run of text that names a day, several days, or a range."""

    days: tuple[date, ...]  # in the order they are named; for a range its first day alone
    end: date | None  # last day of a range, else None
    precision: Precision
    ambiguous: bool  # another day could be meant: "next Friday" on a Thursday
    start: int  # code points of the text, end excluded
    stop: int
    words: str
    bound: bool = False  # a limit or a label's day: "by the 15th", "until Monday", "Date sent:"


def find_dates(text: str, day: date, lean: Lean = Lean.EITHER) -> list[DateMention]:
    """The days a text names.

    Args:
        text: a sentence, or any text.
        day: the day of writing in the family's zone; "yesterday" is the day before it, and a day
            without a year is one near to it.
        lean: past or coming, where the words around a day do not tell.

    Returns:
        Mentions in order of ``start``, none overlapping. A list ("the 12th and 14th") is one
        mention with several days; a range has its first day and ``end``. "31 June" is left out.
        Raises nothing.
    """
    atoms = _single(resolve(text, day, lean), text)
    return [mention for group in _groups(atoms, text) for mention in _mentions(group, text, day)]


def expand(mention: DateMention) -> list[tuple[date, date | None]]:
    """One (day, end) for each event that a mention dates."""
    if mention.end is not None and mention.end > mention.days[0]:
        return [(mention.days[0], mention.end)]
    return [(day, None) for day in dict.fromkeys(mention.days[:_MAX_LIST])]


def _single(atoms: list[Atom], text: str) -> list[Atom]:
    """Without weekdays whose dates are named too: "her Wednesday hour, the 14th and the 21st"."""
    dates = [atom for atom in atoms if atom.sort is Sort.DATE and (atom.sure or atom.joined)]
    kept = []
    for number, atom in enumerate(atoms):
        if atom.sort is Sort.WEEKDAY and not atom.joined:
            same = [d for d in dates if d.first.weekday() == atom.first.weekday()]
            after = atoms[number + 1] if number + 1 < len(atoms) else None
            if same or (after in dates and _beside(atom, after, text)):
                continue
        kept.append(atom)
    return kept


def _beside(one: Atom, two: Atom | None, text: str) -> bool:
    if two is None or two.start - one.stop > 8:
        return False
    return BESIDE_GAP.fullmatch(text, one.stop, two.start) is not None


def _groups(atoms: Sequence[Atom], text: str) -> Iterator[list[Atom]]:
    """Atoms that make one list, range or apposition."""
    group: list[Atom] = []
    for atom in atoms:
        joined = bool(group) and (atom.joined or _join(group[-1], atom, text) != "")
        if not joined:
            if group:
                yield group
            group = []
            if not atom.sure:
                continue
        group.append(atom)
    if group:
        yield group


def _join(one: Atom, two: Atom, text: str) -> str:
    """How two atoms belong together: "list", "range", "same", or "" where they do not."""
    if two.joined:
        return "list"
    if two.start - one.stop > _MAX_GAP:
        return ""
    if BESIDE_GAP.fullmatch(text, one.stop, two.start) and one.first == two.first:
        return "same"
    if RANGE_GAP.fullmatch(text, one.stop, two.start):
        return "range"
    return "list" if LIST_GAP.fullmatch(text, one.stop, two.start) else ""


@dataclass(frozen=True, slots=True)
class _Stretch:
    first: date
    last: date | None
    start: int
    stop: int


def _mentions(group: Sequence[Atom], text: str, day: date) -> Iterator[DateMention]:
    stretches: list[_Stretch] = []
    dashed = len(group) > 2 and all(text[a.stop : b.start] == "-" for a, b in pairwise(group))
    for number, atom in enumerate(group):
        found = _Stretch(atom.first, atom.last, atom.start, atom.stop)
        how = _join(group[number - 1], atom, text) if number and not dashed else "list"
        before = stretches[-1] if stretches else found
        if how == "range" and _side_by_side(group[number - 1], atom, text):
            stretches.append(found)  # "mon-tues" are two days
        elif how == "range" and (atom.last or atom.first) > before.first:
            last = atom.last or atom.first
            stretches[-1] = replace(before, last=last, stop=atom.stop)
        elif how == "range" and (later := _to_come(group[number - 1], atom)):
            stretches[-1] = replace(before, last=later, stop=atom.stop)
        elif how == "range" and (earlier := _in_month_of(before.first, atom)):
            stretches[-1] = replace(before, first=earlier, last=atom.first, stop=atom.stop)
        elif how == "range" and _goes_back(group[number - 1], atom):
            first = before.first.fromordinal(before.first.toordinal() - 7)
            stretches[-1] = replace(before, first=first, last=atom.first, stop=atom.stop)
        elif how == "range" and atom.sort is Sort.WEEKDAY:
            # "Thursday to Tuesday" goes over a weekend.
            last = atom.first.fromordinal(atom.first.toordinal() + 7)
            stretches[-1] = replace(before, last=last, stop=atom.stop)
        elif how == "same":
            stretches[-1] = replace(before, stop=atom.stop)
        else:
            stretches.append(found)
    before_it = text[max(0, stretches[0].start - _BEFORE) : stretches[0].start]
    if MOVED.search(before_it) and len(stretches) == 1 and stretches[0].last is not None:
        # "Moved from the 3rd to the 10th": the day that it is on now.
        to, stop = group[-1], stretches[0].stop
        words = text[to.start : stop].strip()
        on = (stretches[0].last,)
        yield DateMention(on, None, Precision.DAY, to.ambiguous, to.start, stop, words)
        return
    stretches = _opened(stretches, group, before_it, text, day)
    # "After Tuesday's session": the day is the session's, no limit.
    owned = POSSESSIVE.match(text, stretches[-1].stop) is not None
    # "Back as of yesterday"
    near = all(a.sort is Sort.RELATIVE and a.first < day for a in group)
    bound = BOUND.search(before_it) is not None and not owned
    bound = bound and not (near and AS_OF.search(before_it))
    ambiguous = any(atom.ambiguous for atom in group)
    if all(s.last is None for s in stretches):
        start, stop = stretches[0].start, stretches[-1].stop
        days = tuple(dict.fromkeys(s.first for s in stretches))
        yield DateMention(
            days, None, Precision.DAY, ambiguous, start, stop, text[start:stop].strip(), bound
        )
        return
    for s in stretches:
        precision = Precision.RANGE if s.last else Precision.DAY
        words = text[s.start : s.stop].strip()
        yield DateMention((s.first,), s.last, precision, ambiguous, s.start, s.stop, words, bound)


def _side_by_side(one: Atom, two: Atom, text: str) -> bool:
    weekdays = one.sort is two.sort is Sort.WEEKDAY and (two.first - one.first).days == 1
    return weekdays and text[one.stop : two.start].strip() in "-–—"


def _to_come(one: Atom, two: Atom) -> date | None:
    """Of "from yesterday until the 17th" the 17th is to come."""
    if one.sort is not Sort.RELATIVE or two.sort is not Sort.DATE or not two.ambiguous:
        return None
    near = [d for d in of_months(one.first, two.first.day) if d and d > one.first]
    return min(near, default=None)


def _goes_back(one: Atom, two: Atom) -> bool:
    """Of "Wednesday through tomorrow" the Wednesday is the one that was."""
    if one.sort is not Sort.WEEKDAY or two.sort is not Sort.RELATIVE:
        return False
    return 0 < (one.first - two.first).days < 7


def _in_month_of(first: date, last: Atom) -> date | None:
    """Of "the 10th to the 20th" both days are of one month."""
    if last.sort is not Sort.DATE or last.last is not None or first.day >= last.first.day:
        return None
    return first.replace(year=last.first.year, month=last.first.month)


def _opened(
    stretches: list[_Stretch], group: Sequence[Atom], before: str, text: str, day: date
) -> list[_Stretch]:
    """What goes on since a day to the day of writing, or between one day and another."""
    first, last = stretches[0], stretches[-1]
    if BETWEEN.search(before) and len(stretches) == 2 and last.first > first.first:
        return [_Stretch(first.first, last.last or last.first, first.start, last.stop)]
    if len(stretches) != 1 or (first.last is not None and group[0].sort is not Sort.WEEK):
        return stretches
    onward = FROM.search(before) and ONWARD.match(text, first.stop)
    if (OPEN.search(before) or onward) and first.first < day:
        return [replace(first, last=day)]
    return stretches
