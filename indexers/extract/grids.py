"""Pure: words with places, and the lines drawn around them, to the cells of tables.

A ruled table is cut at its lines. One without lines is cut where white runs down between the cells
of its header, through every row below it. Both work on a page of a PDF and on a scan alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from indexers.extract.grid_open import open_tables
from indexers.extract.grid_ruled import ruled_tables
from indexers.extract.grid_words import Rules, Word
from indexers.model import Table

_MAX_WORDS = 20_000


def find_tables(words: Sequence[Word], rules: Rules) -> list[Table]:
    """The tables of a page, those with lines before those without, each from top to bottom.

    Args:
        words: upright, in any order.
        rules: what is drawn on the page; may be empty.

    Returns:
        Tables of at least two rows and two columns; a cell that spans others has its text in the
        first, the rest are empty.
    """
    if not 4 <= len(words) <= _MAX_WORDS:
        return []
    size = median(word.bottom - word.top for word in words)
    if size <= 0:
        return []
    tables, rest = ruled_tables(words, rules, size)
    return tables + open_tables(rest, size, [edge.at for edge in rules.across])
