"""Pure: the day that a mail program's attribution or header names, in the languages it writes."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    1: "jan ene enero january janv janvier januar gennaio gen janeiro",
    2: "feb febrero february févr février fev februar febbraio fevereiro",
    3: "mar marzo march mars märz mrz março",
    4: "apr abr abril april avr avril aprile",
    5: "may mayo mai maggio mag maio",
    6: "jun junio june juin juni giugno giu junho",
    7: "jul julio july juil juillet juli luglio lug julho",
    8: "aug ago agosto august août",
    9: "sep sept septiembre september setiembre septembre settembre set setembro",
    10: "oct octubre october oktober okt octobre ottobre ott out outubro",
    11: "nov noviembre november novembre novembro",
    12: "dec dic diciembre december dezember dez décembre déc dicembre dezembro",
}
_NUMBER_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}
_MONTH = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))

CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}(?::\d{2})?\b")
"""A time of day."""

_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})\b")
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\b\.? {{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?\b,? {{0,2}}((?:19|20)\d\d)\b", re.I
)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?\.?(?: {{1,2}}(?:de|of))? {{0,2}}\b({_MONTH})\b\.?,?"
    rf"(?: {{1,2}}(?:de|del))? {{0,2}}((?:19|20)\d\d)\b",
    re.I,
)
_NUMBERS = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)?\d\d)\b")
_AMERICAN = re.compile(r"\b[AP]M\b|GMT-0\d", re.I)

DATE_WORDS = re.compile(
    rf"\b\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}\b|\b(?:{_MONTH})\b\.?,? {{0,2}}\d|"
    rf"\d(?:st|nd|rd|th|er)?\.?(?: de)? {{0,2}}(?:{_MONTH})\b",
    re.I,
)
"""Words that name a day of a month."""


def stated_day(words: str) -> date | None:
    """The day that a program's words name; None where there is none or it is open which.

    "3/2/26" is 2 March where the rest of the line is American (AM, PM, GMT-07), else it may be
    3 February just as well.
    """
    iso, named, other = _ISO.search(words), _MONTH_FIRST.search(words), _DAY_FIRST.search(words)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if named:
            return date(int(named[3]), _NUMBER_OF[named[1].lower()], int(named[2]))
        if other:
            return date(int(other[3]), _NUMBER_OF[other[2].lower()], int(other[1]))
        numbers = _NUMBERS.search(words)
        if numbers is None:
            return None
        first, second, year = (int(n) for n in numbers.groups())
        year += 2000 if year < 100 else 0
        if second > 12 or first == second or (first <= 12 and _AMERICAN.search(words)):
            return date(year, first, second)
        return date(year, second, first) if first > 12 else None
    except ValueError:
        return None
