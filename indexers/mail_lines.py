"""Pure: a body as lines, with the marks of quoting that each bears."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Flag, auto
from typing import NamedTuple

_MAX_LINE = 1000  # characters of a line that are looked at
_MARKS = re.compile(r"[ \t]{0,3}(?:[>\u203a][ \t]?)+")
_NAMED_MARK = re.compile(r"[A-Z][A-Za-z]{0,11}>[ \t]")  # "Dana> we will", as Gnus has it

MAX_LINES = 100_000
"""What follows so many lines is one line more."""


class Hint(Flag):
    """What a page's markup says of a line."""

    NONE = 0
    INSIDE = auto()  # of a box that holds what is quoted, with what introduces it
    QUOTED = auto()  # of a box that holds nothing but what is quoted
    INTRODUCES = auto()  # an attribution, or headers of a quoted mail
    SIGNATURE = auto()
    COLOURED = auto()  # wholly in a colour of its own
    SPOTTED = auto()  # in part in a colour of its own


class Line(NamedTuple):
    """A line of a body; a tuple, since hostile mail has a million of them."""

    start: int
    after: int  # of its line end
    depth: int  # how many marks of quoting it bears
    text: str  # its beginning, without marks and without white space at either end
    hint: Hint = Hint.NONE
    dashes: bool = False  # it is "-- ", as programs write it; by hand it is "--"


def split_lines(body: str, hints: tuple[Hint, ...] = ()) -> list[Line]:
    """Every line of a body, in order; ``hints`` are one a line, or fewer."""
    lines: list[Line] = []
    start = 0
    while start < len(body):
        newline = body.find("\n", start) if len(lines) < MAX_LINES else -1
        after = len(body) if newline < 0 else newline + 1
        if after == start + 1:
            lines.append(Line(start, after, 0, ""))
            start = after
            continue
        looked_at = body[start : min(after, start + _MAX_LINE)].rstrip("\n")
        marks = _MARKS.match(looked_at) or _NAMED_MARK.match(looked_at)
        depth = max(1, marks[0].count(">") + marks[0].count("\u203a")) if marks else 0
        text = (looked_at[marks.end() :] if marks else looked_at).strip().lstrip("\ufeff")
        hint = hints[len(lines)] if len(lines) < len(hints) else Hint.NONE
        lines.append(Line(start, after, depth, text, hint, looked_at.strip("\r") == "-- "))
        start = after
    return lines


def next_words(lines: Sequence[Line], at: int, *, within: int = 4) -> int | None:
    """The number of the next line that has words, from ``at`` on; None if none is near."""
    for number in range(at, min(at + within, len(lines))):
        if lines[number].text:
            return number
    return None
