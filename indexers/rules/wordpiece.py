"""Pure: text to word pieces, as the encoder learned to read.

Source: the uncased WordPiece scheme of BERT (Devlin et al., 2018): accents are dropped, letters
made small, punctuation stands alone, and each word is cut into the longest pieces that the
vocabulary has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

CLS, SEP, _UNKNOWN = 101, 102, 100
_MAX_WORD = 100  # characters; a longer "word" is unknown
_PLAIN = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_ASCII = re.compile(r"[\t\n\r\x20-\x7e]*\Z")


class WordPieces:
    """A vocabulary, and how to spell text with it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._number: Mapping[str, int] = {piece: n for n, piece in enumerate(vocabulary)}
        self._known: dict[str, tuple[int, ...]] = {}

    def ids(self, text: str) -> list[int]:
        """Numbers of the pieces that spell a text, without marks at its ends."""
        spelled: list[int] = []
        for word in _words(text):
            pieces = self._known.get(word)
            if pieces is None:
                pieces = self._known[word] = self._spell(word)
                if len(self._known) > 100_000:
                    self._known.clear()
            spelled.extend(pieces)
        return spelled

    def _spell(self, word: str) -> tuple[int, ...]:
        if len(word) > _MAX_WORD:
            return (_UNKNOWN,)
        pieces: list[int] = []
        at = 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = word[at:end] if at == 0 else "##" + word[at:end]
                if piece in self._number:
                    pieces.append(self._number[piece])
                    at = end
                    break
            else:
                return (_UNKNOWN,)
        return tuple(pieces)


def _words(text: str) -> list[str]:
    if _ASCII.match(text):
        return _PLAIN.findall(text.lower())
    text = unicodedata.normalize("NFD", text.lower())
    words: list[str] = []
    word = ""
    for letter in text:
        category = unicodedata.category(letter)
        if letter.isspace() or category == "Zs":
            words.append(word)
            word = ""
        elif category in {"Mn", "Cc", "Cf"} or letter == "\ufffd":
            continue
        elif category.startswith("P") or _symbol(letter) or _ideograph(letter):
            words += [word, letter]
            word = ""
        else:
            word += letter
    words.append(word)
    return [each for each in words if each]


def _symbol(letter: str) -> bool:
    return letter in "$+<=>^`|~"


def _ideograph(letter: str) -> bool:
    return (
        "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\U00020000"
    )
