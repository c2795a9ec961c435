"""Every extractor: text where there is text, a reason where there is none, never an exception."""

from __future__ import annotations

import io
import os
import signal
import sys
import zipfile
from collections.abc import Iterator

import docx
import openpyxl
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from indexers.extract.registry import EXTRACTORS
from indexers.extract.worker import ExtractionWorker
from indexers.model import Extracted
from tests.contracts.files import part, read, reason
from tests.contracts.pdfs import pdf

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker() as running:
        yield running


def test_a_pdf_is_read_page_by_page(worker: ExtractionWorker) -> None:
    pages = read(worker, part(pdf("PRIOR WRITTEN NOTICE", "Action refused: an aide"))).pages

    assert [(p.number, p.text.strip()) for p in pages] == [
        (1, "PRIOR WRITTEN NOTICE"),
        (2, "Action refused: an aide"),
    ]


def test_junk_before_a_pdf_does_no_harm(worker: ExtractionWorker) -> None:
    assert "Hello" in read(worker, part(b"junk\r\n" * 9 + pdf("Hello there"))).pages[0].text


def test_a_ruled_table_has_its_rows_and_cells(worker: ExtractionWorker) -> None:
    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    rows = [("Service", "Minutes"), ("Speech", "60"), ("OT", "30")]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.rect(72 + 120 * c, 700 - 20 * r, 120, 20)
            sheet.drawString(76 + 120 * c, 706 - 20 * r, cell)
    for n in range(8):
        sheet.line(72, 500 - n, 300, 500 - n)
    sheet.save()

    page = read(worker, part(out.getvalue())).pages[0]

    assert page.tables[0].rows == tuple(rows)
    assert "Speech | 60\n" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pdf("secret", password="x"), "locked with a password"),
        (pdf("", picture=True), "no writing was found"),
        (b"%PDF-1.7 then nothing", "damaged"),
        (b"no pdf at all", "is none"),
        (b"", "empty"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(
    worker: ExtractionWorker, content: bytes, said: str
) -> None:
    assert said in reason(worker, part(content, "application/pdf"))


def test_a_page_that_is_a_picture_is_noted_beside_those_that_are_read(
    worker: ExtractionWorker,
) -> None:
    mixed = io.BytesIO()
    sheet = canvas.Canvas(mixed)
    sheet.drawString(72, 700, "A page of text that can be read")
    sheet.showPage()
    sheet.drawImage(ImageReader(Image.new("L", (400, 500), 200)), 72, 100)
    sheet.save()

    assert read(worker, part(mixed.getvalue())).notes == (
        "Page 2 is a picture; no writing was found in it.",
    )


def test_word_files_keep_paragraphs_and_tables_in_order(worker: ExtractionWorker) -> None:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("Session log")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "3/4", "not seen"
    document.add_paragraph("D. Ortiz")
    document.save(out)

    page = read(worker, part(out.getvalue(), WORD)).pages[0]

    assert page.text == "Session log\n3/4 | not seen\nD. Ortiz\n"
    assert page.tables[0].rows == (("3/4", "not seen"),)


def test_spreadsheets_are_rows(worker: ExtractionWorker) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Date", "Minutes"])
    book.active.append(["3/4", 30])
    book.save(out)

    assert read(worker, part(out.getvalue(), EXCEL)).pages[0].text == "Date | Minutes\n3/4 | 30\n"


def test_an_invitation_says_when_in_its_own_zone(worker: ExtractionWorker) -> None:
    ics = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:IEP meeting\r\n"
        b"DTSTART;TZID=America/Phoenix:20260310T144000\r\nDTEND;TZID=America/Phoenix:20260310T153000"
        b"\r\nLOCATION:Room 4\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    assert read(worker, part(ics, "text/calendar")).pages[0].text == (
        "IEP meeting\nWhen: Tuesday, March 10, 2026 2:40 PM - 3:30 PM\nWhere: Room 4\n"
    )


def test_a_zip_bomb_is_not_opened(worker: ExtractionWorker) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        bomb.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(301):
            member.write(b"\0" * (1 << 20))

    assert "unreasonable size" in reason(worker, part(out.getvalue(), WORD))


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda e: e.version)
def test_junk_gives_text_or_a_reason(worker: ExtractionWorker, extractor: object) -> None:
    for media_type in sorted(extractor.media_types)[:3]:  # type: ignore[attr-defined]
        for junk in (b"\xff\x00junk" * 50, b"%PDF-1.4\n%%EOF", b"PK\x03\x04" + b"x" * 90, b"\n"):
            result = worker.read(part(junk, media_type))
            assert isinstance(result, Extracted) or result.reason.endswith(".")


def test_what_nothing_reads_is_listed_with_its_reason(worker: ExtractionWorker) -> None:
    assert "picture" in reason(worker, part(b"x", "image/jpeg"))
    assert "recording" in reason(worker, part(b"ID3\x03", "application/pdf"))
    assert "kind that is not read" in reason(worker, part(b"x", "application/x-strange"))


def test_a_hang_costs_one_attachment() -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    with ExtractionWorker(timeout_s=0.5, command=sleeper) as hanging:
        assert "longer than" in reason(hanging, part(pdf("x")))


def talking(frame: str) -> list[str]:
    """A child that says one frame, a Python expression, and then nothing more."""
    lines = (
        "import struct, sys, time",
        f"frame = {frame}",
        'sys.stdout.buffer.write(struct.pack(">Q", len(frame)) + frame)',
        "sys.stdout.buffer.flush()",
        "time.sleep(600)",
    )
    return [sys.executable, "-c", "\n".join(lines)]


def test_a_child_that_asks_for_a_renewal_and_stalls_costs_one_attachment() -> None:
    """It would have held the run for half an hour."""
    asking = talking("""b'{"renew": "application/msword"}'""")
    with ExtractionWorker(timeout_s=0.5, command=asking) as stalling:
        assert "longer than" in reason(stalling, part(pdf("x")))


@pytest.mark.parametrize(
    "frame",
    [
        "b'[' * 200_000",
        """b'{"page": [1, "x", [], [[Infinity, 1, 1, 1, 1]]]}'""",
        "b'{}'",
        "b'nonsense'",
    ],
)
def test_nonsense_of_a_child_costs_one_attachment(frame: str) -> None:
    with ExtractionWorker(timeout_s=5, command=talking(frame)) as raving:
        assert "failed" in reason(raving, part(pdf("x")))


def test_a_child_lives_on_whatever_its_parent_has_in_use() -> None:
    """A peak that outlives exec(2) had a new child started for every attachment."""
    ballast = bytearray(300 << 20)
    for at in range(0, len(ballast), 4096):
        ballast[at] = 1
    with ExtractionWorker() as used:
        read(used, part(pdf("one")))
        assert used._child is not None
    del ballast


def test_a_crash_costs_one_attachment_and_the_next_is_read() -> None:
    with ExtractionWorker() as crashing:
        read(crashing, part(pdf("one")))
        child = crashing._child
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

        assert read(crashing, part(pdf("two"))).pages[0].text.strip() == "two"
