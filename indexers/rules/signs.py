"""Pure: what a chooser sees of a claim: its words, those around it, and what points to a code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from indexers.model import Family
from indexers.rules.choosing import Signs, points
from indexers.rules.features import tokens

_LONG = 2000  # characters of a text that may tell


def words_of(texts: Mapping[str, str], family: Family, *, pairs: Sequence[str] = ()) -> set[str]:
    """Words of several texts, each marked by which text it stands in; names are no words.

    Args:
        texts: by mark; "" for the sentence itself.
        family: the child's names.
        pairs: marks of the texts whose neighbouring words count together too.
    """
    return {word for mark, text in texts.items() for word in _marked(mark, text, family, pairs)}


def signs_of(words: set[str], found: Sequence[tuple[str, Sequence[str], float]]) -> Signs:
    """Words, what points to a code, and which code that is.

    The codes pointed to are words too: "suspended" points to discipline, and often means placement.
    """
    facts = {f"{pointer}={codes[0]}" for pointer, codes, _ in found if codes}
    return Signs(frozenset(words | facts), points(found))


def _marked(mark: str, text: str, family: Family, pairs: Sequence[str]) -> Iterator[str]:
    found = tokens(text[:_LONG], family)
    yield from (f"{mark}{word}" for word in found)
    if mark in pairs:
        yield from (f"{mark}{one} {two}" for one, two in pairwise(found))
