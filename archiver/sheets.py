"""A spreadsheet of the parent's own, CSV or Excel, as rows of text by the names of its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from archiver.errors import ArchiveError, ExitCode

_MOST = 20_000  # rows: more is no log of a family
_COLUMNS = 200


class UnreadableSheetError(ArchiveError):
    """A spreadsheet cannot be read."""

    exit_code = ExitCode.USAGE
    hint = "Save it as CSV or .xlsx, with the names of the columns in its first row."

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}.")
        self.path = path


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a header; what is empty is "", dates are ISO."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # row number as the spreadsheet shows it, cells


def read_sheet(path: Path) -> Sheet:
    """The first sheet of a file; empty rows are left out.

    Raises:
        UnreadableSheetError: it is no spreadsheet, or has no header.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableSheetError(path, error.strerror or str(error)) from error
    rows = _excel(path, content) if content[:4] == b"PK\x03\x04" else _csv(path, content)
    numbered: list[tuple[int, tuple[str, ...]]] = []
    for number, row in enumerate(rows, 1):
        cells = tuple(cell.strip() for cell in row[:_COLUMNS])
        if any(cells):
            numbered.append((number, cells))
        if len(numbered) > _MOST:
            raise UnreadableSheetError(path, f"it has more than {_MOST} rows")
    if not numbered:
        raise UnreadableSheetError(path, "there is nothing in it")
    _, header = numbered[0]
    names = [name for name in header if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableSheetError(path, f"two columns are called {', '.join(twice)}")
    width = len(header)
    return Sheet(header, tuple((n, _wide(cells, width)) for n, cells in numbered[1:]))


def _wide(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))


def _csv(path: Path, content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # as Excel on Windows saves it
    if "\x00" in text:
        raise UnreadableSheetError(path, "it is neither CSV nor Excel")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableSheetError(path, f"it cannot be read as CSV ({error})") from error


def _excel(path: Path, content: bytes) -> Iterator[list[str]]:
    import zipfile  # noqa: PLC0415

    import openpyxl  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            rows: Iterable[Sequence[object]] = book.worksheets[0].iter_rows(values_only=True)
            for row in rows:
                yield [_text(cell) for cell in row]
        finally:
            book.close()
    except (ValueError, KeyError, IndexError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise UnreadableSheetError(path, f"it cannot be read as Excel ({error})") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
