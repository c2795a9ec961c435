"""Pure: days and spans of days as people type them into a search, looking back from today.

Our own small grammar: dateparser read 18 of 27 phrases in our measurements, takes no spans ("last
spring"), and costs 100 ms. Here a wrong guess would hide mail without a word, so what is not
known is refused.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from indexers.vocabulary import fold

Span = tuple[date, date]
"""First and last day, both included."""

_ONE = timedelta(days=1)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril",
            "may mayo", "june jun junio", "july jul julio", "august aug agosto ago",
            "september sept sep septiembre setiembre", "october oct octubre",
            "november nov noviembre", "december dec diciembre dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon lunes", "tuesday tues tue martes", "wednesday wed miercoles",
            "thursday thurs thu jueves", "friday fri viernes", "saturday sat sabado",
            "sunday sun domingo",
        )
    )
    for name in names.split()
}  # fmt: skip
_SEASONS = {
    "spring": 3, "primavera": 3, "summer": 6, "verano": 6, "fall": 9, "autumn": 9, "otono": 9,
    "winter": 12, "invierno": 12,
}  # fmt: skip
_UNITS = {
    "day": "day", "days": "day", "dia": "day", "dias": "day", "week": "week", "weeks": "week",
    "semana": "week", "semanas": "week", "month": "month", "months": "month", "mes": "month",
    "meses": "month", "year": "year", "years": "year", "ano": "year", "anos": "year",
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "couple of": 2,
}  # fmt: skip


def read_days(words: str, today: date) -> Span | None:
    """The days that some words name, or None where they name none.

    Args:
        words: "2025-03", "3/4/25", "last spring", "March 3", "2 weeks ago", "2024-09-01..2025-01".
        today: in the family's zone. Without a year, the last one that is not to come is meant.
    """
    text = " ".join(fold(words).replace(",", " ").replace(".", ". ").split()).replace(". .", "..")
    text = re.sub(r"\s*\.\.\s*", "..", text).replace(". ", " ").strip(" .")
    ends = re.split(r"\.\.|(?<=\d\d)/(?=\d{4}-)| to (?!date)| until ", text)
    try:
        if len(ends) == 2:
            first, last = (_one(end.removeprefix("from "), today) for end in ends)
            return (first[0], last[1]) if first and last and first[0] <= last[1] else None
        return _one(text, today)
    except (ValueError, OverflowError):  # 31 June; year 0
        return None


def _one(text: str, today: date) -> Span | None:
    text = re.sub(r"^(?:the|el|la|los|in|on|en)\s+", "", text)
    for reader in (_numeric, _named, _relative, _season, _school_year):
        span = reader(text, today)
        if span is not None:
            return span
    return None


def _numeric(text: str, today: date) -> Span | None:
    if m := re.fullmatch(r"((?:19|20)\d\d)[-/](\d{1,2})[-/](\d{1,2})", text):
        return _day(int(m[1]), int(m[2]), int(m[3]))
    if m := re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)", text):
        return _day(int(m[1]), int(m[2]), int(m[3]))
    if (m := re.fullmatch(r"((?:19|20)\d\d)[-/](\d{1,2})", text)) and int(m[2]) <= 12:
        return _month(int(m[1]), int(m[2]))
    if m := re.fullmatch(r"(\d{1,2})/((?:19|20)\d\d)", text):
        return _month(int(m[2]), int(m[1]))
    if m := re.fullmatch(r"(?:19|20)\d\d", text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if m := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})(?:[/-]((?:\d\d)?\d\d))?", text):
        month, day = int(m[1]), int(m[2])
        if month > 12:  # 25/3/2025: nobody's month
            month, day = day, month
        if m[3] is None:
            return _last(month, day, today)
        return _day(int(m[3]) + (2000 if len(m[3]) == 2 else 0), month, day)
    return None


def _named(text: str, today: date) -> Span | None:
    year = r"(?: (?:de |of )?((?:19|20)\d\d))?"
    if m := re.fullmatch(rf"(?:week of )?({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?{year}", text):
        span = _dated(m[3], _MONTHS[m[1]], int(m[2]), today)
        if text.startswith("week of"):
            monday = span[0] - span[0].weekday() * _ONE
            return monday, monday + 6 * _ONE
        return span
    pattern = rf"(\d{{1,2}})(?:st|nd|rd|th)? (?:de |of )?({_MONTH}){year}"
    if m := re.fullmatch(pattern, text):
        return _dated(m[3], _MONTHS[m[2]], int(m[1]), today)
    if m := re.fullmatch(rf"(last |this )?({_MONTH}){year}", text):
        month = _MONTHS[m[2]]
        if m[3]:
            return _month(int(m[3]), month)
        last = today.year if month <= today.month else today.year - 1
        if m[1] == "last " and month == today.month:
            last -= 1
        return _month(last, month)
    return None


def _dated(year: str | None, month: int, day: int, today: date) -> Span:
    return _day(int(year), month, day) if year else _last(month, day, today)


def _relative(text: str, today: date) -> Span | None:
    simple = {"today": 0, "hoy": 0, "yesterday": 1, "ayer": 1, "anteayer": 2}
    if text in simple:
        day = today - simple[text] * _ONE
        return day, day
    if m := re.fullmatch(r"(\d{1,3}|a|one|two|three|four|five|six|couple of) (\w+) ago", text):
        unit = _UNITS.get(m[2])
        count = int(m[1]) if m[1].isdigit() else _NUMBERS[m[1]]
        return _around(_back(today, unit, count), unit) if unit else None
    if m := re.fullmatch(r"hace (\d{1,3}) (\w+)", text):
        unit = _UNITS.get(m[2])
        return _around(_back(today, unit, int(m[1])), unit) if unit else None
    if m := re.fullmatch(r"(?:last|past|ultimos|ultimas) (\d{1,3}) (\w+)", text):
        unit = _UNITS.get(m[2])
        return (_back(today, unit, int(m[1])) + _ONE, today) if unit else None
    if m := re.fullmatch(r"(last|past|this|este|esta) (\w+)|(\w+) (pasad[oa])", text):
        which, name = (m[1], m[2]) if m[1] else ("last", m[3])
        unit = _UNITS.get(name)
        if unit in {"week", "month", "year"}:
            at = today if which in {"this", "este", "esta"} else _back(today, unit, 1)
            return _around(at, unit)
        text = name if which != "this" else text
        if name in _WEEKDAYS:
            day = today - ((today.weekday() - _WEEKDAYS[name] - 1) % 7 + 1) * _ONE
            return day, day
    if text in _WEEKDAYS:
        day = today - (today.weekday() - _WEEKDAYS[text]) % 7 * _ONE
        return day, day
    return None


def _season(text: str, today: date) -> Span | None:
    names = "|".join(_SEASONS)
    if m := re.fullmatch(rf"(?:(last|this) )?({names})(?: (?:of |de )?((?:19|20)\d\d))?", text):
        month, which = _SEASONS[m[2]], m[1]
        if m[3]:
            return _months(int(m[3]), month, 3)  # the winter of 2025 begins in December 2025
        years = (today.year + 1, today.year, today.year - 1, today.year - 2)
        spans = [_months(year, month, 3) for year in years]
        if which == "last":
            return next(s for s in spans if s[1] < today)
        return next(s for s in spans if s[0] <= today)
    if m := re.fullmatch(r"(primavera|verano|otono|invierno) pasad[oa]", text):
        return _season(f"last {m[1]}", today)
    return None


def _school_year(text: str, today: date) -> Span | None:
    """August to July."""
    if m := re.fullmatch(r"(?:school year |ciclo )?((?:19|20)\d\d)-((?:20)?\d\d)", text):
        first, second = int(m[1]), int(m[2]) % 100
        return _months(first, 8, 12) if (first + 1) % 100 == second else None
    if m := re.fullmatch(r"(last|this) school year", text):
        first = today.year if today.month >= 8 else today.year - 1
        return _months(first - (m[1] == "last"), 8, 12)
    return None


def _back(today: date, unit: str | None, count: int) -> date:
    if unit in {"month", "year"}:
        months = today.year * 12 + today.month - 1 - count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    return today - count * (7 if unit == "week" else 1) * _ONE


def _around(day: date, unit: str) -> Span:
    """The day, or the whole week (from Monday), month or year that it is in."""
    if unit == "week":
        monday = day - day.weekday() * _ONE
        return monday, monday + 6 * _ONE
    if unit == "month":
        return _month(day.year, day.month)
    if unit == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day


def _last(month: int, day: int, today: date) -> Span:
    """The last day of this name that is not to come; 29 February looks for its year."""
    for year in range(today.year, today.year - 9, -1):
        if day <= monthrange(year, month)[1] and date(year, month, day) <= today:
            return _day(year, month, day)
    raise ValueError(f"there is no {month}/{day}")


def _day(year: int, month: int, day: int) -> Span:
    return date(year, month, day), date(year, month, day)


def _month(year: int, month: int) -> Span:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _months(year: int, month: int, count: int) -> Span:
    end = year * 12 + month - 1 + count - 1
    return date(year, month, 1), _month(end // 12, end % 12 + 1)[1]
