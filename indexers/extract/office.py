"""Word and Excel files of the present kind (Office Open XML)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from indexers.extract.plain import row_line, table_page
from indexers.model import Extracted, Page, Part, Skipped, Table

_MAX_UNPACKED = 300 << 20  # bytes, over all members of the ZIP
_MAX_ROWS = 20_000
_MAX_COLUMNS = 100
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Word:
    """DOCX, by python-docx."""

    media_types = frozenset({_WORD})
    version = "docx 1"
    isolated = True

    def read(self, part: Part) -> Extracted | Skipped:
        """Paragraphs and tables in the order of the document."""
        if bomb := _bomb(part.content):
            return bomb
        import docx  # noqa: PLC0415
        from docx.table import Table as WordTable  # noqa: PLC0415

        document = docx.Document(io.BytesIO(part.content))
        lines: list[str] = []
        tables: list[Table] = []
        for block in document.iter_inner_content():
            if isinstance(block, WordTable):
                rows = tuple(_row(row) for row in block.rows[:_MAX_ROWS])
                lines += [row_line(row) for row in rows if any(row)]
                width = max(map(len, rows), default=0)
                tables.append(Table(tuple(row + ("",) * (width - len(row)) for row in rows)))
            else:
                lines.append(block.text.replace("\r", "\n") + "\n")
        return Extracted((Page(None, "".join(lines), tuple(tables)),), self.version)


class Excel:
    """XLSX, by openpyxl; one page a sheet."""

    media_types = frozenset({_EXCEL, "application/vnd.ms-excel.sheet.macroenabled.12"})
    version = "xlsx 1"
    isolated = True

    def read(self, part: Part) -> Extracted | Skipped:
        """Rows of every sheet, as their cells were last shown."""
        if bomb := _bomb(part.content):
            return bomb
        import openpyxl  # noqa: PLC0415

        book = openpyxl.load_workbook(io.BytesIO(part.content), read_only=True, data_only=True)
        pages = []
        for number, sheet in enumerate(book.worksheets, 1):
            rows = sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True)
            pages.append(table_page(number, [[_cell(value) for value in row] for row in rows]))
        book.close()
        return Extracted(tuple(pages), self.version)


def _row(row: Any) -> tuple[str, ...]:
    # A merged cell is given once for every column it spans.
    cells: list[str] = []
    last = None
    for cell in row.cells[:_MAX_COLUMNS]:
        if cell._tc is last:
            continue
        last = cell._tc
        cells.append(" ".join(cell.text.split()))
    return tuple(cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    midnight = getattr(value, "hour", None) == 0 and getattr(value, "minute", None) == 0
    if hasattr(value, "date") and midnight:
        return str(value.date())
    return str(value)


def _bomb(content: bytes) -> Skipped | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return Skipped("The file is damaged: it is not a Word or Excel file that can be opened.")
    if unpacked > _MAX_UNPACKED:
        return Skipped("The file would unpack to an unreasonable size and was not opened.")
    return None
