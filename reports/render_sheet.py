"""Pure: rows for a spreadsheet, one an event, in the columns that advocates keep; CSV, XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reports.lines import Line
from reports.model import Tie
from reports.steady import steady

_WIDTHS = {
    "What happened": 44, "Verbatim words": 60, "Who to whom": 40, "Source": 44, "No.": 6,
    "Response": 40, "See also": 40,
}  # fmt: skip
_CAME_BACK = frozenset({Tie.FOLLOWED, Tie.REPLY, Tie.NO_REPLY})
# Excel refuses a file with these, and so does openpyxl.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def chronology_rows(lines: Iterable[Line]) -> Iterator[dict[str, object]]:
    """One row a line; of several tellings each is quoted, in order of sending."""
    for line in lines:
        first = line.sources[0]
        yield {
            "No.": line.number,
            "Event date": line.on,
            "Last day": line.end,
            "Precision": line.precision,
            "Known to the parent": line.known,
            "Source date": first.sent,
            "Who to whom": line.who,
            "Type": line.kind,
            "What happened": line.happened,
            "Verbatim words": "\n\n".join(f"“{source.quote}”" for source in line.sources),
            "Exhibit": "",
            "Source": "\n".join(source.said for source in line.sources),
            "SHA-256": "\n".join(source.digest for source in line.sources),
            "Issue tags": line.topics,
            "Service": line.service,
            "Minutes": line.minutes,
            "Reason": line.reason,
            "Response": "\n".join(k.said for k in line.links if k.how in _CAME_BACK),
            "See also": "\n".join(k.said for k in line.links if k.how not in _CAME_BACK),
            "Witness with knowledge": "; ".join(dict.fromkeys(s.sender for s in line.sources)),
            "Status": str(line.status),
            "Confidence": line.confidence,
            "Entry id": line.id,
        }


def render_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV with a header; a cell that a spreadsheet would run gets an apostrophe."""
    rows = list(rows)
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def render_xlsx(
    sheets: Mapping[str, Sequence[Mapping[str, object]]], title: str, at: datetime
) -> bytes:
    """Sheets of rows, to filter and sort; nothing in a cell is a formula.

    Args:
        sheets: rows by the sheet's name.
        title: in the file's properties.
        at: the moment written into the file.
    """
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = title, "Paper Trail"
    for name, rows in sheets.items():
        _fill(book.create_sheet(name[:31]), rows)
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue(), at)


def _fill(sheet: Any, rows: Sequence[Mapping[str, object]]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    columns = list(rows[0]) if rows else ["Nothing to show"]
    sheet.append(columns)
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row.values(), 1):
            cell = sheet.cell(number, place)
            if isinstance(value, str):
                # As text whatever it begins with: "=…" from a stranger's mail is never a formula.
                cell.value = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
                cell.data_type = "s"
            elif value is not None:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for place, name in enumerate(columns, 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 16)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
