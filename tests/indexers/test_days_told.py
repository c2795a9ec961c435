"""Which of several days a sentence tells of, and the ways in which people list days."""

from __future__ import annotations

import timeit
from datetime import date

import pytest

from indexers.date_atoms import Lean
from indexers.dates import find_dates
from indexers.day_telling import of_its_clauses
from indexers.model import EventKind
from indexers.setting import Setting
from indexers.when import days_of

THURSDAY = date(2026, 3, 5)
MISSED, GIVEN = EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE


def told(kind: EventKind, text: str, day: date = THURSDAY) -> list[str]:
    found = days_of(kind, text, False, Setting(day), day)
    return [f"{d.on:%m-%d}" + (f"..{d.end:%m-%d}" if d.end else "") for d in found]


@pytest.mark.parametrize(
    ("text", "missed", "given"),
    [
        ("Mon yes, Tues no, Wed yes", ["03-03"], ["03-02", "03-04"]),
        ("2/10 done, 2/17 done, 2/24 no: the van broke", ["02-24"], ["02-10", "02-17"]),
        (
            "Seen: Feb 2, Feb 9. Not seen: Feb 16 (a wedding), Feb 23 (the parade).",
            ["02-16", "02-23"],
            ["02-02", "02-09"],
        ),
        ("Three hours Monday; yesterday the heating gave out.", ["03-04"], ["03-02"]),
        ("Monday was the holiday, Tuesday nobody came.", ["03-03"], None),
        ("I was at a funeral on 2/26 and had asked for a sub on 2/12.", ["02-26"], None),
        ("I was out yesterday and I won't be there tomorrow either.", ["03-04", "03-06"], None),
        ("Two down (2/10, 2/17), yesterday I bailed.", ["03-04"], ["02-10", "02-17"]),
        ("We had our twenty on Monday, and today too.", None, ["03-02", "03-05"]),
        ("feb 17 she was out, feb 24 good session, and the 3rd was good.", ["02-17"], None),
        ("feb 17 good, feb 24 hospital, mar 3 she was home", ["02-24", "03-03"], ["02-17"]),
        ("She kept him an hour today, so that Tuesday is paid back.", None, ["03-05"]),
    ],
)
def test_days_told_of_in_turn_are_kept_apart(
    text: str, missed: list[str] | None, given: list[str] | None
) -> None:
    assert missed is None or told(MISSED, text) == missed
    assert given is None or told(GIVEN, text) == given


def test_a_day_that_tells_nothing_stays_with_its_neighbours() -> None:
    """Losing a missed day is worse than asking about one."""
    assert told(MISSED, "Tuesday nobody came and yesterday he sat alone.") == ["03-03", "03-04"]


def test_words_that_only_look_like_a_verdict_or_a_day_are_none() -> None:
    assert told(MISSED, "Nobody came for fine motor Monday or for fine motor Tuesday.") == [
        "03-02",
        "03-03",
    ]
    assert told(MISSED, "Her day-to-day aide was out on Monday.") == ["03-02"]
    assert told(MISSED, "Grades 10-11-12 were testing Monday, so no speech.") == ["03-02"]


def test_what_was_still_so_on_a_day_does_not_go_on() -> None:
    assert told(MISSED, "Last Thursday she was at home still, so no.") == ["02-26"]
    assert told(MISSED, "Feb 18, I have flu still.") == ["02-18"]
    assert told(MISSED, "The screen went dark on Monday and it still is.") == ["03-02..03-05"]


def test_what_has_gone_on_since_ends_on_the_day_written() -> None:
    assert told(GIVEN, "She came over on Monday and has been with him ever since.") == [
        "03-02..03-05"
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Tue 3 no teacher", ["03-03"]),
        ("Mondays 2, 9, 16, 23: yes", ["02-02", "02-09", "02-16", "02-23"]),
        ("All four in February took place (3, 10, 17, 24).", ["02-03", "02-10", "02-17", "02-24"]),
        ("17.2.: ice on the pass", ["02-17"]),
        ("the first of March", ["03-01"]),
        ("On the nineteenth, none", ["02-19"]),
        ("Friday the 13th", ["02-13"]),
        ("every Friday in February", ["02-06", "02-13", "02-20", "02-27"]),
        ("three Mondays running", ["02-16", "02-23", "03-02"]),
        ("last Tuesday and the one before", ["02-24", "03-03"]),
        ("the Monday and Tuesday before Thanksgiving", ["11-24", "11-25"]),
        ("M, W, and F he sat alone", ["03-02", "03-04", "02-27"]),
        ("mon-tues i was subbing", ["03-02", "03-03"]),
        ("13th, she would not leave the gym; 20th, same", ["02-13", "02-20"]),
        ("there was no Monday and no Wednesday for us", ["03-02", "03-04"]),
    ],
)
def test_days_are_listed_in_many_ways(text: str, days: list[str]) -> None:
    found = find_dates(text, THURSDAY, Lean.PAST)

    assert [f"{day:%m-%d}" for mention in found for day in mention.days] == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1.2. Goals and services", []),
        ("the third time", []),
        ("today was our last Thursday", ["today"]),
        ("Sat in", []),
    ],
)
def test_what_only_looks_like_a_day_is_none(text: str, days: list[str]) -> None:
    assert [m.words for m in find_dates(text, THURSDAY)] == days


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Tue 2/24 through Fri 2/27", "02-24", "02-27"),
        ("Wednesday through tomorrow", "03-04", "03-06"),
        ("from yesterday til at least the 17th", "03-04", "03-17"),
        ("From January 5 to the date of filing", "01-05", "03-05"),
    ],
)
def test_ranges_hold_together(text: str, first: str, last: str) -> None:
    (mention,) = find_dates(text, THURSDAY, Lean.PAST)

    assert mention.end is not None
    assert (f"{mention.days[0]:%m-%d}", f"{mention.end:%m-%d}") == (first, last)


def test_a_meeting_is_recalled_by_its_day() -> None:
    assert told(EventKind.MEETING, "One page, from Tuesday's talk.") == ["03-03"]
    assert told(EventKind.MEETING, "One more thing before Tuesday.") == ["03-10"]


@pytest.mark.parametrize("piece", ["3/4 no, ", "Mon yes; ", "the 3rd, that ", "3/4 a. No "])
def test_telling_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        mentions = find_dates(text, THURSDAY, Lean.PAST)
        assert len(mentions) > 1
        return min(
            timeit.repeat(lambda: of_its_clauses(MISSED, text, mentions), number=1, repeat=3)
        )

    assert seconds(800) < 16 * seconds(100) + 0.1
