"""Excel files: every sheet as a table, its cells as the person who made it saw them."""

from __future__ import annotations

import io
import re
from typing import Any

from indexers.extract.cell_format import shown
from indexers.extract.contract import Means
from indexers.extract.kinds import XLS, XLSX
from indexers.extract.plain import table_page
from indexers.extract.xml_parts import XmlParts, bomb
from indexers.model import Extracted, Page, Part, Skipped

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MAX_ROWS = 20_000
_MAX_COLUMNS = 100
_MAX_SHEETS = 200
_COMMENTS = re.compile(r"xl/(?:comments/)?comments?\d*\.xml")


class Excel:
    """XLSX, by openpyxl; one page a sheet."""

    media_types = frozenset({XLSX})
    version = "xlsx 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Rows of every sheet, hidden ones too; of formulas, what they last came to."""
        if refused := bomb(part.content):
            return refused
        import openpyxl  # noqa: PLC0415

        book = openpyxl.load_workbook(io.BytesIO(part.content), read_only=True, data_only=True)
        pages = []
        sheets = book.worksheets[:_MAX_SHEETS]
        notes = []
        for number, sheet in enumerate(sheets, 1):
            sheet.reset_dimensions()  # a size that the file claims, of up to 16 billion cells
            rows = sheet.iter_rows(max_row=_MAX_ROWS + 1, max_col=_MAX_COLUMNS)
            cells = [[shown(cell.value, cell.number_format or "") for cell in row] for row in rows]
            if len(cells) > _MAX_ROWS:
                notes.append(
                    f"Of the sheet {sheet.title}, only the first {_MAX_ROWS} rows were read."
                )
            title = sheet.title if len(sheets) > 1 else ""
            if sheet.sheet_state != "visible":
                title = f"{sheet.title} (a hidden sheet)"
            pages.append(_titled(table_page(number, cells[:_MAX_ROWS]), title))
        book.close()
        said = _comments(part.content)
        if said:
            pages.append(Page(len(pages) + 1, "".join(said)))
        if not any(page.text.strip() for page in pages):
            return Skipped("There is nothing in the spreadsheet.")
        return Extracted(tuple(pages), self.version, tuple(notes))


def _titled(page: Page, title: str) -> Page:
    if not title or not page.text:
        return page
    return Page(page.number, f"[{title}]\n{page.text}", page.tables)


def _comments(content: bytes) -> list[str]:
    """What was noted at cells."""
    said = []
    with XmlParts(content) as parts:
        for name in sorted(filter(_COMMENTS.fullmatch, parts.names)):
            root = parts.tree(name)
            authors = [author.text or "" for author in root.iter(f"{_S}author")]
            for comment in root.iter(f"{_S}comment"):
                text = " ".join("".join(t.text or "" for t in comment.iter(f"{_S}t")).split())
                by = comment.get("authorId", "")
                who = authors[int(by)] if by.isdigit() and int(by) < len(authors) else ""
                if text:
                    at = f"[Comment at {comment.get('ref', '?')}{f' by {who}' if who else ''}: "
                    said.append(f"{at}{text}]\n")
    return said


class OldExcel:
    """XLS, by xlrd."""

    media_types = frozenset({XLS})
    version = "xls 1"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Rows of every sheet."""
        import xlrd  # noqa: PLC0415

        try:
            book = xlrd.open_workbook(
                file_contents=part.content, formatting_info=True, logfile=io.StringIO()
            )
        except xlrd.XLRDError as error:
            if "encrypted" in str(error).lower():
                return Skipped(
                    "The file is locked with a password. Open it in Office, save it without the"
                    " password and keep the copy beside the message."
                )
            return Skipped("The Excel file is damaged and could not be read.")
        pages = []
        for number, sheet in enumerate(book.sheets()[:_MAX_SHEETS], 1):
            rows = [
                [
                    _old_cell(book, sheet.cell(r, c))
                    for c in range(min(sheet.row_len(r), _MAX_COLUMNS))
                ]
                for r in range(min(sheet.nrows, _MAX_ROWS))
            ]
            title = sheet.name if book.nsheets > 1 else ""
            pages.append(_titled(table_page(number, rows), title))
        if not any(page.text.strip() for page in pages):
            return Skipped("There is nothing in the spreadsheet.")
        return Extracted(tuple(pages), self.version)


def _old_cell(book: Any, cell: Any) -> str:
    import xlrd  # noqa: PLC0415

    layout = ""
    if cell.xf_index is not None and cell.xf_index < len(book.xf_list):
        key = book.xf_list[cell.xf_index].format_key
        layout = book.format_map[key].format_str if key in book.format_map else ""
    match cell.ctype:
        case xlrd.XL_CELL_DATE:
            try:
                return shown(xlrd.xldate_as_datetime(cell.value, book.datemode), layout)
            except (ValueError, OverflowError, xlrd.XLDateError):
                return str(cell.value)
        case xlrd.XL_CELL_BOOLEAN:
            return shown(bool(cell.value), layout)
        case xlrd.XL_CELL_ERROR:
            return ""
        case _:
            return shown(cell.value, layout)
