"""Pure: how weekdays are read, alone, with their numbers, and by their letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from indexers.date_atoms import (
    AHEAD,
    ONE_DAY,
    Around,
    Atom,
    Lean,
    Raw,
    Sort,
    best_of,
    count_of,
    day_of,
    of_months,
    shift_of,
)
from indexers.date_words import (
    AND_BEFORE,
    FINAL,
    LETTERS,
    MORE,
    NUMBERED,
    REPEATED,
    SCHEDULE,
    SEATED,
    WEEKDAYS,
)

_GIVEN_BEHIND = re.compile(r"[^.;!?]{0,40}?\b\d{1,2}(?:/\d|st\b|nd\b|rd\b|th\b)")


def _weekdays(raw: Raw, around: Around) -> Iterator[Atom]:
    """The same weekday of some weeks, "the last two Fridays", or of one: "two Fridays ago"."""
    match = raw.match
    count = count_of(match["wd_number"])
    if count is None or count > 6:
        return
    if not (match["wd_ago"] or match["wd_run"] or re.search("(?i)last|past", match[0])):
        return
    if _GIVEN_BEHIND.match(around.text, raw.stop):
        return  # "three Mondays running: 9/8, 9/15 and 9/22"
    weekday = WEEKDAYS[match["wd_name"].lower()]
    last = around.day - ((around.day.weekday() - weekday) % 7 or 7) * ONE_DAY
    days = [last - 7 * back * ONE_DAY for back in reversed(range(count))]
    for number, found in enumerate(days[:1] if match["wd_ago"] else days):
        stop = raw.start if number + 1 < len(days) and not match["wd_ago"] else raw.stop
        yield Atom(Sort.WEEKDAY, found, None, raw.start, stop, joined=number > 0)


def _from_here(raw: Raw, around: Around) -> Iterator[Atom]:
    """Days counted from today: "Tuesday two weeks ago", "a week from Tuesday"."""
    match, day = raw.match, around.day
    count = count_of(match["wa_number"] or match["wf_number"] or match["hace_number"])
    if count is None:
        return
    if raw.name == "hace":
        found = day - count * ONE_DAY
    elif raw.name == "weekago":
        back = (day.weekday() - WEEKDAYS[match["wa_name"].lower()]) % 7
        found = day - (back + 7 * count) * ONE_DAY
    else:
        name = match["wf_name"].lower()
        ahead = {"today": 0, "tomorrow": 1}.get(name)
        if ahead is None:
            ahead = (WEEKDAYS[name] - day.weekday()) % 7 or 7
        found = day + (ahead + 7 * count) * ONE_DAY
    yield Atom(Sort.RELATIVE, found, None, raw.start, raw.stop, ambiguous=True)


def _weekday(raw: Raw, around: Around) -> Iterator[Atom]:
    match = raw.match
    which = " ".join((match["which"] or "").lower().split())
    name, after = match["weekday_name"], " ".join((match["weekday_after"] or "").lower().split())
    if numbered := _numbered(raw, around):
        yield from numbered
        return
    if match["plural"] or which in REPEATED:
        return
    if which == "last" and FINAL.search(around.text, max(0, raw.start - 12), raw.start):
        return
    if len(name) <= 3 and name in {"sat", "sun", "mar"}:
        return  # in small letters they are words
    if name.lower() == "sat" and SEATED.match(around.text, raw.stop):
        return
    which = {"pasado": "last", "last": "past", "que viene": "coming"}.get(
        after, "" if which == "on" else which
    )
    if after.startswith("before"):
        found = (
            _on_weekday(replace(around, lean=Lean.PAST), WEEKDAYS[name.lower()], "") - 7 * ONE_DAY
        )
    else:
        found = _on_weekday(around, WEEKDAYS[name.lower()], which)
    start = raw.start if which else match.start("weekday_name")  # "on" is no part of the words
    ambiguous = which in {"next", "last", "this"}
    if AND_BEFORE.match(around.text, raw.stop):
        yield Atom(Sort.WEEKDAY, found - 7 * ONE_DAY, None, start, start, ambiguous=ambiguous)
    yield Atom(Sort.WEEKDAY, found, None, start, raw.stop, ambiguous=ambiguous)


def _numbered(raw: Raw, around: Around) -> list[Atom]:
    """A weekday with the numbers of its days: "Tue 16", "Mondays 4, 11 and 18"."""
    text, weekday = around.text, WEEKDAYS[raw.match["weekday_name"].lower()]
    at = raw.match.end("weekday_name") + bool(raw.match["plural"])
    more = NUMBERED.match(text, at)
    if more is None:
        return []
    earlier = of_months(around.day - 45 * ONE_DAY, int(more["number"]))
    months = {*earlier, *of_months(around.day, int(more["number"]))}
    near = sorted(d for d in months if d and d.weekday() == weekday)
    lists = [list(_of_weekday(raw, first, more, text)) for first in near]
    if around.lean is Lean.PAST:  # of two months the one whose days were
        lists = [atoms for atoms in lists if atoms[-1].first <= around.day] or lists
    best = best_of(around.day, [atoms[0].first for atoms in lists], AHEAD[around.lean])
    return next((atoms for atoms in lists if atoms[0].first == best), [])


def _of_weekday(raw: Raw, first: date, more: re.Match[str] | None, text: str) -> Iterator[Atom]:
    start, last = raw.match.start("weekday_name"), first
    while more is not None:
        found = day_of(first.year, first.month, int(more["number"]))
        if found is None or found.weekday() != first.weekday() or found < last:
            return
        yield Atom(Sort.DATE, found, None, start, more.end(), joined=found > first)
        last, more = found, MORE.match(text, more.end())
        start = more.start("number") if more else 0


def _letters(raw: Raw, around: Around) -> Iterator[Atom]:
    words = [word for word in re.findall(r"[A-Za-z]+", raw.match[0]) if word != "and"]
    if not all(word[0].isupper() for word in words) or SCHEDULE.match(around.text, raw.stop):
        return
    pair = {word.lower() for word in words}
    if len(words) == 2 and not (pair & {"th", "tu", "mo", "fr"} or "w" in pair):
        return  # "T/F", "M-F"
    for number, word in enumerate(words):
        found = _on_weekday(around, LETTERS[word.lower()], "")
        last = raw.stop if number + 1 == len(words) else raw.start
        yield Atom(Sort.WEEKDAY, found, None, raw.start, last, joined=bool(number))


def _letter(raw: Raw, around: Around) -> Iterator[Atom]:
    word = raw.match["letter"]
    if word[0].isupper():
        found = _on_weekday(around, LETTERS[word.lower()], "")
        yield Atom(Sort.WEEKDAY, found, None, raw.start, raw.stop, ambiguous=True)


def _on_weekday(around: Around, weekday: int, which: str) -> date:
    day = around.day
    monday = day - day.weekday() * ONE_DAY
    if around.week is not None and which in {"", "this"}:
        return monday + (weekday + shift_of(around.week)) * ONE_DAY
    back, ahead = (day.weekday() - weekday) % 7, (weekday - day.weekday()) % 7
    if which in {"last", "this past", "past"}:
        # Of yesterday nobody says "last Monday".
        return day - (back if back > 1 or which != "last" else back + 7) * ONE_DAY
    if which in {"this coming", "coming", "el próximo", "el proximo"}:
        return day + (ahead or 7) * ONE_DAY
    if which == "next":
        return day + (ahead if ahead > 2 else ahead + 7) * ONE_DAY
    if which == "this":
        return monday + weekday * ONE_DAY
    if around.lean is Lean.COMING:
        return day + (ahead or 7) * ONE_DAY
    return day - back * ONE_DAY


READ_WEEKDAYS: dict[str, Callable[[Raw, Around], Iterator[Atom]]] = {
    "weekdays": _weekdays,
    "weekago": _from_here,
    "weekfrom": _from_here,
    "hace": _from_here,
    "weekday": _weekday,
    "letters": _letters,
    "letter": _letter,
}
