"""A chronology in every format: the same lines, the same bytes, and nothing that runs."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium
import pytest
from docx import Document
from icalendar import Calendar
from openpyxl import load_workbook

from archiver.model import Digest, Person, Standing
from archiver.roles import AddressBook
from indexers.model import Actor, Citation, Event, EventKind, Precision
from indexers.query import MessageSummary
from reports.chronology import build_chronology
from reports.formats import UnknownFormatError, render
from reports.model import Chronology, ReportFacts
from reports.view import KEY_LINES, Report, View, make_report

FACTS = ReportFacts(
    "Maya Lopez", ZoneInfo("America/Phoenix"), datetime(2026, 5, 1, 9, tzinfo=UTC), 3,
    date(2026, 3, 1), date(2026, 4, 1), (), 0, Digest("f" * 64),
)  # fmt: skip
BOOK = AddressBook.of(school=["school.example"], parent=["mum@mail.example"])
FORMATS = ("html", "pdf", "docx", "xlsx", "csv", "json", "ics")
HOSTILE = '=cmd|"/c calc"!A1 #import "x" \\ $x$ <b> \x0b [*bold*] & é'
SENTENCE = "Ms. Ortiz was out yesterday"


def summary(name: str) -> MessageSummary:
    return MessageSummary(
        Digest(name * 64), f"<{name}@x>", datetime(2026, 3, 5, 16, tzinfo=UTC),
        Person("Dana Ortiz", "dana@school.example"), (Person("Mum", "mum@mail.example"),),
        f"Speech {HOSTILE}", Standing.SCHOOL,
    )  # fmt: skip


def event(
    day: int = 4,
    kind: EventKind = EventKind.MISSED_SERVICE,
    quote: str = SENTENCE,
    service: str = "speech",
    name: str = "a",
    end: date | None = None,
) -> Event:
    cited = Citation(f"<{name}@x>", Digest(name * 64), "body", None, quote, 0, len(quote))
    return Event(
        kind, date(2026, 3, day), end, Precision.DAY, Actor.SCHOOL, service, 30, "provider_absent",
        (), cited, 0.9, "t",
    )  # fmt: skip


def chronology(*events: Event) -> Chronology:
    return build_chronology(events, {Digest(n * 64): summary(n) for n in "ab"})


def report(found: Chronology, view: View | None = None, **numbers: int) -> Report:
    return make_report(found, FACTS, view or View(), numbers=numbers, book=BOOK)


def text_of(content: str | bytes, form: str) -> str:
    """What a reader's program shows, by the real libraries."""
    if isinstance(content, str):
        return content
    if form == "pdf":
        pages = pdfium.PdfDocument(content)
        return " ".join(page.get_textpage().get_text_bounded() for page in pages)
    if form == "docx":
        cells = (
            c.text for t in Document(io.BytesIO(content)).tables for r in t.rows for c in r.cells
        )
        return " ".join(cells)
    if form == "xlsx":
        rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return " ".join(str(cell) for row in rows for cell in row)
    return " ".join(
        str(e["summary"]) + str(e["description"]) for e in Calendar.from_ical(content).events
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_the_words_the_number_and_the_roles(form: str) -> None:
    found = chronology(event())
    number = {found.entries[0].id: 4711}

    content, notes = render(report(found, **number), Path(f"x.{form}"))

    shown = " ".join(text_of(content, form).split())
    assert SENTENCE in shown
    assert "4711" in shown
    assert "Dana Ortiz (school)" in shown
    assert notes == ()


@pytest.mark.parametrize("form", FORMATS)
def test_made_again_it_is_the_same_to_the_byte(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = render(report(chronology(event(), event(5))), Path(f"x.{form}"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)

    second, _ = render(report(chronology(event(5), event())), Path(f"x.{form}"))

    assert first == second


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_words_are_shown_and_neither_run_nor_break_a_file(form: str) -> None:
    content, _ = render(report(chronology(event(quote=HOSTILE))), Path(f"x.{form}"))

    shown = text_of(content, form)
    assert '/c calc"!A1 #import' in shown.replace("&#34;", '"').replace('\\"', '"').replace(
        '""', '"'
    )
    if form == "xlsx":
        book = load_workbook(io.BytesIO(content if isinstance(content, bytes) else b""))
        assert all(c.data_type != "f" for row in book.active.iter_rows() for c in row)


def test_a_pdf_is_tagged_and_archival() -> None:
    content, _ = render(report(chronology(event())), Path("x.pdf"))

    assert isinstance(content, bytes)
    assert b"/MarkInfo" in content
    assert b"pdfaid:part>2<" in content
    assert b"pdfuaid:part>1<" in content
    assert Path("x.pdf").name not in content.decode("latin-1")


def test_letters_without_a_font_are_said_and_do_not_stop_the_pdf() -> None:
    content, notes = render(
        report(chronology(event(quote="\U0001f600 \ue000 no speech"))), Path("x.pdf")
    )

    assert isinstance(content, bytes)
    assert content.startswith(b"%PDF")
    assert len(notes) == 1


def test_office_files_hold_no_clock_and_no_name_of_the_maker() -> None:
    content, _ = render(report(chronology(event())), Path("x.docx"))

    assert isinstance(content, bytes)
    with zipfile.ZipFile(io.BytesIO(content)) as docx:
        assert {entry.date_time for entry in docx.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = docx.read("docProps/core.xml").decode()
    assert "2026-05-01T09:00:00Z" in core
    assert "python-docx" not in core


def test_confirmed_only_says_how_many_suggestions_are_left_out_and_can_append_them() -> None:
    found = chronology(event(), event(5))

    bare = report(found, View(confirmed_only=True))
    appended = report(found, View(confirmed_only=True, suggestions=True))

    assert (bare.lines, bare.appendix) == ((), ())
    assert bare.notes == (
        "2 entries that no person has confirmed are left out; --suggestions adds them as an "
        "appendix.",
    )
    assert (len(appended.lines), len(appended.appendix)) == (0, 2)


def test_a_view_about_speech_leaves_the_other_services_out() -> None:
    found = chronology(
        event(),
        event(5, service="ot", quote="OT after speech was cancelled"),
        event(6, EventKind.REFUSAL, quote="no more speech", service="", name="b"),
    )

    about = report(found, View(about="speech"))

    assert [line.on.day for line in about.lines] == [4, 6]
    assert about.title == "Chronology: Speech therapy"


def test_key_dates_fit_on_one_page_and_say_what_had_no_room() -> None:
    events = [
        Event(**{**_fields(event(1, EventKind.REFUSAL)), "on": date(2025, 1 + n % 12, 1 + n // 12),
                 "citation": Citation("<a@x>", Digest(f"{n:064}"), "body", None, "no", 0, 2)})
        for n in range(60)
    ]  # fmt: skip
    messages = {Digest(f"{n:064}"): summary("a") for n in range(60)}
    key = report(build_chronology(events, messages), View(key_dates=True))

    content, _ = render(key, Path("x.pdf"))

    assert len(key.lines) == KEY_LINES
    assert f"{60 - KEY_LINES} more entries" in key.notes[0]
    assert len(pdfium.PdfDocument(content)) == 1


def _fields(found: Event) -> dict[str, object]:
    return {name: getattr(found, name) for name in Event.__dataclass_fields__}


def test_a_calendar_s_last_day_is_the_day_after() -> None:
    content, _ = render(report(chronology(event(2, end=date(2026, 3, 6)))), Path("x.ics"))

    (found,) = Calendar.from_ical(content).events
    assert (found["dtstart"].dt, found["dtend"].dt) == (date(2026, 3, 2), date(2026, 3, 7))


def test_an_unknown_ending_is_said_with_the_known_ones() -> None:
    with pytest.raises(UnknownFormatError, match=r"\.html, \.pdf, \.docx"):
        render(report(chronology(event())), Path("x.odt"))
