"""The days that a text names."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.dates import find_dates

THURSDAY = date(2026, 3, 5)


def named(text: str) -> list[tuple[list[str], str | None]]:
    return [
        ([d.isoformat()[2:] for d in m.days], m.end.isoformat()[2:] if m.end else None)
        for m in find_dates(text, THURSDAY)
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Ms. Ortiz was out yesterday.", ["26-03-04"]),
        ("No speech today", ["26-03-05"]),
        ("no nurse tomorrow", ["26-03-06"]),
        ("the 12th and 14th", ["26-03-12", "26-03-14"]),
        ("Sept 12 and 14", ["25-09-12", "25-09-14"]),
        ("on 3/2, 3/3 and 3/4", ["26-03-02", "26-03-03", "26-03-04"]),
        ("9/17 & 9/24", ["25-09-17", "25-09-24"]),
        ("January 6, 2025", ["25-01-06"]),
        ("on March 4 he had none", ["26-03-04"]),
        ("2026-02-11", ["26-02-11"]),
        ("last Thursday", ["26-02-26"]),
        ("Tues was missed", ["26-03-03"]),
        ("We will meet Monday", ["26-03-09"]),
        ("two days ago", ["26-03-03"]),
        ("Tuesday, March 10 at 2:40", ["26-03-10"]),
        ("ayer no hubo terapia", ["26-03-04"]),
        ("in June", []),
        ("December 19", ["25-12-19"]),
    ],
)
def test_days_are_found(text: str, days: list[str]) -> None:
    assert [day for found, _ in named(text) for day in found] == days


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("the week of March 3", "26-03-02", "26-03-06"),
        ("March 3-5", "26-03-03", "26-03-05"),
        ("March 30 to April 2", "26-03-30", "26-04-02"),
        ("all of last week", "26-02-23", "26-02-27"),
        ("both sessions this week", "26-03-02", "26-03-06"),
        ("since Monday he has had none", "26-03-02", "26-03-05"),
    ],
)
def test_ranges_are_found(text: str, first: str, last: str) -> None:
    assert named(text) == [([first], last)]


@pytest.mark.parametrize(
    "text",
    [
        "31 June", "June 31", "February 30", "3/4 cup of milk", "1:1 aide", "a 504 plan", "24/7",
        "at 2:40 pm", "555-0143", "he sat in the sun", "the 2nd grade class", "every Tuesday",
        "Mondays", "you may 3 times", "v1.2.3", "10 of 12 goals",
    ],
)  # fmt: skip
def test_what_is_no_day_is_left_out(text: str) -> None:
    """People type 30 February; guessing the day they meant would be inventing evidence."""
    assert named(text) == []


def test_a_day_that_could_be_another_is_marked() -> None:
    assert [m.ambiguous for m in find_dates("next Friday", THURSDAY)] == [True]
    assert [m.ambiguous for m in find_dates("March 4, 2026", THURSDAY)] == [False]


@given(st.text(max_size=120), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_any_text_is_read_and_the_words_stand_where_they_are_said_to(text: str, day: date) -> None:
    mentions = find_dates(text, day)

    assert all(m.words == text[m.start : m.stop].strip() for m in mentions)
    assert all(a.stop <= b.start for a, b in pairwise(mentions))
