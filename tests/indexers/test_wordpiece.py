"""Text to word pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexers.rules.shipped import shipped
from indexers.rules.wordpiece import WordPieces

VOCABULARY = shipped("vocabulary.txt").decode("utf-8").split("\n")
WORDS = WordPieces(VOCABULARY)


def spelled(text: str) -> list[str]:
    return [VOCABULARY[number] for number in WORDS.ids(text)]


def test_words_are_cut_into_the_longest_pieces_the_vocabulary_has() -> None:
    assert spelled("paraeducators") == ["para", "##ed", "##uca", "##tors"]


def test_accents_capitals_and_odd_spaces_make_no_difference() -> None:
    assert WORDS.ids("El  CAMIÓN\u00a0no pasó") == WORDS.ids("el camion no paso")


def test_punctuation_stands_alone_in_plain_and_in_curly_text() -> None:
    assert spelled("didn't (9/17)") == ["didn", "'", "t", "(", "9", "/", "17", ")"]
    assert spelled("didn’t") == ["didn", "’", "t"]


def test_what_the_vocabulary_cannot_spell_is_unknown_and_so_is_an_endless_word() -> None:
    assert spelled("\U0001f600 " + "a" * 101) == ["[UNK]", "[UNK]"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_spelled_and_text_beside_it_changes_nothing(one: str, two: str) -> None:
    """Windows are put together of pieces that were spelled apart."""
    assert WORDS.ids(f"{one} {two}") == WORDS.ids(one) + WORDS.ids(two)
