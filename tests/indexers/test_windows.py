"""Messages as the encoder reads them."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Digest, Role, Standing
from indexers.events import sentences_of
from indexers.mime import read_message
from indexers.model import Extracted, Family, Page, Part, Reading
from indexers.rules.shipped import shipped
from indexers.rules.windows import Window, windows
from indexers.rules.wordpiece import WordPieces

VOCABULARY = shipped("vocabulary.txt").decode("utf-8").split("\n")
WORDS = WordPieces(VOCABULARY)
FAMILY = Family(("Maya Lopez", "Maya"))


def reading(body: str, attached: str = "", author: Role = Role.SCHOOL) -> Reading:
    raw = f"From: D. Ortiz <dana@school.example>\r\nSubject: This week\r\n\r\n{body}"
    part = Part("2", "application/pdf", "speech_log.pdf", b"", Digest(""), inline=False)
    texts = [(part, Extracted((Page(1, attached),), "test"))] if attached else []
    message = read_message(raw.encode("utf-8", "replace"))
    return Reading(message, texts, date(2026, 3, 5), author, Standing.SCHOOL)


def read(given_reading: Reading, family: Family = FAMILY) -> list[Window]:
    return list(windows(given_reading, list(sentences_of(given_reading)), family, WORDS))


def shown(window: Window) -> str:
    return " ".join(VOCABULARY[piece] for piece in window.pieces).replace(" ##", "")


def test_a_window_opens_with_who_writes_where_and_about_what() -> None:
    mail, log = read(reading("Maya was late.", attached="3/4: no session"))

    assert shown(mail) == "[CLS] school mail : this week [SEP] alex was late . [SEP]"
    assert shown(log).startswith("[CLS] school pdf : speech log . pdf .")


def test_an_answer_is_read_with_the_beginning_of_what_it_answers() -> None:
    body = (
        "That is fine with us.\r\n\r\nOn Mon, Mar 2, 2026 at 9:00 AM D. Ortiz <dana@school.example>"
        " wrote:\r\n> May we test Maya's hearing?\r\n"
    )
    (window,) = read(reading(body, author=Role.PARENT))

    assert "[SEP] may we test alex ' s hearing ? [SEP] that is fine with us ." in shown(window)
    assert [shown(window).split()[0], len(window.segments)] == ["[CLS]", 1]


def test_families_with_other_names_are_read_alike() -> None:
    """What is learned of one child must hold for another."""
    ours = read(reading("Ms. Pell saw Maya today."))
    theirs = read(reading("Ms. Quint saw Tobias today."), Family(("Tobias",)))

    assert [w.pieces for w in ours] == [w.pieces for w in theirs]


@settings(max_examples=30)
@given(st.lists(st.text("ab c.\n|é", max_size=400), max_size=6))
def test_every_sentence_is_in_one_window_and_no_window_is_long(texts: list[str]) -> None:
    given_reading = reading("\n\n".join(texts), attached="\n".join(texts))
    found = read(given_reading)

    numbers = [segment.sentence for window in found for segment in window.segments]
    assert numbers == list(range(len(list(sentences_of(given_reading)))))
    assert all(len(window.pieces) <= 250 for window in found)
    assert all(s.end <= len(window.pieces) for window in found for s in window.segments)
