"""The days that a text names."""

from __future__ import annotations

import timeit
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.date_atoms import Lean
from indexers.dates import expand, find_dates

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
        ("yest. he had OT", ["26-03-04"]),
        ("the twenty-first of February", ["26-02-21"]),
        ("nobody on the twenty-third", ["26-02-23"]),
        ("for the first three weeks nobody came", []),
        ("Mondays 12, 19 and 26: yes", ["26-01-12", "26-01-19", "26-01-26"]),
        ("Tue 24 no teacher", ["26-02-24"]),
        ("Tuesday 9 kids were out", ["26-03-03"]),  # the 9th is no Tuesday
        (
            "Tues yes, Thurs yes, Fri is a no",
            ["26-03-03", "26-03-05", "26-03-06"],
        ),
        ("she was home yesturday", ["26-03-04"]),
        ("no session tmrw", ["26-03-06"]),
        ("last night", ["26-03-04"]),
        ("the day before yesterday", ["26-03-03"]),
        ("three days ago", ["26-03-02"]),
        ("a week ago Tuesday", ["26-02-24"]),
        ("M/W/F he sat alone", ["26-03-02", "26-03-04", "26-02-27"]),
        ("T-Th this week", ["26-03-03", "26-03-05"]),
        ("Mon, Tues and yesterday", ["26-03-02", "26-03-03", "26-03-04"]),
        ("Tuesday and Wednesday of last week", ["26-02-24", "26-02-25"]),
        ("last week, on Monday and again on Friday", ["26-02-23", "26-02-27"]),
        ("his Thursday hour did not happen on the 19th or the 26th", ["26-02-19", "26-02-26"]),
        ("the Tuesday before last", ["26-02-24"]),
        ("February 3, 10 and 17: none", ["26-02-03", "26-02-10", "26-02-17"]),
        ("our February day was the 11th", ["26-02-11"]),
        ("Feb. 26th", ["26-02-26"]),
        ("the 3rd of February", ["26-02-03"]),
        ("12/4/25 and 1/8/26", ["25-12-04", "26-01-08"]),
        ("between naps: 3/2 30, 3/4 30, back to 8/10 on blends", ["26-03-02", "26-03-04"]),
        ("faltó el martes pasado", ["26-03-03"]),
        ("el 3 de marzo no vino nadie", ["26-03-03"]),
        ("no hubo terapia hoy ni ayer", ["26-03-05", "26-03-04"]),
        ("We meet next Tuesday at 2", ["26-03-10"]),
        ("See you on the 12th", ["26-03-12"]),
        ("nobody came on the 27th", ["26-02-27"]),
        ("Thursday, 3/12 at 8:15", ["26-03-12"]),
        ("moved from the 3rd to the 10th", ["26-03-10"]),
        ("3, 10 and 24 February", ["26-02-03", "26-02-10", "26-02-24"]),
        ("the 3rd and the 10th February", ["26-02-03", "26-02-10"]),
        ("2/9, 10, 11 and 12", ["26-02-09", "26-02-10", "26-02-11", "26-02-12"]),
        ("2/9, 30", ["26-02-09"]),
        ("last Wednesday", ["26-02-25"]),
        ("Mon-Tues-today", ["26-03-02", "26-03-03", "26-03-05"]),
        ("rescheduled from March 10 to March 17 at 9", ["26-03-17"]),
        ("Tuesday two weeks ago", ["26-02-17"]),
        ("a week from Tuesday", ["26-03-17"]),
        ("the last two Fridays", ["26-02-20", "26-02-27"]),
        ("two Mondays ago", ["26-02-23"]),
        ("hace dos días", ["26-03-03"]),
        ("el martes que viene", ["26-03-10"]),
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
        ("since winter break, which ended January 5", "26-01-05", "26-03-05"),
        ("from 2/23 thru today", "26-02-23", "26-03-05"),
        ("Monday through Wednesday", "26-03-02", "26-03-04"),
        ("mon thru wed", "26-03-02", "26-03-04"),
        ("between February 3 and February 20, 2026", "26-02-03", "26-02-20"),
        ("from the 10th through the 20th nobody came", "26-02-10", "26-02-20"),
        ("December 19 to January 6", "25-12-19", "26-01-06"),
        ("wk of 2/16", "26-02-16", "26-02-20"),
        ("every morning last week, Monday straight through to Friday", "26-02-23", "26-02-27"),
        ("all of this week, March 2 through today", "26-03-02", "26-03-05"),
        ("the first two weeks of October", "25-10-01", "25-10-10"),
        ("these last two weeks", "26-02-23", "26-03-06"),
        ("all of October", "25-10-01", "25-10-31"),
        ("Oct 6–10", "25-10-06", "25-10-10"),
        ("del 2 al 4 de marzo", "26-03-02", "26-03-04"),
        ("la semana del 23 de febrero", "26-02-23", "26-02-27"),
        ("desde el lunes no hay nadie", "26-03-02", "26-03-05"),
    ],
)
def test_ranges_are_found(text: str, first: str, last: str) -> None:
    assert named(text) == [([first], last)]


@pytest.mark.parametrize(
    "text",
    [
        "31 June", "June 31", "February 30", "3/4 cup of milk", "1:1 aide", "a 504 plan", "24/7",
        "at 2:40 pm", "555-0143", "he sat in the sun", "the 2nd grade class", "every Tuesday",
        "Mondays", "you may 3 times", "v1.2.3", "10 of 12 goals", "8/10 correct", "the 3rd period",
        "the 2025-26 school year", "para la mañana", "T/F questions", "Room 11/12",
        "on his 9th birthday",
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


def test_weeks_that_are_listed_are_a_range_each() -> None:
    assert named("Wks of 2/9 + 2/16: none") == [
        (["26-02-09"], "26-02-13"),
        (["26-02-16"], "26-02-20"),
    ]


@pytest.mark.parametrize(
    "text",
    ["by March 20", "until Monday", "due 3/20", "Date sent: March 2, 2026", "DOB: 3/4/2015"],
)
def test_a_limit_or_a_label_is_marked_as_such(text: str) -> None:
    """What is due by the 20th did not happen on the 20th."""
    assert [m.bound for m in find_dates(text, THURSDAY)] == [True]


def test_what_leans_to_the_past_is_not_looked_for_in_the_future() -> None:
    def on(text: str, lean: Lean) -> list[str]:
        return [d.isoformat() for m in find_dates(text, THURSDAY, lean) for d in m.days]

    assert on("Monday", Lean.PAST) == ["2026-03-02"]
    assert on("Monday", Lean.COMING) == ["2026-03-09"]
    assert on("no aide Monday, she will be at a training", Lean.PAST) == ["2026-03-02"]
    assert on("there will be no aide Monday", Lean.PAST) == ["2026-03-09"]
    assert on("we met on Monday", Lean.COMING) == ["2026-03-02"]


@pytest.mark.parametrize(
    "piece",
    ["3/4, ", "Monday and ", "the 3rd, ", "since ", "March 3 to ", "week of ", "last ", "W-"],
)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        return min(timeit.repeat(lambda: find_dates(text, THURSDAY), number=1, repeat=3))

    assert seconds(800) < 40 * seconds(100) + 0.05


def test_a_range_of_one_day_is_that_day() -> None:
    (mention,) = find_dates("the first week of November", date(2024, 11, 1), Lean.PAST)

    assert expand(mention) == [(date(2024, 11, 1), None)]
