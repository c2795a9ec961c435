"""Pure: tables with drawn lines, cut at these."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from indexers.extract.grid_words import Edge, Rules, Word, cell_text, table_of
from indexers.model import Table

_MAX_EDGES = 400  # lines in one direction; a page with more is a drawing
_MAX_COLUMNS = 40


def ruled_tables(
    words: Sequence[Word], rules: Rules, size: float
) -> tuple[list[Table], list[Word]]:
    """Tables with lines, from top to bottom, and the words that are in none.

    Args:
        words: of a page, upright.
        rules: of the page.
        size: height of a usual word.
    """
    tables: list[Table] = []
    rest = list(words)
    for xs, ys, edges in _frames(rules, size / 2):
        inside = [w for w in rest if xs[0] < w.centre < xs[-1] and ys[0] < w.middle < ys[-1]]
        table = _ruled(inside, xs, ys, edges, size / 2)
        if table is not None:
            tables.append(table)
            taken = set(map(id, inside))
            rest = [word for word in rest if id(word) not in taken]
    return tables, rest


def _frames(rules: Rules, near: float) -> Iterable[tuple[list[float], list[float], Rules]]:
    """Lines that hang together: the places of their columns and rows, and the lines themselves."""
    across, down = _joined(rules.across, near), _joined(rules.down, near)
    if len(across) > _MAX_EDGES or len(down) > _MAX_EDGES:
        return
    group = list(range(len(across)))  # of each horizontal line
    of_down: list[list[int]] = []
    for line in down:
        met = [
            n
            for n, other in enumerate(across)
            if line.start - near <= other.at <= line.end + near
            and other.start - near <= line.at <= other.end + near
        ]
        of_down.append(met)
        names = {group[n] for n in met}
        if len(names) > 1:
            low = min(names)
            group = [low if name in names else name for name in group]
    for name in sorted(set(group), key=lambda g: across[group.index(g)].at):
        mine = [line for n, line in enumerate(across) if group[n] == name]
        standing = [
            line for n, line in enumerate(down) if of_down[n] and group[of_down[n][0]] == name
        ]
        if len(mine) < 2 or not standing:
            continue
        ends = [line.start for line in mine] + [line.end for line in mine]
        xs = _places([line.at for line in standing] + [min(ends), max(ends)], near)
        tops = [line.start for line in standing] + [line.end for line in standing]
        ys = _places([line.at for line in mine] + [min(tops), max(tops)], near)
        if 3 <= len(xs) <= _MAX_COLUMNS + 1 and len(ys) >= 3:
            yield xs, ys, Rules(tuple(mine), tuple(standing))


def _joined(edges: Sequence[Edge], near: float) -> list[Edge]:
    """Lines drawn piece by piece, or twice, as one."""
    out: list[Edge] = []
    for edge in sorted(edges, key=lambda e: (e.at, e.start)):
        n = len(out) - 1
        while n >= 0 and edge.at - out[n].at <= near:
            last = out[n]
            if edge.start <= last.end + near and edge.end >= last.start - near:
                out[n] = Edge(last.at, min(last.start, edge.start), max(last.end, edge.end))
                break
            n -= 1
        else:
            out.append(edge)
        if len(out) > _MAX_EDGES:
            break
    return out


def _places(values: Iterable[float], near: float) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > near:
            out.append(value)
    return out


def _ruled(
    words: Sequence[Word], xs: list[float], ys: list[float], rules: Rules, near: float
) -> Table | None:
    rows, columns = len(ys) - 1, len(xs) - 1
    home = {(r, c): (r, c) for r in range(rows) for c in range(columns)}

    def find(cell: tuple[int, int]) -> tuple[int, int]:
        while home[cell] != cell:
            cell = home[cell]
        return cell

    def drawn(edges: Sequence[Edge], at: float, along: float) -> bool:
        return any(abs(e.at - at) <= near and e.start - near < along < e.end + near for e in edges)

    for r in range(rows):
        for c in range(columns):
            y, x = (ys[r] + ys[r + 1]) / 2, (xs[c] + xs[c + 1]) / 2
            if c + 1 < columns and not drawn(rules.down, xs[c + 1], y):
                _join(home, find((r, c)), find((r, c + 1)))
            if r + 1 < rows and not drawn(rules.across, ys[r + 1], x):
                _join(home, find((r, c)), find((r + 1, c)))
    held: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        r = bisect_left(ys, word.middle, 1, rows) - 1
        c = bisect_left(xs, word.centre, 1, columns) - 1
        held.setdefault(find((r, c)), []).append(word)
    cells = [[cell_text(held.get((r, c), ())) for c in range(columns)] for r in range(rows)]
    return table_of(cells)


def _join(
    home: dict[tuple[int, int], tuple[int, int]], a: tuple[int, int], b: tuple[int, int]
) -> None:
    home[max(a, b)] = min(a, b)
