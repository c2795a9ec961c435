"""Pure: the minutes that a text states for one session."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LEAST, _MOST = 5, 480
_ONES = {
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "fifteen": 15,
    "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_WORD = rf"(?:{'|'.join(_ONES)})(?:[ -](?:five))?"
_STATED = re.compile(
    rf"""
    \b(?P<number>\d{{1,3}})[ -]?(?:min(?:ute)?s?\b|m\b(?!\w)|['′](?=[\s\W]))
    |\b(?P<word>{_WORD})[ -](?:full[ ])?min(?:ute)?s?\b
    |\b(?P<quarter>quarter[ ](?:of[ ]an[ ])?hour)\b
    |\b(?P<half>half[ -](?:an[ -])?hours?|hour[ ]and[ ]a[ ]half)\b
    |\b(?P<hour>(?:an|one|1|full|whole)[ ](?:full[ ])?(?:hour|hr))\b
    """,
    re.I | re.X,
)
# Bare numbers: of a log ("12/16 30, 12/18 30 ind"), or "our 45", "all forty-five".
_BARE = re.compile(
    rf"""
    \d/\d{{1,2}}(?:/\d{{2,4}})?[:,]?\s+(?:\(today\):?\s)?(?P<log>\d{{2}})\b(?![:/%.]|\s?(?:of|ft)\b)
    |\b(?:M|T|W|Th|F)\s(?P<letter>\d{{2}})\b
    |\b(?:our|his|her|their|my|full|all|extra|another|the|a)\s(?:full[ ]|whole[ ]|usual[ ])?
     (?P<number>\d{{2}}|{_WORD})\b(?!\s?(?::|/|%|th\b|students|kids|percent|of\b|ft|words|points))
    |\((?P<bracket>\d{{2}})\)
    |\b(?P<each>\d{{2}}|{_WORD})\s(?:each|apiece|a[ ]piece)\b
    |,\s(?:all\s)?(?P<tail>\d{{2}})\s(?:each|ind)\b
    """,
    re.I | re.X,
)
_MINUTES_COLUMN = re.compile(
    r"\b(?:min|mins|minutes|length|duration|time given|given|actual|del|provided|delivered"
    r"|received)\b",
    re.I,
)
_HOURS_COLUMN = re.compile(r"\b(?:hours?|hrs?)\b", re.I)
_PLANNED_COLUMN = re.compile(  # or lost: not what was given
    r"\b(?:planned|scheduled|owed|iep|promised|due|required|sched|late|lost|missed|short|behind)\b",
    re.I,
)

_MARK_COLUMN = re.compile(
    r"\b(?:given|held|done|provided|delivered|met|code|y/n|status|attended)\b", re.I
)
_MARKS = {"y": True, "yes": True, "h": True, "held": True, "n": False, "no": False, "nh": False,
          "not held": False, "n/s": False, "ns": False}  # fmt: skip


def find_minutes(*nearest: str, given: bool) -> int | None:
    """The minutes of one session that the first of some texts states, the nearest first.

    Args:
        nearest: the clause, the sentence.
        given: of a session that was given: bare numbers count too ("our 45").
    """
    for text in nearest:
        match = _STATED.search(text)
        if match:
            return _plausible(_value(match))
    for text in nearest if given else ():
        bare = _BARE.search(text)
        if bare:
            word = next(group for group in bare.groups() if group)
            return _plausible(_number(word))
    return None


def row_minutes(cells: Sequence[str], columns: Sequence[str]) -> int | None:
    """The minutes given by a table's row, by the heads of its columns; not those planned."""
    if len(cells) != len(columns):
        return None
    for head, cell in zip(columns, cells, strict=True):
        hours = _HOURS_COLUMN.search(head)
        if _PLANNED_COLUMN.search(head) or not (hours or _MINUTES_COLUMN.search(head)):
            continue
        match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)\s*(?:min\w*|m|h\w*)?", cell.strip())
        if match:
            value = float(match[1])
            minutes = round(value * 60 if hours and value <= 8 else value)
            if _plausible(minutes):
                return minutes
    return None


def row_given(cells: Sequence[str], columns: Sequence[str]) -> bool | None:
    """Whether a table's row records a session as given, by minutes or a mark; None if it does not.

    The column for what was given counts, not the one for what was planned: 0 is not given.
    """
    if len(cells) != len(columns):
        return None
    for head, cell in zip(columns, cells, strict=True):
        word = cell.strip().lower()
        if _PLANNED_COLUMN.search(head):
            continue
        if _MINUTES_COLUMN.search(head) or _HOURS_COLUMN.search(head):
            number = re.match(r"(\d{1,3}(?:\.\d{1,2})?)(?:\s*(?:min\w*|m|h\w*))?\Z", word)
            if number:
                return float(number[1]) > 0
            if word in {"-", "–", "—", "none"}:
                return False
        if _MARK_COLUMN.search(head) and word in _MARKS:
            return _MARKS[word]
    marks = [_MARKS[w] for w in (cell.strip().lower() for cell in cells) if w in _MARKS]
    return marks[0] if len(marks) == 1 else None


def _value(match: re.Match[str]) -> int:
    if match["quarter"]:
        return 15
    if match["half"]:
        return 90 if match["half"].lower().startswith("hour") else 30
    if match["hour"]:
        return 60
    return _number(match["number"] or match["word"])


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    return sum(_ONES.get(part, 0) for part in re.split(r"[ -]", word.lower()))


def _plausible(value: int) -> int | None:
    return value if _LEAST <= value <= _MOST else None
