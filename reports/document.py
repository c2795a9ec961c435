"""Frozen records of a report made of tables, the same in every format."""

from __future__ import annotations

from dataclasses import dataclass

from reports.model import ReportFacts


@dataclass(frozen=True, slots=True)
class Linked:
    """A figure or word that leads to the rows it rests on."""

    text: str | int
    anchor: str  # of a table's row, in the same document


Cell = str | int | Linked


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()  # one a row where others lead to it; "" where none does
    total: tuple[Cell, ...] = ()  # one more row, set apart


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: a label, and how long each part is, in the order of the chart's parts."""

    label: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars that lie, divided into parts; the parts are told apart in grey and by hatching."""

    title: str
    parts: tuple[str, ...]  # at most four
    bars: tuple[Bar, ...]

    @property
    def longest(self) -> int:
        """The length of the longest bar; at least 1."""
        return max([1, *(sum(bar.lengths) for bar in self.bars)])


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences, charts and tables under it."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: str
    lead: str
    facts: ReportFacts
    notes: tuple[str, ...]
    sections: tuple[Section, ...]


def plain(cell: Cell) -> str | int:
    """A cell without its link."""
    return cell.text if isinstance(cell, Linked) else cell
