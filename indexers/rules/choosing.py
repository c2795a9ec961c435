"""Choosing one of several codes (a service, a topic, a reason) by weights that were learned.

Two things weigh. Words count for each code by itself: "swing" for occupational therapy. Pointers
count the same whichever code they point to: the signature, the clause, the IEP's promise. What
was learned of a pointer thus holds for a service that no family of the lessons had. The weights
lie in choices.json, made by benchmarks/events/choices.py; at run time they are a sum of numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexers.rules.shipped import shipped

_REACH = 60.0  # log-odds beyond which a probability is 0 or 1 for all purposes


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen of one case."""

    words: frozenset[str]
    pointers: Mapping[str, Mapping[str, float]]  # code -> pointer -> how strongly it points


@dataclass(frozen=True, slots=True)
class Chooser:
    """Weights by word (one for each code) and by pointer."""

    codes: tuple[str, ...]
    bias: tuple[float, ...]
    words: Mapping[str, Mapping[int, float]]  # word -> number of the code -> weight
    pointers: Mapping[str, float]

    def scores(self, signs: Signs) -> dict[str, float]:
        """How much speaks for each code, in log-odds."""
        sums = list(self.bias)
        for word in sorted(signs.words):  # sums of floats differ by their order
            for number, weight in self.words.get(word, {}).items():
                sums[number] += weight
        for number, code in enumerate(self.codes):
            for pointer, value in sorted(signs.pointers.get(code, {}).items()):
                sums[number] += value * self.pointers.get(pointer, 0.0)
        return dict(zip(self.codes, sums, strict=True))

    def best(self, signs: Signs) -> str:
        """The code that most speaks for."""
        scores = self.scores(signs)
        return max(scores, key=lambda code: (scores[code], code))

    def surest(self, signs: Signs) -> tuple[str, float]:
        """The code that most speaks for, and how likely it is where one must be right; 0 to 1."""
        scores = self.scores(signs)
        best = max(scores, key=lambda code: (scores[code], code))
        return best, 1 / sum(math.exp(score - scores[best]) for score in scores.values())

    def likely(self, signs: Signs, enough: float, most: int) -> tuple[str, ...]:
        """Codes as likely as ``enough``, each by itself; the likeliest first, at least one."""
        chances = {code: _chance(score) for code, score in self.scores(signs).items()}
        ranked = sorted(chances, key=lambda code: (-chances[code], code))[:most]
        return tuple(c for n, c in enumerate(ranked) if n == 0 or chances[c] >= enough)


@lru_cache(maxsize=1)
def load_choices() -> Mapping[str, Chooser]:
    """The choosers that ship with the package, by what is chosen: "service", "topics", "reason"."""
    fields = _fields()
    return {what: chooser_from(fields[what]) for what in fields if what != "version"}


def choices_version() -> str:
    """Changes with the weights."""
    return str(_fields()["version"])


@lru_cache(maxsize=1)
def _fields() -> Mapping[str, Mapping[str, object]]:
    fields: Mapping[str, Mapping[str, object]] = json.loads(shipped("choices.json"))
    return fields


def chooser_from(fields: Mapping[str, object]) -> Chooser:
    """A chooser from its part of choices.json: codes, bias, scale, words, pointers.

    Weights are whole numbers of ``1 / scale``; a word's are ``[number of a code, weight, ...]``.
    """
    codes, bias, words, pointers = (fields[n] for n in ("codes", "bias", "words", "pointers"))
    assert isinstance(codes, list)
    assert isinstance(bias, list)
    assert isinstance(words, dict)
    assert isinstance(pointers, dict)
    scale = float(str(fields["scale"]))
    return Chooser(
        tuple(codes),
        tuple(weight / scale for weight in bias),
        {word: dict(_pairs(row, scale)) for word, row in words.items()},
        {pointer: weight / scale for pointer, weight in pointers.items()},
    )


def points(found: Iterable[tuple[str, Sequence[str], float]]) -> dict[str, dict[str, float]]:
    """Pointers by code. Of several codes the first counts in full, the others less.

    Args:
        found: (pointer, the codes it points to, how strongly).
    """
    by_code: dict[str, dict[str, float]] = {}
    for pointer, codes, strength in found:
        for number, code in enumerate(codes):
            value = strength if number == 0 else strength * 0.4
            mine = by_code.setdefault(code, {})
            mine[pointer] = max(value, mine.get(pointer, 0.0))
    return by_code


def _pairs(row: Sequence[int], scale: float) -> Iterator[tuple[int, float]]:
    for place in range(0, len(row), 2):
        yield row[place], row[place + 1] / scale


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-max(-_REACH, min(_REACH, score))))
