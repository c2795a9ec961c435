"""Pure: text to sentences with their places.

A line end is a space where a program wrapped the line, and an end where a person wrote a list, a
heading, a log or a row of a table. Two things tell: whether the next word would have fitted, and
how the next line begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MAX = 600  # characters; a longer "sentence" is cut, so that no line can take for ever
_WRAPPED = 120  # characters; a longer line was not wrapped by any program
_NARROW = 34  # characters; the narrowest text whose lines are taken for wrapped ones
_FILLED = 0.84  # of the width: how far a line must reach, with the next word, to be wrapped

_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Mx|Dr|St|Sr|Sra|Srta|Jr|Prof|vs|etc|e\.g|i\.e|a\.m|p\.m|a\.k\.a|cf|ca"
    r"|Ext|Rm|Dept|Bldg|Sch|Elem|Supt|approx|mins?|hrs?|wks?|yrs?|gr|sp|ed|appt|incl|esp|min|max"
    r"|tel|att|encl|acct|est|avg|sec|pp?|pg|para|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?"
    r"|Weds?|Thurs?|Thu|Fri|Sat|Sun|[A-Z]))\.\Z"
)
_NUMBERED = re.compile(r"\b[Nn]o\.\Z")
_MAY_END = re.compile(r"(?i)\b(?:a\.m|p\.m|etc|hrs?|mins?|wks?|ed|min|max|att|sec)\.\Z")
_DATE_FIRST = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|tu|th|m|w|f)[a-z]*\.?,?\s+)?"
    r"(?:\d{1,2}/\d{1,2}(?:/\d{2,4})?|20\d\d-\d\d-\d\d"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b)"
)
_ITEM = re.compile(
    rf"[ \t]*(?:[-*•·▪◦‣–—]\s|\(?[a-zA-Z0-9]{{1,2}}[.)]\s|\[.?\]|[#|]|{_DATE_FIRST}"
    r"|[A-Z][\w/&' -]{1,28}:(?:\s|\Z))",
    re.I,
)
_UNFINISHED = re.compile(
    r"(?:\b(?:from|on|to|of|between|and|or|the|a|an|for|at|in|until|through|by|with|was|were"
    r"|is)|,)\Z",
    re.I,
)
_DAY_ENDS = re.compile(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.\Z")  # "24 Oct."
_DAY_BEGINS = re.compile(r"\s*\d{1,2}/\d{1,2}(?:/\d{2,4})?:\s")
_LABEL = re.compile(r"[ \t]*[A-Z][\w/&' -]{1,28}:(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Run:
    """A sentence, or a table row, and where it stands; no white space at its ends."""

    text: str
    start: int
    end: int
    row: bool  # a line of a table


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Run]:
    """Sentences of ``text[start:end]``; offsets count in the whole text. Raises nothing."""
    end = len(text) if end is None else end
    runs: list[Run] = []
    for first, last, row in _blocks(text, start, end):
        at = first
        while at < last:
            stop = min(last, at + 4 * _MAX) if row else _sentence_end(text, at, last)
            _add(runs, text, at, stop, row=row)
            at = max(stop, at + 1)
    return runs


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Runs of lines that belong together: wrapped prose, an item of a list, a table row."""
    lines = _lines(text, start, end)
    width = max((b - a for a, b in lines if b - a <= _WRAPPED), default=0)
    at = 0
    while at < len(lines):
        first, last = lines[at]
        row = "|" in text[first:last]
        at += 1
        while not row and at < len(lines) and _goes_on(text, lines[at - 1], lines[at], width):
            last = lines[at][1]
            at += 1
        yield first, last, row


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found, at = [], start
    while at < end:
        newline = text.find("\n", at, end)
        stop = end if newline < 0 else newline
        found.append((at, stop))
        at = stop + 1
    return found


def _goes_on(text: str, one: tuple[int, int], two: tuple[int, int], width: int) -> bool:
    """Whether a program, not a person, ended the first of two lines."""
    before = text[one[0] : min(one[1], one[0] + 2 * _WRAPPED)].rstrip()
    after = text[two[0] : min(two[1], two[0] + 2 * _WRAPPED)]
    if not before.strip() or not after.strip() or "|" in after:
        return False
    if _UNFINISHED.search(before) and len(before) > _NARROW:
        return True
    if len(before) > _WRAPPED or (_ITEM.match(after) and not _is_prose(after)):
        return False
    if width < _NARROW:
        return before[-1] not in ".!?:," and after.lstrip()[:1].islower()
    word = after.split(maxsplit=1)[0]
    return len(before) >= width // 2 and len(before) + 1 + len(word) > _FILLED * width


def _is_prose(line: str) -> bool:
    """A wrapped line may begin with a date, or with words before a colon, by chance."""
    stripped = line.lstrip()
    return stripped[:1].islower() and not _LABEL.match(line)


def _sentence_end(text: str, at: int, end: int) -> int:
    limit = min(end, at + _MAX)
    for match in _END.finditer(text, at, limit):
        if _ends(text, at, match, end):
            return match.end()
    if limit == end:
        return end
    space = text.rfind(" ", at + _MAX // 2, limit)
    return space if space > 0 else limit


def _ends(text: str, at: int, match: re.Match[str], end: int) -> bool:
    """Whether a mark ends a sentence: hurried people begin the next in small letters."""
    after = text[match.end() : min(end, match.end() + 40)].lstrip()[:1]
    tail = text[max(at, match.end() - 14) : match.end()]
    if match[0].startswith("."):
        if after.isdigit() and _NUMBERED.search(tail):
            return False
        if _ABBREVIATION.search(tail):
            begins = after.isupper() or _DAY_BEGINS.match(text, match.end(), end)
            return bool(begins and (_MAY_END.search(tail) or _DAY_ENDS.search(tail)))
        if after.islower() or after in "-–—&(":
            words = text[at : match.end()].split()
            return not match[0].startswith("..") and len(words) > 2 and len(words[-1]) > 3
    return not (match[0].startswith("…") and after.islower())


def _add(runs: list[Run], text: str, start: int, stop: int, *, row: bool) -> None:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if stop > start:
        runs.append(Run(text[start:stop], start, stop, row))
