"""Pure: whether a quote has its original's words, and where it has others.

Wrapping, marks, case, punctuation, links and pictures are no difference: programs change them.
Words left out at either end are none either, since people quote in part.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from indexers.model import Difference, Message, SpanKind

QUOTES = frozenset({SpanKind.QUOTED, SpanKind.FORWARDED})
_SHINGLE = 6  # words of a run that is looked up by its number
_ONE_IN = 6  # runs kept, by their number: the same runs on both sides
_MAX_PRINTS = 120
_MAX_WORDS = 3000  # that are compared; the comparison is quadratic
_ENOUGH = 0.6  # of a quote's words
_SURE_WORDS = 5  # a shorter quote must be in the original as it stands
_MAX_SHOWN = 10  # differences
_NOISE = re.compile(
    r"<?\b(?:https?://|mailto:|www\.)[^\s>]{1,2000}>?"
    r"|\[(?:image|cid|inline image)\b[^\]\n]{0,200}\]"
    r"|<[\w.+-]{1,64}@[\w.-]{1,255}>|^[ \t]{0,3}(?:[>\u203a][ \t]?)+|_{3,}",
    re.I | re.M,
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a quote agrees with a message that may be its original."""

    share: float  # of the quote's words that stand in the original, in its order
    differences: tuple[Difference, ...]


def words_of(text: str) -> list[str]:
    """The words of a text that count, in lower case."""
    return _WORD.findall(_NOISE.sub(" ", text).casefold())


def said_in(message: Message) -> list[str]:
    """Words that are a message's own, signature and notices included: what others may quote."""
    own = (message.body[s.start : s.end] for s in message.spans if s.kind not in QUOTES)
    return words_of("\n".join(own))


def prints(words: Sequence[str]) -> set[int]:
    """Numbers of some runs of words: two texts that share a long run share most of its numbers."""
    found: set[int] = set()
    for at in range(max(0, len(words) - _SHINGLE + 1)):
        number = zlib.crc32(" ".join(words[at : at + _SHINGLE]).encode())
        if number % _ONE_IN == 0:
            found.add(number)
            if len(found) == _MAX_PRINTS:
                break
    return found


def compare(quote: Sequence[str], original: Sequence[str]) -> Agreement | None:
    """How a quote agrees with an original; None where it is a quote of something else."""
    whole = f" {' '.join(original)} "
    if not quote or not original:
        return None
    if f" {' '.join(quote)} " in whole:
        return Agreement(1.0, ())
    if len(quote) < _SURE_WORDS:
        return None
    quote, original = quote[:_MAX_WORDS], original[:_MAX_WORDS]
    if len(set(quote) & set(original)) < _ENOUGH * len(set(quote)):
        return None
    blocks = SequenceMatcher(a=original, b=quote).get_opcodes()
    same = sum(b2 - b1 for tag, _, _, b1, b2 in blocks if tag == "equal")
    if same < _ENOUGH * len(quote):
        return None
    return Agreement(same / len(quote), tuple(_differences(blocks, original, quote))[:_MAX_SHOWN])


def _differences(
    blocks: Sequence[tuple[str, int, int, int, int]],
    original: Sequence[str],
    quote: Sequence[str],
) -> Iterator[Difference]:
    for number, (tag, a1, a2, b1, b2) in enumerate(blocks):
        at_an_end = number in {0, len(blocks) - 1}
        if tag == "equal" or (tag == "delete" and at_an_end):
            continue
        held = "" if at_an_end and a2 - a1 > 2 * (b2 - b1) else " ".join(original[a1:a2])
        yield Difference(held[:300], " ".join(quote[b1:b2])[:300])
