"""Pure: a year as a picture, for the top of the page: a row a kind, a mark an entry.

It prints in grey: row and shape tell the kinds apart, not colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.lines import Line
from reports.words import KINDS, MONTHS

_LEFT, _WIDTH, _ROW, _TOP = 128, 632, 22, 26  # px of the drawing's own grid


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry."""

    x: float
    width: float  # of a range of days; 0 for a single day
    y: float
    line: Line


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws."""

    height: int
    kinds: tuple[tuple[str, float], ...]  # name and middle of its row
    months: tuple[tuple[str, float, bool], ...]  # label, left edge, whether a year begins
    marks: tuple[Mark, ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]  # the same as numbers: month by kind


def draw_years(lines: Sequence[Line]) -> Picture | None:
    """The picture of all lines; None where there is none."""
    if not lines:
        return None
    months = _months(min(line.on for line in lines), max(line.end or line.on for line in lines))
    start = date(*months[0], 1)
    days = (_after(*months[-1]) - start).days
    present = [name for name in KINDS.values() if any(line.kind == name for line in lines)]
    rows = {name: _TOP + _ROW * (place + 0.5) for place, name in enumerate(present)}

    def x(on: date) -> float:
        return round(_LEFT + _WIDTH * (on - start).days / days, 1)

    counts = Counter((line.on.year, line.on.month, line.kind) for line in lines)
    every = 1 + (len(months) - 1) // 14  # so that labels do not run into each other
    return Picture(
        round(_TOP + _ROW * len(present) + 6),
        tuple(rows.items()),
        tuple(
            (
                f"{MONTHS[month - 1][:3]}{f' {year}' if month == 1 or place == 0 else ''}"
                if place % every == 0
                else "",
                x(date(year, month, 1)),
                month == 1,
            )
            for place, (year, month) in enumerate(months)
        ),
        tuple(
            Mark(
                x(line.on),
                round(x(line.end) - x(line.on), 1) if line.end and line.end != line.on else 0,
                rows[line.kind],
                line,
            )
            for line in lines
        ),
        tuple(
            (f"{MONTHS[month - 1]} {year}", tuple(counts[year, month, kind] for kind in present))
            for year, month in months
        ),
    )


def _months(first: date, last: date) -> list[tuple[int, int]]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [(number // 12, number % 12 + 1) for number in range(start, end + 1)]


def _after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
