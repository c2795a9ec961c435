"""The service ledger: it sums only rows, and rows add up to every total."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model import Digest
from indexers.model import Service
from reports.ledger import REASON_ORDER, Ledger, Told, make_ledger
from reports.ledger_document import ledger_document
from reports.lines import Line, SourceLine
from reports.model import ReportFacts
from reports.render_document import DOCUMENT_FORMATS, render_document
from reports.school_days import closed_in_calendar, with_calendar, without_calendar

START, END, TODAY = date(2025, 8, 4), date(2026, 5, 21), date(2026, 4, 1)
SCHOOL = without_calendar(START, TODAY, "AZ")


def line(
    on: date,
    kind: str = "missed_service",
    reason: str = "provider_absent",
    end: date | None = None,
    quote: str = "words",
    service: str = "speech",
) -> Line:
    source = SourceLine(quote, "A (school)", "B", "", "S", "in the message itself", "", None,
                        "a" * 64, "<a@x>")  # fmt: skip
    return Line(
        None, f"{kind}{on}{end}", on, end, str(on), "", "", kind, kind, "school", service, service,
        30, reason, reason if kind == "missed_service" else "", "", "A → B", "said", "suggested",
        False, 0.9, (source,),
    )  # fmt: skip


def promise(per: str = "week", times: int | None = 2) -> Service:
    return Service("speech", 30, times, per, START, END, "Dana Ortiz")


LINES = st.lists(
    st.builds(
        line,
        st.dates(date(2025, 7, 1), date(2026, 6, 30)),
        st.sampled_from(["missed_service", "delivered_service", "meeting"]),
        st.sampled_from([*REASON_ORDER, ""]),
        st.none(),
        st.sampled_from(["given", "a make-up session"]),
        st.sampled_from(["speech", "ot"]),
    ),
    max_size=40,
    unique_by=lambda found: (found.kind_code, found.on, found.service_code),
)
PER = st.sampled_from(["day", "week", "2 weeks", "month", "year"])


@given(LINES, PER, st.one_of(st.none(), st.integers(1, 5)))
def test_rows_add_up_to_weeks_weeks_to_months_and_months_to_the_total(
    lines: list[Line], per: str, times: int | None
) -> None:
    ledger = make_ledger([promise(per, times)], lines, SCHOOL, TODAY)

    (account,) = ledger.accounts
    total = account.total
    rows = [row for cell in account.cells for row in cell.rows if row.counted]
    assert total.given == sum(row.told is Told.GIVEN for row in rows)
    assert total.made_up == sum(row.told is Told.MADE_UP for row in rows)
    assert total.missed == tuple(sum(r.reason == reason for r in rows) for reason in REASON_ORDER)
    assert total.told + total.made_up == len(rows)
    by_month = [figures for _, figures in account.months()]
    assert sum(f.given for f in by_month) == total.given
    assert sum(f.missed_in_all for f in by_month) == total.missed_in_all
    if total.promised is None:
        assert total.unaccounted is None
        return
    assert total.unaccounted is not None
    # Every session promised is told or unaccounted, but for what is told beyond the promise.
    assert total.promised[1] == total.told + total.unaccounted[1] - total.beyond
    assert total.promised[0] <= total.promised[1]
    assert sum(f.promised[1] for f in by_month if f.promised) == total.promised[1]


@given(LINES)
def test_no_row_is_lost_and_none_counts_twice(lines: list[Line]) -> None:
    ledger = make_ledger([promise(), promise("month")], lines, SCHOOL, TODAY)

    placed = [row.line.id for a in ledger.accounts for cell in a.cells for row in cell.rows]
    told = [found.id for found in lines if found.kind_code != "meeting"]
    assert sorted([*placed, *(found.id for found in ledger.elsewhere)]) == sorted(told)


def figures(*lines: Line, per: str = "week") -> Ledger:
    return make_ledger([promise(per)], lines, SCHOOL, TODAY)


def test_a_day_told_both_ways_is_neither() -> None:
    on = date(2026, 2, 4)
    total = figures(line(on), line(on, "delivered_service")).accounts[0].total

    assert (total.given, total.missed_in_all, total.both) == (0, 0, 1)


def test_a_week_told_as_missed_does_not_count_beside_a_day_of_it() -> None:
    week = line(date(2026, 2, 2), end=date(2026, 2, 6))

    assert figures(week).accounts[0].total.missed_in_all == 1
    assert figures(week, line(date(2026, 2, 4))).accounts[0].total.missed_in_all == 1


def test_student_absence_closure_and_provider_absence_stay_apart() -> None:
    total = figures(
        line(date(2026, 2, 3)),
        line(date(2026, 2, 10), reason="student_absent"),
        line(date(2026, 2, 17), reason="closure"),
    ).accounts[0].total  # fmt: skip

    told = dict(zip(REASON_ORDER, total.missed, strict=True))
    assert {k: v for k, v in told.items() if v} == {
        "provider_absent": 1,
        "student_absent": 1,
        "closure": 1,
    }


def test_with_a_calendar_there_is_one_number_and_a_week_off_promises_nothing() -> None:
    closed = [date(2025, 11, 24) + timedelta(days=n) for n in range(5)]
    school = with_calendar(closed, [], START, TODAY, "AZ", public=True)

    (account,) = make_ledger([promise()], [], school, TODAY).accounts

    promised = {cell.first: cell.figures.promised for cell in account.cells}
    assert promised[date(2025, 11, 24)] == (0, 0)
    assert promised[date(2025, 11, 17)] == (2, 2)
    assert all(pair and pair[0] == pair[1] for pair in promised.values())


def test_a_district_s_calendar_file_names_days_without_school() -> None:
    ics = b"\r\n".join(
        b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTAMP:20250801T000000Z\r\nDTSTART;VALUE=DATE:%s\r\n"
        b"DTEND;VALUE=DATE:%s\r\nSUMMARY:%s\r\nEND:VEVENT" % row
        for row in (
            (1, b"20251126", b"20251129", b"Thanksgiving Break - No School"),
            (2, b"20251003", b"20251004", b"Early Release Day"),
            (3, b"20251020", b"20251021", b"Picture day"),
            (4, b"20260105", b"20260106", b"Teacher In-Service"),
        )
    )
    calendar = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + ics + b"\r\nEND:VCALENDAR\r\n"

    assert [on for on, _ in closed_in_calendar(calendar)] == [
        date(2025, 11, 26), date(2025, 11, 27), date(2025, 11, 28), date(2026, 1, 5),
    ]  # fmt: skip


FACTS = ReportFacts(
    "Maya", ZoneInfo("America/Phoenix"), datetime(2026, 4, 1, 12, tzinfo=UTC), 3, None, None, (), 0,
    Digest("f" * 64),
)  # fmt: skip


@pytest.mark.parametrize("form", DOCUMENT_FORMATS)
def test_the_ledger_is_the_same_bytes_twice_in_every_format(form: str) -> None:
    lines = [line(date(2026, 2, 3)), line(date(2026, 2, 5), "delivered_service")]

    first, _ = render_document(ledger_document(figures(*lines), FACTS), Path(f"x{form}"))
    second, _ = render_document(ledger_document(figures(*lines), FACTS), Path(f"x{form}"))

    assert first == second


def test_every_figure_leads_to_rows_and_nothing_is_called_owed() -> None:
    lines = [line(date(2026, 2, 3)), line(date(2025, 9, 9), "delivered_service")]

    page, _ = render_document(ledger_document(figures(*lines), FACTS), Path("x.html"))

    assert isinstance(page, str)
    targets = set(re.findall(r'id="([^"]+)"', page))
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(links) > 8
    assert set(links) <= targets
    assert not re.search(r"\bowed?\b|violat|denied|failed to", page, re.I)
    assert "How it is counted" in page
