"""Text, CSV and HTML attachments."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

from archiver.headers import decode_bytes
from indexers.extract.contract import Means
from indexers.html import html_to_text
from indexers.model import Extracted, Page, Part, Skipped, Table

_MAX = 5_000_000  # characters
_MAX_ROWS = 20_000
_DELIMITERS = ",;\t|"
_SAMPLE = 10_000  # characters
_EMPTY = "There is no text in it."


class PlainText:
    """text/plain and other text that is best read as it is."""

    media_types = frozenset({"text/plain", "text/xml", "text/x-log", "application/json",
                             "application/xml", "text/enriched"})  # fmt: skip
    version = "text 2"
    isolated = False

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """The text as it is, in the charset that fits."""
        text = _text(part.content)
        if text.count("\x00", 0, _SAMPLE) * 20 > len(text[:_SAMPLE]):
            return Skipped("It calls itself a text but is none.")
        return _page(Page(None, text.replace("\x00", "")), self.version)


class Html:
    """text/html."""

    media_types = frozenset({"text/html"})
    version = "html 2"
    isolated = False

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """What a reader would see."""
        return _page(Page(None, html_to_text(_text(part.content))), self.version)


class Csv:
    """text/csv."""

    media_types = frozenset({"text/csv"})
    version = "csv 2"
    isolated = False

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Rows as a table."""
        text = _text(part.content)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        try:
            rows = list(islice(reader, _MAX_ROWS))
        except csv.Error:
            return _page(Page(None, text), self.version)
        return _page(table_page(None, rows), self.version)


def _delimiter(text: str) -> str:
    """What parts the cells: the mark that most lines have alike."""
    lines = [line for line in text[:8192].splitlines()[:50] if line.strip()]
    best, kept = ",", 0
    for mark in _DELIMITERS:
        counts = Counter(line.count(mark) for line in lines)
        counts.pop(0, None)
        alike = max(counts.values(), default=0)
        if alike > kept:
            best, kept = mark, alike
    return best


def _page(page: Page, version: str) -> Extracted | Skipped:
    return Extracted((page,), version) if page.text.strip() else Skipped(_EMPTY)


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
    """The text in the charset that fits; UTF-16 where its mark stands first."""
    head = content[: 4 * _MAX]
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = head.decode("utf-16", "replace")
    else:
        text = decode_bytes(head)
    return text[:_MAX].lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
