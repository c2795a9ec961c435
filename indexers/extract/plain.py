"""Text, CSV and HTML attachments."""

from __future__ import annotations

import csv
import io
from itertools import islice

from archiver.headers import decode_bytes
from indexers.html import html_to_text
from indexers.model import Extracted, Page, Part, Table

_MAX = 5_000_000  # characters
_MAX_ROWS = 20_000


class PlainText:
    """text/plain."""

    media_types = frozenset({"text/plain", "text/markdown"})
    version = "text 1"
    isolated = False

    def read(self, part: Part) -> Extracted:
        """The text as it is, in the charset that fits."""
        return Extracted((Page(None, _text(part.content)),), self.version)


class Html:
    """text/html."""

    media_types = frozenset({"text/html", "application/xhtml+xml"})
    version = "html 1"
    isolated = False

    def read(self, part: Part) -> Extracted:
        """What a reader would see."""
        return Extracted((Page(None, html_to_text(_text(part.content))),), self.version)


class Csv:
    """text/csv."""

    media_types = frozenset({"text/csv", "application/csv"})
    version = "csv 1"
    isolated = False

    def read(self, part: Part) -> Extracted:
        """Rows as a table."""
        text = _text(part.content)
        try:
            dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:4096])
        except csv.Error:
            dialect = csv.excel
        try:
            rows = list(islice(csv.reader(io.StringIO(text), dialect), _MAX_ROWS))
        except csv.Error:
            return Extracted((Page(None, text),), self.version)
        return Extracted((table_page(None, rows),), self.version)


def table_page(number: int | None, rows: list[list[str]]) -> Page:
    """A page that is one table."""
    cells = [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    cells = [row for row in cells if any(row)]
    width = max(map(len, cells), default=0)
    even = tuple(row + ("",) * (width - len(row)) for row in cells)
    return Page(number, "".join(row_line(row) for row in even), (Table(even),) if even else ())


def row_line(row: tuple[str, ...]) -> str:
    """A table row as a line of text."""
    return " | ".join(row).rstrip(" |") + "\n"


def _text(content: bytes) -> str:
    text = decode_bytes(content[: 4 * _MAX])[:_MAX].lstrip("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")
