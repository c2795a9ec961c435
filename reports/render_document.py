"""Pure: a report of tables as a page, a PDF, a Word or Excel file, CSV or JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from reports.document import Cell, Document, Table, plain
from reports.formats import UnknownFormatError
from reports.lines import moment
from reports.words import day

DOCUMENT_FORMATS = (".html", ".pdf", ".docx", ".xlsx", ".csv", ".json")
_LONG = 28  # characters in a cell from which on its column shares what width is left


def check_document_format(path: Path) -> None:
    """Say that a format is unknown before any work is done.

    Raises:
        UnknownFormatError: the name ends in none of the formats.
    """
    if path.suffix.lower() not in DOCUMENT_FORMATS:
        raise UnknownFormatError(path, DOCUMENT_FORMATS)


def render_document(document: Document, path: Path) -> tuple[str | bytes, tuple[str, ...]]:
    """A report in the format of a file name: what to write, and notes for the person.

    Raises:
        UnknownFormatError: the name ends in none of the formats.
    """
    check_document_format(path)
    renderers: dict[str, Callable[[Document], tuple[str | bytes, tuple[str, ...]]]] = {
        ".html": lambda d: (_html(d), ()),
        ".pdf": _pdf,
        ".docx": lambda d: (_docx(d), ()),
        ".xlsx": lambda d: (_xlsx(d), ()),
        ".csv": lambda d: (_csv(d), ()),
        ".json": lambda d: (_json(d), ()),
    }
    return renderers[path.suffix.lower()](document)


def _html(document: Document) -> str:
    from reports.render_html import environment  # noqa: PLC0415

    facts = document.facts
    page: str = environment().get_template("document.html").render(
        document=document,
        facts=facts,
        as_of=moment(facts.as_of, facts.zone),
        is_figure=_is_figure,
    )  # fmt: skip
    return page


def _is_figure(cell: Cell) -> bool:
    text = str(plain(cell))
    return text == "–" or text.replace(" to ", "").isdigit()


def _pdf(document: Document) -> tuple[bytes, tuple[str, ...]]:
    from reports.render_pdf import typeset  # noqa: PLC0415

    facts = document.facts
    local = facts.as_of.astimezone(facts.zone)
    data = {
        "title": document.title,
        "child": facts.child,
        "lead": document.lead,
        "as_of": moment(facts.as_of, facts.zone),
        "as_of_day": day(local.date()),
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "originals": str(facts.originals),
        "head": facts.head,
        "notes": document.notes,
        "sections": [
            {
                "heading": section.heading,
                "paragraphs": section.paragraphs,
                "charts": [{**asdict(c), "longest": c.longest} for c in section.charts],
                "tables": [
                    {
                        "title": table.title,
                        "columns": table.columns,
                        "widths": _widths(table),
                        "rows": [[str(plain(cell)) for cell in row] for row in table.rows],
                        "total": [str(plain(cell)) for cell in table.total],
                    }
                    for table in section.tables
                ],
            }
            for section in document.sections
        ],
    }
    pdf = typeset("document.typ", data, local.isoformat())
    return pdf.content, pdf.notes


def _widths(table: Table) -> list[int]:
    """0: as wide as its widest cell; else its share of what width is left."""
    longest = [
        max((len(str(plain(row[place]))) for row in table.rows), default=0)
        for place in range(len(table.columns))
    ]
    if len(table.columns) > 10:
        return [1] * len(longest)
    return [0 if length < _LONG else 2 if length < 120 else 4 for length in longest]


def _docx(document: Document) -> bytes:
    from docx import Document as Word  # noqa: PLC0415
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Inches, Pt  # noqa: PLC0415

    from reports.render_docx import clean, finish  # noqa: PLC0415

    facts = document.facts
    word = Word()
    word.styles["Normal"].font.size = Pt(8)
    section = word.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Inches(11), Inches(8.5)
    section.left_margin = section.right_margin = Inches(0.4)
    title = document.title + (f" – {facts.child}" if facts.child else "")
    word.add_heading(clean(title), 0)
    for text in (document.lead, f"As of {moment(facts.as_of, facts.zone)}.", *document.notes):
        word.add_paragraph(clean(text))
    for part in document.sections:
        word.add_heading(clean(part.heading), 1)
        for paragraph in part.paragraphs:
            word.add_paragraph(clean(paragraph))
        for table in part.tables:
            word.add_heading(clean(table.title), 2)
            _word_table(word, table)
    out = io.BytesIO()
    finish(word, title, facts.as_of.astimezone(UTC))
    word.save(out)
    from reports.steady import steady  # noqa: PLC0415

    return steady(out.getvalue(), facts.as_of)


def _word_table(word: Any, table: Table) -> None:
    from reports.render_docx import clean, repeat_header  # noqa: PLC0415

    rows = [table.columns, *table.rows, *([table.total] if table.total else [])]
    made = word.add_table(rows=len(rows), cols=len(table.columns))
    made.style = "Table Grid"
    cells = made._cells
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            run = cells[number * len(row) + place].paragraphs[0].add_run(clean(str(plain(cell))))
            run.bold = number == 0
    repeat_header(made)


def _xlsx(document: Document) -> bytes:
    from reports.render_sheet import render_xlsx  # noqa: PLC0415

    sheets = {}
    for number, (title, rows) in enumerate(_records(document), 1):
        sheets[f"{number} {title}"[:31].translate(str.maketrans("[]:*?/\\", "       "))] = rows
    said = [p for section in document.sections for p in section.paragraphs]
    about: list[dict[str, object]] = [
        {"About": text} for text in (document.lead, *document.notes, *said)
    ]
    return render_xlsx({"About": about, **sheets}, document.title, document.facts.as_of)


def _csv(document: Document) -> str:
    """Its tables one after another; where there are several, each under its title."""
    from reports.render_sheet import render_csv  # noqa: PLC0415

    tables = _records(document)
    parts = [render_csv(rows) for _, rows in tables]
    if len(tables) > 1:
        parts = [f"{title}\r\n{part}" for (title, _), part in zip(tables, parts, strict=True)]
    return "\ufeff" + "\r\n".join(parts)


def _records(document: Document) -> list[tuple[str, list[dict[str, object]]]]:
    return [
        (
            f"{table.title} - {section.heading}".replace(",", ""),
            [
                dict(zip(table.columns, map(plain, row), strict=True))
                for row in (*table.rows, *([table.total] if table.total else []))
            ],
        )
        for section in document.sections
        for table in section.tables
    ]


def _json(document: Document) -> str:
    facts = document.facts
    whole = {
        "title": document.title,
        "child": facts.child,
        "as_of": facts.as_of.isoformat(),
        "notes": document.notes,
        "sections": [asdict(section) for section in document.sections],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"
