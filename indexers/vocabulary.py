"""Pure: text to words as the index has them, their stems, and how far two words are apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

PREFIX_MARK = "\ue000"
"""Ends a word of a query that stands for all words beginning so; no letter of any script."""

MAX_WORD = 64  # letters; what is longer (an encoded attachment) is several words in a row
_WORD = re.compile(rf"[^\W_]{{1,{MAX_WORD}}}{PREFIX_MARK}?")
_ASCII = re.compile(rf"[a-z0-9]{{1,{MAX_WORD}}}")
_SPECIAL = {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"}
_SPANISH = frozenset(
    {
        "al", "como", "con", "de", "del", "el", "en", "es", "esta", "este", "está", "gracias",
        "hoy", "la", "las", "le", "les", "lo", "los", "mas", "muy", "más", "no", "para", "pero",
        "por", "que", "se", "senora", "señora", "son", "su", "sus", "tambien", "también", "un",
        "una", "y",
    }
)  # fmt: skip
_ENGLISH = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "have",
        "he", "her", "his", "i", "if", "in", "is", "it", "not", "of", "on", "or", "our", "please",
        "she", "that", "the", "they", "this", "to", "was", "we", "will", "with", "you", "your",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """Text in lower case without accents; the length may change."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.lower())
    for character in set(plain):
        if character > "\x7f" and (character in _SPECIAL or unicodedata.combining(character)):
            plain = plain.replace(character, _SPECIAL.get(character, ""))
    return plain.lower()


def fold_in_place(text: str) -> str:
    """The same with every character in its place, for marking what was found."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_one(c) for c in text)


@lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    return fold(character)[:1] or "\u0301"  # a combining mark: part of no word's beginning


def tokens(folded: str) -> list[str]:
    """The words of folded text, in order: runs of letters and digits."""
    return (_ASCII if folded.isascii() else _WORD).findall(folded)


def language(words: AbstractSet[str]) -> str:
    """The tongue of some words, "es" or "en": the one with more of its function words there."""
    return "es" if len(words & _SPANISH) > len(words & _ENGLISH) else "en"


@lru_cache(maxsize=100_000)
def stem(word: str, tongue: str) -> str:
    """A folded word without its endings (Snowball's English or Spanish); numbers stay."""
    if not word.isalpha() or len(word) < 3:
        return word
    if tongue == "es":
        # Snowball knows its endings by their accents, which folding took.
        accented = re.sub(r"ion\Z", "ión", word)
        return fold(_spanish().stem(re.sub(r"([cs])iones\Z", r"\1ión", accented)))
    return _english()(word)


@lru_cache(maxsize=1)
def _english() -> Callable[[str], str]:
    from whoosh.lang.porter2 import stem as porter2  # noqa: PLC0415

    found: Callable[[str], str] = porter2
    return found


@lru_cache(maxsize=1)
def _spanish() -> Any:
    from whoosh.lang.snowball.spanish import SpanishStemmer  # noqa: PLC0415

    return SpanishStemmer()


def letters(word: str) -> int:
    """Which letters a word has, as bits: words far apart differ in many."""
    mask = 0
    for character in word:
        mask |= 1 << (ord(character) % 61)
    return mask


def near(word: str, candidates: Iterable[tuple[str, int]], distance: int) -> list[tuple[int, str]]:
    """Words at most so many letters away, nearest first.

    Args:
        word: folded.
        candidates: words with their ``letters``.
        distance: letters added, left out, changed or swapped with the next.
    """
    mask = letters(word)
    found = [
        (apart, other)
        for other, bits in candidates
        if (bits ^ mask).bit_count() <= 2 * distance
        and abs(len(other) - len(word)) <= distance
        and (apart := _apart(word, other, distance)) <= distance
    ]
    return sorted(found)


def _apart(one: str, two: str, most: int) -> int:
    """Letters to change (optimal string alignment); more than ``most`` may come back too small."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
