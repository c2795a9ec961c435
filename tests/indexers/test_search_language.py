"""What people type into a search."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.search.contract import QueryError
from indexers.search.days import read_days
from indexers.search.language import FIELDS, parse, read_query, render

TODAY = date(2026, 11, 24)  # a Tuesday


def is_date(words: str) -> bool:
    return read_days(words, TODAY) is not None


READINGS = [
    ("speech minutes", "speech minutes"),
    ("SPEECH Reunión", "speech reunion"),
    ("“speech minutes”", '"speech minutes"'),
    ("speech missed OR cancelled", "speech (missed OR cancelled)"),
    ("a | b", "a OR b"),
    ("a AND b", "a b"),
    ("a -b", "a NOT b"),
    ("a NOT (b c)", "a NOT (b c)"),
    ("((a))", "a"),
    ("NOT NOT a", "a"),
    ("con*", "con*"),
    ('"speech thera*"', '"speech thera*"'),
    ("recieve~", "recieve~1"),
    ("accomodation~", "accomodation~2"),
    ("504-plan don't", "504-plan don-t"),
    ("Re: bus 9:15", "re bus 9-15"),
    ("from:dana From:LEE", "from:dana from:LEE"),
    ("from:(dana OR lee)", "from:dana OR from:lee"),
    ('subject:"bus route"', 'subject:"bus route"'),
    ("subject:(bus -late)", "subject:bus NOT subject:late"),
    ("before:last spring iep", 'before:"last spring" iep'),
    ("on:3/4/25", "during:3/4/25"),
    ("after:March 3, 2025 bus", 'after:"March 3, 2025" bus'),
    ("or and not", "or and not"),
    ("a@b.example", "a-b-example OR with:a@b.example"),
]


@pytest.mark.parametrize(("typed", "reading"), READINGS)
def test_a_query_is_read_as_people_mean_it(typed: str, reading: str) -> None:
    assert render(parse(typed, is_date)) == reading


@pytest.mark.parametrize(
    ("typed", "at", "nearest"),
    [
        ('bus "late again', 4, 'bus "late again"'),
        ("(bus late", 0, "bus late"),
        ("bus) late", 3, "bus late"),
        ("bus OR", 4, "bus"),
        ("NOT", 0, ""),
        ("bus ()", 4, "bus"),
        ("*ing bus", 0, "ing bus"),
        ("bus during:soonish", 11, "bus"),
        ("from: bus", 0, "from bus"),
        ("bus !!", 4, "bus"),
        ("", 0, ""),
    ],
)
def test_what_cannot_be_read_says_where_and_what_could(typed: str, at: int, nearest: str) -> None:
    if typed.startswith("from:"):
        assert render(parse(typed, is_date)) == nearest  # a colon and a space: "From: the school"
        return
    with pytest.raises(QueryError) as caught:
        parse(typed, is_date)

    assert (caught.value.at, caught.value.nearest) == (at, nearest)
    if nearest:
        assert nearest in str(caught.value)


def test_days_between_parentheses_are_read_as_days() -> None:
    """``before:(0`` was read as before a day called 0, and its own nearest reading was not."""
    assert render(parse('during:("last spring" OR 2025-03)', is_date)) == (
        'during:"last spring" OR during:2025-03'
    )
    assert render(parse("during:(last spring)", is_date)) == 'during:"last spring"'
    for typed in ("before:(0", "on:(x)", "before:(bus OR 2025-03)"):
        with pytest.raises(QueryError, match=r"no day or time of year|not closed"):
            parse(typed, is_date)


PIECES = st.sampled_from(
    [*(f"{name}:" for name in FIELDS), '"', "(", ")", "-", "OR", "AND", "NOT", "*", "~", "~9", " ",
     "a", "bus", "é", "“", "2025-03", "3/4/25", "last spring", "|", "@", "\x00", "\ue000"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_nothing_escapes_and_the_nearest_reading_can_be_read(typed: str) -> None:
    node, problems = read_query(typed, is_date)

    if problems or node is None:
        with pytest.raises(QueryError) as caught:
            parse(typed, is_date)
        assert 0 <= caught.value.at <= len(typed)
        assert caught.value.nearest == (render(node) if node else "")
    if node is not None:
        assert render(parse(render(node), is_date)) == render(node)


def test_depth_and_length_have_an_end() -> None:
    for typed in ("(" * 900 + "a" + ")" * 90, "-(" * 450 + "a", "NOT " * 240 + "a", "x" * 5000):
        with pytest.raises(QueryError):
            parse(typed, is_date)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("2025-03-04", "2025-03-04", "2025-03-04"),
        ("2025-03", "2025-03-01", "2025-03-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("3/4/25", "2025-03-04", "2025-03-04"),
        ("25/3/2025", "2025-03-25", "2025-03-25"),
        ("3/2025", "2025-03-01", "2025-03-31"),
        ("March 3", "2026-03-03", "2026-03-03"),
        ("Dec 3", "2025-12-03", "2025-12-03"),
        ("3rd of March 2025", "2025-03-03", "2025-03-03"),
        ("3 de marzo de 2025", "2025-03-03", "2025-03-03"),
        ("Feb. 29", "2024-02-29", "2024-02-29"),
        ("sept", "2026-09-01", "2026-09-30"),
        ("last november", "2025-11-01", "2025-11-30"),
        ("week of March 3, 2025", "2025-03-03", "2025-03-09"),
        ("today", "2026-11-24", "2026-11-24"),
        ("ayer", "2026-11-23", "2026-11-23"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("la semana pasada", "2026-11-16", "2026-11-22"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("2 weeks ago", "2026-11-09", "2026-11-15"),
        ("last 30 days", "2026-10-26", "2026-11-24"),
        ("last Tuesday", "2026-11-17", "2026-11-17"),
        ("Friday", "2026-11-20", "2026-11-20"),
        ("last spring", "2026-03-01", "2026-05-31"),
        ("last fall", "2025-09-01", "2025-11-30"),
        ("this fall", "2026-09-01", "2026-11-30"),
        ("spring 2025", "2025-03-01", "2025-05-31"),
        ("otoño", "2026-09-01", "2026-11-30"),
        ("2024-25", "2024-08-01", "2025-07-31"),
        ("last school year", "2025-08-01", "2026-07-31"),
        ("2024-09-01..2025-01", "2024-09-01", "2025-01-31"),
        ("2020-09-01/2020-10-01", "2020-09-01", "2020-10-01"),
    ],
)
def test_days_are_read_as_people_type_them(words: str, first: str, last: str) -> None:
    span = read_days(words, TODAY)

    assert span is not None
    assert [day.isoformat() for day in span] == [first, last]


@pytest.mark.parametrize("words", ["31 June", "soon", "13/13/2025", "", "0000", "2025-02-30"])
def test_what_is_no_day_is_refused_not_guessed(words: str) -> None:
    assert read_days(words, TODAY) is None


@given(st.text(max_size=30))
def test_no_words_raise(words: str) -> None:
    read_days(words, TODAY)
