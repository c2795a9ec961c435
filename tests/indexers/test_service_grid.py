"""Service grids as districts draw them: what is read of a row, and what is left open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.model import Extracted, Family, Page, Table
from indexers.service_grid import GridRow, service_grid

NOBODY = Family(())


def grid(*rows: tuple[str, ...]) -> list[GridRow]:
    return service_grid(Extracted((Page(2, "", (Table(rows),)),), "test"), "d" * 64, NOBODY)


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        (("Service", "Minutes", "Frequency"), ("Speech therapy", "30", "2 x weekly"),
         ("speech", 30, 2, "week")),
        (("Service", "Frequency", "Minutes"), ("Counseling", "1 per month", "20"),
         ("counseling", 20, 1, "month")),
        (("Type of service", "Frequency and duration"), ("Physical therapy", "4 x 45 min / week"),
         ("pt", 45, 4, "week")),
        (("Area", "Per week", "Minutes"), ("Reading", "4", "30"), ("resource", 30, 4, "week")),
        (("Service", "Frequency"), ("Morning aide", "daily"), ("aide", None, 1, "day")),
        (("Service", "How often"), ("OT consultation", "once every two weeks, 15 minutes"),
         ("ot", 15, 1, "2 weeks")),
        (("Service", "Amount"), ("Speech", "two 30-minute sessions a week"),
         ("speech", 30, None, "week")),
        (("Service", "Amount"), ("Speech", "60 minutes per week"), ("speech", 60, None, "week")),
        (("Service", "Frequency"), ("Nursing", "1 hour daily"), ("nursing", 60, 1, "day")),
        (("Servicio", "Minutos", "Frecuencia"), ("Terapia del habla", "30", "2 veces por semana"),
         ("speech", 30, 2, "week")),
    ],
)  # fmt: skip
def test_a_row_is_read_as_far_as_it_says(
    header: tuple[str, ...], cells: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    """Sixty minutes a week may be one session or four: the number stays open."""
    (row,) = grid(header, cells)

    assert (row.service, row.minutes, row.times, row.per) == expected
    assert row.words == " | ".join(cells)
    assert row.page == 2


@pytest.mark.parametrize(
    "header",
    [
        ("Date", "Minutes", "Entry"),
        ("Service", "Week of", "Scheduled", "Given"),
        ("Day", "Service", "Min.", "Note"),
        ("Tab", "Dates", "Service", "What the source says"),
        ("Goal", "Progress"),
    ],
)
def test_a_session_log_promises_nothing(header: tuple[str, ...]) -> None:
    assert grid(header, tuple("30" for _ in header)) == []


def test_a_row_without_an_amount_promises_nothing() -> None:
    assert grid(("Service", "Frequency"), ("Social work", "none"), ("Music", "-")) == []


def test_the_same_document_sent_twice_has_the_same_ids() -> None:
    rows = (("Service", "Frequency", ""), ("Speech", "2 x 30 weekly", ""))

    assert [row.id for row in grid(*rows)] == [row.id for row in grid(*rows)]


@given(st.lists(st.lists(st.text(max_size=40), min_size=3, max_size=3).map(tuple), max_size=5))
def test_any_table_is_read_without_an_error(rows: list[tuple[str, ...]]) -> None:
    for row in grid(("Service", "Minutes", "Frequency"), *rows):
        assert row.minutes is None or 0 < row.minutes <= 480
        assert row.times is None or row.per
