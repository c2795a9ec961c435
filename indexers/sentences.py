"""Pure: text to sentences with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX = 600  # characters; a longer "sentence" is cut, so that no line can take for ever
_END = re.compile(
    r"[.!?…]+[\"”’')\]]*(?=\s+[\"“‘'(\[]?[A-Z0-9¿¡]|\s*\Z)|\n[ \t]*\n|\n(?=[ \t]*[-*•|])"
)
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Dr|St|Sr|Sra|Jr|Prof|vs|etc|e\.g|i\.e|a\.m|p\.m|No|Ext|Rm|Dept|approx|min"
    r"|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thurs?|Fri|[A-Z])\.\Z"
)


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
    at = start
    while at < end:
        if "|" in text[at : (_line_end(text, at, end))]:
            stop = _line_end(text, at, end)
            _add(runs, text, at, stop, row=True)
            at = stop + 1
            continue
        stop = _sentence_end(text, at, end)
        _add(runs, text, at, stop, row=False)
        at = max(stop, at + 1)
    return runs


def _line_end(text: str, at: int, end: int) -> int:
    newline = text.find("\n", at, min(end, at + 4 * _MAX))
    return newline if newline >= 0 else min(end, at + 4 * _MAX)


def _sentence_end(text: str, at: int, end: int) -> int:
    limit = min(end, at + _MAX)
    for match in _END.finditer(text, at, limit):
        if match[0].startswith("\n"):
            return match.end()
        if not _ABBREVIATION.search(text, max(at, match.end() - 12), match.end()):
            return match.end()
    if limit == end:
        return end
    space = text.rfind(" ", at + _MAX // 2, limit)
    return space if space > 0 else limit


def _add(runs: list[Run], text: str, start: int, stop: int, *, row: bool) -> None:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if stop > start:
        runs.append(Run(text[start:stop], start, stop, row))
