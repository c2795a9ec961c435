"""Pure: a chronology as a Word table that an attorney can edit."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reports.lines import Line, moment
from reports.steady import steady
from reports.view import Report

_COLUMNS = (
    ("No.", 0.45), ("Date", 0.95), ("Who to whom", 1.1), ("What happened", 1.85),
    ("Exact words", 2.15), ("Source", 2.35), ("Exhibit", 0.7), ("Status", 0.85),
)  # fmt: skip
"""Name and width in inches: 10.4 on letter paper laid across."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def render_docx(report: Report) -> bytes:
    """The table on letter paper laid across, its header repeated on every page."""
    from docx import Document  # noqa: PLC0415
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Inches, Pt  # noqa: PLC0415

    facts = report.facts
    document = Document()
    document.styles["Normal"].font.size = Pt(9)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Inches(11), Inches(8.5)
    for side in ("left_margin", "right_margin"):
        setattr(section, side, Inches(0.3))
    section.top_margin = section.bottom_margin = Inches(0.6)
    title = report.title + (f" – {facts.child}" if facts.child else "")
    finish(document, title, facts.as_of)

    document.add_heading(clean(title), 0)
    document.add_paragraph(
        f"As of {moment(facts.as_of, facts.zone)}. {facts.originals} messages were read for it. "
        "An entry says that something was written, not that it is so."
    )
    for note in report.notes:
        document.add_paragraph(clean(note))
    if report.lines:
        _table(document, report.lines)
    elif not report.appendix:
        document.add_paragraph("No entry is shown in this view.")
    if report.appendix:
        document.add_heading("Appendix: suggestions", 1)
        document.add_paragraph("A program suggests these; no person has confirmed them.")
        _table(document, report.appendix)
    out = io.BytesIO()
    document.save(out)
    return steady(out.getvalue(), facts.as_of)


def _table(document: Any, lines: Sequence[Line]) -> None:
    from docx.shared import Inches  # noqa: PLC0415

    table = document.add_table(rows=len(lines) + 1, cols=len(_COLUMNS))
    table.style, table.autofit = "Table Grid", False
    for column, (_, inches) in zip(table.columns, _COLUMNS, strict=True):
        column.width = Inches(inches)
    # Asking python-docx for a row's cells walks the whole table; asking once for all is linear.
    cells, width = table._cells, len(_COLUMNS)
    rows = [tuple(name for name, _ in _COLUMNS), *map(_cells, lines)]
    for number, row in enumerate(rows):
        for place, (text, (_, inches)) in enumerate(zip(row, _COLUMNS, strict=True)):
            cell = cells[number * width + place]
            cell.width = Inches(inches)
            run = cell.paragraphs[0].add_run(clean(text))
            run.bold = number == 0
    repeat_header(table)


def _cells(line: Line) -> tuple[str, ...]:
    return (
        str(line.number or ""),
        line.when,
        line.who,
        "\n\n".join((f"{line.kind}: {line.happened}", *(f"→ {k.said}" for k in line.links))),
        "\n\n".join(f"“{source.quote}”" for source in line.sources),
        "\n\n".join(f"{source.said} SHA-256 {source.digest[:12]}" for source in line.sources),
        "",
        str(line.status),
    )


def finish(document: Any, title: str, at: datetime) -> None:
    """Header, page numbers and properties; nothing of who made it."""
    core, naive = document.core_properties, at.astimezone(UTC).replace(tzinfo=None)
    core.title, core.author, core.last_modified_by = clean(title), "", ""
    core.comments, core.created, core.modified = "", naive, naive
    section = document.sections[0]
    section.header.paragraphs[0].text = clean(title)
    _page_number(section.footer.paragraphs[0])


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    for text, code in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        paragraph.add_run(text)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        paragraph._p.append(field)


def repeat_header(table: Any) -> None:
    """The first row on every page; no row divided between two."""
    from docx.oxml import OxmlElement  # noqa: PLC0415

    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in table._tbl.tr_lst:
        row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def clean(text: str) -> str:
    """Text that may stand in XML."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
