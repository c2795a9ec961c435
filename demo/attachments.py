"""Attachments of the sample mailbox as bytes: the same bytes each time they are made."""

from __future__ import annotations

import hashlib
import html
import io
import random
import re
import textwrap
import zipfile
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import docx as word
import openpyxl
from PIL import Image, ImageChops, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

FIXED_TIME = (2025, 8, 1, 0, 0, 0)  # what every ZIP entry is dated
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(given: dict[str, Any], sent: datetime, zone: ZoneInfo) -> tuple[str, bytes]:
    """Media type and bytes of an attachment as the story describes it.

    Args:
        given: ``kind``, ``name`` and what the kind needs: ``pages``, ``table``, ``text``, …
        sent: the moment of its message, with an offset.
        zone: of the times in a calendar invitation.
    """
    match given["kind"]:
        case "pdf":
            return "application/pdf", pdf(given["name"], given["pages"], given.get("table"))
        case "scan":
            return "application/pdf", scanned_pdf(given["pages"], given["name"])
        case "photo":
            return "image/jpeg", photo(given["text"], given["name"])
        case "docx":
            return DOCX, docx(given["paragraphs"], given["table"])
        case "xlsx":
            return XLSX, xlsx(given["table"])
        case "ics":
            return "text/calendar", calendar(given, sent, zone)
        case other:
            raise ValueError(f"no such kind of attachment: {other}")


def pdf(title: str, pages: list[str], table: dict[str, Any] | None) -> bytes:
    """A letter-size PDF with a text layer; the table goes to the end of its page."""
    styles = getSampleStyleSheet()
    flow: list[Any] = []
    for number, text in enumerate(pages):
        if number:
            flow.append(PageBreak())
        for block in text.strip().split("\n\n"):
            style = styles["Heading3" if block.isupper() else "BodyText"]
            lines = "<br/>".join(html.escape(line) for line in block.split("\n"))
            flow += [Paragraph(lines, style), Spacer(1, 6)]
        if table and table.get("page", 0) == number:
            cells = [
                [Paragraph(html.escape(cell), styles["BodyText"]) for cell in row]
                for row in (table["header"], *table["rows"])
            ]
            flow.append(Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    out = io.BytesIO()
    # invariant: no clock in the file's dates and identifier.
    SimpleDocTemplate(out, pagesize=letter, title=title, invariant=1).build(flow)
    return out.getvalue()


def _paper(text: str, seed: str, size: tuple[int, int], letters: int) -> Image.Image:
    """A grey picture of a sheet with ``text``, slightly turned and specked."""
    chance = random.Random(seed)  # a fixed seed: the same specks each time
    sheet = Image.new("L", size, 248)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(letters)
    y = size[1] // 14
    for line in text.strip().split("\n"):
        for piece in textwrap.wrap(line, int(size[0] * 1.62 / letters)) or [""]:
            draw.text((size[0] // 11, y), piece, font=font, fill=chance.randint(10, 45))
            y += int(letters * 1.45)
    sheet = sheet.rotate(
        chance.uniform(-0.5, 0.5), fillcolor=248, resample=Image.Resampling.BICUBIC
    )
    for _ in range(size[0]):
        sheet.putpixel(
            (chance.randrange(size[0]), chance.randrange(size[1])), chance.randint(0, 150)
        )
    return sheet


def scanned_pdf(pages: list[str], seed: str) -> bytes:
    """A PDF that is nothing but pictures, 150 dots an inch, as an office copier makes it."""
    sheets = [_paper(text, f"{seed}{i}", (1275, 1650), 25) for i, text in enumerate(pages)]
    jpegs = []
    for sheet in sheets:
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=40)
        jpegs.append(out.getvalue())
    return _picture_pdf(jpegs, (1275, 1650), 150)


def _picture_pdf(jpegs: list[bytes], size: tuple[int, int], dots_an_inch: int) -> bytes:
    width, height = (pixels * 72 / dots_an_inch for pixels in size)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    for jpeg in jpegs:
        canvas.drawImage(ImageReader(io.BytesIO(jpeg)), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def photo(text: str, seed: str) -> bytes:
    """A JPEG as a phone takes it of a paper on a table: darker towards one corner."""
    sheet = _paper(text, seed, (1200, 1600), 30)
    shade = Image.linear_gradient("L").resize(sheet.size).point(lambda grey: 255 - grey // 3)
    out = io.BytesIO()
    ImageChops.multiply(sheet, shade).save(out, "JPEG", quality=45)
    return out.getvalue()


def docx(paragraphs: list[str], table: dict[str, Any]) -> bytes:
    """A Word document: paragraphs, then one table."""
    document = word.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    rows = [table["header"], *table["rows"]]
    grid = document.add_table(rows=len(rows), cols=len(table["header"]))
    for row, cells in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return _same_zip(out.getvalue())


def xlsx(table: dict[str, Any]) -> bytes:
    """A workbook with one sheet; every cell is text, as bus yards type it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (table["header"], *table["rows"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return _same_zip(out.getvalue())


def _same_zip(data: bytes) -> bytes:
    """The same Office file without the clock in its entries and properties."""
    out = io.BytesIO()
    clock = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist()):
            content = clock.sub(rb"\g<1>2025-08-01T00:00:00Z", old.read(name))
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def calendar(given: dict[str, Any], sent: datetime, zone: ZoneInfo) -> bytes:
    """An invitation (RFC 5545) with one event; times in UTC."""

    def stamp(when: datetime) -> str:
        aware = when if when.tzinfo else when.replace(tzinfo=zone)
        return aware.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    uid = hashlib.sha256(f"{given['summary']}{given['start']}".encode()).hexdigest()[:24]
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Rio Pardo Public Schools//Calendar//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}@riopardo-schools.example",
        f"DTSTAMP:{stamp(sent)}",
        f"DTSTART:{stamp(given['start'])}",
        f"DTEND:{stamp(given['end'])}",
        f"SUMMARY:{given['summary']}",
        f"LOCATION:{given['location']}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()
