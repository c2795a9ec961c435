"""Pure: the days that a text names, resolved from the day of the message.

Our own grammar: no library reads "the 12th and 14th" or "the week of March 3" (measured), and
several read "2:40" or "504" as dates. English, with the commonest Spanish words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from indexers.model import Precision

_ONE = timedelta(days=1)
_MAX_LIST = 25  # days of one list or range that are given one by one


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


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "enero"), ("february", "feb", "febrero"), ("march", "mar", "marzo"),
            ("april", "apr", "abril"), ("may", "mayo"), ("june", "jun", "junio"),
            ("july", "jul", "julio"), ("august", "aug", "agosto"),
            ("september", "sept", "sep", "septiembre"), ("october", "oct", "octubre"),
            ("november", "nov", "noviembre"), ("december", "dec", "diciembre"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon", "lunes"), ("tuesday", "tues", "tue", "martes"),
            ("wednesday", "weds", "wed", "miercoles", "miércoles"),
            ("thursday", "thurs", "thur", "thu", "jueves"), ("friday", "fri", "viernes"),
            ("saturday", "sat", "sabado", "sábado"), ("sunday", "sun", "domingo"),
        )
    )
    for name in names
}  # fmt: skip

_ORD = r"(?:st|nd|rd|th)"
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_WEEKDAY = rf"(?:{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})"
_AND = r"(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*|\s+y\s+|\s*\+\s*|\s+or\s+)"
_TO = r"(?:\s*(?:-|–|—)\s*|\s+(?:to|through|thru|until|till|al|hasta)\s+(?:the\s+)?)"
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d\d))"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-])(?:{pattern})(?![\w/])", re.IGNORECASE)


_ISO = _compiled(r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)")
_SLASHED = _compiled(
    r"(?P<list>\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?"
    rf"(?:{_AND}\d{{1,2}}/\d{{1,2}}(?:/(?:20)?\d\d)?){{0,12}})(?P<to>{_TO}"
    r"(?P<last>\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?))?"
)
_NAMED = _compiled(
    rf"(?:(?P<of>(?:the\s+)?week\s+(?:of|beginning)\s+)(?:{_WEEKDAY}\.?,?\s+)?)?"
    rf"(?P<month>{_MONTH})\s+(?P<first>\d{{1,2}}){_ORD}?"
    rf"(?:(?P<to>{_TO})(?:(?P<month2>{_MONTH})\s+)?(?P<last>\d{{1,2}}){_ORD}?(?!\s*(?:am|pm|:)))?"
    rf"(?P<more>(?:{_AND}(?:the\s+)?\d{{1,2}}{_ORD}?(?!\s*(?:am|pm|:|/|min|%|stud|kid|of\b)))"
    rf"{{0,12}})?{_YEAR}?"
)
_DAY_MONTH = _compiled(
    rf"(?P<list>\d{{1,2}}{_ORD}?(?:{_AND}\d{{1,2}}{_ORD}?){{0,8}})\s+(?:of\s+|de\s+)?"
    rf"(?P<month>{_MONTH}){_YEAR}?"
)
_ORDINALS = _compiled(
    rf"(?P<of>week\s+of\s+)?(?:(?:on|the|el)\s+)+(?P<first>\d{{1,2}}){_ORD}"
    rf"(?:(?P<to>{_TO})(?P<last>\d{{1,2}}){_ORD})?"
    rf"(?P<more>(?:{_AND}(?:the\s+)?\d{{1,2}}{_ORD}){{0,8}})(?!\s+(?:grade|period|hour|floor))"
)
_RELATIVE = _compiled(
    r"(?P<yesterday>yesterday|ayer)|(?P<today>today|tonight|this\s+(?:morning|afternoon|evening)"
    r"|hoy|esta\s+mañana|esta\s+tarde)|(?P<tomorrow>tomorrow|mañana)"
    r"|(?P<ago>\w+\s+days?\s+ago)|(?P<before>(?:the\s+)?day\s+before\s+yesterday|anteayer)"
    r"|(?P<lastweek>(?:all\s+(?:of\s+)?)?last\s+week|la\s+semana\s+pasada)"
    r"|(?P<thisweek>(?:all\s+(?:of\s+)?)?this\s+week|all\s+week|esta\s+semana|toda\s+la\s+semana)"
)
_BY_WEEKDAY = _compiled(
    rf"(?P<which>last|this\s+past|this\s+coming|past|this|next|coming|every|each|most|any|no)?\s*"
    rf"(?P<list>{_WEEKDAY}\.?(?:{_AND}(?:on\s+)?{_WEEKDAY}\.?){{0,6}})(?P<plural>s\b)?"
    rf"(?P<to>{_TO}(?P<last>{_WEEKDAY}))?(?P<week>\s+(?:of\s+)?(?:last|this|next)\s+week)?"
)
_SINCE = re.compile(r"(?:since|ever\s+since|desde|starting)\s+(?:last\s+|the\s+|el\s+)?\Z", re.I)
_FUTURE = re.compile(
    r"\b(?:will|we'll|i'll|going to|see you|scheduled|set for|meet|tomorrow|upcoming|planned"
    r"|plan to|can you|could you|please|let's|does|available|moved to|invite|by|no later)\b",
    re.I,
)
_PAST = re.compile(
    r"\b(?:was|were|wasn't|didn't|did not|had|missed|came|went|called|said|told|saw|got|out sick"
    r"|on \w+day last|met|held|sent|cancelled|canceled)\b",
    re.I,
)
_NUMBERS = {
    "one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "couple": 2, "ten": 10,
}  # fmt: skip


def find_dates(text: str, day: date) -> list[DateMention]:
    """The days a text names.

    Args:
        text: a sentence, or any text; weekday names are taken as past or coming by its words.
        day: the message's day in the family's zone; "yesterday" is the day before it, and a day
            without a year is the one nearest to it.

    Returns:
        Mentions in order of ``start``, none overlapping. A list ("the 12th and 14th") is one
        mention with several days; a range has its first day and ``end``. "31 June" is left out.
        Raises nothing.
    """
    found: list[DateMention] = []
    taken: list[tuple[int, int]] = []
    readers: tuple[tuple[re.Pattern[str], Callable[..., _Reading | None]], ...] = (
        (_ISO, _iso), (_SLASHED, _slashed), (_NAMED, _named), (_DAY_MONTH, _day_month),
        (_RELATIVE, _relative), (_ORDINALS, _ordinals), (_BY_WEEKDAY, _by_weekday),
    )  # fmt: skip
    for pattern, read in readers:
        for match in pattern.finditer(text):
            if any(match.start() < stop and start < match.end() for start, stop in taken):
                continue
            reading = read(match, day, text)
            if reading is None:
                continue
            taken.append(match.span())
            found.append(_mention(reading, match, day, text))
    return sorted(_apposed(found, text), key=lambda mention: mention.start)


@dataclass(frozen=True, slots=True)
class _Reading:
    days: tuple[date, ...]
    end: date | None = None
    ambiguous: bool = False


def _mention(reading: _Reading, match: re.Match[str], day: date, text: str) -> DateMention:
    end, days = reading.end, reading.days
    if (
        end is None
        and len(days) == 1
        and _SINCE.search(text, max(0, match.start() - 20), match.start())
    ):
        end = day if day > days[0] else None
    return DateMention(
        days if end is None else days[:1],
        end,
        Precision.RANGE if end else Precision.DAY,
        reading.ambiguous,
        match.start(),
        match.end(),
        match[0].strip(),
    )


def _apposed(mentions: list[DateMention], text: str) -> Iterator[DateMention]:
    """Of "Tuesday, March 4" or "Tuesday the 4th", the weekday goes with the date."""
    exact = [m for m in mentions if any(c.isdigit() for c in m.words)]
    for mention in mentions:
        if mention in exact:
            yield mention
            continue
        near = [
            m
            for m in exact
            if (
                0 <= m.start - mention.stop <= 6
                and not re.search(r"[.;]", text[mention.stop : m.start])
            )
            or (0 <= mention.start - m.stop <= 3)
        ]
        weekday = next((d.weekday() for d in mention.days), None)
        if not any(weekday in {d.weekday() for d in m.days} for m in near):
            yield mention


def _iso(match: re.Match[str], day: date, text: str) -> _Reading | None:
    del day, text
    named = _date(int(match["y"]), int(match["m"]), int(match["d"]))
    return _Reading((named,)) if named else None


def _slashed(match: re.Match[str], day: date, text: str) -> _Reading | None:
    after = text[match.end() : match.end() + 12].lower()
    if re.match(r"\s*(?:cup|tsp|of\b|hour|inch|full|split|%|scale|points?)", after):
        return None
    days = tuple(filter(None, (_slash(t, day) for t in re.split(_AND, match["list"]))))
    if not days:
        return None
    end = _slash(match["last"], day) if match["last"] else None
    return _Reading(days, end if end and end > days[-1] else None)


def _slash(token: str, day: date) -> date | None:
    numbers = [int(number) for number in token.split("/")]
    if len(numbers) == 3:
        year = numbers[2] + 2000 if numbers[2] < 100 else numbers[2]
        return _date(year, numbers[0], numbers[1])
    return _nearest(day, numbers[0], numbers[1])


def _named(match: re.Match[str], day: date, text: str) -> _Reading | None:
    month = _MONTHS[match["month"].lower().rstrip(".")]
    if match["month"].lower() in {"may", "mar"} and match["month"][0].islower():
        return None  # "they may 3 times"
    year = int(match["year"]) if match["year"] else None
    first = _dated(day, year, month, int(match["first"]))
    if first is None:
        return None
    if match["of"]:
        monday = first - first.weekday() * _ONE
        return _Reading((monday,), monday + 4 * _ONE)
    if match["last"]:
        other = _MONTHS[match["month2"].lower().rstrip(".")] if match["month2"] else month
        last = _dated(first, year, other, int(match["last"]))
        if last is not None and first < last <= first + 300 * _ONE:
            return _Reading((first,), last)
        if last is None and not match["month2"]:
            return _Reading((first,))
    more = [
        _dated(first, year, month, int(number))
        for number in re.findall(r"\d{1,2}", match["more"] or "")
    ]
    del text
    return _Reading((first, *(d for d in more if d is not None)))


def _day_month(match: re.Match[str], day: date, text: str) -> _Reading | None:
    del text
    month = _MONTHS[match["month"].lower().rstrip(".")]
    if match["month"].lower() in {"may", "mar"} and match["month"][0].islower():
        return None
    year = int(match["year"]) if match["year"] else None
    days = [_dated(day, year, month, int(n)) for n in re.findall(r"\d{1,2}", match["list"])]
    known = tuple(d for d in days if d is not None)
    return _Reading(known) if known else None


def _ordinals(match: re.Match[str], day: date, text: str) -> _Reading | None:
    del text
    first = _of_month(day, int(match["first"]))
    if first is None:
        return None
    if match["of"]:
        monday = first - first.weekday() * _ONE
        return _Reading((monday,), monday + 4 * _ONE)
    if match["last"]:
        last = _of_month(first, int(match["last"]))
        if last is not None and last > first:
            return _Reading((first,), last, ambiguous=True)
    more = [_date(first.year, first.month, int(n)) for n in re.findall(r"\d{1,2}", match["more"])]
    return _Reading((first, *(d for d in more if d is not None)), ambiguous=True)


def _relative(match: re.Match[str], day: date, text: str) -> _Reading | None:
    del text
    monday = day - day.weekday() * _ONE
    match match.lastgroup:
        case "yesterday":
            return _Reading((day - _ONE,))
        case "today":
            return _Reading((day,))
        case "tomorrow":
            return _Reading((day + _ONE,))
        case "before":
            return _Reading((day - 2 * _ONE,))
        case "ago":
            word = match[0].split()[0].lower()
            count = int(word) if word.isdigit() and len(word) < 3 else _NUMBERS.get(word)
            return _Reading((day - count * _ONE,)) if count else None
        case "lastweek":
            return _Reading((monday - 7 * _ONE,), monday - 3 * _ONE)
        case _:
            return _Reading((monday,), monday + 4 * _ONE)


def _by_weekday(match: re.Match[str], day: date, text: str) -> _Reading | None:
    which = " ".join((match["which"] or "").lower().split())
    if match["plural"] or which in {"every", "each", "most", "any", "no"}:
        return None
    names = re.findall(_WEEKDAY + r"\b", match["list"], re.IGNORECASE)
    if not names or (len(match[0].strip()) <= 3 and not match[0].strip()[0].isupper()):
        return None  # "sat", "sun", "wed" in small letters are words
    week = (match["week"] or "").lower()
    days = tuple(_weekday(day, _WEEKDAYS[n.lower()], which, week, text) for n in names)
    if match["last"]:
        last = _weekday(day, _WEEKDAYS[match["last"].lower()], which, week, text)
        if last < days[-1]:
            last += 7 * _ONE
        return _Reading(days[:1], last)
    return _Reading(days, ambiguous=which in {"next", "last", "this"})


def _weekday(day: date, weekday: int, which: str, week: str, text: str) -> date:
    monday = day - day.weekday() * _ONE
    if week:
        shift = -7 if "last" in week else 7 if "next" in week else 0
        return monday + (weekday + shift) * _ONE
    back = (day.weekday() - weekday) % 7
    ahead = (weekday - day.weekday()) % 7
    if which in {"last", "this past", "past"}:
        return day - (back or 7) * _ONE
    if which in {"this coming", "coming"}:
        return day + (ahead or 7) * _ONE
    if which == "next":
        return day + (ahead or 7) * _ONE if ahead > 2 or not ahead else day + (ahead + 7) * _ONE
    if which == "this":
        return monday + weekday * _ONE
    if _FUTURE.search(text) and not _PAST.search(text):
        return day + ahead * _ONE
    return day - back * _ONE


def _dated(day: date, year: int | None, month: int, number: int) -> date | None:
    return _date(year, month, number) if year else _nearest(day, month, number)


def _nearest(day: date, month: int, number: int) -> date | None:
    """The date without a year that lies nearest: a school year wraps in January."""
    near = [_date(year, month, number) for year in (day.year - 1, day.year, day.year + 1)]
    return min((d for d in near if d), key=lambda d: abs(d - day), default=None)


def _of_month(day: date, number: int) -> date | None:
    """A day of this month, or of the one before or after where that is nearer: "the 12th"."""
    firsts = (day.replace(day=1) - _ONE, day, (day.replace(day=28) + 7 * _ONE))
    near = [_date(first.year, first.month, number) for first in firsts]
    return min((d for d in near if d), key=lambda d: abs(d - day), default=None)


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def expand(mention: DateMention) -> list[tuple[date, date | None]]:
    """One (day, end) for each event that a mention dates."""
    if mention.end is not None:
        return [(mention.days[0], mention.end)]
    return [(day, None) for day in dict.fromkeys(mention.days[:_MAX_LIST])]
