"""Pure: tables without lines, cut where white runs down between the columns of their header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexers.extract.grid_words import Word, cell_text, rows_of, table_of
from indexers.model import Table

_MAX_COLUMNS = 40
_LONG_CELL = 45  # characters; columns of prose have longer ones
_LONG_HEAD = 36
_WIDER = 1.1  # times the step from line to line within a cell: another cell
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class _Line:
    top: float
    bottom: float
    cells: list[Word]  # what stands together, as one word each


def open_tables(words: Sequence[Word], size: float, across: Sequence[float]) -> list[Table]:
    """Tables without lines between their columns, from top to bottom.

    Args:
        words: of a page, upright, in no other table.
        size: height of a usual word.
        across: where horizontal lines are, which part rows.
    """
    lines = [_Line(min(w.top for w in row), max(w.bottom for w in row), _runs(row, size))
             for row in rows_of(words)]  # fmt: skip
    tables: list[Table] = []
    n = 0
    while n < len(lines):
        if not _is_head(lines[n].cells):
            n += 1
            continue
        strips, stop = _strips(lines, n, size)
        table = _cut(lines[n:stop], strips, across, size) if stop - n > 2 else None
        if table is None:
            n += 1
        else:
            tables.append(table)
            n = stop
    return tables


def _runs(row: Sequence[Word], size: float) -> list[Word]:
    """Words of a line with ordinary spaces between them, joined."""
    out: list[Word] = []
    for word in row:
        if out and word.left - out[-1].right < 0.6 * size:
            last = out[-1]
            out[-1] = Word(f"{last.text} {word.text}", last.left, min(last.top, word.top),
                           max(last.right, word.right), max(last.bottom, word.bottom))  # fmt: skip
        else:
            out.append(word)
    return out


def _is_head(cells: Sequence[Word]) -> bool:
    if not 2 <= len(cells) <= _MAX_COLUMNS:
        return False
    named = sum(1 for cell in cells if _LETTER.match(cell.text))
    labels = sum(1 for cell in cells if ":" in cell.text)
    short = all(len(cell.text) <= _LONG_HEAD for cell in cells)
    return short and 2 * named > len(cells) and 2 * labels < len(cells)


def _strips(lines: Sequence[_Line], head: int, size: float) -> tuple[list[float], int]:
    """Where the columns are parted, and the line at which the table has ended.

    Between the middles of two neighbours in the header, white must run down through every line.
    """
    cells = lines[head].cells
    windows = [[(a.centre, b.centre)] for a, b in pairwise(cells)]
    windows = [_less(window, cells) for window in windows]
    pitch = size
    stop = head + 1
    for line, above in zip(lines[head + 1 :], lines[head:], strict=False):
        if line.top - above.bottom > 3 * pitch + size:
            break
        narrowed = [_less(window, line.cells) for window in windows]
        if not all(narrowed):
            break
        if len(line.cells) == 1 and len(line.cells[0].text) > _LONG_CELL:
            break  # a sentence that happens to fit under the first column
        pitch = max(pitch, line.top - above.bottom)
        windows, stop = narrowed, stop + 1
    widest = (max(window, key=lambda strip: strip[1] - strip[0]) for window in windows)
    return [(left + right) / 2 for left, right in widest], stop


def _less(strips: list[tuple[float, float]], cells: Sequence[Word]) -> list[tuple[float, float]]:
    """White strips, less what a line covers of them."""
    for cell in cells:
        strips = [
            part
            for left, right in strips
            for part in (((left, right),) if cell.right <= left or cell.left >= right else
                         ((left, min(right, cell.left)), (max(left, cell.right), right)))
            if part[1] - part[0] > 0.5
        ]  # fmt: skip
    return strips


def _cut(
    lines: Sequence[_Line], parted: Sequence[float], across: Sequence[float], size: float
) -> Table | None:
    columns = len(parted) + 1
    cells: list[list[list[Word]]] = []
    for line in lines:
        row: list[list[Word]] = [[] for _ in range(columns)]
        for cell in line.cells:
            row[sum(x < cell.centre for x in parted)].append(cell)
        cells.append(row)
    rows = _in_rows(cells, _row_tops(lines, cells, across, size))
    below = rows[1:]
    full = [row for row in below if sum(map(bool, row)) >= max(2, (columns + 1) // 2)]
    if len(below) < 2 or 3 * len(full) < 2 * len(below):
        return None
    lengths = [len(cell) for row in below for cell in row if cell]
    if sum(lengths) > _LONG_CELL * len(lengths):
        return None
    if columns == 2 and not all(len(row[0]) <= 30 and any(map(str.isdigit, "".join(row)))
                                for row in below):  # fmt: skip
        return None
    return table_of(rows)


Cells = Sequence[Sequence[Sequence[Word]]]  # by line and column: what stands there


def _in_rows(cells: Cells, tops: Sequence[float]) -> list[list[str]]:
    held: list[list[list[Word]]] = [[[] for _ in cells[0]] for _ in tops]
    for line in cells:
        for column, runs in enumerate(line):
            for run in runs:
                held[max(0, sum(run.middle >= top for top in tops) - 1)][column].append(run)
    return [[cell_text(runs) for runs in row] for row in held]


def _row_tops(
    lines: Sequence[_Line], cells: Cells, across: Sequence[float], size: float
) -> list[float]:
    """Where rows begin: at drawn lines, where cells part, at wider white, or with most cells."""
    filled = [sum(map(bool, row)) for row in cells]
    between = [
        any(above.bottom - size / 3 < y < line.top + size / 3 for y in across)
        for above, line in pairwise(lines)
    ]
    if sum(between) >= 2:
        starts = [0, *(n for n, ruled in enumerate(between, 1) if ruled)]
    elif all(count == len(cells[0]) for count in filled):
        starts = list(range(len(lines)))
    elif tops := _by_blocks(cells, size):
        return tops
    else:
        starts = _by_white(lines, filled, size)
    return [lines[n].top for n in starts]


def _by_blocks(cells: Cells, size: float) -> list[float]:
    """Rows by the lines of a cell standing closer together than cells do; [] where they do not.

    Text of a cell may stand at its top, middle or bottom, so that the lines of neighbours need not
    be level: lines that are close make a block in each column, and blocks side by side a row.
    """
    columns = [
        sorted((run for line in cells for run in line[c]), key=lambda run: run.middle)
        for c in range(len(cells[0]))
    ]
    steps = [b.middle - a.middle for column in columns for a, b in pairwise(column)]
    steps = [step for step in steps if step > size / 2]
    if not steps or max(steps) < _WIDER * min(steps):
        return []
    close = (1 + _WIDER) / 2 * min(steps)
    blocks: list[tuple[float, float]] = []
    for column in columns:
        for n, run in enumerate(column):
            near = n > 0 and run.middle - column[n - 1].middle <= close
            if near and _is_figure(run.text) and _is_figure(column[n - 1].text):
                return []  # figures below one another are rows, however close
            if near:
                blocks[-1] = (blocks[-1][0], run.bottom)
            else:
                blocks.append((run.top, run.bottom))
    rows: list[tuple[float, float]] = []
    for top, bottom in sorted(blocks):
        if rows and top < rows[-1][1] - size / 4:
            rows[-1] = (rows[-1][0], max(rows[-1][1], bottom))
        else:
            rows.append((top, bottom))
    return [top for top, _ in rows]


def _is_figure(text: str) -> bool:
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _by_white(lines: Sequence[_Line], filled: Sequence[int], size: float) -> list[int]:
    white = [line.top - above.bottom for above, line in pairwise(lines)]
    steps = sorted(white[1:] or white)
    jump, at = max(((b - a, (a + b) / 2) for a, b in pairwise(steps)), default=(0.0, 0.0))
    if jump > 0.25 * size:
        return [0, *(n for n, gap in enumerate(white, 1) if gap > at or n == 1)]
    # Lines are evenly spaced: a row begins where most of its cells do, and goes on where only a
    # cell or two do.
    most = max(filled[1:])
    return [n for n, count in enumerate(filled) if n <= 1 or 2 * count > most]
