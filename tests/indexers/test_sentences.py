"""Text to sentences."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sentences import split_sentences


def cut(text: str) -> list[str]:
    return [run.text for run in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Ms. Ito was out. We waited.", ["Ms. Ito was out.", "We waited."]),
        ("he had ot today. hes doing great", ["he had ot today.", "hes doing great"]),
        ("At 2 p.m. in Room 5.", ["At 2 p.m. in Room 5."]),
        ("approx. 30 min. of reading", ["approx. 30 min. of reading"]),
        ("No. 4 is ready. No. Never!", ["No. 4 is ready.", "No.", "Never!"]),
        ("well... i guess so", ["well... i guess so"]),
        (
            "SESSION LOG\n9/4: 40 min. Blends.\n9/11: none",
            ["SESSION LOG", "9/4: 40 min.", "Blends.", "9/11: none"],
        ),
        ("Hi Dana,\nno speech today\nRuth", ["Hi Dana,", "no speech today", "Ruth"]),
        ("Date sent: May 2\nPurpose: review", ["Date sent: May 2", "Purpose: review"]),
        ("Log\nDate | Min\n9/4 | 30", ["Log", "Date | Min", "9/4 | 30"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_lines_that_a_program_wrapped_are_one_sentence() -> None:
    """Half a sentence has half its dates, and half a quote proves nothing."""
    text = (
        "The district acknowledges that the student received no occupational\n"
        "therapy between January 6 and the first week of February, when a new\n"
        "therapist began."
    )

    assert cut(text) == [text]


def test_a_wrapped_line_may_begin_with_a_date() -> None:
    text = "No one was employed for this purpose from the first day of school to\nMarch 3, 2026."

    assert cut(text) == [text]


@given(st.text(alphabet=st.sampled_from("aB .!?\n|-:/1é…\t"), max_size=300))
def test_every_run_is_verbatim_and_nothing_is_lost(text: str) -> None:
    runs = split_sentences(text)

    assert all(text[run.start : run.end] == run.text for run in runs)
    assert all(run.text == run.text.strip() for run in runs)
    assert "".join("".join(run.text.split()) for run in runs) == "".join(text.split())


@pytest.mark.parametrize("piece", ["a", ". ", "Mr. ", "a\n", "| ", "9/4: x\n", "no,\n"])
def test_splitting_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        return min(timeit.repeat(lambda: split_sentences(piece * times), number=1, repeat=3))

    assert seconds(10_000) < 40 * seconds(1_000) + 0.1
