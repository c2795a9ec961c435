"""Pure: words and lines where they stand on a page, and words of a cell to text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexers.model import Table

_BROKEN = re.compile(r"\w-\Z")


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands; y grows downwards, the unit is anything even."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half its height."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Half its width."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn line: at ``at`` across, from ``start`` to ``end`` along."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines of a page."""

    across: tuple[Edge, ...] = ()  # horizontal: at y, from x to x
    down: tuple[Edge, ...] = ()  # vertical: at x, from y to y


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand on one line, from left to right; lines from top to bottom."""
    rows: list[list[Word]] = []
    level: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (w.middle, w.left)):
        if rows and level[-1][0] <= word.middle <= level[-1][1]:
            rows[-1].append(word)
        else:
            rows.append([word])
            half = (word.bottom - word.top) / 2
            level.append((word.middle - half, word.middle + half))
    return [sorted(row, key=lambda w: w.left) for row in rows]


def cell_text(words: Iterable[Word]) -> str:
    """The words of a cell, line after line, as running text."""
    text = ""
    for row in rows_of(list(words)):
        line = " ".join(word.text for word in row)
        if _BROKEN.search(text) and line[:1].islower():
            text += line
        else:
            text += f" {line}" if text else line
    return " ".join(text.split())


def table_of(cells: list[list[str]]) -> Table | None:
    """A table of these cells, without rows and columns that are empty; None for less than two."""
    rows = [row for row in cells if any(row)]
    if len(rows) < 2:
        return None
    kept = [c for c in range(len(rows[0])) if any(row[c] for row in rows)]
    if len(kept) < 2:
        return None
    return Table(tuple(tuple(row[c] for c in kept) for row in rows))
